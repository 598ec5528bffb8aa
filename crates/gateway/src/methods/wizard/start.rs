//! `wizard.start`: begins a guided setup.

use crate::{
    methods::prelude::*,
    setup::{Around, Facts, Setup, Step},
    wizards::Status,
};

params! {
    /// What kind of setup.
    {
        /// `local`, which is this gateway.
        #[serde(default)]
        mode: Option<Mode>,
        /// A folder that is proposed for the agent.
        #[serde(default)]
        workspace: Option<String>,
        /// Whether the gateway becomes a service of its machine. It cannot do that to itself.
        #[serde(default)]
        install_daemon: Option<bool>,
        /// `setup`, which is the only one.
        #[serde(default)]
        flow: Option<Flow>,
        /// A channel to be set up; there are none yet.
        #[serde(default)]
        channel: Option<String>,
    } understood {}
}

/// Which gateway is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Mode {
    /// This one.
    Local,
    /// Another one, of which a machine becomes a client.
    Remote,
}

/// What is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Flow {
    /// Exposure, model and agent.
    Setup,
    /// Channels.
    Channels,
}

/// The first step.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    /// Names the setup in the calls that follow.
    session_id: String,
    done: bool,
    status: Status,
    step: Step,
}

pub(crate) struct Start;

impl Method for Start {
    const NAME: &'static str = "wizard.start";
    const ABOUT: &'static str =
        "Begins a setup that asks for exposure, model and first agent, and changes nothing before the last step.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Fresh;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let lacking = |text: &'static str| Err(WireError::unavailable(detail::NOT_IMPLEMENTED, text));
        if params.mode == Some(Mode::Remote) {
            return lacking(
                "a gateway sets itself up; a machine becomes a client of another gateway with: openclaw config set gateway.mode remote",
            );
        }
        if params.flow == Some(Flow::Channels) || params.channel.is_some() {
            return lacking("this gateway has no channels yet that could be set up");
        }
        if params.install_daemon == Some(true) {
            return lacking("a running gateway does not make itself a service; packaging/systemd has a unit for that");
        }
        let state = call.state();
        let active = state.active();
        let registry = &active.registry;
        let configured = &active.loaded.config.models.providers;
        let found = registry.providers().filter(|id| *id != "demo" && !configured.contains_key(*id));
        let agent = state.agent(&state.default_agent())?;
        let facts = Facts::of(
            &active.loaded,
            Around {
                state_dir: &state.state_dir,
                home: state.home.as_deref(),
                fresh: state.ids.token(),
                found: found.map(str::to_owned).collect(),
                default_model: state.model_configured().then(|| state.agent_model(&agent).to_string()),
                can_probe: true,
            },
        );
        let mut setup = Setup::new(facts);
        if let Some(text) = &params.workspace {
            setup.propose_workspace(text).map_err(|bad| {
                WireError::params(format!("invalid {} params: at /workspace: {bad}", Self::NAME))
                    .with("path", "params.workspace")
            })?;
        }
        let (session_id, step) = (state.ids.uuid().to_string(), setup.step());
        state.wizards.start(&session_id, &call.principal().audit_name(), setup, call.now_ms())?;
        Ok(Reply { session_id, done: false, status: Status::Running, step })
    }
}
