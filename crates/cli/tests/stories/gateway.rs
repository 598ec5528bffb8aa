//! What the binary does with a gateway that it started itself.

use std::{
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    process::Stdio,
};

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::home::Home;

fn mode(path: &std::path::Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_newcomer_starts_it_and_talks_to_it() {
    let home = Home::new();
    let mut gateway = home.gateway(&[]);
    assert_eq!((mode(&home.state()), mode(&home.state().join("openclaw.json"))), (0o700, 0o600));

    let health = home.run(&["health"]);
    assert_snapshot!(health.told(), @r#"
    exit 0
    --- out
    Gateway   ok (version VERSION)
    Agents    main (default)
    Sessions  0
    "#);
    assert_eq!(home.run(&["health", "--json"]).json()["ok"], json!(true));

    let reply = home.run(&["agent", "--message", "What can you do?"]);
    assert_eq!((reply.code, reply.err.as_str()), (Some(0), ""), "{}", reply.told());
    assert!(reply.out.to_lowercase().contains("demo"), "{}", reply.told());
    assert!(reply.out.ends_with('\n') && !reply.out.ends_with("\n\n"));
    // Whether it is shown as it comes or at the end, it is the same text.
    let whole = home.run(&["agent", "--message", "What can you do?", "--no-stream", "--session-key", "other"]);
    assert_eq!(whole.out, reply.out);
    let json = home.run(&["agent", "--message", "Hello", "--json"]).json();
    assert_eq!((&json["status"], &json["summary"]), (&json!("ok"), &json!("completed")), "{json}");
    assert!(json["result"]["payloads"][0]["text"].is_string());

    let sessions = home.run(&["sessions", "list", "--json"]).json();
    let keys: Vec<&str> =
        sessions["sessions"].as_array().unwrap().iter().filter_map(|row| row["key"].as_str()).collect();
    assert!(keys.contains(&"agent:main:main") && keys.contains(&"agent:main:other"), "{keys:?}");
    let table = home.run(&["sessions"]);
    assert!(table.out.starts_with("KEY "), "{}", table.told());

    let status = home.run(&["status", "--json"]).json();
    assert_eq!((&status["gateway"]["protocol"], &status["status"]["sessions"]["count"]), (&json!(4), &json!(2)));
    assert!(home.run(&["status"]).out.contains("a demo, not a model"));

    let log = home.run(&["logs"]);
    assert!(log.code == Some(0) && log.out.contains("Gateway is listening"), "{}", log.told());
    assert_eq!(home.run(&["logs", "--level", "error"]).told(), "exit 0\n");
    let lines = home.run(&["logs", "--json", "--limit", "5"]);
    assert!(lines.out.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{}", lines.told());

    let token = std::fs::read_to_string(home.state().join("openclaw.json")).unwrap();
    let token =
        token.split("token: \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or("no token").to_owned();
    for ran in [home.run(&["config", "get"]), home.run(&["logs", "--json"]), home.run(&["gateway", "status", "--json"])]
    {
        assert!(!ran.out.contains(&token), "{}", ran.told());
    }

    assert_eq!(home.run(&["gateway", "stop"]).told(), "exit 0\n--- out\nstopped the gateway (process PID)\n");
    assert_eq!(gateway.wait(), Some(0));
    assert_eq!(home.run(&["health"]).code, Some(3));
}

#[test]
fn what_was_said_is_there_after_a_kill() {
    let home = Home::new();
    let mut gateway = home.gateway(&[]);
    assert_eq!(home.run(&["agent", "--message", "Remember me"]).code, Some(0));
    gateway.kill();
    // The file that a killed gateway leaves behind fools nobody.
    let status = home.run(&["gateway", "status", "--json"]);
    assert_eq!((status.code, &status.json()["running"]), (Some(3), &json!(false)), "{}", status.told());
    assert_eq!(home.run(&["gateway", "stop"]).code, Some(3));
    let _gateway = home.gateway(&[]);
    let history = home.run(&["gateway", "call", "chat.history", "--params", r#"{"sessionKey":"main"}"#]).json();
    assert!(history["messages"].to_string().contains("Remember me"), "{history}");
}

#[test]
fn a_second_gateway_says_why_it_does_not_start() {
    let home = Home::new();
    let _gateway = home.gateway(&[]);
    assert_snapshot!(home.run(&["gateway", "run"]).told(), @r#"
    exit 1
    --- err
    error: the gateway does not start: ~/.openclaw is in use by a running gateway; stop it first, or set OPENCLAW_STATE_DIR to another folder
      help: openclaw gateway status
    "#);
    // Another state directory, the same port.
    let mut other = Home::new();
    other.port = home.port;
    let taken = other.run(&["gateway", "run", "--port", &home.port.to_string()]);
    assert_eq!(taken.code, Some(1), "{}", taken.told());
    assert!(taken.err.contains("another program has the port"), "{}", taken.told());
}

#[test]
fn a_wrong_or_missing_secret_is_refused_with_4() {
    let mut home = Home::new();
    let _gateway = home.gateway(&["--token", "the-right-token-of-this-story-0123"]);
    let url = format!("ws://127.0.0.1:{}", home.port);
    assert_snapshot!(home.run(&["health", "--token", "wrong"]).told(), @r#"
    exit 4
    --- err
    error: ws://127.0.0.1:PORT refused the connection: unauthorized: gateway token mismatch (provide gateway auth token)
      help: pass --token, or set OPENCLAW_GATEWAY_TOKEN to gateway.auth.token of the gateway's configuration
    "#);
    assert_snapshot!(home.run(&["health", "--token", "wrong", "--json"]).told(), @r#"
    exit 4
    --- out
    {"ok":false,"error":{"code":"AUTH_TOKEN_MISMATCH","message":"ws://127.0.0.1:PORT refused the connection: unauthorized: gateway token mismatch (provide gateway auth token)","hint":"pass --token, or set OPENCLAW_GATEWAY_TOKEN to gateway.auth.token of the gateway's configuration"}}
    "#);
    let none = home.run(&["health", "--url", &url]);
    assert_eq!(none.code, Some(4), "{}", none.told());
    assert!(none.err.contains("OPENCLAW_GATEWAY_TOKEN"), "{}", none.told());
    assert_eq!(home.run(&["gateway", "probe", "--json", "--token", "wrong"]).json()["reachable"], json!(true));
    assert_eq!(home.run(&["health", "--token", "the-right-token-of-this-story-0123"]).code, Some(0));
    home.set("OPENCLAW_GATEWAY_TOKEN", "the-right-token-of-this-story-0123");
    home.set("OPENCLAW_GATEWAY_URL", &url);
    assert_eq!(home.run(&["health"]).code, Some(0));
}

#[test]
fn a_configuration_that_cannot_be_used_keeps_it_from_starting() {
    let home = Home::new();
    home.write_config(r#"{gateway: {bind: "lan", auth: {mode: "none"}}}"#);
    let ran = home.run(&["gateway", "run"]);
    assert_eq!(ran.code, Some(78), "{}", ran.told());
    assert!(ran.err.contains("gateway.auth.mode") || ran.err.contains("gateway.bind"), "{}", ran.told());
    assert!(ran.err.contains("help: openclaw config validate"), "{}", ran.told());
    assert_eq!(home.run(&["gateway", "--config", "/nowhere.json"]).code, Some(78));
}

#[test]
fn a_run_without_configuration_leaves_none() {
    let home = Home::new();
    let _gateway = home.gateway(&["--allow-unconfigured"]);
    assert!(!home.state().join("openclaw.json").exists());
    assert_eq!(home.run(&["health"]).code, Some(4), "its token is nobody's");
}

#[test]
fn it_runs_under_the_name_gateway_with_a_configuration_of_its_own() {
    let home = Home::new();
    let link = home.path().join("gateway");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_openclaw"), &link).unwrap();
    let config = home.path().join("gateway.yml");
    let text = format!("gateway:\n  port: {}\n  auth:\n    token: a-token-for-this-story-0123456789\n", home.port);
    std::fs::write(&config, text).unwrap();
    std::fs::set_permissions(&config, std::fs::Permissions::from_mode(0o600)).unwrap();
    let mut command = std::process::Command::new(&link);
    command.arg("--config").arg(&config).env_clear().env("HOME", home.path());
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let first = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok)
        .find(|line| line.contains("listening"));
    let url = format!("ws://127.0.0.1:{}", home.port);
    let health = home.run(&["health", "--url", &url, "--token", "a-token-for-this-story-0123456789"]);
    let _ = child.kill();
    let _ = child.wait();
    assert!(first.is_some());
    assert_eq!(health.code, Some(0), "{}", health.told());
}

#[test]
fn methods_are_called_and_their_refusals_told() {
    let home = Home::new();
    let _gateway = home.gateway(&[]);
    let health = home.run(&["gateway", "call", "health", "--json"]);
    assert_eq!(health.json()["ok"], json!(true), "{}", health.told());
    let run = r#"{"message":"Hi","idempotencyKey":"story-1"}"#;
    let first = home.run(&["gateway", "call", "agent", "--params", run]).json();
    assert_eq!(first["status"], json!("accepted"));
    let last = home.run(&["gateway", "call", "agent", "--params", run, "--expect-final", "--timeout", "30000"]).json();
    assert_eq!((&last["status"], &last["runId"]), (&json!("ok"), &json!("story-1")));
    assert_snapshot!(home.run(&["gateway", "call", "no.such.method"]).told(), @r#"
    exit 1
    --- err
    error: no.such.method: unknown method: no.such.method
      help: docs/methods.md lists the methods
    "#);
    let wrong = home.run(&["gateway", "call", "sessions.list", "--params", r#"{"limit":"many"}"#]);
    assert!(wrong.code == Some(1) && wrong.err.contains("limit"), "{}", wrong.told());
    assert_snapshot!(home.run(&["devices", "list"]).told(), @r#"
    exit 0
    --- out
    no devices are admitted
    "#);
    let unknown = home.run(&["devices", "approve", "abc"]);
    assert_snapshot!(unknown.told(), @r#"
    exit 1
    --- err
    error: no request begins with "abc"
      help: see them with: openclaw devices list
    "#);
}

#[test]
fn the_log_is_followed_until_its_reader_goes_away() {
    let home = Home::new();
    let _gateway = home.gateway(&[]);
    let mut follow = home.command(&["logs", "--follow"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(follow.stdout.take().unwrap()).lines();
    assert!(lines.by_ref().map_while(Result::ok).any(|line| line.contains("Gateway is listening")));
    // Its own connection, and others that come while it looks on.
    assert_eq!(home.run(&["health"]).code, Some(0));
    let connections =
        lines.by_ref().map_while(Result::ok).filter(|line| line.contains("WebSocket connection established"));
    assert_eq!(connections.take(2).count(), 2);
    drop(lines);
    // It learns that nobody reads when it has something to say.
    while follow.try_wait().unwrap().is_none() {
        assert_eq!(home.run(&["health"]).code, Some(0));
    }
    let ended = follow.wait_with_output().unwrap();
    assert_eq!((ended.status.code(), ended.stderr.len()), (Some(0), 0), "{}", String::from_utf8_lossy(&ended.stderr));
}

#[test]
fn the_log_is_followed_over_a_gateway_that_goes_away_and_comes_back() {
    let home = Home::new();
    let mut gateway = home.gateway(&[]);
    let mut follow = home.command(&["logs", "--follow"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(follow.stdout.take().unwrap()).lines();
    assert!(lines.by_ref().map_while(Result::ok).any(|line| line.contains("Gateway is listening")));
    gateway.kill();
    let _again = home.gateway(&[]);
    assert!(lines.by_ref().map_while(Result::ok).any(|line| line.contains("Gateway is listening")));
    follow.kill().unwrap();
    let ended = follow.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&ended.stderr), "");
}
