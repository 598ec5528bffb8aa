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
    one thing is wrong (9 checks, 6 could not be made)
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
    one thing is wrong (12 checks)
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
    for check in ["state.mode", "state.file_mode", "state.leftover", "gateway.reachable"] {
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
