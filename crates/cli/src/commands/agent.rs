//! `openclaw agent`

use std::time::Duration;

use clap::Args;
use openclaw_client::{Deadline, Delivery, EventStream, Supervised};
use openclaw_core::Ids;
use serde::{Deserialize, Serialize};

use crate::{
    app::Context,
    failure::{Done, Exit, Failure},
    output::Output,
    reach::{self, Target},
};

/// Time that the answer may take to travel, on top of the run's own.
const GRACE: Duration = Duration::from_secs(30);

/// Say something to an agent and print its reply as it comes
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw agent --message \"What can you do?\"
  openclaw agent -m \"Go on\" --session-key trip --thinking high
  openclaw agent -m \"Count to three\" --json

Ctrl-C stops the run.")]
pub(crate) struct Agent {
    #[command(flatten)]
    target: Target,
    /// What to say
    #[arg(short, long, value_name = "TEXT")]
    message: String,
    /// Conversation to go on with, by its key [default: the agent's main one]
    #[arg(long, value_name = "KEY")]
    session_key: Option<String>,
    /// Conversation to go on with, by its identifier
    #[arg(long, value_name = "ID", conflicts_with = "session_key")]
    session_id: Option<String>,
    /// Which agent [default: the gateway's default]
    #[arg(long, value_name = "ID")]
    agent: Option<String>,
    /// How much the model thinks: off, minimal, low, medium, high
    #[arg(long, value_name = "LEVEL")]
    thinking: Option<String>,
    /// Most time the reply may take, seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    timeout: u64,
    /// Print the reply when it is complete
    #[arg(long)]
    no_stream: bool,
}

/// An `agent` event, as far as it is printed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Progress {
    run_id: String,
    stream: String,
    #[serde(default)]
    data: Spoken,
}

/// The data of an `assistant` event; those of other streams have none of it.
#[derive(Default, Deserialize)]
struct Spoken {
    #[serde(default)]
    text: Option<String>,
}

impl Agent {
    pub(crate) async fn run(self, context: &mut Context) -> Done {
        let gateway = reach::supervised(context, &self.target).await?;
        let run_id = Ids::system().uuid().to_string();
        let mut events = gateway.events();
        let accepted = std::cell::OnceCell::new();
        let deadline = Deadline::After(Duration::from_secs(self.timeout) + GRACE);
        // The run has a name, so asking again after a lost connection does not begin another.
        let ask = gateway.request_again("agent", self.params(&run_id), deadline, |reply| {
            let key = serde_json::from_str::<Accepted>(reply.get()).ok().and_then(|accepted| accepted.session_key);
            let _ = accepted.set(key.or_else(|| self.session_key.clone()).unwrap_or_else(|| "main".to_owned()));
        });
        let output = &mut context.output;
        let mut reply = Reply::default();
        let outcome = {
            let mut ask = std::pin::pin!(ask);
            let mut interrupted = std::pin::pin!(tokio::signal::ctrl_c());
            let streams = !self.no_stream && !output.json;
            let mut sign = output.progress("waiting for the reply");
            loop {
                tokio::select! {
                    biased;
                    text = next_text(&mut events, &run_id), if streams => match text {
                        Some(text) => {
                            sign.clear();
                            reply.show(output, &text)?;
                        }
                        // The end of the events is the end of the connection, of which the answer tells.
                        None => break ask.await,
                    },
                    outcome = &mut ask => break outcome,
                    () = sign.step(), if reply.is_empty() => {}
                    _ = &mut interrupted => {
                        sign.clear();
                        reply.end(output)?;
                        if let Some(key) = accepted.get() {
                            abort(&gateway, key, &run_id).await;
                        }
                        return Ok(Exit::Interrupted);
                    }
                }
            }
        };
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(error) => {
                reply.end(output)?;
                return Err(error.into());
            }
        };
        gateway.close().await;
        let last: Last = serde_json::from_str(outcome.get()).map_err(|error| {
            Failure::new(Exit::Failed, "ANSWER", format!("agent answered in an unexpected shape: {error}"))
                .helped("compare the versions: openclaw doctor")
        })?;
        if output.json {
            output.raw(&outcome)?;
            return Ok(if last.status == "ok" { Exit::Ok } else { Exit::Failed });
        }
        reply.show(output, &last.text())?;
        reply.end(output)?;
        if last.status == "ok" {
            return Ok(Exit::Ok);
        }
        let why =
            last.summary.filter(|summary| *summary != last.status).map_or_else(String::new, |why| format!(": {why}"));
        Err(Failure::new(Exit::Failed, "RUN", format!("the run ended with \"{}\"{why}", last.status))
            .helped("openclaw logs --level warn"))
    }

    fn params<'a>(&'a self, run_id: &'a str) -> Asked<'a> {
        Asked {
            message: &self.message,
            session_key: self.session_key.as_deref(),
            session_id: self.session_id.as_deref(),
            agent_id: self.agent.as_deref(),
            thinking: self.thinking.as_deref(),
            timeout: self.timeout,
            idempotency_key: run_id,
        }
    }
}

/// What is asked of `agent`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Asked<'a> {
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<&'a str>,
    /// Seconds.
    timeout: u64,
    idempotency_key: &'a str,
}

/// The first answer, and what `chat.abort` needs of it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Accepted {
    #[serde(default)]
    session_key: Option<String>,
}

/// What is asked of `chat.abort`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Aborted<'a> {
    session_key: &'a str,
    run_id: &'a str,
}

/// The whole reply so far, whenever it grew.
async fn next_text(events: &mut EventStream, run_id: &str) -> Option<String> {
    loop {
        let Delivery::Event(event) = events.next().await? else { continue };
        if event.name != "agent" {
            continue;
        }
        let Ok(progress) = event.read::<Progress>() else { continue };
        if progress.run_id == run_id && progress.stream == "assistant" && progress.data.text.is_some() {
            return progress.data.text;
        }
    }
}

/// The final answer, as far as it is shown.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Last {
    status: String,
    summary: Option<String>,
    result: Outcome,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Outcome {
    payloads: Vec<Payload>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Payload {
    text: Option<String>,
}

impl Last {
    /// The texts of the reply.
    fn text(&self) -> String {
        let texts: Vec<&str> = self.result.payloads.iter().filter_map(|payload| payload.text.as_deref()).collect();
        texts.join("\n\n")
    }
}

/// What was printed of the reply.
#[derive(Default)]
struct Reply {
    printed: String,
}

impl Reply {
    fn is_empty(&self) -> bool {
        self.printed.is_empty()
    }

    /// Prints what is new in `text`, the whole reply so far. A text that does not go on with what was printed begins anew.
    fn show(&mut self, output: &mut Output, text: &str) -> std::io::Result<()> {
        match text.strip_prefix(&self.printed) {
            Some("") => return Ok(()),
            Some(rest) => output.stream(rest)?,
            None if self.printed.starts_with(text) => return Ok(()),
            None => {
                self.end(output)?;
                output.stream(text)?;
            }
        }
        text.clone_into(&mut self.printed);
        Ok(())
    }

    /// Ends the line that was begun.
    fn end(&mut self, output: &mut Output) -> std::io::Result<()> {
        if !self.printed.is_empty() && !self.printed.ends_with('\n') {
            output.stream("\n")?;
        }
        self.printed.clear();
        Ok(())
    }
}

/// Stops the run that nobody waits for any more.
async fn abort(gateway: &Supervised, session_key: &str, run_id: &str) {
    let (params, deadline) = (Aborted { session_key, run_id }, Deadline::After(Duration::from_secs(2)));
    let _ = gateway.request_again("chat.abort", params, deadline, |_| {}).await;
}
