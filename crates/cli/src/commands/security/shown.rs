//! How findings are printed.

use openclaw_core::Clock;
use openclaw_posture::{Finding, Probe, Report, Severity, Summary, Suppressed};
use serde::Serialize;

use crate::output::{Output, Text, Tone};

/// An audit as `--json` prints it, in the shape of the reference.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Printed<'a> {
    ts: i64,
    summary: Summary,
    findings: &'a [Finding],
    #[serde(skip_serializing_if = "Option::is_none")]
    deep: Option<Deep>,
    #[serde(skip_serializing_if = "<[Suppressed]>::is_empty")]
    suppressed_findings: &'a [Suppressed],
    secret_diagnostics: [(); 0],
    #[serde(skip_serializing_if = "Option::is_none")]
    scanned: Option<Scanned>,
}

/// What came of asking the gateway.
#[derive(Serialize)]
struct Deep {
    gateway: DeepGateway,
}

#[derive(Serialize)]
struct DeepGateway {
    attempted: bool,
    url: Option<String>,
    ok: bool,
    error: Option<String>,
    close: Option<()>,
}

/// How much was read.
#[derive(Clone, Copy, Serialize)]
pub(super) struct Scanned {
    pub(super) skills: usize,
    pub(super) plugins: usize,
    pub(super) files: usize,
}

impl<'a> Printed<'a> {
    pub(super) fn of(report: &'a Report) -> Self {
        Self {
            ts: Clock::system().now_ms(),
            summary: report.summary(),
            findings: &report.findings,
            deep: None,
            suppressed_findings: &report.suppressed,
            secret_diagnostics: [],
            scanned: None,
        }
    }

    pub(super) fn asked(mut self, url: Option<String>, probe: &Probe) -> Self {
        let error = match probe {
            Probe::Answered => None,
            Probe::Failed(why) => Some(why.clone()),
            Probe::NoCredential => Some("no credential".to_owned()),
        };
        let gateway =
            DeepGateway { attempted: *probe != Probe::NoCredential, url, ok: error.is_none(), error, close: None };
        self.deep = Some(Deep { gateway });
        self
    }

    pub(super) fn scanned(mut self, scanned: Scanned) -> Self {
        self.scanned = Some(scanned);
        self
    }
}

/// How bad, in colour.
pub(super) const fn tone(severity: Severity) -> Tone {
    match severity {
        Severity::Critical => Tone::Bad,
        Severity::Warn => Tone::Warning,
        Severity::Info => Tone::Faint,
    }
}

/// `1 critical · 2 warn · 3 info`
pub(super) fn counts(summary: Summary) -> Text {
    let one = |count: usize, severity: Severity| {
        let words = format!("{count} {}", severity.word());
        if count == 0 { Text::from(words) } else { Text::toned(tone(severity), words) }
    };
    one(summary.critical, Severity::Critical)
        .and(" · ")
        .then(one(summary.warn, Severity::Warn))
        .and(" · ")
        .then(one(summary.info, Severity::Info))
}

/// Findings by their severity, the worst first.
pub(super) fn findings(output: &mut Output, findings: &[Finding]) -> std::io::Result<()> {
    for severity in [Severity::Critical, Severity::Warn, Severity::Info] {
        let group: Vec<&Finding> = findings.iter().filter(|finding| finding.severity == severity).collect();
        if group.is_empty() {
            continue;
        }
        output.line("")?;
        output.line(Text::toned(tone(severity), severity.word().to_uppercase()))?;
        for finding in group {
            output.paragraph(Text::toned(Tone::Strong, &finding.check_id).and(" ").and(&finding.title))?;
            for line in finding.detail.lines() {
                match line.strip_prefix("- ") {
                    Some(item) => output.hung("  - ".into(), item)?,
                    None => output.indented(2, line)?,
                }
            }
            if let Some(remedy) = &finding.remediation {
                output.hung(Text::toned(Tone::Strong, "  Fix: "), remedy)?;
            }
        }
    }
    Ok(())
}
