//! `openclaw sessions abort`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::{One, Row, find};
use crate::{
    app::Context,
    ask::ask,
    failure::Done,
    ids::{self, Candidate},
    reach,
};

/// Stop the run at work in a conversation
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw sessions abort main
  openclaw sessions abort main --run 3f2a91c0")]
pub(super) struct Abort {
    #[command(flatten)]
    one: One,
    /// Only this run, by the first characters of its identifier [default: the one at work and all that wait]
    #[arg(long, value_name = "RUN")]
    run: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    session_key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    run_id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Aborted {
    run_ids: Vec<String>,
}

#[derive(Serialize)]
struct Key<'a> {
    key: &'a str,
}

#[derive(Deserialize)]
struct Described {
    session: Option<Row>,
}

impl Abort {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let gateway = reach::gateway(context, &self.one.target, None).await?;
        let session_key = find::session(&gateway, &self.one.session).await?;
        let run_id = match &self.run {
            None => None,
            Some(prefix) => {
                let described: Described = ask(&gateway, "sessions.describe", Key { key: &session_key }).await?.read;
                let runs = described.session.map(|row| row.active_run_ids).unwrap_or_default();
                let runs: Vec<Candidate> = runs.into_iter().map(|run| Candidate::new(run, "")).collect();
                let list = format!("openclaw sessions show {session_key}");
                Some(ids::unique(&runs, prefix, "run at work", &list)?.id.clone())
            }
        };
        let answer = ask(&gateway, "chat.abort", Asked { session_key: session_key.clone(), run_id }).await?;
        gateway.close().await;
        answer.show(&mut context.output, |output, aborted: &Aborted| {
            if aborted.run_ids.is_empty() {
                return output.line(format!("nothing is at work in {session_key}"));
            }
            aborted.run_ids.iter().try_for_each(|run| output.line(format!("{run} stopped")))
        })
    }
}
