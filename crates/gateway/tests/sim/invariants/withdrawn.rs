//! Who was sent away stays away.
//!
//! Several clients change devices at the same time, and an answer may come late, so only what is certain is judged: that a
//! withdrawal is in force once it is answered, unless somebody approved the device at a time that could have been later.

use std::collections::{HashMap, HashSet};

use super::Invariant;
use crate::history::{Entry, What};

/// A change of a device, from when it was sent to when it was answered.
#[derive(Clone)]
struct Change {
    device: String,
    rotates: bool,
    sent: usize,
    done: usize,
}

/// A connection of a device.
struct Came {
    device: String,
    /// When it was let in.
    hello: Option<usize>,
    asked: usize,
    token: Option<String>,
}

#[derive(Default)]
pub(super) struct Withdrawn {
    /// Requests that change devices and wait for an answer: (method, device, sent).
    open: HashMap<(u32, String), (String, String, usize)>,
    withdrawals: Vec<Change>,
    /// Approvals: device, sent, and when they were answered; one without an answer may come true at any time.
    approvals: Vec<(String, usize, Option<usize>)>,
    connections: HashMap<u32, Came>,
    /// When each request was sent.
    requests: HashMap<(u32, String), usize>,
    /// When each token was first told.
    tokens: HashMap<String, usize>,
    refused: HashSet<usize>,
}

impl Withdrawn {
    /// Whether the device may have been approved after this withdrawal and before it came in.
    fn approved_since(&self, change: &Change, came: usize) -> bool {
        self.approvals.iter().any(|(device, sent, answered)| {
            *device == change.device
                && *sent < came
                && !self.refused.contains(sent)
                && answered.is_none_or(|answered| answered > change.sent)
        })
    }

    /// The withdrawal that forbids an ok answer on this connection to what was sent at that time.
    fn forbids(&self, conn: u32, sent: usize) -> Option<&Change> {
        let came = self.connections.get(&conn)?;
        self.withdrawals.iter().filter(|change| change.device == came.device && change.done < sent).find(|change| {
            match came.hello {
                // A rotated token ends the connections that there are; whoever comes later has the new one.
                Some(hello) if change.rotates => hello < change.sent,
                Some(hello) => !self.approved_since(change, hello),
                None => false,
            }
        })
    }

    fn answered(&mut self, at: usize, conn: u32, id: &str, ok: bool) -> Result<(), String> {
        if let Some((method, device, sent)) = self.open.remove(&(conn, id.to_owned())) {
            if method == "device.pair.approve" {
                self.approvals.iter_mut().filter(|one| one.1 == sent).for_each(|one| one.2 = Some(at));
                if !ok {
                    self.refused.insert(sent);
                }
            } else if ok {
                let rotates = method == "device.token.rotate";
                self.withdrawals.push(Change { device, rotates, sent, done: at });
            }
        }
        let sent = self.requests.remove(&(conn, id.to_owned()));
        match sent.filter(|_| ok).and_then(|sent| self.forbids(conn, sent)) {
            Some(change) => Err(format!(
                "connection {conn} is answered {id} with ok, though device {} was withdrawn, and that answered, before it was sent",
                &change.device[..8]
            )),
            None => Ok(()),
        }
    }
}

impl Invariant for Withdrawn {
    fn note(&mut self, at: usize, entry: &Entry) -> Result<(), String> {
        let conn = entry.conn;
        match &entry.what {
            What::Asks { device: Some(device), token } => {
                let came = Came { device: device.clone(), hello: None, asked: at, token: token.clone() };
                self.connections.insert(conn, came);
            }
            What::Hello { token: given, .. } => {
                if let Some(token) = given {
                    self.tokens.entry(token.clone()).or_insert(at);
                }
                let Some(came) = self.connections.get_mut(&conn) else { return Ok(()) };
                came.hello = Some(at);
                let (asked, token) = (came.asked, came.token.clone());
                if self.forbids(conn, asked).is_some_and(|change| !change.rotates) {
                    return Err(format!(
                        "connection {conn} is let in, though its device was withdrawn before it asked"
                    ));
                }
                // A token that was known before it was replaced or withdrawn is none any more.
                let known = token.as_ref().and_then(|token| self.tokens.get(token));
                let device = &self.connections[&conn].device;
                let ended = |change: &&Change| {
                    change.device == *device && change.done < asked && known.is_some_and(|known| *known < change.sent)
                };
                if self.withdrawals.iter().any(|change| ended(&change)) && given == &token {
                    return Err(format!("connection {conn} comes in with a token that was replaced before it asked"));
                }
            }
            What::Sent { id, method, about, .. } => {
                self.requests.insert((conn, id.clone()), at);
                match method.as_str() {
                    "device.pair.approve" => self.approvals.push((about.clone(), at, None)),
                    "device.token.revoke" | "device.pair.remove" | "device.token.rotate" => {}
                    _ => return Ok(()),
                }
                self.open.insert((conn, id.clone()), (method.clone(), about.clone(), at));
            }
            // An acceptance is an answer, too, and the end of the same request comes later.
            What::Answer { id, ok, payload } if payload["status"] == "accepted" => {
                if let Some(sent) = self.requests.get(&(conn, id.clone())).copied() {
                    self.answered(at, conn, id, *ok)?;
                    self.requests.insert((conn, id.clone()), sent);
                }
            }
            What::Answer { id, ok, .. } => return self.answered(at, conn, id, *ok),
            _ => {}
        }
        Ok(())
    }
}
