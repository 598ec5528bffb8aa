//! `openclaw security audit`

use std::time::Duration;

use clap::{Args, ValueEnum};
use openclaw_gateway::posture::skills;
use openclaw_posture::{Probe, Report, Severity};
use serde::Serialize;

use super::{
    facts::{self, Looked},
    fix::{self, Fix},
    shown::{self, Printed},
};
use crate::{
    app::Context,
    failure::{Done, Exit},
    output::{Text, Tone},
    reach::{self, Target},
};

/// Find what others could use, in the configuration and on disk
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw security audit
  openclaw security audit --deep
  openclaw security audit --fail-on critical,warn --json
  openclaw security audit --fix

Without --fail-on the exit code is 0 whatever is found; with it, 2 when something of those severities is. A configuration
that cannot be used ends with 1. --fix gives files back to their owner, closes groups that are open to everybody, and masks
replaced secrets in backups; it creates nothing, follows no link and changes no secret.")]
pub(super) struct Audit {
    /// Also ask the running gateway, and read the text of skills
    #[arg(long)]
    deep: bool,
    /// Mend what can be mended without asking
    #[arg(long)]
    fix: bool,
    /// End with 2 when there is a finding of these severities
    #[arg(long, value_delimiter = ',', value_name = "SEVERITY")]
    fail_on: Vec<FailOn>,
    /// Judge as if this mode of authentication were in force
    #[arg(long, value_name = "MODE", value_parser = ["none", "token", "password", "trusted-proxy"])]
    auth: Option<String>,
    /// Most time to wait for the gateway, milliseconds
    #[arg(long, value_name = "MS", value_parser = crate::commands::milliseconds, default_value = "5000")]
    timeout: Duration,
    #[command(flatten)]
    target: Target,
}

/// What makes an audit fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOn {
    /// Somebody can use it now
    Critical,
    /// Weaker than it needs to be
    Warn,
    /// Anything
    Info,
}

impl FailOn {
    const fn severity(self) -> Severity {
        match self {
            Self::Critical => Severity::Critical,
            Self::Warn => Severity::Warn,
            Self::Info => Severity::Info,
        }
    }
}

/// What `--fix --json` prints.
#[derive(Serialize)]
struct Mended<'a> {
    fix: &'a Fix,
    report: Printed<'a>,
}

impl Audit {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let mut looked = match self.look(context) {
            Ok(looked) => looked,
            Err(error) => return facts::broken(context, error),
        };
        let fix = self.fix.then(|| fix::fix(&context.local, &looked));
        if fix.is_some() {
            looked = match self.look(context) {
                Ok(looked) => looked,
                Err(error) => return facts::broken(context, error),
            };
        }
        let mut url = None;
        if self.deep {
            let (asked, probe) = self.ask(context).await;
            (url, looked.facts.probe) = (asked, Some(probe));
            looked.facts.broken_chain = crate::commands::audit::broken(context);
        }
        looked.facts.skills = skills::read(&looked, self.deep).facts;
        let report = looked.report();
        let output = &mut context.output;
        if output.json {
            let printed = match &looked.facts.probe {
                Some(probe) => Printed::of(&report).asked(url, probe),
                None => Printed::of(&report),
            };
            match &fix {
                Some(fix) => output.value(&Mended { fix, report: printed })?,
                None => output.value(&printed)?,
            }
        } else {
            if let Some(fix) = &fix {
                fix.show(output)?;
                output.line("")?;
            }
            output.line(Text::toned(Tone::Strong, "OpenClaw security audit"))?;
            output.paragraph(Text::from("Summary: ").then(shown::counts(report.summary())))?;
            if !self.deep {
                output.paragraph(Text::toned(
                    Tone::Faint,
                    "Ask the running gateway and read skills, too: openclaw security audit --deep",
                ))?;
            }
            shown::findings(output, &report.findings)?;
        }
        Ok(self.exit(&report))
    }

    fn look(&self, context: &Context) -> Result<Looked, openclaw_config::ConfigError> {
        let mut looked = facts::look(&context.local)?;
        let facts = &mut looked.facts;
        facts.mode.clone_from(&self.auth);
        facts.token = self.target.token.clone().filter(|_| self.target.url.is_none()).or(facts.token.take());
        facts.password = self.target.password.clone().filter(|_| self.target.url.is_none()).or(facts.password.take());
        Ok(looked)
    }

    /// Asks the running gateway. Credentials go where `reach` lets them, and nowhere else.
    async fn ask(&self, context: &Context) -> (Option<String>, Probe) {
        let found = match reach::find(&context.local, &self.target) {
            Ok(found) => found,
            Err(failure) => return (None, Probe::Failed(failure.cause)),
        };
        let url = Some(found.url.to_string());
        match reach::connected(context, &self.target, &found, Some(self.timeout)).await {
            Ok(gateway) => {
                gateway.close().await;
                (url, Probe::Answered)
            }
            Err(failure) => (url, Probe::Failed(failure.cause)),
        }
    }

    fn exit(&self, report: &Report) -> Exit {
        let least = self.fail_on.iter().map(|fail| fail.severity()).min();
        match least {
            Some(least)
                if report.findings.iter().any(|finding| finding.severity >= least && !told_besides(finding)) =>
            {
                Exit::Usage
            }
            _ => Exit::Ok,
        }
    }
}

/// Whether a finding only says that others were accepted: what was accepted on purpose fails nothing.
fn told_besides(finding: &openclaw_posture::Finding) -> bool {
    finding.check_id == "config.insecure_or_dangerous_flags"
        && finding.detail.starts_with("security.audit.suppressions ")
}
