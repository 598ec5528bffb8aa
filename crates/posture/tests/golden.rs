//! The reference's own answers to 22 configurations, compared with ours.

#![expect(clippy::unwrap_used, reason = "a fixture that cannot be read is a mistake in the test")]

use std::collections::BTreeSet;

use openclaw_posture::{Facts, FileFact, FileKind, Origin, audit, check};
use serde_json::{Value, json};

/// Where ours differs, and why. `*` is every fixture.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    (
        "*",
        "security.exposure.open_groups_with_elevated",
        "elevated tools are off here until somebody turns them on; in the reference they are on",
    ),
    (
        "exec_full_open",
        "channels.telegram.dm.open",
        "told from the configuration alone; the reference wants the channel's plugin",
    ),
    (
        "exec_full_open",
        "channels.dm.session_collision.telegram",
        "told from the configuration alone; the reference wants the channel's plugin",
    ),
    (
        "open_group",
        "channels.telegram.groups.open",
        "told from the configuration alone; the reference wants the channel's plugin",
    ),
];

fn golden() -> serde_json::Map<String, Value> {
    serde_json::from_str(include_str!("fixtures/audit-golden-sample.json")).unwrap()
}

fn facts(case: &Value) -> Facts {
    let mode =
        |index: usize| u32::from_str_radix(case["modes"][index].as_str().unwrap().trim_start_matches("0o"), 8).unwrap();
    let file = |kind, path: &str, mode, folder| FileFact { kind, path: path.into(), mode, link: false, folder };
    Facts {
        files: vec![
            file(FileKind::State, "/home/somebody/.openclaw", mode(0), true),
            file(FileKind::Config, "/home/somebody/.openclaw/openclaw.json", mode(1), false),
        ],
        ..Facts::default()
    }
}

fn is_exception(case: &str, id: &str) -> bool {
    EXCEPTIONS.iter().any(|(name, check, _)| (*name == "*" || *name == case) && *check == id)
}

#[test]
fn the_same_is_found_as_by_the_reference() {
    let mut used = BTreeSet::new();
    for (name, case) in golden() {
        let theirs: Vec<(String, String)> = serde_json::from_value(case["findings"].clone()).unwrap();
        let report = audit(&case["config"], &case["config"], &facts(&case));
        let ours: Vec<(String, String)> = report
            .findings
            .iter()
            .filter(|finding| {
                check(&finding.check_id).is_some_and(|check| check.origin == Origin::Reference)
                    || is_exception(&name, &finding.check_id)
            })
            .map(|finding| (finding.check_id.clone(), finding.severity.word().to_owned()))
            .collect();
        for (id, _) in theirs.iter().chain(&ours) {
            let differs = theirs.iter().any(|one| one.0 == *id) != ours.iter().any(|one| one.0 == *id);
            if differs && is_exception(&name, id) {
                used.insert(id.clone());
            }
        }
        let without = |list: Vec<(String, String)>| -> BTreeSet<(String, String)> {
            list.into_iter().filter(|(id, _)| !is_exception(&name, id)).collect()
        };
        assert_eq!(without(ours), without(theirs), "{name}");
        let hidden: Vec<&str> =
            report.suppressed.iter().map(|suppressed| suppressed.finding.check_id.as_str()).collect();
        assert_eq!(json!(hidden), case["suppressed"], "{name}");
    }
    let vain: Vec<_> = EXCEPTIONS.iter().filter(|(_, id, _)| !used.contains(*id)).collect();
    assert!(vain.is_empty(), "exceptions that nothing needs: {vain:?}");
}

#[test]
fn the_summary_comes_first_and_the_rest_in_the_order_of_collection() {
    for (name, case) in golden() {
        let theirs: Vec<(String, String)> = serde_json::from_value(case["findings"].clone()).unwrap();
        let report = audit(&case["config"], &case["config"], &facts(&case));
        let place = |id: &str| report.findings.iter().position(|finding| finding.check_id == id);
        assert_eq!(place("summary.attack_surface"), Some(0), "{name}");
        // Within one subject the order is ours; between subjects it is the reference's.
        let subject = |id: &str| id.split('.').next().unwrap().to_owned();
        let ordered: Vec<_> = theirs
            .iter()
            .filter(|(id, _)| ["hooks", "tools", "fs"].contains(&subject(id).as_str()))
            .filter_map(|(id, _)| place(id))
            .collect();
        assert!(ordered.is_sorted(), "{name}: {ordered:?}");
    }
}
