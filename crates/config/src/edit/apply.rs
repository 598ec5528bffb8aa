//! Edits made on values.

use serde_json::{Map, Value};

use super::EditError;
use crate::{KeyPath, Step, value};

/// One place to change.
#[derive(Clone, PartialEq)]
pub(crate) struct Op {
    pub(crate) path: KeyPath,
    pub(crate) action: Action,
}

/// What to do there.
#[derive(Clone, PartialEq)]
pub(crate) enum Action {
    /// Put a value; refuse when a parent is neither an object nor a list.
    Put(Value),
    /// Put a value; a parent that is no object becomes one, as RFC 7396 has it.
    PutThrough(Value),
    /// Take the value out, if there is one.
    Remove,
    /// Make an object, unless there is one.
    Object,
}

impl Op {
    pub(crate) const fn new(path: KeyPath, action: Action) -> Self {
        Self { path, action }
    }
}

/// The places that a merge patch changes, each with what happens there. A patch that is no object replaces what is at `base`;
/// without a base there is nothing that it could replace, and nothing happens.
pub(crate) fn leaves(base: Option<&KeyPath>, patch: &Value) -> Vec<Op> {
    let mut ops = Vec::new();
    collect(base, patch, &mut ops);
    ops
}

/// Whether anything is put in.
fn collect(base: Option<&KeyPath>, patch: &Value, ops: &mut Vec<Op>) -> bool {
    match (patch, base) {
        (Value::Object(object), base) => {
            let mut put = false;
            for (key, inner) in object {
                let step = Step::Key(key.clone());
                let path = base.map_or_else(|| KeyPath::from_steps(vec![step.clone()]), |base| base.then(step.clone()));
                put |= collect(Some(&path), inner, ops);
            }
            // An object that puts nothing in still makes an object of what was none.
            if let Some(base) = base.filter(|_| !put) {
                ops.push(Op::new(base.clone(), Action::Object));
            }
            true
        }
        (Value::Null, Some(base)) => {
            ops.push(Op::new(base.clone(), Action::Remove));
            false
        }
        (other, Some(base)) => {
            ops.push(Op::new(base.clone(), Action::PutThrough(other.clone())));
            true
        }
        (_, None) => false,
    }
}

/// Makes one change.
pub(crate) fn apply(document: &mut Value, op: &Op) -> Result<(), EditError> {
    let steps = op.path.steps();
    let Some((last, parents)) = steps.split_last() else { return Ok(()) };
    let through = matches!(op.action, Action::PutThrough(_) | Action::Object);
    let mut place = document;
    for (depth, step) in parents.iter().enumerate() {
        if op.action == Action::Remove && child(place, step).is_none() {
            return Ok(());
        }
        place = enter(place, step, &steps[depth + 1], through).map_err(|problem| problem.at(&op.path, depth))?;
    }
    let at_end = |problem: Problem| problem.at(&op.path, parents.len());
    match &op.action {
        Action::Remove => remove(place, last),
        Action::Put(value) | Action::PutThrough(value) => *slot(place, last, through).map_err(at_end)? = value.clone(),
        Action::Object => {
            let slot = slot(place, last, through).map_err(at_end)?;
            if !slot.is_object() {
                *slot = Value::Object(Map::new());
            }
        }
    }
    Ok(())
}

enum Problem {
    Kind(&'static str),
    Item(usize),
}

impl Problem {
    /// The problem of the step number `depth`, whose parent is at the steps before it.
    fn at(self, path: &KeyPath, depth: usize) -> EditError {
        let blocker = KeyPath::from_steps(path.steps()[..depth].to_vec()).to_string();
        match self {
            Self::Kind(found) => EditError::Blocked { path: path.to_string(), blocker, found },
            Self::Item(len) => EditError::NoSuchItem { path: path.to_string(), len },
        }
    }
}

fn child<'a>(place: &'a Value, step: &Step) -> Option<&'a Value> {
    match place {
        Value::Array(items) => items.get(index(step)?),
        Value::Object(object) => match step {
            Step::Key(key) => object.get(key),
            Step::Index(_) => None,
        },
        _ => None,
    }
}

fn index(step: &Step) -> Option<usize> {
    match step {
        Step::Index(index) => Some(*index),
        Step::Key(digits) => digits.parse().ok(),
    }
}

/// The value at a step, made into something that `next` can be a step of when there is none yet.
fn enter<'a>(place: &'a mut Value, step: &Step, next: &Step, through: bool) -> Result<&'a mut Value, Problem> {
    let inner = slot(place, step, through)?;
    if inner.is_null() {
        *inner = match next {
            Step::Index(_) => Value::Array(Vec::new()),
            Step::Key(_) => Value::Object(Map::new()),
        };
    }
    Ok(inner)
}

/// The place of a step, where null stands when there was nothing.
fn slot<'a>(place: &'a mut Value, step: &Step, through: bool) -> Result<&'a mut Value, Problem> {
    let list = place.is_array() && index(step).is_some();
    if through && !list && !place.is_object() {
        *place = Value::Object(Map::new());
    }
    match (place, step) {
        (Value::Array(items), step) => {
            let index = index(step).ok_or(Problem::Kind("a list"))?;
            if index == items.len() {
                items.push(Value::Null);
            }
            let len = items.len();
            items.get_mut(index).ok_or(Problem::Item(len))
        }
        (Value::Object(object), Step::Key(key)) => Ok(object.entry(key.clone()).or_insert(Value::Null)),
        (other, _) => Err(Problem::Kind(value::kind(other))),
    }
}

fn remove(place: &mut Value, step: &Step) {
    match (place, step) {
        (Value::Array(items), step) => {
            if let Some(index) = index(step).filter(|index| *index < items.len()) {
                items.remove(index);
            }
        }
        (Value::Object(object), Step::Key(key)) => {
            object.remove(key);
        }
        _ => {}
    }
}
