//! The text follows the value: what differs is spliced, everything else stays.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{
    EditError, block, comma, json5, render,
    tree::{Kind, Member, Node, Splices, Style},
    yaml,
};
use crate::{ConfigError, Format, KeyPath, MAX_DEPTH, Step, document, value};

/// Passes over a text; two do unless removals and additions meet in the same list again and again.
const MAX_PASSES: usize = 8;

/// Changes `text`, which means `before`, so that it means `after`.
///
/// # Errors
/// [`EditError`] when the text cannot say that without changing anything else.
pub(crate) fn rewrite(text: &str, format: Format, before: &Value, after: &Value) -> Result<String, EditError> {
    if before == after {
        return Ok(text.to_owned());
    }
    if value::depth(after) > MAX_DEPTH {
        return Err(EditError::TooDeep);
    }
    // A byte-order mark is no part of what the trees are read from.
    let mark = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let (mark, text) = text.split_at(mark);
    let (mut text, mut current) = (text.to_owned(), before.clone());
    for _ in 0..MAX_PASSES {
        // First what goes and what is replaced, then what is new: so no two splices ever meet.
        let fewer = shrunk(&current, after);
        let target = if fewer == current { after } else { &fewer };
        text = pass(&text, format, &current, target)?;
        current = match document::parse(&text, format) {
            Ok(reread) if reread == *target => reread,
            Err(error @ ConfigError::TooLarge) => return Err(EditError::Unreadable(error)),
            _ => return Err(EditError::Unsafe { path: difference(&current, after) }),
        };
        if current == *after {
            return Ok(format!("{mark}{text}"));
        }
    }
    Err(EditError::Unsafe { path: difference(&current, after) })
}

/// `after`, without what `before` does not have.
fn shrunk(before: &Value, after: &Value) -> Value {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => Value::Object(
            before.iter().filter_map(|(key, old)| Some((key.clone(), shrunk(old, after.get(key)?)))).collect(),
        ),
        (Value::Array(before), Value::Array(after)) => {
            let Aligned { head, paired, new, .. } = align(before, after);
            let pairs = before[head..].iter().zip(&after[head..]).take(paired).map(|(old, new)| shrunk(old, new));
            let tail = &after[head + paired + new..];
            Value::Array(after[..head].iter().cloned().chain(pairs).chain(tail.iter().cloned()).collect())
        }
        _ => after.clone(),
    }
}

/// How the items of two lists belong together.
struct Aligned {
    /// Equal ones at the beginning.
    head: usize,
    /// Then: those that became another in their place.
    paired: usize,
    /// Then: those that are gone.
    gone: usize,
    /// Or those that are new. The rest is equal.
    new: usize,
}

fn align(before: &[Value], after: &[Value]) -> Aligned {
    let head = before.iter().zip(after).take_while(|(old, new)| old == new).count();
    let tail = before[head..].iter().rev().zip(after[head..].iter().rev()).take_while(|(old, new)| old == new).count();
    let (old, new) = (before.len() - head - tail, after.len() - head - tail);
    let paired = old.min(new);
    Aligned { head, paired, gone: old - paired, new: new - paired }
}

/// One pass: `before` to `after`, where nothing is both removed and added.
fn pass(text: &str, format: Format, before: &Value, after: &Value) -> Result<String, EditError> {
    let root = match format {
        Format::Json5 => json5::tree(text),
        Format::Yaml => yaml::tree(text),
    };
    let style = Style::of(text, format, root.as_ref());
    let Some(root) = root else { return into_blank(text, after, style) };
    let mut pen = Pen { text, style, splices: Splices::default(), path: Vec::new() };
    pen.change(&root, None, before, after)?;
    pen.splices.apply(text)
}

/// A text without a value gets its first one.
fn into_blank(text: &str, after: &Value, style: Style) -> Result<String, EditError> {
    let Value::Object(object) = after else { return Err(EditError::Unsafe { path: String::new() }) };
    let gap = if text.is_empty() || text.ends_with('\n') { "" } else { style.eol };
    let put = match style.format {
        Format::Json5 => render::lines(after, "", style) + style.eol,
        Format::Yaml => {
            object.iter().map(|(key, value)| render::block_entry(key, value, 0, style) + style.eol).collect()
        }
    };
    Ok(format!("{text}{gap}{put}"))
}

/// Marks what to splice.
struct Pen<'a> {
    text: &'a str,
    style: Style,
    splices: Splices,
    path: Vec<Step>,
}

impl Pen<'_> {
    fn refusal(&self) -> EditError {
        EditError::Unsafe { path: KeyPath::from_steps(self.path.clone()).to_string() }
    }

    fn check(&self, done: bool) -> Result<(), EditError> {
        if done { Ok(()) } else { Err(self.refusal()) }
    }

    /// Changes a node, which is the value of `member` unless it is the root.
    fn change(
        &mut self,
        node: &Node,
        member: Option<(&Member, Parent)>,
        old: &Value,
        new: &Value,
    ) -> Result<(), EditError> {
        match (&node.kind, old, new) {
            _ if old == new => Ok(()),
            (Kind::Alias, ..) => Err(EditError::Alias { path: KeyPath::from_steps(self.path.clone()).to_string() }),
            (Kind::Block(_), _, Value::Object(new)) if new.is_empty() && member.is_some() => {
                self.replace(member, &Value::Object(Map::new()))
            }
            (Kind::Block(_), _, Value::Array(new)) if new.is_empty() => self.replace(member, &Value::Array(Vec::new())),
            (Kind::Comma(_) | Kind::Block(_), Value::Object(old), Value::Object(new)) => self.object(node, old, new),
            (Kind::Comma(_) | Kind::Block(_), Value::Array(old), Value::Array(new)) => self.list(node, old, new),
            _ => self.replace(member, new),
        }
    }

    fn replace(&mut self, member: Option<(&Member, Parent)>, new: &Value) -> Result<(), EditError> {
        let (member, parent) = member.ok_or_else(|| self.refusal())?;
        match parent {
            Parent::Comma if member.odd => Err(self.refusal()),
            Parent::Comma => {
                let old = &self.text[member.value.span.clone()];
                let text = match new {
                    Value::Object(_) | Value::Array(_) => {
                        let margin = super::tree::indent(self.text, member.head);
                        comma::member(None, new, Some(margin), self.style)
                    }
                    _ => render::like(old, new, self.style),
                };
                let pad = if member.value.span.is_empty() { " " } else { "" };
                self.splices.replace(member.value.span.clone(), format!("{pad}{text}"));
                Ok(())
            }
            Parent::Block => {
                let done = block::replace(self.text, member, new, self.style, &mut self.splices);
                self.check(done)
            }
        }
    }

    fn object(&mut self, node: &Node, old: &Map<String, Value>, new: &Map<String, Value>) -> Result<(), EditError> {
        let (members, parent) = (node.members(), Parent::of(node));
        let places: HashMap<&str, usize> =
            members.iter().enumerate().filter_map(|(index, member)| Some((member.key.as_deref()?, index))).collect();
        let mut gone = Vec::new();
        for (key, before) in old {
            let after = new.get(key);
            if after == Some(before) {
                continue;
            }
            self.path.push(Step::Key(key.clone()));
            let index = places.get(key.as_str()).copied();
            // What is in the value but not in the text came from a merge key.
            let index =
                index.ok_or_else(|| EditError::Alias { path: KeyPath::from_steps(self.path.clone()).to_string() })?;
            match after {
                Some(after) => self.change(&members[index].value, Some((&members[index], parent)), before, after)?,
                None => gone.push(index),
            }
            self.path.pop();
        }
        gone.sort_unstable();
        self.remove(node, &gone)?;
        let added: Vec<(Option<&str>, &Value)> = new
            .iter()
            .filter(|(key, _)| !old.contains_key(*key))
            .map(|(key, value)| (Some(key.as_str()), value))
            .collect();
        self.insert(node, members.len(), &added)
    }

    fn list(&mut self, node: &Node, old: &[Value], new: &[Value]) -> Result<(), EditError> {
        let (members, parent) = (node.members(), Parent::of(node));
        self.check(members.len() == old.len())?;
        let Aligned { head, paired, gone, new: added } = align(old, new);
        for index in head..head + paired {
            self.path.push(Step::Index(index));
            self.change(&members[index].value, Some((&members[index], parent)), &old[index], &new[index])?;
            self.path.pop();
        }
        let at = head + paired;
        self.remove(node, &(at..at + gone).collect::<Vec<_>>())?;
        let added: Vec<(Option<&str>, &Value)> = new[at..at + added].iter().map(|value| (None, value)).collect();
        self.insert(node, at, &added)
    }

    fn remove(&mut self, node: &Node, gone: &[usize]) -> Result<(), EditError> {
        if gone.is_empty() {
            return Ok(());
        }
        let done = match &node.kind {
            Kind::Block(members) => block::remove(self.text, members, gone, &mut self.splices),
            _ => {
                comma::remove(self.text, node, gone, self.style, &mut self.splices);
                !node.members().iter().any(|member| member.odd)
            }
        };
        self.check(done)
    }

    fn insert(&mut self, node: &Node, after: usize, added: &[(Option<&str>, &Value)]) -> Result<(), EditError> {
        if added.is_empty() {
            return Ok(());
        }
        let style = self.style;
        let done = match &node.kind {
            Kind::Block(members) => block::insert(self.text, members, after, added, style, &mut self.splices),
            _ => {
                let new = |indent: Option<&str>| {
                    added.iter().map(|(key, value)| comma::member(*key, value, indent, style)).collect()
                };
                comma::insert(self.text, node, after, &new, style, &mut self.splices);
                true
            }
        };
        self.check(done)
    }
}

/// What a member is a member of.
#[derive(Clone, Copy)]
enum Parent {
    Comma,
    Block,
}

impl Parent {
    const fn of(node: &Node) -> Self {
        if matches!(node.kind, Kind::Block(_)) { Self::Block } else { Self::Comma }
    }
}

/// The first place where two values differ, for a refusal.
fn difference(before: &Value, after: &Value) -> String {
    let mut steps = Vec::new();
    let (mut old, mut new) = (before, after);
    while let (Value::Object(a), Value::Object(b)) = (old, new) {
        let Some(key) = a.keys().chain(b.keys()).find(|key| a.get(*key) != b.get(*key)) else { break };
        steps.push(Step::Key(key.clone()));
        match (a.get(key), b.get(key)) {
            (Some(inner_old), Some(inner_new)) => (old, new) = (inner_old, inner_new),
            _ => break,
        }
    }
    KeyPath::from_steps(steps).to_string()
}
