//! What a request asks of its answer: how long, how chosen. Every member either has its effect or is refused by name.

use openclaw_agents::Sampling;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Problem, unsupported};
use crate::runs::Limits;

/// Texts at which an answer ends, as the interface bounds them.
const STOPS: usize = 4;
/// Efforts that programs ask for; each is a level of thinking here.
const EFFORTS: [&str; 6] = ["none", "minimal", "low", "medium", "high", "xhigh"];

/// One text, or several.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Stop {
    One(String),
    Several(Vec<String>),
}

/// The most tokens of an answer.
pub(super) fn tokens(name: &str, asked: Option<u64>) -> Result<Option<u32>, Problem> {
    match asked {
        Some(0) => Err(Problem::invalid(Some(name), format!("`{name}` must be at least 1"))),
        asked => Ok(asked.map(|tokens| u32::try_from(tokens).unwrap_or(u32::MAX))),
    }
}

/// A number within its bounds.
pub(super) fn number(name: &str, asked: Option<f64>, least: f64, most: f64) -> Result<Option<f64>, Problem> {
    match asked {
        Some(number) if !(least..=most).contains(&number) => {
            Err(Problem::invalid(Some(name), format!("`{name}` must be from {least} to {most}")))
        }
        asked => Ok(asked),
    }
}

/// The texts at which an answer ends.
pub(super) fn stop(asked: Option<&Stop>) -> Result<Vec<String>, Problem> {
    let texts = match asked {
        None => return Ok(Vec::new()),
        Some(Stop::One(text)) => vec![text.clone()],
        Some(Stop::Several(texts)) => texts.clone(),
    };
    if texts.len() > STOPS || texts.iter().any(String::is_empty) {
        let text = format!("`stop` must be at most {STOPS} texts, none of them empty");
        return Err(Problem::invalid(Some("stop"), text));
    }
    Ok(texts)
}

/// The level of thinking for an effort.
pub(super) fn effort(name: &str, asked: Option<&str>) -> Result<Option<String>, Problem> {
    match asked {
        None => Ok(None),
        Some("none") => Ok(Some("off".to_owned())),
        Some(effort) if EFFORTS.contains(&effort) => Ok(Some(effort.to_owned())),
        Some(_) => Err(Problem::invalid(Some(name), format!("`{name}` must be one of {}", EFFORTS.join(", ")))),
    }
}

/// The same for both interfaces.
pub(super) fn limits(max_tokens: Option<u32>, temperature: Option<f64>, top_p: Option<f64>) -> Result<Limits, Problem> {
    let sampling = Sampling {
        temperature: number("temperature", temperature, 0.0, 2.0)?,
        top_p: number("top_p", top_p, 0.0, 1.0)?,
        ..Sampling::default()
    };
    Ok(Limits { max_tokens, sampling })
}

/// Members that would change the answer and cannot. What is empty or the default asks for nothing.
#[derive(Debug, Default)]
pub(super) struct Refused<'a> {
    pub(super) logit_bias: Option<&'a Map<String, Value>>,
    pub(super) logprobs: Option<bool>,
    pub(super) top_logprobs: Option<u64>,
    pub(super) tool_choice: Option<&'a Value>,
    pub(super) modalities: Option<&'a [String]>,
    pub(super) audio: Option<&'a Value>,
    pub(super) prediction: Option<&'a Value>,
    pub(super) web_search_options: Option<&'a Value>,
}

impl Refused<'_> {
    pub(super) fn check(self) -> Result<(), Problem> {
        let asks = |value: Option<&Value>| value.is_some_and(|value| !value.is_null());
        // Without tools these two choose none.
        let chooses = |value: &Value| !matches!(value.as_str(), Some("none" | "auto"));
        unsupported("logit_bias", self.logit_bias.is_some_and(|bias| !bias.is_empty()))?;
        unsupported("logprobs", self.logprobs == Some(true))?;
        unsupported("top_logprobs", self.top_logprobs.is_some_and(|count| count > 0))?;
        unsupported("tool_choice", self.tool_choice.is_some_and(|value| !value.is_null() && chooses(value)))?;
        unsupported("modalities", self.modalities.is_some_and(|kinds| kinds.iter().any(|kind| kind != "text")))?;
        unsupported("audio", asks(self.audio))?;
        unsupported("prediction", asks(self.prediction))?;
        unsupported("web_search_options", asks(self.web_search_options))
    }
}
