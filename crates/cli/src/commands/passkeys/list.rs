//! `openclaw passkeys list`

use clap::Args;
use openclaw_core::Clock;

use super::{Known, Nothing};
use crate::{
    app::Context,
    ask::ask,
    failure::Done,
    ids,
    output::{Column, Table, Text},
    reach::{self, Target},
    show,
};

/// List passkeys, and when they were last used
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw passkeys list
  openclaw passkeys list --json")]
pub(super) struct List {
    #[command(flatten)]
    target: Target,
}

impl List {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let gateway = reach::gateway(context, &self.target, None).await?;
        let answer = ask(&gateway, "passkeys.list", Nothing {}).await?;
        gateway.close().await;
        answer.show(&mut context.output, |output, known: &Known| {
            if known.passkeys.is_empty() {
                let asked = if known.mode == "required" { ", so nobody is asked for one yet" } else { "" };
                return output
                    .line(format!("no passkey is registered (gateway.auth.passkeys.mode is {}{asked})", known.mode));
            }
            let now = Clock::system().now_ms();
            let mut table = Table::new([
                Column::whole("PASSKEY"),
                Column::words("NAME"),
                Column::whole("HOST"),
                Column::whole("MADE"),
                Column::whole("USED"),
                Column::whole("DEVICES"),
            ]);
            let length = ids::length(known.passkeys.iter().map(|passkey| passkey.id.as_str()));
            for passkey in &known.passkeys {
                table.row([
                    Text::from(ids::short(&passkey.id, length)),
                    Text::from(&passkey.name),
                    Text::from(&passkey.rp_id),
                    show::age(now, passkey.created_at_ms).into(),
                    show::age(now, passkey.last_used_at_ms).into(),
                    passkey.devices.len().to_string().into(),
                ]);
            }
            output.table(&table)
        })
    }
}
