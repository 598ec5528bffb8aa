//! A sign that something goes on, for a person who waits. It goes to standard error, so that it never mixes with what was
//! asked for, and to a terminal alone.

use std::{
    io::{self, Write},
    time::Duration,
};

use super::{terminal::Reader, text::Text};

/// Time before anything shows: most work is done by then.
const PATIENCE: Duration = Duration::from_millis(400);
/// Time between two pictures.
const STEP: Duration = Duration::from_millis(100);
const PICTURES: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/// Something that goes on.
#[derive(Debug)]
pub(crate) struct Progress {
    words: String,
    reader: Reader,
    pictures: usize,
}

impl Progress {
    pub(super) fn new(words: String, reader: Reader) -> Self {
        Self { words, reader, pictures: 0 }
    }

    /// Waits for the work and shows that it goes on.
    pub(crate) async fn during<T>(mut self, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        loop {
            tokio::select! {
                biased;
                done = &mut work => return done,
                () = self.step() => {}
            }
        }
    }

    /// Shows the next picture when its time has come. Whoever waits for several things selects on it.
    pub(crate) async fn step(&mut self) {
        if self.reader == Reader::Program {
            return std::future::pending().await;
        }
        tokio::time::sleep(if self.pictures == 0 { PATIENCE } else { STEP }).await;
        let picture = PICTURES[self.pictures % PICTURES.len()];
        self.pictures += 1;
        write(&format!("\r\x1b[K{picture} {}", self.words));
    }

    /// Takes the sign away.
    pub(crate) fn clear(&mut self) {
        if self.pictures > 0 {
            write("\r\x1b[K");
            self.pictures = 0;
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}

fn write(text: &str) {
    // Nothing depends on anybody seeing it.
    let _ = io::stderr().write_all(text.as_bytes());
}

/// The words of a sign, short enough for one line.
pub(super) fn words(text: &str, columns: usize) -> String {
    let mut bytes = Vec::new();
    Text::from(text).elided(columns.saturating_sub(3)).render(super::text::Colour::No, &mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}
