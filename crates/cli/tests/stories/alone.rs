//! What the binary does when no gateway runs.

use std::process::Stdio;

use insta::assert_snapshot;
use serde_json::json;

use crate::home::Home;

#[test]
fn without_a_gateway_every_client_command_says_how_to_start_one() {
    let mut home = Home::new();
    home.set("OPENCLAW_GATEWAY_PORT", &home.port.to_string());
    assert_snapshot!(home.run(&["health"]).told(), @r#"
    exit 3
    --- err
    error: no gateway answers at ws://127.0.0.1:PORT: Connection refused (os error 111)
      help: start it with: openclaw gateway
    "#);
    for command in [
        &["status"][..],
        &["agent", "--message", "x"],
        &["sessions"],
        &["logs"],
        &["devices", "list"],
        &["gateway", "status"],
        &["gateway", "probe"],
        &["gateway", "call", "health"],
    ] {
        let ran = home.run(command);
        assert_eq!(ran.code, Some(3), "{}", ran.told());
        assert!(ran.err.contains("help: start it with: openclaw gateway"), "{}", ran.told());
        assert_eq!(ran.out, "");
        let ran = home.run(&[command, &["--json"]].concat());
        assert_eq!((ran.code, ran.err.as_str()), (Some(3), ""), "{}", ran.told());
        assert_eq!((&ran.json()["ok"], &ran.json()["error"]["code"]), (&json!(false), &json!("UNREACHABLE")));
    }
    let ran = home.run(&["gateway", "stop"]);
    assert_eq!(ran.code, Some(3), "{}", ran.told());
    assert!(!home.state().exists(), "asking leaves nothing behind");
}

#[test]
fn wrong_usage_ends_with_2() {
    let home = Home::new();
    for command in [
        &["gatewai"][..],
        &["agent"],
        &["gateway", "call"],
        &["gateway", "run", "--port", "0"],
        &["gateway", "call", "health", "--params", "{"],
        &["health", "--url", "localhost"],
        &["health", "--timeout", "never"],
        &["logs", "--limit", "0"],
        &[],
    ] {
        let ran = home.run(command);
        assert_eq!(ran.code, Some(2), "{command:?}: {}", ran.told());
        assert!(!ran.err.is_empty());
    }
    assert_snapshot!(home.run(&["health", "--url", "localhost:1"]).told(), @r#"
    exit 2
    --- err
    error: "localhost:1" is not the address of a gateway: it has no scheme; write it as ws://host:port or wss://host:port
    "#);
}

#[test]
fn the_version_is_told_in_three_ways() {
    let home = Home::new();
    assert_eq!(home.run(&["version"]).told(), "exit 0\n--- out\nopenclaw VERSION\n");
    assert_eq!(home.run(&["--version"]).told(), "exit 0\n--- out\nopenclaw VERSION\n");
    assert_eq!(home.run(&["version", "--json"]).json(), json!({"version": "VERSION", "protocols": [4, 3, 1]}));
}

#[test]
fn completion_scripts_know_the_commands() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish"] {
        let ran = home.run(&["completion", shell]);
        assert_eq!(ran.code, Some(0), "{}", ran.told());
        assert!(ran.out.contains("devices") && ran.out.contains("openclaw"), "{shell}");
    }
}

#[test]
fn the_configuration_is_shown_without_its_secrets() {
    let home = Home::new();
    home.write_config(r#"{gateway: {port: 4242, auth: {mode: "token", token: "5up3r-s3cret-0123456789-abcdef"}}}"#);
    assert_snapshot!(home.run(&["config", "get"]).told(), @r#"
    exit 0
    --- out
    {
      "gateway": {
        "auth": {
          "mode": "token",
          "token": "__OPENCLAW_REDACTED__"
        },
        "port": 4242
      }
    }
    "#);
    assert_eq!(home.run(&["config", "get", "gateway.port"]).told(), "exit 0\n--- out\n4242\n");
    assert_eq!(home.run(&["config", "get", "gateway.port", "--json"]).json(), json!(4242));
    assert_snapshot!(home.run(&["config", "get", "gateway.nothing"]).told(), @r#"
    exit 1
    --- err
    error: gateway.nothing is not set in ~/.openclaw/openclaw.json
      help: openclaw config get
    "#);
    assert_eq!(home.run(&["config", "file"]).told(), "exit 0\n--- out\n~/.openclaw/openclaw.json\n");
    assert_snapshot!(home.run(&["config", "validate"]).told(), @r#"
    exit 0
    --- out
    ~/.openclaw/openclaw.json is valid
    "#);
}

#[test]
fn findings_in_the_configuration_end_with_2_and_name_their_place() {
    let home = Home::new();
    home.write_config(r#"{gateway: {prot: 4242, auth: {mode: "tokn"}}}"#);
    assert_snapshot!(home.run(&["config", "validate"]).told(), @r#"
    exit 2
    --- out
    config ~/.openclaw/openclaw.json is not valid
      - gateway.auth.mode: expected one of the allowed words, found "tokn" (allowed: token, password, none, trusted-proxy); did you mean `token`?
      - gateway.prot: unknown key; did you mean `port`?
    "#);
    let json = home.run(&["config", "validate", "--json"]).json();
    assert_eq!((&json["ok"], json["issues"].as_array().unwrap().len()), (&json!(false), 2));
    let missing = home.run(&["config", "validate", "--config", "/nowhere.json"]);
    assert_eq!(missing.code, Some(2), "{}", missing.told());
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let home = Home::new();
    let mut child = home.command(&["completion", "zsh"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(
        (output.status.code(), output.stderr.len()),
        (Some(0), 0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
