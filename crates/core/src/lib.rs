//! What is true: the domain's records, pure state machines, and the handles through which everything else
//! gets time, randomness, tasks and the environment. Nothing here does input or output.

pub mod anomaly;
pub mod approval;
pub mod audit;
mod clock;
pub mod cron;
mod environment;
mod hex;
mod ids;
mod lookalike;
pub mod node_commands;
pub mod record;
mod secret;
mod tasks;
pub mod usage;

pub use clock::{Clock, ManualClock};
pub use environment::Environment;
pub use hex::hex;
pub use ids::Ids;
pub use lookalike::{Lookalike, is_unseen, lookalike};
pub use secret::Secret;
pub use tasks::Tasks;
