//! The fields of a job, for `add` and `edit`.

use clap::Args;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::when;
use crate::failure::Failure;

/// What a job is.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct Fields {
    /// Name for people
    #[arg(long, value_name = "TEXT")]
    pub(super) name: Option<String>,
    /// What lists show instead of the name
    #[arg(long, value_name = "TEXT")]
    pub(super) display_name: Option<String>,
    /// For people
    #[arg(long, value_name = "TEXT")]
    pub(super) description: Option<String>,
    /// Whose work it is [default: the default agent's]
    #[arg(long, value_name = "ID")]
    pub(super) agent: Option<String>,
    /// Where it runs: main, isolated, current or session:<key>
    #[arg(long, value_name = "TARGET")]
    pub(super) session: Option<String>,
    /// Conversation that is told instead of the main one
    #[arg(long, value_name = "KEY")]
    pub(super) session_key: Option<String>,
    /// Whether an event wakes the agent: now or next-heartbeat
    #[arg(long, value_name = "MODE")]
    pub(super) wake: Option<String>,

    /// Once: ISO 8601, or a time from now such as 20m
    #[arg(long, value_name = "WHEN", help_heading = "When", conflicts_with_all = ["every", "cron"])]
    pub(super) at: Option<String>,
    /// Again and again: 10m, 1h, 1d
    #[arg(long, value_name = "PERIOD", help_heading = "When", conflicts_with = "cron")]
    pub(super) every: Option<String>,
    /// By the calendar: five fields, or six with seconds first
    #[arg(long, value_name = "EXPRESSION", help_heading = "When")]
    pub(super) cron: Option<String>,
    /// Time zone of --cron, and of --at without an offset, such as Europe/Berlin
    #[arg(long, value_name = "ZONE", help_heading = "When")]
    pub(super) tz: Option<String>,
    /// Spread jobs of one time over this long
    #[arg(long, value_name = "PERIOD", help_heading = "When", conflicts_with = "exact")]
    pub(super) stagger: Option<String>,
    /// Do not spread
    #[arg(long, help_heading = "When")]
    pub(super) exact: bool,
    /// Remove it once it has run well
    #[arg(long, help_heading = "When", conflicts_with = "keep_after_run")]
    pub(super) delete_after_run: bool,
    /// Keep it after it has run
    #[arg(long, help_heading = "When")]
    pub(super) keep_after_run: bool,

    /// Ask the agent this
    #[arg(long, value_name = "TEXT", help_heading = "What", conflicts_with = "system_event")]
    pub(super) message: Option<String>,
    /// Tell the agent this in its main session
    #[arg(long, value_name = "TEXT", help_heading = "What")]
    pub(super) system_event: Option<String>,
    /// Model, as provider/model
    #[arg(long, value_name = "MODEL", help_heading = "What")]
    pub(super) model: Option<String>,
    /// Models that stand in for it, with commas; "" for none
    #[arg(long, value_name = "MODELS", help_heading = "What")]
    pub(super) fallbacks: Option<String>,
    /// How much the model thinks
    #[arg(long, value_name = "LEVEL", help_heading = "What")]
    pub(super) thinking: Option<String>,
    /// Longest run, in seconds; 0 for no bound of its own
    #[arg(long, value_name = "SECONDS", help_heading = "What")]
    pub(super) timeout_seconds: Option<u64>,

    /// Tell the result in the main session
    #[arg(long, help_heading = "Result", alias = "deliver", conflicts_with = "no_deliver")]
    pub(super) announce: bool,
    /// Keep the result in the history only
    #[arg(long, help_heading = "Result")]
    pub(super) no_deliver: bool,
    /// Tell the result in this channel
    #[arg(long, value_name = "CHANNEL", help_heading = "Result")]
    pub(super) channel: Option<String>,
    /// Tell the result to this address of the channel
    #[arg(long, value_name = "ADDRESS", help_heading = "Result")]
    pub(super) to: Option<String>,
    /// Count the job as done even when the result could not be told
    #[arg(long, help_heading = "Result")]
    pub(super) best_effort_deliver: bool,
}

impl Fields {
    /// The schedule, when one is named.
    pub(super) fn schedule(&self) -> Result<Option<Value>, Failure> {
        let of_cron = self.stagger.is_some() || self.exact;
        if of_cron && self.cron.is_none() {
            return Err(Failure::usage("--stagger and --exact belong to --cron"));
        }
        if self.tz.is_some() && self.every.is_some() {
            return Err(Failure::usage("--tz does not belong to --every"));
        }
        if let Some(at) = &self.at {
            return Ok(Some(json!({ "kind": "at", "at": when::moment(at, self.tz.as_deref())? })));
        }
        if let Some(every) = &self.every {
            let ms = when::period(every).ok_or_else(|| {
                Failure::usage(format!("--every {every} is no length of time")).helped("for example --every 10m")
            })?;
            return Ok(Some(json!({ "kind": "every", "everyMs": ms })));
        }
        let Some(expr) = &self.cron else {
            let refused = || Failure::usage("--tz belongs to --cron, or to --at without an offset");
            return if self.tz.is_some() { Err(refused()) } else { Ok(None) };
        };
        let mut schedule = json!({ "kind": "cron", "expr": expr });
        if let Some(tz) = &self.tz {
            schedule["tz"] = json!(tz);
        }
        if self.exact {
            schedule["staggerMs"] = json!(0);
        } else if let Some(stagger) = &self.stagger {
            let ms = when::period(stagger)
                .ok_or_else(|| Failure::usage(format!("--stagger {stagger} is no length of time")))?;
            schedule["staggerMs"] = json!(ms);
        }
        Ok(Some(schedule))
    }

    /// The payload, when anything of it is named.
    pub(super) fn payload(&self) -> Option<Value> {
        if let Some(text) = &self.system_event {
            return Some(json!({ "kind": "systemEvent", "text": text }));
        }
        let mut payload = Map::new();
        let mut set =
            |name: &str, value: Option<Value>| drop(value.map(|value| payload.insert(name.to_owned(), value)));
        set("message", self.message.as_ref().map(|text| json!(text)));
        set("model", self.model.as_ref().map(|model| if model.is_empty() { Value::Null } else { json!(model) }));
        set(
            "fallbacks",
            self.fallbacks.as_ref().map(|list| {
                json!(list.split(',').map(str::trim).filter(|model| !model.is_empty()).collect::<Vec<_>>())
            }),
        );
        set("thinking", self.thinking.as_ref().map(|level| if level.is_empty() { Value::Null } else { json!(level) }));
        set("timeoutSeconds", self.timeout_seconds.map(|seconds| json!(seconds)));
        if payload.is_empty() {
            return None;
        }
        payload.insert("kind".to_owned(), json!("agentTurn"));
        Some(Value::Object(payload))
    }

    /// Where the result goes, when that is named.
    pub(super) fn delivery(&self) -> Option<Value> {
        let mut delivery = Map::new();
        let to_channel = self.channel.is_some() || self.to.is_some();
        if self.no_deliver {
            delivery.insert("mode".to_owned(), json!("none"));
        } else if self.announce || to_channel {
            delivery.insert("mode".to_owned(), json!("announce"));
        }
        if let Some(channel) = &self.channel {
            delivery.insert("channel".to_owned(), json!(channel));
        }
        if let Some(to) = &self.to {
            delivery.insert("to".to_owned(), json!(to));
        }
        if self.best_effort_deliver {
            delivery.insert("bestEffort".to_owned(), json!(true));
        }
        (!delivery.is_empty()).then_some(Value::Object(delivery))
    }

    /// Everything that is named, as the methods take it.
    pub(super) fn named(&self) -> Result<Map<String, Value>, Failure> {
        let mut named = Map::new();
        let mut set = |name: &str, value: Option<Value>| drop(value.map(|value| named.insert(name.to_owned(), value)));
        let text = |text: &Option<String>| text.as_ref().map(|text| json!(text));
        set("name", text(&self.name));
        set("displayName", text(&self.display_name));
        set("description", text(&self.description));
        set("agentId", self.agent.as_ref().map(|agent| json!(agent)));
        set("sessionTarget", text(&self.session));
        set("sessionKey", text(&self.session_key));
        set("wakeMode", text(&self.wake));
        set("deleteAfterRun", (self.delete_after_run || self.keep_after_run).then(|| json!(self.delete_after_run)));
        set("schedule", self.schedule()?);
        set("payload", self.payload());
        set("delivery", self.delivery());
        Ok(named)
    }
}

/// Which job.
#[derive(Serialize)]
pub(super) struct Id<'a> {
    pub(super) id: &'a str,
}
