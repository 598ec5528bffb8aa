//! `wizard.next`: answers a step of a guided setup and shows the next.

use std::time::Duration;

use openclaw_config::Config;
use openclaw_store::Transaction;

use crate::{
    methods::{agents::roster, config::goodbye, models::problem, prelude::*},
    settings,
    setup::{BadAnswer, Setup, Step, Then},
    wizards::{Found, Over, Status},
    workspace::{self, Folder},
};

/// How long a provider may take to answer.
const ANSWER: Duration = Duration::from_secs(20);

params! {
    /// Which setup, and the answer.
    {
        /// As `wizard.start` named it.
        session_id: String,
        /// The answer to the step that is shown; without one it is shown again.
        #[serde(default)]
        answer: Option<Answer>,
    } understood {}
}

/// An answer.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Answer {
    /// The step.
    step_id: String,
    /// What is answered; without it, the step's `initialValue`.
    #[serde(default)]
    value: Option<Value>,
}

/// The next step, or how it ended.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Reply {
    done: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<Step>,
    status: Status,
    /// Why it could not be written.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl From<Over> for Reply {
    fn from(over: Over) -> Self {
        Self { done: true, step: None, status: over.status, error: over.error }
    }
}

pub(crate) struct Next;

impl Method for Next {
    const NAME: &'static str = "wizard.next";
    const ABOUT: &'static str =
        "Answers a step of a guided setup and shows the next; the last answer writes the configuration.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 10;
    const AUDIT: Audit = Audit::Change("config.changed");
    const REPEAT: Repeat = Repeat::Fresh;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let (wizards, id) = (&call.state().wizards, params.session_id.as_str());
        let mut setup = match wizards.take(id, &call.principal().audit_name(), call.now_ms())? {
            Found::Setup(setup) => setup,
            Found::Over(over) => return Ok(over.into()),
        };
        let Some(answer) = params.answer else {
            return Ok(shown(&call, id, setup));
        };
        match setup.answer(&answer.step_id, answer.value.as_ref()) {
            Err(bad) => {
                let error = refused(&bad, &setup.step());
                wizards.back(id, setup, call.now_ms());
                Err(error)
            }
            Ok(Then::Ask) => Ok(shown(&call, id, setup)),
            Ok(Then::Probe) => {
                let problem = probe(&call, &setup).await;
                setup.probed(problem.as_deref());
                Ok(shown(&call, id, setup))
            }
            Ok(Then::Quit) => Ok(ended(&call, id, Over { status: Status::Cancelled, error: None })),
            Ok(Then::Write) if wizards.is_given_up(id, call.now_ms()) => {
                Ok(ended(&call, id, Over { status: Status::Cancelled, error: None }))
            }
            Ok(Then::Write) => {
                let over = match write(&call, *setup).await {
                    Ok(()) => Over { status: Status::Done, error: None },
                    Err(error) => Over { status: Status::Error, error: Some(error.message.into_owned()) },
                };
                Ok(ended(&call, id, over))
            }
        }
    }
}

/// Gives the setup back and shows where it stands.
fn shown(call: &Call, id: &str, setup: Box<Setup>) -> Reply {
    let step = setup.step();
    match call.state().wizards.back(id, setup, call.now_ms()) {
        Some(over) => over.into(),
        None => Reply { done: false, step: Some(step), status: Status::Running, error: None },
    }
}

fn ended(call: &Call, id: &str, over: Over) -> Reply {
    call.state().wizards.end(id, over.clone(), call.now_ms());
    over.into()
}

fn refused(bad: &BadAnswer, step: &Step) -> WireError {
    match bad {
        BadAnswer::Step(_) => {
            let text = format!("{bad}; the one that is shown is {}", step.id);
            WireError::invalid(detail::CONFLICT, text)
                .with("stepId", step.id.as_str())
                .with("path", "params.answer.stepId")
        }
        BadAnswer::Value(_) => {
            let text = format!("invalid {} params: at /answer/value: {} {bad}", Next::NAME, step.title);
            WireError::params(text).with("path", "params.answer.value").with("stepId", step.id.as_str())
        }
    }
}

/// Asks the provider for a word, with the key that was answered; what is wrong when it does not answer.
async fn probe(call: &Call, setup: &Setup) -> Option<String> {
    let (provider, key, model) = setup.to_probe()?;
    let (state, model) = (call.state(), settings::model_ref(model)?);
    let registry = match key {
        Some(key) => {
            let mut config = Config::clone(&state.active().loaded.config);
            config.models.providers.entry(provider.to_owned()).or_default().api_key = Some(key.clone());
            state.models.of(&config)
        }
        None => state.active().registry.clone(),
    };
    let keys = match registry.resolve(&model) {
        Ok((keys, _)) => keys,
        Err(unknown) => return Some(unknown.to_string()),
    };
    let Some(keyed) = keys.first() else { return Some("it has no key".to_owned()) };
    let problem = problem(keyed, &model, ANSWER).await;
    let detail = json!({ "model": model.to_string(), "keys": 1 });
    let audit = call.audit("models.probed", Next::NAME, Some(provider.to_owned()), detail);
    let kept = state.store.write(Transaction { changes: Vec::new(), audit, idempotency: None }).await;
    problem.or_else(|| kept.err().map(|error| error.to_string()))
}

/// Writes the configuration, in one change.
async fn write(call: &Call, setup: Setup) -> Result<(), WireError> {
    let loaded = std::sync::Arc::clone(&call.state().active().loaded);
    if loaded.hash != setup.base_hash() {
        return Err(changed());
    }
    if setup.edits(&loaded).is_empty() {
        return Ok(());
    }
    if let Some(folder) = setup.workspace().map(std::path::PathBuf::from) {
        workspace::within(move || Folder::make(&folder).map(drop)).await?;
    }
    let plan = move |loaded: &openclaw_config::Loaded| {
        if loaded.hash == setup.base_hash() { Ok(setup.edits(loaded)) } else { Err(changed()) }
    };
    let made = roster::change::<Next>(call, "guided setup".to_owned(), plan).await?;
    if made.ends_asker {
        goodbye(call);
    }
    Ok(())
}

fn changed() -> WireError {
    let text = "the configuration was changed since this setup began; nothing is written: begin anew with wizard.start";
    WireError::invalid(detail::CONFLICT, text)
}
