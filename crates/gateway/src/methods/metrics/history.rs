//! `metrics.history`: how busy the gateway was, over an hour or a day.

use crate::{
    history::{Columns, Step},
    methods::prelude::*,
};

params! {
    /// How far back, and how fine.
    {
        /// Milliseconds before now, by the gateway's clock, of which the caller's may be hours off; when absent as far back as the
        /// step is kept.
        #[serde(default)]
        last_ms: Option<i64>,
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
    /// Since when figures are told.
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
        let wrong = |path: &'static str, why: &str| WireError::params(format!("{path}: {why}")).with("path", path);
        let (state, ts) = (call.state(), call.now_ms());
        let step = match params.step {
            None => params.last_ms.map_or(Step::Fine, Step::fitting),
            Some(seconds) => Step::from_seconds(seconds)
                .ok_or_else(|| wrong("params.step", &format!("{seconds} is neither 10 nor 60 seconds")))?,
        };
        let back = params.last_ms.unwrap_or(step.kept_ms());
        if back < 1 {
            return Err(wrong(
                "params.lastMs",
                &format!("{back} is not a time before now; give at least 1 millisecond"),
            ));
        }
        let since = ts.saturating_sub(back);
        let started_at = ts.saturating_sub_unsigned(state.uptime_ms());
        Ok(Reply { ts, started_at, since, step_ms: step.ms(), samples: state.history.since(since, step) })
    }
}
