//! The tree of a YAML text that is known to be well-formed, from the events of the parser that loads it.

use granit_parser::{Event, Parser, ScalarStyle, Span, StructureStyle};

use super::tree::{Kind, Member, Node, line_end, line_start};

/// Reads the tree; `None` when the text is blank, or holds what is not understood here.
pub(super) fn tree(text: &str) -> Option<Node> {
    let mut options = granit_parser::Options::default();
    options.set_emit_comments(false);
    let mut reader = Reader { text, events: Parser::new_from_str_with_options(text, options) };
    loop {
        match reader.next()? {
            (Event::StreamStart | Event::DocumentStart(..), _) => {}
            (event, span) => {
                let root = reader.node(&event, span, 0)?;
                // A document without content is one empty scalar.
                return (!root.span.is_empty() || matches!(root.kind, Kind::Block(_))).then_some(root);
            }
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    events: Parser<'a, granit_parser::StrInput<'a>>,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Option<(Event<'a>, Span)> {
        self.events.next_event()?.ok()
    }

    /// A node; `after` is where what was read before it ends.
    fn node(&mut self, event: &Event<'a>, span: Span, after: usize) -> Option<Node> {
        let range = span.byte_range()?;
        Some(match event {
            Event::Alias(_) => Node { span: range, kind: Kind::Alias },
            Event::Scalar(_, ScalarStyle::Literal | ScalarStyle::Folded, ..) => {
                let start = block_scalar_header(self.text, range.start)?;
                Node { span: start..start.max(range.start + self.text[range].trim_end().len()), kind: Kind::Scalar }
            }
            Event::Scalar(..) => Node { span: range, kind: Kind::Scalar },
            Event::SequenceStart(style, ..) => self.container(*style, range.start, after, Shape::List)?,
            Event::MappingStart(style, ..) => self.container(*style, range.start, after, Shape::Map)?,
            _ => return None,
        })
    }

    fn container(&mut self, style: StructureStyle, start: usize, after: usize, shape: Shape) -> Option<Node> {
        let mut members = Vec::new();
        // Where what was read last ends, so that a `-` is looked for behind it. Not the parser's own beginning: for it a list that
        // is no deeper than its key begins behind its first `-`.
        let mut last = after;
        let end = loop {
            let (event, span) = self.next()?;
            if matches!(event, Event::SequenceEnd | Event::MappingEnd) {
                break span.byte_range()?.end;
            }
            let member = match shape {
                Shape::Map => self.entry(&event, span)?,
                Shape::List => self.item(&event, span, style, last)?,
            };
            last = member.end();
            members.push(member);
        };
        if style == StructureStyle::Block {
            return Some(Node { span: start..end, kind: Kind::Block(members) });
        }
        for index in 0..members.len() {
            let next = members.get(index + 1).map_or(end - 1, |next| next.head);
            let behind = members[index].end();
            members[index].comma = comma(self.text.get(behind..next)?).map(|comma| behind + comma);
        }
        Some(Node { span: start..end, kind: Kind::Comma(members) })
    }

    fn entry(&mut self, event: &Event<'a>, span: Span) -> Option<Member> {
        let Event::Scalar(key, style, anchor, tag) = event else { return None };
        let head = span.byte_range()?;
        let (event, span) = self.next()?;
        let before = self.text[line_start(self.text, head.start)..head.start].trim_end();
        let colon = self.text[head.end..].find(|c: char| !c.is_whitespace())? + head.end;
        // Not so: `? key`, a key with an anchor or a tag, and `{key}` without its colon.
        let plain = self.text[colon..].starts_with(':')
            && *anchor == 0
            && tag.is_none()
            && !before.ends_with('?')
            && !matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
        let lead = if plain { colon + 1 } else { head.end };
        let value = settled(self.node(&event, span, lead)?, lead);
        Some(Member { key: Some(key.clone().into_owned()), head: head.start, lead, value, comma: None, odd: !plain })
    }

    fn item(&mut self, event: &Event<'a>, span: Span, style: StructureStyle, last: usize) -> Option<Member> {
        if style == StructureStyle::Flow {
            let value = self.node(event, span, last)?;
            let head = value.span.start;
            // `[a: 1]` is a mapping without brackets, which nothing here knows how to end.
            let odd = matches!(value.kind, Kind::Block(_))
                || !self.text[head..].starts_with(['{', '[']) && value.kind.is_comma();
            return Some(Member { key: None, head, lead: head, value, comma: None, odd });
        }
        let dash = dash(self.text, last, span.byte_range()?.start)?;
        let value = settled(self.node(event, span, dash + 1)?, dash + 1);
        Some(Member { key: None, head: dash, lead: dash + 1, value, comma: None, odd: false })
    }
}

#[derive(Clone, Copy)]
enum Shape {
    Map,
    List,
}

impl Kind {
    const fn is_comma(&self) -> bool {
        matches!(self, Self::Comma(_))
    }
}

/// A null that is not written stands right behind its colon or dash.
fn settled(value: Node, lead: usize) -> Node {
    match value.kind {
        Kind::Scalar if value.span.is_empty() => Node { span: lead..lead, kind: Kind::Scalar },
        _ => value,
    }
}

/// Where the `|` or `>` of a block scalar stands whose content begins at `content`.
fn block_scalar_header(text: &str, content: usize) -> Option<usize> {
    let mut line = line_start(text, content);
    // The header is on the nearest line above that is not blank.
    loop {
        line = line_start(text, line.checked_sub(1)?);
        let end = line_end(text, line);
        if text[line..end].trim().is_empty() {
            continue;
        }
        let header = text[line..end].split(" #").next()?.trim_end();
        let mark = header.trim_end_matches(|c: char| c.is_ascii_digit() || c == '+' || c == '-');
        return mark.ends_with(['|', '>']).then(|| line + mark.len() - 1);
    }
}

/// The `-` of an item: the first one between `from` and `to` that is no part of a comment.
fn dash(text: &str, from: usize, to: usize) -> Option<usize> {
    let mut at = from;
    while at < to.max(from + 1) {
        match text.as_bytes().get(at)? {
            b'#' => at = line_end(text, at),
            // The name of an anchor or a tag may hold a `-`.
            b'&' | b'!' => at += text[at..].find(char::is_whitespace)?,
            b'-' => return Some(at),
            _ => at += 1,
        }
    }
    None
}

/// How far the comma is from the beginning of a text that holds nothing but white space, comments and perhaps a comma.
fn comma(text: &str) -> Option<usize> {
    let mut at = 0;
    while let Some(byte) = text.as_bytes().get(at) {
        match byte {
            b'#' => at = line_end(text, at),
            b',' => return Some(at),
            _ => at += 1,
        }
    }
    None
}
