//! `openclaw dashboard`

use std::process::{Command, Stdio};

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::{
    app::Context,
    ask::ask,
    failure::{Done, Exit},
    output::{Text, Tone},
    reach::{self, Target},
    show,
};

/// Open the gateway's page, signed in
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw dashboard
  openclaw dashboard --no-open     print the link only

The link signs one browser in, once, and soon stops working. It is a secret until then.")]
pub(crate) struct Dashboard {
    #[command(flatten)]
    target: Target,
    /// Print the link and open nothing
    #[arg(long)]
    no_open: bool,
}

/// The method takes nothing.
#[derive(Serialize)]
struct Nothing {}

/// The reply of `dashboard.link`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Link {
    path: String,
    #[serde(default)]
    expires_at_ms: Option<i64>,
}

/// What `--json` prints.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Printed<'a> {
    ok: bool,
    url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at_ms: Option<i64>,
    opened: bool,
}

impl Dashboard {
    pub(crate) async fn run(self, context: &mut Context) -> Done {
        let found = reach::find(&context.local, &self.target)?;
        let gateway = reach::connected(context, &self.target, &found, None).await?;
        let link: Link = ask(&gateway, "dashboard.link", Nothing {}).await?.read;
        gateway.close().await;
        // The page is where this program reached the gateway: only that address is known to work from here.
        let base = found.url.to_string().replacen("ws", "http", 1);
        let url = format!("{}{}", base.trim_end_matches('/'), link.path);
        let opened = !self.no_open && context.output.live && !context.output.json && open(context, &url);
        let output = &mut context.output;
        if output.json {
            output.value(&Printed { ok: true, url: &url, expires_at_ms: link.expires_at_ms, opened })?;
            return Ok(Exit::Ok);
        }
        output.line(Text::toned(Tone::Strong, &url))?;
        if output.live {
            let until = match link.expires_at_ms {
                Some(_) => format!("It works once, until {}.", show::time(link.expires_at_ms)),
                None => "This gateway asks for no credential.".to_owned(),
            };
            let opened = if opened { " A browser was asked to open it." } else { "" };
            output.paragraph(format!("{until}{opened}"))?;
        }
        Ok(Exit::Ok)
    }
}

/// Asks the desktop to open a page. Whether a browser then appears is not known.
fn open(context: &Context, url: &str) -> bool {
    let environment = &context.local.environment;
    let program = if cfg!(target_os = "macos") {
        "open"
    } else if ["WAYLAND_DISPLAY", "DISPLAY"].iter().any(|name| environment.get(name).is_some()) {
        "xdg-open"
    } else {
        return false;
    };
    let mut command = Command::new(program);
    command.arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
