//! Once nothing is broken any more everybody is served, soon and from then on.

use std::collections::HashSet;

use super::Invariant;
use crate::history::{Entry, What};

/// How soon, simulated milliseconds.
const SOON_MS: u64 = 60_000;

#[derive(Default)]
pub(super) struct Served {
    mended: Option<(u64, usize)>,
    served: HashSet<usize>,
    flushed: HashSet<u32>,
    calm: bool,
}

impl Served {
    fn missing(&self, clients: usize) -> Option<usize> {
        (0..clients).find(|client| !self.served.contains(client))
    }
}

impl Invariant for Served {
    fn note(&mut self, _: usize, entry: &Entry) -> Result<(), String> {
        match &entry.what {
            What::Mended { clients } => self.mended = Some((entry.at_ms, *clients)),
            What::Served => {
                self.served.insert(entry.client);
                let late = self.mended.is_none_or(|(at_ms, _)| entry.at_ms > at_ms + SOON_MS);
                if late {
                    return Err(format!("client {} is served only at {} ms", entry.client, entry.at_ms));
                }
            }
            What::Calm => {
                self.calm = true;
                let clients = self.mended.map_or(0, |(_, clients)| clients);
                if let Some(client) = self.missing(clients) {
                    return Err(format!("client {client} is not served a minute after everything was mended"));
                }
            }
            What::Flushed => {
                self.flushed.insert(entry.conn);
            }
            What::Closed { why } if self.calm && !self.flushed.contains(&entry.conn) => {
                return Err(format!("connection {} ends in calm weather: {why}", entry.conn));
            }
            _ => {}
        }
        Ok(())
    }

    fn end(&self) -> Result<(), String> {
        if self.calm { Ok(()) } else { Err("the day has no end in calm weather".to_owned()) }
    }
}
