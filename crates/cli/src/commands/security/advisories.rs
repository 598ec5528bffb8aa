//! Advisories about packages: the databases of RustSec and OSV, as files, and which versions they mean.

use std::{fs, path::Path};

use semver::{Version, VersionReq};
use serde::Deserialize;
use serde_json::Value;

/// Most files of a database that are read, and the largest one.
const MOST_FILES: usize = 20_000;
const LARGEST: u64 = 64 << 20;
/// Most folders below each other.
const DEEPEST: usize = 4;

/// What is known about a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Advisory {
    pub(super) id: String,
    pub(super) package: String,
    pub(super) summary: String,
    pub(super) severity: Option<String>,
    pub(super) date: Option<String>,
    meant: Meant,
}

/// Which versions are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Meant {
    /// All but those that satisfy one of these.
    Unless(Vec<String>),
    /// From the first on, up to the second, which is mended. `None` is without end.
    Between(Vec<(Version, Option<Version>)>),
}

/// A version as advisories write it, which leaves out what is zero.
fn version(text: &str) -> Option<Version> {
    let text = text.trim();
    let dots = text.split(['-', '+']).next().unwrap_or(text).matches('.').count();
    match dots {
        0 | 1 if !text.contains(['-', '+']) => Version::parse(&format!("{text}{}", &".0.0"[dots * 2..])).ok(),
        _ => Version::parse(text).ok(),
    }
}

/// Whether a version satisfies a requirement such as `>= 1.2, < 2`. One that cannot be read is satisfied by none, and one before a
/// release only where the requirement names that release.
fn satisfies(version: &Version, requirement: &str) -> bool {
    VersionReq::parse(requirement).is_ok_and(|requirement| requirement.matches(version))
}

impl Advisory {
    /// Whether it means this version. One that cannot be read counts as meant: better a look too many.
    pub(super) fn means(&self, text: &str) -> bool {
        let Some(version) = version(text) else { return true };
        match &self.meant {
            Meant::Unless(safe) => !safe.iter().any(|requirement| satisfies(&version, requirement)),
            Meant::Between(ranges) => {
                ranges.iter().any(|(from, to)| version >= *from && to.as_ref().is_none_or(|to| version < *to))
            }
        }
    }

    /// Where it is mended.
    pub(super) fn fixed_in(&self) -> Option<String> {
        match &self.meant {
            Meant::Unless(safe) => safe.first().cloned(),
            Meant::Between(ranges) => ranges.iter().find_map(|(_, to)| to.as_ref().map(ToString::to_string)),
        }
    }
}

/// An advisory as OSV writes it.
#[derive(Deserialize)]
struct Osv {
    id: String,
    #[serde(default)]
    summary: Option<String>,
    #[serde(default)]
    details: Option<String>,
    #[serde(default)]
    withdrawn: Option<String>,
    #[serde(default)]
    modified: Option<String>,
    #[serde(default)]
    affected: Vec<Affected>,
    #[serde(default)]
    database_specific: Value,
}

#[derive(Deserialize)]
struct Affected {
    package: Package,
    #[serde(default)]
    ranges: Vec<Range>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    ecosystem: String,
}

#[derive(Deserialize)]
struct Range {
    r#type: String,
    #[serde(default)]
    events: Vec<serde_json::Map<String, Value>>,
}

/// The advisories about Rust packages in one OSV document, or in a list of them.
pub(super) fn osv(text: &str) -> Result<Vec<Advisory>, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let documents = match value {
        Value::Array(documents) => documents,
        document => vec![document],
    };
    let mut all = Vec::new();
    for document in documents {
        let osv: Osv = serde_json::from_value(document).map_err(|error| format!("not an OSV document: {error}"))?;
        if osv.withdrawn.is_some() {
            continue;
        }
        let summary = osv.summary.clone().or(osv.details.clone()).unwrap_or_default();
        let summary = summary.lines().next().unwrap_or_default().to_owned();
        let severity = osv.database_specific.get("severity").and_then(Value::as_str).map(str::to_lowercase);
        for affected in osv.affected.iter().filter(|affected| affected.package.ecosystem == "crates.io") {
            all.push(Advisory {
                id: osv.id.clone(),
                package: affected.package.name.clone(),
                summary: summary.clone(),
                severity: severity.clone(),
                date: osv.modified.clone(),
                meant: Meant::Between(
                    affected.ranges.iter().filter(|range| range.r#type == "SEMVER").flat_map(between).collect(),
                ),
            });
        }
    }
    Ok(all)
}

/// From when to when, as the events of a range say.
fn between(range: &Range) -> Vec<(Version, Option<Version>)> {
    let mut ranges = Vec::new();
    for event in &range.events {
        let version = |key: &str| event.get(key).and_then(Value::as_str).and_then(version);
        if let Some(from) = version("introduced") {
            ranges.push((from, None));
        } else if let (Some(to), Some(last)) = (version("fixed"), ranges.last_mut()) {
            last.1 = Some(to);
        }
    }
    ranges
}

/// An advisory as RustSec writes it: Markdown with TOML in front.
pub(super) fn rustsec(text: &str) -> Option<Advisory> {
    let front = text.trim_start().strip_prefix("```toml")?;
    let (front, body) = front.split_once("```")?;
    let field = |key: &str| {
        front.lines().find_map(|line| {
            let value = line.trim().strip_prefix(key)?.trim_start().strip_prefix('=')?.trim();
            Some(value.trim_matches('"').to_owned())
        })
    };
    if field("withdrawn").is_some() || field("informational").is_some() {
        return None;
    }
    let list = |key: &str| -> Vec<String> {
        let start = front
            .lines()
            .position(|line| line.trim().strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('=')));
        let Some(start) = start else { return Vec::new() };
        let rest: Vec<&str> = front.lines().skip(start).map(|line| line.split('#').next().unwrap_or(line)).collect();
        let rest = rest.join("\n");
        let inside = rest.split_once('[').and_then(|(_, rest)| rest.split_once(']')).map_or("", |(inside, _)| inside);
        inside.split('"').skip(1).step_by(2).map(str::to_owned).collect()
    };
    let title = body.lines().find_map(|line| line.trim().strip_prefix("# "));
    Some(Advisory {
        id: field("id")?,
        package: field("package")?,
        summary: title.unwrap_or_default().to_owned(),
        severity: None,
        date: field("date"),
        meant: Meant::Unless([list("patched"), list("unaffected")].concat()),
    })
}

/// A database: a folder of RustSec or of OSV files, or one OSV file.
pub(super) fn read(path: &Path) -> Result<Vec<Advisory>, String> {
    let metadata = fs::metadata(path).map_err(|error| error.to_string())?;
    if metadata.is_file() {
        if metadata.len() > LARGEST {
            return Err(format!("it is larger than {} MiB", LARGEST >> 20));
        }
        return osv(&fs::read_to_string(path).map_err(|error| error.to_string())?);
    }
    let (mut all, mut files) = (Vec::new(), 0);
    walk(path, 0, &mut files, &mut all)?;
    if all.is_empty() {
        return Err("it holds no advisory of RustSec or OSV".to_owned());
    }
    Ok(all)
}

fn walk(folder: &Path, depth: usize, files: &mut usize, all: &mut Vec<Advisory>) -> Result<(), String> {
    for entry in fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?.flatten() {
        let path = entry.path();
        let Ok(kind) = entry.file_type() else { continue };
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if kind.is_dir() && depth < DEEPEST && !hidden {
            walk(&path, depth + 1, files, all)?;
            continue;
        }
        let end = path.extension().and_then(|end| end.to_str()).unwrap_or_default();
        if !kind.is_file() || !matches!(end, "md" | "json") || entry.metadata().is_ok_and(|data| data.len() > LARGEST) {
            continue;
        }
        *files += 1;
        if *files > MOST_FILES {
            return Err(format!("it holds more than {MOST_FILES} files"));
        }
        let Ok(text) = fs::read_to_string(&path) else { continue };
        match end {
            "md" => all.extend(rustsec(&text)),
            _ => all.extend(osv(&text).unwrap_or_default()),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUSTSEC: &str = "```toml\n[advisory]\nid = \"RUSTSEC-2024-0001\"\npackage = \"thing\"\ndate = \"2024-01-02\"\n\n[versions]\npatched = [\n  \">= 1.2.3\", # the fix\n  \"^0.9.4\",\n]\nunaffected = [\"< 0.5\"]\n```\n\n# It overflows\n\nText.\n";

    #[test]
    fn an_advisory_of_rustsec_means_what_is_neither_patched_nor_unaffected() {
        let advisory = rustsec(RUSTSEC).unwrap();
        assert_eq!(
            (advisory.id.as_str(), advisory.package.as_str(), advisory.summary.as_str()),
            ("RUSTSEC-2024-0001", "thing", "It overflows")
        );
        let meant = |version: &str| advisory.means(version);
        assert!(meant("0.5.0") && meant("0.9.3") && meant("1.0.0") && meant("1.2.2") && meant("1.2.3-rc.1"));
        assert!(!meant("0.4.9") && !meant("0.9.4") && !meant("0.9.9") && !meant("1.2.3") && !meant("2.0.0"));
        assert!(meant("not a version"), "better a look too many");
        assert_eq!(rustsec(&RUSTSEC.replace("date =", "withdrawn = \"2024-02-01\"\ndate =")), None);
        assert_eq!(rustsec("# no front matter"), None);
    }

    #[test]
    fn an_osv_document_means_its_ranges() {
        let text = r#"[{"id": "GHSA-x", "summary": "bad", "modified": "2025-01-01T00:00:00Z", "database_specific": {"severity": "HIGH"},
            "affected": [{"package": {"name": "thing", "ecosystem": "crates.io"},
              "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.0.1"}, {"introduced": "2.0.0"}]}]},
              {"package": {"name": "thing", "ecosystem": "npm"}}]}]"#;
        let all = osv(text).unwrap();
        assert_eq!(all.len(), 1);
        assert!(all[0].means("0.1.0") && all[0].means("1.0.0") && all[0].means("2.5.0"));
        assert!(!all[0].means("1.0.1") && !all[0].means("1.9.9"));
        assert_eq!((all[0].severity.as_deref(), all[0].fixed_in().as_deref()), (Some("high"), Some("1.0.1")));
        assert!(osv("{").is_err() && osv("{\"no\": \"id\"}").is_err());
    }
}
