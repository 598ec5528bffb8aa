//! `openclaw nodes approve` and `reject`

use clap::Args;
use serde::{Serialize, de::IgnoredAny};

use super::pairing;
use crate::{
    app::Context,
    ask::ask,
    failure::{Done, Exit, Failure},
    ids::{self, Candidate},
    reach::{self, Target},
};

const PENDING: &str = "openclaw nodes pending";

/// Let a node do what it asks for
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw nodes approve 3f2a91c0
  openclaw nodes approve --latest")]
pub(super) struct Approve {
    #[command(flatten)]
    request: Request,
}

/// Say no to what a node asks for; what was approved before stays
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw nodes reject 3f2a91c0
  openclaw nodes reject --latest")]
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
        self.request.decide(context, "node.pair.approve", "approved").await
    }
}

impl Reject {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        self.request.decide(context, "node.pair.reject", "rejected").await
    }
}

impl Request {
    async fn decide(&self, context: &mut Context, method: &str, done: &str) -> Done {
        let gateway = reach::gateway(context, &self.target, None).await?;
        let pending = pairing(&gateway).await?.read.pending;
        let id = match &self.request {
            Some(prefix) => {
                let name = |request: &super::Request| request.display_name.clone().unwrap_or_default();
                let all: Vec<Candidate> =
                    pending.iter().map(|request| Candidate::new(&request.request_id, name(request))).collect();
                ids::unique(&all, prefix, "request", PENDING).map(|found| found.id.clone())?
            }
            None => {
                let newest = pending.iter().max_by_key(|request| request.ts);
                newest.map(|request| request.request_id.clone()).ok_or_else(|| {
                    Failure::new(Exit::Failed, "NOT_FOUND", "no node asks for approval").helped(PENDING)
                })?
            }
        };
        let answer = ask(&gateway, method, Asked { request_id: &id }).await?;
        gateway.close().await;
        answer.show(&mut context.output, |output, _: &IgnoredAny| output.line(format!("{id} {done}")))
    }
}
