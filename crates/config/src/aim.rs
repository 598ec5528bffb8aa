//! Where an edit goes: under the name that the file uses for a key, and into the file that holds it.

use serde_json::Value;

use crate::{
    KeyPath, Step,
    edit::{Action, Op},
    include::Sources,
    mapping::{RENAMED, under},
};

/// An edit that would have to go to more than one place.
#[derive(Debug)]
pub(crate) struct Spread {
    pub(crate) path: String,
    pub(crate) files: Vec<String>,
}

/// The same change under each name that the document uses for the place; under the canonical one when it uses none.
pub(crate) fn spelled(op: &Op, document: &Value) -> Vec<Op> {
    let path = op.path.to_string();
    let mut names = vec![canonical(&path)];
    // A row may lead to the key that another row leads on from, so what is found is looked at as well.
    let mut at = 0;
    while let Some(name) = names.get(at).cloned() {
        for (from, to) in RENAMED {
            if let Some(rest) = under(&name, to) {
                let other = format!("{from}{rest}");
                if !names.contains(&other) {
                    names.push(other);
                }
            }
        }
        at += 1;
    }
    let ops = names.iter().filter_map(|name| Some(Op { path: name.parse().ok()?, action: op.action.clone() }));
    let written: Vec<Op> = ops.clone().filter(|op| op.path.get(document).is_some()).collect();
    match (written.is_empty(), ops.into_iter().next()) {
        (true, Some(canonical)) => vec![canonical],
        (true, None) => vec![op.clone()],
        (false, _) => written,
    }
}

/// The canonical name of a path that may use another one.
pub(crate) fn canonical(path: &str) -> String {
    RENAMED.iter().fold(path.to_owned(), |path, (from, to)| match under(&path, from) {
        Some(rest) => format!("{to}{rest}"),
        None => path,
    })
}

/// The number of the file that a change belongs to, and the change as that file has it.
pub(crate) fn located(op: &Op, sources: &Sources) -> Result<(usize, Op), Spread> {
    if sources.files.len() < 2 {
        return Ok((0, op.clone()));
    }
    let steps = op.path.steps();
    let keys = steps.iter().take_while(|step| matches!(step, Step::Key(_))).count();
    let written = places(sources, 0, &steps[..keys]);
    // Items of a list that several files join have no number of their own, and what goes from one file shows in the next.
    if written.len() > 1 && (keys < steps.len() || op.action == Action::Remove) {
        let files = written.iter().map(|(file, _)| sources.files[*file].name.clone()).collect();
        return Err(Spread { path: op.path.to_string(), files });
    }
    for length in (1..=keys).rev() {
        let Some((file, mut found)) = places(sources, 0, &steps[..length]).into_iter().next() else { continue };
        found.extend_from_slice(&steps[length..]);
        return Ok((file, Op { path: KeyPath::from_steps(found), action: op.action.clone() }));
    }
    Ok((0, op.clone()))
}

/// Every place in the files where the path is written, the one that wins first.
fn places(sources: &Sources, file: usize, steps: &[Step]) -> Vec<(usize, Vec<Step>)> {
    let mut found = Vec::new();
    collect(sources, file, &sources.files[file].value, &mut Vec::new(), steps, &mut found);
    found
}

fn collect(
    sources: &Sources,
    file: usize,
    value: &Value,
    passed: &mut Vec<Step>,
    steps: &[Step],
    found: &mut Vec<(usize, Vec<Step>)>,
) {
    let Some((step, rest)) = steps.split_first() else {
        found.push((file, passed.clone()));
        return;
    };
    let Value::Object(object) = value else { return };
    if let Step::Key(key) = step
        && let Some(inner) = object.get(key)
    {
        passed.push(step.clone());
        collect(sources, file, inner, passed, rest, found);
        passed.pop();
    }
    // Later files win over earlier ones, and all of them lose to what stands beside them.
    for (number, source) in sources.files.iter().enumerate().rev() {
        if source.included.as_ref().is_some_and(|(by, at)| *by == file && at == passed) {
            collect(sources, number, &source.value, &mut Vec::new(), steps, found);
        }
    }
}
