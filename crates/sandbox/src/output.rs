//! What a program writes, taken in pieces no faster than its budget allows. Nothing gathers: the channel is short, and a
//! program whose reader is slow waits in its own write.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use bytes::Bytes;
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    sync::mpsc,
    time::Instant,
};

use crate::budget::Budget;

/// Bytes of one piece at most.
const PIECE: usize = 8 * 1024;
/// Pieces that wait for the reader.
pub(crate) const WAITING: usize = 4;

/// Where a piece was written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

impl Stream {
    /// `stdout` or `stderr`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Out => "stdout",
            Self::Err => "stderr",
        }
    }
}

/// A piece of output, cut wherever it happened to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Where it was written to.
    pub stream: Stream,
    /// What was written: any bytes.
    pub bytes: Bytes,
}

/// What both streams of a program share.
#[derive(Debug)]
pub(crate) struct Taken {
    budget: Budget,
    most: u64,
    bytes: AtomicU64,
    discarded: AtomicU64,
}

impl Taken {
    pub(crate) fn new(per_second: u64, most: Option<u64>) -> Arc<Self> {
        Arc::new(Self {
            budget: Budget::new(per_second, Instant::now()),
            most: most.filter(|most| *most > 0).unwrap_or(u64::MAX),
            bytes: AtomicU64::new(0),
            discarded: AtomicU64::new(0),
        })
    }

    /// Bytes that the program wrote.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// How many of them were thrown away.
    pub(crate) fn discarded(&self) -> u64 {
        self.discarded.load(Ordering::Relaxed)
    }
}

/// Takes a stream to its end.
pub(crate) async fn pump(
    stream: Stream,
    mut source: impl AsyncRead + Unpin,
    to: mpsc::Sender<Output>,
    taken: Arc<Taken>,
) {
    let mut buffer = vec![0; PIECE];
    loop {
        let Ok(read @ 1..) = source.read(&mut buffer).await else { return };
        let before = taken.bytes.fetch_add(read as u64, Ordering::Relaxed);
        let room = usize::try_from(taken.most.saturating_sub(before)).unwrap_or(usize::MAX).min(read);
        let handed =
            room > 0 && to.send(Output { stream, bytes: Bytes::copy_from_slice(&buffer[..room]) }).await.is_ok();
        let kept = if handed { room } else { 0 };
        taken.discarded.fetch_add((read - kept) as u64, Ordering::Relaxed);
        let wait = taken.budget.take(read, Instant::now());
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_exceeds_the_total_is_counted_and_thrown_away() {
        let taken = Taken::new(0, Some(10_000));
        let (to, mut from) = mpsc::channel::<Output>(WAITING);
        let source = vec![b'x'; 50_000];
        let reading = async {
            let mut got = 0;
            while let Some(output) = from.recv().await {
                got += output.bytes.len();
            }
            got
        };
        let ((), got) = tokio::join!(pump(Stream::Out, &source[..], to, Arc::clone(&taken)), reading);
        assert_eq!((got, taken.bytes(), taken.discarded()), (10_000, 50_000, 40_000));
    }

    #[tokio::test]
    async fn a_reader_that_left_holds_nothing_up() {
        let taken = Taken::new(0, None);
        let (to, from) = mpsc::channel(WAITING);
        drop(from);
        pump(Stream::Err, &[1; 9000][..], to, Arc::clone(&taken)).await;
        assert_eq!(taken.discarded(), 9000);
    }
}
