//! `openclaw channels start|stop|logout`

use clap::Args;
use serde::Serialize;
use serde_json::Value;

use crate::{app::Context, ask::once, failure::Done, reach::Target};

/// Which account of which channel
#[derive(Args, Debug)]
pub(super) struct Control {
    #[command(flatten)]
    target: Target,
    /// The channel, for example webhook
    #[arg(long, value_name = "NAME")]
    channel: String,
    /// Its account; the default one when absent
    #[arg(long, value_name = "ID")]
    account: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Asked<'a> {
    channel: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<&'a str>,
}

impl Control {
    pub(super) async fn run(self, context: &mut Context, method: &'static str, done: &str) -> Done {
        let asked = Asked { channel: &self.channel, account_id: self.account.as_deref() };
        let answer = once::<Value>(context, &self.target, method, asked).await?;
        answer.show(&mut context.output, |output, _| output.line(format!("{} is {done}", self.channel)))
    }
}
