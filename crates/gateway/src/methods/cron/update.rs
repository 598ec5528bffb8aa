//! `cron.update`: changes a job.

use openclaw_core::cron::{Job, Payload, Target};

use super::{
    add::put,
    asked::{AskedDelivery, AskedPayload, AskedSchedule, Place, find, named},
};
use crate::{cron, methods::prelude::*};

params! {
    /// Which job, and what to change.
    {
        /// Which job.
        #[serde(default)]
        id: Option<String>,
        /// The same.
        #[serde(default)]
        job_id: Option<String>,
        /// What to change: absent leaves, `null` clears.
        patch: Patch,
        /// Refuse when the job's `configRevision` is another one.
        #[serde(default)]
        expected_config_revision: Option<String>,
    } understood {}
}

/// What to change in a job.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Patch {
    #[serde(default)]
    name: Option<String>,
    #[serde(default, deserialize_with = "clearable")]
    display_name: Option<Option<String>>,
    #[serde(default, deserialize_with = "clearable")]
    description: Option<Option<String>>,
    #[serde(default, deserialize_with = "clearable")]
    agent_id: Option<Option<AgentId>>,
    #[serde(default, deserialize_with = "clearable")]
    session_key: Option<Option<SessionKey>>,
    #[serde(default)]
    enabled: Option<bool>,
    #[serde(default)]
    delete_after_run: Option<bool>,
    #[serde(default)]
    schedule: Option<AskedSchedule>,
    #[serde(default)]
    session_target: Option<String>,
    #[serde(default)]
    wake_mode: Option<String>,
    #[serde(default)]
    payload: Option<AskedPayload>,
    #[serde(default)]
    delivery: Option<AskedDelivery>,
    /// Not available.
    #[serde(default)]
    pacing: Option<Value>,
    /// Not available.
    #[serde(default)]
    trigger: Option<Value>,
    /// Not available, but for `false`.
    #[serde(default)]
    failure_alert: Option<Value>,
    /// What came of a job is not for callers to say.
    #[serde(default)]
    #[expect(dead_code, reason = "clients send back what they were shown")]
    state: Option<Value>,
}

pub(crate) struct Update;

impl Method for Update {
    const NAME: &'static str = "cron.update";
    const ABOUT: &'static str = "Changes a job; what is not named stays.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::Change("cron.updated");
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = cron::JobRow;

    async fn call(call: Call, params: Params) -> Result<cron::JobRow, WireError> {
        let id = named(Self::NAME, params.id, params.job_id)?;
        let state = call.state();
        let before = find(&call, &id).await?;
        let revision = cron::revision(&before);
        if params.expected_config_revision.is_some_and(|expected| expected != revision) {
            let text = "the job was changed meanwhile; read it again and repeat the change";
            return Err(WireError::invalid(detail::CONFLICT, text).with("currentConfigRevision", revision));
        }
        let over = Some(before.revision);
        let job = put(&call, patched(&call, &before, params.patch)?, over, "cron.updated", Self::NAME).await?;
        cron::publish(state, "updated", job.id, Some(&job), None);
        Ok(cron::job_row(state, &job))
    }
}

fn patched(call: &Call, before: &Job, patch: Patch) -> Result<Job, WireError> {
    let (place, now) = (Place { method: Update::NAME, at: "patch." }, call.now_ms());
    let set = |value: &Option<Value>| value.as_ref().is_some_and(|value| !value.is_null());
    if set(&patch.pacing) {
        return Err(fault::not_yet("letting a job choose its own pace (pacing)").with("path", "params.patch.pacing"));
    }
    if set(&patch.trigger) {
        return Err(fault::not_yet("conditions of jobs (trigger)").with("path", "params.patch.trigger"));
    }
    if patch.failure_alert.as_ref().is_some_and(|alert| !alert.is_null() && *alert != Value::Bool(false)) {
        return Err(fault::not_yet("alerts about failed jobs (failureAlert)").with("path", "params.patch.failureAlert"));
    }
    let mut job = before.clone();
    if let Some(name) = patch.name {
        place.name("name", &name)?;
        job.name = name.trim().to_owned();
    }
    if let Some(name) = patch.display_name {
        if let Some(name) = &name {
            place.name("displayName", name)?;
        }
        job.display_name = name;
    }
    if let Some(text) = patch.description {
        if let Some(text) = &text {
            place.description(text)?;
        }
        job.description = text.filter(|text| !text.trim().is_empty());
    }
    if let Some(agent) = patch.agent_id {
        job.agent_id = agent;
    }
    if let Some(key) = patch.session_key {
        job.session_key = key;
    }
    if let Some(delete) = patch.delete_after_run {
        job.delete_after_run = delete;
    }
    if let Some(asked) = &patch.schedule {
        job.schedule = place.schedule(asked, now)?;
    }
    if let Some(asked) = patch.payload {
        job.payload = place.payload(asked, Some(&before.payload))?;
    }
    if let Some(word) = &patch.session_target {
        job.target = place.target(word, job.session_key.as_ref())?;
    } else if std::mem::discriminant(&job.payload) != std::mem::discriminant(&before.payload) {
        // Another kind of payload needs another place, which follows from it.
        job.target = match job.payload {
            Payload::SystemEvent { .. } => Target::Main,
            Payload::AgentTurn { .. } => Target::Isolated,
        };
    }
    if let Some(word) = &patch.wake_mode {
        job.wake = place.wake(word)?;
    }
    if let Some(asked) = patch.delivery {
        job.delivery = Some(place.delivery(asked, before.delivery.as_ref())?);
    }
    let enabled_before = job.enabled;
    job.enabled = patch.enabled.unwrap_or(job.enabled);
    job.updated_at = now.max(before.updated_at);
    // A job that keeps its schedule keeps its next time, so that changing its name makes no run come twice or never.
    if job.schedule == before.schedule && job.enabled == enabled_before {
        let planned = before.state.next_at;
        let mut checked = job.clone();
        checked.enabled = false;
        place.plan(call.state(), &mut checked, now)?;
        job.state.next_at = planned;
    } else {
        place.plan(call.state(), &mut job, now)?;
        job.state.activated_at = Some(now);
    }
    Ok(job)
}
