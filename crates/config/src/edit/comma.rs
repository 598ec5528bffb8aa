//! Members between brackets: JSON5, and YAML's flow style.

use super::{
    render,
    tree::{Member, Node, Splices, Style, indent, is_blank, leads_its_line, line_end, line_start, next_line},
};
use crate::Format;

/// Takes members out, with the comment that follows them on their line.
pub(super) fn remove(text: &str, node: &Node, gone: &[usize], style: Style, splices: &mut Splices) {
    let members = node.members();
    let close = node.span.end - 1;
    let mut goes = vec![false; members.len()];
    gone.iter().for_each(|index| goes[*index] = true);
    let last_kept = goes.iter().rposition(|goes| !goes);
    for index in gone {
        let member = &members[*index];
        let end = member.comma.map_or_else(|| member.end(), |comma| comma + 1);
        let next = members.get(index + 1).map_or(close, |next| next.head);
        let line = line_end(text, end);
        let alone = leads_its_line(text, member.head) && next > line && is_remark(&text[end..line], style);
        if alone {
            splices.replace(line_start(text, member.head)..next_line(text, line), "");
        } else {
            let run = last_kept.is_none_or(|kept| kept < *index);
            let first = index.checked_sub(1).is_none_or(|before| !goes[before]);
            let gap = text[end..next].len() - text[end..next].trim_start_matches([' ', '\t']).len();
            // At the end of the line's members the blanks before them go, else those behind.
            let start =
                if run && first { text[..member.head].trim_end_matches([' ', '\t']).len() } else { member.head };
            let last = index + 1 == members.len();
            splices.replace(start..if last { end } else { end + gap }, "");
        }
    }
    // A comma that separated the last member from one that is gone would be new to whoever writes strict JSON.
    let last_gone = members.last().is_some_and(|last| last.comma.is_none()) && goes.last() == Some(&true);
    if let Some(comma) = last_kept.and_then(|index| members[index].comma).filter(|_| last_gone) {
        splices.replace(comma..comma + 1, "");
    }
}

/// Whether what follows on a line is nothing, or a comment that ends with it.
fn is_remark(rest: &str, style: Style) -> bool {
    let rest = rest.trim();
    match style.format {
        Format::Yaml => rest.is_empty() || rest.starts_with('#'),
        Format::Json5 => {
            rest.is_empty()
                || rest.starts_with("//")
                || rest.starts_with("/*") && rest.ends_with("*/") && rest.matches("/*").count() == 1
        }
    }
}

/// What is put in: each member as text, made for the indentation that it gets; `None` when it must stay on one line.
pub(super) type New<'a> = dyn Fn(Option<&str>) -> Vec<String> + 'a;

/// Puts members behind the first `after` ones.
pub(super) fn insert(text: &str, node: &Node, after: usize, new: &New<'_>, style: Style, splices: &mut Splices) {
    let members = node.members();
    match (after.checked_sub(1).map(|index| &members[index]), members.get(after)) {
        (None, None) => into_empty(text, node, new, style, splices),
        (None, Some(first)) => before(text, first, new, style, splices),
        (Some(anchor), next) => behind(text, node, anchor, next, new, style, splices),
    }
}

fn into_empty(text: &str, node: &Node, new: &New<'_>, style: Style, splices: &mut Splices) {
    let (open, close) = (node.span.start, node.span.end - 1);
    let inside = &text[open + 1..close];
    let margin = indent(text, open);
    if leads_its_line(text, close) && inside.contains(['\n', '\r']) {
        let inner = format!("{}{}", indent(text, close), " ".repeat(style.unit));
        let lines = on_lines(&new(Some(&inner)), &inner, style, trailing(style));
        splices.insert(line_start(text, close), lines);
    } else if style.format == Format::Json5 && is_blank(inside) {
        let inner = format!("{margin}{}", " ".repeat(style.unit));
        let lines = on_lines(&new(Some(&inner)), &inner, style, trailing(style));
        splices.replace(open + 1..close, format!("{}{lines}{margin}", style.eol));
    } else {
        let pad = if inside.ends_with([' ', '\t']) { "" } else { " " };
        splices.insert(close, format!("{pad}{} ", new(None).join(", ")));
    }
}

fn before(text: &str, first: &Member, new: &New<'_>, style: Style, splices: &mut Splices) {
    if leads_its_line(text, first.head) {
        let inner = indent(text, first.head).to_owned();
        splices.insert(line_start(text, first.head), on_lines(&new(Some(&inner)), &inner, style, ","));
    } else {
        splices.insert(first.head, format!("{}, ", new(None).join(", ")));
    }
}

fn behind(
    text: &str,
    node: &Node,
    anchor: &Member,
    next: Option<&Member>,
    new: &New<'_>,
    style: Style,
    splices: &mut Splices,
) {
    let close = node.span.end - 1;
    let end = anchor.comma.map_or_else(|| anchor.end(), |comma| comma + 1);
    let line = line_end(text, end);
    // Behind a comment that follows on the line, unless something else stands on it.
    let on_lines_of_their_own = next.map_or(close, |next| next.head) > line
        && (leads_its_line(text, anchor.head) || next.is_some() || leads_its_line(text, close))
        && is_remark(&text[end..line], style);
    let comma = if anchor.comma.is_some() { "" } else { "," };
    if on_lines_of_their_own {
        let inner = if leads_its_line(text, anchor.head) {
            indent(text, anchor.head).to_owned()
        } else {
            format!("{}{}", indent(text, close), " ".repeat(style.unit))
        };
        let last = if next.is_some() || anchor.comma.is_some() { "," } else { "" };
        let lines = on_lines(&new(Some(&inner)), &inner, style, last);
        splices.insert(end, comma);
        splices.insert(line, format!("{}{}", style.eol, &lines[..lines.len() - style.eol.len()]));
    } else {
        let last = if next.is_some() { "," } else { "" };
        splices.insert(end, format!("{comma} {}{last}", new(None).join(", ")));
    }
}

/// The members, each on a line of its own, the last with `last` behind it.
fn on_lines(members: &[String], inner: &str, style: Style, last: &str) -> String {
    let eol = style.eol;
    let lines: Vec<String> = members.iter().map(|member| format!("{inner}{member}")).collect();
    format!("{}{last}{eol}", lines.join(&format!(",{eol}")))
}

const fn trailing(style: Style) -> &'static str {
    match style.format {
        Format::Json5 if style.bare_keys => ",",
        _ => "",
    }
}

/// A member as [`insert`] wants it.
pub(super) fn member(key: Option<&str>, value: &serde_json::Value, indent: Option<&str>, style: Style) -> String {
    let text = match indent {
        Some(indent) if style.format == Format::Json5 => render::lines(value, indent, style),
        _ => render::inline(value, style),
    };
    key.map_or_else(|| text.clone(), |name| format!("{}: {text}", render::key(name, style)))
}
