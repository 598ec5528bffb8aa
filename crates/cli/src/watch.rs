//! `--watch`: the same picture again and again, for as long as somebody looks.

use std::time::Duration;

use clap::Args;
use openclaw_client::Connection;

use crate::{
    app::Context,
    failure::{Done, Exit, Failure},
    output::{Output, Text, Tone},
    reach::{self, Target},
};

/// Whether a command goes on.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct Watch {
    /// Show it again every so many seconds until interrupted: in place on a terminal, one JSON document a line with --json
    #[arg(
        long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "2",
        value_parser = clap::value_parser!(u64).range(1..=3600)
    )]
    watch: Option<u64>,
}

/// What is asked, and how the answer is shown.
pub(crate) trait Picture {
    /// What is shown.
    type Facts;
    /// Asks for it.
    async fn ask(&self, gateway: &Connection) -> Result<Self::Facts, Failure>;
    /// Shows it.
    fn show(&self, output: &mut Output, facts: &Self::Facts) -> Done;
}

impl Watch {
    pub(crate) const fn is_on(self) -> bool {
        self.watch.is_some()
    }

    /// Shows the picture once, or again and again over one connection.
    pub(crate) async fn run(
        self,
        context: &mut Context,
        target: &Target,
        deadline: Option<Duration>,
        picture: impl Picture,
    ) -> Done {
        let mut gateway: Option<Connection> = None;
        let ask = async |context: &Context| {
            let connection = match gateway.take() {
                Some(connection) => connection,
                None => reach::gateway(context, target, deadline).await?,
            };
            let facts = context.output.progress("waiting for the gateway").during(picture.ask(&connection)).await?;
            // Kept only while it works, so that the next round connects anew.
            gateway = Some(connection);
            Ok(facts)
        };
        let done = self.rounds(context, ask, |output, facts| picture.show(output, facts)).await;
        if let Some(gateway) = gateway {
            gateway.close().await;
        }
        done
    }

    /// Asks and shows, once or again and again. A gateway that goes away while somebody looks is waited for; what is
    /// refused, and what does not work at first, ends it.
    pub(crate) async fn rounds<F>(
        self,
        context: &mut Context,
        mut ask: impl AsyncFnMut(&Context) -> Result<F, Failure>,
        mut show: impl FnMut(&mut Output, &F) -> Done,
    ) -> Done {
        let Some(seconds) = self.watch else {
            let facts = ask(context).await?;
            return show(&mut context.output, &facts);
        };
        let mut interrupted = std::pin::pin!(tokio::signal::ctrl_c());
        let mut clock = tokio::time::interval(Duration::from_secs(seconds));
        clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut rounds = 0_u64;
        loop {
            let facts = tokio::select! {
                biased;
                _ = &mut interrupted => return Ok(Exit::Ok),
                facts = async { clock.tick().await; ask(context).await } => facts,
            };
            let output = &mut context.output;
            output.begin_picture();
            match facts {
                Ok(facts) => {
                    show(output, &facts)?;
                }
                Err(failure) if failure.exit == Exit::Unreachable && rounds > 0 => absent(output, &failure)?,
                Err(failure) => return Err(failure),
            }
            output.end_picture()?;
            rounds += 1;
        }
    }
}

fn absent(output: &mut Output, failure: &Failure) -> std::io::Result<()> {
    if output.json {
        return output.value(&failure.told());
    }
    output.line(Text::toned(Tone::Bad, "away").and(format!("  {}", failure.cause)))
}
