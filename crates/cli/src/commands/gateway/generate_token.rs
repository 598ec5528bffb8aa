//! `openclaw gateway generate-token`

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use clap::{Args, ValueEnum};
use openclaw_config::{Attempt, Edit, KeyPath, Mode};
use openclaw_core::{Clock, Ids, Secret};
use serde::Serialize;
use serde_json::json;

use super::secret::{self, fingerprint};
use crate::{
    app::Context,
    ask::{Answer, ask},
    commands::config::place::{Past, Place, changing},
    failure::{Done, Exit, Failure},
    reach::{self, Target, Whose},
};

/// Make a strong token for the gateway
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw gateway generate-token
  openclaw gateway generate-token --length 48 --format hex
  openclaw gateway generate-token --write      set it as gateway.auth.token, and do not show it

Without --write nothing is changed: the token is printed, and kept nowhere.")]
pub(crate) struct GenerateToken {
    #[command(flatten)]
    target: Target,
    /// Random bytes in it
    #[arg(long, value_name = "BYTES", default_value_t = 32, value_parser = clap::value_parser!(u32).range(16..=64))]
    length: u32,
    /// How the bytes are written
    #[arg(long, value_enum, default_value_t = Format::Base64url)]
    format: Format,
    /// Set it as gateway.auth.token instead of printing it
    #[arg(long)]
    write: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
enum Format {
    Hex,
    Base64url,
}

#[derive(Serialize)]
struct Made<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
    bytes: u32,
    format: Format,
    written: bool,
    fingerprint: String,
}

impl GenerateToken {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let random = Ids::system().random(self.length as usize);
        let text = match self.format {
            Format::Base64url => URL_SAFE_NO_PAD.encode(random),
            Format::Hex => openclaw_core::hex(&random),
        };
        let secret = Secret::new(text);
        if self.write {
            self.set(context, &secret).await?;
        }
        let shown = (!self.write).then(|| secret.expose());
        if context.output.json {
            context.output.value(&Made {
                token: shown,
                bytes: self.length,
                format: self.format,
                written: self.write,
                fingerprint: fingerprint(&secret),
            })?;
        } else if let Some(token) = shown {
            context.output.line(token)?;
        } else {
            let text = format!("gateway.auth.token is another one now (fingerprint {})", fingerprint(&secret));
            context.output.paragraph(text)?;
        }
        Ok(Exit::Ok)
    }

    /// Sets the token, by the gateway that has the configuration in force, or in its file.
    async fn set(&self, context: &Context, secret: &Secret) -> Result<(), Failure> {
        let own = reach::find(&context.local, &self.target)?.whose == Whose::Own;
        if own {
            secret::overridden_here(context)?;
        }
        let former = context.local.client_settings().token.filter(|_| own);
        match changing(context, &self.target, None, Past::No, "config.patch").await? {
            Place::Gateway(gateway) => {
                let patch = json!({ "gateway": { "auth": { "mode": "token", "token": secret.expose() } } });
                let params = json!({ "patch": patch, "note": "generate-token", "idempotencyKey": Ids::system().uuid().to_string() });
                let changed: Result<Answer<serde_json::Value>, _> = ask(&gateway, "config.patch", params).await;
                gateway.close().await;
                changed.map(drop)?;
            }
            Place::File(file) => {
                let edit = |path: &str, value: &str| {
                    let path = path.parse::<KeyPath>().map_err(|error| Failure::usage(format!("{error}")))?;
                    Ok::<_, Failure>(Edit::Set { path, value: value.into() })
                };
                let edits = [edit("gateway.auth.token", secret.expose())?, edit("gateway.auth.mode", "token")?];
                let now_ms = Clock::system().now_ms();
                let note = Some("generate-token");
                file.change(&edits, &Attempt { base_hash: None, who: "cli", note, now_ms, mode: Mode::Write })?;
                secret::forget(&file, former.as_deref())?;
            }
        }
        secret::forget_copies(context, former.as_deref())
    }
}
