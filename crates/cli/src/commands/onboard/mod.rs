//! `openclaw onboard`

mod answers;
mod drive;
mod here;
mod person;

use clap::{Args, ValueEnum};
use openclaw_gateway::setup::{Kind, Step};
use serde::Serialize;
use serde_json::Value;

use crate::{
    app::Context,
    failure::{Done, Exit, Failure},
    reach::Target,
};
use drive::{Driver, Said, Shown};

/// Set a gateway up, step by step
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw onboard                                      asks
  openclaw onboard --non-interactive --auth token       a new configuration with a new token, nothing asked
  openclaw onboard --non-interactive --model house/big --api-key-env HOUSE_KEY --probe
  openclaw onboard --bind lan --auth password --secret-env GATEWAY_PASSWORD

What a flag says is not asked. Nothing is written before the last step, and then everything in one change. It is written by the
gateway when one runs, else into the configuration's file, which is made when there is none.")]
pub(crate) struct Onboard {
    #[command(flatten)]
    target: Target,
    /// Ask nothing; what no flag says stays as it is
    #[arg(long)]
    non_interactive: bool,
    /// From where clients can connect
    #[arg(long, value_enum, value_name = "WHERE", help_heading = "Answers")]
    bind: Option<Where>,
    /// How clients prove themselves: keep what is set, a new token, or a new password
    #[arg(long, value_enum, value_name = "HOW", help_heading = "Answers")]
    auth: Option<How>,
    /// Variable that holds the new token or password [default: a token is made]
    #[arg(long, value_name = "NAME", requires = "auth", help_heading = "Answers")]
    secret_env: Option<String>,
    /// The model, as provider/model
    #[arg(long, value_name = "MODEL", value_parser = model, help_heading = "Answers")]
    model: Option<String>,
    /// Variable that holds the provider's API key [default: the key that is known]
    #[arg(long, value_name = "NAME", requires = "model", help_heading = "Answers")]
    api_key_env: Option<String>,
    /// Ask the provider for a word, and write nothing when it does not answer
    #[arg(long, requires = "model", help_heading = "Answers")]
    probe: bool,
    /// Name of the first agent
    #[arg(long, value_name = "NAME", help_heading = "Answers")]
    agent_name: Option<String>,
    /// Folder that it works in
    #[arg(long, value_name = "FOLDER", help_heading = "Answers")]
    workspace: Option<String>,
    /// End a setup that is at work already
    #[arg(long)]
    restart: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Where {
    Loopback,
    Lan,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum How {
    Keep,
    Token,
    Password,
}

fn model(text: &str) -> Result<String, String> {
    match text.split_once('/') {
        Some((provider, model)) if !provider.is_empty() && !model.is_empty() => Ok(text.to_owned()),
        _ => Err("expected provider/model".to_owned()),
    }
}

/// How it ended, for programs.
#[derive(Serialize)]
struct Ended<'a> {
    ok: bool,
    status: &'static str,
    /// `gateway` or `file`.
    by: &'static str,
    /// The configuration's file, when it was written here.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
}

impl Onboard {
    pub(crate) async fn run(self, context: &mut Context) -> Done {
        if !self.non_interactive {
            if context.output.json {
                return Err(Failure::usage("--json asks nothing").helped("openclaw onboard --non-interactive --json"));
            }
            if !person::is_there() {
                return Err(Failure::usage("there is no terminal at which questions could be answered")
                    .helped("openclaw onboard --non-interactive"));
            }
        }
        if self.auth == Some(How::Keep) && self.secret_env.is_some() {
            return Err(Failure::usage("--secret-env goes with a new token or password, not with --auth keep")
                .helped("leave --secret-env out"));
        }
        let (mut driver, first) = Driver::start(context, &self.target, self.restart).await?;
        if self.probe && matches!(driver, Driver::Here(_)) {
            return Err(Failure::usage("--probe needs a gateway that runs, which asks the provider")
                .helped("start it (openclaw gateway) and run this again, or leave --probe out"));
        }
        match self.go(context, &mut driver, first).await {
            Ok(status) => {
                let by = driver.leave().await;
                self.tell(context, status, by.as_deref())
            }
            Err(failure) => {
                driver.give_up().await;
                Err(failure)
            }
        }
    }

    async fn go(&self, context: &mut Context, driver: &mut Driver, mut step: Step) -> Result<Said, Failure> {
        loop {
            let value = match self.given(context, &step)? {
                Some(value) => value,
                None if self.non_interactive => Value::Null,
                None => person::asked(context, &step).await?,
            };
            match driver.answer(context, &step, value).await? {
                Shown::Step(next) => step = next,
                Shown::Bad(problem) if self.non_interactive || self.given(context, &step)?.is_some() => {
                    return Err(Failure::usage(problem).helped("openclaw onboard --help"));
                }
                Shown::Bad(problem) => {
                    context.output.line(problem)?;
                    context.output.flush()?;
                }
                Shown::Over(said) => return Ok(said),
            }
        }
    }

    fn tell(&self, context: &mut Context, said: Said, written: Option<&str>) -> Done {
        let by = if written.is_some() { "file" } else { "gateway" };
        let (status, exit) = match &said {
            Said::Done => ("done", Exit::Ok),
            Said::Cancelled => ("cancelled", Exit::Failed),
            Said::Failed(problem) => return Err(Failure::new(Exit::Failed, "SETUP", problem.clone())),
        };
        let output = &mut context.output;
        if output.json {
            output.value(&Ended { ok: said == Said::Done, status, by, path: written })?;
            return Ok(exit);
        }
        match (said, written) {
            (Said::Done, Some(path)) => {
                output.line(format!("written to {path}"))?;
                output.line("Start the gateway: openclaw gateway")?;
            }
            (Said::Done, None) => {
                output.line("the gateway is set up")?;
                output.line("Talk to it: openclaw agent --message \"Hello\". Look at it: openclaw dashboard")?;
            }
            _ => output.line("given up; nothing was changed")?,
        }
        Ok(exit)
    }

    /// What a flag answers; `None` when none does.
    fn given(&self, context: &Context, step: &Step) -> Result<Option<Value>, Failure> {
        let from = |name: &Option<String>| answers::variable(context, name.as_deref());
        let word = step.id.rsplit_once('-').map_or(step.id.as_str(), |(word, _)| word);
        Ok(match word {
            "intro" if self.non_interactive => Some(Value::Null),
            "bind" => self.bind.map(|bind| answers::word(&bind)),
            "auth" => self.auth.map(|auth| answers::word(&auth)),
            "token" | "password" => match from(&self.secret_env)? {
                Some(secret) => Some(secret.into()),
                None if word == "token" && self.non_interactive => Some("".into()),
                None if self.non_interactive => {
                    return Err(Failure::usage("--auth password needs the password")
                        .helped("--secret-env NAME, the variable that holds it"));
                }
                None => None,
            },
            "provider" => match &self.model {
                Some(model) => Some(model.split_once('/').map_or(model.as_str(), |(provider, _)| provider).into()),
                None if self.non_interactive => Some("skip".into()),
                None => None,
            },
            "key" => match from(&self.api_key_env)? {
                Some(key) => Some(key.into()),
                None if self.non_interactive => Some("".into()),
                None => None,
            },
            "model" => self.model.clone().map(Value::from),
            "probe" if self.probe || self.non_interactive => Some(self.probe.into()),
            "unanswered" if self.probe && (self.non_interactive || self.api_key_env.is_some()) => {
                return Err(Failure::new(Exit::Failed, "PROBE", step.message.clone())
                    .helped("mend the key, or leave --probe out; nothing was written"));
            }
            "agent" => self.agent_name.clone().map(Value::from),
            "workspace" => self.workspace.as_deref().map(crate::commands::agents::folder).transpose()?.map(Value::from),
            "confirm" if self.non_interactive => Some(true.into()),
            _ => None,
        })
    }
}

/// What an empty line means.
fn initial(step: &Step) -> Option<String> {
    match (&step.initial_value, step.kind) {
        (Some(Value::String(text)), Kind::Text | Kind::Select) => Some(text.clone()),
        _ => None,
    }
}
