//! The built-in stand-in for people who have no model yet. It says what it is and how to get a real one.

use std::time::Duration;

use async_trait::async_trait;
use futures_util::{StreamExt, stream};

use crate::{
    Error,
    provider::{Delta, DeltaStream, Part, Provider, Request, Role, Stop, Usage},
};

/// The provider's id in `demo/demo`.
pub const DEMO_PROVIDER: &str = "demo";
/// The model's id in `demo/demo`.
pub const DEMO_MODEL: &str = "demo";

/// The most characters of the person's words that are quoted.
const MAX_QUOTE: usize = 120;

/// Answers without any model.
#[derive(Debug, Clone)]
pub struct Demo {
    name: String,
    token_delay: Duration,
}

impl Demo {
    /// A demo that answers as fast as it is read.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), token_delay: Duration::ZERO }
    }

    /// Waits before each token, so that people see an answer grow.
    #[must_use]
    pub fn with_token_delay(mut self, delay: Duration) -> Self {
        self.token_delay = delay;
        self
    }
}

#[async_trait]
impl Provider for Demo {
    fn name(&self) -> &str {
        &self.name
    }

    async fn stream(&self, request: Request) -> Result<DeltaStream, Error> {
        let answer = answer(&request);
        let usage =
            Usage { input: estimate(request_characters(&request)), output: estimate(answer.len()), ..Usage::default() };
        let mut deltas = vec![Delta::Started { request_id: None }];
        deltas.extend(answer.split_inclusive(' ').map(|token| Delta::Text(token.into())));
        deltas.extend([Delta::Usage(usage), Delta::Done(Stop::EndTurn)]);
        let delay = self.token_delay;
        Ok(stream::iter(deltas)
            .then(move |delta| async move {
                if !delay.is_zero() && matches!(delta, Delta::Text(_)) {
                    tokio::time::sleep(delay).await;
                }
                Ok(delta)
            })
            .boxed())
    }
}

fn answer(request: &Request) -> String {
    let said = quote(request).map_or_else(String::new, |quote| format!("You said: “{quote}”. "));
    format!(
        "This is the built-in demo. It is not a language model and cannot think, but everything around it works: \
         your message went through the gateway, and this answer streams back the same way. {said}\n\n\
         To talk to a real model, do one of these:\n\n\
         - set `ANTHROPIC_API_KEY`, `OPENAI_API_KEY` or `GEMINI_API_KEY` in the environment and restart the gateway,\n\
         - start Ollama on this machine, pull a model and restart the gateway,\n\
         - describe a provider under `models.providers` in the configuration.\n"
    )
}

/// The beginning of what the person said last.
fn quote(request: &Request) -> Option<String> {
    let last = request.messages.iter().rev().find(|message| message.role == Role::User)?;
    let said: Vec<&str> = last.parts.iter().filter_map(super::body::text).collect();
    let said = said.join(" ").split_whitespace().collect::<Vec<_>>().join(" ");
    match said.char_indices().nth(MAX_QUOTE) {
        _ if said.is_empty() => None,
        Some((end, _)) => Some(format!("{}…", &said[..end])),
        None => Some(said),
    }
}

fn request_characters(request: &Request) -> usize {
    let parts = request.messages.iter().flat_map(|message| &message.parts);
    parts
        .map(|part| match part {
            Part::Text(text) | Part::Thinking { text, .. } | Part::ToolResult { content: text, .. } => text.len(),
            Part::ToolCall { .. } | Part::Image { .. } => 0,
        })
        .sum()
}

/// Four bytes are roughly one token.
fn estimate(bytes: usize) -> u64 {
    bytes.div_ceil(4) as u64
}

#[cfg(test)]
mod tests;
