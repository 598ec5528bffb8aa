//! Each request is answered once, under its own id.

use std::collections::BTreeMap;

use super::Invariant;
use crate::history::{Entry, What};

/// What is known of a request.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    /// It was sent; some are answered twice, first that they were accepted.
    Sent {
        twice: bool,
    },
    Accepted,
    Answered,
}

#[derive(Default)]
pub(super) struct Answers {
    requests: BTreeMap<(u32, String), Known>,
    flushed: Vec<u32>,
}

impl Invariant for Answers {
    fn note(&mut self, _: usize, entry: &Entry) -> Result<(), String> {
        let conn = entry.conn;
        match &entry.what {
            What::Sent { id, method, .. } => {
                let twice = method == "exec.approval.request";
                self.requests.insert((conn, id.clone()), Known::Sent { twice });
                Ok(())
            }
            What::Answer { id, ok, payload } => {
                let Some(known) = self.requests.get_mut(&(conn, id.clone())) else {
                    return Err(format!("connection {conn} is answered {id}, which it did not ask: {payload}"));
                };
                let accepts = *ok && payload["status"] == "accepted";
                *known = match *known {
                    Known::Sent { twice: true } if accepts => Known::Accepted,
                    Known::Sent { .. } | Known::Accepted if !accepts || *known != Known::Accepted => Known::Answered,
                    _ => return Err(format!("connection {conn} is answered {id} once more: {payload}")),
                };
                Ok(())
            }
            What::Flushed => {
                self.flushed.push(conn);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn end(&self) -> Result<(), String> {
        for ((conn, id), known) in &self.requests {
            if *known != Known::Answered && self.flushed.contains(conn) {
                return Err(format!("{id} of connection {conn}, which is whole to the end, is never answered"));
            }
        }
        Ok(())
    }
}
