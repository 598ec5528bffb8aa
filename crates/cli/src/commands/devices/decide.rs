//! `openclaw devices approve` and `reject`

use clap::Args;
use serde::Serialize;
use serde::de::IgnoredAny;

use super::{LIST, known};
use crate::{
    app::Context,
    ask::ask,
    failure::{Done, Exit, Failure},
    reach::{self, Target},
};

/// Admit a device that asks
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw devices approve 3f2a91c0
  openclaw devices approve --latest")]
pub(super) struct Approve {
    #[command(flatten)]
    request: Request,
}

/// Turn a device that asks away
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw devices reject 3f2a91c0
  openclaw devices reject --latest")]
pub(super) struct Reject {
    #[command(flatten)]
    request: Request,
}

#[derive(Args, Debug)]
struct Request {
    #[command(flatten)]
    target: Target,
    /// The request, or the first characters of its identifier
    #[arg(required_unless_present = "latest")]
    request: Option<String>,
    /// The newest request
    #[arg(long, conflicts_with = "request")]
    latest: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Asked<'a> {
    request_id: &'a str,
}

impl Approve {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        self.request.decide(context, "device.pair.approve", "admitted").await
    }
}

impl Reject {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        self.request.decide(context, "device.pair.reject", "turned away").await
    }
}

impl Request {
    async fn decide(&self, context: &mut Context, method: &str, done: &str) -> Done {
        let gateway = reach::gateway(context, &self.target, None).await?;
        let known = known(&gateway).await?.read;
        let id = match &self.request {
            Some(prefix) => known.request(prefix)?,
            None => {
                let newest = known.pending.iter().max_by_key(|request| request.ts);
                newest.map(|request| request.request_id.clone()).ok_or_else(|| {
                    Failure::new(Exit::Failed, "NOT_FOUND", "no device asks to be admitted").helped(LIST)
                })?
            }
        };
        let answer = ask(&gateway, method, Asked { request_id: &id }).await?;
        gateway.close().await;
        answer.show(&mut context.output, |output, _: &IgnoredAny| output.line(format!("{id} {done}")))
    }
}
