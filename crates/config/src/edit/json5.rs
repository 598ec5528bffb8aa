//! The tree of a JSON5 text that is known to be well-formed.

use super::tree::{Kind, Member, Node};

/// Reads the tree; `None` when the text is blank, or is not what it was said to be.
pub(super) fn tree(text: &str) -> Option<Node> {
    let mut scan = Scan { text, at: 0 };
    scan.space();
    scan.value()
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
}

impl Scan<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn take(&mut self, wanted: char) -> Option<usize> {
        let at = self.at;
        (self.peek()? == wanted).then(|| {
            self.at += wanted.len_utf8();
            at
        })
    }

    /// Passes white space and comments.
    fn space(&mut self) {
        loop {
            let rest = &self.text[self.at..];
            let passed = if let Some(comment) = rest.strip_prefix("//") {
                2 + comment.find(is_line_end).unwrap_or(comment.len())
            } else if let Some(comment) = rest.strip_prefix("/*") {
                2 + comment.find("*/").map_or(comment.len(), |end| end + 2)
            } else {
                rest.find(|c| !is_space(c)).unwrap_or(rest.len())
            };
            if passed == 0 {
                return;
            }
            self.at += passed;
        }
    }

    fn value(&mut self) -> Option<Node> {
        let start = self.at;
        let kind = match self.peek()? {
            '{' => self.members('{', '}')?,
            '[' => self.members('[', ']')?,
            '"' | '\'' => {
                self.string()?;
                Kind::Scalar
            }
            _ => {
                self.word()?;
                Kind::Scalar
            }
        };
        Some(Node { span: start..self.at, kind })
    }

    fn members(&mut self, open: char, close: char) -> Option<Kind> {
        self.take(open)?;
        let mut members = Vec::new();
        loop {
            self.space();
            if self.take(close).is_some() {
                return Some(Kind::Comma(members));
            }
            let head = self.at;
            let key = if open == '{' { Some(self.key()?) } else { None };
            let lead = self.at;
            self.space();
            let value = self.value()?;
            self.space();
            let comma = self.take(',');
            members.push(Member { key, head, lead, value, comma, odd: false });
            if comma.is_none() {
                self.take(close)?;
                return Some(Kind::Comma(members));
            }
        }
    }

    fn key(&mut self) -> Option<String> {
        let start = self.at;
        match self.peek()? {
            '"' | '\'' => self.string()?,
            _ => self.word()?,
        }
        let written = &self.text[start..self.at];
        self.space();
        self.take(':')?;
        if written.contains('\\') {
            return decoded(written);
        }
        let quoted = written.starts_with(['"', '\'']);
        Some(if quoted { &written[1..written.len() - 1] } else { written }.to_owned())
    }

    fn string(&mut self) -> Option<()> {
        let quote = self.peek()?;
        self.at += 1;
        loop {
            let passed = self.peek()?;
            self.at += passed.len_utf8();
            if passed == quote {
                return Some(());
            }
            if passed == '\\' {
                self.at += self.peek()?.len_utf8();
            }
        }
    }

    /// A number, a word or a bare key.
    fn word(&mut self) -> Option<()> {
        let rest = &self.text[self.at..];
        let end = rest.find(|c| is_space(c) || ",:{}[]\"'/".contains(c)).unwrap_or(rest.len());
        self.at += end;
        (end > 0).then_some(())
    }
}

/// What a key with escapes in it means, as the parser that loads it sees it.
fn decoded(written: &str) -> Option<String> {
    let object: serde_json::Map<String, serde_json::Value> = ::json5::from_str(&format!("{{{written}:0}}")).ok()?;
    object.into_iter().next().map(|(key, _)| key)
}

/// White space of JSON5, as its parser takes it.
fn is_space(c: char) -> bool {
    matches!(c, '\t'..='\r' | ' ' | '\u{a0}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
        || matches!(c, '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}')
}

const fn is_line_end(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}')
}
