//! What changes between a look and a use (T41), what a shell would read into arguments (T42), and keys of repetition that several
//! callers choose alike (T93).

use std::{
    fs,
    os::unix::fs::symlink,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use openclaw_testkit::gateway::{Raw, Setup, TOKEN, TestGateway, connect_params};
use serde_json::{Value, json};

use crate::devices::Device;

/// How often a file is written and read while it changes.
const ROUNDS: usize = 2000;

async fn owner(gateway: &TestGateway) -> Raw {
    let mut raw = gateway.raw().await;
    let hello = raw.shake(&connect_params(&["operator.admin"])).await;
    assert_eq!(hello["ok"], true, "{hello}");
    raw
}

#[tokio::test]
async fn t41_a_file_that_becomes_a_link_meanwhile_is_never_followed() {
    let gateway = TestGateway::start().await;
    let outside = gateway.dir().join("outside.txt");
    fs::write(&outside, "outside").unwrap();
    let mut raw = owner(&gateway).await;
    raw.call("first", "agents.files.set", json!({ "agentId": "main", "name": "AGENTS.md", "content": "mine" })).await;
    let workspace = gateway.dir().join("state/workspace");
    let over = Arc::new(AtomicBool::new(false));
    let swapping = {
        let (over, outside, file) = (Arc::clone(&over), outside.clone(), workspace.join("AGENTS.md"));
        std::thread::spawn(move || {
            let (plain, link) = (file.with_extension("plain"), file.with_extension("link"));
            let mut swaps = 0;
            while !over.load(Ordering::Relaxed) {
                let _ = fs::write(&plain, "mine");
                let _ = fs::rename(&plain, &file);
                let _ = symlink(&outside, &link);
                let _ = fs::rename(&link, &file);
                swaps += 1;
            }
            swaps
        })
    };
    let (mut ok, mut refused) = (0, 0);
    for round in 0..ROUNDS {
        let (method, params) = match round % 3 {
            0 => ("agents.files.set", json!({ "agentId": "main", "name": "AGENTS.md", "content": "written" })),
            1 => ("agents.files.get", json!({ "agentId": "main", "name": "AGENTS.md" })),
            _ => ("agents.workspace.get", json!({ "agentId": "main", "path": "AGENTS.md" })),
        };
        let answer = raw.call(&round.to_string(), method, params).await;
        assert!(!answer.to_string().contains("\"outside\""), "{method}: {answer}");
        if answer["ok"] == true { ok += 1 } else { refused += 1 }
    }
    over.store(true, Ordering::Relaxed);
    let swaps = swapping.join().unwrap();
    assert!(
        ok > 0 && refused > 0,
        "{ok} calls went well, {refused} were refused, over {swaps} swaps: the race did not happen"
    );
    assert_eq!(fs::read_to_string(&outside).unwrap(), "outside");
}

#[tokio::test]
async fn t42_what_a_shell_would_understand_is_an_argument_like_any_other() {
    let folder = tempfile::tempdir().unwrap();
    let canary = folder.path().join("canary");
    let touch = format!("touch {}", canary.display());
    let environment = vec![("PATH".to_owned(), "/usr/bin:/bin".to_owned())];
    let config = json!({ "spawn": { "allow": ["printf"] } });
    let gateway = TestGateway::with(Setup { config, environment, ..Setup::default() }).await;
    let mut raw = owner(&gateway).await;
    let arguments: Vec<String> = [
        format!("; {touch}"),
        format!("$({touch})"),
        format!("`{touch}`"),
        format!("| {touch}"),
        format!("&& {touch}"),
        format!("\n{touch}\n"),
        format!("> {}", canary.display()),
        format!("${{IFS}}{touch}"),
        format!("%COMSPEC% {touch}"),
        format!("'; {touch} #"),
        format!("\"; {touch} #"),
        "*".to_owned(),
        "~".to_owned(),
        "$HOME".to_owned(),
    ]
    .into();
    let mut words = vec!["%s\\0".to_owned()];
    words.extend(arguments.clone());
    let started = raw.call("spawn", "spawn", json!({ "command": "printf", "args": words })).await;
    assert_eq!(started["ok"], true, "{started}");
    let id = started["payload"]["spawnId"]
        .as_str()
        .or(started["payload"]["id"].as_str())
        .unwrap_or_else(|| panic!("{started}"))
        .to_owned();
    let output = json!({ "id": id, "cursor": 0, "waitMs": 10_000, "encoding": "text" });
    let told = raw.call("output", "spawn.output", output).await;
    let text = told.to_string();
    for argument in &arguments {
        let written = Value::from(argument.as_str()).to_string();
        assert!(text.contains(written.trim_matches('"')), "{argument:?} is not in {text}");
    }
    for (at, command) in [
        format!("printf; {touch}"),
        format!("printf {touch}"),
        format!("printf\n{touch}"),
        format!("$({touch})"),
        "printf\u{0}".to_owned(),
        "./printf".to_owned(),
        "../usr/bin/printf".to_owned(),
        "/tmp/../usr/bin/printf".to_owned(),
        "PRINTF".to_owned(),
        " printf".to_owned(),
        "printf ".to_owned(),
        "sh".to_owned(),
    ]
    .iter()
    .enumerate()
    {
        let answer = raw.call(&format!("bad-{at}"), "spawn", json!({ "command": command, "args": ["x"] })).await;
        assert_eq!(answer["ok"], false, "{command:?}: {answer}");
    }
    let nul = raw.call("nul", "spawn", json!({ "command": "printf", "args": ["a\u{0}b"] })).await;
    assert_eq!(nul["ok"], false, "{nul}");
    assert!(!canary.exists(), "a shell understood an argument");
}

#[tokio::test]
async fn t93_a_key_of_repetition_belongs_to_its_caller() {
    let gateway = TestGateway::start().await;
    let (one, other) = (Device::new(), Device::new());
    let auth = json!({ "token": TOKEN });
    let scopes = ["operator.read", "operator.write", "operator.admin"];
    let (mut one, hello) = one.connect(&gateway, auth.clone(), &scopes).await;
    assert_eq!(hello["ok"], true, "{hello}");
    let (mut other, hello) = other.connect(&gateway, auth, &scopes).await;
    assert_eq!(hello["ok"], true, "{hello}");
    let make = |label: &str| json!({ "label": label, "idempotencyKey": "the same key" });
    let first = one.call("1", "sessions.create", make("one")).await;
    assert_eq!(first["ok"], true, "{first}");
    let again = one.call("2", "sessions.create", make("one")).await;
    assert_eq!(again["payload"]["key"], first["payload"]["key"], "{again}");
    let theirs = other.call("1", "sessions.create", make("other")).await;
    assert!(theirs["ok"] == true && theirs["payload"]["key"] != first["payload"]["key"], "{theirs}");
    // Nor does a key of one method stand for another one.
    let set = json!({ "path": "logging.level", "value": "debug", "idempotencyKey": "the same key" });
    let set = one.call("3", "config.set", set).await;
    assert_eq!(set["ok"], true, "{set}");
}
