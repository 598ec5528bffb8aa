//! `openclaw passkeys remove`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::{Known, LIST, Nothing};
use crate::{
    app::Context,
    ask::ask,
    failure::Done,
    ids::{self, Candidate},
    reach::{self, Target},
};

/// Remove a passkey, which ends the connections that it opened
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw passkeys remove 3f2a91c0
  openclaw passkeys remove 3f2a91c0 --and-devices")]
pub(super) struct Remove {
    #[command(flatten)]
    target: Target,
    /// The passkey, or the first characters of its identifier
    passkey: String,
    /// Remove the devices that it let in as well
    #[arg(long)]
    and_devices: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Asked<'a> {
    id: &'a str,
    and_devices: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Removed {
    devices: Vec<String>,
}

impl Remove {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let gateway = reach::gateway(context, &self.target, None).await?;
        let known: Known = ask(&gateway, "passkeys.list", Nothing {}).await?.read;
        let all: Vec<Candidate> =
            known.passkeys.iter().map(|passkey| Candidate::new(&passkey.id, passkey.name.clone())).collect();
        let id = ids::unique(&all, &self.passkey, "passkey", LIST)?.id.clone();
        let answer = ask(&gateway, "passkeys.remove", Asked { id: &id, and_devices: self.and_devices }).await?;
        gateway.close().await;
        answer.show(&mut context.output, |output, removed: &Removed| match removed.devices.len() {
            0 => output.line(format!("{id} removed")),
            1 => output.line(format!("{id} removed, and 1 device with it")),
            count => output.line(format!("{id} removed, and {count} devices with it")),
        })
    }
}
