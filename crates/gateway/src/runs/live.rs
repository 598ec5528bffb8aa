//! A run at work: what the model has said so far, and when to tell it.

use std::{sync::Arc, time::Duration};

use openclaw_agents::{
    Delta, Error, Failure, ModelInfo, ModelRef, Stop, Usage,
    catalog::Cost,
    failover::{Asking, Attempted, GaveUp, Step, Steps},
};
use openclaw_core::{
    record::Run,
    usage::{Used, UsedTurn},
};
use openclaw_protocol::{
    AgentId, RunId, SessionKey, TraceId, TraceParent,
    event::{AgentEvent, AssistantDelta, ChatDelta, ChatEnd, ChatState, Event, ModelFallback},
};
use serde_json::{Value, json};
use tokio::time::Instant;
use tracing::{field, warn};

use super::{
    ended::Ended,
    message,
    outcome::{FailedAttempt, RunOutcome, Tokens},
};
use crate::{metrics::ErrorKind, state::State};

/// Bytes of text that one reply may have.
const TEXT_BYTES: usize = 4 * 1024 * 1024;

/// A run at work.
pub(super) struct Live {
    pub(super) run: Run,
    /// Runs whose messages are answered by this turn too (`collect`).
    pub(super) joined: Vec<Run>,
    pub(super) agent: AgentId,
    /// The model that was to answer.
    pub(super) wanted: ModelRef,
    /// The model that is asked now.
    pub(super) model: ModelRef,
    info: ModelInfo,
    pub(super) steps: Steps,
    pub(super) deadline: Instant,
    pub(super) began: Instant,
    pub(super) trace: Option<TraceParent>,
    text: String,
    thinking: Vec<(String, Option<String>)>,
    /// Of the attempt that is made now.
    usage: Usage,
    /// Of attempts that failed and were counted all the same.
    spent: (Usage, Option<f64>),
    failed: Vec<Attempted>,
    attempts: u32,
    ttft: Option<Duration>,
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
    /// No model answered.
    Failed(Box<Failure>),
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
        wanted: ModelRef,
        steps: Steps,
        timeout: Duration,
    ) -> Self {
        let now = Instant::now();
        Self {
            run,
            joined,
            agent,
            model: wanted.clone(),
            info: ModelInfo::unknown(&wanted.provider, &wanted.model),
            wanted,
            steps,
            deadline: now + timeout,
            began: now,
            trace: None,
            text: String::new(),
            thinking: Vec::new(),
            usage: Usage::default(),
            spent: (Usage::default(), None),
            failed: Vec::new(),
            attempts: 0,
            ttft: None,
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

    /// Takes one step. Returns how the turn ended, when it did.
    pub(super) fn take(&mut self, state: &State, step: Option<Result<Step, Failure>>) -> Option<Ending> {
        match step {
            Some(Ok(Step::Said(delta))) => self.said(state, delta),
            Some(Ok(Step::Asking(asking))) => {
                self.asking(state, *asking);
                None
            }
            Some(Ok(Step::Failed(attempted))) => {
                self.attempt_failed(state, *attempted);
                None
            }
            Some(Err(failure)) => {
                if let (GaveUp::Broke, Some(last)) = (failure.why, failure.last()) {
                    self.count(state, last);
                }
                Some(Ending::Failed(Box::new(failure)))
            }
            None => Some(self.broken(Error::Cut { cause: None })),
        }
    }

    fn broken(&self, error: Error) -> Ending {
        Ending::Failed(Box::new(Failure::of(self.model.clone(), error)))
    }

    fn said(&mut self, state: &State, delta: Delta) -> Option<Ending> {
        match delta {
            Delta::Done(stop) => return Some(Ending::Done(stop)),
            Delta::Text(text) => {
                if self.text.len() + text.len() > TEXT_BYTES {
                    let what = format!("the reply is longer than {TEXT_BYTES} bytes");
                    return Some(self.broken(Error::Protocol { what }));
                }
                if self.text.is_empty() {
                    self.spoke_at = state.clock.now_ms();
                    self.ttft = Some(self.began.elapsed());
                }
                self.text.push_str(&text);
                self.schedule(state);
            }
            Delta::Thinking(text) => match self.thinking.last_mut() {
                Some((thinking, None)) => thinking.push_str(&text),
                _ => self.thinking.push((text, None)),
            },
            Delta::ThinkingSignature(signature) => {
                if let Some((_, slot)) = self.thinking.last_mut() {
                    *slot = Some(signature);
                }
            }
            Delta::Usage(usage) => self.usage = usage,
            Delta::Started { .. }
            | Delta::KeepAlive
            | Delta::ToolStart { .. }
            | Delta::ToolArgs { .. }
            | Delta::ToolEnd { .. } => {}
        }
        None
    }

    /// A model is asked, perhaps another one than before.
    fn asking(&mut self, state: &State, asking: Asking) {
        let Asking { model, info, attempt, instead } = asking;
        self.attempts = attempt;
        if let Some(instead) = instead {
            let (from, to, reason) = (instead.of.to_string(), model.to_string(), instead.reason.word());
            warn!(
                run_id = %self.run.run_id, session = %self.run.session_key, source = %self.agent, trace_id = self.trace_id().map(field::display),
                from, to, reason, attempt, cooldown_until = instead.cooldown_until, "Model fallback"
            );
            state.metrics.model_fallbacks.inc();
            state.hub.publish(Event::ModelFallback(ModelFallback {
                run_id: self.run.run_id.clone(),
                session_key: self.run.session_key.clone(),
                agent_id: self.agent.clone(),
                from,
                to,
                reason,
                attempt,
                cooldown_until: instead.cooldown_until,
            }));
        }
        if attempt == 1 || model != self.model {
            let data = json!({ "phase": "model", "provider": model.provider, "model": model.model });
            self.told_step(state, "lifecycle", data);
        }
        (self.model, self.info) = (model, info);
    }

    /// An attempt failed before anybody saw anything of it.
    fn attempt_failed(&mut self, state: &State, attempted: Attempted) {
        self.count(state, &attempted);
        self.thinking.clear();
        self.usage = Usage::default();
        let (usage, cost) = self.spent;
        let cost = attempted.cost.map_or(cost, |more| Some(cost.unwrap_or(0.0) + more));
        self.spent = (usage + attempted.usage, cost);
        self.failed.push(attempted);
    }

    fn count(&self, state: &State, attempted: &Attempted) {
        let reason = attempted.reason.word();
        state.metrics.model_errors.get_or_create(&ErrorKind { kind: reason }).inc();
        warn!(
            run_id = %self.run.run_id, session = %self.run.session_key, source = %self.agent, trace_id = self.trace_id().map(field::display),
            model = %attempted.model, key = attempted.key, reason, cooldown_until = attempted.cooldown_until, error = %attempted.error,
            "Model failed"
        );
    }

    /// The trace that the run belongs to.
    pub(super) fn trace_id(&self) -> Option<TraceId> {
        self.trace.map(TraceParent::trace_id)
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
        state.runs.said(&self.run.run_id, &text);
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

    /// What the run has used: over all attempts, and the last one alone.
    pub(super) fn usage(&self) -> (Usage, Usage) {
        (self.spent.0 + self.usage, self.usage)
    }

    fn tokens(&self) -> (Tokens, Tokens) {
        let (all, last) = self.usage();
        let cost = self.info.cost_usd(&last);
        let all_cost = match (self.spent.1, cost) {
            (Some(spent), cost) => Some(spent + cost.unwrap_or(0.0)),
            (None, cost) => cost,
        };
        (Tokens::of(&all, all_cost), Tokens::of(&last, cost))
    }

    /// What the turn used, for the sums of sessions, agents and models.
    pub(super) fn used(&self, outcome: &RunOutcome, failed: bool, ts: i64, key: &SessionKey) -> UsedTurn {
        let (usage, last) = self.usage();
        #[expect(clippy::cast_precision_loss, reason = "token counts stay far below 2^52")]
        let price = |tokens: u64, per_million: f64| tokens as f64 * per_million / 1e6;
        let part =
            |tokens: u64, of: fn(&Cost) -> f64| self.info.cost.as_ref().map_or(0.0, |cost| price(tokens, of(cost)));
        let total = outcome.usage.cost();
        let cost_output = part(last.output, |cost| cost.output);
        let cost_cache_read = part(last.cache_read, |cost| cost.cache_read);
        let cost_cache_write = part(last.cache_write, |cost| cost.cache_write);
        let cost = total.unwrap_or(0.0);
        UsedTurn {
            ts,
            session_key: key.clone(),
            agent_id: self.agent.clone(),
            provider: outcome.provider.clone(),
            model: outcome.model.clone(),
            sums: Used {
                runs: 1,
                input: usage.input,
                output: usage.output,
                cache_read: usage.cache_read,
                cache_write: usage.cache_write,
                total: usage.total(),
                cost,
                unpriced: u64::from(total.is_none()),
                cost_input: (cost - cost_output - cost_cache_read - cost_cache_write).max(0.0),
                cost_output,
                cost_cache_read,
                cost_cache_write,
                duration_ms: outcome.duration_ms,
                longest_ms: outcome.duration_ms,
                shortest_ms: outcome.duration_ms,
                asked: 1 + self.joined.len() as u64,
                answered: u64::from(self.has_text()),
                failed: u64::from(failed),
            },
        }
    }

    /// What came of the run.
    pub(super) fn outcome(&self, end: &Ended, failure: Option<&Failure>) -> RunOutcome {
        let (usage, last_call_usage) = self.tokens();
        let ms = |span: Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        let failed = failure.map_or(self.failed.as_slice(), |failure| &failure.attempts);
        RunOutcome {
            status: end.word.to_owned(),
            text: self.text.clone(),
            stop_reason: Some(end.stop_reason.to_owned()),
            error: end.error.clone(),
            duration_ms: ms(self.began.elapsed()),
            ttft_ms: self.ttft.map(ms),
            provider: self.model.provider.clone(),
            model: self.model.model.clone(),
            requested: (&self.wanted).into(),
            usage,
            last_call_usage,
            attempts: self.attempts,
            failed_attempts: failed.iter().map(FailedAttempt::from).collect(),
            trace_id: self.trace_id().map(|trace| trace.to_string()),
        }
    }

    /// Whether the model has said anything.
    pub(super) fn has_text(&self) -> bool {
        !self.text.is_empty()
    }

    /// The message for the transcript; it shows what the model that wrote it used.
    pub(super) fn message(&self, end: &Ended, now_ms: i64) -> Value {
        message::assistant(&message::Said {
            text: &self.text,
            thinking: &self.thinking,
            model: &self.model,
            api: &self.info.provider,
            usage: self.tokens().1,
            stop_reason: end.stop_reason,
            error: end.error.as_deref(),
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
            error_detail: None,
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
