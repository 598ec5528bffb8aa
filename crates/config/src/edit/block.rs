//! Members by indentation: YAML's block style.

use serde_json::Value;

use super::{
    render,
    tree::{Kind, Member, Node, Splices, Style, indent, leads_its_line, line_end, line_start, next_line},
};

/// Takes members out, with the comment that follows them on their line. `false` when that cannot be done.
pub(super) fn remove(text: &str, members: &[Member], gone: &[usize], splices: &mut Splices) -> bool {
    gone.iter().all(|index| {
        let member = &members[*index];
        let line = line_end(text, member.end());
        if member.odd {
            return false;
        }
        if leads_its_line(text, member.head) {
            splices.replace(line_start(text, member.head)..next_line(text, line), "");
            return true;
        }
        // The first member of an item stands behind the item's dash; the next one takes its place.
        let Some(next) = members.get(index + 1).filter(|_| *index == 0 && !gone.contains(&1)) else { return false };
        let between = &text[line..next.head];
        let simple = between.trim().is_empty();
        if simple {
            splices.replace(member.head..next.head, "");
        }
        simple
    })
}

/// Puts entries or items behind the first `after` ones of a container that has some.
pub(super) fn insert(
    text: &str,
    members: &[Member],
    after: usize,
    new: &[(Option<&str>, &Value)],
    style: Style,
    splices: &mut Splices,
) -> bool {
    let Some(first) = members.first() else { return false };
    let column = first.head - line_start(text, first.head);
    let margin = " ".repeat(column);
    // A tab, or anything but the dash of an outer item before the first member, makes columns a matter of opinion.
    if text[line_start(text, first.head)..first.head].bytes().any(|byte| !b" -".contains(&byte)) {
        return false;
    }
    let mut put = String::new();
    for (key, value) in new {
        let member = match key {
            Some(name) => render::block_entry(name, value, column, style),
            None => format!("- {}", render::block_item(value, column, style)),
        };
        put.push_str(&format!("{}{margin}{member}", style.eol));
    }
    match after.checked_sub(1) {
        Some(anchor) => splices.insert(line_end(text, members[anchor].end()), put),
        None if leads_its_line(text, first.head) => {
            splices.insert(line_start(text, first.head), format!("{}{}", &put[style.eol.len()..], style.eol));
        }
        None => return false,
    }
    true
}

/// Replaces the value of a member. `false` when that cannot be done.
pub(super) fn replace(text: &str, member: &Member, value: &Value, style: Style, splices: &mut Splices) -> bool {
    let old = &member.value;
    if member.odd || matches!(old.kind, Kind::Alias) {
        return false;
    }
    let column = member.head - line_start(text, member.head);
    let scalar = !value.is_object() && !value.is_array();
    match &old.kind {
        Kind::Block(_) => replace_block(text, member, old, value, style, splices),
        _ if old.span.is_empty() => {
            let end = line_end(text, member.lead);
            let lone = text[member.lead..end].trim().is_empty();
            if lone && member.key.is_some() && indent(text, member.head).len() == column {
                splices.replace(member.lead..end, render::block_value(value, column, style));
            } else {
                // Right behind the colon or dash, and in front of a comment.
                splices.insert(member.lead, format!(" {}", render::inline(value, style)));
            }
        }
        Kind::Scalar if text[old.span.clone()].starts_with(['|', '>']) || scalar => {
            splices.replace(old.span.clone(), render::like(&text[old.span.clone()], value, style));
        }
        _ => {
            let end = line_end(text, old.span.end);
            let lone = text[old.span.end..end].trim().is_empty();
            let on_key_line = line_start(text, old.span.start) == line_start(text, member.head);
            let gap = &text[member.lead..old.span.start];
            if lone
                && on_key_line
                && gap.trim().is_empty()
                && member.key.is_some()
                && indent(text, member.head).len() == column
            {
                splices.replace(member.lead..end, render::block_value(value, column, style));
            } else {
                splices.replace(old.span.clone(), render::inline(value, style));
            }
        }
    }
    true
}

/// A block gives way to a value behind the colon or dash; a comment that stands there stays.
fn replace_block(text: &str, member: &Member, old: &Node, value: &Value, style: Style, splices: &mut Splices) {
    let first_line = line_end(text, member.lead);
    let put = format!(" {}", render::inline(value, style));
    if first_line < old.span.start {
        splices.insert(member.lead, put);
        splices.replace(first_line..old.end(), "");
    } else {
        splices.replace(member.lead..old.end(), put);
    }
}
