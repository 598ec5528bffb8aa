//! The configuration is changed over the wire (C5, C6, C7, M7; T54, T55, T57, T59, T91).

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use openclaw_testkit::gateway::{Setup, TOKEN, TestGateway, connect_params};
use serde_json::{Value, json};

use crate::{
    audit,
    devices::{closed, code},
    talk::Talk,
};

const MARKER: &str = "__OPENCLAW_REDACTED__";

async fn admin() -> (TestGateway, Talk) {
    let gateway = TestGateway::start().await;
    let admin = Talk::admin(&gateway).await;
    (gateway, admin)
}

fn text(gateway: &TestGateway) -> String {
    fs::read_to_string(gateway.config_path()).unwrap()
}

fn message(answer: &Value) -> &str {
    answer["error"]["message"].as_str().unwrap_or_else(|| panic!("an error, not {answer}"))
}

async fn hash(admin: &mut Talk) -> Value {
    admin.ok("config.get", json!({})).await["hash"].take()
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

#[tokio::test]
async fn a_value_is_set_taken_back_and_the_way_is_remembered() {
    let (gateway, mut admin) = admin().await;
    let mut reader = Talk::with(&gateway, connect_params(&["operator.read"])).await;
    let before = text(&gateway);
    let old = hash(&mut admin).await;
    let set = json!({ "path": "gateway.controlUi.allowedOrigins", "value": ["https://a.example"], "note": "for the dashboard" });
    let made = admin.ok("config.set", set).await;
    assert_eq!((&made["changed"], &made["beforeHash"]), (&json!(true), &old), "{made}");
    assert_eq!(made["changedPaths"], json!(["gateway.controlUi.allowedOrigins"]), "{made}");
    assert_eq!(made["reconnectRequired"], made["changedPaths"], "{made}");
    assert_eq!(made["config"]["gateway"]["controlUi"]["allowedOrigins"], json!(["https://a.example"]));
    let event = reader.event("config.changed", |_| true).await;
    assert_eq!(
        (&event["hash"], &event["changedPaths"], &event["actor"]),
        (&made["hash"], &made["changedPaths"], &json!("token"))
    );
    let mut page = gateway.raw_with(&[("origin", "https://a.example")]).await;
    assert_eq!(page.shake(&connect_params(&["operator.read"])).await["ok"], true, "in force when the answer comes");

    let again = admin
        .ok("config.set", json!({ "path": "gateway.controlUi.allowedOrigins", "value": ["https://a.example"] }))
        .await;
    assert_eq!(
        (&again["changed"], &again["hash"], &again["id"]),
        (&json!(false), &made["hash"], &Value::Null),
        "{again}"
    );

    let history = reader.ok("config.history", json!({})).await;
    let newest = &history["entries"][0];
    assert_eq!(
        (&newest["id"], &newest["who"], &newest["cause"]),
        (&made["id"], &json!("token"), &json!("edit")),
        "{history}"
    );
    assert_eq!((&newest["note"], &newest["parentHash"]), (&json!("for the dashboard"), &old), "{history}");
    let diff = reader.ok("config.diff", json!({})).await;
    let first = &diff["differences"][0];
    assert!(first["path"].as_str().unwrap().starts_with("gateway.controlUi"), "{diff}");

    let undone = admin.ok("config.undo", json!({})).await;
    assert_eq!((&undone["hash"], text(&gateway)), (&old, before), "{undone}");
    let mut page = gateway.raw_with(&[("origin", "https://a.example")]).await;
    assert_eq!(page.shake(&connect_params(&["operator.read"])).await["ok"], false);
    let history = reader.ok("config.history", json!({ "limit": 1 })).await;
    assert_eq!((&history["entries"][0]["cause"], &history["appliedConfigHash"]), (&json!("undo"), &old), "{history}");
    let prefix = made["id"].as_str().unwrap().chars().take(6).collect::<String>();
    let redone = admin.ok("config.undo", json!({ "id": prefix })).await;
    assert_eq!(redone["hash"], made["hash"], "{redone}");

    let records = audit::records(&gateway).await;
    let changed: Vec<_> = records.iter().filter(|record| record.event.event == "config.changed").collect();
    assert_eq!(changed.len(), 3, "{records:?}");
    let record = &changed[0].event;
    assert_eq!((record.actor.as_str(), record.method.as_deref()), ("token", Some("config.set")));
    assert_eq!((&record.detail["before"], &record.detail["after"]), (&old, &made["hash"]));
    assert!(!format!("{records:?}").contains("a.example"), "no value is kept: {records:?}");
}

#[tokio::test]
async fn specification_003_names_the_key_and_remarks_survive() {
    let (gateway, mut admin) = admin().await;
    let whole = format!(
        "// mine\n{{\n  gateway: {{\n    port: 0, // any\n    auth: {{ mode: 'token', token: '{TOKEN}' }},\n  }},\n  metrics: {{ enabled: false }},\n}}\n"
    );
    gateway.edit_text(&whole);
    gateway.reload().await;
    admin.ok("config.set", json!({ "key": "gateway.tickIntervalMs", "value": 5000 })).await;
    let now = text(&gateway);
    assert!(now.contains("// mine") && now.contains("// any") && now.contains("5000"), "{now}");
    let unset = admin.ok("config.unset", json!({ "key": "gateway.tickIntervalMs" })).await;
    assert_eq!(unset["changedPaths"], json!(["gateway.tickIntervalMs"]), "{unset}");
    let one = admin.ok("config.get", json!({ "path": "gateway.tickIntervalMs" })).await;
    assert_eq!((&one["value"], &one["origin"]), (&json!(30_000), &json!("default")), "{one}");
}

#[tokio::test]
async fn a_whole_text_asks_for_the_hash_that_its_writer_saw() {
    let (gateway, mut admin) = admin().await;
    let first = hash(&mut admin).await;
    let raw = format!("// rewritten\n{}", text(&gateway));
    for method in ["config.set", "config.apply"] {
        let answer = admin.call(method, json!({ "raw": raw })).await;
        assert_eq!(code(&answer), "BASE_HASH_REQUIRED", "{answer}");
        assert_eq!(message(&answer), "config base hash required; re-run config.get and retry");
    }
    let answer = admin.call("config.patch", json!({ "raw": "{}" })).await;
    assert_eq!(code(&answer), "BASE_HASH_REQUIRED", "{answer}");
    let made = admin.ok("config.apply", json!({ "raw": raw, "baseHash": first })).await;
    assert_eq!((text(&gateway), &made["changedPaths"]), (raw.clone(), &json!([])));
    for (method, params) in [
        ("config.set", json!({ "raw": "{}", "baseHash": first })),
        ("config.set", json!({ "path": "gateway.port", "value": 1, "baseHash": first })),
        ("config.patch", json!({ "raw": "{}", "baseHash": "stale" })),
        ("config.unset", json!({ "path": "gateway.port", "baseHash": first })),
        ("config.undo", json!({ "baseHash": first })),
    ] {
        let answer = admin.call(method, params).await;
        assert_eq!(message(&answer), "config changed since last load; re-run config.get and retry", "{method}");
        assert_eq!(
            (&answer["error"]["code"], code(&answer), &answer["error"]["details"]["hash"]),
            (&json!("INVALID_REQUEST"), "CONFLICT", &made["hash"]),
            "{method}"
        );
    }
    assert_eq!(text(&gateway), raw);
}

#[tokio::test]
async fn a_conflict_with_an_edit_by_hand_is_over_once_config_get_was_asked() {
    let (gateway, mut admin) = admin().await;
    let first = hash(&mut admin).await;
    gateway.edit(&json!({ "gateway": { "tickIntervalMs": 7000 } }));
    let answer =
        admin.call("config.set", json!({ "path": "gateway.pingIntervalMs", "value": 9000, "baseHash": first })).await;
    assert_eq!(code(&answer), "CONFLICT", "{answer}");
    let now = hash(&mut admin).await;
    assert_eq!(now, answer["error"]["details"]["hash"]);
    admin.ok("config.set", json!({ "path": "gateway.pingIntervalMs", "value": 9000, "baseHash": now })).await;
    let whole = admin.ok("config.get", json!({})).await;
    assert_eq!(whole["config"]["gateway"]["tickIntervalMs"], 7000, "the edit by hand is kept");
}

#[tokio::test]
async fn of_two_hundred_changes_of_one_state_one_is_made() {
    let (gateway, mut admin) = admin().await;
    let first = hash(&mut admin).await;
    let mut connections = Vec::new();
    for _ in 0..8 {
        connections.push(Talk::admin(&gateway).await);
    }
    let mut waiting = Vec::new();
    for round in 0..200 {
        let at = round % connections.len();
        let value = 5000 + round;
        let params = json!({ "path": "gateway.tickIntervalMs", "value": value, "baseHash": first });
        waiting.push((at, value, connections[at].send("config.set", params).await));
    }
    let mut won = Vec::new();
    for (at, value, id) in waiting {
        let answer = connections[at].answer(&id).await;
        if answer["ok"] == true {
            won.push(value);
        } else {
            assert_eq!(code(&answer), "CONFLICT", "{answer}");
        }
    }
    assert_eq!(won.len(), 1, "{won:?}");
    let whole = admin.ok("config.get", json!({})).await;
    assert_eq!(whole["config"]["gateway"]["tickIntervalMs"], won[0]);
}

#[tokio::test]
async fn a_marker_keeps_the_secret_and_never_becomes_one() {
    let (gateway, mut admin) = admin().await;
    let got = admin.ok("config.get", json!({})).await;
    let raw = got["raw"].as_str().unwrap();
    assert!(raw.contains(MARKER) && !raw.contains(TOKEN), "{raw}");
    let edited = raw.replace("\"port\": 0", "\"tickIntervalMs\": 4000, \"port\": 0");
    let made = admin.ok("config.set", json!({ "raw": edited, "baseHash": got["hash"] })).await;
    assert!(text(&gateway).contains(TOKEN) && !text(&gateway).contains(MARKER));
    assert_eq!(
        made["changedPaths"],
        json!(["gateway.tickIntervalMs"]),
        "the token did not change, so nobody is closed"
    );
    admin.ok("config.set", json!({ "path": "gateway.auth.token", "value": MARKER })).await;
    assert!(text(&gateway).contains(TOKEN));
    for params in [
        json!({ "path": "gateway.auth.token", "value": format!("{MARKER}x") }),
        json!({ "path": "gateway.auth.password", "value": MARKER }),
        json!({ "path": "models.providers.openai.apiKey", "value": format!("a{MARKER}") }),
    ] {
        let answer = admin.call("config.set", params.clone()).await;
        assert_eq!(code(&answer), "INVALID_CONFIG", "{params}: {answer}");
        assert!(answer["error"]["details"]["issues"][0]["path"].is_string(), "{answer}");
    }
    assert!(text(&gateway).contains(TOKEN) && !text(&gateway).contains(MARKER));
    let mut reader = Talk::with(&gateway, connect_params(&["operator.read"])).await;
    assert_eq!(reader.ok("config.get", json!({})).await["raw"], Value::Null, "remarks are for administrators");
}

#[tokio::test]
async fn a_wrong_edit_is_refused_with_its_place_and_the_remedy() {
    let (gateway, mut admin) = admin().await;
    let before = text(&gateway);
    let got = hash(&mut admin).await;
    for (method, params, place, says) in [
        ("config.set", json!({ "path": "gateway.prot", "value": 1 }), "gateway.prot", "did you mean `port`?"),
        ("config.set", json!({ "path": "gateway.port", "value": "many" }), "gateway.port", "expected a whole number"),
        (
            "config.set",
            json!({ "path": "gateway.auth.mode", "value": "tokn" }),
            "gateway.auth.mode",
            "did you mean `token`?",
        ),
        (
            "config.patch",
            json!({ "patch": { "gateway": { "bind": "lan", "auth": { "mode": "none" } } } }),
            "",
            "invalid config",
        ),
        ("config.patch", json!({ "patch": { "__proto__": { "x": 1 } } }), "__proto__", "unknown key"),
        ("config.unset", json!({ "path": "gateway.prot" }), "gateway.prot", "port"),
        ("config.set", json!({ "raw": "{ bad json", "baseHash": got }), "", "syntax error at 1:"),
        ("config.patch", json!({ "raw": "[]", "baseHash": got }), "", "must be an object"),
        ("config.apply", json!({ "raw": "{ a: 1, b: 2 }", "baseHash": got }), "a", "and 1 more"),
        ("config.apply", json!({ "raw": "{}", "baseHash": got }), "gateway.auth.token", "the only shared secret"),
        ("config.unset", json!({ "path": "gateway.auth" }), "gateway.auth.token", "the only shared secret"),
        (
            "config.patch",
            json!({ "patch": { "gateway": { "tailscale": { "mode": "funnel" } } } }),
            "",
            "needs gateway.auth.mode",
        ),
    ] {
        let answer = admin.call(method, params.clone()).await;
        assert_eq!(code(&answer), "INVALID_CONFIG", "{params}: {answer}");
        assert!(message(&answer).contains(says), "{params}: {}", message(&answer));
        let issues = answer["error"]["details"]["issues"].as_array().unwrap();
        assert!(issues.iter().any(|issue| place.is_empty() || issue["path"] == place), "{params}: {answer}");
    }
    for (method, params, path) in [
        ("config.set", json!({ "path": "gateway.port" }), "params.value"),
        ("config.set", json!({ "value": 1 }), "params.path"),
        ("config.set", json!({ "path": "a", "key": "b", "value": 1 }), "params.path"),
        ("config.set", json!({ "path": "a[", "value": 1 }), "params.path"),
        ("config.set", json!({ "path": "", "value": 1 }), "params.path"),
        ("config.set", json!({ "raw": "{}", "path": "a", "value": 1 }), "params.raw"),
        ("config.unset", json!({}), "params.path"),
        ("config.patch", json!({}), "params.raw"),
        ("config.apply", json!({}), "params"),
        ("config.get", json!({ "path": "gateway.prot" }), "params.path"),
        ("config.schema.lookup", json!({ "path": "gateway.prot" }), "params.path"),
        ("config.validate", json!({ "raw": "{}", "path": "a" }), "params.raw"),
    ] {
        let answer = admin.call(method, params.clone()).await;
        assert_eq!(
            (code(&answer), &answer["error"]["details"]["path"]),
            ("INVALID_PARAMS", &json!(path)),
            "{method} {params}: {answer}"
        );
    }
    for (method, params) in
        [("config.undo", json!({ "id": "ffffffffffff" })), ("config.diff", json!({ "from": "nothing" }))]
    {
        let answer = admin.call(method, params).await;
        assert_eq!(code(&answer), "NOT_FOUND", "{method}: {answer}");
    }
    assert_eq!(text(&gateway), before);
    let records = audit::records(&gateway).await;
    assert!(!records.iter().any(|record| record.event.event.starts_with("config.")), "{records:?}");
}

#[tokio::test]
async fn a_patch_merges_deletes_and_replaces() {
    let (_gateway, mut admin) = admin().await;
    let got = hash(&mut admin).await;
    let raw = "{ agents: { list: [{ id: 'main', default: true }, { id: 'one' }] }, models: { providers: { a: { api: 'ollama', baseUrl: 'http://127.0.0.1:9' } } } }";
    admin.ok("config.patch", json!({ "raw": raw, "baseHash": got, "sessionKey": "agent:main:main" })).await;
    let agents = admin.ok("agents.list", json!({})).await;
    assert_eq!(agents["agents"].as_array().unwrap().len(), 2, "{agents}");
    admin
        .ok("config.patch", json!({ "patch": { "baseUrl": "http://127.0.0.1:8" }, "path": "models.providers.a" }))
        .await;
    let whole = admin.ok("config.get", json!({})).await;
    assert_eq!(
        whole["config"]["models"]["providers"]["a"],
        json!({ "api": "ollama", "baseUrl": "http://127.0.0.1:8" })
    );
    let patch = json!({ "models": { "providers": { "b": { "api": "ollama", "baseUrl": "http://127.0.0.1:7" } } }, "agents": null });
    admin.ok("config.patch", json!({ "patch": patch, "replacePaths": ["models.providers", "gateway"] })).await;
    let whole = admin.ok("config.get", json!({})).await;
    let providers =
        whole["config"]["models"]["providers"].as_object().unwrap().keys().map(String::as_str).collect::<Vec<_>>();
    assert_eq!((providers, &whole["config"]["agents"]), (vec!["b"], &Value::Null), "{whole}");
    assert_eq!(whole["config"]["gateway"]["port"], 0, "what the patch does not name stays");
}

#[tokio::test]
async fn a_change_that_is_sent_again_is_made_once() {
    let (_gateway, mut admin) = admin().await;
    let got = hash(&mut admin).await;
    let params = json!({ "path": "gateway.tickIntervalMs", "value": 6000, "baseHash": got, "idempotencyKey": "k1" });
    let first = admin.ok("config.set", params.clone()).await;
    admin.ok("config.set", json!({ "path": "gateway.tickIntervalMs", "value": 8000 })).await;
    let again = admin.ok("config.set", params).await;
    assert_eq!(
        (&again["hash"], &again["id"], &again["changed"]),
        (&first["hash"], &first["id"], &json!(true)),
        "{again}"
    );
    assert_eq!(again["config"]["gateway"]["tickIntervalMs"], 8000, "what is in force now");
    let other = json!({ "path": "gateway.tickIntervalMs", "value": 9000, "baseHash": got, "idempotencyKey": "k1" });
    assert_eq!(code(&admin.call("config.set", other).await), "CONFLICT");
}

#[tokio::test]
async fn what_waits_and_what_is_overridden_is_said_in_the_answer() {
    let environment = vec![("LOG_LEVEL".to_owned(), "debug".to_owned())];
    let gateway = TestGateway::with(Setup { environment, ..Setup::default() }).await;
    let mut admin = Talk::admin(&gateway).await;
    let made = admin.ok("config.set", json!({ "path": "gateway.bind", "value": "lan" })).await;
    assert_eq!(made["restartRequired"], json!(["gateway.bind"]), "{made}");
    let made = admin.ok("config.set", json!({ "path": "logging.level", "value": "warn" })).await;
    assert_eq!((&made["changedPaths"], &made["restartRequired"]), (&json!([]), &json!(["gateway.bind"])), "{made}");
    let warning = &made["warnings"][0];
    assert_eq!(warning["path"], "logging.level", "{made}");
    assert!(
        warning["message"].as_str().unwrap().contains("overridden by the environment variable LOG_LEVEL"),
        "{made}"
    );
    let one = admin.ok("config.get", json!({ "path": "logging.level" })).await;
    assert_eq!(one["origin"], "env:LOG_LEVEL", "{one}");
    let one = admin.ok("config.get", json!({ "path": "gateway.bind" })).await;
    assert_eq!((&one["value"], &one["restartRequired"]), (&json!("lan"), &json!(true)), "{one}");
}

#[tokio::test]
async fn whoever_changes_the_token_is_answered_and_the_old_one_is_nowhere_left() {
    let (gateway, mut admin) = admin().await;
    let mut other = gateway.raw().await;
    other.shake(&connect_params(&["operator.read"])).await;
    admin.ok("config.set", json!({ "path": "gateway.tickIntervalMs", "value": 5000 })).await;
    let fresh = "fresh-token-0123456789abcdef0123456789";
    let mut raw = gateway.raw().await;
    raw.shake(&connect_params(&["operator.admin"])).await;
    let made = raw.call("s", "config.set", json!({ "path": "gateway.auth.token", "value": fresh })).await;
    assert_eq!(made["ok"], true, "{made}");
    assert!(!made.to_string().contains(fresh));
    for raw in [&mut raw, &mut other] {
        assert_eq!(closed(raw).await, (4001, "gateway auth changed".to_owned()));
    }
    let mut params = connect_params(&["operator.admin"]);
    params["auth"]["token"] = json!(fresh);
    let mut admin = Talk::with(&gateway, params).await;
    for folder in [gateway.dir().to_path_buf(), gateway.dir().join("state"), gateway.dir().join("state/config-history")]
    {
        for entry in fs::read_dir(folder).unwrap().filter_map(Result::ok).filter(|entry| entry.path().is_file()) {
            let bytes = fs::read(entry.path()).unwrap();
            let found = bytes.windows(TOKEN.len()).any(|window| window == TOKEN.as_bytes());
            assert!(!found, "the old token is in {}", entry.path().display());
        }
    }
    // Going back brings the rest back, not the secret.
    let oldest = oldest(&mut admin).await;
    admin.ok("config.undo", json!({ "id": oldest })).await;
    assert!(text(&gateway).contains(fresh) && !text(&gateway).contains("tickIntervalMs"));
}

/// The oldest entry of the history.
async fn oldest(admin: &mut Talk) -> Value {
    let history = admin.ok("config.history", json!({ "limit": 100 })).await;
    history["entries"].as_array().unwrap().last().unwrap()["id"].clone()
}

#[tokio::test]
async fn a_key_is_changed_in_the_file_that_has_it() {
    let (gateway, mut admin) = admin().await;
    let part = gateway.dir().join("agents.json5");
    write(&part, "// the agents\n{ list: [{ id: 'main' }] }\n");
    gateway.edit(&json!({ "agents": { "$include": "agents.json5" } }));
    gateway.reload().await;
    let got = admin.ok("config.get", json!({})).await;
    assert!(got["includedPaths"][0].as_str().unwrap().ends_with("agents.json5"), "{got}");
    let main = text(&gateway);
    admin.ok("config.set", json!({ "path": "agents.list[0].name", "value": "Main", "baseHash": got["hash"] })).await;
    let now = fs::read_to_string(&part).unwrap();
    assert!(now.contains("// the agents") && now.contains("Main"), "{now}");
    assert_eq!(text(&gateway), main);
    write(&part, "{ list: [{ id: 'main' }, { id: 'second' }] }");
    let event = admin.event("config.changed", |event| event["actor"] == "file").await;
    assert!(event["changedPaths"].to_string().contains("agents.list"), "{event}");
    write(&part, "{ $include: '/etc/passwd' }");
    let event = admin.event("config.rejected", |_| true).await;
    assert!(!event.to_string().contains("root:"), "{event}");
}

#[tokio::test]
async fn a_broken_file_is_mended_by_a_whole_text_and_by_nothing_less() {
    let (gateway, mut admin) = admin().await;
    let good = text(&gateway);
    gateway.edit_text("{ gateway: {");
    gateway.reload().await;
    let answer = admin.call("config.set", json!({ "path": "gateway.tickIntervalMs", "value": 5000 })).await;
    assert_eq!(code(&answer), "INVALID_CONFIG", "{answer}");
    assert!(message(&answer).contains("syntax error at 1:"), "{answer}");
    let got = admin.ok("config.get", json!({})).await;
    assert_eq!((&got["valid"], &got["raw"]), (&json!(false), &Value::Null), "{got}");
    assert_eq!(code(&admin.call("config.set", json!({ "raw": good })).await), "BASE_HASH_REQUIRED");
    let answer = admin.call("config.set", json!({ "raw": good, "baseHash": "stale" })).await;
    admin.ok("config.set", json!({ "raw": good, "baseHash": answer["error"]["details"]["hash"] })).await;
    let status = admin.ok("status", json!({})).await;
    assert_eq!((&status["config"]["status"], text(&gateway)), (&json!("active"), good), "{status}");
}

#[tokio::test]
async fn a_folder_that_others_may_write_is_refused_with_the_remedy() {
    let (gateway, mut admin) = admin().await;
    let before = text(&gateway);
    fs::set_permissions(gateway.dir(), fs::Permissions::from_mode(0o777)).unwrap();
    let answer = admin.call("config.set", json!({ "path": "gateway.tickIntervalMs", "value": 5000 })).await;
    fs::set_permissions(gateway.dir(), fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!(code(&answer), "CONFIG_UNAVAILABLE", "{answer}");
    assert!(message(&answer).contains("chmod go-w"), "{answer}");
    assert_eq!(text(&gateway), before);
}

#[tokio::test]
async fn a_change_is_checked_without_being_made() {
    let (gateway, mut admin) = admin().await;
    let before = text(&gateway);
    let checked = admin.ok("config.validate", json!({ "path": "gateway.bind", "value": "lan" })).await;
    assert_eq!((&checked["valid"], &checked["restartRequired"]), (&json!(true), &json!(["gateway.bind"])), "{checked}");
    assert_eq!(checked["differences"][0]["after"], "lan", "{checked}");
    let checked = admin.ok("config.validate", json!({ "patch": { "gateway": { "prot": 1 } } })).await;
    assert_eq!((&checked["valid"], &checked["issues"][0]["suggestion"]), (&json!(false), &json!("port")), "{checked}");
    let checked = admin.ok("config.validate", json!({ "raw": "{ nonsense" })).await;
    assert_eq!(checked["valid"], false, "{checked}");
    assert_eq!(admin.ok("config.validate", json!({})).await["valid"], true);
    assert_eq!(text(&gateway), before);
}

#[tokio::test]
async fn the_schema_fits_into_a_frame_and_is_there_in_chunks() {
    let (gateway, _) = admin().await;
    let mut reader = Talk::with(&gateway, connect_params(&["operator.read"])).await;
    let whole = reader.ok("config.schema", json!({})).await;
    assert!(whole.to_string().len() < 1024 * 1024, "a client with a limit of 1 MiB can read it");
    assert_eq!(
        whole["schema"]["properties"]["gateway"]["properties"]["auth"]["properties"]["token"]["writeOnly"],
        true
    );
    assert_eq!(whole["uiHints"]["gateway.auth.token"]["sensitive"], true);
    assert!(whole["version"].is_string() && whole["generatedAt"].is_string());
    assert_eq!(reader.ok("config.schema", json!({})).await, whole);
    let port = reader.ok("config.schema.lookup", json!({ "path": "gateway.port" })).await;
    assert_eq!(
        (&port["path"], &port["reloadKind"], &port["children"]),
        (&json!("gateway.port"), &json!("restart"), &json!([])),
        "{port}"
    );
    assert_eq!((&port["hint"]["label"], &port["hintPath"]), (&json!("Port"), &json!("gateway.port")), "{port}");
    let top = reader.ok("config.schema.lookup", json!({})).await;
    let keys: Vec<&str> =
        top["children"].as_array().unwrap().iter().map(|child| child["key"].as_str().unwrap()).collect();
    assert!(keys.contains(&"gateway") && keys.contains(&"agents"), "{keys:?}");
}
