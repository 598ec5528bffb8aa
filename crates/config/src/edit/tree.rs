//! Where in the text each value stands.

use std::ops::Range;

use super::EditError;
use crate::Format;

/// One value in the text.
#[derive(Debug)]
pub(super) struct Node {
    /// Its bytes. Empty where the format lets a null go unwritten.
    pub(super) span: Range<usize>,
    pub(super) kind: Kind,
}

#[derive(Debug)]
pub(super) enum Kind {
    /// Text, a number, a word or nothing.
    Scalar,
    /// A YAML alias: the value is written elsewhere.
    Alias,
    /// Between brackets, with commas: all of JSON5, and YAML's flow style.
    Comma(Vec<Member>),
    /// By indentation, as YAML's block style.
    Block(Vec<Member>),
}

/// A key with its value, or an item of a list.
#[derive(Debug)]
pub(super) struct Member {
    /// The key; `None` for an item.
    pub(super) key: Option<String>,
    /// Where it begins: its key, its `-`, or the item itself between brackets.
    pub(super) head: usize,
    /// Where its value may begin: behind the colon or the `-`.
    pub(super) lead: usize,
    pub(super) value: Node,
    /// The comma behind it.
    pub(super) comma: Option<usize>,
    /// Written in a way that is not edited, such as YAML's `? key`.
    pub(super) odd: bool,
}

impl Member {
    /// Where it ends, without a comma.
    pub(super) fn end(&self) -> usize {
        self.value.end().max(self.lead)
    }
}

impl Node {
    /// Where it ends: a block ends with its last member.
    pub(super) fn end(&self) -> usize {
        match &self.kind {
            Kind::Block(members) => members.last().map_or(self.span.end, Member::end),
            _ => self.span.end,
        }
    }

    pub(super) fn members(&self) -> &[Member] {
        match &self.kind {
            Kind::Comma(members) | Kind::Block(members) => members,
            Kind::Scalar | Kind::Alias => &[],
        }
    }
}

/// How the text is written, for what is put into it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    pub(super) format: Format,
    /// Whether JSON5 keys stand without quotes.
    pub(super) bare_keys: bool,
    /// Spaces of one step of indentation.
    pub(super) unit: usize,
    pub(super) eol: &'static str,
}

impl Style {
    pub(super) fn of(text: &str, format: Format, root: Option<&Node>) -> Self {
        let eol = match text.find('\n') {
            Some(at) if text[..at].ends_with('\r') => "\r\n",
            _ => "\n",
        };
        let quoted =
            root.and_then(|root| root.members().first()).is_some_and(|first| text[first.head..].starts_with('"'));
        let inner = root.into_iter().flat_map(Node::members).map(|member| indent(text, member.head).len());
        let unit = match format {
            Format::Json5 => inner.clone().find(|width| (1..=8).contains(width)).unwrap_or(2),
            Format::Yaml => 2,
        };
        Self { format, bare_keys: !quoted, unit, eol }
    }
}

/// Pieces of text to replace, which must not overlap.
#[derive(Debug, Default)]
pub(super) struct Splices(Vec<(Range<usize>, String)>);

impl Splices {
    pub(super) fn replace(&mut self, range: Range<usize>, with: impl Into<String>) {
        self.0.push((range, with.into()));
    }

    pub(super) fn insert(&mut self, at: usize, text: impl Into<String>) {
        self.replace(at..at, text);
    }

    pub(super) fn apply(mut self, text: &str) -> Result<String, EditError> {
        let unsafe_here = || EditError::Unsafe { path: String::new() };
        self.0.sort_by_key(|(range, _)| (range.start, range.end));
        let mut new = String::with_capacity(text.len());
        let mut at = 0;
        for (range, with) in self.0 {
            // An overlap means that two changes meant the same place, which only their author can settle.
            let kept = if range.start < at { None } else { text.get(at..range.start) };
            new.push_str(kept.ok_or_else(unsafe_here)?);
            new.push_str(&with);
            at = range.end;
        }
        new.push_str(text.get(at..).ok_or_else(unsafe_here)?);
        Ok(new)
    }
}

/// Where the line of `at` begins.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind(['\n', '\r']).map_or(0, |before| before + 1)
}

/// Where the line of `at` ends, before its line break.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    text[at..].find(['\n', '\r']).map_or(text.len(), |after| at + after)
}

/// Behind the line break that stands at `end`.
pub(super) fn next_line(text: &str, end: usize) -> usize {
    let rest = &text[end..];
    end + if rest.starts_with("\r\n") { 2 } else { usize::from(!rest.is_empty()) }
}

/// The white space that the line of `at` begins with.
pub(super) fn indent(text: &str, at: usize) -> &str {
    let line = &text[line_start(text, at)..at];
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

/// Whether only white space stands before `at` on its line.
pub(super) fn leads_its_line(text: &str, at: usize) -> bool {
    is_blank(&text[line_start(text, at)..at])
}

pub(super) fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' ' | b'\t'))
}
