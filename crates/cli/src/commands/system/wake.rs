//! `openclaw wake` and `openclaw system event`

use clap::Args;
use serde::{Serialize, de::IgnoredAny};

use crate::{app::Context, ask, failure::Done, reach::Target};

/// Tell an agent something, and have it look at once
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw wake \"The build is red\"
  openclaw wake \"Read this when you have time\" --mode next-heartbeat")]
pub(crate) struct Wake {
    #[command(flatten)]
    target: Target,
    /// What the agent is told
    text: String,
    /// now, or next-heartbeat to wait for the agent's next turn
    #[arg(long, value_name = "MODE", default_value = "now")]
    mode: String,
    /// Whom [default: the default agent]
    #[arg(long, value_name = "ID")]
    agent: Option<String>,
    /// Where [default: the agent's main session]
    #[arg(long, value_name = "KEY")]
    session_key: Option<String>,
}

/// Tell an agent something with its next turn, or at once
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw system event --text \"Look at the queue\"
  openclaw system event --text \"The build is red\" --mode now")]
pub(super) struct Event {
    #[command(flatten)]
    target: Target,
    /// What the agent is told
    #[arg(long, value_name = "TEXT")]
    text: String,
    /// now, or next-heartbeat to wait for the agent's next turn
    #[arg(long, value_name = "MODE", default_value = "next-heartbeat")]
    mode: String,
    /// Where [default: the agent's main session]; the agent looks at once there
    #[arg(long, value_name = "KEY")]
    session_key: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Asked<'a> {
    mode: &'a str,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_key: Option<&'a str>,
}

impl Wake {
    pub(crate) async fn run(self, context: &mut Context) -> Done {
        let asked = Asked {
            mode: &self.mode,
            text: &self.text,
            agent_id: self.agent.as_deref(),
            session_key: self.session_key.as_deref(),
        };
        tell(context, &self.target, asked).await
    }
}

impl Event {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let asked =
            Asked { mode: &self.mode, text: &self.text, agent_id: None, session_key: self.session_key.as_deref() };
        tell(context, &self.target, asked).await
    }
}

async fn tell(context: &mut Context, target: &Target, asked: Asked<'_>) -> Done {
    let answer = ask::once::<IgnoredAny>(context, target, "wake", asked).await?;
    answer.show(&mut context.output, |output, _| output.line("ok"))
}
