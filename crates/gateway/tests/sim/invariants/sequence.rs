//! Events come in order and without a gap.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::Invariant;
use crate::history::{Entry, What};

/// `seq` counts the events of each connection from 1 on. The challenge comes before there is a connection to count for.
#[derive(Default)]
pub(super) struct Numbers(HashMap<u32, u64>);

impl Invariant for Numbers {
    fn note(&mut self, _: usize, entry: &Entry) -> Result<(), String> {
        let What::Event { name, seq, .. } = &entry.what else { return Ok(()) };
        if name == "connect.challenge" {
            return seq.map_or(Ok(()), |seq| Err(format!("the challenge has the number {seq}")));
        }
        let last = self.0.entry(entry.conn).or_default();
        let expected = *last + 1;
        if *seq != Some(expected) {
            return Err(format!("{name} on connection {} has the number {seq:?}, not {expected}", entry.conn));
        }
        *last = expected;
        Ok(())
    }
}

/// Connections that belong together: one that resumes goes on with the events of another.
#[derive(Default)]
pub(super) struct Streams(HashMap<u32, u32>);

impl Streams {
    /// Learns from an entry; on which stream it is.
    pub(super) fn of(&mut self, entry: &Entry) -> u32 {
        if let What::Hello { resumes: Some(before), .. } = &entry.what {
            let first = self.0.get(before).copied().unwrap_or(*before);
            self.0.insert(entry.conn, first);
        }
        self.0.get(&entry.conn).copied().unwrap_or(entry.conn)
    }
}

/// The lines of a session that somebody follows, over all connections of one stream: each comes once, and when everything has come
/// none is missing between the first and the last. Lines that are kept at the same moment may be told in another order.
#[derive(Default)]
pub(super) struct Messages {
    streams: Streams,
    lines: HashMap<(u32, String), BTreeSet<u64>>,
    texts: HashSet<(u32, String)>,
}

impl Invariant for Messages {
    fn note(&mut self, _: usize, entry: &Entry) -> Result<(), String> {
        let stream = self.streams.of(entry);
        if matches!(entry.what, What::Flushed) {
            return self.whole(stream);
        }
        let What::Event { name, payload, .. } = &entry.what else { return Ok(()) };
        if name != "session.message" {
            return Ok(());
        }
        let (Some(key), Some(number)) = (payload["sessionKey"].as_str(), payload["messageSeq"].as_u64()) else {
            return Err(format!("session.message names no session or no number: {payload}"));
        };
        if !self.lines.entry((stream, key.to_owned())).or_default().insert(number) {
            return Err(format!("on stream {stream}, line {number} of {key} is told twice"));
        }
        if !self.texts.insert((stream, format!("{key} {}", payload["message"]))) {
            return Err(format!("on stream {stream}, a line of {key} is told twice: {}", payload["message"]));
        }
        Ok(())
    }
}

impl Messages {
    fn whole(&self, stream: u32) -> Result<(), String> {
        for ((_, key), lines) in self.lines.iter().filter(|((of, _), _)| *of == stream) {
            let (first, last) = (lines.first().copied().unwrap_or(0), lines.last().copied().unwrap_or(0));
            if let Some(missing) = (first..=last).find(|number| !lines.contains(number)) {
                return Err(format!(
                    "on stream {stream}, line {missing} of {key} is missing between {first} and {last}"
                ));
            }
        }
        Ok(())
    }
}
