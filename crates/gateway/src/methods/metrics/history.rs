//! `metrics.history`: how busy the gateway was, over an hour or a day.

use crate::{
    history::{Columns, Step},
    methods::prelude::*,
};

params! {
    /// Since when, and how fine.
    {
        /// Milliseconds since the epoch; when absent as far back as the step is kept.
        #[serde(default)]
        since: Option<i64>,
        /// Seconds of one sample: 10 (kept for an hour) or 60 (kept for a day). When absent the finest that reaches back so far.
        #[serde(default)]
        step: Option<i64>,
    } understood {}
}

/// Figures over time. They are kept in memory alone, so that there is none from before the start.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    /// When it was asked for, by the gateway's clock.
    ts: i64,
    /// When this gateway started.
    started_at: i64,
    /// Since when it was asked.
    since: i64,
    /// Milliseconds from one sample to the next.
    step_ms: i64,
    samples: Columns,
}

pub(crate) struct History;

impl Method for History {
    const NAME: &'static str = "metrics.history";
    const ABOUT: &'static str = "Connections, requests, latency, memory, tokens and cost over the last hour or day.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let (state, ts) = (call.state(), call.now_ms());
        let step = match params.step {
            None => params.since.map_or(Step::Fine, |since| Step::fitting(since, ts)),
            Some(seconds) => Step::from_seconds(seconds).ok_or_else(|| {
                let text = format!("invalid metrics.history params: step: {seconds} is neither 10 nor 60 seconds");
                WireError::params(text).with("path", "step")
            })?,
        };
        let since = params.since.unwrap_or(ts - step.kept_ms());
        let started_at = ts.saturating_sub_unsigned(state.uptime_ms());
        Ok(Reply { ts, started_at, since, step_ms: step.ms(), samples: state.history.since(since, step) })
    }
}
