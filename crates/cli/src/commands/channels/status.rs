//! `openclaw channels status`

use std::collections::BTreeMap;

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::{
    app::Context,
    ask::once,
    failure::Done,
    output::{Column, Table, Text, Tone},
    reach::Target,
    show,
};

/// Tell how every channel is
#[derive(Args, Debug)]
pub(super) struct Status {
    #[command(flatten)]
    target: Target,
    /// Ask the channels themselves, instead of telling what is known
    #[arg(long)]
    probe: bool,
    /// Only this channel; with --json all are printed
    #[arg(long, value_name = "NAME")]
    channel: Option<String>,
}

#[derive(Serialize)]
struct Asked {
    probe: bool,
}

/// The reply of `channels.status`, as far as it is shown.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Standing {
    channel_accounts: BTreeMap<String, Vec<Account>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Account {
    account_id: String,
    configured: bool,
    running: bool,
    connected: bool,
    last_error: Option<String>,
    last_inbound_at: Option<i64>,
}

impl Account {
    fn state(&self) -> Text {
        match (self.connected, self.running, self.configured) {
            (true, ..) => Text::toned(Tone::Good, "connected"),
            (false, true, _) => Text::toned(Tone::Warning, "connecting"),
            (false, false, true) => Text::toned(Tone::Warning, "stopped"),
            (false, false, false) => Text::from("not configured"),
        }
    }
}

impl Status {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let asked = Asked { probe: self.probe };
        let answer = once::<Standing>(context, &self.target, "channels.status", asked).await?;
        answer.show(&mut context.output, |output, standing| {
            let wanted = |name: &str| self.channel.as_deref().is_none_or(|wanted| wanted == name);
            let mut table = Table::new([
                Column::whole("CHANNEL"),
                Column::whole("ACCOUNT"),
                Column::whole("STATE"),
                Column::whole("LAST MESSAGE"),
                Column::words("PROBLEM"),
            ]);
            let mut shown = 0;
            for (channel, accounts) in standing.channel_accounts.iter().filter(|(name, _)| wanted(name)) {
                for account in accounts {
                    shown += 1;
                    table.row([
                        Text::from(channel),
                        Text::from(&account.account_id),
                        account.state(),
                        show::time(account.last_inbound_at).into(),
                        show::text(account.last_error.as_ref()),
                    ]);
                }
            }
            if shown > 0 {
                output.table(&table)
            } else {
                output.paragraph("no chat channel is connected to this gateway")
            }
        })
    }
}
