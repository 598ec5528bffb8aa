//! `openclaw ui`

use std::{net::IpAddr, path::PathBuf};

use clap::Args;
use openclaw_client::GatewayUrl;
use openclaw_core::Tasks;
use openclaw_gateway::{NoPage, PageAlone, serve_alone};
use serde::Serialize;
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    app::Context,
    failure::{Done, Exit, Failure},
};

/// Serve Mission Control alone, for a gateway elsewhere
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw ui --port 3000 --gateway-url wss://gateway.example:18789
  GATEWAY_URL=ws://127.0.0.1:18789 openclaw ui --port 3000
  openclaw ui --port 3000 --host 0.0.0.0          for a container

The page learns its gateway from this program alone, never from its own address. The gateway must list where the page is served
under gateway.controlUi.allowedOrigins, for example http://localhost:3000. Browsers sign in as on the gateway's own page.")]
pub(crate) struct Ui {
    /// Port to serve at; 0 takes a free one
    #[arg(long, default_value_t = 3000)]
    port: u16,
    /// Address to serve at
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    host: IpAddr,
    /// The gateway as browsers reach it [default: GATEWAY_URL, else ws://127.0.0.1:18789]
    #[arg(long, value_name = "URL")]
    gateway_url: Option<String>,
    /// Serve the files of this folder in the place of the built-in page
    #[arg(long, value_name = "FOLDER")]
    root: Option<PathBuf>,
}

/// What `--json` prints.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Serving<'a> {
    url: &'a str,
    gateway_url: &'a str,
}

impl Ui {
    pub(crate) async fn run(self, context: &mut Context) -> Done {
        let named =
            self.gateway_url.clone().or_else(|| context.local.environment.get("GATEWAY_URL").map(str::to_owned));
        let gateway: GatewayUrl = match named.filter(|text| !text.trim().is_empty()) {
            Some(text) if text.contains(['?', '#']) => {
                return Err(Failure::usage("the gateway's address must have neither a query nor a fragment")
                    .helped("a token is typed into the page, or given to a browser as http://…/#token=…"));
            }
            Some(text) => text.parse()?,
            None => GatewayUrl::local(18789),
        };
        let page = PageAlone::new(&gateway, self.root.clone()).map_err(|error| {
            let help = match error {
                NoPage::NotBuilt => "take a release, build with OPENCLAW_UI=build, or name a built page with --root",
                NoPage::Unreadable { .. } => "--root names a folder with index.html, such as ui/dist",
            };
            Failure::new(Exit::Failed, "NO_PAGE", error.to_string()).helped(help)
        })?;
        let no_signals = |error| Failure::new(Exit::Failed, "SIGNAL", format!("no signals: {error}"));
        // Listened for before anything is told, so that a stop is not lost.
        let mut terminate = signal(SignalKind::terminate()).map_err(no_signals)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(no_signals)?;
        let listening = tokio::net::TcpListener::bind((self.host, self.port)).await;
        let listener = listening.map_err(|error| {
            Failure::new(Exit::Failed, "LISTEN", format!("cannot listen on {} port {}: {error}", self.host, self.port))
                .helped("choose another with --port")
        })?;
        let at = listener.local_addr().map_err(|error| Failure::new(Exit::Failed, "LISTEN", error.to_string()))?;
        let (url, gateway_url) = (format!("http://{at}/"), gateway.to_string());
        if context.output.json {
            context.output.value(&Serving { url: &url, gateway_url: &gateway_url })?;
        } else {
            context.output.line(format!("Mission Control is at {url} and speaks with {gateway_url}"))?;
        }
        context.output.flush()?;
        let tasks = Tasks::new();
        let serving = serve_alone(listener, page, tasks.clone());
        tokio::select! {
            () = serving => {}
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tasks.shutdown(std::time::Duration::from_secs(2)).await;
        Ok(Exit::Ok)
    }
}
