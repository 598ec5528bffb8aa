//! `openclaw gateways remove`

use clap::Args;
use serde::de::IgnoredAny;

use super::{Named, named};
use crate::{
    app::Context,
    ask::ask,
    failure::Done,
    reach::{self, Target},
};

/// Forget a gateway with its token
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw gateways remove office

The gateway itself stays as it is, and so does the device that it knows this one by.")]
pub(super) struct Remove {
    #[command(flatten)]
    target: Target,
    /// The gateway, or the first characters of its id
    gateway: String,
}

impl Remove {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let gateway = reach::gateway(context, &self.target, None).await?;
        let id = named(&gateway, &self.gateway).await?;
        let answer = ask(&gateway, "gateways.remove", Named { id: &id }).await?;
        gateway.close().await;
        answer.show(&mut context.output, |output, _: &IgnoredAny| output.line(format!("{id} removed")))
    }
}
