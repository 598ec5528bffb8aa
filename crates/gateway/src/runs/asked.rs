//! Which models a turn asks, in which order, and with what.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use openclaw_agents::{
    ModelRef,
    failover::{Candidate, Steps},
};
use openclaw_core::record::{Session, SessionSettings, TranscriptMessage};
use openclaw_protocol::SessionKey;

use super::{Submission, context};
use crate::{
    settings::{self, AgentSettings},
    state::State,
};

/// Models that one turn may ask, the first among them.
pub(crate) const MODELS: usize = 8;

/// The models of a turn in the order in which they are asked. What somebody chose for this turn or this session is not
/// replaced behind their back: only the session's own fallbacks stand in for it, never the agent's.
pub(super) fn models(state: &State, submission: &Submission, settings: &SessionSettings) -> Vec<ModelRef> {
    let chosen = submission.model.as_deref().or(settings.model.as_deref()).and_then(settings::model_ref);
    let fallbacks = match (submission.fallbacks.as_ref().or(settings.fallbacks.as_ref()), &chosen) {
        (Some(own), _) => own.as_slice(),
        (None, Some(_)) => &[],
        (None, None) => submission.agent.fallbacks.as_slice(),
    };
    let mut models = vec![chosen.unwrap_or_else(|| state.agent_model(&submission.agent))];
    for fallback in fallbacks.iter().filter_map(|text| settings::model_ref(text)) {
        if models.len() < MODELS && !models.contains(&fallback) {
            models.push(fallback);
        }
    }
    models
}

/// Asks them: steps as they come, until one answers or none does.
pub(super) fn steps(
    state: &Arc<State>,
    submission: &Submission,
    settings: &SessionSettings,
    models: &[ModelRef],
    lines: Vec<TranscriptMessage>,
) -> Steps {
    let active = state.active();
    let candidates = models.iter().map(|model| Candidate::of(&active.registry, model.clone())).collect();
    let mut system = submission.agent.system_prompt.clone().unwrap_or_default();
    if let Some(extra) = &submission.extra_system_prompt {
        system = if system.is_empty() { extra.clone() } else { format!("{system}\n\n{extra}") };
    }
    let thinking = submission
        .thinking
        .clone()
        .or_else(|| settings.thinking_level.clone())
        .or_else(|| submission.agent.thinking.map(str::to_owned));
    let (trace, ids, limits) = (submission.trace, state.ids.clone(), submission.limits.clone());
    state.failover.ask(candidates, sticky(&submission.session_key), move |model, info| {
        let mut request = context::request(model, info, &system, &lines, thinking.as_deref(), &limits);
        // Each attempt is a span of its own.
        request.traceparent = trace.map(|trace| trace.child(ids.bytes()).to_string());
        request
    })
}

/// A number by which a session keeps to one of several keys.
fn sticky(key: &SessionKey) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

/// The model a session will use, for `chat.history` and rows.
pub(crate) fn model_of(state: &State, session: Option<&Session>, agent: &AgentSettings) -> ModelRef {
    session
        .and_then(|session| session.settings.model.as_deref())
        .and_then(settings::model_ref)
        .unwrap_or_else(|| state.agent_model(agent))
}
