//! The line that somebody writes: letters as people count them, and what was written before.

use unicode_segmentation::UnicodeSegmentation;

/// Lines that can be called back.
const PAST: usize = 100;
/// Most bytes of a line, which the gateway takes.
const BYTES: usize = 1 << 20;

#[derive(Debug, Default)]
pub(super) struct Line {
    text: String,
    /// Where the next letter goes, bytes.
    at: usize,
    past: Vec<String>,
    /// Which one of the past is shown.
    back: Option<usize>,
    /// What was being written before the past was called back.
    put_aside: String,
}

/// A way to go, or to delete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Left,
    Right,
    WordLeft,
    WordRight,
    Begin,
    End,
}

impl Line {
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// What stands before the cursor.
    pub(super) fn before(&self) -> &str {
        self.text.get(..self.at).unwrap_or_default()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Writes at the cursor. What would be too long is left out.
    pub(super) fn insert(&mut self, text: &str) {
        let text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\t', "    ");
        if self.text.len() + text.len() <= BYTES {
            self.text.insert_str(self.at, &text);
            self.at += text.len();
        }
    }

    pub(super) fn go(&mut self, way: Way) {
        self.at = self.place(way);
    }

    /// Deletes from the cursor on this way.
    pub(super) fn delete(&mut self, way: Way) {
        let to = self.place(way);
        let (from, end) = (self.at.min(to), self.at.max(to));
        self.text.replace_range(from..end, "");
        self.at = from;
    }

    fn place(&self, way: Way) -> usize {
        let (before, after) = self.text.split_at(self.at);
        match way {
            Way::Left => before.grapheme_indices(true).next_back().map_or(0, |(at, _)| at),
            Way::Right => self.at + after.graphemes(true).next().map_or(0, str::len),
            Way::WordLeft => before.unicode_word_indices().next_back().map_or(0, |(at, _)| at),
            Way::WordRight => {
                self.at + after.unicode_word_indices().next().map_or(after.len(), |(at, word)| at + word.len())
            }
            Way::Begin => before.rfind('\n').map_or(0, |at| at + 1),
            Way::End => self.at + after.find('\n').unwrap_or(after.len()),
        }
    }

    /// Takes what was written, and remembers it.
    pub(super) fn take(&mut self) -> String {
        let text = std::mem::take(&mut self.text);
        (self.at, self.back) = (0, None);
        if !text.trim().is_empty() && self.past.last() != Some(&text) {
            self.past.push(text.clone());
            if self.past.len() > PAST {
                self.past.remove(0);
            }
        }
        text
    }

    /// Forgets what was written.
    pub(super) fn clear(&mut self) {
        self.text.clear();
        (self.at, self.back) = (0, None);
    }

    /// Calls back what was written before.
    pub(super) fn earlier(&mut self) {
        let at = match self.back {
            None if self.past.is_empty() => return,
            None => {
                self.put_aside = self.text.clone();
                self.past.len() - 1
            }
            Some(at) => at.saturating_sub(1),
        };
        self.show(Some(at));
    }

    /// The way back from there.
    pub(super) fn later(&mut self) {
        let Some(at) = self.back else { return };
        self.show(Some(at + 1).filter(|at| *at < self.past.len()));
    }

    fn show(&mut self, back: Option<usize>) {
        self.back = back;
        let put_aside = &self.put_aside;
        self.text = back.and_then(|at| self.past.get(at)).unwrap_or(put_aside).clone();
        self.at = self.text.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> Line {
        let mut line = Line::default();
        line.insert(text);
        line
    }

    #[test]
    fn letters_are_what_people_call_letters() {
        let mut line = written("a👩\u{200d}💻e\u{301}");
        line.delete(Way::Left);
        assert_eq!(line.text(), "a👩\u{200d}💻");
        line.go(Way::Left);
        assert_eq!(line.before(), "a");
        line.delete(Way::Right);
        assert_eq!(line.text(), "a");
        for way in [Way::Right, Way::Right, Way::WordRight, Way::End] {
            line.go(way);
            line.delete(way);
        }
        assert_eq!((line.text(), line.before()), ("a", "a"));
        line.clear();
        line.delete(Way::Left);
        line.go(Way::WordLeft);
        assert!(line.is_empty());
    }

    #[test]
    fn words_and_ends_are_reached() {
        let mut line = written("one two\r\nthree  ");
        line.go(Way::WordLeft);
        assert_eq!(line.before(), "one two\n");
        line.go(Way::WordLeft);
        line.delete(Way::WordLeft);
        assert_eq!(line.text(), "two\nthree  ");
        line.go(Way::WordRight);
        assert_eq!(line.before(), "two");
        line.delete(Way::Begin);
        assert_eq!(line.text(), "\nthree  ");
        line.go(Way::Right);
        line.delete(Way::End);
        assert_eq!(line.text(), "\n");
    }

    #[test]
    fn what_was_written_is_called_back() {
        let mut line = written("first");
        assert_eq!(line.take(), "first");
        line.insert("second");
        line.take();
        line.insert("second");
        line.take();
        line.insert("   ");
        line.take();
        line.insert("begun");
        line.earlier();
        line.earlier();
        line.earlier();
        assert_eq!(line.text(), "first", "nothing is before the first, and nothing stands twice");
        line.later();
        assert_eq!(line.text(), "second");
        line.later();
        line.later();
        assert_eq!((line.text(), line.before()), ("begun", "begun"));
    }

    #[test]
    fn what_is_too_long_is_not_written() {
        let mut line = written(&"x".repeat(BYTES));
        line.insert("y");
        assert_eq!(line.text().len(), BYTES);
    }
}
