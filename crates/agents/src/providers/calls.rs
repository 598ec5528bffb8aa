//! What the decoders share: the tool calls of one answer, and lenient readings of what all wires have.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::provider::{Delta, Usage};

/// Gives each call an index from 0 and ends those that the wire leaves open.
#[derive(Default)]
pub(super) struct Calls {
    open: BTreeMap<u64, Open>,
    /// How many calls there were.
    pub(super) count: u32,
}

struct Open {
    index: u32,
    id: String,
    any_arguments: bool,
}

impl Calls {
    /// A call begins under the wire's own key.
    pub(super) fn start(&mut self, key: u64, id: String, name: &str, out: &mut Vec<Delta>) {
        self.end(key, out);
        let index = self.count;
        self.count += 1;
        self.open.insert(key, Open { index, id: id.clone(), any_arguments: false });
        out.push(Delta::ToolStart { index, id, name: name.into() });
    }

    /// More arguments for an open call; others are passed over.
    pub(super) fn arguments(&mut self, key: u64, json: &str, out: &mut Vec<Delta>) {
        if let Some(open) = self.open.get_mut(&key).filter(|_| !json.is_empty()) {
            open.any_arguments = true;
            out.push(Delta::ToolArgs { index: open.index, json: json.into() });
        }
    }

    /// The id of the open call under this key.
    pub(super) fn open_id(&self, key: u64) -> Option<&str> {
        self.open.get(&key).map(|open| open.id.as_str())
    }

    /// Whether the call is open and has no arguments yet.
    pub(super) fn lacks_arguments(&self, key: u64) -> bool {
        self.open.get(&key).is_some_and(|open| !open.any_arguments)
    }

    pub(super) fn end(&mut self, key: u64, out: &mut Vec<Delta>) {
        if let Some(open) = self.open.remove(&key) {
            out.push(Delta::ToolEnd { index: open.index });
        }
    }

    pub(super) fn end_all(&mut self, out: &mut Vec<Delta>) {
        for open in std::mem::take(&mut self.open).into_values() {
            out.push(Delta::ToolEnd { index: open.index });
        }
    }

    /// A call that comes in one piece. Without an id it gets one from the answer's own name, so that calls of
    /// different turns do not share it.
    pub(super) fn whole(&mut self, answer: &str, id: &Value, name: &str, args: &Value, out: &mut Vec<Delta>) {
        let id = word(id).map_or_else(|| made_up(answer, self.count), str::to_owned);
        let key = u64::from(self.count);
        self.start(key, id, name, out);
        if !args.is_null() {
            self.arguments(key, &args.as_str().map_or_else(|| args.to_string(), str::to_owned), out);
        }
        self.end(key, out);
    }
}

const MADE_UP: &str = "call_made_";

fn made_up(answer: &str, count: u32) -> String {
    let answer: String = answer.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
    format!("{MADE_UP}{answer}_{count}")
}

/// The id for a call that came without one.
pub(super) fn id_or_made_up(id: &Value, answer: &str, count: u32) -> String {
    word(id).map_or_else(|| made_up(answer, count), str::to_owned)
}

/// Whether the vendor has never seen this id.
pub(super) fn is_made_up(id: &str) -> bool {
    id.starts_with(MADE_UP)
}

/// A text that says something.
pub(super) fn word(value: &Value) -> Option<&str> {
    value.as_str().filter(|text| !text.is_empty())
}

/// A count; 0 when absent.
pub(super) fn count(value: &Value) -> u64 {
    value.as_u64().unwrap_or(0)
}

/// More of the answer, when this is a text that says something.
pub(super) fn text_delta(value: &Value) -> Option<Delta> {
    word(value).map(|text| Delta::Text(text.into()))
}

/// More of the thought, likewise.
pub(super) fn thinking_delta(value: &Value) -> Option<Delta> {
    word(value).map(|text| Delta::Thinking(text.into()))
}

/// Usage where the counts are totals under these two names, with `<name>_details` beside them for what was read from the
/// cache and for what was thought.
pub(super) fn usage(usage: &Value, input: &str, output: &str) -> Option<Usage> {
    let details = |name: &str| &usage[format!("{name}_details")];
    let cache_read = count(&details(input)["cached_tokens"]);
    Some(Usage {
        input: usage[input].as_u64()?.saturating_sub(cache_read),
        output: count(&usage[output]),
        cache_read,
        cache_write: 0,
        reasoning: count(&details(output)["reasoning_tokens"]),
    })
}
