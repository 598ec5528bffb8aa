//! `openclaw security scan`

use clap::Args;
use openclaw_gateway::posture::skills;
use openclaw_posture::Severity;

use super::{
    facts,
    shown::{self, Printed, Scanned},
};
use crate::{
    app::Context,
    failure::{Done, Exit},
    output::{Text, Tone},
};

/// Audit, and read the text of all skills
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw security scan
  openclaw security scan --json

The exit code is 2 when something critical is found, or a skill's text looks dangerous. No gateway is asked;
`openclaw security audit --deep` does that.")]
pub(super) struct Scan {}

impl Scan {
    pub(super) fn run(self, context: &mut Context) -> Done {
        let mut looked = match facts::look(&context.local) {
            Ok(looked) => looked,
            Err(error) => return facts::broken(context, error),
        };
        let read = skills::read(&looked, true);
        let suspicious = skills::is_suspicious(&read);
        let scanned = Scanned { skills: read.skills, plugins: 0, files: read.files };
        looked.facts.skills = read.facts;
        let report = looked.report();
        let output = &mut context.output;
        if output.json {
            output.value(&Printed::of(&report).scanned(scanned))?;
        } else {
            output.line(Text::toned(Tone::Strong, "OpenClaw security scan"))?;
            output.paragraph(Text::from("Summary: ").then(shown::counts(report.summary())))?;
            output.paragraph(format!("Read {} skills in {} files.", scanned.skills, scanned.files))?;
            shown::findings(output, &report.findings)?;
        }
        let bad = suspicious || report.summary().worst() == Severity::Critical;
        Ok(if bad { Exit::Usage } else { Exit::Ok })
    }
}
