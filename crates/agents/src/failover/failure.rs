//! That nobody answered.

use std::fmt;

use super::{reason::Reason, route::GaveUp};
use crate::{Error, ModelRef, Usage};

/// One attempt that failed.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempted {
    /// Which model was asked.
    pub model: ModelRef,
    /// Which of the provider's keys, counted from 1, when it has several.
    pub key: Option<usize>,
    /// What kind of failure it was.
    pub reason: Reason,
    /// What happened.
    pub error: Error,
    /// What the provider counted all the same.
    pub usage: Usage,
    /// What that costs in US dollars; `None` when the prices are not known.
    pub cost: Option<f64>,
    /// Until when the place is left alone, milliseconds since the epoch.
    pub cooldown_until: Option<i64>,
}

impl fmt::Display for Attempted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.key {
            Some(key) => write!(f, "{} (key {key}): {}", self.model, self.error),
            None => write!(f, "{}: {}", self.model, self.error),
        }
    }
}

/// No model answered, or the one that did broke off in the middle.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub struct Failure {
    /// The model that was to be asked first.
    pub wanted: ModelRef,
    /// Every attempt, in order; at most [`super::route::MOST_ATTEMPTS`] and one for each model that cannot be asked.
    pub attempts: Vec<Attempted>,
    /// Why nobody else was asked.
    pub why: GaveUp,
    /// How long it is until somebody may be asked again, milliseconds, when that is known.
    pub wait_ms: Option<i64>,
}

impl Failure {
    /// One attempt that nothing could follow.
    #[must_use]
    pub fn of(model: ModelRef, error: Error) -> Self {
        let attempted = Attempted {
            model: model.clone(),
            key: None,
            reason: Reason::of(&error),
            error,
            usage: Usage::default(),
            cost: None,
            cooldown_until: None,
        };
        Self { wanted: model, attempts: vec![attempted], why: GaveUp::Broke, wait_ms: None }
    }

    /// The last attempt: what a single word about the failure should be about.
    #[must_use]
    pub fn last(&self) -> Option<&Attempted> {
        self.attempts.last()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.attempts.as_slice(), self.why) {
            ([], GaveUp::Storm) => write!(
                f,
                "{} failed lately, and too many runs are trying it again; try again in a few seconds",
                self.wanted
            ),
            ([], _) => {
                write!(f, "{} must not be asked now: its provider wants to be left alone", self.wanted)?;
                if let Some(wait) = self.wait_ms {
                    write!(f, " for {} s", wait.max(0).saturating_add(999) / 1_000)?;
                }
                f.write_str("; try again then, or add a fallback model")
            }
            ([one], _) => write!(f, "{}", one.error),
            (attempts, _) if attempts.iter().all(|attempt| attempt.error == attempts[0].error) => {
                write!(f, "{} ({} attempts)", attempts[0].error, attempts.len())
            }
            (attempts, _) => {
                write!(f, "no model answered after {} attempts", attempts.len())?;
                for (at, attempt) in attempts.iter().enumerate() {
                    write!(f, "{} {}. {attempt}", if at == 0 { ":" } else { ";" }, at + 1)?;
                }
                Ok(())
            }
        }
    }
}
