//! What turns of agents used.

use std::ops::AddAssign;

use openclaw_protocol::{AgentId, SessionKey};

/// What one turn used. Tokens are counted, costs are in US dollars.
#[derive(Clone, Debug, PartialEq)]
pub struct UsedTurn {
    /// When it ended, milliseconds since the epoch.
    pub ts: i64,
    /// Where it ran.
    pub session_key: SessionKey,
    /// Whose conversation that is.
    pub agent_id: AgentId,
    /// The model that answered, or was asked last: its provider.
    pub provider: String,
    /// Its id, without the provider.
    pub model: String,
    /// What it used. `runs` is 1.
    pub sums: Used,
}

/// What turns used together.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Used {
    /// Turns.
    pub runs: u64,
    /// Tokens sent, without those read from or written to a cache.
    pub input: u64,
    /// Tokens produced.
    pub output: u64,
    /// Tokens read from a cache.
    pub cache_read: u64,
    /// Tokens written to a cache.
    pub cache_write: u64,
    /// All of them.
    pub total: u64,
    /// US dollars, for turns whose model has a known price.
    pub cost: f64,
    /// Turns whose model has no known price.
    pub unpriced: u64,
    /// Of the cost: what was sent. What attempts cost that failed counts here.
    pub cost_input: f64,
    /// Of the cost: what was produced.
    pub cost_output: f64,
    /// Of the cost: what was read from a cache.
    pub cost_cache_read: f64,
    /// Of the cost: what was written to a cache.
    pub cost_cache_write: f64,
    /// Milliseconds from the beginnings to the ends.
    pub duration_ms: u64,
    /// The longest of them.
    pub longest_ms: u64,
    /// The shortest of them.
    pub shortest_ms: u64,
    /// Messages of people.
    pub asked: u64,
    /// Messages of agents.
    pub answered: u64,
    /// Turns that ended with an error.
    pub failed: u64,
}

impl AddAssign<&Self> for Used {
    fn add_assign(&mut self, more: &Self) {
        if more.runs == 0 {
            return;
        }
        self.shortest_ms = if self.runs == 0 { more.shortest_ms } else { self.shortest_ms.min(more.shortest_ms) };
        self.longest_ms = self.longest_ms.max(more.longest_ms);
        self.runs += more.runs;
        self.input += more.input;
        self.output += more.output;
        self.cache_read += more.cache_read;
        self.cache_write += more.cache_write;
        self.total += more.total;
        self.cost += more.cost;
        self.unpriced += more.unpriced;
        self.cost_input += more.cost_input;
        self.cost_output += more.cost_output;
        self.cost_cache_read += more.cost_cache_read;
        self.cost_cache_write += more.cost_cache_write;
        self.duration_ms += more.duration_ms;
        self.asked += more.asked;
        self.answered += more.answered;
        self.failed += more.failed;
    }
}
