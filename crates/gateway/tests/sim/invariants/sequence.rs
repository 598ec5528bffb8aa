//! Events come in order and without a gap.

use std::collections::{HashMap, HashSet};

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

/// The lines of a session that somebody follows: `messageSeq` goes up by one, over all connections of one stream.
#[derive(Default)]
pub(super) struct Messages {
    streams: Streams,
    last: HashMap<(u32, String), u64>,
    texts: HashSet<(u32, String)>,
}

impl Invariant for Messages {
    fn note(&mut self, _: usize, entry: &Entry) -> Result<(), String> {
        let stream = self.streams.of(entry);
        let What::Event { name, payload, .. } = &entry.what else { return Ok(()) };
        if name != "session.message" {
            return Ok(());
        }
        let (Some(key), Some(number)) = (payload["sessionKey"].as_str(), payload["messageSeq"].as_u64()) else {
            return Err(format!("session.message names no session or no number: {payload}"));
        };
        let last = self.last.insert((stream, key.to_owned()), number);
        if let Some(last) = last.filter(|last| *last + 1 != number) {
            return Err(format!("on stream {stream}, line {number} of {key} follows line {last}"));
        }
        if !self.texts.insert((stream, format!("{key} {}", payload["message"]))) {
            return Err(format!("on stream {stream}, a line of {key} is told twice: {}", payload["message"]));
        }
        Ok(())
    }
}
