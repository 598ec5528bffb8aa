//! Why an attempt failed, and what follows.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

use crate::Error;

/// Why an attempt failed. The words are those of `failoverReason` on the wire (PROTOCOL §7.1), with ours beside them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The key is missing or wrong.
    Auth,
    /// The key may not use this model.
    Forbidden,
    /// The account has no credit.
    Billing,
    /// The key has used what it may for now.
    RateLimit,
    /// The provider has too much to do.
    Overloaded,
    /// The provider failed.
    ServerError,
    /// A deadline passed.
    Timeout,
    /// No connection, or one that broke.
    Network,
    /// The provider does not know the model.
    ModelNotFound,
    /// The request is not to this provider's taste.
    Format,
    /// What came is no answer.
    InvalidAnswer,
    /// The provider's filter refuses the content.
    Refusal,
    /// Our own settings cannot work.
    Settings,
    /// None of these.
    Unknown,
}

/// What a failure is about, and so what is left alone after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everything of the provider.
    Provider,
    /// The model, with all of the provider's keys.
    Model,
    /// The key, for every model.
    Key,
    /// The key, for this model.
    KeyAndModel,
}

/// How long a place is left alone: doubling from the first to the longest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cooling {
    /// After the first failure.
    pub first: Duration,
    /// At most.
    pub longest: Duration,
}

/// What a run does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// Asks the same again after a short pause, once, then goes on.
    Again,
    /// Goes on: to the next key when the scope leaves one, else to the next model.
    Next,
    /// Ends: what one provider refuses, no other is asked for.
    Stop,
}

/// The rule for one reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What the run does.
    pub then: Then,
    /// What is left alone by this run, and by others while it cools down.
    pub scope: Scope,
    /// For how long by others; not at all when the failure says nothing about the place.
    pub cooling: Option<Cooling>,
}

const fn rule(then: Then, scope: Scope, first_s: u64, longest_s: u64) -> Rule {
    let cooling = Cooling { first: Duration::from_secs(first_s), longest: Duration::from_secs(longest_s) };
    Rule { then, scope, cooling: Some(cooling) }
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 14] = [
        Self::Auth,
        Self::Forbidden,
        Self::Billing,
        Self::RateLimit,
        Self::Overloaded,
        Self::ServerError,
        Self::Timeout,
        Self::Network,
        Self::ModelNotFound,
        Self::Format,
        Self::InvalidAnswer,
        Self::Refusal,
        Self::Settings,
        Self::Unknown,
    ];

    /// The table: what a run does next, what is left alone, and for how long. A wait that the provider itself asks for
    /// takes the place of the first cooldown.
    #[must_use]
    pub const fn rule(self) -> Rule {
        const MINUTE: u64 = 60;
        const HOUR: u64 = 60 * MINUTE;
        match self {
            Self::Auth => rule(Then::Next, Scope::Key, 10 * MINUTE, 6 * HOUR),
            Self::Forbidden => rule(Then::Next, Scope::KeyAndModel, 10 * MINUTE, 6 * HOUR),
            Self::Billing => rule(Then::Next, Scope::Key, 5 * HOUR, 24 * HOUR),
            Self::RateLimit => rule(Then::Next, Scope::KeyAndModel, 30, 15 * MINUTE),
            Self::Overloaded => rule(Then::Again, Scope::Model, 5, 2 * MINUTE),
            Self::ServerError => rule(Then::Again, Scope::Model, 5, 2 * MINUTE),
            Self::Timeout => rule(Then::Next, Scope::Model, 15, 5 * MINUTE),
            Self::Network => rule(Then::Again, Scope::Provider, 5, 2 * MINUTE),
            Self::ModelNotFound => rule(Then::Next, Scope::KeyAndModel, 10 * MINUTE, HOUR),
            Self::InvalidAnswer => rule(Then::Next, Scope::Model, 5, 2 * MINUTE),
            Self::Unknown => rule(Then::Next, Scope::Model, 5, 2 * MINUTE),
            Self::Format | Self::Settings => Rule { then: Then::Next, scope: Scope::Model, cooling: None },
            Self::Refusal => Rule { then: Then::Stop, scope: Scope::Model, cooling: None },
        }
    }

    /// Its word on the wire, in metrics and in the log.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Forbidden => "forbidden",
            Self::Billing => "billing",
            Self::RateLimit => "rate_limit",
            Self::Overloaded => "overloaded",
            Self::ServerError => "server_error",
            Self::Timeout => "timeout",
            Self::Network => "network",
            Self::ModelNotFound => "model_not_found",
            Self::Format => "format",
            Self::InvalidAnswer => "invalid_answer",
            Self::Refusal => "refusal",
            Self::Settings => "settings",
            Self::Unknown => "unknown",
        }
    }

    /// What an error means.
    #[must_use]
    pub fn of(error: &Error) -> Self {
        match error {
            Error::Timeout { .. } => Self::Timeout,
            Error::Connect { .. } | Error::Cut { .. } => Self::Network,
            Error::Auth { .. } => Self::Auth,
            Error::Forbidden { .. } => Self::Forbidden,
            Error::Billing { .. } => Self::Billing,
            Error::NotFound { .. } => Self::ModelNotFound,
            Error::RateLimited { .. } => Self::RateLimit,
            Error::Upstream { status, .. } | Error::BadRequest { status, .. } => Self::of_status(*status),
            Error::InBand { kind, message } => Self::of_words(kind, message),
            Error::Protocol { .. } => Self::InvalidAnswer,
            Error::Settings { .. } => Self::Settings,
        }
    }

    fn of_status(status: u16) -> Self {
        match status {
            300..=399 => Self::InvalidAnswer,
            401 => Self::Auth,
            402 => Self::Billing,
            403 => Self::Forbidden,
            404 => Self::ModelNotFound,
            408 | 504 => Self::Timeout,
            429 => Self::RateLimit,
            503 | 529 => Self::Overloaded,
            500.. => Self::ServerError,
            _ => Self::Format,
        }
    }

    /// What an error within an answer means, by the vendors' words for it; the first row that fits counts.
    fn of_words(kind: &str, message: &str) -> Self {
        const WORDS: [(&[&str], Reason); 10] = [
            (&["insufficient_quota", "billing", "insufficient_credit"], Reason::Billing),
            (&["authentication", "unauthenticated", "invalid_api_key"], Reason::Auth),
            (&["permission"], Reason::Forbidden),
            (&["rate_limit", "resource_exhausted", "too_many_requests", "quota"], Reason::RateLimit),
            (&["overloaded", "unavailable"], Reason::Overloaded),
            (&["deadline", "timeout"], Reason::Timeout),
            (&["not_found"], Reason::ModelNotFound),
            (&["content_policy", "content_filter", "safety"], Reason::Refusal),
            (&["invalid_request", "invalid_argument", "failed_precondition"], Reason::Format),
            (&["server_error", "api_error", "internal"], Reason::ServerError),
        ];
        let kind = kind.to_ascii_lowercase();
        if let Ok(status @ 300..600) = kind.parse() {
            return Self::of_status(status);
        }
        if lacks_credit(message) {
            return Self::Billing;
        }
        let fits = |words: &&[&str]| words.iter().any(|word| kind.contains(word));
        WORDS.iter().find(|(words, _)| fits(words)).map_or(Self::Unknown, |(_, reason)| *reason)
    }
}

/// Whether a vendor's words say that the account has no credit. Two vendors say so with a status that means otherwise.
pub(crate) fn lacks_credit(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    ["insufficient_quota", "exceeded your current quota", "credit balance is too low", "insufficient credits"]
        .iter()
        .any(|words| message.contains(words))
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

#[cfg(test)]
mod tests;
