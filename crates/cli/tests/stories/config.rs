//! The configuration is changed, looked at and changed back.

use std::{io::Write, process::Stdio};

use insta::assert_snapshot;
use serde_json::json;

use crate::home::Home;

const WRITTEN: &str = r#"{
  // The door.
  gateway: {
    port: 4242, // mine
    auth: {mode: "token", token: "5up3r-s3cret-0123456789-abcdef"},
  },
}
"#;

fn text(home: &Home) -> String {
    std::fs::read_to_string(home.state().join("openclaw.json")).unwrap()
}

fn written() -> Home {
    let home = Home::new();
    home.write_config(WRITTEN);
    home
}

#[test]
fn a_change_keeps_comments_and_is_taken_back() {
    let home = written();
    assert_snapshot!(home.run(&["config", "set", "gateway.port", "4243", "--note", "the old one is taken"]).told(), @r#"
    exit 0
    --- out
    Updated ~/.openclaw/openclaw.json: gateway.port
      in force with the next start of the gateway
    "#);
    assert_eq!(text(&home), WRITTEN.replace("4242", "4243"));
    assert_snapshot!(home.run(&["config", "set", "gateway.port", "4243"]).told(), @r#"
    exit 0
    --- out
    ~/.openclaw/openclaw.json says so already; nothing was changed
    "#);
    assert_snapshot!(home.run(&["config", "diff"]).told(), @r#"
    exit 0
    --- out
    gateway.port
      - 4242
      + 4243
    "#);
    let history = home.run(&["config", "history", "--json"]).json();
    let causes: Vec<&str> =
        history["entries"].as_array().unwrap().iter().filter_map(|entry| entry["cause"].as_str()).collect();
    assert_eq!(causes, ["edit", "found"], "{history}");
    let entry = &history["entries"][0];
    assert_eq!(
        (&entry["who"], &entry["note"], &entry["changedPaths"]),
        (&json!("cli"), &json!("the old one is taken"), &json!(["gateway.port"]))
    );
    assert!(home.run(&["config", "history"]).out.starts_with("ID "));
    let first = history["entries"][1]["id"].as_str().unwrap();
    let diff = home.run(&["config", "diff", &first[..8], "--json"]).json();
    assert_eq!(diff, json!({"differences": [{"path": "gateway.port", "before": 4242, "after": 4243}]}));

    assert_snapshot!(home.run(&["config", "undo"]).told(), @r#"
    exit 0
    --- out
    Updated ~/.openclaw/openclaw.json: gateway.port
      in force with the next start of the gateway
    "#);
    assert_eq!(text(&home), WRITTEN);
    assert_eq!(home.run(&["config", "undo"]).code, Some(0), "going back is a change too");
    assert_eq!(text(&home), WRITTEN.replace("4242", "4243"));
    assert_eq!(home.run(&["config", "unset", "gateway.port"]).code, Some(0));
    assert_eq!(home.run(&["config", "get", "gateway.port"]).code, Some(1));
    let patched = home.run(&["config", "patch", "{port: 4250, bind: 'loopback'}", "--at", "gateway", "--json"]);
    assert_eq!(
        (&patched.json()["changed"], &patched.json()["via"], &patched.json()["changedPaths"]),
        (&json!(true), &json!("file"), &json!(["gateway.bind", "gateway.port"])),
        "{}",
        patched.told()
    );
    assert!(text(&home).contains("// The door."));
}

#[test]
fn a_dry_run_says_what_would_differ_and_changes_nothing() {
    let home = written();
    assert_snapshot!(home.run(&["config", "set", "gateway.port", "4243", "--dry-run"]).told(), @r#"
    exit 0
    --- out
    ~/.openclaw/openclaw.json could be changed: gateway.port
    "#);
    let json = home.run(&["config", "unset", "gateway.port", "--dry-run", "--json"]).json();
    assert_eq!((&json["changed"], &json["dryRun"]), (&json!(false), &json!(true)), "{json}");
    assert_eq!(text(&home), WRITTEN);
    assert!(!home.state().join("config-history").exists());
}

#[test]
fn what_cannot_stand_there_is_refused_with_its_place() {
    let home = written();
    let run = |arguments: &[&str]| home.run(&[&["config"], arguments].concat());
    assert_snapshot!(run(&["set", "gateway.prot", "1"]).told(), @r#"
    exit 1
    --- err
    error: nothing was changed: config ~/.openclaw/openclaw.json is not valid
      - gateway.prot: unknown key; did you mean `port`?
      help: see what may stand there: openclaw config schema <path>
    "#);
    assert_snapshot!(run(&["set", "gateway.port", "many"]).told(), @r#"
    exit 1
    --- err
    error: nothing was changed: config ~/.openclaw/openclaw.json is not valid
      - gateway.port: expected a whole number from 0 to 65535, found text
      help: see what may stand there: openclaw config schema <path>
    "#);
    assert_snapshot!(run(&["set", "gateway.port", "1", "--base-hash", "stale"]).told(), @r#"
    exit 1
    --- err
    error: nothing was changed: config changed since last load; re-run config.get and retry
      help: look at it and try again: openclaw config get
    "#);
    assert_snapshot!(run(&["set", "gateway.auth.token", "__OPENCLAW_REDACTED__x"]).told(), @r#"
    exit 1
    --- err
    error: nothing was changed: the change is not valid
      - gateway.auth.token: holds the placeholder of a hidden secret inside other text
      help: see what may stand there: openclaw config schema <path>
    "#);
    assert_snapshot!(run(&["set", "gateway..port", "1"]).told(), @r#"
    exit 2
    --- err
    error: invalid value 'gateway..port' for '<PATH>': not a path of a key: a part between dots is empty; write it as in gateway.port, agents.list[0].id or channels["odd name"]
      help: openclaw --help, or --help after a command
    "#);
    assert_snapshot!(run(&["patch", "[1]"]).told(), @r#"
    exit 2
    --- err
    error: the patch is not JSON5: config syntax error at 1:1: the outermost value must be an object, found a list
    "#);
    assert_snapshot!(run(&["undo", "ffff"]).told(), @r#"
    exit 1
    --- err
    error: there is no entry ffff in the configuration history; `openclaw config history` lists them
      help: see its entries: openclaw config history
    "#);
    assert_snapshot!(run(&["diff"]).told(), @r#"
    exit 1
    --- err
    error: there is nothing to compare with: no earlier state is kept
      help: see what is kept: openclaw config history
    "#);
    assert_eq!(run(&["set", "gateway.port", "nonsense", "--strict-json"]).code, Some(2));
    let json = run(&["set", "gateway.prot", "1", "--json"]).json();
    assert_eq!((&json["ok"], &json["error"]["code"]), (&json!(false), &json!("CONFIG_INVALID")), "{json}");
    assert_eq!(text(&home), WRITTEN, "nothing of it was written");
}

#[test]
fn a_secret_comes_from_standard_input_and_is_not_shown_again() {
    let home = written();
    let mut child = home.command(&["config", "set", "gateway.auth.token", "-"]);
    let mut child = child.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"a-new-secret-0123456789-abcdef\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(text(&home).contains("\"a-new-secret-0123456789-abcdef\""));
    for told in [
        String::from_utf8(output.stdout).unwrap(),
        home.run(&["config", "diff"]).told(),
        home.run(&["config", "history", "--json"]).told(),
        home.run(&["config", "get"]).told(),
    ] {
        assert!(!told.contains("a-new-secret") && !told.contains("5up3r"), "{told}");
    }
}

#[test]
fn what_may_stand_there_is_told() {
    let home = Home::new();
    let auth = home.run(&["config", "schema", "gateway.auth", "--json"]).json();
    assert!(auth["properties"]["mode"].is_object(), "{auth}");
    assert!(home.run(&["config", "schema", "agents.list[0].model"]).out.contains("description"));
    let nothing = home.run(&["config", "schema", "gateway.prot"]);
    assert_eq!(nothing.code, Some(1), "{}", nothing.told());
}

#[test]
fn a_gateway_that_runs_has_the_change_in_force() {
    let home = Home::new();
    let _gateway = home.gateway(&[]);
    assert_snapshot!(home.run(&["config", "set", "agents.defaults.model", "demo/demo"]).told(), @r#"
    exit 0
    --- out
    Updated ~/.openclaw/openclaw.json: agents.defaults.model
      in force at once
    "#);
    assert_snapshot!(home.run(&["config", "set", "metrics.port", "9191"]).told(), @r#"
    exit 0
    --- out
    Updated ~/.openclaw/openclaw.json: metrics.port
      waits for a restart: metrics.port
    "#);
    assert!(home.run(&["status"]).out.contains("waiting for a restart: metrics.port"));
    let found = home.run(&["doctor", "--json"]).json();
    assert!(found["findings"].to_string().contains("config.in_force"), "{found}");
    assert_snapshot!(home.run(&["config", "set", "gateway.prot", "1"]).told(), @r#"
    exit 1
    --- err
    error: config.set: invalid config: gateway.prot: unknown key; did you mean `port`?
      help: look at it: openclaw config get, openclaw config schema <path>
    "#);
    let level = home.run(&["config", "set", "logging.level", "debug", "--json"]);
    assert_eq!((&level.json()["changed"], &level.json()["via"]), (&json!(true), &json!("gateway")), "{}", level.told());
    assert_eq!(home.run(&["config", "get", "logging.level"]).out, "debug\n");
    let undone = home.run(&["config", "undo", "--json"]);
    assert_eq!((undone.code, &undone.json()["changed"]), (Some(0), &json!(true)), "{}", undone.told());
    assert_eq!(home.run(&["config", "get", "logging.level"]).code, Some(1));
    assert_eq!(home.run(&["config", "history", "--json"]).json()["entries"][0]["cause"], json!("undo"));

    // Whoever may not ask the gateway may still change the file, when that is what is meant.
    assert_snapshot!(home.run(&["config", "set", "logging.level", "warn", "--token", "wrong"]).told(), @r#"
    exit 4
    --- err
    error: ws://127.0.0.1:PORT refused the connection: unauthorized: gateway token mismatch (provide gateway auth token)
      help: pass its --token, or change the file past it: --offline
    "#);
    assert_snapshot!(home.run(&["config", "set", "logging.level", "warn", "--offline"]).told(), @r#"
    exit 0
    --- out
    Updated ~/.openclaw/openclaw.json: logging
      the gateway that runs reads it again; see: openclaw status
    "#);
}

#[test]
fn a_gateway_elsewhere_is_asked_for_its_own_configuration() {
    let there = Home::new();
    let _gateway = there.gateway(&["--token", "a-token-for-this-story-0123456789"]);
    let here = Home::new();
    let url = format!("ws://127.0.0.1:{}", there.port);
    let target = ["--url", &url, "--token", "a-token-for-this-story-0123456789"];
    let run = |arguments: &[&str]| here.run(&[&["config"], arguments, &target].concat());
    assert_eq!(run(&["set", "logging.level", "info"]).code, Some(0));
    assert_eq!(run(&["set", "logging.level", "warn", "--json"]).json()["via"], json!("gateway"));
    assert_eq!(run(&["get", "logging.level"]).out, "warn\n");
    assert_eq!(run(&["history", "--json"]).json()["entries"][0]["changedPaths"], json!(["logging.level"]));
    assert_eq!(run(&["diff", "--json"]).json()["differences"][0]["after"], json!("warn"));
    assert!(!here.state().exists() && text(&there).contains("warn"));
}
