//! Names, limits and prices of models.
//!
//! Prices are the vendors' public list prices per million tokens in November 2026, without surcharges for long
//! contexts, batches or regions. A model that is not in the table works all the same, with cautious limits and no cost.

use std::{fmt, str::FromStr};

use serde::Serialize;

use crate::{Usage, providers::DEMO_MODEL};

/// The context that a model has at least when nothing is known about it, in tokens.
pub const UNKNOWN_CONTEXT_WINDOW: u32 = 32_768;
/// What a model may answer when nothing is known about it, in tokens.
pub const UNKNOWN_MAX_OUTPUT: u32 = 4_096;

/// Names a model: `provider/model`. The model's own id may hold slashes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModelRef {
    /// The provider's id.
    pub provider: String,
    /// The model's id as the provider spells it.
    pub model: String,
}

impl ModelRef {
    /// From its two halves.
    #[must_use]
    pub fn new(provider: impl Into<String>, model: impl Into<String>) -> Self {
        Self { provider: provider.into(), model: model.into() }
    }
}

impl fmt::Display for ModelRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.provider, self.model)
    }
}

/// A text that names no model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} names no model; write it like provider/model")]
pub struct InvalidModelRef {
    /// The text.
    pub text: String,
}

impl FromStr for ModelRef {
    type Err = InvalidModelRef;

    fn from_str(text: &str) -> Result<Self, InvalidModelRef> {
        match text.trim().split_once('/') {
            Some((provider, model)) if !provider.is_empty() && !model.is_empty() => Ok(Self::new(provider, model)),
            _ => Err(InvalidModelRef { text: text.into() }),
        }
    }
}

/// What a model reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Input {
    /// Text.
    Text,
    /// Pictures.
    Image,
}

/// US dollars per million tokens.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cost {
    /// Read afresh.
    pub input: f64,
    /// Written, thinking included.
    pub output: f64,
    /// Read from the cache.
    pub cache_read: f64,
    /// Written to the cache.
    pub cache_write: f64,
}

/// What is known about a model.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ModelInfo {
    /// Its id as the provider spells it.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// The provider's id.
    pub provider: String,
    /// How many tokens a conversation may have.
    pub context_window: u32,
    /// How many tokens an answer may have.
    pub max_output: u32,
    /// Whether it can think.
    pub reasoning: bool,
    /// What it reads.
    pub input: Vec<Input>,
    /// What it costs; `None` when not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
}

impl ModelInfo {
    /// From the table, else with cautious limits. Ids with a date or `-latest` at the end count as the id without.
    #[must_use]
    pub fn lookup(provider: &str, model: &str) -> Self {
        let bare = undated(model);
        TABLE
            .iter()
            .find(|row| row.provider == provider && (row.id == model || row.id == bare))
            .map_or_else(|| Self::unknown(provider, model), |row| Self { id: model.into(), ..row.info() })
    }

    /// A model about which nothing is known.
    #[must_use]
    pub fn unknown(provider: &str, model: &str) -> Self {
        Self {
            id: model.into(),
            name: model.into(),
            provider: provider.into(),
            context_window: UNKNOWN_CONTEXT_WINDOW,
            max_output: UNKNOWN_MAX_OUTPUT,
            reasoning: false,
            input: vec![Input::Text],
            cost: None,
        }
    }

    /// All models of a provider that are in the table.
    #[must_use]
    pub fn of_provider(provider: &str) -> Vec<Self> {
        TABLE.iter().filter(|row| row.provider == provider).map(Row::info).collect()
    }

    /// The built-in demo.
    pub(crate) fn demo(provider: &str) -> Self {
        let cost = Some(Cost { input: 0.0, output: 0.0, cache_read: 0.0, cache_write: 0.0 });
        Self { name: "Built-in demo (not a model)".into(), cost, ..Self::unknown(provider, DEMO_MODEL) }
    }

    /// What this usage costs in US dollars; `None` when the prices are not known.
    #[must_use]
    pub fn cost_usd(&self, usage: &Usage) -> Option<f64> {
        let cost = self.cost?;
        #[expect(clippy::cast_precision_loss, reason = "token counts stay far below 2^52")]
        let price = |tokens: u64, per_million: f64| tokens as f64 * per_million / 1e6;
        Some(
            price(usage.input, cost.input)
                + price(usage.output, cost.output)
                + price(usage.cache_read, cost.cache_read)
                + price(usage.cache_write, cost.cache_write),
        )
    }
}

/// The id without `-20251001`, `-2025-08-07`, `@20250929` or `-latest` at its end.
fn undated(model: &str) -> &str {
    let model = model.strip_prefix("models/").unwrap_or(model);
    let model = model.strip_suffix("-latest").unwrap_or(model);
    let head = model.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '-' | '@'));
    let tail = &model[head.len()..];
    let date = tail.rfind(['@', '-']).and_then(|_| {
        [9, 11].into_iter().find_map(|length| {
            let at = tail.len().checked_sub(length)?;
            let date = &tail[at..];
            let digits = date.bytes().filter(u8::is_ascii_digit).count();
            (digits == 8 && date.starts_with(['-', '@']) && date[1..].starts_with("20")).then_some(at)
        })
    });
    date.map_or(model, |at| &model[..head.len() + at])
}

struct Row {
    provider: &'static str,
    id: &'static str,
    name: &'static str,
    context_window: u32,
    max_output: u32,
    reasoning: bool,
    /// Input, output, cache read, cache write.
    cost: (f64, f64, f64, f64),
}

impl Row {
    fn info(&self) -> ModelInfo {
        let (input, output, cache_read, cache_write) = self.cost;
        ModelInfo {
            id: self.id.into(),
            name: self.name.into(),
            provider: self.provider.into(),
            context_window: self.context_window,
            max_output: self.max_output,
            reasoning: self.reasoning,
            input: vec![Input::Text, Input::Image],
            cost: Some(Cost { input, output, cache_read, cache_write }),
        }
    }
}

/// All of them read pictures.
#[rustfmt::skip]
const TABLE: &[Row] = &[
    row("anthropic", "claude-opus-5-5", "Claude Opus 5.5", 1_000_000, 128_000, true, (4.0, 20.0, 0.2, 5.0)),
    row("anthropic", "claude-opus-5", "Claude Opus 5", 1_000_000, 128_000, true, (5.0, 25.0, 0.5, 6.25)),
    row("anthropic", "claude-sonnet-5", "Claude Sonnet 5", 1_000_000, 128_000, true, (2.0, 10.0, 0.2, 2.5)),
    row("anthropic", "claude-opus-4-6", "Claude Opus 4.6", 1_000_000, 128_000, true, (5.0, 25.0, 0.5, 6.25)),
    row("anthropic", "claude-sonnet-4-6", "Claude Sonnet 4.6", 1_000_000, 64_000, true, (3.0, 15.0, 0.3, 3.75)),
    row("anthropic", "claude-opus-4-5", "Claude Opus 4.5", 200_000, 64_000, true, (5.0, 25.0, 0.5, 6.25)),
    row("anthropic", "claude-sonnet-4-5", "Claude Sonnet 4.5", 200_000, 64_000, true, (3.0, 15.0, 0.3, 3.75)),
    row("anthropic", "claude-haiku-4-5", "Claude Haiku 4.5", 200_000, 64_000, true, (1.0, 5.0, 0.1, 1.25)),
    row("openai", "gpt-5.5", "GPT-5.5", 1_050_000, 128_000, true, (5.0, 30.0, 0.5, 5.0)),
    row("openai", "gpt-5.4", "GPT-5.4", 1_050_000, 128_000, true, (2.5, 15.0, 0.25, 2.5)),
    row("openai", "gpt-5.4-mini", "GPT-5.4 mini", 400_000, 128_000, true, (0.75, 4.5, 0.075, 0.75)),
    row("openai", "gpt-5.4-nano", "GPT-5.4 nano", 400_000, 128_000, true, (0.2, 1.25, 0.02, 0.2)),
    row("openai", "gpt-5.2", "GPT-5.2", 400_000, 128_000, true, (1.75, 14.0, 0.175, 1.75)),
    row("openai", "gpt-5.1", "GPT-5.1", 400_000, 128_000, true, (1.25, 10.0, 0.125, 1.25)),
    row("openai", "gpt-5-mini", "GPT-5 mini", 400_000, 128_000, true, (0.25, 2.0, 0.025, 0.25)),
    row("openai", "gpt-4.1", "GPT-4.1", 1_047_576, 32_768, false, (2.0, 8.0, 0.5, 2.0)),
    row("google", "gemini-3.5-flash", "Gemini 3.5 Flash", 1_048_576, 65_536, true, (1.5, 9.0, 0.15, 1.5)),
    row("google", "gemini-3.1-pro-preview", "Gemini 3.1 Pro Preview", 1_048_576, 65_536, true, (2.0, 12.0, 0.2, 2.0)),
    row("google", "gemini-3-flash-preview", "Gemini 3 Flash Preview", 1_048_576, 65_536, true, (0.5, 3.0, 0.05, 0.5)),
    row("google", "gemini-2.5-pro", "Gemini 2.5 Pro", 1_048_576, 65_536, true, (1.25, 10.0, 0.125, 1.25)),
    row("google", "gemini-2.5-flash", "Gemini 2.5 Flash", 1_048_576, 65_536, true, (0.3, 2.5, 0.03, 0.3)),
    row("google", "gemini-2.5-flash-lite", "Gemini 2.5 Flash-Lite", 1_048_576, 65_536, true, (0.1, 0.4, 0.01, 0.1)),
];

const fn row(
    provider: &'static str,
    id: &'static str,
    name: &'static str,
    context_window: u32,
    max_output: u32,
    reasoning: bool,
    cost: (f64, f64, f64, f64),
) -> Row {
    Row { provider, id, name, context_window, max_output, reasoning, cost }
}

#[cfg(test)]
mod tests;
