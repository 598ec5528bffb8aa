//! What was done can be read, exported and proved, whatever happens to the gateway or its files.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::home::Home;

/// Numbers of the records in a file.
fn numbers(file: &Path) -> Vec<i64> {
    let text = fs::read_to_string(file).unwrap_or_default();
    let number = |line: &str| serde_json::from_str::<Value>(line).ok()?["seq"].as_i64();
    text.lines().filter_map(number).collect()
}

fn until(what: &str, mut done: impl FnMut() -> bool) {
    let began = Instant::now();
    while !done() {
        assert!(began.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A conversation is made, which is a change.
fn change(home: &Home, name: &str) -> crate::home::Ran {
    home.run(&["call", "sessions.create", "--params", &format!(r#"{{"key":"agent:main:{name}"}}"#)])
}

#[test]
fn after_kills_in_the_middle_the_file_has_every_record_once() {
    let home = Home::new();
    let file = home.state().join("logs/audit.jsonl");
    for round in 0..3 {
        let mut gateway = home.gateway(&[]);
        for n in 0..4 {
            let made = change(&home, &format!("r{round}n{n}"));
            assert_eq!(made.code, Some(0), "{}", made.told());
        }
        gateway.kill();
    }
    // The kernel had taken only a part of the last line.
    let bytes = fs::read(&file).unwrap();
    fs::write(&file, &bytes[..bytes.len() - 40]).unwrap();
    let _gateway = home.gateway(&[]);
    let verified = || home.run(&["audit", "verify", "--json"]);
    until("the file follows the store", || {
        let told = verified().json();
        told["file"]["last"].as_u64() == told["table"]["records"].as_u64()
    });
    let seqs = numbers(&file);
    assert_eq!(seqs, (1..=i64::try_from(seqs.len()).unwrap()).collect::<Vec<_>>());
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let found = home.run(&["logs", "filter", "--event", "log.chain_broken", "--json"]);
    assert!(
        found.out.contains("lines of the audit file were gone"),
        "the lost piece is itself on record: {}",
        found.told()
    );
}

#[test]
fn what_was_changed_is_named_with_the_gateway_stopped() {
    let home = Home::new();
    let mut gateway = home.gateway(&[]);
    change(&home, "one");
    home.run(&["gateway", "stop"]);
    gateway.wait();
    let verified = home.run(&["audit", "verify"]);
    assert_eq!(verified.code, Some(0), "{}", verified.told());
    assert!(verified.out.contains("Store") && verified.out.contains("ok, "), "{}", verified.told());
    let file = home.state().join("logs/audit.jsonl");
    let whole = fs::read_to_string(&file).unwrap();
    assert!(whole.lines().last().unwrap().contains("gateway.stopped"), "{whole}");
    fs::write(&file, whole.replacen("gateway.started", "gateway.stopped", 1)).unwrap();
    let bad = home.run(&["audit", "verify"]);
    assert_eq!(bad.code, Some(2), "{}", bad.told());
    assert!(bad.out.contains("was changed after it was written"), "{}", bad.told());
    let short: String = whole.lines().take(2).map(|line| format!("{line}\n")).collect();
    fs::write(&file, short).unwrap();
    let bad = home.run(&["audit", "verify", "--json"]);
    assert!(bad.json()["file"]["firstBad"]["why"].as_str().unwrap().contains("ends too early"), "{}", bad.told());
    let quiet = home.run(&["security", "audit", "--deep", "--json"]);
    assert!(!quiet.out.contains("audit_log.chain_broken"), "{}", quiet.told());
    let store = rusqlite::Connection::open(home.state().join("gateway.sqlite")).unwrap();
    store.execute("UPDATE audit SET event = 'gateway.stopped' WHERE seq = 1", []).unwrap();
    drop(store);
    let loud = home.run(&["security", "audit", "--deep", "--json"]);
    assert!(loud.out.contains("audit_log.chain_broken"), "{}", loud.told());
    fs::remove_file(home.state().join("audit.key")).unwrap();
    let bad = home.run(&["audit", "verify"]);
    assert!(bad.code == Some(1) && bad.err.contains("the key is missing"), "{}", bad.told());
}

#[test]
fn the_trail_is_exported_filtered_and_summed_up() {
    let home = Home::new();
    let _gateway = home.gateway(&[]);
    change(&home, "one");
    home.run(&["health", "--token", "wrong-token-0123456789-0123456789"]);
    let csv = home.path().join("out.csv");
    let path = csv.to_str().unwrap();
    let made = home.run(&["security", "export-audit", "--format", "csv", "--last", "1d", "--out", path]);
    assert_eq!(made.code, Some(0), "{}", made.told());
    assert!(fs::read_to_string(&csv).unwrap().starts_with("seq,time,event"));
    assert_eq!(fs::metadata(&csv).unwrap().permissions().mode() & 0o777, 0o600);
    let again = home.run(&["security", "export-audit", "--format", "csv", "--out", path]);
    assert!(again.code == Some(1) && again.err.contains("is not overwritten"), "{}", again.told());
    let json = home.run(&["security", "export-audit", "--format", "json"]);
    let records: Vec<Value> = serde_json::from_str(&json.out).unwrap();
    assert!(records.iter().any(|record| record["event"] == "session.created"));
    until("the refusal is on record", || {
        home.run(&["logs", "filter", "--event", "authentication_failure", "--fail-empty"]).code == Some(0)
    });
    let none = home.run(&["logs", "filter", "--event", "sandbox_escape", "--fail-empty"]);
    assert_eq!(none.code, Some(2), "{}", none.told());
    let unknown = home.run(&["logs", "filter", "--event", "authentification"]);
    assert!(unknown.code == Some(2) && unknown.err.contains("authentication"), "{}", unknown.told());
    let day = home.run(&["logs", "audit", "--last", "24h"]);
    assert!(day.out.contains(" gateway.started actor=gateway outcome=ok"), "{}", day.told());
    let report = home.run(&["security", "report", "--last", "7d", "--json"]).json();
    assert_eq!((&report["chain"]["ok"], &report["counters"]["failedLogins"]), (&true.into(), &1.into()), "{report}");
    let text = home.run(&["security", "report", "--format", "md"]);
    assert!(text.out.contains("| Failed logins | 1 |"), "{}", text.told());
    let list = home.run(&["audit", "list", "--status", "failed"]);
    assert!(list.code == Some(0) && list.out.contains("no run is like that"), "{}", list.told());
}

#[test]
fn where_the_file_is_demanded_nothing_is_changed_without_it() {
    let home = Home::new();
    let target = home.path().join("target");
    fs::write(&target, "mine").unwrap();
    let file = home.path().join("audit.jsonl");
    symlink(&target, &file).unwrap();
    let path = file.to_str().unwrap();
    home.write_config(&format!(
        r#"{{ gateway: {{ auth: {{ token: "audit-story-token-0123456789abcdef" }} }}, logging: {{ audit: {{ required: true, file: "{path}" }} }} }}"#
    ));
    let _gateway = home.gateway(&[]);
    let refused = change(&home, "one");
    assert_eq!(refused.code, Some(1), "{}", refused.told());
    assert!(refused.err.contains("nothing is changed while the audit file cannot be written"), "{}", refused.told());
    assert!(refused.err.contains("it is a link"), "{}", refused.told());
    // Looking is allowed, and says what is wrong.
    until("health says what is wrong", || {
        let health = home.run(&["call", "health"]).json();
        health["auditFile"]["error"].as_str().is_some_and(|error| error.contains("it is a link"))
    });
    assert_eq!(fs::read_to_string(&target).unwrap(), "mine");
    fs::remove_file(&file).unwrap();
    until("the file is written again", || change(&home, "two").code == Some(0));
    until("the file has the record", || numbers(&file).len() > 3);
}

#[test]
fn rotated_compressed_and_encrypted_files_tell_nothing_and_are_proved() {
    let home = Home::new();
    home.write_config(
        r#"{ gateway: { auth: { token: "audit-story-token-0123456789abcdef" } },
             logging: { audit: { encryption: true, compression: true, retention: "30d", events: ["gateway.*", "session.created"] } } }"#,
    );
    let mut gateway = home.gateway(&[]);
    change(&home, "secretive");
    home.run(&["gateway", "stop"]);
    gateway.wait();
    let text = fs::read_to_string(home.state().join("logs/audit.jsonl")).unwrap();
    assert!(text.lines().count() >= 3 && text.lines().all(|line| line.starts_with("enc:v1:")), "{text}");
    assert!(!text.contains("secretive") && !text.contains("gateway.started"));
    let verified = home.run(&["audit", "verify", "--json"]);
    assert_eq!(verified.code, Some(0), "{}", verified.told());
}
