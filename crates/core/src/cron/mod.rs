//! Work at a time of the user's choosing: what a schedule means, when it is due, and what becomes of what was missed.
//! Everything here is a function of its arguments; the time is always passed in.

mod job;
mod plan;
mod policy;
mod schedule;
mod words;
mod zones;

pub use job::{
    Delivery, DeliveryMode, DeliveryStatus, Ended, Job, JobState, Occurrence, OccurrenceState, Payload, Source,
    SystemEvent, Target, Wake,
};
pub use plan::Plan;
pub use policy::{Due, Missed, Passed, Policy, due};
pub use schedule::{MIN_EVERY_MS, Schedule, ScheduleError};
pub use words::{gap, spoken};
pub use zones::{UnknownZone, Zones};

#[cfg(test)]
mod tests;
