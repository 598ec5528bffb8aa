//! What is wrong is found out, told with its remedy, and some of it mended.

use std::os::unix::fs::PermissionsExt;

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::home::Home;

fn checks(report: &Value) -> Vec<&str> {
    report["findings"].as_array().unwrap().iter().filter_map(|finding| finding["checkId"].as_str()).collect()
}

fn open(path: &std::path::Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn before_the_first_start_it_says_how_to_start() {
    let mut home = Home::new();
    home.set("OPENCLAW_GATEWAY_PORT", &home.port.to_string());
    assert_snapshot!(home.run(&["doctor"]).told(), @r#"
    exit 2
    --- out
    warning  gateway.reachable: no gateway answers at ws://127.0.0.1:PORT: Connection refused (os error 111)
      fix: start it with: openclaw gateway
    info  state.folder: ~/.openclaw does not exist yet: no gateway has run here
      fix: openclaw gateway
    one thing is wrong (9 checks, 7 could not be made)
    "#);
    assert!(!home.state().exists(), "asking leaves nothing behind");
}

#[test]
fn a_healthy_gateway_has_no_model_yet_and_nothing_else() {
    let home = Home::new();
    let _gateway = home.gateway(&[]);
    assert_snapshot!(home.run(&["doctor"]).told(), @r#"
    exit 2
    --- out
    warning  model.configured: no model is configured: the built-in demonstration answers
      fix: set a provider's key in the gateway's environment, or openclaw config set agents.defaults.model <provider/model>
    one thing is wrong (11 checks)
    "#);
    let json = home.run(&["doctor", "--json"]);
    assert_eq!((json.code, checks(&json.json())), (Some(2), vec!["model.configured"]), "{}", json.told());
    assert_eq!((&json.json()["schemaVersion"], &json.json()["ok"]), (&json!(1), &json!(false)));
}

#[test]
fn modes_and_leftovers_are_mended_when_asked() {
    let home = Home::new();
    let mut gateway = home.gateway(&[]);
    gateway.kill();
    open(&home.state(), 0o755);
    open(&home.state().join("gateway.sqlite"), 0o644);
    let found = home.run(&["doctor", "--json"]).json();
    let modes = ["fs.state_dir.perms_readable", "fs.sessions_store.perms_readable"];
    for check in modes.into_iter().chain(["state.leftover", "gateway.reachable"]) {
        assert!(checks(&found).contains(&check), "{check}: {found}");
    }
    let mended = home.run(&["doctor", "--fix", "--json"]).json();
    assert_eq!(mended["fixed"].as_array().unwrap().len(), 3, "{mended}");
    assert_eq!(checks(&mended), ["gateway.reachable"], "{mended}");
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&home.state()), mode(&home.state().join("gateway.sqlite"))), (0o700, 0o600));
    assert!(!home.state().join("gateway.json").exists());
}

#[test]
fn what_is_unsafe_is_told_once_and_in_the_words_of_the_audit() {
    let home = Home::new();
    home.write_config(
        r#"{gateway: {auth: {mode: "token", token: "short"}, controlUi: {allowedOrigins: ["*"], allowInsecureAuth: true}}}"#,
    );
    let audit = home.run(&["security", "audit", "--json"]).json();
    let doctor = home.run(&["doctor", "--json"]);
    assert_eq!(doctor.code, Some(2), "{}", doctor.told());
    let doctor = doctor.json();
    let told = doctor["findings"].as_array().unwrap();
    let mut compared = 0;
    for finding in audit["findings"].as_array().unwrap() {
        let id = &finding["checkId"];
        let same: Vec<&Value> = told.iter().filter(|told| told["checkId"] == *id).collect();
        if finding["severity"] == "info" || id == "gateway.trusted_proxies_missing" {
            assert!(same.is_empty(), "{id} needs nothing");
            continue;
        }
        let message = format!("{}. {}", finding["title"].as_str().unwrap(), finding["detail"].as_str().unwrap());
        assert!(
            same.iter().any(|told| told["message"] == message && told["fixHint"] == finding["remediation"]),
            "{finding}: {same:?}"
        );
        compared += 1;
    }
    assert!(compared >= 3, "{audit}");
    let echoes: Vec<&Value> = told.iter().filter(|told| told["checkId"] == "config.notice").collect();
    assert!(echoes.is_empty(), "the audit says it: {echoes:?}");
}

#[test]
fn what_the_audit_mends_doctor_mends_and_shows_what_that_changed() {
    let home = Home::new();
    let mut gateway = home.gateway(&[]);
    gateway.kill();
    open(&home.state().join("openclaw.json"), 0o640);
    open(&home.state().join("audit.key"), 0o644);
    let mended = home.run(&["doctor", "--fix"]);
    assert!(mended.out.contains("mended  ~/.openclaw/audit.key: mode 600"), "{}", mended.told());
    assert!(mended.out.contains("mended  ~/.openclaw/openclaw.json: mode 600"), "{}", mended.told());
    let again = home.run(&["doctor", "--fix", "--json"]).json();
    assert_eq!(again["fixed"], json!([]), "{again}");
    assert!(!checks(&again).iter().any(|check| check.starts_with("fs.")), "{again}");
}

#[test]
fn a_link_is_not_followed_when_modes_are_mended() {
    let home = Home::new();
    home.write_config("{}");
    let target = home.path().join("elsewhere");
    std::fs::write(&target, "{}").unwrap();
    open(&target, 0o644);
    std::os::unix::fs::symlink(&target, home.state().join("gateway.sqlite")).unwrap();
    home.run(&["doctor", "--fix"]);
    assert_eq!(std::fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o644);
}

#[test]
fn a_foreign_state_directory_a_taken_port_and_a_bad_configuration_are_told() {
    let home = Home::new();
    home.write_config(r#"{gateway: {prot: 1}}"#);
    std::fs::write(home.state().join("exec-approvals.json"), "{}").unwrap();
    let found = home.run(&["doctor", "--json"]).json();
    for check in ["config.valid", "state.foreign", "gateway.reachable"] {
        assert!(checks(&found).contains(&check), "{check}: {found}");
    }
    let taken = std::net::TcpListener::bind(("127.0.0.1", home.port)).unwrap();
    home.write_config(&format!("{{gateway: {{port: {}}}}}", home.port));
    drop(taken.local_addr());
    let found = home.run(&["doctor", "--json", "--timeout", "300"]).json();
    assert!(checks(&found).contains(&"gateway.port"), "{found}");
}
