//! A setup without a gateway: the configuration's file is written here.

use openclaw_config::{Attempt, Mode};
use openclaw_core::{Clock, Ids, Secret};
use openclaw_gateway::setup::{self, Around, BadAnswer, Facts, Setup, Step, Then};
use openclaw_store::StateDir;
use serde_json::Value;

use super::drive::{Said, Shown};
use crate::{
    app::Context,
    failure::{Exit, Failure},
    local::Local,
};

/// The setup, and the claim that keeps a gateway from starting meanwhile.
pub(super) struct Here {
    setup: Setup,
    fresh: Secret,
    path: String,
    _claim: StateDir,
}

impl Here {
    pub(super) fn start(local: &Local) -> Result<(Self, Step), Failure> {
        let paths = local.paths()?;
        let claim = StateDir::claim(&paths.state_dir)
            .map_err(|error| Failure::new(Exit::Failed, "STATE", error.to_string()).helped("openclaw doctor"))?;
        let loaded = local.config(None)?;
        let fresh = Ids::system().token();
        let around = Around {
            state_dir: &paths.state_dir,
            home: local.home.as_deref(),
            fresh: fresh.clone(),
            found: setup::keyed(&local.environment),
            default_model: None,
            can_probe: false,
        };
        let setup = Setup::new(Facts::of(&loaded, around));
        let step = setup.step();
        Ok((Self { setup, fresh, path: loaded.path.display().to_string(), _claim: claim }, step))
    }

    /// The configuration's file.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    pub(super) fn answer(&mut self, context: &Context, step: &Step, value: &Value) -> Result<Shown, Failure> {
        let then = match self.setup.answer(&step.id, Some(value)) {
            Ok(then) => then,
            Err(bad @ (BadAnswer::Value(_) | BadAnswer::Step(_))) => {
                return Ok(Shown::Bad(format!("{} {bad}", step.title)));
            }
        };
        Ok(match then {
            Then::Ask => Shown::Step(self.setup.step()),
            // No provider is asked from here, so nobody waits for one.
            Then::Probe => {
                self.setup.probed(None);
                Shown::Step(self.setup.step())
            }
            Then::Quit => Shown::Over(Said::Cancelled),
            Then::Write => {
                self.write(&context.local)?;
                Shown::Over(Said::Done)
            }
        })
    }

    fn write(&self, local: &Local) -> Result<(), Failure> {
        let mut loaded = local.config(None)?;
        if loaded.hash != self.setup.base_hash() {
            return Err(Failure::new(
                Exit::Failed,
                "CONFLICT",
                "the configuration was changed meanwhile; nothing is written",
            )
            .helped("openclaw onboard"));
        }
        if !loaded.exists {
            openclaw_config::write_initial(&loaded.path, &self.fresh)?;
            loaded = local.config(None)?;
        }
        let edits = self.setup.edits(&loaded);
        if edits.is_empty() {
            return Ok(());
        }
        let attempt = Attempt {
            base_hash: Some(&loaded.hash),
            who: "openclaw onboard",
            note: Some("guided setup"),
            now_ms: Clock::system().now_ms(),
            mode: Mode::Write,
        };
        local.config_file(None)?.change(&edits, &attempt)?;
        Ok(())
    }
}
