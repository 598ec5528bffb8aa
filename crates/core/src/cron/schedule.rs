//! When a job is due, as it is written down.

use jiff::{Timestamp, civil};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Zones;

/// Least time between two occurrences of an interval, milliseconds.
pub const MIN_EVERY_MS: i64 = 1000;
/// Most bytes of a cron expression.
pub(super) const MAX_EXPR_BYTES: usize = 256;
/// Latest moment that can be named: the end of the year 9998.
pub(super) const MAX_MS: i64 = 253_370_764_799_999;

/// When a job is due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "lowercase", rename_all_fields = "camelCase")]
pub enum Schedule {
    /// Once.
    At {
        /// ISO 8601; without an offset it is UTC.
        at: String,
    },
    /// Again and again after the same time.
    Every {
        /// Milliseconds between two occurrences, at least 1000.
        every_ms: i64,
        /// A moment from which the intervals are counted, milliseconds since the epoch.
        anchor_ms: i64,
    },
    /// By the calendar.
    Cron {
        /// Five or six fields, the first of six being seconds.
        expr: String,
        /// IANA name of the zone whose clock counts; the gateway's own when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tz: Option<String>,
        /// Spreads jobs of one time over this many milliseconds: each job has its fixed place in them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stagger_ms: Option<i64>,
    },
}

/// What is wrong with a schedule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct ScheduleError {
    /// The field as it is spelled on the wire.
    pub field: &'static str,
    /// What is wrong with it and what to write instead.
    pub what: String,
}

impl ScheduleError {
    pub(super) fn new(field: &'static str, what: impl Into<String>) -> Self {
        Self { field, what: what.into() }
    }
}

impl Schedule {
    /// The word that names the kind on the wire.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::At { .. } => "at",
            Self::Every { .. } => "every",
            Self::Cron { .. } => "cron",
        }
    }

    /// The moment that an ISO 8601 text means, milliseconds since the epoch. Without an offset it is read in `zone`, or in UTC.
    ///
    /// # Errors
    /// It is no date and time, or one that cannot be kept.
    pub fn moment(text: &str, zones: &Zones, zone: Option<&str>) -> Result<i64, ScheduleError> {
        let text = text.trim();
        let refused = || {
            ScheduleError::new(
                "at",
                "must be a date and time in ISO 8601, such as 2027-02-01T16:00:00Z or 2027-02-01T17:00:00+01:00",
            )
        };
        let timestamp = match text.parse::<Timestamp>() {
            Ok(timestamp) => timestamp,
            Err(_) => {
                let civil: civil::DateTime = text.parse().map_err(|_| refused())?;
                let zone = match zone {
                    Some(name) => zones.find(name).map_err(|error| ScheduleError::new("tz", error.to_string()))?,
                    None => jiff::tz::TimeZone::UTC,
                };
                zone.to_timestamp(civil).map_err(|_| refused())?
            }
        };
        let ms = timestamp.as_millisecond();
        if (0..=MAX_MS).contains(&ms) {
            Ok(ms)
        } else {
            Err(ScheduleError::new("at", "must lie between the years 1970 and 9998"))
        }
    }
}
