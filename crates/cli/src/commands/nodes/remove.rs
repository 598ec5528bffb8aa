//! `openclaw nodes remove`

use clap::Args;
use serde::de::IgnoredAny;

use super::{OfNode, named::Named};
use crate::{
    app::Context,
    ask::ask,
    failure::Done,
    reach::{self, Target},
};

/// Forget a node, which ends its connections
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw nodes remove 9c41d0e2
  openclaw nodes remove --node \"Build box\"")]
pub(super) struct Remove {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    named: Named,
}

impl Remove {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let gateway = reach::gateway(context, &self.target, None).await?;
        let node = self.named.find(&gateway).await?;
        let answer = ask(&gateway, "node.pair.remove", OfNode { node_id: &node.node_id }).await?;
        gateway.close().await;
        answer.show(&mut context.output, |output, _: &IgnoredAny| output.line(format!("{} removed", node.node_id)))
    }
}
