//! `openclaw security lockdown`

use std::{
    io::{IsTerminal, stdin},
    path::Path,
};

use clap::Args;
use openclaw_core::{Clock, Ids};
use openclaw_gateway::lockdown::{Changed, Fate, NotDone, Offline, Outcome, SETTING, Wish};
use openclaw_store::StateDir;
use serde::Serialize;

use crate::{
    app::Context,
    ask::{agreed, ask},
    failure::{Done, Exit, Failure},
    output::{Output, Text, Tone},
    reach::{self, Source, Target},
    show,
};

/// Close everything but this machine, at once
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw security lockdown --dry-run
  openclaw security lockdown --reason \"a laptop was stolen\"
  openclaw security lockdown --yes --json
  openclaw security lockdown --undo

It sets the bind to loopback, closes channels, hooks and the /v1 interfaces, denies commands and elevated tools, ends every other
connection, stops programs and runs, lets jobs rest, and withdraws the tokens of devices. Until --undo only whoever shows the
gateway's own secret on its host gets in, over every restart. --undo puts back what nobody changed since; devices must be
approved anew. It works whether the gateway runs or not.
Exit codes: 0 done, 1 something could not be done, 2 nothing to undo.")]
pub(super) struct Lockdown {
    #[command(flatten)]
    target: Target,
    /// End the lockdown
    #[arg(long)]
    undo: bool,
    /// Only show what would be done
    #[arg(long)]
    dry_run: bool,
    /// Do not ask; needed where nobody can be asked
    #[arg(long, short)]
    yes: bool,
    /// Why, for the record and the audit
    #[arg(long, value_name = "TEXT", conflicts_with = "undo")]
    reason: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Asked<'a> {
    undo: bool,
    dry_run: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

impl From<NotDone> for Failure {
    fn from(error: NotDone) -> Self {
        match error {
            NotDone::Configuration(error) => error.into(),
            NotDone::Keys(error) => error.into(),
            NotDone::NotLocked => nothing(error.to_string()),
            NotDone::Store(error) => Self::new(Exit::Failed, "STORE", error.to_string()).helped("openclaw doctor"),
        }
    }
}

/// A lockdown that the state directory knows of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    /// Since when, milliseconds since the epoch; not known where the state is encrypted.
    pub(crate) since: Option<i64>,
}

impl Known {
    /// What is said of it.
    pub(crate) fn told(self) -> String {
        match self.since {
            Some(since) => format!("locked down since {}", show::time(Some(since))),
            None => "locked down".to_owned(),
        }
    }
}

/// The lockdown that holds, looked up in the state directory, whether a gateway runs or not.
pub(crate) fn known(state_dir: &Path) -> Option<Known> {
    match openclaw_store::setting(state_dir, SETTING) {
        Ok(kept) => kept.map(|kept| Known { since: kept["since"].as_i64() }),
        // Sealed, so it is there. Whatever else keeps it from being read is the doctor's to say.
        Err(openclaw_store::Error::Damaged { .. }) => Some(Known { since: None }),
        Err(_) => None,
    }
}

fn nothing(text: String) -> Failure {
    Failure::new(Exit::Usage, "NOT_LOCKED", text)
}

impl Lockdown {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let asks = stdin().is_terminal() && !context.output.json && context.output.live;
        if !self.yes && !self.dry_run && !asks {
            let text = if self.undo { "would end the lockdown" } else { "would close the gateway" };
            return Err(Failure::usage(format!("this {text}, and nobody can be asked here"))
                .helped("add --yes, or look first: --dry-run"));
        }
        if self.dry_run || !self.yes {
            let would = self.ask(context, true).await?;
            if self.dry_run && context.output.json {
                context.output.value(&would)?;
                return Ok(Exit::Ok);
            }
            self.show_before(&mut context.output, &would)?;
            if self.dry_run {
                return Ok(Exit::Ok);
            }
            let question = if self.undo { "The lockdown ends." } else { "The gateway is locked down." };
            if !agreed(&mut context.output, question, false)? {
                return Err(Failure::new(Exit::Interrupted, "NOT_AGREED", "nothing was changed"));
            }
        }
        let done = self.ask(context, false).await?;
        let output = &mut context.output;
        if output.json {
            output.value(&done)?;
        } else if self.undo {
            show_unlocked(output, &done)?;
        } else {
            show_locked(output, &done)?;
        }
        Ok(if self.undo || done.problems.is_empty() { Exit::Ok } else { Exit::Failed })
    }

    /// Asks the gateway, or does it where none runs.
    async fn ask(&self, context: &Context, dry_run: bool) -> Result<Outcome, Failure> {
        let found = reach::find(&context.local, &self.target)?;
        let state = context.local.paths()?.state_dir;
        // Somebody's claim says that a gateway runs, whatever it wrote about itself before.
        if found.source == Source::Local && !StateDir::is_claimed(&state).unwrap_or(false) {
            return self.offline(context, dry_run).await;
        }
        let gateway = reach::connected(context, &self.target, &found, None).await?;
        let asked = Asked { undo: self.undo, dry_run, reason: self.reason.as_deref() };
        let answer = ask::<Outcome>(&gateway, "security.lockdown", asked).await;
        gateway.close().await;
        answer.map(|answer| answer.read).map_err(|failure| match failure.code.as_str() {
            "NOT_FOUND" if self.undo => NotDone::NotLocked.into(),
            _ => failure,
        })
    }

    async fn offline(&self, context: &Context, dry_run: bool) -> Result<Outcome, Failure> {
        let local = &context.local;
        let claim = StateDir::claim(&local.paths()?.state_dir)
            .map_err(|error| Failure::new(Exit::Failed, "STATE", error.to_string()).helped("openclaw doctor"))?;
        let (file, loaded) = (local.config_file(None)?, local.config(None)?);
        let offline = Offline::open(claim, file, loaded, &local.environment, &Ids::system(), Clock::system())?;
        let wish = Wish { dry_run, reason: self.reason.clone() };
        Ok(if self.undo { offline.unlock(&wish).await? } else { offline.lock(&wish).await? })
    }

    fn show_before(&self, output: &mut Output, would: &Outcome) -> std::io::Result<()> {
        if let (true, Some(since)) = (would.already, would.since) {
            output.paragraph(format!("The gateway is locked down already, since {}.", show::time(Some(since))))?;
        }
        show_changes(output, &would.changes)?;
        if self.undo {
            return Ok(());
        }
        output.paragraph(format!("  would end {}", ended(would)))?;
        output.paragraph("  would let only this machine's owner in, and let jobs rest, until --undo")
    }
}

/// `3 connections, 1 program, no run; 2 device tokens withdrawn`
fn ended(outcome: &Outcome) -> String {
    let count = |number: usize, word: &str| match number {
        0 => format!("no {word}"),
        1 => format!("1 {word}"),
        many => format!("{many} {word}s"),
    };
    format!(
        "{}, {}, {}; {} withdrawn",
        count(outcome.closed_connections, "connection"),
        count(outcome.stopped_programs, "program"),
        count(outcome.aborted_runs, "run"),
        count(outcome.revoked_device_tokens, "device token")
    )
}

fn show_changes(output: &mut Output, changes: &[Changed]) -> std::io::Result<()> {
    let changed: Vec<&Changed> = changes.iter().filter(|change| change.state == Fate::Changed).collect();
    if changed.is_empty() {
        output.paragraph("The configuration stays as it is.")?;
    }
    for change in changed {
        output.line(Text::toned(Tone::Strong, &change.path))?;
        for (tone, sign, value) in [(Tone::Bad, '-', &change.before), (Tone::Good, '+', &change.after)] {
            if let Some(value) = value {
                output.line(Text::toned(tone, format!("  {sign} {value}")))?;
            }
        }
    }
    for change in changes.iter().filter(|change| change.state == Fate::Left) {
        output.paragraph(Text::toned(Tone::Warning, "left").and(format!("  {}: changed since", change.path)))?;
    }
    Ok(())
}

fn show_rest(output: &mut Output, outcome: &Outcome) -> std::io::Result<()> {
    if !outcome.restart_required.is_empty() {
        let keys = outcome.restart_required.join(", ");
        output.paragraph(format!("  with the next start of the gateway: {keys}"))?;
    }
    for problem in &outcome.problems {
        output.paragraph(Text::toned(Tone::Warning, "  mind: ").and(problem))?;
    }
    Ok(())
}

fn show_locked(output: &mut Output, done: &Outcome) -> std::io::Result<()> {
    show_changes(output, &done.changes)?;
    let since = show::time(done.since);
    let word = if done.already { "still locked down" } else { "locked down" };
    output.paragraph(Text::toned(Tone::Strong, word).and(format!(" since {since}")))?;
    output.paragraph(format!("  ended: {}", ended(done)))?;
    show_rest(output, done)?;
    output.paragraph(Text::toned(Tone::Strong, "Next:"))?;
    for step in [
        "close what leads here: the proxy's route, the router's port, tailscale serve reset",
        "openclaw gateway rotate-token, then the credentials that agents could reach",
        "openclaw security export-audit --out audit.json, openclaw config history, openclaw approvals history",
        "openclaw security audit --deep",
        "openclaw security lockdown --undo, then open again what is needed",
    ] {
        output.hung("  - ".into(), step)?;
    }
    Ok(())
}

fn show_unlocked(output: &mut Output, done: &Outcome) -> std::io::Result<()> {
    show_changes(output, &done.changes)?;
    output.paragraph(
        Text::toned(Tone::Good, "not locked down any more").and(format!("; it was, since {}", show::time(done.since))),
    )?;
    show_rest(output, done)?;
    output.paragraph("  tokens of devices stay withdrawn: approve those that are to come back, openclaw devices list")
}
