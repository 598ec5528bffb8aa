//! What callers say about a job: read field by field, so that an error names its place.

use openclaw_core::cron::{Delivery, DeliveryMode, Job, Payload, Schedule, Target, Wake};
use openclaw_store::cron::MAX_SYSTEM_EVENT_BYTES;
use uuid::Uuid;

use crate::{cron, methods::prelude::*, runs, settings, state::State};

/// Most bytes of a name.
const NAME_BYTES: usize = 200;
/// Most bytes of a description.
const DESCRIPTION_BYTES: usize = 4096;
/// Most bytes of what an agent is asked.
const MESSAGE_BYTES: usize = 128 * 1024;
/// Longest run, in seconds.
const LONGEST_RUN: f64 = 7.0 * 86_400.0;
/// Tools that a job may name.
const TOOLS: usize = 256;

/// A schedule as it is sent.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct AskedSchedule {
    /// `at`, `every` or `cron`.
    kind: String,
    /// `at`: ISO 8601, or milliseconds since the epoch.
    #[serde(default)]
    at: Option<Moment>,
    /// `every`: milliseconds, at least 1000.
    #[serde(default)]
    every_ms: Option<i64>,
    /// `every`: a moment from which the intervals are counted. Default: now.
    #[serde(default)]
    anchor_ms: Option<i64>,
    /// `cron`: five or six fields.
    #[serde(default)]
    expr: Option<String>,
    /// `cron`: IANA name of the zone. Default: the gateway's.
    #[serde(default)]
    tz: Option<String>,
    /// `cron`: spreads jobs of one time over so many milliseconds.
    #[serde(default)]
    stagger_ms: Option<i64>,
    /// Of kinds that are not available.
    #[serde(default)]
    command: Option<Value>,
    #[serde(default)]
    cwd: Option<Value>,
    #[serde(default)]
    mode: Option<Value>,
    #[serde(default, rename = "match")]
    matching: Option<Value>,
    #[serde(default)]
    batch_ms: Option<Value>,
    #[serde(default)]
    max_batch_bytes: Option<Value>,
}

/// A moment: text or milliseconds.
#[derive(Debug)]
pub(crate) enum Moment {
    Text(String),
    Ms(i64),
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Self::Text(text)),
            Value::Number(number) if number.is_i64() => Ok(Self::Ms(number.as_i64().unwrap_or(0))),
            _ => Err(serde::de::Error::custom("must be a date and time in ISO 8601, or milliseconds since the epoch")),
        }
    }
}

impl JsonSchema for Moment {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Moment".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": ["string", "integer"], "description": "ISO 8601, or milliseconds since the epoch." })
    }
}

/// A payload as it is sent.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct AskedPayload {
    /// `systemEvent` or `agentTurn`.
    kind: String,
    /// `systemEvent`: what the agent is told.
    #[serde(default)]
    text: Option<String>,
    /// `agentTurn`: what the agent is asked.
    #[serde(default)]
    message: Option<String>,
    /// `provider/model`; `null` takes it back.
    #[serde(default, deserialize_with = "clearable")]
    model: Option<Option<String>>,
    /// Models that stand in for it; `null` takes them back.
    #[serde(default, deserialize_with = "clearable")]
    fallbacks: Option<Option<Vec<String>>>,
    /// Thinking level; `null` takes it back.
    #[serde(default, deserialize_with = "clearable")]
    thinking: Option<Option<String>>,
    /// Longest run; 0 is no bound of its own, `null` takes it back.
    #[serde(default, deserialize_with = "clearable")]
    timeout_seconds: Option<Option<f64>>,
    /// Tools it may use at most; `null` takes them back.
    #[serde(default, deserialize_with = "clearable")]
    tools_allow: Option<Option<Vec<String>>>,
    #[serde(default)]
    light_context: Option<bool>,
    #[serde(default)]
    #[expect(dead_code, reason = "every tool list is what somebody wrote")]
    tools_allow_is_default: Option<bool>,
    #[serde(default)]
    #[expect(dead_code, reason = "the texts of jobs are the operator's own")]
    allow_unsafe_external_content: Option<bool>,
    /// Of kinds that are not available.
    #[serde(default)]
    argv: Option<Value>,
    #[serde(default)]
    script: Option<Value>,
    #[serde(default)]
    cwd: Option<Value>,
    #[serde(default)]
    env: Option<Value>,
    #[serde(default)]
    input: Option<Value>,
    #[serde(default)]
    no_output_timeout_seconds: Option<Value>,
    #[serde(default)]
    output_max_bytes: Option<Value>,
    #[serde(default)]
    tool_budget: Option<Value>,
}

/// A delivery as it is sent.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct AskedDelivery {
    /// `none` or `announce`.
    #[serde(default)]
    mode: Option<String>,
    /// `last`, or a channel.
    #[serde(default, deserialize_with = "clearable")]
    channel: Option<Option<String>>,
    #[serde(default)]
    best_effort: Option<bool>,
    /// Of channels, which are not available.
    #[serde(default)]
    to: Option<Value>,
    #[serde(default)]
    thread_id: Option<Value>,
    #[serde(default)]
    account_id: Option<Value>,
    #[serde(default)]
    failure_destination: Option<Value>,
    #[serde(default)]
    completion_destination: Option<Value>,
}

/// A refusal that names the place.
pub(super) fn refuse(method: &str, path: &str, what: &str) -> WireError {
    let text = format!("invalid {method} params: at /{}: {what}", path.replace('.', "/"));
    WireError::params(text).with("path", format!("params.{path}"))
}

/// Where in the parameters the fields of a job are, and for which method.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) method: &'static str,
    /// `""` or `patch.`.
    pub(super) at: &'static str,
}

impl Place {
    pub(super) fn refuse(self, path: &str, what: &str) -> WireError {
        refuse(self.method, &format!("{}{path}", self.at), what)
    }

    fn later(self, what: &str) -> WireError {
        fault::not_yet(what).with("path", format!("params.{}", self.at).trim_end_matches('.'))
    }

    /// A text that must be there and is not too long.
    fn text(self, path: &str, text: &str, max: usize) -> Result<(), WireError> {
        if text.trim().is_empty() {
            return Err(self.refuse(path, "must not be empty"));
        }
        if text.len() > max {
            return Err(self.refuse(path, &format!("must not be longer than {max} bytes")));
        }
        Ok(())
    }

    pub(super) fn name(self, path: &str, name: &str) -> Result<(), WireError> {
        self.text(path, name, NAME_BYTES)?;
        if name.chars().any(char::is_control) {
            return Err(self.refuse(path, "must not contain control characters"));
        }
        Ok(())
    }

    pub(super) fn description(self, text: &str) -> Result<(), WireError> {
        if text.len() > DESCRIPTION_BYTES {
            return Err(self.refuse("description", &format!("must not be longer than {DESCRIPTION_BYTES} bytes")));
        }
        Ok(())
    }

    /// The schedule, with the anchor of an interval that names none at `now`.
    pub(super) fn schedule(self, asked: &AskedSchedule, now: i64) -> Result<Schedule, WireError> {
        let missing = |name: &str| self.refuse("schedule", &format!("must have required property '{name}'"));
        let AskedSchedule { kind, at, every_ms, anchor_ms, expr, tz, stagger_ms, .. } = asked;
        let given = [
            ("at", at.is_some(), "at"),
            ("everyMs", every_ms.is_some(), "every"),
            ("anchorMs", anchor_ms.is_some(), "every"),
            ("expr", expr.is_some(), "cron"),
            ("tz", tz.is_some(), "cron"),
            ("staggerMs", stagger_ms.is_some(), "cron"),
            ("command", asked.command.is_some(), "on-exit"),
            ("cwd", asked.cwd.is_some(), "on-exit"),
            ("mode", asked.mode.is_some(), "stream"),
            ("match", asked.matching.is_some(), "stream"),
            ("batchMs", asked.batch_ms.is_some(), "stream"),
            ("maxBatchBytes", asked.max_batch_bytes.is_some(), "stream"),
        ];
        if matches!(kind.as_str(), "on-exit" | "stream") {
            return Err(self.later(&format!("starting jobs by a program ({kind})")));
        }
        if !matches!(kind.as_str(), "at" | "every" | "cron") {
            return Err(self.refuse("schedule.kind", "must be at, every or cron"));
        }
        if let Some((name, ..)) = given.iter().find(|(_, given, of)| *given && of != kind) {
            return Err(self.refuse(&format!("schedule.{name}"), &format!("does not belong to kind \"{kind}\"")));
        }
        Ok(match kind.as_str() {
            "at" => match at {
                None => return Err(missing("at")),
                Some(Moment::Text(text)) => Schedule::At { at: text.trim().to_owned() },
                Some(Moment::Ms(ms)) => {
                    let moment = jiff::Timestamp::from_millisecond(*ms)
                        .map_err(|_| self.refuse("schedule.at", "is no moment"))?;
                    Schedule::At { at: format!("{moment:.3}") }
                }
            },
            "every" => Schedule::Every {
                every_ms: every_ms.ok_or_else(|| missing("everyMs"))?,
                anchor_ms: anchor_ms.unwrap_or(now),
            },
            _ => Schedule::Cron {
                expr: expr
                    .as_ref()
                    .map(|expr| expr.split_whitespace().collect::<Vec<_>>().join(" "))
                    .ok_or_else(|| missing("expr"))?,
                tz: tz.clone().filter(|tz| !tz.trim().is_empty()),
                stagger_ms: *stagger_ms,
            },
        })
    }

    /// The payload, over what was there.
    pub(super) fn payload(self, asked: AskedPayload, before: Option<&Payload>) -> Result<Payload, WireError> {
        if matches!(asked.kind.as_str(), "command" | "script") {
            return Err(self.later(&format!("running programs by schedule (payload kind {})", asked.kind)));
        }
        let foreign = [
            ("argv", asked.argv.is_some()),
            ("script", asked.script.is_some()),
            ("cwd", asked.cwd.is_some()),
            ("env", asked.env.is_some()),
            ("input", asked.input.is_some()),
            ("noOutputTimeoutSeconds", asked.no_output_timeout_seconds.is_some()),
            ("outputMaxBytes", asked.output_max_bytes.is_some()),
            ("toolBudget", asked.tool_budget.is_some()),
        ];
        let kind = asked.kind.as_str();
        let not_of =
            |name: &str| self.refuse(&format!("payload.{name}"), &format!("does not belong to kind \"{kind}\""));
        if let Some((name, _)) = foreign.iter().find(|(_, given)| *given) {
            return Err(not_of(name));
        }
        match kind {
            "systemEvent" => {
                let of_turns = [
                    ("message", asked.message.is_some()),
                    ("model", asked.model.is_some()),
                    ("fallbacks", asked.fallbacks.is_some()),
                    ("thinking", asked.thinking.is_some()),
                    ("timeoutSeconds", asked.timeout_seconds.is_some()),
                    ("lightContext", asked.light_context.is_some()),
                ];
                if let Some((name, _)) = of_turns.iter().find(|(_, given)| *given) {
                    return Err(not_of(name));
                }
                let text = asked.text.or_else(|| match before {
                    Some(Payload::SystemEvent { text }) => Some(text.clone()),
                    _ => None,
                });
                let text = text.ok_or_else(|| self.refuse("payload", "must have required property 'text'"))?;
                self.text("payload.text", &text, MAX_SYSTEM_EVENT_BYTES)?;
                Ok(Payload::SystemEvent { text })
            }
            "agentTurn" => self.turn(asked, before),
            _ => Err(self.refuse("payload.kind", "must be systemEvent or agentTurn")),
        }
    }

    fn turn(self, asked: AskedPayload, before: Option<&Payload>) -> Result<Payload, WireError> {
        if asked.text.is_some() {
            return Err(self.refuse("payload.text", "does not belong to kind \"agentTurn\""));
        }
        let (mut message, mut model, mut fallbacks, mut thinking, mut timeout, mut tools, mut light) =
            (None, None, None, None, None, None, None);
        if let Some(Payload::AgentTurn {
            message: m,
            model: mo,
            fallbacks: f,
            thinking: t,
            timeout_seconds,
            tools_allow,
            light_context,
        }) = before
        {
            (message, model, fallbacks, thinking) = (Some(m.clone()), mo.clone(), f.clone(), t.clone());
            (timeout, tools, light) = (*timeout_seconds, tools_allow.clone(), *light_context);
        }
        message = asked.message.or(message);
        model = asked.model.unwrap_or(model);
        fallbacks = asked.fallbacks.unwrap_or(fallbacks);
        thinking = asked.thinking.unwrap_or(thinking);
        tools = asked.tools_allow.unwrap_or(tools);
        light = asked.light_context.or(light);
        if let Some(seconds) = asked.timeout_seconds {
            timeout = match seconds {
                None => None,
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "within the range that is checked"
                )]
                Some(seconds) if (0.0..=LONGEST_RUN).contains(&seconds) => Some(seconds.ceil() as u64),
                Some(_) => return Err(self.refuse("payload.timeoutSeconds", "must be at least 0 and at most a week")),
            };
        }
        let message = message.ok_or_else(|| self.refuse("payload", "must have required property 'message'"))?;
        self.text("payload.message", &message, MESSAGE_BYTES)?;
        if let Some(model) = &model
            && settings::model_ref(model).is_none()
        {
            let shown: String = model.chars().filter(|c| !c.is_control()).take(80).collect();
            return Err(self.refuse("payload.model", &format!("must be provider/model, found \"{shown}\"")));
        }
        if let Some(fallbacks) = &fallbacks {
            if fallbacks.len() >= runs::MODELS {
                let what = format!("must not have more than {} entries", runs::MODELS - 1);
                return Err(self.refuse("payload.fallbacks", &what));
            }
            if let Some(at) = fallbacks.iter().position(|model| settings::model_ref(model).is_none()) {
                return Err(self.refuse(&format!("payload.fallbacks.{at}"), "must be provider/model"));
            }
        }
        if let Some(level) = &thinking
            && openclaw_config::Thinking::from_word(level).is_none()
        {
            let what = format!("must be one of {}", openclaw_config::Thinking::WORDS.join(", "));
            return Err(self.refuse("payload.thinking", &what));
        }
        if tools
            .as_ref()
            .is_some_and(|tools: &Vec<String>| tools.len() > TOOLS || tools.iter().any(|tool| tool.len() > 128))
        {
            return Err(self.refuse("payload.toolsAllow", "must not have more than 256 names of at most 128 bytes"));
        }
        Ok(Payload::AgentTurn {
            message,
            model,
            fallbacks,
            thinking,
            timeout_seconds: timeout,
            tools_allow: tools,
            light_context: light,
        })
    }

    /// The delivery, over what was there.
    pub(super) fn delivery(self, asked: AskedDelivery, before: Option<&Delivery>) -> Result<Delivery, WireError> {
        let of_channels = [
            ("to", &asked.to),
            ("threadId", &asked.thread_id),
            ("accountId", &asked.account_id),
            ("failureDestination", &asked.failure_destination),
            ("completionDestination", &asked.completion_destination),
        ];
        if let Some((name, _)) =
            of_channels.iter().find(|(_, value)| value.as_ref().is_some_and(|value| !value.is_null()))
        {
            return Err(self.later(&format!("delivering results to a channel (delivery.{name})")));
        }
        let mode = match asked.mode.as_deref() {
            None => before
                .map(|before| before.mode)
                .ok_or_else(|| self.refuse("delivery", "must have required property 'mode'"))?,
            Some("none") => DeliveryMode::None,
            Some("announce" | "deliver") => DeliveryMode::Announce,
            Some("webhook") => return Err(self.later("delivering results to a webhook")),
            Some(_) => return Err(self.refuse("delivery.mode", "must be none or announce")),
        };
        let channel = match asked.channel {
            None => before.and_then(|before| before.channel.clone()),
            Some(channel) => channel,
        };
        if let Some(channel) = channel.as_deref().filter(|channel| !matches!(*channel, "last" | "webchat")) {
            let shown: String = channel.chars().filter(|c| !c.is_control()).take(64).collect();
            return Err(self.later(&format!("delivering results to channel \"{shown}\"")));
        }
        let best_effort = asked.best_effort.or_else(|| before.and_then(|before| before.best_effort));
        Ok(Delivery { mode, channel, best_effort })
    }

    /// Where it runs. `current` is the conversation that the caller names; without one it is `isolated`.
    pub(super) fn target(self, word: &str, session_key: Option<&SessionKey>) -> Result<Target, WireError> {
        match word {
            "main" => Ok(Target::Main),
            "isolated" => Ok(Target::Isolated),
            "current" => Ok(session_key.map_or(Target::Isolated, |key| Target::Session(key.clone()))),
            other => match other.strip_prefix("session:").map(SessionKey::new) {
                Some(Ok(key)) => Ok(Target::Session(key)),
                Some(Err(error)) => Err(self.refuse("sessionTarget", &error.to_string())),
                None => Err(self.refuse("sessionTarget", "must be main, isolated, current or session:<key>")),
            },
        }
    }

    pub(super) fn wake(self, word: &str) -> Result<Wake, WireError> {
        match word {
            "now" => Ok(Wake::Now),
            "next-heartbeat" => Ok(Wake::NextHeartbeat),
            _ => Err(self.refuse("wakeMode", "must be now or next-heartbeat")),
        }
    }

    /// Checks what must hold between the fields, and plans the first run.
    pub(super) fn plan(self, state: &State, job: &mut Job, now: i64) -> Result<(), WireError> {
        match (&job.target, &job.payload) {
            (Target::Main, Payload::AgentTurn { .. }) => {
                return Err(self.refuse("payload.kind", "main cron jobs require payload.kind=\"systemEvent\""));
            }
            (Target::Isolated | Target::Session(_), Payload::SystemEvent { .. }) => {
                let what = "isolated, current and session cron jobs require payload.kind=\"agentTurn\"";
                return Err(self.refuse("payload.kind", what));
            }
            _ => {}
        }
        if let Some(agent) = &job.agent_id {
            state.agent(agent)?;
        }
        let plan = cron::checked_plan(&state.cron.zones, job.id, &job.schedule)
            .map_err(|error| self.refuse(&format!("schedule.{}", error.field), &error.what))?;
        job.state.next_at = None;
        if job.enabled {
            job.state.next_at = plan.next_after(now);
            if job.state.next_at.is_none() {
                let what = match &job.schedule {
                    Schedule::At { .. } => "lies in the past; a job that comes once needs a time to come",
                    _ => "never comes any more",
                };
                let field = match &job.schedule {
                    Schedule::At { .. } => "schedule.at",
                    Schedule::Every { .. } => "schedule.everyMs",
                    Schedule::Cron { .. } => "schedule.expr",
                };
                return Err(self.refuse(field, what));
            }
        }
        Ok(())
    }
}

/// The job that a caller names by `id` or `jobId`.
pub(super) fn named(method: &str, id: Option<String>, job_id: Option<String>) -> Result<String, WireError> {
    match (id, job_id) {
        (Some(id), None) | (None, Some(id)) if !id.trim().is_empty() => Ok(id),
        (None, None) => {
            let text = format!("invalid {method} params: must have required property 'id'");
            Err(WireError::params(text).with("path", "params.id"))
        }
        (Some(_), Some(_)) => Err(refuse(method, "jobId", "stands beside id; one of them is enough")),
        _ => Err(refuse(method, "id", "must not be empty")),
    }
}

/// The job with this identifier.
pub(super) async fn find(call: &Call, id: &str) -> Result<Job, WireError> {
    let found = match Uuid::parse_str(id) {
        Ok(job_id) => call
            .state()
            .store
            .read(move |reader| reader.cron_job(job_id))
            .await
            .map_err(|error| fault::store(&error))?,
        Err(_) => None,
    };
    found.ok_or_else(|| unknown(call.dialect(), id))
}

/// Nobody knows this job. The word that official clients look for is in the details.
pub(super) fn unknown(dialect: Dialect, id: &str) -> WireError {
    let shown: String = id.chars().filter(|c| !c.is_control()).take(80).collect();
    let error = if dialect == Dialect::V3 {
        WireError::unavailable(CRON_JOB_NOT_FOUND, format!("Error: unknown cron job id: {shown}"))
    } else {
        let text = format!("Automation not found: {shown}; cron.list names them");
        WireError::invalid(CRON_JOB_NOT_FOUND, text)
    };
    error.with("jobId", shown)
}

/// `error.details.code` of a job that nobody knows.
const CRON_JOB_NOT_FOUND: &str = "CRON_JOB_NOT_FOUND";
