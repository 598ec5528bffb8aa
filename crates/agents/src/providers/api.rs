//! The wires by their configuration words.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// How a provider is spoken to: `models.providers.<id>.api`, in the reference's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Api {
    /// `anthropic-messages`: `POST /v1/messages`.
    #[serde(rename = "anthropic-messages")]
    AnthropicMessages,
    /// `openai-completions`: `POST /chat/completions`, which most servers imitate.
    #[serde(rename = "openai-completions")]
    OpenAiCompletions,
    /// `openai-responses`: `POST /responses`.
    #[serde(rename = "openai-responses")]
    OpenAiResponses,
    /// `google-generative-ai`: `POST /models/<model>:streamGenerateContent`.
    #[serde(rename = "google-generative-ai")]
    GoogleGenerativeAi,
    /// `ollama`: `POST /api/chat`.
    #[serde(rename = "ollama")]
    Ollama,
    /// `demo`: the built-in stand-in that is no model.
    #[serde(rename = "demo")]
    Demo,
}

impl Api {
    /// The wire that a provider of this id speaks when nothing is said; most servers imitate `openai-completions`.
    #[must_use]
    pub fn usual(provider: &str) -> Self {
        match provider {
            "anthropic" => Self::AnthropicMessages,
            "openai" => Self::OpenAiResponses,
            "google" => Self::GoogleGenerativeAi,
            "ollama" => Self::Ollama,
            "demo" => Self::Demo,
            _ => Self::OpenAiCompletions,
        }
    }

    /// Every wire.
    pub const ALL: [Self; 6] = [
        Self::AnthropicMessages,
        Self::OpenAiCompletions,
        Self::OpenAiResponses,
        Self::GoogleGenerativeAi,
        Self::Ollama,
        Self::Demo,
    ];

    /// Its configuration word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::AnthropicMessages => "anthropic-messages",
            Self::OpenAiCompletions => "openai-completions",
            Self::OpenAiResponses => "openai-responses",
            Self::GoogleGenerativeAi => "google-generative-ai",
            Self::Ollama => "ollama",
            Self::Demo => "demo",
        }
    }

    /// Whether the vendor that serves it answers nobody without a key.
    #[must_use]
    pub fn wants_key(self) -> bool {
        !matches!(self, Self::Ollama | Self::Demo)
    }

    /// Where the vendor itself serves it; used when the configuration has no `baseUrl`.
    #[must_use]
    pub fn default_base_url(self) -> &'static str {
        match self {
            Self::AnthropicMessages => "https://api.anthropic.com",
            Self::OpenAiCompletions | Self::OpenAiResponses => "https://api.openai.com/v1",
            Self::GoogleGenerativeAi => "https://generativelanguage.googleapis.com/v1beta",
            Self::Ollama => "http://127.0.0.1:11434",
            Self::Demo => "",
        }
    }
}

impl fmt::Display for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A word that names no wire.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{word:?} is not an api; use one of {}", Api::ALL.map(Api::word).join(", "))]
pub struct UnknownApi {
    /// The word.
    pub word: String,
}

impl FromStr for Api {
    type Err = UnknownApi;

    fn from_str(word: &str) -> Result<Self, UnknownApi> {
        Self::ALL.into_iter().find(|api| api.word() == word).ok_or_else(|| UnknownApi { word: word.into() })
    }
}
