//! What happens when a model does not answer: which key is asked next, which model, when, and when to stop.
//!
//! Decisions are pure and take the time as a number; [`Failover`] is the one owner of what is remembered between runs.
//!
//! | Part | What it is |
//! |---|---|
//! | [`reason`] | why an attempt failed, and the table of what follows from it |
//! | [`place`] | what a failure is about: a provider, one of its keys, one of its models |
//! | [`cooldowns`] | which places are left alone, and until when |
//! | [`retries`] | the budget that keeps an outage from becoming a storm |
//! | [`route`] | one run's way through models and keys |
//! | [`ask`] | the route walked: one stream of steps for a run |
//! | [`failure`] | that nobody answered, with every attempt |
//! | [`standing`] | how providers and keys are, for people |

pub mod ask;
pub mod cooldowns;
pub mod failure;
pub mod place;
pub mod reason;
pub mod retries;
pub mod route;
pub mod standing;

pub use ask::{Asking, Candidate, Failover, Instead, Step, Steps};
pub use cooldowns::Blocked;
pub use failure::{Attempted, Failure};
pub use place::Place;
pub use reason::Reason;
pub use route::GaveUp;
pub use standing::{KeyStanding, ProviderStanding};
