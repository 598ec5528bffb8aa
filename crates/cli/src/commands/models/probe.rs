//! `openclaw models probe`

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::{
    app::Context,
    ask::once,
    failure::{Done, Exit},
    output::{Column, Table},
    reach::Target,
    show,
};

/// Really ask a provider for a word, with each of its keys
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw models probe house
  openclaw models probe house --wait 20000 --json

That costs a few tokens. The exit code is 2 when no key gets an answer.")]
pub(super) struct Probe {
    #[command(flatten)]
    target: Target,
    /// The provider's id
    #[arg(value_name = "PROVIDER")]
    provider: String,
    /// How long each answer may take, milliseconds
    #[arg(long, value_name = "MS", default_value_t = 8000, value_parser = clap::value_parser!(u64).range(1..=60_000))]
    wait: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    provider: String,
    timeout_ms: u64,
}

#[derive(Debug, Deserialize)]
struct Probed {
    status: String,
    #[serde(default)]
    error: Option<String>,
    results: Vec<Tried>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tried {
    label: String,
    status: String,
    #[serde(default)]
    latency_ms: Option<u64>,
    #[serde(default)]
    error: Option<String>,
}

impl Probe {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let asked = Asked { provider: self.provider, timeout_ms: self.wait };
        let answer = once::<Probed>(context, &self.target, "models.probe", asked).await?;
        answer.show(&mut context.output, |output, probed| {
            if probed.results.is_empty() {
                return output.paragraph(show::text(probed.error.as_ref()));
            }
            let mut table = Table::new([
                Column::whole("ASKED"),
                Column::whole("STATUS"),
                Column::number("MS"),
                Column::words("WHY"),
            ]);
            for tried in &probed.results {
                table.row([
                    (&tried.label).into(),
                    (&tried.status).into(),
                    tried.latency_ms.map_or_else(|| "-".into(), |ms| ms.to_string().into()),
                    show::text(tried.error.as_ref()),
                ]);
            }
            output.table(&table)
        })?;
        Ok(if answer.read.status == "ok" { Exit::Ok } else { Exit::Usage })
    }
}
