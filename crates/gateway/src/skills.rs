//! Skills as the agents of this gateway have them: found, and held against what is there and what the configuration says.
//!
//! Programs that a skill needs are looked for and not run, and no secret leaves this module.

use std::{collections::BTreeSet, path::PathBuf, sync::Arc};

use openclaw_config::{KeyPath, Loaded};
use openclaw_core::Environment;
use openclaw_protocol::{WireError, detail};
use openclaw_skills::{Found, Ground, Needs, Pin, Pins, Problem, Root, Source, os_word, scan};
use serde_json::Value;

use crate::{settings::AgentSettings, state::State, workspace::expanded};

/// The skills of one agent.
#[derive(Debug)]
pub(crate) struct Skills {
    /// Sorted by name.
    pub(crate) skills: Vec<Skill>,
    /// What looks like a skill and is none.
    pub(crate) problems: Vec<Problem>,
}

/// A skill, and how it stands.
#[derive(Debug)]
pub(crate) struct Skill {
    pub(crate) found: Found,
    /// Whether it is what was installed.
    pub(crate) pin: Pin,
    /// The configuration turns it off.
    pub(crate) disabled: bool,
    /// What it needs and does not find.
    pub(crate) missing: Needs,
    /// Keys of the configuration that it needs, and whether they are on.
    pub(crate) config_checks: Vec<(String, bool)>,
}

impl Skill {
    /// Whether it can be used.
    pub(crate) fn is_eligible(&self) -> bool {
        !self.disabled && self.missing.is_empty() && !matches!(self.pin, Pin::Broken(_))
    }
}

/// What skills are held against.
#[derive(Clone)]
struct Around {
    loaded: Arc<Loaded>,
    environment: Environment,
    pins: Arc<Pins>,
    now_ms: i64,
}

impl State {
    /// The folder of skills that all agents have.
    pub(crate) fn managed_skills(&self) -> PathBuf {
        self.state_dir.join("skills")
    }

    /// Where an agent's skills come from; what comes first counts.
    fn skill_roots(&self, agent: &AgentSettings) -> Vec<Root> {
        let own = Root { path: self.workspace(agent).join("skills"), source: Source::Workspace };
        let managed = Root { path: self.managed_skills(), source: Source::Managed };
        let active = self.active();
        let extra = active.loaded.config.skills.load.extra_dirs.iter();
        let extra = extra.map(|text| Root { path: expanded(text, self.home.as_deref()), source: Source::Extra });
        [own, managed].into_iter().chain(extra).collect()
    }

    /// The skills of an agent, looked for anew.
    ///
    /// # Errors
    /// The look-up died.
    pub(crate) async fn skills(&self, agent: &AgentSettings) -> Result<Skills, WireError> {
        let roots = self.skill_roots(agent);
        let around = Around {
            loaded: Arc::clone(&self.active().loaded),
            environment: self.environment.clone(),
            pins: Arc::clone(&self.skill_pins),
            now_ms: self.clock.now_ms(),
        };
        looked(move || {
            let scan = scan(&roots);
            let skills = scan.skills.into_iter().map(|found| around.judge(found)).collect();
            Skills { skills, problems: scan.problems }
        })
        .await
    }

    /// The programs that skills of any agent need, or come with.
    ///
    /// # Errors
    /// The look-up died.
    pub(crate) async fn skill_programs(&self) -> Result<BTreeSet<String>, WireError> {
        let mut seen = BTreeSet::new();
        let mut places = Vec::new();
        for agent in self.agents() {
            places.extend(self.skill_roots(&agent).into_iter().filter(|root| seen.insert(root.path.clone())));
        }
        looked(move || {
            // Each place by itself: what hides another for one agent may not for the next.
            let found = places.iter().flat_map(|root| scan(std::slice::from_ref(root)).skills);
            found
                .flat_map(|found| {
                    let Needs { bins, any_bins, .. } = found.front.needs;
                    let installers = found.front.install.into_iter().flat_map(|installer| installer.bins);
                    bins.into_iter().chain(any_bins).chain(installers)
                })
                .collect()
        })
        .await
    }
}

async fn looked<T: Send + 'static>(look: impl FnOnce() -> T + Send + 'static) -> Result<T, WireError> {
    let looked = tokio::task::spawn_blocking(look).await;
    looked.map_err(|_| WireError::unavailable(detail::INTERNAL, "looking for skills died; see the log"))
}

impl Around {
    fn judge(&self, found: Found) -> Skill {
        let front = &found.front;
        let entry = self.loaded.config.skills.entries.get(&front.key);
        let primary = front.primary_env.as_deref();
        let has_env =
            |name: &str| self.environment.get(name).is_some() || entry.is_some_and(|entry| entry.gives(name, primary));
        let has_config = |path: &str| self.is_on(path);
        let ground = Ground {
            path: self.environment.get("PATH").unwrap_or_default(),
            os: os_word(),
            has_env: &has_env,
            has_config: &has_config,
        };
        let mut missing = front.needs.missing(&ground);
        if front.always {
            missing = Needs { os: missing.os, ..Needs::default() };
        }
        let config_checks = front.needs.config.iter().map(|path| (path.clone(), self.is_on(path))).collect();
        // Only what the gateway installed has a note; in other places nobody but its owner writes one.
        let pin = match found.source {
            Source::Managed => self.pins.of(&found.folder, self.now_ms),
            Source::Workspace | Source::Extra => Pin::None,
        };
        let disabled = entry.is_some_and(|entry| !entry.enabled);
        Skill { disabled, missing, config_checks, pin, found }
    }

    /// Whether a key of the configuration is there and says neither no nor nothing.
    fn is_on(&self, path: &str) -> bool {
        let Ok(path) = path.parse::<KeyPath>() else { return false };
        match path.get(&self.loaded.resolved) {
            None | Some(Value::Null | Value::Bool(false)) => false,
            Some(Value::String(text)) => !text.is_empty(),
            Some(Value::Number(number)) => number.as_f64() != Some(0.0),
            Some(_) => true,
        }
    }
}
