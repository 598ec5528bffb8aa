//! `cron.run`: runs a job now.

use std::time::Duration;

use openclaw_core::cron::{Job, Source};
use openclaw_store::{
    Change, Outcome, Transaction,
    cron::{Claim, CronChange, CronOutcome},
};
use tokio::time::{Instant, sleep};

use super::asked::{find, named, refuse};
use crate::methods::prelude::*;

/// How long a caller of dialect 3, which is told of the end, waits for it.
const WAIT: Duration = Duration::from_secs(25);
/// How often it is looked whether it has ended.
const LOOK: Duration = Duration::from_millis(50);

params! {
    /// Which job.
    {
        /// Which job.
        #[serde(default)]
        id: Option<String>,
        /// The same.
        #[serde(default)]
        job_id: Option<String>,
        /// `force` (the default), `due` for only when it is due, `if-enabled` for only when it runs by itself.
        #[serde(default)]
        mode: Option<String>,
        /// Refuse when the gateway has started again since it gave this word.
        #[serde(default)]
        expected_process_instance_id: Option<String>,
    } understood {}
}

/// Whether it runs.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    ok: bool,
    /// Whether it will run; absent when it will not.
    #[serde(skip_serializing_if = "Option::is_none")]
    enqueued: Option<bool>,
    /// In dialect 3 whether it has run; else false when it will not.
    #[serde(skip_serializing_if = "Option::is_none")]
    ran: Option<bool>,
    /// Why it will not: `not-due`, `already-running` or `disabled`.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// Names the run for `cron.runs`.
    #[serde(skip_serializing_if = "Option::is_none")]
    run_id: Option<String>,
    /// Names this start of the gateway.
    #[serde(skip_serializing_if = "Option::is_none")]
    process_instance_id: Option<String>,
}

impl Reply {
    fn not(reason: &'static str) -> Self {
        Self {
            ok: true,
            enqueued: None,
            ran: Some(false),
            reason: Some(reason),
            run_id: None,
            process_instance_id: None,
        }
    }
}

pub(crate) struct Run;

impl Method for Run {
    const NAME: &'static str = "cron.run";
    const ABOUT: &'static str = "Runs a job now, beside its schedule.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::Change("cron.run");
    const REPEAT: Repeat = Repeat::Fresh;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let state = call.state();
        let mode = params.mode.as_deref().unwrap_or("force");
        if !matches!(mode, "force" | "due" | "if-enabled") {
            return Err(refuse(Self::NAME, "mode", "must be due, force or if-enabled"));
        }
        if params.expected_process_instance_id.is_some_and(|expected| expected != state.boot_id) {
            let text = "the gateway was started again meanwhile; look at cron.runs before running the job again";
            return Err(WireError::invalid(detail::CONFLICT, text).with("processInstanceId", state.boot_id.as_str()));
        }
        let job = find(&call, &named(Self::NAME, params.id, params.job_id)?).await?;
        let now = call.now_ms();
        if mode == "due" && !(job.enabled && job.state.due_at().is_some_and(|due| due <= now)) {
            return Ok(Reply::not("not-due"));
        }
        if mode == "if-enabled" && !job.enabled {
            return Ok(Reply::not("disabled"));
        }
        let job_id = job.id;
        let open =
            state.store.read(move |reader| reader.cron_open_of(job_id)).await.map_err(|error| fault::store(&error))?;
        if !open.is_empty() {
            return Ok(Reply::not("already-running"));
        }
        let run_id = format!("manual:{}:{now}:{}", job.id, state.cron.ask());
        if !claimed(&call, &job, &run_id, now).await? {
            return Ok(Reply::not("already-running"));
        }
        state.cron.changed(job.id);
        let waits = call.dialect() == Dialect::V3;
        if waits {
            ended(&call, &run_id).await;
        }
        Ok(Reply {
            ok: true,
            enqueued: Some(true),
            ran: waits.then_some(true),
            reason: None,
            run_id: Some(run_id),
            process_instance_id: Some(state.boot_id.clone()),
        })
    }
}

/// Claims the run: on stable storage when this returns. False when one of this very time is there.
async fn claimed(call: &Call, job: &Job, run_id: &str, now: i64) -> Result<bool, WireError> {
    let claim = Claim {
        job_id: job.id,
        revision: job.revision,
        due_at: None,
        source: Source::Manual,
        run: vec![(now, run_id.to_owned())],
        passed: None,
        next_at: None,
        at: now,
    };
    let audit = call.audit("cron.run", Run::NAME, Some(job.id.to_string()), json!({ "runId": run_id }));
    let changes = vec![Change::Cron(CronChange::Claim(claim))];
    let written = call.state().store.write(Transaction { changes, audit, idempotency: None }).await;
    match written.map_err(|error| fault::store(&error))?.outcomes.into_iter().next() {
        Some(Outcome::Cron(CronOutcome::Claimed { run, .. })) => Ok(!run.is_empty()),
        _ => {
            let text = "the job was changed meanwhile; run it again";
            Err(WireError::invalid(detail::CONFLICT, text).retryable(Some(50)))
        }
    }
}

/// Waits for the end of a run, but not for ever.
async fn ended(call: &Call, run_id: &str) {
    let until = Instant::now() + WAIT;
    while Instant::now() < until {
        let name = run_id.to_owned();
        let read = call.state().store.read(move |reader| reader.cron_occurrence(&name)).await;
        if read.ok().flatten().is_some_and(|occurrence| occurrence.state.ended()) {
            return;
        }
        sleep(LOOK).await;
    }
}
