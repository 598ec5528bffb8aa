//! `openclaw doctor`

mod configuration;
mod finding;
mod gateway;
mod posture;
mod protection;
mod state;

use clap::Args;
use serde::Serialize;

use finding::{Finding, Severity};

use super::{Patient, security::Fix};
use crate::{
    app::Context,
    failure::{Done, Exit},
    output::{Output, Text, Tone},
};

/// Shape of what `--json` prints; grows when a member changes its meaning.
const SCHEMA_VERSION: u32 = 1;

/// Find out what is wrong, and what to do about it
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw doctor
  openclaw doctor --fix       mend what can be mended without asking
  openclaw doctor --json

What is unsafe is told as openclaw security audit tells it, and mended as its --fix does; notes that need nothing are told
there alone. The exit code is 2 when a warning or an error is left. Nothing is changed without --fix.")]
pub(crate) struct Doctor {
    #[command(flatten)]
    patient: Patient,
    /// Mend what can be mended without asking
    #[arg(long, visible_alias = "repair")]
    fix: bool,
}

/// What was looked at, and what was found.
#[derive(Debug, Default)]
struct Report {
    run: usize,
    skipped: usize,
    findings: Vec<Finding>,
    mended: Vec<Finding>,
    /// What mending changed of files and of the configuration.
    fix: Option<Fix>,
}

/// What `--json` prints, in the shape of the reference.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Printed<'a> {
    schema_version: u32,
    ok: bool,
    checks_run: usize,
    checks_skipped: usize,
    findings: &'a [Finding],
    fixed: &'a [Finding],
    /// What that changed, as `security audit --fix` tells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    changes: Option<&'a Fix>,
}

impl Report {
    /// Takes the findings of a check.
    fn take(&mut self, findings: impl IntoIterator<Item = Finding>) {
        self.run += 1;
        self.findings.extend(findings);
    }

    fn is_well(&self) -> bool {
        self.findings.iter().all(|finding| finding.severity < Severity::Warning)
    }

    /// Does what mends a finding; what could not be done stays one.
    fn mend(&mut self) {
        for mut finding in std::mem::take(&mut self.findings) {
            match finding.remedy.as_ref().map(finding::Remedy::apply) {
                Some(Ok(())) => self.mended.push(finding),
                Some(Err(error)) => {
                    finding.message.push_str(&format!(" (it could not be mended: {error})"));
                    self.findings.push(finding);
                }
                None => self.findings.push(finding),
            }
        }
    }
}

impl Doctor {
    pub(crate) async fn run(self, context: &mut Context) -> Done {
        let mut report = Report::default();
        // First, so that what it mends is in nobody's way.
        let judged = posture::judge(&context.local, self.fix);
        let loaded = configuration::check(&context.local, &mut report);
        let paths = context.local.paths()?;
        state::check(&paths.state_dir, judged.is_some(), &mut report);
        let local = &context.local;
        let config = loaded.as_ref().map(|loaded| &*loaded.config);
        protection::check(&paths.state_dir, config, &local.environment, local.home.as_deref(), &mut report);
        gateway::check(context, &self.patient, loaded.as_ref(), &mut report).await;
        if self.fix {
            report.mend();
        }
        match judged {
            Some(judged) => {
                report.findings = posture::without_echoes(report.findings, &judged.findings);
                report.mended.extend(judged.mended);
                report.fix = judged.fix;
                report.take(judged.findings);
            }
            None => report.skipped += 1,
        }
        report.findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        print(&mut context.output, &report)?;
        Ok(if report.is_well() { Exit::Ok } else { Exit::Usage })
    }
}

fn print(output: &mut Output, report: &Report) -> std::io::Result<()> {
    if output.json {
        return output.value(&Printed {
            schema_version: SCHEMA_VERSION,
            ok: report.is_well(),
            checks_run: report.run,
            checks_skipped: report.skipped,
            findings: &report.findings,
            fixed: &report.mended,
            changes: report.fix.as_ref(),
        });
    }
    // What the audit mends is told below by what it changed.
    for finding in report.mended.iter().filter(|finding| finding.remedy.is_some()) {
        let what = finding.message.lines().next().unwrap_or_default();
        output.paragraph(Text::toned(Tone::Good, "mended").and(format!("  {}: {what}", finding.check_id)))?;
    }
    if let Some(fix) = report.fix.as_ref().filter(|fix| !fix.is_idle()) {
        fix.show(output)?;
    }
    for finding in &report.findings {
        let word = match finding.severity {
            Severity::Info => Text::toned(Tone::Faint, "info"),
            Severity::Warning => Text::toned(Tone::Warning, "warning"),
            Severity::Error => Text::toned(Tone::Bad, "error"),
        };
        let mut lines = finding.message.lines();
        let first = lines.next().unwrap_or_default();
        output.paragraph(word.and_toned(Tone::Faint, format!("  {}: ", finding.check_id)).and(first))?;
        for line in lines {
            match line.strip_prefix("- ") {
                Some(item) => output.hung("  - ".into(), item)?,
                None => output.indented(2, line)?,
            }
        }
        if let Some(hint) = &finding.fix_hint {
            output.paragraph(Text::toned(Tone::Strong, "  fix: ").and(hint))?;
        }
    }
    let skipped = if report.skipped == 0 { String::new() } else { format!(", {} could not be made", report.skipped) };
    let bad = report.findings.iter().filter(|finding| finding.severity >= Severity::Warning).count();
    let verdict = match bad {
        0 => Text::toned(Tone::Good, "nothing is wrong"),
        1 => Text::toned(Tone::Warning, "one thing is wrong"),
        many => Text::toned(Tone::Warning, format!("{many} things are wrong")),
    };
    output.paragraph(verdict.and(format!(" ({} checks{skipped})", report.run)))
}
