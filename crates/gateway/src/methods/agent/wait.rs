//! `agent.wait`: waits for the end of a run.

use std::time::Duration;

use crate::{methods::prelude::*, runs::RunOutcome, turn};

/// Longest wait, milliseconds.
const LONGEST_MS: u64 = 24 * 60 * 60 * 1000;

params! {
    /// For which run, and how long.
    {
        /// Which run.
        run_id: RunId,
        /// Milliseconds; 30,000 when absent.
        #[serde(default)]
        timeout_ms: Option<u64>,
    } understood {}
}

pub(crate) struct Wait;

impl Method for Wait {
    const NAME: &'static str = "agent.wait";
    const ABOUT: &'static str = "Waits for the end of a run; status timeout when it has not ended by then.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    const WAITS: bool = true;
    type Params = Params;
    type Reply = Value;

    async fn call(call: Call, params: Params) -> Result<Value, WireError> {
        let timeout = Duration::from_millis(params.timeout_ms.unwrap_or(30_000).min(LONGEST_MS));
        let Some(run) = turn::ended(&call, &params.run_id, Some(timeout)).await? else {
            return Ok(json!({ "runId": params.run_id, "status": "timeout" }));
        };
        let mut reply = json!({
            "runId": params.run_id, "status": turn::status_word(&run), "startedAt": run.started_at, "endedAt": run.ended_at,
        });
        if let Some(meta) = turn::meta(&run) {
            reply["meta"] = json!(meta);
        }
        if turn::status_word(&run) == "ok" {
            let outcome = RunOutcome::of(&run);
            reply["text"] = json!(outcome.text);
            reply["stopReason"] = json!(outcome.stop_reason);
        } else {
            reply["error"] = json!(turn::error_text(&run));
            reply["stopReason"] = json!(run.state.as_str());
        }
        Ok(reply)
    }
}
