//! Writing to the terminal, a file or a pipe.

use std::io::{self, IsTerminal, Write};

use openclaw_core::Environment;
use serde::Serialize;

/// Standard output, with what is known about its reader.
pub(crate) struct Output {
    out: io::BufWriter<io::Stdout>,
    /// One JSON document instead of text.
    pub(crate) json: bool,
    colour: Colour,
    /// Whether a person reads it as it comes.
    pub(crate) live: bool,
}

/// Whether text may be coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Colour {
    Yes,
    No,
}

/// What a piece of text is about.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Tone {
    Good,
    Bad,
    Warning,
    Faint,
    Strong,
}

impl Output {
    pub(crate) fn new(environment: &Environment, json: bool) -> Self {
        let live = io::stdout().is_terminal();
        let colour =
            if live && !json && environment.get("NO_COLOR").is_none() && environment.get("TERM") != Some("dumb") {
                Colour::Yes
            } else {
                Colour::No
            };
        Self { out: io::BufWriter::new(io::stdout()), json, colour, live }
    }

    /// Writes a line.
    pub(crate) fn line(&mut self, text: impl AsRef<str>) -> io::Result<()> {
        self.out.write_all(text.as_ref().as_bytes())?;
        self.out.write_all(b"\n")
    }

    /// Writes text and shows it at once.
    pub(crate) fn stream(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())?;
        self.out.flush()
    }

    /// Writes a value as JSON: on one line for programs, indented for people.
    pub(crate) fn value(&mut self, value: &impl Serialize) -> io::Result<()> {
        if self.live {
            serde_json::to_writer_pretty(&mut self.out, value)?;
        } else {
            serde_json::to_writer(&mut self.out, value)?;
        }
        self.out.write_all(b"\n")
    }

    /// Writes rows in columns; the first row is the heading.
    pub(crate) fn table(&mut self, rows: &[Vec<String>]) -> io::Result<()> {
        let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
        let width =
            |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
        let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
        for (number, row) in rows.iter().enumerate() {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                line.push_str(cell);
                line.extend(std::iter::repeat_n(' ', width - cell.chars().count() + 2));
            }
            let line = line.trim_end();
            self.line(if number == 0 { self.toned(Tone::Faint, line) } else { line.to_owned() })?;
        }
        Ok(())
    }

    /// Writes names and values in two columns.
    pub(crate) fn facts(&mut self, facts: &[(&str, String)]) -> io::Result<()> {
        let width = facts.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        for (name, value) in facts {
            let name = self.toned(Tone::Faint, &format!("{name:width$}"));
            self.line(format!("{name}  {value}"))?;
        }
        Ok(())
    }

    /// The text in the colour of its tone, when colours are wanted.
    pub(crate) fn toned(&self, tone: Tone, text: &str) -> String {
        if self.colour == Colour::No {
            return text.to_owned();
        }
        let code = match tone {
            Tone::Good => 32,
            Tone::Bad => 31,
            Tone::Warning => 33,
            Tone::Faint => 2,
            Tone::Strong => 1,
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }

    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
