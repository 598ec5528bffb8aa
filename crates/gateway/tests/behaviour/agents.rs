//! Agents that are made, changed and ended while the gateway runs, and their files (M2, M3).

use std::os::unix::fs::symlink;

use openclaw_testkit::{
    gateway::{Setup, TestGateway, connect_params},
    llm::{FakeLlm, Wire},
};
use serde_json::{Value, json};

use crate::{
    devices::code,
    talk::{Talk, gateway_on, stalled},
};

fn ids(list: &Value) -> Vec<&str> {
    list["agents"].as_array().unwrap().iter().map(|agent| agent["id"].as_str().unwrap()).collect()
}

fn folder(gateway: &TestGateway, name: &str) -> String {
    gateway.dir().join(name).display().to_string()
}

/// One call as ABHI makes it: a connection of its own, version 3.
async fn once(gateway: &TestGateway, method: &str, params: Value) -> Value {
    let mut connect = connect_params(&["operator.read", "operator.admin", "operator.approvals", "operator.pairing"]);
    (connect["minProtocol"], connect["maxProtocol"]) = (json!(3), json!(3));
    Talk::with(gateway, connect).await.call(method, params).await
}

async fn ok(gateway: &TestGateway, method: &str, params: Value) -> Value {
    let mut answer = once(gateway, method, params).await;
    assert_eq!(answer["ok"], true, "{method}: {answer}");
    answer["payload"].take()
}

#[tokio::test]
async fn mission_control_provisions_an_agent_without_a_restart() {
    let llm = FakeLlm::start().await;
    let gateway = gateway_on(&llm, Wire::OpenAiCompletions).await;
    let id = "mc-0b7e1c1e-6f0e-4b0e-9d53-0d5d0e8f1a11";
    let workspace = folder(&gateway, "workspace-mc");
    ok(&gateway, "health", json!({})).await;
    let made = ok(&gateway, "agents.create", json!({ "name": id, "workspace": workspace })).await;
    assert_eq!((&made["agentId"], &made["name"], &made["workspace"]), (&json!(id), &json!(id), &json!(workspace)));
    let again = once(&gateway, "agents.create", json!({ "name": id, "workspace": workspace })).await;
    assert!(again["error"]["message"].as_str().unwrap().contains("already exists"), "{again}");
    ok(&gateway, "agents.update", json!({ "agentId": id, "name": "Ada", "workspace": workspace })).await;
    let listed = ok(&gateway, "agents.list", json!({})).await;
    assert_eq!((ids(&listed), &listed["defaultId"]), (vec!["main", id], &json!("main")));
    assert_eq!(listed["agents"][1]["name"], "Ada");
    for name in ["AGENTS", "SOUL", "TOOLS", "IDENTITY", "USER", "HEARTBEAT", "MEMORY", "BOOTSTRAP"]
        .map(|name| format!("{name}.md"))
    {
        let missing = ok(&gateway, "agents.files.get", json!({ "agentId": id, "name": name })).await;
        assert_eq!(missing["file"]["missing"], true, "{missing}");
        let content = format!("# {name}\n");
        let set = ok(&gateway, "agents.files.set", json!({ "agentId": id, "name": name, "content": content })).await;
        assert_eq!((&set["file"]["missing"], &set["file"]["size"]), (&json!(false), &json!(content.len())), "{set}");
        let read = ok(&gateway, "agents.files.get", json!({ "agentId": id, "name": name })).await;
        assert_eq!(read["file"]["content"], content);
        assert_eq!(std::fs::read_to_string(format!("{workspace}/{name}")).unwrap(), content);
    }
    let files = ok(&gateway, "agents.files.list", json!({ "agentId": id })).await;
    assert!(files["files"].as_array().unwrap().iter().all(|file| file["missing"] == false), "{files}");

    // The whole list as it was read, with one more key in it.
    let read = ok(&gateway, "config.get", json!({})).await;
    let mut list = read["config"]["agents"]["list"].clone();
    list[1]["heartbeat"] = json!({ "every": "10m", "target": "none", "includeReasoning": false });
    let raw = json!({
        "agents": { "list": list },
        "channels": { "defaults": { "heartbeat": { "showOk": true, "showAlerts": true, "useIndicator": true } } },
        "tools": { "exec": { "host": "gateway" } },
    });
    ok(&gateway, "config.patch", json!({ "raw": raw.to_string(), "baseHash": read["hash"] })).await;

    let key = format!("agent:{id}:main");
    let entry = ok(&gateway, "sessions.patch", json!({ "key": key, "label": "Ada" })).await;
    assert_eq!(entry["entry"]["label"], "Ada");
    let mut talk = Talk::admin(&gateway).await;
    ok(
        &gateway,
        "chat.send",
        json!({ "sessionKey": key, "message": "Hello", "deliver": false, "idempotencyKey": "r1" }),
    )
    .await;
    talk.ending("r1").await;
    assert_eq!(talk.lines(&key).await.len(), 2);
    ok(&gateway, "sessions.reset", json!({ "key": key })).await;
    // An agent's main session may go when the agent is not the default.
    ok(&gateway, "sessions.delete", json!({ "key": key })).await;
    let deleted = ok(&gateway, "agents.delete", json!({ "agentId": id, "deleteFiles": true })).await;
    assert_eq!(deleted["removed"], json!([{ "path": workspace, "method": "trash" }]), "{deleted}");
    assert!(!std::path::Path::new(&workspace).exists());
    assert_eq!(ids(&ok(&gateway, "agents.list", json!({})).await), ["main"]);
    for (method, params) in [
        ("agents.delete", json!({ "agentId": id })),
        ("agents.update", json!({ "agentId": id, "name": "x" })),
        ("agents.files.list", json!({ "agentId": id })),
        ("agents.files.set", json!({ "agentId": id, "name": "SOUL.md", "content": "x" })),
    ] {
        let gone = once(&gateway, method, params).await;
        let text = gone["error"]["message"].as_str().unwrap();
        assert!(text.starts_with(&format!("agent \"{id}\" not found")), "{method}: {gone}");
        assert_eq!(code(&gone), "UNKNOWN_AGENT_ID");
    }
}

#[tokio::test]
async fn a_created_agent_is_seen_by_everybody_at_once_and_after_a_restart() {
    let gateway = TestGateway::start().await;
    let text = std::fs::read_to_string(gateway.config_path()).unwrap();
    gateway.edit_text(&text.replacen('{', "{\n  // a remark\n", 1));
    gateway.reload().await;
    let (mut one, mut other) = (Talk::admin(&gateway).await, Talk::admin(&gateway).await);
    let made = one.ok("agents.create", json!({ "name": "H1 Agent", "emoji": "🦀", "model": "demo/demo" })).await;
    assert_eq!(
        (&made["agentId"], &made["name"], &made["model"]),
        (&json!("h1-agent"), &json!("H1 Agent"), &json!("demo/demo"))
    );
    let listed = other.ok("agents.list", json!({})).await;
    assert_eq!((ids(&listed), &listed["agents"][1]["identity"]["emoji"]), (vec!["main", "h1-agent"], &json!("🦀")));
    let identity = other.ok("agent.identity.get", json!({ "agentId": "h1-agent" })).await;
    assert_eq!(
        (&identity["name"], &identity["nameSource"], &identity["avatar"], &identity["avatarStatus"]),
        (&json!("H1 Agent"), &json!("config"), &json!("H"), &json!("none"))
    );
    assert!(std::path::Path::new(made["workspace"].as_str().unwrap()).is_dir(), "{made}");
    let run = other.say("agent:h1-agent:main", "first", "hello").await;
    assert_eq!(run["status"], "started");
    other.ending("first").await;
    assert!(std::fs::read_to_string(gateway.config_path()).unwrap().contains("// a remark"), "remarks stay");
    let gateway = gateway.restart(Setup::default()).await;
    // `restart` writes the configuration anew; what the agent said is in the store.
    assert_eq!(Talk::admin(&gateway).await.lines("agent:h1-agent:main").await.len(), 2);
}

#[tokio::test]
async fn of_many_who_create_the_same_agent_one_wins_and_different_ones_all_do() {
    let gateway = TestGateway::start().await;
    let mut talks = Vec::new();
    for _ in 0..8 {
        talks.push(Talk::admin(&gateway).await);
    }
    let mut sent = Vec::new();
    for at in 0..200 {
        let talk = &mut talks[at % 8];
        sent.push((at % 8, talk.send("agents.create", json!({ "name": "twin" })).await));
    }
    let mut won = 0;
    for (at, id) in sent {
        let answer = talks[at].answer(&id).await;
        if answer["ok"] == true {
            won += 1;
        } else {
            let text = answer["error"]["message"].as_str().unwrap();
            assert!(text.contains("already exists") && code(&answer) == "CONFLICT", "{answer}");
        }
    }
    assert_eq!(won, 1);
    let mut sent = Vec::new();
    for at in 0..16 {
        sent.push((at % 8, talks[at % 8].send("agents.create", json!({ "name": format!("a{at}") })).await));
    }
    for (at, id) in sent {
        let answer = talks[at].answer(&id).await;
        assert_eq!(answer["ok"], true, "{answer}");
    }
    assert_eq!(ids(&talks[0].ok("agents.list", json!({})).await).len(), 18);
}

#[tokio::test]
async fn an_agent_is_changed_key_by_key() {
    let gateway = TestGateway::start().await;
    let mut talk = Talk::admin(&gateway).await;
    talk.ok("agents.create", json!({ "name": "Bee", "model": "demo/demo", "theme": "calm" })).await;
    let update = |mut change: Value| {
        change["agentId"] = json!("bee");
        change
    };
    talk.ok(
        "agents.update",
        update(json!({ "fallbacks": ["demo/other"], "thinkingDefault": "high", "avatar": "a.png" })),
    )
    .await;
    let bee = talk.ok("agents.list", json!({})).await["agents"][1].clone();
    assert_eq!(bee["model"], json!({ "primary": "demo/demo", "fallbacks": ["demo/other"] }));
    assert_eq!((&bee["thinkingDefault"], &bee["identity"]["avatar"]), (&json!("high"), &json!("a.png")));
    talk.ok("agents.update", update(json!({ "model": null, "thinkingDefault": null, "theme": "", "default": true })))
        .await;
    let listed = talk.ok("agents.list", json!({})).await;
    let bee = &listed["agents"][0];
    assert_eq!((&bee["id"], &listed["defaultId"]), (&json!("bee"), &json!("bee")));
    assert_eq!((&bee["identity"]["theme"], &bee["thinkingDefault"]), (&Value::Null, &Value::Null));
    for (change, path) in [
        (json!({ "model": "no slash" }), "params.model"),
        (json!({ "name": " " }), "params.name"),
        (json!({ "emoji": "x".repeat(200) }), "params.emoji"),
        (json!({ "workspace": "relative" }), "params.workspace"),
        (json!({ "default": false }), "params.default"),
        (json!({ "fallbacks": ["demo/a", "bad"] }), "params.fallbacks/1"),
    ] {
        let refused = talk.call("agents.update", update(change.clone())).await;
        assert_eq!(refused["error"]["details"]["path"], path, "{change}: {refused}");
    }
    let level = talk.call("agents.update", update(json!({ "thinkingDefault": "enormous" }))).await;
    assert_eq!(code(&level), "INVALID_CONFIG", "{level}");
}

#[tokio::test]
async fn deleting_ends_runs_and_conversations_and_leaves_what_others_use() {
    let llm = FakeLlm::start().await;
    llm.script(stalled());
    let gateway = gateway_on(&llm, Wire::OpenAiCompletions).await;
    let mut talk = Talk::admin(&gateway).await;
    let common = folder(&gateway, "workspace-common");
    talk.ok("agents.create", json!({ "name": "a", "workspace": common })).await;
    talk.ok("agents.create", json!({ "name": "b", "workspace": format!("{common}/inner") })).await;
    talk.ok("agents.create", json!({ "name": "c" })).await;
    talk.say("agent:a:main", "busy", "go on").await;
    talk.speaking("busy").await;
    let deleted = talk.ok("agents.delete", json!({ "agentId": "a" })).await;
    assert_eq!(deleted["removed"], json!([]), "{deleted}");
    let reason = deleted["failed"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("another agent") && std::path::Path::new(&common).is_dir(), "{deleted}");
    let (_, end) = talk.ending("busy").await;
    assert_eq!(end["state"], "aborted", "{end}");
    assert_eq!(talk.row("agent:a:main").await, Value::Null);
    let kept = talk.ok("agents.delete", json!({ "agentId": "c", "deleteFiles": false })).await;
    assert_eq!((&kept["removed"], &kept["failed"]), (&json!([]), &json!([])));
    assert!(gateway.dir().join("state/workspace-c").is_dir(), "files stay when nobody wants them gone");
    let refused = talk.call("agents.delete", json!({ "agentId": "main" })).await;
    assert!(refused["error"]["message"].as_str().unwrap().contains("default"), "{refused}");
    talk.ok("agents.update", json!({ "agentId": "b", "default": true })).await;
    talk.ok("agents.delete", json!({ "agentId": "main" })).await;
    let only = talk.call("agents.delete", json!({ "agentId": "b" })).await;
    assert!(only["error"]["message"].as_str().unwrap().contains("only one"), "{only}");
}

#[tokio::test]
async fn a_deleted_agents_files_can_be_taken_back_from_the_trash_and_its_bindings_are_gone() {
    let config = json!({ "bindings": [
        { "agentId": "z", "match": { "channel": "telegram" } }, { "agentId": "main", "match": { "channel": "slack" } },
        { "agentId": "z", "match": { "channel": "discord" } },
    ] });
    let gateway = TestGateway::with_config(config).await;
    let mut talk = Talk::admin(&gateway).await;
    talk.ok("agents.create", json!({ "name": "z" })).await;
    talk.ok("agents.files.set", json!({ "agentId": "z", "name": "SOUL.md", "content": "mine" })).await;
    let deleted = talk.ok("agents.delete", json!({ "agentId": "z" })).await;
    assert_eq!(deleted["removedBindings"], 2, "{deleted}");
    let bindings = talk.ok("config.get", json!({})).await["parsed"]["bindings"].clone();
    assert_eq!(bindings, json!([{ "agentId": "main", "match": { "channel": "slack" } }]));
    let trash: Vec<_> =
        std::fs::read_dir(gateway.dir().join("state/trash")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(trash.len(), 1);
    assert_eq!(std::fs::read_to_string(trash[0].join("SOUL.md")).unwrap(), "mine");
}

#[tokio::test]
async fn only_the_names_of_an_agents_files_reach_the_disk() {
    let gateway = TestGateway::start().await;
    let mut talk = Talk::admin(&gateway).await;
    let workspace = gateway.dir().join("state/workspace");
    std::fs::create_dir(&workspace).unwrap();
    let outside = gateway.dir().join("outside.txt");
    std::fs::write(&outside, "outside").unwrap();
    for name in [
        "../../openclaw.json",
        "/etc/passwd",
        "..\\x",
        "SOUL.md\u{0}",
        "%2e%2e",
        "a/../AGENTS.md",
        "．．",
        "soul.md",
        "",
        "SOUL.md/",
        "ROLE.md",
    ] {
        let set = talk.call("agents.files.set", json!({ "agentId": "main", "name": name, "content": "x" })).await;
        let text = set["error"]["message"].as_str().unwrap();
        assert!(text.starts_with("unsupported file"), "{name:?}: {set}");
    }
    symlink(&outside, workspace.join("AGENTS.md")).unwrap();
    symlink(gateway.dir().join("dangling"), workspace.join("SOUL.md")).unwrap();
    std::fs::hard_link(&outside, workspace.join("TOOLS.md")).unwrap();
    std::fs::create_dir(workspace.join("USER.md")).unwrap();
    for name in ["AGENTS.md", "SOUL.md", "TOOLS.md", "USER.md"] {
        for (method, params) in [
            ("agents.files.get", json!({ "agentId": "main", "name": name })),
            ("agents.files.set", json!({ "agentId": "main", "name": name, "content": "x" })),
            ("agents.files.delete", json!({ "agentId": "main", "name": name })),
            ("agents.workspace.get", json!({ "agentId": "main", "path": name })),
        ] {
            let refused = talk.call(method, params).await;
            assert_eq!(code(&refused), "FILE_REFUSED", "{method} {name}: {refused}");
        }
    }
    assert_eq!(std::fs::read_to_string(&outside).unwrap(), "outside");
    assert!(!gateway.dir().join("dangling").exists());
    let files = talk.ok("agents.files.list", json!({ "agentId": "main" })).await;
    assert!(files["files"].as_array().unwrap().iter().all(|file| file["missing"] == true), "{files}");
    let long = "x".repeat((512 << 10) + 1);
    let refused =
        talk.call("agents.files.set", json!({ "agentId": "main", "name": "MEMORY.md", "content": long })).await;
    assert_eq!(refused["error"]["details"]["path"], "params.content");
    std::fs::write(workspace.join("MEMORY.md"), long).unwrap();
    let refused = talk.call("agents.files.get", json!({ "agentId": "main", "name": "MEMORY.md" })).await;
    assert_eq!(code(&refused), "FILE_REFUSED", "{refused}");
    std::fs::write(workspace.join("MEMORY.md"), [0xff, 0xfe]).unwrap();
    let refused = talk.call("agents.files.get", json!({ "agentId": "main", "name": "MEMORY.md" })).await;
    assert!(refused["error"]["message"].as_str().unwrap().contains("UTF-8"), "{refused}");
    std::fs::write(workspace.join("ROLE.md"), "old").unwrap();
    let gone = talk.ok("agents.files.delete", json!({ "agentId": "main", "name": "ROLE.md" })).await;
    assert_eq!(gone["deleted"], true);
    let again = talk.ok("agents.files.delete", json!({ "agentId": "main", "name": "ROLE.md" })).await;
    assert_eq!(again["deleted"], false);
}

#[tokio::test]
async fn a_workspace_is_browsed_and_never_left() {
    let gateway = TestGateway::start().await;
    let mut talk = Talk::admin(&gateway).await;
    let empty = talk.ok("agents.workspace.list", json!({ "agentId": "main" })).await;
    assert_eq!((&empty["entries"], &empty["path"], &empty["totalEntries"]), (&json!([]), &json!(""), &json!(0)));
    let workspace = gateway.dir().join("state/workspace");
    std::fs::create_dir_all(workspace.join("notes")).unwrap();
    for at in 0..5 {
        std::fs::write(workspace.join(format!("notes/{at}.md")), "text").unwrap();
    }
    std::fs::write(workspace.join("picture.png"), [0x89, 0x50, 0xff]).unwrap();
    symlink("/etc", workspace.join("etc")).unwrap();
    let list = talk.ok("agents.workspace.list", json!({ "agentId": "main" })).await;
    let names: Vec<_> =
        list["entries"].as_array().unwrap().iter().map(|entry| entry["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["notes", "picture.png"], "{list}");
    let page =
        talk.ok("agents.workspace.list", json!({ "agentId": "main", "path": "notes", "offset": 1, "limit": 2 })).await;
    assert_eq!((&page["entries"][0]["path"], &page["totalEntries"]), (&json!("notes/1.md"), &json!(5)), "{page}");
    assert_eq!(page["parentPath"], "");
    let text = talk.ok("agents.workspace.get", json!({ "agentId": "main", "path": "notes/1.md" })).await;
    assert_eq!((&text["file"]["content"], &text["file"]["mimeType"]), (&json!("text"), &json!("text/markdown")));
    let picture = talk.ok("agents.workspace.get", json!({ "agentId": "main", "path": "picture.png" })).await;
    assert_eq!((&picture["file"]["encoding"], &picture["file"]["mimeType"]), (&json!("base64"), &json!("image/png")));
    for path in ["../openclaw.json", "/etc/passwd", "notes/../../openclaw.json", "a\\b", "a\u{0}"] {
        for method in ["agents.workspace.get", "agents.workspace.list"] {
            let refused = talk.call(method, json!({ "agentId": "main", "path": path })).await;
            assert_eq!(refused["error"]["details"]["path"], "params.path", "{method} {path:?}: {refused}");
        }
    }
    let link = talk.call("agents.workspace.get", json!({ "agentId": "main", "path": "etc/passwd" })).await;
    assert_eq!(code(&link), "FILE_REFUSED", "{link}");
    let nothing = talk.call("agents.workspace.get", json!({ "agentId": "main", "path": "none" })).await;
    assert_eq!(code(&nothing), "NOT_FOUND", "{nothing}");
    talk.ok("agents.update", json!({ "agentId": "main", "avatar": "picture.png" })).await;
    let identity = talk.ok("agent.identity.get", json!({})).await;
    assert_eq!(
        (&identity["avatar"], &identity["avatarStatus"]),
        (&json!("data:image/png;base64,iVD/"), &json!("local"))
    );
    talk.ok("agents.update", json!({ "agentId": "main", "avatar": "../openclaw.json" })).await;
    let identity = talk.ok("agent.identity.get", json!({})).await;
    assert_eq!((&identity["avatar"], &identity["avatarStatus"]), (&json!("A"), &json!("none")), "{identity}");
}

#[tokio::test]
async fn a_workspace_where_it_would_show_something_else_is_refused_or_takes_an_administrator() {
    let gateway = TestGateway::start().await;
    let mut admin = Talk::admin(&gateway).await;
    let mut writer = Talk::with(&gateway, connect_params(&["operator.write"])).await;
    let elsewhere = tempfile::tempdir().unwrap();
    let elsewhere = elsewhere.path().join("project").display().to_string();
    for bad in [
        "/",
        "relative/path",
        "",
        &folder(&gateway, "state/agents"),
        &folder(&gateway, "state"),
        &gateway.dir().display().to_string(),
        "/tmp/../etc",
    ] {
        let refused = admin.call("agents.create", json!({ "name": "x", "workspace": bad })).await;
        assert_eq!(refused["error"]["details"]["path"], "params.workspace", "{bad:?}: {refused}");
    }
    let refused = writer.call("agents.create", json!({ "name": "x", "workspace": elsewhere })).await;
    assert_eq!(code(&refused), "MISSING_SCOPE", "{refused}");
    assert!(!std::path::Path::new(&elsewhere).exists());
    writer.ok("agents.create", json!({ "name": "x" })).await;
    let refused = writer.call("agents.update", json!({ "agentId": "x", "workspace": elsewhere })).await;
    assert_eq!(code(&refused), "MISSING_SCOPE", "{refused}");
    admin.ok("agents.update", json!({ "agentId": "x", "workspace": elsewhere })).await;
    assert!(std::path::Path::new(&elsewhere).is_dir());
}
