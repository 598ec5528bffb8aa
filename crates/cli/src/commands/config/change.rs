//! What the commands that change the configuration share: how they make the change, and what they say of it.

use std::path::PathBuf;

use clap::Args;
use openclaw_config::{Attempt, Changed, Edit, Mode, Outcome};
use openclaw_core::{Clock, Ids};
use openclaw_protocol::detail;
use serde::{Deserialize, Serialize};

use super::place::{Past, Place, changing};
use crate::{
    app::Context,
    ask::ask,
    failure::{Done, Exit, Failure},
    output::{Output, Text, Tone},
    reach::Target,
    show,
};

/// Whom a change without a gateway is put down to.
const WHO: &str = "cli";

/// How a change is made.
#[derive(Args, Clone, Debug)]
pub(super) struct Terms {
    #[command(flatten)]
    target: Target,
    /// Refuse when the configuration is not in the state with this hash any more
    #[arg(long, value_name = "HASH")]
    base_hash: Option<String>,
    /// Why, for the history
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Check it and say what would differ; change nothing
    #[arg(long)]
    dry_run: bool,
    /// Change the file even though a gateway runs; it notices
    #[arg(long)]
    offline: bool,
}

/// What is to be done: for the file, and for a gateway.
pub(super) struct Goal<P> {
    pub(super) aim: Aim,
    /// The method that does it.
    pub(super) method: &'static str,
    /// Its own parameters.
    pub(super) params: P,
}

/// What the file is to become.
pub(super) enum Aim {
    Edits(Vec<Edit>),
    /// An entry of the history, by the beginning of its id; without one, what was before the newest.
    Undo(Option<String>),
}

/// What a gateway is asked.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Asked<P> {
    #[serde(flatten)]
    params: P,
    #[serde(skip_serializing_if = "Option::is_none")]
    base_hash: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    idempotency_key: String,
}

/// What became of it, which is what `--json` prints.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Made {
    #[serde(default = "yes")]
    ok: bool,
    path: String,
    hash: String,
    before_hash: String,
    changed: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    changed_paths: Vec<String>,
    #[serde(default)]
    reconnect_required: Vec<String>,
    #[serde(default)]
    restart_required: Vec<String>,
    #[serde(default)]
    warnings: Vec<Warning>,
    #[serde(default)]
    via: Via,
    #[serde(default)]
    dry_run: bool,
}

#[derive(Debug, Deserialize, Serialize)]
struct Warning {
    path: String,
    message: String,
}

/// Who made it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum Via {
    #[default]
    Gateway,
    File,
}

const fn yes() -> bool {
    true
}

impl Terms {
    /// Makes the change and says what became of it.
    pub(super) async fn run<P: Serialize>(self, context: &mut Context, file: Option<PathBuf>, goal: Goal<P>) -> Done {
        let past = if self.offline || self.dry_run { Past::Yes } else { Past::No };
        let made = match changing(context, &self.target, file, past, goal.method).await? {
            Place::File(file) => {
                let now_ms = Clock::system().now_ms();
                let mode = if self.dry_run { Mode::DryRun } else { Mode::Write };
                let (base_hash, note) = (self.base_hash.as_deref(), self.note.as_deref());
                let attempt = Attempt { base_hash, who: WHO, note, now_ms, mode };
                let changed = match &goal.aim {
                    Aim::Edits(edits) => file.change(edits, &attempt)?,
                    Aim::Undo(id) => file.undo(id.as_deref(), &attempt)?,
                };
                Made::of(changed)
            }
            Place::Gateway(gateway) => {
                let asked = Asked {
                    params: goal.params,
                    base_hash: self.base_hash,
                    note: self.note,
                    idempotency_key: Ids::system().uuid().to_string(),
                };
                let made = context.output.progress(goal.method).during(ask::<Made>(&gateway, goal.method, asked)).await;
                // A change of the gateway's own secret ends this connection, so its end says nothing.
                gateway.close().await;
                made.map_err(explain)?.read
            }
        };
        let running = made.via == Via::File && context.local.running().is_some();
        print(&mut context.output, &made, running)?;
        Ok(Exit::Ok)
    }
}

/// The gateway's word for a configuration that cannot be read or written.
const UNAVAILABLE: &str = detail::CONFIG_UNAVAILABLE;

/// A gateway's refusal, with what helps on the command line.
fn explain(failure: Failure) -> Failure {
    if failure.hint.is_some() || failure.exit != Exit::Failed {
        return failure;
    }
    if failure.code == UNAVAILABLE {
        return failure.helped("see what the disk lacks: openclaw doctor");
    }
    failure.helped("look at it: openclaw config get, openclaw config schema <path>")
}

impl Made {
    fn of(changed: Changed) -> Self {
        Self {
            ok: true,
            path: changed.loaded.path.display().to_string(),
            hash: changed.after_hash,
            before_hash: changed.before_hash,
            changed: changed.outcome == Outcome::Written,
            id: changed.id.map(|id| id.to_string()),
            changed_paths: changed.differences.into_iter().map(|difference| difference.path).collect(),
            // When it takes effect is for whoever has it in force to say.
            reconnect_required: Vec::new(),
            restart_required: Vec::new(),
            warnings: changed
                .notices
                .into_iter()
                .map(|notice| Warning { path: notice.path, message: notice.message })
                .collect(),
            via: Via::File,
            dry_run: changed.outcome == Outcome::Checked,
        }
    }
}

fn print(output: &mut Output, made: &Made, running: bool) -> std::io::Result<()> {
    if output.json {
        return output.value(made);
    }
    let paths = show::words(&made.changed_paths);
    if made.dry_run {
        output.paragraph(Text::from(format!("{} could be changed: ", made.path)).then(paths))?;
    } else if made.changed {
        output.paragraph(Text::from(format!("Updated {}: ", made.path)).then(paths))?;
    } else {
        output.paragraph(format!("{} says so already; nothing was changed", made.path))?;
    }
    if made.changed {
        match made.via {
            Via::Gateway if made.restart_required.is_empty() => {
                output.paragraph(Text::toned(Tone::Good, "  in force").and(" at once"))?;
            }
            Via::Gateway => {
                let waiting = made.restart_required.join(", ");
                output.paragraph(Text::toned(Tone::Warning, "  waits for a restart: ").and(waiting))?;
            }
            Via::File if running => output.paragraph("  the gateway that runs reads it again; see: openclaw status")?,
            Via::File => output.paragraph("  in force with the next start of the gateway")?,
        }
        if !made.reconnect_required.is_empty() {
            output.paragraph(format!("  for new connections only: {}", made.reconnect_required.join(", ")))?;
        }
    }
    for warning in &made.warnings {
        output
            .paragraph(Text::toned(Tone::Warning, "  note: ").and(format!("{}: {}", warning.path, warning.message)))?;
    }
    Ok(())
}
