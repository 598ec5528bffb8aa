//! One ending for each approval: whoever hears of it hears the same, and once.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Invariant, sequence::Streams};
use crate::{
    find::ending,
    history::{Entry, What},
};

/// Records of the audit trail that tell the end of an approval.
const ENDS: [&str; 3] = ["approval.resolved", "approval.expired", "approval.cancelled"];

#[derive(Default)]
pub(super) struct Approvals {
    streams: Streams,
    /// What was said about each approval in a request that waits: which approval, and the decision.
    open: HashMap<(u32, String), (String, String, String)>,
    /// How each approval ended, by the first who said so: a decision, or why there is none.
    endings: BTreeMap<String, String>,
    /// Approvals that somebody decided, by `applied`.
    applied: HashSet<String>,
    /// Those that were accepted.
    accepted: HashSet<String>,
    /// What each stream was told: asked for, ended.
    asked: HashSet<(u32, String)>,
    ended: HashSet<(u32, String)>,
    whole: HashSet<u32>,
    found: bool,
}

impl Approvals {
    fn ends(&mut self, id: &str, how: &str, says: &str) -> Result<(), String> {
        let first = self.endings.entry(id.to_owned()).or_insert_with(|| how.to_owned());
        if first == how { Ok(()) } else { Err(format!("{id} ended with {first}, and {says} says {how}")) }
    }

    fn answered(&mut self, method: &str, about: &str, value: &str, payload: &serde_json::Value) -> Result<(), String> {
        match method {
            "exec.approval.request" if payload["status"] == "accepted" => {
                self.accepted.insert(about.to_owned());
                Ok(())
            }
            "exec.approval.request" => {
                let reason = payload["terminalReason"].as_str().unwrap_or("nothing");
                let how = payload["decision"].as_str().unwrap_or(reason).to_owned();
                self.ends(about, &how, "the answer to whoever asked")
            }
            // In dialect 4 this is ok, too, for whoever says the same after somebody else.
            "exec.approval.resolve" => self.ends(about, value, "an answer that was ok"),
            "approval.resolve" => {
                let how = ending(&payload["approval"]);
                if payload["applied"] == true {
                    if how != value {
                        return Err(format!("{value} was applied to {about}, which ended with {how}"));
                    }
                    if !self.applied.insert(about.to_owned()) {
                        return Err(format!("{about} was decided twice"));
                    }
                }
                self.ends(about, &how, "an answer that was ok")
            }
            _ => Ok(()),
        }
    }
}

impl Invariant for Approvals {
    fn note(&mut self, _: usize, entry: &Entry) -> Result<(), String> {
        let stream = self.streams.of(entry);
        match &entry.what {
            What::Sent { id, method, about, value } if method.contains("approval.re") => {
                self.open.insert((entry.conn, id.clone()), (method.clone(), about.clone(), value.clone()));
                Ok(())
            }
            What::Answer { id, ok: true, payload } => match self.open.get(&(entry.conn, id.clone())).cloned() {
                Some((method, about, value)) => self.answered(&method, &about, &value, payload),
                None => Ok(()),
            },
            What::Event { name, payload, .. } if name.starts_with("exec.approval.") => {
                let id = payload["id"].as_str().unwrap_or_default().to_owned();
                if name == "exec.approval.requested" {
                    return match self.asked.insert((stream, id.clone())) {
                        true => Ok(()),
                        false => Err(format!("stream {stream} is asked about {id} twice")),
                    };
                }
                if !self.ended.insert((stream, id.clone())) {
                    return Err(format!("stream {stream} is told twice that {id} is over"));
                }
                // `deny` is said, too, when nobody decided; then there is a reason.
                let how = payload["reason"].as_str().or(payload["decision"].as_str()).unwrap_or("nothing").to_owned();
                self.ends(&id, &how, "an event")
            }
            What::Flushed => {
                self.whole.insert(stream);
                Ok(())
            }
            What::Found(found) => {
                self.found = true;
                for (id, how) in &found.approvals {
                    self.ends(id, how, "the history")?;
                }
                for id in &self.accepted {
                    if !found.approvals.iter().any(|(known, _)| known == id) {
                        return Err(format!("{id} was accepted and is not in the history"));
                    }
                    let ends =
                        found.records.iter().filter(|(event, target)| target == id && ENDS.contains(&event.as_str()));
                    let ends = ends.count();
                    if ends != 1 {
                        return Err(format!("the audit trail has {ends} records of the end of {id}"));
                    }
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn end(&self) -> Result<(), String> {
        let missing = self.asked.iter().find(|asked| self.whole.contains(&asked.0) && !self.ended.contains(*asked));
        match missing {
            Some((stream, id)) => {
                Err(format!("stream {stream} was asked about {id} and is never told that it is over"))
            }
            None if !self.found => Err("nobody looked at the history".to_owned()),
            None => Ok(()),
        }
    }
}
