//! `openclaw message send`

use clap::Args;
use openclaw_core::Ids;
use serde::{Deserialize, Serialize};

use crate::{app::Context, ask::once, failure::Done, reach::Target};

/// Send a message
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw message send --channel webhook --target 12345 --message \"Done\"
  openclaw message send --channel webhook -t +15550100 -m \"Done\" --key nightly-report")]
pub(super) struct Send {
    #[command(flatten)]
    gateway: Target,
    /// Who gets it, as the channel names people and places
    #[arg(short = 't', long, value_name = "WHO")]
    target: String,
    /// The text
    #[arg(short = 'm', long, value_name = "TEXT")]
    message: String,
    /// The channel, for example webhook; the only one when absent
    #[arg(long, value_name = "NAME")]
    channel: Option<String>,
    /// The channel's account; the default one when absent
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    /// Names the message, so that sending it again does not send it twice
    #[arg(long, value_name = "NAME")]
    key: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Asked<'a> {
    to: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<&'a str>,
    idempotency_key: String,
}

/// The reply of `send`, as far as it is shown.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Sent {
    message_id: String,
    channel: String,
}

impl Send {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let asked = Asked {
            to: &self.target,
            message: &self.message,
            channel: self.channel.as_deref(),
            account_id: self.account.as_deref(),
            idempotency_key: self.key.unwrap_or_else(|| Ids::system().uuid().to_string()),
        };
        let answer = once::<Sent>(context, &self.gateway, "send", asked).await?;
        answer.show(&mut context.output, |output, sent| {
            output.line(format!("sent on {} as {}", sent.channel, sent.message_id))
        })
    }
}
