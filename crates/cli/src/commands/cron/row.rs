//! Jobs as the gateway tells them, as far as they are shown.

use openclaw_client::Connection;
use openclaw_core::cron::{Schedule, Zones, spoken};
use serde::{Deserialize, Serialize};

use super::LIST;
use crate::{
    ask::{Answer, ask},
    failure::Failure,
    ids::{self, Candidate},
    output::{Text, Tone},
    show,
};

/// A job.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Job {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) display_name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) enabled: bool,
    pub(super) delete_after_run: Option<bool>,
    pub(super) created_at_ms: Option<i64>,
    pub(super) updated_at_ms: Option<i64>,
    pub(super) schedule: Option<Schedule>,
    pub(super) session_target: String,
    pub(super) session_key: Option<String>,
    pub(super) wake_mode: String,
    pub(super) payload: Payload,
    pub(super) delivery: Delivery,
    pub(super) state: State,
    pub(super) agent_id: Option<String>,
    pub(super) effective_agent_id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Payload {
    pub(super) kind: String,
    pub(super) text: Option<String>,
    pub(super) message: Option<String>,
    pub(super) model: Option<String>,
    pub(super) thinking: Option<String>,
    pub(super) timeout_seconds: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Delivery {
    pub(super) mode: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct State {
    pub(super) next_run_at_ms: Option<i64>,
    pub(super) running_at_ms: Option<i64>,
    pub(super) last_run_at_ms: Option<i64>,
    pub(super) last_run_status: Option<String>,
    pub(super) last_error: Option<String>,
    pub(super) last_duration_ms: Option<i64>,
    pub(super) consecutive_errors: u64,
}

/// The reply of `cron.status`, as far as it is shown.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Status {
    pub(super) enabled: bool,
    pub(super) jobs: u64,
    pub(super) next_wake_at_ms: Option<i64>,
    pub(super) timezone: Option<String>,
}

/// The method takes nothing.
#[derive(Serialize)]
pub(super) struct Nothing {}

/// A page of `cron.list`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Page {
    pub(super) jobs: Vec<Job>,
    pub(super) total: u64,
    pub(super) has_more: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct All {
    include_disabled: bool,
    include_delivery_previews: bool,
}

/// The job that a word names: the first characters of its identifier, or its whole name.
pub(super) async fn find(gateway: &Connection, word: &str) -> Result<Job, Failure> {
    let all = All { include_disabled: true, include_delivery_previews: false };
    let page: Answer<Page> = ask(gateway, "cron.list", all).await?;
    let jobs = page.read.jobs;
    let candidate = |job: &Job| Candidate::new(&job.id, &job.name);
    let by_id: Vec<Candidate> =
        jobs.iter().filter(|job| !word.is_empty() && job.id.starts_with(word)).map(candidate).collect();
    let by_name = || jobs.iter().filter(|job| job.name.eq_ignore_ascii_case(word)).map(candidate).collect();
    let found = if by_id.is_empty() { by_name() } else { by_id };
    let id = ids::one(&found.iter().collect::<Vec<_>>(), word, "job", LIST)?.id.clone();
    let found = jobs.into_iter().find(|job| job.id == id);
    found.ok_or_else(|| Failure::usage("the job is gone").helped(LIST))
}

impl Job {
    /// What lists show.
    pub(super) fn shown_name(&self) -> &String {
        self.display_name.as_ref().unwrap_or(&self.name)
    }

    /// When it is due, in words.
    pub(super) fn when(&self, zone: Option<&str>) -> String {
        self.schedule.as_ref().map_or_else(|| "-".to_owned(), |schedule| spoken(schedule, &Zones::new(zone)))
    }

    /// When it is due next.
    pub(super) fn next(&self, now: i64) -> Text {
        match self.state.next_run_at_ms {
            Some(next) if next > now => format!("in {}", show::span(next - now)).into(),
            Some(_) => "now".into(),
            None => "-".into(),
        }
    }

    /// How it stands.
    pub(super) fn standing(&self) -> Text {
        match (self.state.running_at_ms, self.enabled, self.state.last_run_status.as_deref()) {
            (Some(_), ..) => Text::toned(Tone::Good, "running"),
            (None, false, _) => Text::toned(Tone::Faint, "disabled"),
            (None, true, Some("error")) if self.state.consecutive_errors > 1 => {
                Text::toned(Tone::Bad, format!("error ×{}", self.state.consecutive_errors))
            }
            (None, true, Some("error")) => Text::toned(Tone::Bad, "error"),
            (None, true, Some(word)) => word.into(),
            (None, true, None) => "idle".into(),
        }
    }
}

/// "every day at 09:00 Europe/Berlin; next in 3h 0m"
pub(super) fn preview(job: &Job, zone: Option<&str>, now: i64) -> String {
    match job.state.next_run_at_ms {
        Some(next) => format!("{}; next in {}", job.when(zone), show::span(next - now)),
        None => format!("{}; does not run by itself", job.when(zone)),
    }
}
