//! `openclaw chat`

mod calls;
mod conversation;
mod draw;
mod input;
mod line;
mod live;
mod loads;
mod piped;
mod screen;
mod wire;

use clap::Args;

use crate::{
    app::Context,
    failure::Done,
    full_screen::FullScreen,
    reach::{self, Target},
};

/// Talk with an agent, and decide what it asks
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw chat
  openclaw chat --session trip
  openclaw chat --agent helper --message \"Good morning\"
  echo \"What can you do?\" | openclaw chat
  openclaw chat --message \"Count to three\" --json

At a terminal it takes the whole screen: Enter sends, Ctrl-C stops a turn and then leaves, /help tells the rest. Elsewhere it
reads one message a line, prints the replies and ends with the input; --message takes the place of the input. Commands that
begin with a slash work there too. With --json each thing that happens is a JSON document of one line.")]
pub(crate) struct Chat {
    #[command(flatten)]
    target: Target,
    /// Conversation to go on with, by its key [default: the agent's main one]
    #[arg(long, value_name = "KEY", visible_alias = "session-key")]
    session: Option<String>,
    /// Which agent [default: the gateway's default]
    #[arg(long, value_name = "ID")]
    agent: Option<String>,
    /// Say this at once
    #[arg(short, long, value_name = "TEXT")]
    message: Option<String>,
}

impl Chat {
    pub(crate) async fn run(self, context: &mut Context) -> Done {
        let key = key(self.session.as_deref(), self.agent.as_deref());
        let gateway = reach::supervised(context, &self.target).await?;
        // What happens while it is loaded must not be lost.
        let events = gateway.events();
        let followed = calls::load(&gateway, &key).await?;
        if FullScreen::is_offered(context) {
            live::run(context, gateway, events, followed, self.message).await
        } else {
            piped::run(context, gateway, events, followed, self.message).await
        }
    }
}

/// The key of a conversation of an agent.
fn key(session: Option<&str>, agent: Option<&str>) -> String {
    match (session, agent) {
        (Some(session), Some(agent)) if !session.starts_with("agent:") => format!("agent:{agent}:{session}"),
        (Some(session), _) => session.to_owned(),
        (None, Some(agent)) => format!("agent:{agent}:main"),
        (None, None) => "main".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_conversation_belongs_to_the_agent_that_was_named() {
        let key = super::key;
        assert_eq!(key(None, None), "main");
        assert_eq!(key(Some("trip"), None), "trip");
        assert_eq!(key(None, Some("helper")), "agent:helper:main");
        assert_eq!(key(Some("trip"), Some("helper")), "agent:helper:trip");
        assert_eq!(key(Some("agent:main:trip"), Some("helper")), "agent:main:trip", "a whole key says whose it is");
    }
}
