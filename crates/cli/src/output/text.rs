//! One line of text with its colours, and how wide it is on a terminal.

use anstyle::{AnsiColor, Style};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::escape;

/// What a piece of text is about, from which its colour follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Tone {
    #[default]
    Plain,
    Good,
    Bad,
    Warning,
    Faint,
    Strong,
}

impl Tone {
    pub(crate) const fn style(self) -> Style {
        match self {
            Self::Plain => Style::new(),
            Self::Good => AnsiColor::Green.on_default(),
            Self::Bad => AnsiColor::Red.on_default(),
            Self::Warning => AnsiColor::Yellow.on_default(),
            Self::Faint => Style::new().dimmed(),
            Self::Strong => Style::new().bold(),
        }
    }
}

/// Whether text may be coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Colour {
    Yes,
    No,
}

/// One line. Whatever it is made from, it holds nothing that steers a terminal.
#[derive(Clone, Debug, Default)]
pub(crate) struct Text(Vec<(Tone, String)>);

impl Text {
    pub(crate) fn toned(tone: Tone, text: impl AsRef<str>) -> Self {
        Self::default().and_toned(tone, text)
    }

    pub(crate) fn and(self, text: impl AsRef<str>) -> Self {
        self.and_toned(Tone::Plain, text)
    }

    pub(crate) fn and_toned(mut self, tone: Tone, text: impl AsRef<str>) -> Self {
        let text = escape::line(text.as_ref());
        if !text.is_empty() {
            self.0.push((tone, text.into_owned()));
        }
        self
    }

    pub(crate) fn then(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    pub(crate) fn spaces(self, count: usize) -> Self {
        self.and(" ".repeat(count))
    }

    /// All of it in one tone.
    pub(crate) fn retoned(mut self, tone: Tone) -> Self {
        self.0.iter_mut().for_each(|(old, _)| *old = tone);
        self
    }

    /// Columns of a terminal.
    pub(crate) fn width(&self) -> usize {
        self.0.iter().map(|(_, text)| text.width()).sum()
    }

    /// Whether it says that there is nothing to say.
    pub(crate) fn is_absent(&self) -> bool {
        match self.0.as_slice() {
            [] => true,
            [(_, text)] => text == "-",
            _ => false,
        }
    }

    /// The same within `width` columns, an ellipsis in place of what does not fit.
    pub(crate) fn elided(&self, width: usize) -> Self {
        if self.width() <= width {
            return self.clone();
        }
        let mut room = width.saturating_sub(1);
        let mut cut = Self::default();
        'spans: for (tone, text) in &self.0 {
            let mut kept = String::new();
            for c in text.chars() {
                let columns = c.width().unwrap_or(0);
                if columns > room {
                    cut.0.push((*tone, kept + "…"));
                    break 'spans;
                }
                room -= columns;
                kept.push(c);
            }
            cut.0.push((*tone, kept));
        }
        cut
    }

    /// Broken between words into lines of `width` columns. A word that is longer keeps its line to itself, so that it can be
    /// copied whole.
    pub(crate) fn wrapped(&self, width: usize) -> Vec<Self> {
        let mut lines = vec![Self::default()];
        let mut used = 0;
        for (tone, text) in &self.0 {
            for word in text.split_inclusive(' ') {
                let columns = word.trim_end().width();
                if used > 0 && used + columns > width {
                    lines.push(Self::default());
                    used = 0;
                }
                if let Some(line) = lines.last_mut() {
                    line.0.push((*tone, word.to_owned()));
                }
                used += word.width();
            }
        }
        lines
    }

    /// Its pieces, each in one tone.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = (Tone, &str)> {
        self.0.iter().map(|(tone, text)| (*tone, text.as_str()))
    }

    /// The line as bytes for a terminal or a file. Spaces at its end are left out.
    pub(crate) fn render(&self, colour: Colour, into: &mut Vec<u8>) {
        let last = self.0.iter().rposition(|(_, text)| !text.trim_end().is_empty());
        for (number, (tone, text)) in self.0.iter().enumerate().take(last.map_or(0, |last| last + 1)) {
            let text = if Some(number) == last { text.trim_end() } else { text };
            if colour == Colour::No || *tone == Tone::Plain {
                into.extend_from_slice(text.as_bytes());
            } else {
                let style = tone.style();
                into.extend_from_slice(format!("{style}{text}{style:#}").as_bytes());
            }
        }
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::default().and(text)
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::default().and(text)
    }
}

impl From<&String> for Text {
    fn from(text: &String) -> Self {
        Self::default().and(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &Text, colour: Colour) -> String {
        let mut bytes = Vec::new();
        text.render(colour, &mut bytes);
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn widths_are_columns_of_a_terminal() {
        for (text, width) in [("abc", 3), ("日本", 4), ("e\u{301}", 1), ("👩\u{200d}💻", 2), ("\x1b", 6), ("", 0)]
        {
            assert_eq!(Text::from(text).width(), width, "{text:?}");
        }
    }

    #[test]
    fn what_does_not_fit_is_cut_at_a_character() {
        let text = Text::from("日本").and_toned(Tone::Good, "語abc");
        assert_eq!(shown(&text.elided(9), Colour::No), "日本語abc");
        assert_eq!(shown(&text.elided(8), Colour::No), "日本語a…");
        assert_eq!(shown(&text.elided(6), Colour::No), "日本…", "half a character is none");
        assert_eq!(shown(&text.elided(0), Colour::No), "…");
    }

    #[test]
    fn lines_break_between_words() {
        let lines = |text: &str, width| -> Vec<String> {
            Text::from(text).wrapped(width).iter().map(|line| shown(line, Colour::No)).collect()
        };
        assert_eq!(lines("one two three", 7), ["one two", "three"]);
        assert_eq!(lines("https://a.example/long b", 5), ["https://a.example/long", "b"]);
        assert_eq!(lines("", 5), [""]);
    }

    #[test]
    fn colours_are_shown_where_they_are_wanted() {
        let text = Text::from("a ").and_toned(Tone::Bad, "b").and("  ");
        assert_eq!(shown(&text, Colour::Yes), "a \x1b[31mb\x1b[0m");
        assert_eq!(shown(&text, Colour::No), "a b");
    }
}
