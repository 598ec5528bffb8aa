//! `openclaw approvals resolve`

use clap::{Args, ValueEnum};
use openclaw_client::Connection;
use serde::{Deserialize, Serialize};

use super::{
    PENDING,
    shown::{Snapshot, waiting},
};
use crate::{
    app::Context,
    ask::ask,
    failure::{Done, Exit, Failure},
    ids::{self, Candidate},
    reach::{self, Target},
};

/// Decide what waits for people
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw approvals resolve 3f2a91c0 allow-once
  openclaw approvals resolve 3f2a91c0 allow-always --expires-in-days 30
  openclaw approvals resolve 3f2a91c0 deny --reason \"not during the release\"

allow-always allows exactly this command, in this folder, from now on; openclaw approvals grants takes it back.")]
pub(super) struct Resolve {
    #[command(flatten)]
    target: Target,
    /// The approval, or the first characters of its identifier
    id: String,
    /// What is decided
    decision: Decision,
    /// With allow-always: days after which people are asked again [default: never]
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=3650))]
    expires_in_days: Option<u32>,
    /// A note for this terminal; the gateway does not keep it
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

/// What is decided.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Decision {
    /// This time
    AllowOnce,
    /// This time and from now on
    AllowAlways,
    /// No
    Deny,
}

impl Decision {
    const fn word(self) -> &'static str {
        match self {
            Self::AllowOnce => "allow-once",
            Self::AllowAlways => "allow-always",
            Self::Deny => "deny",
        }
    }
}

#[derive(Serialize)]
struct Which<'a> {
    id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Word<'a> {
    id: &'a str,
    kind: &'a str,
    decision: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    grant_expires_in_days: Option<u32>,
}

#[derive(Deserialize)]
struct Known {
    approval: Snapshot,
}

#[derive(Deserialize)]
struct Stands {
    applied: bool,
    approval: Snapshot,
}

impl Resolve {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let gateway = reach::gateway(context, &self.target, None).await?;
        let id = named(&gateway, &self.id).await?;
        let known = ask::<Known>(&gateway, "approval.get", Which { id: &id }).await;
        let approval = known.map_err(|failure| failure.helped(PENDING))?.read.approval;
        let word = self.decision.word();
        let offered = &approval.presentation.allowed_decisions;
        if approval.status == "pending" && !offered.iter().any(|one| one == word) {
            let text = format!("{word} is not on offer for {id}; these are: {}", offered.join(", "));
            return Err(Failure::new(Exit::Failed, "NOT_OFFERED", text));
        }
        let kind = &approval.presentation.kind;
        let said = Word { id: &id, kind, decision: word, grant_expires_in_days: self.expires_in_days };
        let answer = ask::<Stands>(&gateway, "approval.resolve", said).await?;
        gateway.close().await;
        let Stands { applied, approval } = &answer.read;
        let same = approval.decision.as_deref() == Some(word);
        if !applied && !same {
            let how = approval.decision.as_deref().or(approval.reason.as_deref()).unwrap_or(&approval.status);
            return Err(Failure::new(Exit::Failed, "ALREADY_RESOLVED", format!("{id} is over already: {how}"))
                .helped("openclaw approvals history"));
        }
        answer.show(&mut context.output, |output, _| {
            let note = self.reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
            let state = if *applied { "" } else { "already resolved (same decision): " };
            output.line(format!("{state}{id} {word}{note}"))
        })
    }
}

/// The approval whose identifier begins so; anything else as it is, so that what is over can be told about.
async fn named(gateway: &Connection, prefix: &str) -> Result<String, Failure> {
    let all: Vec<Candidate> =
        waiting(gateway).await?.into_iter().map(|entry| Candidate::new(entry.id, entry.summary)).collect();
    match ids::unique(&all, prefix, "approval", PENDING) {
        Ok(found) => Ok(found.id.clone()),
        Err(failure) if failure.code == "NOT_FOUND" => Ok(prefix.to_owned()),
        Err(failure) => Err(failure),
    }
}
