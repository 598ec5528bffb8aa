//! `openclaw gateway rotate-token`

use clap::Args;
use openclaw_config::{Attempt, AuthMode, Edit, KeyPath, Mode, Origin};
use openclaw_core::{Clock, Ids, Secret};
use openclaw_store::StateDir;
use serde::{Deserialize, Serialize};

use super::secret::{self, fingerprint};
use crate::{
    app::Context,
    ask::ask,
    failure::{Done, Exit, Failure},
    reach::{self, Target, Whose},
};

/// Replace the gateway's token, and end every connection that the old one let in
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw gateway rotate-token
  openclaw gateway rotate-token --reason \"laptop lost\"
  openclaw gateway rotate-token --offline      while no gateway runs

The new token is in the configuration's file; commands on this machine read it there. Connections of devices that are
paired go on. The old token stays in no history and in no backup copy beside the file.
Ends with 2 when a flag or an environment variable overrides the file, and names it.")]
pub(crate) struct RotateToken {
    #[command(flatten)]
    target: Target,
    /// Why, for the history and the audit
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Change the file although no gateway answers
    #[arg(long)]
    offline: bool,
}

#[derive(Serialize)]
struct Asked<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
struct Rotated {
    rotated_at_ms: i64,
    fingerprint: String,
    previous_fingerprint: Option<String>,
    closed_sessions: usize,
}

impl RotateToken {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        // Copies beside this machine's file are touched only when its token is the one that is exchanged.
        let own = self.offline || reach::find(&context.local, &self.target)?.whose == Whose::Own;
        let former = context.local.client_settings().token.filter(|_| own);
        let rotated =
            if self.offline { self.in_file(context, former.as_deref())? } else { self.by_gateway(context).await? };
        secret::forget_copies(context, former.as_deref())?;
        let output = &mut context.output;
        if output.json {
            output.value(&rotated)?;
            return Ok(Exit::Ok);
        }
        output.paragraph(format!("The gateway has another token (fingerprint {})", rotated.fingerprint))?;
        match (self.offline, rotated.closed_sessions) {
            (true, _) => output.paragraph("  in force with the next start of the gateway")?,
            (false, 1) => output.paragraph("  1 connection of the old one ended: this one")?,
            (false, count) => output.paragraph(format!("  {count} connections of the old one ended"))?,
        }
        Ok(Exit::Ok)
    }

    async fn by_gateway(&self, context: &Context) -> Result<Rotated, Failure> {
        let gateway = reach::gateway(context, &self.target, None).await.map_err(|failure| match failure.exit {
            Exit::Refused if self.target.token.is_none() && secret::overridden_here(context).is_err() => failure.helped(
                "OPENCLAW_GATEWAY_TOKEN of this shell was shown, and is not the gateway's token: unset it and run this again",
            ),
            Exit::Unreachable => failure.helped("no gateway runs? change the file: --offline"),
            _ => failure,
        })?;
        let asked = Asked { reason: self.reason.as_deref() };
        let rotated = ask::<Rotated>(&gateway, "gateway.secret.rotate", asked).await;
        // The old token let this connection in, so its end says nothing.
        gateway.close().await;
        match rotated {
            Ok(answer) => Ok(answer.read),
            Err(failure) if failure.code == "SECRET_OVERRIDDEN" => Err(secret::overridden(&failure.cause)),
            Err(failure) => Err(failure),
        }
    }

    fn in_file(&self, context: &Context, former: Option<&str>) -> Result<Rotated, Failure> {
        // Held until the file is written, so that no gateway starts with the old one meanwhile.
        let _claim = StateDir::claim(&context.local.paths()?.state_dir).map_err(|error| match error {
            openclaw_store::Error::Locked { .. } => {
                let text =
                    "a gateway runs on this configuration, and would go on with the old token until it reads the file";
                Failure::usage(text).helped("leave --offline out")
            }
            error => Failure::new(Exit::Failed, "STATE", error.to_string()).helped("openclaw doctor"),
        })?;
        secret::overridden_here(context)?;
        let file = context.local.config_file(None)?;
        let loaded = context.local.config(None)?;
        if let Origin::Env(name) = loaded.origin_of("gateway.auth.token") {
            return Err(secret::overridden(&format!("the environment variable {name} overrides gateway.auth.token")));
        }
        if loaded.config.gateway.auth.effective_mode() != AuthMode::Token {
            let text = "gateway.auth.mode is not \"token\", so there is no token to rotate";
            return Err(Failure::new(Exit::Failed, "CONFLICT", text).helped("openclaw config get gateway.auth.mode"));
        }
        let fresh = Ids::system().token();
        let path = "gateway.auth.token".parse::<KeyPath>().map_err(|error| Failure::usage(format!("{error}")))?;
        let edits = [Edit::Set { path, value: fresh.expose().into() }];
        let now_ms = Clock::system().now_ms();
        let note = self.reason.as_deref();
        file.change(&edits, &Attempt { base_hash: None, who: "cli", note, now_ms, mode: Mode::Write })?;
        secret::forget(&file, former)?;
        Ok(Rotated {
            rotated_at_ms: now_ms,
            fingerprint: fingerprint(&fresh),
            previous_fingerprint: former.map(|former| fingerprint(&Secret::new(former))),
            closed_sessions: 0,
        })
    }
}
