//! `openclaw security explain`

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use crate::{
    app::Context,
    failure::{Done, Exit, Failure},
    output::{Text, Tone},
};

/// Tell whether a user may do something, and by which rule
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw security explain --user ada --action chat.send
  openclaw security explain --user sms:4915112345 --action ask
  openclaw security explain --user ada --action send --channel sms --json

The decision is made from the configuration's file alone; no gateway is asked. An action is a method, or one of the
commands admin, ask, config, help and status. Ends with 2 when it is refused.")]
pub(crate) struct Explain {
    /// A name of security.authorization.users, or <channel>:<sender>
    #[arg(long, value_name = "NAME")]
    user: String,
    /// A method or a command
    #[arg(long, value_name = "ACTION")]
    action: String,
    /// The channel that it is done on, or about
    #[arg(long, value_name = "CHANNEL")]
    channel: Option<String>,
    /// Another configuration file
    #[arg(long, value_name = "PATH")]
    config: Option<PathBuf>,
}

/// What `--json` prints.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told<'a> {
    user: &'a str,
    action: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<&'a str>,
    decision: openclaw_gateway::Explained,
}

impl Explain {
    pub(super) fn run(self, context: &mut Context) -> Done {
        let loaded = context.local.config(self.config)?;
        let decision = openclaw_gateway::explain(&loaded.config, &self.user, &self.action, self.channel.as_deref())
            .map_err(|problem| {
                Failure::usage(problem).helped("look at the rules: openclaw config get security.authorization")
            })?;
        let exit = if decision.allowed { Exit::Ok } else { Exit::Usage };
        let output = &mut context.output;
        if output.json {
            let channel = self.channel.as_deref();
            output.value(&Told { user: &self.user, action: &self.action, channel, decision })?;
            return Ok(exit);
        }
        let answer =
            if decision.allowed { Text::toned(Tone::Good, "allowed") } else { Text::toned(Tone::Bad, "refused") };
        output.paragraph(Text::from(format!("{} by {}: ", self.action, self.user)).then(answer))?;
        output.paragraph(format!("  rule: {}", decision.rule))?;
        if let Some(role) = &decision.role {
            output.paragraph(format!("  role: {role}"))?;
        }
        if let Some(scope) = decision.scope {
            output.paragraph(format!("  besides, the credential must grant {scope}"))?;
        }
        Ok(exit)
    }
}
