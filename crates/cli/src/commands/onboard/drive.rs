//! Who keeps the setup: a gateway, or this command.

use openclaw_client::{Connection, RequestError};
use openclaw_gateway::setup::Step;
use openclaw_store::StateDir;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::here::Here;
use crate::{
    app::Context,
    ask::ask,
    failure::{Exit, Failure},
    reach::{self, Source, Target},
};

/// What follows an answer.
pub(super) enum Shown {
    /// The next step.
    Step(Step),
    /// It is no answer.
    Bad(String),
    /// It is over.
    Over(Said),
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Done,
    Cancelled,
    Failed(String),
}

/// Who keeps it.
pub(super) enum Driver {
    Gateway { connection: Box<Connection>, session: String },
    Here(Box<Here>),
}

#[derive(Serialize)]
struct Nothing {}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Which<'a> {
    session_id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answered<'a> {
    session_id: &'a str,
    answer: Answer<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    step_id: &'a str,
    value: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Begun {
    session_id: String,
    step: Step,
}

#[derive(Deserialize)]
struct Next {
    #[serde(default)]
    step: Option<Step>,
    #[serde(default)]
    status: String,
    #[serde(default)]
    error: Option<String>,
}

/// The answer of a method of which nothing is read.
#[derive(Deserialize)]
struct Ignored {}

impl Driver {
    /// Begins one where it belongs.
    pub(super) async fn start(context: &Context, target: &Target, restart: bool) -> Result<(Self, Step), Failure> {
        let found = reach::find(&context.local, target)?;
        let state = context.local.paths()?.state_dir;
        // Somebody's claim says that a gateway runs, whatever it wrote about itself before.
        if found.source == Source::Local && !StateDir::is_claimed(&state).unwrap_or(false) {
            let (here, step) = Here::start(&context.local)?;
            return Ok((Self::Here(Box::new(here)), step));
        }
        let connection = reach::connected(context, target, &found, None).await?;
        let begun = match Self::begin(&connection).await {
            Err((_, Some(session))) if restart => {
                ask::<Ignored>(&connection, "wizard.cancel", Which { session_id: &session }).await?;
                Self::begin(&connection).await
            }
            other => other,
        };
        let begun = begun.map_err(|(failure, session)| match session {
            Some(_) => failure.helped("openclaw onboard --restart"),
            None => failure,
        })?;
        let driver = Self::Gateway { connection: Box::new(connection), session: begun.session_id };
        Ok((driver, begun.step))
    }

    /// Begins one at the gateway; with why not, the one that is in the way.
    async fn begin(connection: &Connection) -> Result<Begun, (Failure, Option<String>)> {
        match connection.request("wizard.start", Nothing {}).await {
            Ok(raw) => serde_json::from_str(raw.get()).map_err(|error| {
                let text = format!("wizard.start answered in an unexpected shape: {error}");
                (Failure::new(Exit::Failed, "ANSWER", text), None)
            }),
            Err(error) => {
                let session = refusal(&error, "sessionId");
                Err((error.into(), session))
            }
        }
    }

    /// Answers a step.
    pub(super) async fn answer(&mut self, context: &Context, step: &Step, value: Value) -> Result<Shown, Failure> {
        let (connection, session) = match self {
            Self::Here(here) => return here.answer(context, step, &value),
            Self::Gateway { connection, session } => (connection, session),
        };
        let answered = Answered { session_id: session, answer: Answer { step_id: &step.id, value } };
        let asking = connection.request("wizard.next", answered);
        let raw = match context.output.progress("wizard.next").during(asking).await {
            Ok(raw) => raw,
            Err(error) if refusal(&error, "path").as_deref() == Some("params.answer.value") => {
                return Ok(Shown::Bad(error.to_string()));
            }
            Err(error) => return Err(error.into()),
        };
        let next: Next = serde_json::from_str(raw.get()).map_err(|error| {
            let text = format!("wizard.next answered in an unexpected shape: {error}");
            Failure::new(Exit::Failed, "ANSWER", text).helped("compare the versions: openclaw doctor")
        })?;
        Ok(match (next.step, next.status.as_str()) {
            (Some(step), _) => Shown::Step(step),
            (None, "done") => Shown::Over(Said::Done),
            (None, "cancelled") => Shown::Over(Said::Cancelled),
            (None, _) => Shown::Over(Said::Failed(next.error.unwrap_or_else(|| "it could not be written".to_owned()))),
        })
    }

    /// Leaves when it is over; the file that was written here.
    pub(super) async fn leave(self) -> Option<String> {
        match self {
            Self::Here(here) => Some(here.path().to_owned()),
            Self::Gateway { connection, .. } => {
                connection.close().await;
                None
            }
        }
    }

    /// Gives it up; what cannot be told to the gateway ends by itself there.
    pub(super) async fn give_up(self) {
        if let Self::Gateway { connection, session } = self {
            let _ = ask::<Ignored>(&connection, "wizard.cancel", Which { session_id: &session }).await;
            connection.close().await;
        }
    }
}

/// What a refusal says besides its text.
fn refusal(error: &RequestError, member: &str) -> Option<String> {
    let RequestError::Refused { refusal, .. } = error else { return None };
    refusal.details.get(member).and_then(Value::as_str).map(str::to_owned)
}
