//! Told means kept: what was answered with ok is there at the end, and nothing is there twice.

use std::collections::{BTreeMap, HashMap};

use super::Invariant;
use crate::history::{Entry, Found, What};

/// Methods that change something, and the audit record of each change.
const CHANGES: [(&str, &str); 7] = [
    ("sessions.patch", "session.patched"),
    ("chat.inject", "chat.injected"),
    ("chat.send", ""),
    ("device.pair.approve", "device.approved"),
    ("device.token.revoke", "device.revoked"),
    ("device.pair.remove", "device.revoked"),
    ("device.token.rotate", "auth.token.rotated"),
];

/// What became of a change.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// Nobody knows: the answer did not come.
    Open,
    Kept,
    Refused,
}

struct Change {
    method: String,
    about: String,
    value: String,
    fate: Fate,
}

#[derive(Default)]
pub(super) struct Kept {
    changes: Vec<Change>,
    requests: HashMap<(u32, String), usize>,
    found: bool,
}

impl Kept {
    fn of(&self, method: &str) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(move |change| change.method == method)
    }

    /// The name of a session is the last that was answered with ok, or one whose answer did not come.
    fn labels(&self, found: &Found) -> Result<(), String> {
        let mut last: BTreeMap<&str, &str> = BTreeMap::new();
        for change in self.of("sessions.patch").filter(|change| change.fate == Fate::Kept) {
            last.insert(&change.about, &change.value);
        }
        for (key, label) in last {
            let is = found.labels.iter().find(|(known, _)| known == key).map_or("", |(_, label)| label);
            let mut open = self.of("sessions.patch").filter(|change| change.about == key && change.fate == Fate::Open);
            if is != label && !open.any(|change| change.value == is) {
                return Err(format!("{key} was named {label:?}, and is named {is:?}"));
            }
        }
        Ok(())
    }

    /// Each line is there once when it was answered with ok, at most once when no answer came, and else not at all.
    fn lines(&self, found: &Found) -> Result<(), String> {
        let mut most: BTreeMap<(&str, &str), (usize, usize)> = BTreeMap::new();
        for change in self.of("chat.inject").chain(self.of("chat.send")) {
            let (least, most) = most.entry((&change.about, &change.value)).or_default();
            match change.fate {
                Fate::Kept => (*least, *most) = (1, 1),
                Fate::Open => *most = 1,
                Fate::Refused => {}
            }
        }
        for ((key, text), (least, most)) in most {
            let times = found.texts.iter().filter(|(known, said)| known == key && said == text).count();
            if !(least..=most).contains(&times) {
                return Err(format!("{text:?} is {times} times in {key}, not {least} to {most}"));
            }
        }
        Ok(())
    }

    /// There are as many records as changes.
    fn records(&self, found: &Found) -> Result<(), String> {
        let mut counts: BTreeMap<(&str, &str), (usize, usize)> = BTreeMap::new();
        for change in &self.changes {
            let event = CHANGES.iter().find(|(method, _)| *method == change.method).map_or("", |(_, event)| event);
            if event.is_empty() {
                continue;
            }
            let (least, most) = counts.entry((event, &change.about)).or_default();
            *least += usize::from(change.fate == Fate::Kept);
            *most += usize::from(change.fate != Fate::Refused);
        }
        for ((event, target), (least, most)) in counts {
            let records = found.records.iter().filter(|(known, of)| known == event && of == target).count();
            if !(least..=most).contains(&records) {
                return Err(format!(
                    "the audit trail has {records} records {event} of {target}, not {least} to {most}"
                ));
            }
        }
        if found.trail != "whole" { Err(format!("the audit trail is {}", found.trail)) } else { Ok(()) }
    }

    /// Whoever was approved, and not withdrawn since, may come in.
    fn devices(&self, found: &Found) -> Result<(), String> {
        let mut fate: BTreeMap<&str, bool> = BTreeMap::new();
        for change in self.changes.iter().filter(|change| change.fate != Fate::Refused) {
            match (change.method.as_str(), change.fate) {
                ("device.pair.approve", Fate::Kept) => {
                    fate.insert(&change.about, true);
                }
                ("device.token.revoke" | "device.pair.remove", _) => {
                    fate.remove(change.about.as_str());
                }
                _ => {}
            }
        }
        let missing = fate.into_keys().find(|device| !found.devices.iter().any(|known| known == device));
        missing.map_or(Ok(()), |device| Err(format!("device {device} was approved and may not come in")))
    }
}

impl Invariant for Kept {
    fn note(&mut self, _: usize, entry: &Entry) -> Result<(), String> {
        match &entry.what {
            What::Sent { id, method, about, value } if CHANGES.iter().any(|(name, _)| name == method) => {
                self.requests.insert((entry.conn, id.clone()), self.changes.len());
                let (method, about, value) = (method.clone(), about.clone(), value.clone());
                self.changes.push(Change { method, about, value, fate: Fate::Open });
                Ok(())
            }
            What::Answer { id, ok, .. } => {
                if let Some(at) = self.requests.get(&(entry.conn, id.clone())) {
                    self.changes[*at].fate = if *ok { Fate::Kept } else { Fate::Refused };
                }
                Ok(())
            }
            What::Found(found) => {
                self.found = true;
                self.labels(found)?;
                self.lines(found)?;
                self.records(found)?;
                self.devices(found)
            }
            _ => Ok(()),
        }
    }

    fn end(&self) -> Result<(), String> {
        if self.found { Ok(()) } else { Err("nobody looked at what was kept".to_owned()) }
    }
}
