//! `cron.add`: schedules a job.

use openclaw_core::cron::{Delivery, DeliveryMode, Job, JobState, Target};
use openclaw_store::{
    Change, Outcome, Transaction,
    cron::{CronChange, CronOutcome},
};

use super::asked::{AskedDelivery, AskedPayload, AskedSchedule, Place};
use crate::{cron, methods::prelude::*};

params! {
    /// The job.
    {
        /// Name for people, at most 200 bytes.
        name: String,
        /// What lists show instead of the name.
        #[serde(default)]
        display_name: Option<String>,
        /// For people.
        #[serde(default)]
        description: Option<String>,
        /// Whose work it is. Default: the default agent's.
        #[serde(default)]
        agent_id: Option<AgentId>,
        /// Conversation that is told instead of the agent's main one, and that `current` means.
        #[serde(default)]
        session_key: Option<SessionKey>,
        /// Whether it runs by itself. Default true.
        #[serde(default)]
        enabled: Option<bool>,
        /// Whether it goes once it has run well. Default: for jobs that come once.
        #[serde(default)]
        delete_after_run: Option<bool>,
        /// When it is due.
        schedule: AskedSchedule,
        /// `main`, `isolated`, `current` or `session:<key>`. Default: as the payload needs.
        #[serde(default)]
        session_target: Option<String>,
        /// `now` or `next-heartbeat`. Default `now`.
        #[serde(default)]
        wake_mode: Option<String>,
        /// What it does.
        payload: AskedPayload,
        /// Where the result goes. Default: announced for agent turns.
        #[serde(default)]
        delivery: Option<AskedDelivery>,
        /// Not available.
        #[serde(default)]
        declaration_key: Option<String>,
        /// Not available.
        #[serde(default)]
        pacing: Option<Value>,
        /// Not available.
        #[serde(default)]
        trigger: Option<Value>,
        /// Not available, but for `false`.
        #[serde(default)]
        failure_alert: Option<Value>,
    } understood { owner }
}

pub(crate) struct Add;

impl Method for Add {
    const NAME: &'static str = "cron.add";
    const ABOUT: &'static str = "Schedules a job: once, at intervals, or by the calendar of a time zone.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::Change("cron.added");
    const REPEAT: Repeat = Repeat::Fresh;
    type Params = Params;
    type Reply = cron::JobRow;

    async fn call(call: Call, params: Params) -> Result<cron::JobRow, WireError> {
        let state = call.state();
        let (place, now) = (Place { method: Self::NAME, at: "" }, call.now_ms());
        later(&params)?;
        place.name("name", &params.name)?;
        if let Some(name) = &params.display_name {
            place.name("displayName", name)?;
        }
        if let Some(text) = &params.description {
            place.description(text)?;
        }
        let schedule = place.schedule(&params.schedule, now)?;
        let payload = place.payload(params.payload, None)?;
        let asks = matches!(payload, openclaw_core::cron::Payload::AgentTurn { .. });
        let target = match params.session_target.as_deref() {
            Some(word) => place.target(word, params.session_key.as_ref())?,
            None if asks => Target::Isolated,
            None => Target::Main,
        };
        let delivery = match params.delivery {
            Some(asked) => Some(place.delivery(asked, None)?),
            None if asks => Some(Delivery { mode: DeliveryMode::Announce, channel: None, best_effort: None }),
            None => None,
        };
        let mut job = Job {
            id: state.ids.uuid(),
            name: params.name.trim().to_owned(),
            display_name: params.display_name,
            description: params.description.filter(|text| !text.trim().is_empty()),
            agent_id: params.agent_id,
            session_key: params.session_key,
            enabled: params.enabled.unwrap_or(true),
            delete_after_run: params.delete_after_run.unwrap_or(schedule.kind() == "at"),
            created_at: now,
            updated_at: now,
            schedule,
            target,
            wake: params.wake_mode.as_deref().map_or(Ok(openclaw_core::cron::Wake::Now), |word| place.wake(word))?,
            payload,
            delivery,
            state: JobState::default(),
            revision: 0,
        };
        place.plan(state, &mut job, now)?;
        let job = put(&call, job, None, "cron.added", Self::NAME).await?;
        cron::publish(state, "added", job.id, Some(&job), None);
        let mut row = cron::job_row(state, &job);
        row.delivery_preview = Some(cron::preview(state, &job));
        Ok(row)
    }
}

/// Refuses what cannot be done yet, so that nobody counts on it.
fn later(params: &Params) -> Result<(), WireError> {
    let set = |value: &Option<Value>| value.as_ref().is_some_and(|value| !value.is_null());
    if params.declaration_key.is_some() {
        return Err(fault::not_yet("declaring jobs by a key (declarationKey)").with("path", "params.declarationKey"));
    }
    if set(&params.pacing) {
        return Err(fault::not_yet("letting a job choose its own pace (pacing)").with("path", "params.pacing"));
    }
    if set(&params.trigger) {
        return Err(fault::not_yet("conditions of jobs (trigger)").with("path", "params.trigger"));
    }
    if params.failure_alert.as_ref().is_some_and(|alert| !alert.is_null() && *alert != Value::Bool(false)) {
        return Err(fault::not_yet("alerts about failed jobs (failureAlert)").with("path", "params.failureAlert"));
    }
    Ok(())
}

/// Keeps a job and tells the owner. On stable storage when this returns.
pub(super) async fn put(
    call: &Call,
    job: Job,
    over: Option<i64>,
    event: &str,
    method: &'static str,
) -> Result<Job, WireError> {
    let state = call.state();
    let detail = json!({ "kind": job.schedule.kind(), "enabled": job.enabled, "revision": cron::revision(&job) });
    let audit = call.audit(event, method, Some(job.id.to_string()), detail);
    let changes = vec![Change::Cron(CronChange::Put { job: Box::new(job), over })];
    let written = state.store.write(Transaction { changes, audit, idempotency: None }).await;
    let committed = written.map_err(|error| fault::store(&error))?;
    match committed.outcomes.into_iter().next() {
        Some(Outcome::Cron(CronOutcome::Job(job))) => {
            let job = job.whole();
            state.cron.changed(job.id);
            Ok(job)
        }
        _ => Err(WireError::unavailable(detail::INTERNAL, "the store did not return the job")),
    }
}
