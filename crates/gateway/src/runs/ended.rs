//! How the end of a turn is told, to each in their words.

use openclaw_agents::{Error, Failure, Stop, failover::Reason};
use openclaw_core::record::RunState;
use openclaw_protocol::event::{ChatState, ErrorDetail};

use super::live::Ending;

/// How an ending looks to the store, the wire and the audit.
pub(super) struct Ended {
    pub(super) state: RunState,
    pub(super) chat: ChatState,
    pub(super) word: &'static str,
    pub(super) stop_reason: &'static str,
    pub(super) error: Option<String>,
    pub(super) kind: Option<&'static str>,
    pub(super) detail: Option<ErrorDetail>,
    pub(super) audit: &'static str,
    pub(super) activity: &'static str,
}

impl Ended {
    pub(super) fn of(ending: &Ending) -> Self {
        let plain = |state, chat, word, stop_reason, audit, activity| Self {
            state,
            chat,
            word,
            stop_reason,
            error: None,
            kind: None,
            detail: None,
            audit,
            activity,
        };
        match ending {
            Ending::Done(stop) => {
                plain(RunState::Final, ChatState::Final, "ok", stop_word(stop), "run.final", "Finished a reply")
            }
            Ending::Aborted(reason) => {
                plain(RunState::Aborted, ChatState::Aborted, "aborted", reason, "run.aborted", "Stopped on request")
            }
            Ending::Interrupted => {
                let cut = plain(
                    RunState::Interrupted,
                    ChatState::Aborted,
                    "error",
                    "shutdown",
                    "run.interrupted",
                    "Interrupted",
                );
                Self { error: Some("interrupted: the gateway stopped in the middle of it".to_owned()), ..cut }
            }
            Ending::TimedOut => {
                let late = plain(RunState::Error, ChatState::Error, "timeout", "error", "run.error", "Took too long");
                Self {
                    error: Some("the run took longer than its time limit".to_owned()),
                    kind: Some("timeout"),
                    ..late
                }
            }
            Ending::Failed(failure) => {
                let failed = plain(RunState::Error, ChatState::Error, "error", "error", "run.error", "Failed");
                let (error, kind) = (Some(failure.to_string()), Some(kind_of(failure)));
                Self { error, kind, detail: detail_of(failure), ..failed }
            }
        }
    }
}

fn stop_word(stop: &Stop) -> &'static str {
    match stop {
        Stop::EndTurn | Stop::StopSequence | Stop::Other(_) => "stop",
        Stop::MaxTokens => "length",
        Stop::ToolUse => "toolUse",
        Stop::Refusal => "refusal",
    }
}

/// The wire's closed list of kinds.
fn kind_of(failure: &Failure) -> &'static str {
    let Some(last) = failure.last() else { return "rate_limit" };
    match (last.reason, &last.error) {
        (Reason::Timeout, _) => "timeout",
        (Reason::RateLimit, _) => "rate_limit",
        (Reason::Refusal, _) => "refusal",
        (_, Error::BadRequest { message, .. }) if message.contains("context") || message.contains("too long") => {
            "context_length"
        }
        _ => "unknown",
    }
}

fn detail_of(failure: &Failure) -> Option<ErrorDetail> {
    let last = failure.last()?;
    Some(ErrorDetail {
        provider: last.model.provider.clone(),
        model: last.model.model.clone(),
        failover_reason: last.reason.word(),
        http_status: last.error.status(),
    })
}
