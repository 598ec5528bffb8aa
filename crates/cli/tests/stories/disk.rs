//! A gateway whose disk does not do what it should.

#![expect(clippy::disallowed_macros, reason = "a skipped test says so aloud")]

use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use insta::assert_snapshot;
use serde_json::Value;

use crate::home::{Gateway, Home};

const TOKEN: &str = "disk-token-0123456789abcdef0123456789";

#[test]
fn a_configuration_that_others_can_read_or_write_is_refused_with_the_remedy() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    home.write_config(&format!(r#"{{gateway: {{auth: {{token: "{TOKEN}"}}}}}}"#));
    for mode in [0o644, 0o606, 0o666] {
        std::fs::set_permissions(home.state().join("openclaw.json"), std::fs::Permissions::from_mode(mode)).unwrap();
        let ran = home.run(&["gateway", "run", "--port", &home.port.to_string()]);
        assert_ne!(ran.code, Some(0), "{mode:o}: {}", ran.told());
        assert!(ran.err.contains("~/.openclaw/openclaw.json") && ran.err.contains("chmod 600"), "{}", ran.told());
        assert!(!ran.told().contains(TOKEN), "{}", ran.told());
    }
    assert!(!home.state().join("gateway.sqlite").exists(), "nothing was begun");
}

#[test]
fn a_state_directory_that_cannot_be_made_is_named() {
    let mut home = Home::new();
    // Nobody can make folders there, whoever they are.
    home.set("OPENCLAW_STATE_DIR", "/proc/openclaw");
    let ran = home.run(&["gateway", "run", "--port", &home.port.to_string()]);
    assert_eq!(ran.code, Some(1), "{}", ran.told());
    assert!(ran.err.contains("/proc/openclaw") && ran.err.contains("OPENCLAW_STATE_DIR"), "{}", ran.told());
}

/// The gateway in a mount namespace of its own, in which the state directory is a file system of 6 MiB.
fn on_a_small_disk(home: &Home) -> Gateway {
    std::fs::create_dir_all(home.state()).unwrap();
    let script = r#"mount -t tmpfs -o size=6m,mode=0700 none "$STATE" && echo "$CONFIG" > "$STATE/openclaw.json" \
        && chmod 600 "$STATE/openclaw.json" && exec "$BINARY" gateway run --port "$PORT""#;
    in_a_namespace(home, script, &[("STATE", home.state().to_str().unwrap())])
}

/// Runs the script, which becomes the gateway, in a mount namespace of its own, and waits until the gateway listens.
fn in_a_namespace(home: &Home, script: &str, variables: &[(&str, &str)]) -> Gateway {
    let gateway = home.command(&[]);
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", script]).env_clear();
    for (name, value) in gateway.get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    let mut child = command
        .envs(variables.iter().copied())
        .env("BINARY", gateway.get_program())
        .env("PORT", home.port.to_string())
        .env("CONFIG", format!(r#"{{gateway: {{auth: {{token: "{TOKEN}"}}}}, metrics: {{enabled: false}}}}"#))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let seen: Vec<String> =
        lines.by_ref().map_while(Result::ok).take_while(|line| !line.contains("Gateway is listening")).collect();
    assert!(child.try_wait().unwrap().is_none(), "{seen:?}");
    std::thread::spawn(move || lines.for_each(drop));
    Gateway::of(child)
}

/// Whether this machine lets a test make a namespace.
fn namespaces() -> bool {
    let probe = Command::new("unshare").args(["--user", "--map-root-user", "--mount", "true"]).output();
    probe.is_ok_and(|output| output.status.success())
}

#[test]
fn a_full_disk_refuses_changes_by_name_and_loses_nothing_that_was_acknowledged() {
    if !namespaces() {
        assert!(
            std::env::var_os("CI").is_none(),
            "this machine allows no mount namespace, so a full disk is not tested"
        );
        eprintln!("SKIPPED: this machine allows no mount namespace, so a full disk is not tested");
        return;
    }
    let mut home = Home::new();
    let gateway = on_a_small_disk(&home);
    // What the gateway has on its disk is seen through its process. The ballast is there to be thrown out; it is more
    // than the store then takes to move its log into the database.
    let inside =
        |name: &str| PathBuf::from(format!("/proc/{}/root{}", gateway.pid(), home.state().join(name).display()));
    let (config, filler, ballast) = (inside("openclaw.json"), inside("filler"), inside("ballast"));
    std::fs::write(&ballast, vec![0; 7 << 19]).unwrap();
    home.set("OPENCLAW_GATEWAY_URL", &format!("ws://127.0.0.1:{}", home.port));
    home.set("OPENCLAW_GATEWAY_TOKEN", TOKEN);

    let padding = "x".repeat(100_000);
    let mut acknowledged = 0;
    let refused = loop {
        let params = format!(r#"{{"sessionKey":"main","message":"{acknowledged} {padding}"}}"#);
        let ran = home.run(&["gateway", "call", "chat.inject", "--params", &params]);
        if ran.code != Some(0) {
            break ran;
        }
        acknowledged += 1;
        assert!(acknowledged < 100, "the disk never was full");
    };
    assert!(acknowledged > 0, "{}", refused.told());
    assert_snapshot!(refused.told(), @r#"
    exit 1
    --- err
    error: chat.inject: the store cannot take this now: the store is unavailable (database or disk is full); it recovers by itself once the disk accepts writes again
      help: try again later
    "#);

    let kept =
        home.run(&["gateway", "call", "chat.history", "--params", r#"{"sessionKey":"main","limit":200}"#]).json();
    let numbers: Vec<String> =
        texts(&kept).iter().filter_map(|text| text.split(' ').next().map(str::to_owned)).collect();
    let expected: Vec<String> = (0..acknowledged).map(|number| number.to_string()).collect();
    assert_eq!(numbers, expected, "what was acknowledged is there, and nothing else");
    let health = home.run(&["health", "--json"]);
    assert_eq!(health.code, Some(0), "{}", health.told());

    // The configuration is on the same disk.
    fill(&filler);
    let before = std::fs::read_to_string(&config).unwrap();
    let refused = home.run(&["config", "set", "gateway.tickIntervalMs", "20000"]);
    assert_eq!(std::fs::read_to_string(&config).unwrap(), before, "{}", refused.told());
    assert_snapshot!(refused.told(), @r"
    exit 1
    --- err
    error: config.set: configuration history ~/.openclaw/config-history/draft.json: No space left on device (os error 28); make room and try again, nothing was changed
      help: see what the disk lacks: openclaw doctor
    ");
    let value = home.run(&["gateway", "call", "config.get", "--json"]).json();
    assert_eq!(value["config"]["gateway"]["tickIntervalMs"], Value::Null, "what was refused is not in force");
    std::fs::remove_file(&filler).unwrap();
    std::fs::remove_file(&ballast).unwrap();
    let set = home.run(&["config", "set", "gateway.tickIntervalMs", "20000"]);
    assert_eq!(set.code, Some(0), "{}", set.told());
    assert!(std::fs::read_to_string(&config).unwrap().contains("20000"), "it works again once there is room");
}

/// Writes to a file until the disk is full.
fn fill(path: &Path) {
    let mut file = std::fs::File::create(path).unwrap();
    while file.write_all(&[0; 4096]).is_ok() {}
}

#[test]
fn a_folder_that_nobody_may_write_to_refuses_edits_by_name_and_stays_readable() {
    if !namespaces() {
        assert!(std::env::var_os("CI").is_none(), "this machine allows no mount namespace");
        eprintln!("SKIPPED: this machine allows no mount namespace, so a read-only folder is not tested");
        return;
    }
    let mut home = Home::new();
    let folder = home.path().join("read-only");
    std::fs::create_dir_all(&folder).unwrap();
    home.set("OPENCLAW_CONFIG_PATH", folder.join("openclaw.json").to_str().unwrap());
    let mount = r#"mount -t tmpfs -o mode=0700 none "$FOLDER" && echo "$CONFIG" > "$FOLDER/openclaw.json" \
        && chmod 600 "$FOLDER/openclaw.json" && mount -o remount,ro "$FOLDER" && exec "$BINARY" gateway run --port "$PORT""#;
    let _gateway = in_a_namespace(&home, mount, &[("FOLDER", folder.to_str().unwrap())]);
    home.set("OPENCLAW_GATEWAY_URL", &format!("ws://127.0.0.1:{}", home.port));
    home.set("OPENCLAW_GATEWAY_TOKEN", TOKEN);
    assert_snapshot!(home.run(&["config", "set", "gateway.tickIntervalMs", "20000"]).told(), @r"
    exit 1
    --- err
    error: config.set: config ~/read-only/openclaw.json cannot be written: Read-only file system (os error 30); the file and its folder must be writable for the user that runs this
      help: see what the disk lacks: openclaw doctor
    ");
    let value = home.run(&["gateway", "call", "config.get", "--json"]).json();
    assert_eq!((&value["valid"], &value["config"]["gateway"]["tickIntervalMs"]), (&true.into(), &Value::Null));
}

fn texts(history: &Value) -> Vec<String> {
    let messages = history["messages"].as_array().cloned().unwrap_or_default();
    messages.iter().filter_map(|message| message["content"][0]["text"].as_str().map(str::to_owned)).collect()
}
