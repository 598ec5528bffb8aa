//! Standard output, with what is known about its reader.

use std::io::{self, Write};

use openclaw_core::Environment;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::full_screen::Paint;

use super::{
    escape,
    progress::{self, Progress},
    table::{self, Table},
    terminal::{self, ColourChoice, Reader},
    text::{Colour, Text, Tone},
};

/// Bytes that gather before they are written.
const GATHER: usize = 32 * 1024;
/// Least columns of what is indented.
const LEAST: usize = 16;

/// What the command line says about printing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Settings {
    /// `--json`
    pub(crate) json: bool,
    /// `--color`
    pub(crate) colour: ColourChoice,
}

/// Standard output.
pub(crate) struct Output {
    /// What is not written yet.
    page: Vec<u8>,
    /// Ends and widths of its lines, while a picture is drawn.
    picture: Picture,
    /// JSON documents instead of text.
    pub(crate) json: bool,
    /// Whether a person reads it as it comes.
    pub(crate) live: bool,
    colour: Colour,
    errors: Reader,
    environment: Environment,
    /// What programs wrote, when it is to become part of a JSON document: standard output, then error.
    captured: Option<[Vec<u8>; 2]>,
}

/// Most bytes of each stream that become part of a JSON document; the oldest go.
const CAPTURED: usize = 1 << 20;

/// What stands on the terminal and is to be drawn over.
#[derive(Debug, Default)]
struct Picture {
    /// Whether one is being drawn.
    drawing: bool,
    /// Where each line ends in the page, and how wide it is.
    lines: Vec<(usize, usize)>,
    /// Rows that the one before takes.
    rows: usize,
    /// How many there were.
    drawn: u64,
}

impl Output {
    pub(crate) fn new(environment: &Environment, settings: Settings) -> Self {
        let reader = Reader::of(&io::stdout());
        Self {
            page: Vec::new(),
            picture: Picture::default(),
            json: settings.json,
            live: reader == Reader::Person,
            colour: settings.colour.decide(environment, reader),
            errors: Reader::of(&io::stderr()),
            environment: environment.clone(),
            captured: None,
        }
    }

    /// Writes a line.
    pub(crate) fn line(&mut self, text: impl Into<Text>) -> io::Result<()> {
        let text = text.into();
        text.render(self.colour, &mut self.page);
        self.page.push(b'\n');
        if self.picture.drawing {
            self.picture.lines.push((self.page.len(), text.width()));
            return Ok(());
        }
        if self.page.len() > GATHER { self.flush() } else { Ok(()) }
    }

    /// Writes a line, broken between words where the terminal ends.
    pub(crate) fn paragraph(&mut self, text: impl Into<Text>) -> io::Result<()> {
        let text = text.into();
        let width = self.width().unwrap_or(usize::MAX);
        text.wrapped(width).into_iter().try_for_each(|line| self.line(line))
    }

    /// Writes a line that begins `margin` columns from the left, broken between words where the terminal ends.
    pub(crate) fn indented(&mut self, margin: usize, text: impl Into<Text>) -> io::Result<()> {
        self.hung(Text::default().spaces(margin), text)
    }

    /// Writes a line behind a mark; its further lines stand under the first, not under the mark.
    pub(crate) fn hung(&mut self, mark: Text, text: impl Into<Text>) -> io::Result<()> {
        let margin = mark.width();
        let width = self.width().map_or(usize::MAX, |width| width.saturating_sub(margin).max(LEAST));
        let mut before = Some(mark);
        text.into().wrapped(width).into_iter().try_for_each(|line| {
            let before = before.take().unwrap_or_else(|| Text::default().spaces(margin));
            self.line(before.then(line))
        })
    }

    /// Writes text of any number of lines and shows it at once.
    pub(crate) fn stream(&mut self, text: &str) -> io::Result<()> {
        self.page.extend_from_slice(escape::block(text).as_bytes());
        self.flush()
    }

    /// Writes text of any number of lines.
    pub(crate) fn block(&mut self, text: &str) -> io::Result<()> {
        text.lines().try_for_each(|line| self.line(line.replace('\t', "    ")))
    }

    /// Writes a program's text as it is. It must not be made of anything foreign.
    pub(crate) fn script(&mut self, script: &[u8]) -> io::Result<()> {
        self.page.extend_from_slice(script);
        self.flush()
    }

    /// Passes on what a program wrote to its standard output, byte for byte: whoever runs a program wants what it says.
    pub(crate) fn foreign(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Some([out, _]) = &mut self.captured {
            keep(out, bytes);
            return Ok(());
        }
        self.page.extend_from_slice(bytes);
        self.flush()
    }

    /// The same of its standard error.
    pub(crate) fn foreign_error(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Some([_, error]) = &mut self.captured {
            keep(error, bytes);
            return Ok(());
        }
        io::stderr().write_all(bytes)
    }

    /// Keeps what programs write from now on instead of passing it on.
    pub(crate) fn capture(&mut self) {
        self.captured = Some(<[Vec<u8>; 2]>::default());
    }

    /// What was kept: standard output, then error.
    pub(crate) fn captured(&mut self) -> [Vec<u8>; 2] {
        self.captured.take().unwrap_or_default()
    }

    /// Writes a value as JSON: indented for people, on one line for programs.
    pub(crate) fn value(&mut self, value: &impl Serialize) -> io::Result<()> {
        let text = if self.live && !self.picture.drawing {
            serde_json::to_string_pretty(value)?
        } else {
            serde_json::to_string(value)?
        };
        self.document(&text)
    }

    /// Writes a value as JSON on one line, of which there are many.
    pub(crate) fn json_line(&mut self, value: &impl Serialize) -> io::Result<()> {
        let text = serde_json::to_string(value)?;
        self.document(&text)?;
        self.flush()
    }

    /// Writes a gateway's reply as it came; for people indented.
    pub(crate) fn raw(&mut self, raw: &RawValue) -> io::Result<()> {
        if self.live && !self.picture.drawing {
            return self.value(&serde_json::from_str::<serde_json::Value>(raw.get())?);
        }
        self.document(raw.get())
    }

    fn document(&mut self, text: &str) -> io::Result<()> {
        self.page.extend_from_slice(escape::json(text).as_bytes());
        self.page.push(b'\n');
        if self.page.len() > GATHER && !self.picture.drawing { self.flush() } else { Ok(()) }
    }

    /// Writes a table that fits the terminal.
    pub(crate) fn table(&mut self, table: &Table) -> io::Result<()> {
        table.lines(self.width()).into_iter().try_for_each(|line| self.line(line))
    }

    /// Writes names and values in two columns.
    pub(crate) fn facts<'a>(&mut self, facts: impl IntoIterator<Item = (&'a str, Text)>) -> io::Result<()> {
        let facts: Vec<(&str, Text)> = facts.into_iter().collect();
        let names = facts.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        let width = self.width().unwrap_or(usize::MAX);
        for (name, value) in facts {
            table::hanging(&format!("{name:names$}"), &value, width)
                .into_iter()
                .try_for_each(|line| self.line(line))?;
        }
        Ok(())
    }

    /// A sign that something goes on.
    pub(crate) fn progress(&self, words: &str) -> Progress {
        let dumb = self.environment.get("TERM") == Some("dumb");
        let reader = if dumb { Reader::Program } else { self.errors };
        let columns = if reader == Reader::Person { terminal::size(&self.environment).columns } else { 0 };
        Progress::new(progress::words(words, columns), reader)
    }

    /// Begins a picture: what is written from now on takes the place of the picture before.
    pub(crate) fn begin_picture(&mut self) {
        self.picture.drawing = true;
        self.picture.lines.clear();
    }

    /// Shows the picture: on a terminal over the one before, elsewhere after it.
    pub(crate) fn end_picture(&mut self) -> io::Result<()> {
        let picture = &mut self.picture;
        picture.drawing = false;
        let mut shown = Vec::with_capacity(self.page.len() + 16);
        if self.live && !self.json {
            let size = terminal::size(&self.environment);
            if picture.rows > 0 {
                shown.extend_from_slice(format!("\x1b[{}A\r\x1b[J", picture.rows).as_bytes());
            }
            // One row stays for the cursor. What is below the terminal's end could not be drawn over.
            let (mut rows, mut end) = (0, 0);
            for (line_end, width) in &picture.lines {
                let next = rows + width.div_ceil(size.columns).max(1);
                if next >= size.rows {
                    break;
                }
                (rows, end) = (next, *line_end);
            }
            picture.rows = rows;
            shown.extend_from_slice(&self.page[..end]);
        } else {
            if !self.json && picture.drawn > 0 {
                shown.push(b'\n');
            }
            shown.extend_from_slice(&self.page);
        }
        picture.drawn += 1;
        self.page = shown;
        self.flush()
    }

    pub(crate) fn flush(&mut self) -> io::Result<()> {
        let page = std::mem::take(&mut self.page);
        let mut out = io::stdout().lock();
        out.write_all(&page)?;
        out.flush()
    }

    /// Whether pictures of the whole screen are coloured.
    pub(crate) fn paint(&self) -> Paint {
        Paint { coloured: self.colour == Colour::Yes }
    }

    /// Columns that a person sees; none for a program, which wants all of it.
    fn width(&self) -> Option<usize> {
        self.live.then(|| terminal::size(&self.environment).columns)
    }
}

fn keep(kept: &mut Vec<u8>, bytes: &[u8]) {
    kept.extend_from_slice(bytes);
    let over = kept.len().saturating_sub(CAPTURED);
    kept.drain(..over);
}

/// Writes an error for people to standard error.
pub(crate) fn complain(environment: &Environment, colour: ColourChoice, lines: &[(Tone, &str, &str)]) {
    let colour = colour.decide(environment, Reader::of(&io::stderr()));
    let mut bytes = Vec::new();
    for (tone, word, text) in lines {
        let text = escape::block(text);
        let mut rest = text.lines();
        Text::toned(*tone, word).and(" ").and(rest.next().unwrap_or_default()).render(colour, &mut bytes);
        bytes.push(b'\n');
        for line in rest {
            bytes.extend_from_slice(line.as_bytes());
            bytes.push(b'\n');
        }
    }
    // Nobody is left to tell when this fails.
    let _ = io::stderr().write_all(&bytes);
}
