//! How the end of a turn is told, to each in their words.

use openclaw_agents::{Error, Stop};
use openclaw_core::record::RunState;
use openclaw_protocol::event::ChatState;

use super::live::Ending;

/// How an ending looks to the store, the wire and the audit.
pub(super) struct Ended {
    pub(super) state: RunState,
    pub(super) chat: ChatState,
    pub(super) word: &'static str,
    pub(super) stop_reason: &'static str,
    pub(super) error: Option<String>,
    pub(super) kind: Option<&'static str>,
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
            Ending::Failed(error) => {
                let failed = plain(RunState::Error, ChatState::Error, "error", "error", "run.error", "Failed");
                Self { error: Some(error.to_string()), kind: Some(kind_of(error)), ..failed }
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

fn kind_of(error: &Error) -> &'static str {
    match error {
        Error::Timeout { .. } => "timeout",
        Error::RateLimited { .. } => "rate_limit",
        Error::BadRequest { message, .. } if message.contains("context") || message.contains("too long") => {
            "context_length"
        }
        _ => "unknown",
    }
}
