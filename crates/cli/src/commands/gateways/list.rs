//! `openclaw gateways list`

use clap::Args;
use openclaw_client::Connection;

use super::{Known, Nothing};
use crate::{
    app::Context,
    ask::{Answer, ask},
    failure::{Done, Failure},
    output::{Column, Output, Table, Text, Tone},
    reach::Target,
    show,
    watch::{Picture, Watch},
};

/// List the gateways that are known, and how they are
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw gateways list
  openclaw gateways list --watch
  openclaw gateways list --json")]
pub(super) struct List {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    watch: Watch,
}

impl List {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let (watch, target) = (self.watch, self.target.clone());
        watch.run(context, &target, None, self).await
    }
}

impl Picture for List {
    type Facts = Answer<Known>;

    async fn ask(&self, gateway: &Connection) -> Result<Answer<Known>, Failure> {
        ask(gateway, "gateways.list", Nothing {}).await
    }

    fn show(&self, output: &mut Output, facts: &Answer<Known>) -> Done {
        facts.show(output, |output, known| {
            if known.gateways.is_empty() {
                return output.line("no other gateway is known; add one with: openclaw gateways add <name> <address>");
            }
            output.table(&table(known))?;
            for gateway in &known.gateways {
                let Some(problem) = gateway.problem.as_ref().filter(|_| gateway.state != "connected") else { continue };
                output.line("")?;
                output.paragraph(format!("{}: {} ({})", gateway.name, problem.message, problem.code))?;
                if let Some(fix) = &problem.fix {
                    output.paragraph(format!("  help: {fix}"))?;
                }
            }
            Ok(())
        })
    }
}

fn table(known: &Known) -> Table {
    let mut table = Table::new([
        Column::whole("GATEWAY"),
        Column::words("NAME"),
        Column::whole("STATE"),
        Column::whole("VERSION"),
        Column::whole("LATENCY"),
        Column::words("ADDRESS"),
    ]);
    for gateway in &known.gateways {
        let tone = match gateway.state.as_str() {
            "connected" => Tone::Good,
            "refused" => Tone::Bad,
            _ => Tone::Warning,
        };
        let name = if gateway.primary { format!("{} (first)", gateway.name) } else { gateway.name.clone() };
        let address =
            if gateway.allow_self_signed { format!("{} (any certificate)", gateway.url) } else { gateway.url.clone() };
        table.row([
            Text::from(&gateway.id),
            name.into(),
            Text::toned(tone, &gateway.state),
            show::text(gateway.version.as_ref()),
            gateway.latency_ms.map_or_else(|| "-".to_owned(), |ms| format!("{ms} ms")).into(),
            address.into(),
        ]);
    }
    table
}
