//! The configuration of a running gateway is changed: over the wire, by hand and a signal.

use std::{os::unix::fs::PermissionsExt, path::Path};

use serde_json::{Value, json};

use crate::home::Home;

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn call(home: &Home, method: &str, params: &Value) -> Value {
    home.run(&["gateway", "call", method, "--params", &params.to_string(), "--json"]).json()
}

/// The log as far as it is kept.
fn log(home: &Home) -> String {
    call(home, "logs.tail", &json!({ "limit": 500 }))["lines"].to_string()
}

/// Asks until it is so; the gateway's own patience bounds it.
fn until(home: &Home, method: &str, so: impl Fn(&Value) -> bool) -> Value {
    let began = std::time::Instant::now();
    loop {
        let answer = call(home, method, &json!({}));
        if so(&answer) {
            return answer;
        }
        assert!(began.elapsed().as_secs() < 30, "{answer}");
    }
}

#[test]
fn the_log_level_changes_while_it_runs() {
    let home = Home::new();
    let _gateway = home.gateway(&[]);
    call(&home, "ping", &json!({}));
    assert!(!log(&home).contains(r#"\"level\":\"debug\""#), "{}", log(&home));
    call(&home, "config.set", &json!({ "path": "logging.level", "value": "debug" }));
    call(&home, "ping", &json!({}));
    assert!(log(&home).contains(r#"\"level\":\"debug\""#), "{}", log(&home));
}

#[test]
fn a_hangup_makes_it_read_its_configuration_again_and_it_goes_on() {
    let home = Home::new();
    let gateway = home.gateway(&[]);
    let file = home.state().join("openclaw.json");
    let good = std::fs::read_to_string(&file).unwrap();
    let before = call(&home, "config.get", &json!({}))["hash"].clone();
    home.write_config(&format!("// by hand\n{good}"));
    gateway.hang_up();
    let after = until(&home, "config.get", |config| config["hash"] != before);
    assert_eq!(after["appliedConfigHash"], after["hash"]);
    home.write_config(&good.replacen('{', "{ nonsense: 1,", 1));
    gateway.hang_up();
    let status = until(&home, "status", |status| status["config"]["status"] == "rejected");
    let message = status["config"]["lastError"]["message"].as_str().unwrap();
    assert!(message.contains("nonsense: unknown key") && message.contains("stays in force"), "{message}");
    home.write_config(&good);
    gateway.hang_up();
    until(&home, "status", |status| status["config"]["status"] == "active");
    assert_eq!(call(&home, "config.get", &json!({}))["hash"], before);
}

#[test]
fn whatever_the_umask_nobody_else_can_read_what_it_writes() {
    let home = Home::new();
    let _gateway = home.loose_gateway();
    call(&home, "config.set", &json!({ "path": "gateway.tickIntervalMs", "value": 5000 }));
    assert_eq!((mode(&home.state()), mode(&home.state().join("openclaw.json"))), (0o700, 0o600));
    let history = home.state().join("config-history");
    assert_eq!(mode(&history), 0o700);
    for kept in std::fs::read_dir(history).unwrap() {
        let kept = kept.unwrap().path();
        assert_eq!(mode(&kept), 0o600, "{}", kept.display());
    }
}

#[test]
fn the_first_change_makes_the_file_of_a_gateway_that_has_none() {
    let mut home = Home::new();
    home.set("OPENCLAW_GATEWAY_TOKEN", "a-token-of-the-environment-0123456789");
    let _gateway = home.gateway(&[]);
    let file = home.state().join("openclaw.json");
    assert!(!file.exists());
    let made = call(&home, "config.set", &json!({ "path": "gateway.tickIntervalMs", "value": 5000 }));
    assert_eq!((&made["changed"], &made["changedPaths"]), (&json!(true), &json!(["gateway.tickIntervalMs"])), "{made}");
    assert_eq!(mode(&file), 0o600);
    let status = call(&home, "status", &json!({}));
    assert_eq!(
        (&status["config"]["status"], &status["config"]["fileHash"]),
        (&json!("active"), &made["hash"]),
        "{status}"
    );
}
