//! `openclaw agent`

use std::time::Duration;

use clap::Args;
use openclaw_client::{Connection, Deadline, Delivery, EventStream};
use openclaw_core::Ids;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    app::Context,
    failure::{Done, Exit, Failure},
    output::Output,
    reach::{self, Target},
    show,
};

/// Time that the answer may take to travel, on top of the run's own.
const GRACE: Duration = Duration::from_secs(30);

/// Say something to an agent and print its reply as it comes
#[derive(Args, Debug)]
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
    data: Value,
}

impl Agent {
    pub(crate) async fn run(self, context: &mut Context) -> Done {
        let gateway = reach::gateway(&context.local, &self.target, None).await?;
        let run_id = Ids::system().uuid().to_string();
        let mut events = gateway.events();
        let accepted = std::cell::OnceCell::new();
        let deadline = Deadline::After(Duration::from_secs(self.timeout) + GRACE);
        let ask = gateway.request_with("agent", self.params(&run_id), deadline, |reply| {
            let key = serde_json::from_str::<Value>(reply.get()).ok();
            let key = key.and_then(|reply| reply.get("sessionKey").and_then(Value::as_str).map(str::to_owned));
            let _ = accepted.set(key.or_else(|| self.session_key.clone()).unwrap_or_else(|| "main".to_owned()));
        });
        let output = &mut context.output;
        let mut reply = Reply::default();
        let outcome = {
            let mut ask = std::pin::pin!(ask);
            let mut interrupted = std::pin::pin!(tokio::signal::ctrl_c());
            let streams = !self.no_stream && !output.json;
            loop {
                tokio::select! {
                    biased;
                    text = next_text(&mut events, &run_id), if streams => match text {
                        Some(text) => reply.show(output, &text)?,
                        // The end of the events is the end of the connection, of which the answer tells.
                        None => break ask.await,
                    },
                    outcome = &mut ask => break outcome,
                    _ = &mut interrupted => {
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
        let last: Value = serde_json::from_str(outcome.get()).map_err(|error| {
            Failure::new(Exit::Failed, "ANSWER", format!("agent answered in an unexpected shape: {error}"))
        })?;
        if output.json {
            output.value(&last)?;
        } else {
            reply.show(output, &final_text(&last))?;
            reply.end(output)?;
        }
        Ok(if last.get("status").and_then(Value::as_str) == Some("ok") { Exit::Ok } else { Exit::Failed })
    }

    fn params(&self, run_id: &str) -> Value {
        let mut params = Map::new();
        let words = [
            ("message", Some(&self.message)),
            ("sessionKey", self.session_key.as_ref()),
            ("sessionId", self.session_id.as_ref()),
            ("agentId", self.agent.as_ref()),
            ("thinking", self.thinking.as_ref()),
        ];
        for (name, word) in words {
            if let Some(word) = word {
                params.insert(name.to_owned(), json!(word));
            }
        }
        params.insert("timeout".to_owned(), json!(self.timeout));
        params.insert("idempotencyKey".to_owned(), json!(run_id));
        Value::Object(params)
    }
}

/// The whole reply so far, whenever it grew.
async fn next_text(events: &mut EventStream, run_id: &str) -> Option<String> {
    loop {
        let Delivery::Event(event) = events.next().await? else { continue };
        if event.name != "agent" {
            continue;
        }
        let Ok(progress) = event.read::<Progress>() else { continue };
        if progress.run_id == run_id
            && progress.stream == "assistant"
            && let Some(text) = progress.data.get("text").and_then(Value::as_str)
        {
            return Some(text.to_owned());
        }
    }
}

/// The texts of the final answer.
fn final_text(last: &Value) -> String {
    let payloads = last.pointer("/result/payloads").and_then(Value::as_array);
    let texts: Vec<&str> =
        payloads.into_iter().flatten().filter_map(|payload| payload.get("text").and_then(Value::as_str)).collect();
    texts.join("\n\n")
}

/// What was printed of the reply.
#[derive(Default)]
struct Reply {
    printed: String,
}

impl Reply {
    /// Prints what is new in `text`, the whole reply so far. A text that does not go on with what was printed begins anew.
    fn show(&mut self, output: &mut Output, text: &str) -> std::io::Result<()> {
        let text = show::clean(text);
        match text.strip_prefix(&self.printed) {
            Some("") => return Ok(()),
            Some(rest) => output.stream(rest)?,
            None if self.printed.starts_with(&text) => return Ok(()),
            None => {
                self.end(output)?;
                output.stream(&text)?;
            }
        }
        self.printed = text;
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
async fn abort(gateway: &Connection, session_key: &str, run_id: &str) {
    let _ = gateway
        .request_within(
            "chat.abort",
            json!({ "sessionKey": session_key, "runId": run_id }),
            Deadline::After(Duration::from_secs(2)),
        )
        .await;
}
