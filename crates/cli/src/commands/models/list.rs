//! `openclaw models list`

use clap::Args;
use serde::Serialize;

use super::Catalogue;
use crate::{
    app::Context,
    ask::once,
    failure::Done,
    output::{Column, Table, Text},
    reach::Target,
    show,
};

/// List the models that agents can use
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw models list
  openclaw models list --provider house --json")]
pub(super) struct List {
    #[command(flatten)]
    target: Target,
    /// Only those of this provider; with --json all are printed
    #[arg(long, value_name = "NAME")]
    provider: Option<String>,
}

/// The method needs nothing.
#[derive(Serialize)]
struct Nothing {}

impl List {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let answer = once::<Catalogue>(context, &self.target, "models.list", Nothing {}).await?;
        answer.show(&mut context.output, |output, catalogue| {
            let mut table = Table::new([
                Column::whole("MODEL"),
                Column::words("NAME"),
                Column::number("CONTEXT"),
                Column::whole("TAKES"),
                Column::whole("THINKS"),
            ]);
            let mut shown = 0;
            let wanted = |provider: &str| self.provider.as_deref().is_none_or(|wanted| wanted == provider);
            for model in catalogue.models.iter().filter(|model| wanted(&model.provider)) {
                shown += 1;
                table.row([
                    Text::from(format!("{}/{}", model.provider, model.id)),
                    show::text(model.name.as_ref()),
                    if model.context_window == 0 { "-".into() } else { show::count(model.context_window).into() },
                    show::words(&model.input),
                    if model.reasoning { "yes" } else { "-" }.into(),
                ]);
            }
            if shown > 0 {
                output.table(&table)
            } else {
                output.paragraph("there is no such model; see: openclaw models status")
            }
        })
    }
}
