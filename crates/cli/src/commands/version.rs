//! `openclaw version`

use clap::Args;
use serde::Serialize;

use crate::{
    app::Context,
    failure::{Done, Exit},
};

/// Print the version
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw version
  openclaw version --json")]
pub(crate) struct Version {}

/// What `--json` prints.
#[derive(Serialize)]
struct Printed {
    version: &'static str,
    /// Versions of the protocol that the gateway speaks.
    protocols: [u8; 3],
}

impl Version {
    pub(crate) fn run(self, context: &mut Context) -> Done {
        if context.output.json {
            let protocols = openclaw_protocol::Dialect::ALL.map(openclaw_protocol::Dialect::number);
            context.output.value(&Printed { version: openclaw_protocol::VERSION, protocols })?;
        } else {
            context.output.line(format!("openclaw {}", openclaw_protocol::VERSION))?;
        }
        Ok(Exit::Ok)
    }
}
