//! The method table from the outside (A9, M10, M11, M21).

use std::collections::BTreeMap;

use openclaw_testkit::gateway::{Setup, TestGateway, connect_params};
use serde_json::{Value, json};

use crate::{devices::code, talk::Talk};

const SCOPES: [&str; 5] =
    ["operator.read", "operator.write", "operator.approvals", "operator.pairing", "operator.admin"];

/// What a connection with one scope may do, as the rules of scopes say.
fn covers(granted: &str, needed: &str) -> bool {
    let in_write = ["operator.read", "operator.talk", "operator.sessions.write"];
    granted == needed || granted == "operator.admin" || (granted == "operator.write" && in_write.contains(&needed))
}

#[tokio::test]
async fn hello_lists_what_the_caller_may_call_and_methods_list_tells_the_rest() {
    let gateway = TestGateway::start().await;
    let schema = openclaw_gateway::schema();
    let rows: BTreeMap<&str, &Value> =
        schema["methods"].as_object().unwrap().iter().map(|(name, row)| (name.as_str(), row)).collect();
    let connections = SCOPES.iter().map(|scope| vec![*scope]).chain([vec![]]);
    for scopes in connections {
        let mut raw = gateway.raw().await;
        let hello = raw.shake(&connect_params(&scopes)).await;
        let in_hello = names(&hello["payload"]["features"]["methods"], |name| name.as_str());
        let told = raw.call("list", "methods.list", json!({})).await;
        let told = names(&told["payload"]["methods"], |row| row["name"].as_str());
        for (name, row) in &rows {
            let scope = row["scope"].as_str();
            let may = row["role"] == "operator"
                && scope.is_none_or(|needed| scopes.iter().any(|granted| covers(granted, needed)));
            assert_eq!(told.contains(name), may, "{scopes:?} {name}");
            assert_eq!(in_hello.contains(name), may && row["listed"] == true, "{scopes:?} {name}");
        }
    }
}

fn names<'a>(list: &'a Value, of: impl Fn(&'a Value) -> Option<&'a str>) -> Vec<&'a str> {
    list.as_array().unwrap().iter().filter_map(of).collect()
}

#[tokio::test]
async fn a_method_is_described_to_whoever_may_call_it_and_to_nobody_else() {
    let gateway = TestGateway::start().await;
    let mut reader = gateway.raw().await;
    reader.shake(&connect_params(&["operator.read"])).await;
    let described = reader.call("a", "methods.describe", json!({ "method": "sessions.preview" })).await;
    let described = &described["payload"];
    assert_eq!(described["params"]["required"], json!(["keys"]), "{described}");
    assert_eq!(described["example"]["keys"], json!(["agent:main:main"]), "{described}");
    assert_eq!(described["scope"], "operator.read", "{described}");
    let send = reader.call("b", "methods.describe", json!({ "method": "send" })).await;
    assert_eq!(send["error"]["message"], "missing scope: operator.write");
    let unknown = reader.call("c", "methods.describe", json!({ "method": "no.such" })).await;
    assert_eq!(unknown["error"]["message"], "missing scope: operator.admin");
    let node = reader.call("d", "methods.describe", json!({ "method": "skills.bins" })).await;
    assert_eq!(node["error"]["message"], "unauthorized role: operator");

    let mut admin = gateway.raw().await;
    admin.shake(&connect_params(&["operator.admin"])).await;
    let send = admin.call("b", "methods.describe", json!({ "method": "send" })).await;
    assert!(send["payload"]["unavailable"].as_str().is_some_and(|why| why.contains("channel")), "{send}");
    let unknown = admin.call("c", "methods.describe", json!({ "method": "no.such" })).await;
    assert_eq!(unknown["error"]["details"]["code"], "UNKNOWN_METHOD");
}

#[tokio::test]
async fn preferences_are_kept_over_a_restart_and_compared_before_they_are_set() {
    let gateway = TestGateway::start().await;
    let client = gateway.connect().await;
    let set = |entries: Value, expected: Value| json!({ "entries": entries, "expectedEntries": expected });
    let done: Value =
        client.call("users.prefs.set", set(json!({ "a": 1, "b": [2] }), json!({ "a": null }))).await.unwrap();
    assert_eq!(done, json!({ "status": "ok" }));
    let again: Value =
        client.call("users.prefs.set", set(json!({ "a": 3, "c": 4 }), json!({ "a": null }))).await.unwrap();
    assert_eq!(again, json!({ "status": "conflict" }));
    drop(client);
    let gateway = gateway.restart(Setup::default()).await;
    let client = gateway.connect().await;
    let kept: Value = client.call("users.prefs.get", json!({})).await.unwrap();
    assert_eq!(kept, json!({ "status": "ok", "entries": { "a": 1, "b": [2] } }));
    let _: Value = client.call("users.prefs.set", set(json!({ "a": null }), json!({ "a": 1 }))).await.unwrap();
    let kept: Value = client.call("users.prefs.get", json!({ "keys": ["a", "b", "z"] })).await.unwrap();
    assert_eq!(kept["entries"], json!({ "b": [2] }));
    for batch in 0..8 {
        let entries: serde_json::Map<String, Value> = (0..32).map(|n| (format!("k{batch}-{n}"), json!(n))).collect();
        let set: Result<Value, _> = client.call("users.prefs.set", json!({ "entries": entries })).await;
        assert_eq!(set.is_ok(), batch < 7, "{set:?}");
    }
}

#[tokio::test]
async fn an_unknown_method_is_named_to_administrators_and_is_no_oracle_for_others() {
    let gateway = TestGateway::start().await;
    let mut admin = gateway.raw().await;
    admin.shake(&connect_params(&["operator.admin"])).await;
    let answer = admin.call("u", "no.such.method", json!({})).await;
    assert_eq!(
        (code(&answer), &answer["error"]["message"]),
        ("UNKNOWN_METHOD", &json!("unknown method: no.such.method"))
    );
    let mut reader = gateway.raw().await;
    reader.shake(&connect_params(&["operator.read"])).await;
    let unknown = reader.call("u", "no.such.method", json!({})).await;
    let known = reader.call("u", "config.get", json!({})).await;
    let least = known["error"]["message"].as_str().map(|text| text.starts_with("missing scope: "));
    assert_eq!(
        (code(&unknown), unknown["error"]["message"].as_str()),
        ("MISSING_SCOPE", Some("missing scope: operator.admin"))
    );
    assert!(known["ok"] == true || least == Some(true), "{known}");
}

#[tokio::test]
async fn starting_over_by_message_needs_administrators_rights() {
    let gateway = TestGateway::start().await;
    let mut writer = gateway.raw().await;
    writer.shake(&connect_params(&["operator.write"])).await;
    for message in ["/new", " /reset now", "\\u002fnew"] {
        let text = format!(
            r#"{{"type":"req","id":"a","method":"agent","params":{{"message":"{message}","idempotencyKey":"k"}}}}"#
        );
        writer.text(text).await;
        let answer = writer.response("a").await;
        assert_eq!(answer["error"]["message"], "missing scope: operator.admin", "{message}: {answer}");
    }
}

#[tokio::test]
async fn health_status_models_and_logs_tell_what_is_there() {
    let gateway = TestGateway::start().await;
    let admin = gateway.connect().await;
    let health: Value = admin.call("health", json!({})).await.unwrap();
    assert_eq!(health["ok"], true, "{health}");
    let status: Value = admin.call("status", json!({})).await.unwrap();
    assert!(status.is_object(), "{status}");
    let models: Value = admin.call("models.list", json!({})).await.unwrap();
    assert!(models["models"].as_array().unwrap().iter().any(|model| model["provider"] == "demo"), "{models}");
    let logs: Value = admin.call("logs.tail", json!({ "limit": 10 })).await.unwrap();
    assert!(logs.is_object(), "{logs}");
    assert!(!format!("{status}{models}{health}").contains(openclaw_testkit::gateway::TOKEN));
}

#[tokio::test]
async fn the_trail_tells_when_runs_began_and_ended_page_by_page() {
    let gateway = TestGateway::start().await;
    let mut talk = Talk::admin(&gateway).await;
    for run in ["one", "two"] {
        talk.ok("chat.send", json!({ "sessionKey": "main", "message": "hi", "idempotencyKey": run })).await;
        talk.event("chat", |chat| chat["runId"] == run && chat["state"] == "final").await;
    }
    let page = talk.ok("audit.list", json!({ "limit": 3 })).await;
    let entries: Vec<(&Value, &Value)> =
        page["events"].as_array().unwrap().iter().map(|entry| (&entry["runId"], &entry["status"])).collect();
    let told = [("two", "succeeded"), ("two", "started"), ("one", "succeeded")];
    assert_eq!(
        entries,
        told.map(|(run, status)| (json!(run), json!(status))).each_ref().map(|(run, status)| (run, status))
    );
    let rest = talk.ok("audit.list", json!({ "limit": 3, "cursor": page["nextCursor"] })).await;
    assert_eq!(rest["events"][0]["runId"], "one", "{rest}");
    assert_eq!((rest["events"].as_array().unwrap().len(), &rest["nextCursor"]), (1, &Value::Null), "{rest}");
    for (wanted, count) in [
        (json!({ "runId": "one" }), 2),
        (json!({ "status": "started" }), 2),
        (json!({ "sessionKey": "main", "agentId": "main" }), 4),
        (json!({ "agentId": "other" }), 0),
        (json!({ "kind": "tool_action" }), 0),
        (json!({ "before": 1 }), 0),
    ] {
        let found = talk.ok("audit.activity.list", wanted.clone()).await;
        assert_eq!(found["events"].as_array().unwrap().len(), count, "{wanted}: {found}");
    }
    let bad = talk.call("audit.list", json!({ "cursor": "x" })).await;
    assert_eq!(bad["error"]["details"]["path"], "params.cursor", "{bad}");
}
