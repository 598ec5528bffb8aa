//! Events of scheduled work.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

/// Something became of a scheduled job (PROTOCOL §7).
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CronEvent {
    /// Which job.
    pub job_id: String,
    /// `added`, `updated`, `removed`, `started` or `finished`.
    pub action: &'static str,
    /// The job as `cron.list` shows it; absent when it is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job: Option<Arc<Value>>,
    /// When it is due next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_run_at_ms: Option<i64>,
    /// Which run began or ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_id: Option<String>,
    /// How it ended: `ok`, `error` or `skipped`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<&'static str>,
    /// The beginning of what was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// What went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// When it began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_at_ms: Option<i64>,
    /// How long it took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<i64>,
    /// Where it ran.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_key: Option<String>,
}

/// What came of an agent's regular look; `last-heartbeat` answers the same.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Heartbeat {
    /// When it ended.
    pub ts: i64,
    /// `sent`, `ok-empty`, `ok-token`, `skipped` or `failed`.
    pub status: &'static str,
    /// Why it was skipped or failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Session that was told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The beginning of what was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preview: Option<String>,
    /// How long it took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<i64>,
}
