//! `openclaw nodes rename`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::named::Named;
use crate::{
    app::Context,
    ask::ask,
    failure::Done,
    reach::{self, Target},
};

/// Give a node a name
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw nodes rename 9c41d0e2 --name \"Build box\"
  openclaw nodes rename --node 10.0.0.7 --name phone")]
pub(super) struct Rename {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    named: Named,
    /// The name
    #[arg(long, value_name = "NAME")]
    name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Asked<'a> {
    node_id: &'a str,
    display_name: &'a str,
}

/// The name as it is kept.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Renamed {
    node_id: String,
    display_name: String,
}

impl Rename {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let gateway = reach::gateway(context, &self.target, None).await?;
        let node = self.named.find(&gateway).await?;
        let asked = Asked { node_id: &node.node_id, display_name: &self.name };
        let answer = ask(&gateway, "node.rename", asked).await?;
        gateway.close().await;
        answer.show(&mut context.output, |output, renamed: &Renamed| {
            output.line(format!("{} is called {} now", renamed.node_id, renamed.display_name))
        })
    }
}
