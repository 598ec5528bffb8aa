//! What follows from one configuration, built as a whole before any of it is in force.

use std::sync::Arc;

use openclaw_agents::Registry;
use openclaw_auth::{Policy, ThrottleSettings};
use openclaw_config::{Config, Loaded};

use crate::{
    RunError,
    access::Guard,
    nodes::NodeSettings,
    settings::{self, AgentSettings, Limits},
};

/// Makes the registry of a configuration from what was discovered at start, which a reload does not look for again.
pub(crate) type Models = Arc<dyn Fn(&Config) -> Registry + Send + Sync>;

/// The same, to be kept beside what is in force.
pub(crate) struct MakesModels(pub(crate) Models);

impl MakesModels {
    /// The registry of a configuration that is in force nowhere.
    pub(crate) fn of(&self, config: &Config) -> Registry {
        (self.0)(config)
    }
}

impl std::fmt::Debug for MakesModels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MakesModels")
    }
}

/// What follows from one configuration. Replaced as a whole when the configuration changes.
#[derive(Debug)]
pub(crate) struct Active {
    pub(crate) loaded: Arc<Loaded>,
    pub(crate) limits: Limits,
    pub(crate) policy: Policy,
    pub(crate) throttle: ThrottleSettings,
    pub(crate) agents: Vec<AgentSettings>,
    pub(crate) nodes: NodeSettings,
    pub(crate) registry: Registry,
    /// Roles and rates, when any are configured.
    pub(crate) guard: Option<Arc<Guard>>,
}

impl Active {
    /// Works out what follows. Nothing is in force yet when this returns.
    ///
    /// # Errors
    /// What would keep a gateway from starting with this configuration, so that a reload never accepts a file on which the next
    /// start fails.
    pub(crate) fn build(loaded: Arc<Loaded>, models: &Models) -> Result<Self, RunError> {
        let config = &loaded.config;
        settings::supported(config)?;
        Ok(Self {
            limits: Limits::of(config),
            policy: settings::policy(config)?,
            throttle: settings::throttle(config),
            agents: settings::agents(config),
            nodes: NodeSettings::of(config),
            registry: models(config),
            guard: Guard::of(config)?.map(Arc::new),
            loaded,
        })
    }
}
