//! `openclaw security check-vulnerabilities`

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::advisories::{self, Advisory};
use crate::{
    app::Context,
    failure::{Done, Exit, Failure},
    output::{Text, Tone},
};

/// What this program is made of: every package of the lock file, by name and version.
const PACKAGES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/packages.rs"));
/// What was published about this program itself, as OSV documents.
const OWN: &str = include_str!("advisories.json");

/// Compare this program with known advisories
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw security check-vulnerabilities
  openclaw security check-vulnerabilities --db ~/.cargo/advisory-db

The database is a folder as RustSec keeps it (git clone https://github.com/rustsec/advisory-db), or OSV documents in a file
or folder. Without --db the usual place is looked at, ~/.cargo/advisory-db. Nothing is ever asked over the network. The exit
code is 2 when an advisory means this program.")]
pub(super) struct CheckVulnerabilities {
    /// Database of advisories: a folder or a file
    #[arg(long, value_name = "PATH")]
    db: Option<PathBuf>,
    /// Ask nothing over the network, which is never done anyway
    #[arg(long)]
    offline: bool,
}

/// What `--json` prints.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Printed<'a> {
    version: &'static str,
    packages: usize,
    database: Option<PathBuf>,
    advisories: usize,
    db_date: Option<String>,
    findings: &'a [Found],
}

/// An advisory that means something in this program.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    id: String,
    severity: String,
    package: String,
    version: String,
    summary: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    fixed_in: Option<String>,
}

impl CheckVulnerabilities {
    pub(super) fn run(self, context: &mut Context) -> Done {
        let usual =
            context.local.home.as_ref().map(|home| home.join(".cargo/advisory-db")).filter(|path| path.is_dir());
        let database = self.db.or(usual);
        let mut all = advisories::osv(OWN)
            .map_err(|error| Failure::new(Exit::Failed, "ADVISORIES", format!("the built-in advisories: {error}")))?;
        if let Some(path) = &database {
            let read = advisories::read(path).map_err(|error| {
                Failure::new(Exit::Failed, "ADVISORIES", format!("{}: {error}", path.display()))
                    .helped("get one: git clone https://github.com/rustsec/advisory-db")
            })?;
            all.extend(read);
        }
        let findings = found(&all, PACKAGES);
        let date = all.iter().filter_map(|advisory| advisory.date.clone()).max();
        let output = &mut context.output;
        if output.json {
            let version = openclaw_protocol::VERSION;
            output.value(&Printed {
                version,
                packages: PACKAGES.len(),
                database,
                advisories: all.len(),
                db_date: date,
                findings: &findings,
            })?;
        } else {
            for found in &findings {
                let head = format!(" {} {} ({})", found.package, found.version, found.severity);
                output.paragraph(Text::toned(Tone::Bad, &found.id).and(head))?;
                output.indented(2, found.summary.as_str())?;
                if let Some(fixed) = &found.fixed_in {
                    output.indented(2, Text::toned(Tone::Strong, "Fixed in: ").and(fixed))?;
                }
            }
            match &database {
                Some(path) => output.paragraph(format!(
                    "compared {} packages with {} advisories of {}",
                    PACKAGES.len(),
                    all.len(),
                    path.display()
                ))?,
                None => {
                    output.paragraph(
                        Text::toned(Tone::Warning, "no database of advisories is here")
                            .and(": the packages of this program were compared with nothing but what is built in"),
                    )?;
                    output.indented(
                        2,
                        Text::toned(Tone::Strong, "Fix: ")
                            .and("git clone https://github.com/rustsec/advisory-db ~/.cargo/advisory-db"),
                    )?;
                }
            }
            let verdict = match findings.len() {
                0 => Text::toned(Tone::Good, "nothing is known against it"),
                1 => Text::toned(Tone::Bad, "one advisory means it"),
                many => Text::toned(Tone::Bad, format!("{many} advisories mean it")),
            };
            output.paragraph(Text::from(format!("openclaw {}: ", openclaw_protocol::VERSION)).then(verdict))?;
        }
        Ok(if findings.is_empty() { Exit::Ok } else { Exit::Usage })
    }
}

/// Which advisories mean which packages.
fn found(all: &[Advisory], packages: &[(&str, &str)]) -> Vec<Found> {
    let mut findings = Vec::new();
    for (package, version) in packages {
        for advisory in all.iter().filter(|advisory| advisory.package == *package && advisory.means(version)) {
            findings.push(Found {
                id: advisory.id.clone(),
                severity: advisory.severity.clone().unwrap_or_else(|| "unrated".to_owned()),
                package: (*package).to_owned(),
                version: (*version).to_owned(),
                summary: advisory.summary.clone(),
                fixed_in: advisory.fixed_in(),
            });
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_knows_what_it_is_made_of() {
        assert!(PACKAGES.iter().any(|(name, _)| *name == "tokio"));
        assert!(PACKAGES.iter().any(|(name, version)| *name == "openclaw" && !version.is_empty()));
        assert!(advisories::osv(OWN).is_ok());
    }
}
