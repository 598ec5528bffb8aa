//! `openclaw config diff`

use std::path::PathBuf;

use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::place::{Place, looking};
use crate::{
    app::Context,
    ask::ask,
    failure::{Done, Exit, Failure},
    output::{Output, Text, Tone},
    reach::Target,
};

/// Show what differs between two states
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw config diff               what the newest change did
  openclaw config diff 3f2a          from that state to the file as it is
  openclaw config diff 3f2a 9c41

Secrets are never shown.")]
pub(super) struct Diff {
    #[command(flatten)]
    target: Target,
    /// An entry of the history, or the first characters of its identifier [default: the one before the newest]
    from: Option<String>,
    /// Another one [default: the file as it is]
    to: Option<String>,
}

#[derive(Serialize)]
struct Asked {
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
}

/// Where the two differ, which is what `--json` prints.
#[derive(Debug, Deserialize, Serialize)]
struct Differences {
    differences: Vec<Difference>,
}

#[derive(Debug, Deserialize, Serialize)]
struct Difference {
    path: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<Value>,
}

impl Diff {
    pub(super) async fn run(self, context: &mut Context, file: Option<PathBuf>) -> Done {
        let found = match looking(context, &self.target, file).await? {
            Place::File(file) => {
                let from = match self.from {
                    Some(from) => from,
                    None => file.history(2)?.into_iter().nth(1).ok_or_else(nothing_before)?.id.to_string(),
                };
                let differences = file.diff(&from, self.to.as_deref())?.into_iter();
                let shown =
                    differences.map(|found| Difference { path: found.path, before: found.before, after: found.after });
                Differences { differences: shown.collect() }
            }
            Place::Gateway(gateway) => {
                let found = ask(&gateway, "config.diff", Asked { from: self.from, to: self.to }).await?.read;
                gateway.close().await;
                found
            }
        };
        let output = &mut context.output;
        if output.json {
            output.value(&found)?;
        } else {
            print(output, &found.differences)?;
        }
        Ok(Exit::Ok)
    }
}

fn nothing_before() -> Failure {
    Failure::new(Exit::Failed, "NOT_FOUND", "there is nothing to compare with: no earlier state is kept")
        .helped("see what is kept: openclaw config history")
}

fn print(output: &mut Output, differences: &[Difference]) -> std::io::Result<()> {
    if differences.is_empty() {
        return output.line("nothing differs");
    }
    for Difference { path, before, after } in differences {
        output.line(Text::toned(Tone::Strong, path))?;
        for (tone, sign, value) in [(Tone::Bad, '-', before), (Tone::Good, '+', after)] {
            let text = value.as_ref().map(|value| serde_json::to_string_pretty(value).unwrap_or_default());
            for line in text.unwrap_or_default().lines() {
                output.line(Text::toned(tone, format!("  {sign} {line}")))?;
            }
        }
    }
    Ok(())
}
