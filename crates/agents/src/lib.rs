//! How a turn reaches a model: the [`Provider`] trait, one implementation per wire, what is known about models, and
//! what is found on this machine. Knows nothing of sessions, stores or sockets.
//!
//! | Part | What it is |
//! |---|---|
//! | [`provider`] | the trait, the request and the increments of an answer |
//! | [`error`] | what can go wrong |
//! | [`failover`] | what is done then: the next key, the next model, a cooldown, an end |
//! | [`transport`] | one HTTP exchange: deadlines, framing, bounds, status mapping |
//! | [`providers`] | encoder and decoder of each wire, and the built-in demo |
//! | [`catalog`] | names, limits and list prices of well-known models |
//! | [`discovery`] | what the environment and this machine offer |
//! | [`registry`] | the snapshot that a `provider/model` is resolved in |

pub mod catalog;
pub mod discovery;
pub mod error;
pub mod failover;
pub mod provider;
pub mod providers;
pub mod registry;
pub mod transport;

pub use catalog::{ModelInfo, ModelRef};
pub use discovery::{Discovered, DiscoverySettings, discover};
pub use error::{Error, Phase};
pub use failover::{Failover, Failure};
pub use provider::{Delta, DeltaStream, Message, Part, Provider, Request, Role, Sampling, Stop, Tool, Usage};
pub use providers::Api;
pub use registry::{KeyNeed, Keyed, ProviderSettings, Registry, UnknownModel};
pub use transport::{Endpoint, HttpSettings, Timeouts, http_client};
