//! `openclaw qr`

use clap::Args;

use crate::{
    app::Context,
    commands::devices::setup::{Shown, Wish, make},
    failure::Done,
    reach::Target,
};

/// Show a code by which a companion app comes in, once and soon
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw qr
  openclaw qr --limited                              without administrator access
  openclaw qr --voice-node                           a device that listens and speaks
  openclaw qr --public-url wss://gw.example.com
  openclaw qr --setup-code-only

The app becomes a node, and an operator beside it. For other scopes: openclaw devices setup-code")]
pub(crate) struct Qr {
    #[command(flatten)]
    target: Target,
    /// Address under which the app reaches the gateway; otherwise the gateway's own
    #[arg(long, value_name = "URL", conflicts_with = "remote")]
    public_url: Option<String>,
    /// Rather gateway.remote.url, or what Tailscale publishes, than the gateway's own address
    #[arg(long)]
    remote: bool,
    /// Give no administrator access
    #[arg(long, conflicts_with = "voice_node")]
    limited: bool,
    /// Give only what a device in a room needs: to read, and to speak with agents
    #[arg(long)]
    voice_node: bool,
    /// Print the code alone
    #[arg(long)]
    setup_code_only: bool,
    /// Draw nothing
    #[arg(long)]
    no_ascii: bool,
}

impl Qr {
    pub(crate) async fn run(self, context: &mut Context) -> Done {
        let words = |words: &[&str]| Some(words.iter().map(|word| (*word).to_owned()).collect());
        let wish = Wish {
            public_url: self.public_url,
            prefer_remote_url: self.remote,
            bootstrap_profile: self.limited.then_some("limited"),
            scopes: self.voice_node.then(|| words(&["operator.read", "operator.talk"])).flatten(),
            roles: self.voice_node.then(|| words(&["node", "operator"])).flatten(),
            ..Wish::default()
        };
        let shown = match (self.setup_code_only, self.no_ascii) {
            (true, _) => Shown::Bare,
            (false, true) => Shown::Told,
            (false, false) => Shown::Drawn,
        };
        make(context, &self.target, wish, shown).await
    }
}
