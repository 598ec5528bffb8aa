//! Jobs and their runs as clients see them (PROTOCOL §6.8, and the official schema).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use openclaw_core::cron::{
    Delivery, DeliveryMode, DeliveryStatus, Job, JobState, Occurrence, OccurrenceState, Payload, Plan, Schedule,
    ScheduleError, Target, Wake, Zones,
};
use openclaw_protocol::{AgentId, SessionKey};
use schemars::JsonSchema;
use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{act, place};
use crate::state::State;

/// A job.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct JobRow {
    id: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_id: Option<AgentId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_key: Option<SessionKey>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    delete_after_run: Option<bool>,
    created_at_ms: i64,
    updated_at_ms: i64,
    /// Changes with what the job is, not with what comes of it.
    config_revision: String,
    schedule: Schedule,
    /// `main`, `isolated` or `session:<key>`.
    session_target: String,
    wake_mode: Wake,
    payload: Payload,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery: Option<Delivery>,
    state: StateRow,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_run_at_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_run_at_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_run_status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_run_error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_delivery_status: Option<DeliveryStatus>,
    /// The agent that does it; only in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) effective_agent_id: Option<AgentId>,
    /// What becomes of a result; only in the answer to `cron.add`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) delivery_preview: Option<Preview>,
}

/// What has come of a job so far.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct StateRow {
    #[serde(skip_serializing_if = "Option::is_none")]
    next_run_at_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    schedule_activated_at_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    running_at_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_run_at_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_run_status: Option<&'static str>,
    /// The same under its older name.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_duration_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_delivery_status: Option<DeliveryStatus>,
    #[serde(skip_serializing_if = "Option::is_none")]
    consecutive_errors: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    consecutive_skipped: Option<u64>,
}

impl StateRow {
    fn of(state: &JobState) -> Self {
        let status = state.last_state.and_then(OccurrenceState::status);
        let ran = state.last_state.is_some();
        Self {
            next_run_at_ms: state.due_at(),
            schedule_activated_at_ms: state.activated_at,
            running_at_ms: state.running_at,
            last_run_at_ms: state.last_run_at,
            last_run_status: status,
            last_status: status,
            last_error: state.last_error.clone(),
            last_duration_ms: state.last_duration_ms,
            last_delivery_status: state.last_delivery,
            consecutive_errors: ran.then_some(state.consecutive_errors),
            consecutive_skipped: ran.then_some(state.consecutive_skipped),
        }
    }
}

/// What becomes of a result, for people.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Preview {
    label: String,
    detail: String,
}

/// A job in a short list.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CompactRow {
    id: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_id: Option<AgentId>,
    updated_at_ms: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<String>,
    enabled: bool,
    next_run_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_run_at_ms: Option<i64>,
    schedule_kind: &'static str,
    schedule: Schedule,
    last_run_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_run_at_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_run_status: Option<&'static str>,
    effective_agent_id: AgentId,
}

/// A run that ended, or one that was not to be.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RunRow {
    /// When it ended.
    ts: i64,
    job_id: String,
    action: &'static str,
    /// `ok`, `error` or `skipped`.
    status: Option<&'static str>,
    completion_status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    run_id: String,
    run_at_ms: i64,
    duration_ms: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_run_at_ms: Option<i64>,
    delivery_status: DeliveryStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery_suppression_reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_key: Option<SessionKey>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<UsageRow>,
    job_name: String,
}

/// Tokens of a run.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "the names of the official schema")]
struct UsageRow {
    input_tokens: u64,
    output_tokens: u64,
    total_tokens: u64,
}

/// A job as clients see it.
pub(crate) fn job_row(state: &State, job: &Job) -> JobRow {
    let row = StateRow::of(&job.state);
    let _ = state;
    JobRow {
        id: job.id.to_string(),
        name: job.name.clone(),
        display_name: job.display_name.clone(),
        agent_id: job.agent_id.clone(),
        session_key: job.session_key.clone(),
        description: job.description.clone(),
        enabled: job.enabled,
        delete_after_run: Some(job.delete_after_run).filter(|delete| *delete || job.schedule.kind() == "at"),
        created_at_ms: job.created_at,
        updated_at_ms: job.updated_at,
        config_revision: revision(job),
        schedule: job.schedule.clone(),
        session_target: target(&job.target),
        wake_mode: job.wake,
        payload: job.payload.clone(),
        delivery: job.delivery.clone(),
        next_run_at_ms: row.next_run_at_ms,
        last_run_at_ms: row.last_run_at_ms,
        last_run_status: row.last_run_status,
        last_run_error: row.last_error.clone(),
        last_delivery_status: row.last_delivery_status,
        state: row,
        effective_agent_id: None,
        delivery_preview: None,
    }
}

fn target(target: &Target) -> String {
    match target {
        Target::Main => "main".to_owned(),
        Target::Isolated => "isolated".to_owned(),
        Target::Session(key) => format!("session:{key}"),
    }
}

/// What a job is, in one word: two jobs with the same are the same.
pub(crate) fn revision(job: &Job) -> String {
    let mut job = job.clone();
    job.updated_at = 0;
    let text = serde_json::to_vec(&job).unwrap_or_default();
    format!("sha256:{}", URL_SAFE_NO_PAD.encode(Sha256::digest(text)))
}

/// What becomes of a job's result.
pub(crate) fn preview(state: &State, job: &Job) -> Preview {
    match job.delivery.as_ref().map(|delivery| delivery.mode) {
        Some(DeliveryMode::Announce) => Preview {
            label: "announce -> session".to_owned(),
            detail: format!("told in {}", act::told_session(state, job)),
        },
        Some(DeliveryMode::None) | None => {
            Preview { label: "not requested".to_owned(), detail: "not requested".to_owned() }
        }
    }
}

/// A job in a short list.
pub(crate) fn compact(state: &State, job: &Job) -> CompactRow {
    let row = StateRow::of(&job.state);
    CompactRow {
        id: job.id.to_string(),
        name: job.name.clone(),
        agent_id: job.agent_id.clone(),
        updated_at_ms: job.updated_at,
        display_name: job.display_name.clone(),
        enabled: job.enabled,
        next_run_at: row.next_run_at_ms.and_then(iso),
        next_run_at_ms: row.next_run_at_ms,
        schedule_kind: job.schedule.kind(),
        schedule: job.schedule.clone(),
        last_run_at: row.last_run_at_ms.and_then(iso),
        last_run_at_ms: row.last_run_at_ms,
        last_run_status: row.last_run_status,
        effective_agent_id: act::agent_of(state, job),
    }
}

/// The agent that does a job.
pub(crate) fn effective_agent(state: &State, job: &Job) -> AgentId {
    act::agent_of(state, job)
}

fn iso(ms: i64) -> Option<String> {
    jiff::Timestamp::from_millisecond(ms).ok().map(|at| format!("{at:.3}"))
}

/// A run that ended.
pub(crate) fn entry(occurrence: &Occurrence) -> RunRow {
    let ended = &occurrence.ended;
    let ts = occurrence.ended_at.unwrap_or(occurrence.claimed_at);
    let began = match &occurrence.passed {
        Some(passed) => passed.first,
        None => occurrence.started_at.unwrap_or(occurrence.claimed_at),
    };
    let told = match ended.delivery {
        Some(DeliveryStatus::NotDelivered) => ended.suppressed.is_some(),
        Some(DeliveryStatus::Unknown) => false,
        _ => true,
    };
    RunRow {
        ts,
        job_id: occurrence.job_id.to_string(),
        action: "finished",
        status: occurrence.state.status(),
        completion_status: if occurrence.state == OccurrenceState::Ok && told { "succeeded" } else { "failed" },
        summary: ended.summary.clone(),
        error: ended.error.clone(),
        run_id: occurrence.run_id.clone(),
        run_at_ms: began,
        duration_ms: if occurrence.passed.is_some() { 0 } else { (ts - began).max(0) },
        next_run_at_ms: ended.next_at,
        delivery_status: ended.delivery.unwrap_or(DeliveryStatus::NotRequested),
        delivery_suppression_reason: ended.suppressed.clone(),
        session_key: ended.session_key.clone(),
        session_id: ended.session_id.map(|id| id.to_string()),
        provider: ended.provider.clone(),
        model: ended.model.clone(),
        usage: ended.tokens.map(|(read, written)| UsageRow {
            input_tokens: read,
            output_tokens: written,
            total_tokens: read + written,
        }),
        job_name: occurrence.job_name.clone(),
    }
}

/// The states that a client means by `ok`, `error` or `skipped`.
pub(crate) fn runs_states(status: &str) -> Vec<OccurrenceState> {
    OccurrenceState::ALL.into_iter().filter(|state| state.status() == Some(status)).collect()
}

/// Understands a schedule, for a job with this identifier.
pub(crate) fn checked_plan(zones: &Zones, job_id: Uuid, schedule: &Schedule) -> Result<Plan, ScheduleError> {
    Plan::new(schedule, zones, place(job_id))
}
