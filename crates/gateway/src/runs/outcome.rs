//! What came of a run, as its row keeps it and as `agent` and `agent.wait` tell it.

use openclaw_agents::{ModelRef, Usage, failover::Attempted};
use openclaw_core::record::Run;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What came of a run. Rows of runs that never began hold less, so everything has a default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct RunOutcome {
    /// `ok`, `aborted`, `timeout` or `error`.
    pub(crate) status: String,
    /// What the model said, all of it or as far as it came.
    pub(crate) text: String,
    /// Why it stopped.
    pub(crate) stop_reason: Option<String>,
    /// What went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
    /// From the beginning to the end.
    pub(crate) duration_ms: u64,
    /// From the beginning to the first word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ttft_ms: Option<u64>,
    /// The model that answered, or was asked last.
    pub(crate) provider: String,
    /// Its id, without the provider.
    pub(crate) model: String,
    /// The model that was to answer.
    pub(crate) requested: NamedModel,
    /// Over all attempts.
    pub(crate) usage: Tokens,
    /// Of the last attempt alone: what the conversation has come to.
    pub(crate) last_call_usage: Tokens,
    /// How often a model was asked.
    pub(crate) attempts: u32,
    /// Attempts that failed, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) failed_attempts: Vec<FailedAttempt>,
    /// The trace that the request belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) trace_id: Option<String>,
}

/// A model by its two halves.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct NamedModel {
    pub(crate) provider: String,
    pub(crate) model: String,
}

impl From<&ModelRef> for NamedModel {
    fn from(model: &ModelRef) -> Self {
        Self { provider: model.provider.clone(), model: model.model.clone() }
    }
}

/// Tokens as messages and replies show them. `output` includes `reasoning`; both totals are the same figure under the
/// two names that clients read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Tokens {
    input: u64,
    output: u64,
    cache_read: u64,
    cache_write: u64,
    #[serde(skip_serializing_if = "is_zero")]
    reasoning: u64,
    total_tokens: u64,
    total: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<Cost>,
}

/// US dollars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct Cost {
    pub(crate) total: f64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl Tokens {
    pub(crate) fn of(usage: &Usage, cost: Option<f64>) -> Self {
        Self {
            input: usage.input,
            output: usage.output,
            cache_read: usage.cache_read,
            cache_write: usage.cache_write,
            reasoning: usage.reasoning,
            total_tokens: usage.total(),
            total: usage.total(),
            cost: cost.map(|total| Cost { total }),
        }
    }

    /// What it cost in US dollars, when the prices are known.
    pub(crate) fn cost(&self) -> Option<f64> {
        self.cost.map(|cost| cost.total)
    }

    /// Tokens that the model wrote.
    pub(crate) fn output(&self) -> u64 {
        self.output
    }

    /// Tokens that the model had read before.
    pub(crate) fn cached(&self) -> u64 {
        self.cache_read
    }

    /// Tokens that the model thought, part of those it wrote.
    pub(crate) fn reasoning(&self) -> u64 {
        self.reasoning
    }

    /// Tokens read and written.
    pub(crate) fn read_and_written(&self) -> (u64, u64) {
        (self.prompt(), self.output)
    }

    /// Tokens that the model read.
    pub(crate) fn prompt(&self) -> u64 {
        self.total.saturating_sub(self.output)
    }
}

/// An attempt that failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FailedAttempt {
    provider: String,
    model: String,
    /// Which of the provider's keys, from 1, when it has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<usize>,
    reason: String,
    error: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cooldown_until: Option<i64>,
}

impl From<&Attempted> for FailedAttempt {
    fn from(attempted: &Attempted) -> Self {
        Self {
            provider: attempted.model.provider.clone(),
            model: attempted.model.model.clone(),
            key: attempted.key,
            reason: attempted.reason.word().to_owned(),
            error: attempted.error.to_string(),
            cooldown_until: attempted.cooldown_until,
        }
    }
}

impl RunOutcome {
    /// What the row of a run that ended holds; nothing but defaults when it holds nothing.
    pub(crate) fn of(run: &Run) -> Self {
        let kept = run.outcome.as_ref().filter(|_| run.state.ended());
        kept.and_then(|kept| Self::deserialize(kept).ok()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_older_rows_hold_is_read() {
        let old = json!({ "status": "error", "error": "gone", "input": { "role": "user" }, "provider": "p", "model": "m",
            "usage": { "input": 1, "output": 2, "cacheRead": 0, "cacheWrite": 0, "totalTokens": 3, "total": 3, "cost": { "total": 0.5 } } });
        let read = RunOutcome::deserialize(&old).unwrap();
        assert_eq!((read.error.as_deref(), read.usage.cost(), read.attempts), (Some("gone"), Some(0.5), 0));
    }
}
