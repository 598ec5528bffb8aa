//! A run at work: what the model has said so far, and when to tell it.

use std::{sync::Arc, time::Duration};

use openclaw_agents::{Delta, Error, ModelInfo, ModelRef, Stop, Usage};
use openclaw_core::record::Run;
use openclaw_protocol::{
    AgentId, RunId,
    event::{AgentEvent, AssistantDelta, ChatDelta, ChatEnd, ChatState, Event},
};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::message;
use crate::state::State;

/// Bytes of text that one reply may have.
const TEXT_BYTES: usize = 4 * 1024 * 1024;

/// Deltas as they come from a provider.
pub(super) type Deltas = futures_util::stream::BoxStream<'static, Result<Delta, Error>>;

/// A run at work.
pub(super) struct Live {
    pub(super) run: Run,
    /// Runs whose messages are answered by this turn too (`collect`).
    pub(super) joined: Vec<Run>,
    pub(super) agent: AgentId,
    pub(super) model: ModelRef,
    pub(super) info: ModelInfo,
    pub(super) deltas: Deltas,
    pub(super) deadline: Instant,
    pub(super) began: Instant,
    text: String,
    thinking: Vec<(String, Option<String>)>,
    usage: Usage,
    seq: u64,
    /// Bytes of `text` that were told.
    told: usize,
    /// When what was not told yet must be.
    tell_at: Option<Instant>,
    told_at: Option<Instant>,
    spoke_at: i64,
}

/// How a model's turn ended.
#[derive(Debug)]
pub(super) enum Ending {
    /// By itself.
    Done(Stop),
    /// With an error of the provider.
    Failed(Error),
    /// It took too long.
    TimedOut,
    /// On request, with the reason for the wire.
    Aborted(&'static str),
    /// The gateway stops.
    Interrupted,
}

impl Live {
    pub(super) fn new(
        (run, joined): (Run, Vec<Run>),
        agent: AgentId,
        model: ModelRef,
        info: ModelInfo,
        deltas: Deltas,
        timeout: Duration,
    ) -> Self {
        let now = Instant::now();
        Self {
            run,
            joined,
            agent,
            model,
            info,
            deltas,
            deadline: now + timeout,
            began: now,
            text: String::new(),
            thinking: Vec::new(),
            usage: Usage::default(),
            seq: 0,
            told: 0,
            tell_at: None,
            told_at: None,
            spoke_at: 0,
        }
    }

    /// When [`Live::tell`] must be called, if nothing happens before.
    pub(super) fn tell_at(&self) -> Option<Instant> {
        self.tell_at
    }

    /// Takes one delta. Returns how the turn ended, when it did.
    pub(super) fn take(&mut self, state: &State, delta: Option<Result<Delta, Error>>) -> Option<Ending> {
        match delta {
            None => return Some(Ending::Failed(Error::Cut { cause: None })),
            Some(Err(error)) => return Some(Ending::Failed(error)),
            Some(Ok(Delta::Done(stop))) => return Some(Ending::Done(stop)),
            Some(Ok(Delta::Text(text))) => {
                if self.text.len() + text.len() > TEXT_BYTES {
                    let what = format!("the reply is longer than {TEXT_BYTES} bytes");
                    return Some(Ending::Failed(Error::Protocol { what }));
                }
                if self.text.is_empty() {
                    self.spoke_at = state.clock.now_ms();
                }
                self.text.push_str(&text);
                self.schedule(state);
            }
            Some(Ok(Delta::Thinking(text))) => match self.thinking.last_mut() {
                Some((thinking, None)) => thinking.push_str(&text),
                _ => self.thinking.push((text, None)),
            },
            Some(Ok(Delta::ThinkingSignature(signature))) => {
                if let Some((_, slot)) = self.thinking.last_mut() {
                    *slot = Some(signature);
                }
            }
            Some(Ok(Delta::Usage(usage))) => self.usage = usage,
            Some(Ok(
                Delta::Started { .. }
                | Delta::KeepAlive
                | Delta::ToolStart { .. }
                | Delta::ToolArgs { .. }
                | Delta::ToolEnd { .. },
            )) => {}
        }
        None
    }

    /// The first words go out at once, later ones together: the longer the text, the more of it each event repeats.
    fn schedule(&mut self, state: &State) {
        if self.tell_at.is_some() {
            return;
        }
        let gather = Duration::from_millis(match self.text.len() {
            0..4096 => 25,
            4096..32_768 => 75,
            _ => 150,
        });
        let now = Instant::now();
        match self.told_at {
            Some(told_at) if told_at + gather > now => self.tell_at = Some(told_at + gather),
            _ => self.tell(state),
        }
    }

    /// Tells the text that was not told yet.
    pub(super) fn tell(&mut self, state: &State) {
        self.tell_at = None;
        if self.told == self.text.len() {
            return;
        }
        self.told_at = Some(Instant::now());
        let text: Arc<str> = self.text.as_str().into();
        let from = std::mem::replace(&mut self.told, text.len());
        let assistant = AssistantDelta { text: Arc::clone(&text), from };
        self.step(state, "assistant", Some(assistant), None);
        state.hub.publish(Event::ChatDelta(ChatDelta {
            run_id: self.run.run_id.clone(),
            session_key: self.run.session_key.clone(),
            agent_id: self.agent.clone(),
            seq: self.seq,
            text,
            from,
            ts: self.spoke_at,
        }));
    }

    /// Tells a step of the run.
    pub(super) fn told_step(&mut self, state: &State, stream: &'static str, data: Value) {
        self.step(state, stream, None, Some(Arc::new(data)));
    }

    fn step(
        &mut self,
        state: &State,
        stream: &'static str,
        assistant: Option<AssistantDelta>,
        data: Option<Arc<Value>>,
    ) {
        self.seq += 1;
        state.hub.publish(Event::Agent(AgentEvent {
            run_id: self.run.run_id.clone(),
            session_key: self.run.session_key.clone(),
            agent_id: self.agent.clone(),
            seq: self.seq,
            stream,
            ts: state.clock.now_ms(),
            assistant,
            data,
        }));
    }

    /// Usage as messages show it.
    pub(super) fn usage(&self) -> (Usage, Option<f64>) {
        (self.usage, self.info.cost_usd(&self.usage))
    }

    /// Whether the model has said anything.
    pub(super) fn has_text(&self) -> bool {
        !self.text.is_empty()
    }

    /// The text so far.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The message for the transcript.
    pub(super) fn message(&self, api: &str, stop_reason: &str, error: Option<&str>, now_ms: i64) -> Value {
        let (usage, cost) = self.usage();
        message::assistant(&message::Said {
            text: &self.text,
            thinking: &self.thinking,
            model: &self.model,
            api,
            usage: &usage,
            cost,
            stop_reason,
            error,
            now_ms,
        })
    }

    /// Tells the end.
    pub(super) fn told_end(&mut self, state: &State, end: ChatEnd, lifecycle: Value) {
        self.told_step(state, "lifecycle", lifecycle);
        self.seq += 1;
        for joined in &self.joined {
            // The reply is told once, under the run that asked for it.
            let (run_id, message) = (joined.run_id.clone(), None);
            state.hub.publish(Event::ChatEnd(ChatEnd { run_id, message, seq: 1, ..end.clone() }));
        }
        state.hub.publish(Event::ChatEnd(ChatEnd { seq: self.seq, ..end }));
    }

    /// The runs that end with this turn.
    pub(super) fn run_ids(&self) -> impl Iterator<Item = &RunId> {
        std::iter::once(&self.run).chain(&self.joined).map(|run| &run.run_id)
    }

    /// The frame of a [`ChatEnd`].
    pub(super) fn chat_end(&self, state: ChatState) -> ChatEnd {
        ChatEnd {
            run_id: self.run.run_id.clone(),
            session_key: self.run.session_key.clone(),
            agent_id: self.agent.clone(),
            seq: 0,
            state,
            message: None,
            stop_reason: None,
            error_message: None,
            error_kind: None,
            usage: None,
        }
    }

    /// The data of a lifecycle step.
    pub(super) fn lifecycle(phase: &str, at: i64) -> Value {
        match phase {
            "start" => json!({ "phase": phase, "startedAt": at }),
            _ => json!({ "phase": phase, "endedAt": at }),
        }
    }
}
