//! What a lockdown changes in a configuration, and how that is taken back. Knows documents and nothing else.

use openclaw_config::{Edit, KeyPath, Loaded, Step as PathStep};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Changed, Fate, Record};

/// One change: what was there, and what is there while it holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Step {
    /// Where, canonical.
    path: String,
    /// The agent whose entry of `agents.list` it is in: the list may be in another order when it is taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    agent: Option<String>,
    /// As it was written; absent when nothing was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<Value>,
    /// Absent when it was taken out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<Value>,
    /// Sections on the way that were not there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    made: Vec<String>,
}

/// Both forms of a configuration: as it is written, and with canonical names.
struct Documents<'a> {
    written: &'a Value,
    canonical: &'a Value,
}

impl Documents<'_> {
    /// The value as it was written, as far as it stands there under its canonical name.
    fn written(&self, path: &KeyPath) -> Option<&Value> {
        path.get(self.written).or_else(|| path.get(self.canonical))
    }
}

/// Collects steps.
struct Plan<'a> {
    documents: Documents<'a>,
    steps: Vec<Step>,
    agent: Option<String>,
}

impl Plan<'_> {
    fn text(&self, path: &KeyPath) -> Option<&str> {
        path.get(self.documents.canonical).and_then(Value::as_str)
    }

    /// Puts `after` there, unless it stands there, or nothing does and that means the same.
    fn put(&mut self, path: &KeyPath, after: Value, default: Option<&Value>) {
        let now = path.get(self.documents.canonical);
        if now.or(default) != Some(&after) {
            self.push(path, Some(after));
        }
    }

    /// Takes out what stands there.
    fn take_out(&mut self, path: &KeyPath) {
        if path.get(self.documents.canonical).is_some() {
            self.push(path, None);
        }
    }

    fn push(&mut self, path: &KeyPath, after: Option<Value>) {
        let steps = path.steps();
        let missing = (1..steps.len())
            .filter_map(|length| KeyPath::new(steps[..length].to_vec()).ok())
            .filter(|section| section.get(self.documents.canonical).is_none());
        self.steps.push(Step {
            path: path.to_string(),
            agent: self.agent.clone(),
            before: self.documents.written(path).cloned(),
            after,
            made: missing.map(|section| section.to_string()).collect(),
        });
    }

    /// `tools` of everybody, or of an agent.
    fn tools(&mut self, tools: &[PathStep]) {
        let below = |rest: &[&str]| keyed(tools, rest);
        let everybody = self.agent.is_none();
        let Some(exec) = below(&["exec"]) else { return };
        let own = exec.get(self.documents.canonical).is_some();
        // An agent without a word of its own follows everybody's.
        if everybody || own {
            let (mode, security, ask) =
                (below(&["exec", "mode"]), below(&["exec", "security"]), below(&["exec", "ask"]));
            if let (Some(mode), Some(security), Some(ask)) = (mode, security, ask) {
                if mode.get(self.documents.canonical).is_some() {
                    self.put(&mode, json!("deny"), None);
                    self.take_out(&security);
                    self.take_out(&ask);
                } else {
                    self.put(&security, json!("deny"), None);
                    self.put(&ask, json!("always"), None);
                }
            }
        }
        if let Some(enabled) = below(&["elevated", "enabled"]) {
            self.put(&enabled, json!(false), Some(&json!(false)));
        }
    }

    /// A channel, or one of its accounts.
    fn channel(&mut self, at: &[PathStep]) {
        for policy in ["dmPolicy", "groupPolicy"] {
            if let Some(path) = keyed(at, &[policy]) {
                self.put(&path, json!("disabled"), None);
            }
        }
        for list in ["allowFrom", "groupAllowFrom"] {
            let Some(path) = keyed(at, &[list]) else { continue };
            let Some(Value::Array(senders)) = path.get(self.documents.canonical) else { continue };
            let named: Vec<Value> = senders.iter().filter(|sender| sender.as_str() != Some("*")).cloned().collect();
            if named.len() < senders.len() {
                self.push(&path, Some(named.into()));
            }
        }
    }

    fn channels(&mut self) {
        let Some(Value::Object(channels)) = self.documents.canonical.get("channels") else { return };
        let mut places = Vec::new();
        for (id, channel) in channels {
            let at = vec![PathStep::Key("channels".to_owned()), PathStep::Key(id.clone())];
            for account in channel.get("accounts").and_then(Value::as_object).into_iter().flat_map(|all| all.keys()) {
                let steps = [PathStep::Key("accounts".to_owned()), PathStep::Key(account.clone())];
                places.push([at.clone(), steps.to_vec()].concat());
            }
            places.push(at);
        }
        for at in places {
            let is_section = KeyPath::new(at.clone()).ok();
            let is_section = is_section.and_then(|path| path.get(self.documents.canonical).map(Value::is_object));
            if is_section == Some(true) {
                self.channel(&at);
            }
        }
    }

    fn agents(&mut self) {
        let list = self.documents.canonical.pointer("/agents/list").and_then(Value::as_array);
        let with_tools: Vec<(usize, String)> = list
            .into_iter()
            .flatten()
            .enumerate()
            .filter(|(_, agent)| agent.get("tools").is_some_and(Value::is_object))
            .filter_map(|(index, agent)| Some((index, agent.get("id")?.as_str()?.to_owned())))
            .collect();
        for (index, id) in with_tools {
            let key = |name: &str| PathStep::Key(name.to_owned());
            self.agent = Some(id);
            self.tools(&[key("agents"), key("list"), PathStep::Index(index), key("tools")]);
        }
        self.agent = None;
    }
}

fn keyed(at: &[PathStep], rest: &[&str]) -> Option<KeyPath> {
    let rest = rest.iter().map(|key| PathStep::Key((*key).to_owned()));
    KeyPath::new(at.iter().cloned().chain(rest).collect()).ok()
}

/// What spec 002's way back changes in this configuration, and the other ways in beside it.
pub(super) fn steps(loaded: &Loaded) -> Vec<Step> {
    let documents = Documents { written: &loaded.parsed, canonical: &loaded.resolved };
    let mut plan = Plan { documents, steps: Vec::new(), agent: None };
    let at = |keys: &[&str]| keyed(&[], keys);
    if let Some(bind) = at(&["gateway", "bind"])
        // Raw addresses mean this machine, too.
        && !matches!(plan.text(&bind), None | Some("auto" | "127.0.0.1" | "localhost" | "::1"))
    {
        plan.put(&bind, json!("loopback"), None);
    }
    let off = json!("off");
    let no = json!(false);
    for (keys, after, default) in [
        (&["gateway", "tailscale", "mode"][..], off.clone(), off),
        (&["gateway", "http", "endpoints", "chatCompletions", "enabled"], no.clone(), no.clone()),
        (&["gateway", "http", "endpoints", "responses", "enabled"], no.clone(), no.clone()),
        (&["hooks", "enabled"], no.clone(), no),
        (&["spawn", "allow"], json!([]), json!([])),
    ] {
        if let Some(path) = at(keys) {
            plan.put(&path, after, Some(&default));
        }
    }
    plan.channels();
    plan.tools(&[PathStep::Key("tools".to_owned())]);
    plan.agents();
    plan.steps
}

/// The edits of steps, and how they are shown.
pub(super) fn edits(steps: &[Step]) -> (Vec<Edit>, Vec<Changed>) {
    let edit = |step: &Step| {
        let path: KeyPath = step.path.parse().ok()?;
        Some(match &step.after {
            Some(value) => Edit::Set { path, value: value.clone() },
            None => Edit::Unset { path },
        })
    };
    let shown = |step: &Step| Changed {
        path: step.path.clone(),
        before: step.before.clone(),
        after: step.after.clone(),
        state: Fate::Changed,
    };
    (steps.iter().filter_map(edit).collect(), steps.iter().map(shown).collect())
}

/// The steps of a lockdown that is done once more: what stood there right before is what is put back.
pub(super) fn merged(before: &[Step], more: Vec<Step>) -> Vec<Step> {
    let stays = |old: &&Step| !more.iter().any(|new| new.path == old.path && new.agent == old.agent);
    let mut steps: Vec<Step> = before.iter().filter(stays).cloned().collect();
    steps.extend(more);
    steps
}

/// Where a step belongs now. `None` when its agent is gone.
fn place(step: &Step, canonical: &Value) -> Option<KeyPath> {
    let path: KeyPath = step.path.parse().ok()?;
    let Some(id) = &step.agent else { return Some(path) };
    let list = canonical.pointer("/agents/list").and_then(Value::as_array)?;
    let index = list.iter().position(|agent| agent.get("id").and_then(Value::as_str) == Some(id))?;
    let mut steps = path.steps().to_vec();
    *steps.get_mut(2)? = PathStep::Index(index);
    KeyPath::new(steps).ok()
}

/// What takes a lockdown back: three-way, so that what somebody changed since stays as it is.
pub(super) fn restored(record: &Record, loaded: &Loaded) -> (Vec<Edit>, Vec<Changed>) {
    let (mut edits, mut changes, mut made) = (Vec::new(), Vec::new(), Vec::new());
    let mut then = loaded.resolved.clone();
    for step in record.steps.iter().rev() {
        let Some(path) = place(step, &loaded.resolved) else {
            let changed = Changed { path: step.path.clone(), before: None, after: None, state: Fate::Left };
            changes.push(changed);
            continue;
        };
        let now = path.get(&loaded.resolved);
        let as_written = path.get(&loaded.parsed).or(now);
        let state = if now == step.after.as_ref() {
            Fate::Changed
        } else if as_written == step.before.as_ref() || now == step.before.as_ref() {
            Fate::Already
        } else {
            Fate::Left
        };
        changes.push(Changed { path: path.to_string(), before: now.cloned(), after: step.before.clone(), state });
        if state != Fate::Changed {
            continue;
        }
        match &step.before {
            Some(value) => edits.push(Edit::Set { path: path.clone(), value: value.clone() }),
            None => {
                edits.push(Edit::Unset { path: path.clone() });
                made.extend(step.made.iter().filter_map(|section| section.parse::<KeyPath>().ok()));
            }
        }
        put(&mut then, path.steps(), step.before.clone());
    }
    changes.reverse();
    // What the lockdown made goes with what was in it, when nothing else came into it since.
    made.sort_by_key(|section| std::cmp::Reverse(section.steps().len()));
    made.dedup();
    for section in made {
        if section.get(&then).and_then(Value::as_object).is_some_and(serde_json::Map::is_empty) {
            put(&mut then, section.steps(), None);
            edits.push(Edit::Unset { path: section });
        }
    }
    (edits, changes)
}

/// Puts a value into a document, or takes it out. What is not there on the way is left.
fn put(document: &mut Value, steps: &[PathStep], value: Option<Value>) {
    let Some((last, way)) = steps.split_last() else { return };
    let section = way.iter().try_fold(document, |at, step| match step {
        PathStep::Key(key) => at.get_mut(key),
        PathStep::Index(index) => at.get_mut(*index),
    });
    let (Some(Value::Object(section)), PathStep::Key(key)) = (section, last) else { return };
    match value {
        Some(value) => drop(section.insert(key.clone(), value)),
        None => drop(section.remove(key)),
    }
}

#[cfg(test)]
mod tests;
