//! `openclaw devices remove`, `rotate` and `revoke`

use clap::Args;
use serde::{Serialize, de::IgnoredAny};

use super::known;
use crate::{
    app::Context,
    ask::ask,
    failure::Done,
    reach::{self, Target},
};

/// Remove a device, which ends its connections
#[derive(Args, Debug)]
#[command(after_help = "Example:
  openclaw devices remove 9c41d0e2")]
pub(super) struct Remove {
    #[command(flatten)]
    target: Target,
    /// The device, or the first characters of its identifier
    device: String,
}

/// Replace a device's token, which ends its connections
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw devices rotate --device 9c41d0e2
  openclaw devices rotate --device 9c41d0e2 --scope operator.read")]
pub(super) struct Rotate {
    #[command(flatten)]
    token: Token,
    /// Scopes of the new token, at most those of the device
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
}

/// Withdraw a device's token, which ends its connections
#[derive(Args, Debug)]
#[command(after_help = "Example:
  openclaw devices revoke --device 9c41d0e2 --role operator")]
pub(super) struct Revoke {
    #[command(flatten)]
    token: Token,
}

#[derive(Args, Debug)]
struct Token {
    #[command(flatten)]
    target: Target,
    /// The device, or the first characters of its identifier
    #[arg(long, value_name = "DEVICE")]
    device: String,
    /// Role that the token is good for
    #[arg(long, default_value = "operator")]
    role: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Asked<'a> {
    device_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    scopes: &'a [String],
}

impl Remove {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let gateway = reach::gateway(context, &self.target, None).await?;
        let id = known(&gateway).await?.read.device(&self.device)?;
        let asked = Asked { device_id: &id, role: None, scopes: &[] };
        let answer = ask(&gateway, "device.pair.remove", asked).await?;
        gateway.close().await;
        answer.show(&mut context.output, |output, _: &IgnoredAny| output.line(format!("{id} removed")))
    }
}

impl Rotate {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        self.token.change(context, "device.token.rotate", &self.scopes, "replaced").await
    }
}

impl Revoke {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        self.token.change(context, "device.token.revoke", &[], "withdrawn").await
    }
}

impl Token {
    async fn change(&self, context: &mut Context, method: &str, scopes: &[String], done: &str) -> Done {
        let gateway = reach::gateway(context, &self.target, None).await?;
        let id = known(&gateway).await?.read.device(&self.device)?;
        let asked = Asked { device_id: &id, role: Some(&self.role), scopes };
        let answer = ask(&gateway, method, asked).await?;
        gateway.close().await;
        let role = &self.role;
        answer.show(&mut context.output, |output, _: &IgnoredAny| {
            output.line(format!("the {role} token of {id} is {done}"))
        })
    }
}
