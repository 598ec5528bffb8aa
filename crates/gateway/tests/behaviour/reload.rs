//! The configuration changes while the gateway runs (C3, T22, T56, T61).

use std::{fs, os::unix::fs::PermissionsExt};

use openclaw_testkit::{
    gateway::{Raw, Setup, TOKEN, TestGateway, connect_params},
    llm::{FakeLlm, Wire},
};
use serde_json::{Value, json};

use crate::{
    audit,
    devices::{Device, closed, code},
    talk::{Talk, gateway_on, setup, words},
};

const OTHER_TOKEN: &str = "another-token-0123456789abcdef0123456789";

fn with_token(token: &str) -> Value {
    json!({ "gateway": { "auth": { "token": token } } })
}

/// Edits the configuration, has it read, and takes what readers are told.
async fn changed(gateway: &TestGateway, reader: &mut Talk, config: &Value) -> Value {
    gateway.edit(config);
    gateway.reload().await;
    reader.event("config.changed", |_| true).await
}

async fn hello(gateway: &TestGateway) -> Value {
    gateway.raw().await.shake(&connect_params(&["operator.read"])).await
}

/// A page on this origin connects.
async fn page(gateway: &TestGateway, origin: &str) -> Value {
    let mut raw = gateway.raw_with(&[("origin", origin)]).await;
    raw.shake(&connect_params(&["operator.read"])).await
}

#[tokio::test]
async fn an_edited_file_takes_effect_by_itself_and_readers_are_told() {
    let gateway = TestGateway::start().await;
    let mut reader = Talk::with(&gateway, connect_params(&["operator.read"])).await;
    let before = reader.ok("config.get", json!({})).await;
    gateway.edit(&json!({ "gateway": { "controlUi": { "allowedOrigins": ["https://page.example"] } } }));
    let event = reader.event("config.changed", |_| true).await;
    let after = reader.ok("config.get", json!({})).await;
    assert_eq!(event["changedPaths"], json!(["gateway.controlUi.allowedOrigins"]), "{event}");
    assert_eq!((&event["actor"], &event["restartRequired"]), (&json!("file"), &json!([])), "{event}");
    assert_eq!((&event["path"], &event["hash"]), (&json!(gateway.config_path()), &after["hash"]));
    assert_ne!(before["hash"], after["hash"]);
    assert_eq!(after["appliedConfigHash"], after["hash"]);
    assert_eq!(hello(&gateway).await["payload"]["snapshot"]["appliedConfigHash"], after["hash"]);
    let status = reader.ok("status", json!({})).await;
    assert_eq!((&status["config"]["status"], &status["config"]["fileHash"]), (&json!("active"), &after["hash"]));
    assert!(!event.to_string().contains("page.example"), "values are not told: {event}");
}

#[tokio::test]
async fn an_editor_that_replaces_the_file_is_noticed_too() {
    let gateway = TestGateway::start().await;
    let mut reader = Talk::with(&gateway, connect_params(&["operator.read"])).await;
    let text = fs::read_to_string(gateway.config_path()).unwrap();
    let draft = gateway.dir().join("draft");
    fs::write(&draft, format!("// a remark\n{text}")).unwrap();
    fs::set_permissions(&draft, fs::Permissions::from_mode(0o600)).unwrap();
    fs::rename(&draft, gateway.config_path()).unwrap();
    let event = reader.event("config.changed", |_| true).await;
    assert_eq!(event["changedPaths"], json!([]), "a remark changes no key: {event}");
}

#[tokio::test]
async fn what_can_change_at_once_does() {
    let gateway = TestGateway::start().await;
    let mut reader = Talk::with(&gateway, connect_params(&["operator.read"])).await;
    let mut admin = Talk::admin(&gateway).await;
    assert_eq!(page(&gateway, "https://page.example").await["ok"], false);
    assert!(gateway.get("/", "").await.starts_with("HTTP/1.1 200"));
    let config = json!({
        "gateway": {
            "controlUi": { "enabled": false, "allowedOrigins": ["https://page.example"] },
            "limits": { "maxPayload": 2_000_000, "inFlightPerConnection": 1 },
        },
        "agents": { "list": [{ "id": "main" }, { "id": "new", "name": "Newcomer", "model": "demo/other" }] },
        "models": { "providers": { "mine": { "api": "ollama", "baseUrl": "http://127.0.0.1:9", "models": [{ "id": "m1" }] } } },
    });
    changed(&gateway, &mut reader, &config).await;
    assert_eq!(page(&gateway, "https://page.example").await["ok"], true);
    assert!(gateway.get("/", "").await.starts_with("HTTP/1.1 404"));
    assert_eq!(hello(&gateway).await["payload"]["policy"]["maxPayload"], 2_000_000);
    let agents = reader.ok("agents.list", json!({})).await;
    assert_eq!(agents["agents"][1]["id"], "new", "{agents}");
    let models = reader.ok("models.list", json!({})).await;
    assert!(models["models"].as_array().unwrap().iter().any(|model| model["id"] == "m1"), "{models}");
    // The connection that was open before is held to the new limit, too.
    let waiting = admin.send("agent.wait", json!({ "runId": "nobody", "timeoutMs": 2000 })).await;
    let refused = admin.call("agent.wait", json!({ "runId": "nobody", "timeoutMs": 2000 })).await;
    assert_eq!(code(&refused), "TOO_MANY_IN_FLIGHT", "{refused}");
    admin.answer(&waiting).await;
}

#[tokio::test]
async fn a_tick_comes_as_often_as_the_new_configuration_says() {
    let gateway = TestGateway::start().await;
    let mut reader = Talk::with(&gateway, connect_params(&["operator.read"])).await;
    changed(&gateway, &mut reader, &json!({ "gateway": { "tickIntervalMs": 1000 } })).await;
    // Half a minute was to go until the next one.
    reader.event("tick", |_| true).await;
}

#[tokio::test]
async fn the_next_turn_asks_the_new_model() {
    let llm = FakeLlm::start().await;
    let gateway = gateway_on(&llm, Wire::OpenAiCompletions).await;
    let mut admin = Talk::admin(&gateway).await;
    llm.script(words(1, 0));
    admin.say("main", "before", "hello").await;
    admin.ending("before").await;
    let mut config = setup(&llm, Wire::OpenAiCompletions).config;
    config["agents"]["defaults"]["model"] = json!("fake/other-model");
    changed(&gateway, &mut admin, &config).await;
    llm.script(words(1, 0));
    admin.say("main", "after", "hello").await;
    admin.ending("after").await;
    let asked: Vec<String> = llm.requests().iter().map(|request| request.body["model"].to_string()).collect();
    assert_eq!(asked, ["\"fake-model\"", "\"other-model\""]);
}

#[tokio::test]
async fn a_changed_token_ends_the_connections_that_it_let_in_and_no_others() {
    let gateway = TestGateway::start().await;
    let device = Device::new();
    let (_, paired) = device.connect(&gateway, json!({ "token": TOKEN }), &["operator.read"]).await;
    let device_token = paired["payload"]["auth"]["deviceToken"].clone();
    let (mut with_device, answer) =
        device.connect(&gateway, json!({ "deviceToken": device_token }), &["operator.read"]).await;
    assert_eq!(answer["ok"], true, "{answer}");
    let (mut with_both, _) = device.connect(&gateway, json!({ "token": TOKEN }), &["operator.read"]).await;
    let mut with_token_only = gateway.raw().await;
    with_token_only.shake(&connect_params(&["operator.admin"])).await;
    let mut handshaking = gateway.raw().await;

    gateway.edit(&with_token(OTHER_TOKEN));
    for raw in [&mut with_token_only, &mut with_both] {
        assert_eq!(closed(raw).await, (4001, "gateway auth changed".to_owned()));
    }
    assert_eq!(with_device.call("h", "health", json!({})).await["ok"], true, "a device keeps its own credential");
    let old = handshaking.shake(&connect_params(&["operator.read"])).await;
    assert_eq!(code(&old), "AUTH_TOKEN_MISMATCH", "{old}");
    let mut params = connect_params(&["operator.read"]);
    params["auth"]["token"] = json!(OTHER_TOKEN);
    assert_eq!(gateway.raw().await.shake(&params).await["ok"], true);
    let records = audit::records(&gateway).await;
    let record = records.iter().find(|record| record.event.event == "config.changed").unwrap();
    assert_eq!(record.event.detail["paths"], json!(["gateway.auth.token"]), "{record:?}");
    let told = format!("{records:?}");
    assert!(!told.contains(TOKEN) && !told.contains(OTHER_TOKEN), "{told}");
}

/// Everything that says how the file stands: health, status, config.get.
async fn said(admin: &mut Talk) -> (Value, Value, Value) {
    let status = admin.ok("status", json!({})).await["config"].take();
    let get = admin.ok("config.get", json!({})).await;
    let health = admin.ok("health", json!({})).await["configReload"].take();
    (health, status, get)
}

#[tokio::test]
async fn nonsense_in_the_file_keeps_what_was_good_and_is_said_everywhere_until_it_is_mended() {
    let gateway = TestGateway::start().await;
    let mut admin = Talk::admin(&gateway).await;
    let good = fs::read_to_string(gateway.config_path()).unwrap();
    let hash = admin.ok("config.get", json!({})).await["hash"].take();
    let cases: [(&str, &str, bool); 3] = [
        ("syntax", "{ gateway: { nonsense", false),
        ("unknown key", &good.replace("\"port\"", "\"prot\""), true),
        ("wrong type", &good.replace("\"port\": 0", "\"port\": \"many\""), true),
    ];
    for (what, text, parses) in cases {
        gateway.edit_text(text);
        let event = admin.event("config.rejected", |_| true).await;
        let (health, status, get) = said(&mut admin).await;
        assert_eq!((&health["status"], &status["status"]), (&json!("rejected"), &json!("rejected")), "{what}");
        assert_eq!((&get["valid"], &get["appliedConfigHash"]), (&json!(false), &hash), "{what}: {get}");
        let message = status["lastError"]["message"].as_str().unwrap();
        assert!(message.contains("stays in force"), "{what}: {message}");
        assert_eq!(event["message"], status["lastError"]["message"], "{what}: {event}");
        if parses {
            let issue = &get["issues"][0];
            assert!(issue["path"].as_str().unwrap().starts_with("gateway.p"), "{what}: {issue}");
        }
        let hello = hello(&gateway).await;
        assert_eq!(hello["ok"], true, "{what}: the old token still lets in");
        let told = &hello["payload"]["snapshot"]["health"]["configReload"];
        assert_eq!(*told, json!({ "hotReloadStatus": "active" }), "the schema of hello has room for nothing else");
        assert!(!format!("{event}{status}{get}").contains(TOKEN), "{what}: no secret is told");
    }
    gateway.edit_text(&good);
    let event = admin.event("config.changed", |_| true).await;
    assert_eq!((&event["hash"], &event["changedPaths"]), (&hash, &json!([])), "{event}");
    let (health, status, get) = said(&mut admin).await;
    assert_eq!((&health, &status["lastError"]), (&json!({ "hotReloadStatus": "active" }), &Value::Null), "{status}");
    assert_eq!((&get["valid"], &get["issues"]), (&json!(true), &json!([])), "{get}");
    let records = audit::records(&gateway).await;
    let rejected = records.iter().filter(|record| record.event.event == "config.rejected").count();
    assert_eq!(rejected, 3, "{records:?}");
    assert!(!format!("{records:?}").contains(TOKEN));
}

#[tokio::test]
async fn a_file_that_is_gone_open_to_all_or_asks_for_what_is_not_there_changes_nothing() {
    let gateway = TestGateway::start().await;
    let mut admin = Talk::admin(&gateway).await;
    let path = gateway.config_path();
    let good = fs::read_to_string(&path).unwrap();

    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    let event = admin.event("config.rejected", |_| true).await;
    assert!(event["message"].as_str().unwrap().contains("chmod 600"), "{event}");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    admin.event("config.changed", |_| true).await;

    fs::remove_file(&path).unwrap();
    let event = admin.event("config.rejected", |_| true).await;
    assert!(event["message"].as_str().unwrap().contains("does not exist"), "{event}");
    gateway.edit_text(&good);
    admin.event("config.changed", |_| true).await;

    gateway.edit(&json!({ "gateway": { "tailscale": { "mode": "funnel" } } }));
    let event = admin.event("config.rejected", |_| true).await;
    assert!(event["message"].as_str().unwrap().contains("needs gateway.auth.mode"), "{event}");
    assert_eq!(hello(&gateway).await["ok"], true);
}

#[tokio::test]
async fn what_waits_for_a_restart_is_named_everywhere_and_forgotten_when_taken_back() {
    let gateway = TestGateway::start().await;
    let mut admin = Talk::admin(&gateway).await;
    let event = changed(&gateway, &mut admin, &json!({ "gateway": { "port": 18790, "tickIntervalMs": 5000 } })).await;
    assert_eq!(event["restartRequired"], json!(["gateway.port"]), "{event}");
    let get = admin.ok("config.get", json!({})).await;
    let status = admin.ok("status", json!({})).await;
    assert_eq!(
        (&get["restartRequired"], &status["config"]["restartRequired"]),
        (&event["restartRequired"], &event["restartRequired"])
    );
    let health = admin.ok("health", json!({})).await["configReload"].take();
    assert_eq!(health["restartRequired"], json!(["gateway.port"]), "{health}");
    let event = changed(&gateway, &mut admin, &json!({ "gateway": { "tickIntervalMs": 5000 } })).await;
    assert_eq!((&event["changedPaths"], &event["restartRequired"]), (&json!(["gateway.port"]), &json!([])), "{event}");
}

#[tokio::test]
async fn fifty_reloads_drop_no_connection_and_no_word_of_an_answer() {
    let llm = FakeLlm::start().await;
    let gateway = gateway_on(&llm, Wire::OpenAiCompletions).await;
    let mut idle: Vec<Raw> = Vec::new();
    for _ in 0..20 {
        let mut raw = gateway.raw().await;
        raw.shake(&connect_params(&["operator.read"])).await;
        idle.push(raw);
    }
    let mut admin = Talk::admin(&gateway).await;
    llm.script(words(200, 10));
    admin.say("main", "long", "talk").await;
    admin.speaking("long").await;
    let Setup { config, .. } = setup(&llm, Wire::OpenAiCompletions);
    let mut last = Value::Null;
    for round in 0..50 {
        let mut config = config.clone();
        config["gateway"] = json!({ "limits": { "maxPayload": 2_000_000 + round } });
        config["agents"]["list"] = json!([{ "id": "main" }, { "id": format!("agent-{round}") }]);
        last = changed(&gateway, &mut admin, &config).await;
    }
    let (_, end) = admin.ending("long").await;
    assert_eq!(end["state"], "final", "{end}");
    let said = admin.lines("main").await.pop().unwrap().1;
    assert_eq!(said.matches("word").count(), 200, "{said}");
    for raw in &mut idle {
        assert_eq!(raw.call("h", "health", json!({})).await["ok"], true);
    }
    assert_eq!(admin.ok("config.get", json!({})).await["hash"], last["hash"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_handshake_slips_through_while_the_token_is_changed() {
    let gateway = std::sync::Arc::new(TestGateway::start().await);
    let mut handshakes = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let gateway = std::sync::Arc::clone(&gateway);
        handshakes.spawn(async move {
            let mut raw = gateway.raw().await;
            raw.shake(&connect_params(&["operator.read"])).await;
            raw
        });
    }
    let mut sockets = vec![handshakes.join_next().await.unwrap().unwrap()];
    gateway.edit(&with_token(OTHER_TOKEN));
    gateway.reload().await;
    while let Some(raw) = handshakes.join_next().await {
        sockets.push(raw.unwrap());
    }
    // Let in and ended, or not let in: nobody who showed the old token stays.
    for mut raw in sockets {
        let (code, reason) = closed(&mut raw).await;
        assert!((code, reason.as_str()) == (4001, "gateway auth changed") || code == 1008, "{code} {reason}");
    }
}
