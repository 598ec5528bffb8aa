//! The method table from the outside (A9, M10, M11, M21).

use std::collections::BTreeMap;

use openclaw_testkit::gateway::{TestGateway, connect_params};
use serde_json::{Value, json};

use crate::devices::code;

const SCOPES: [&str; 5] =
    ["operator.read", "operator.write", "operator.approvals", "operator.pairing", "operator.admin"];

/// What a connection with one scope may do, as the rules of scopes say.
fn covers(granted: &str, needed: &str) -> bool {
    granted == needed || granted == "operator.admin" || (granted == "operator.write" && needed == "operator.read")
}

#[tokio::test]
async fn every_method_refuses_whoever_lacks_its_scope_and_hello_lists_the_others() {
    let gateway = TestGateway::start().await;
    let schema = openclaw_gateway::schema();
    let needed: BTreeMap<&str, Option<&str>> = schema["methods"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(_, method)| method["role"] == "operator")
        .map(|(name, method)| (name.as_str(), method["scope"].as_str()))
        .collect();
    let mut admin = gateway.raw().await;
    let hello = admin.shake(&connect_params(&["operator.admin"])).await;
    let listed: Vec<&str> =
        hello["payload"]["features"]["methods"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(listed, needed.keys().copied().collect::<Vec<_>>(), "an administrator may call everything");

    let connections = SCOPES.iter().map(|scope| vec![*scope]).chain([vec![]]);
    for scopes in connections {
        let mut raw = gateway.raw().await;
        let hello = raw.shake(&connect_params(&scopes)).await;
        let listed: Vec<&str> =
            hello["payload"]["features"]["methods"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        for (name, scope) in &needed {
            let may = scope.is_none_or(|needed| scopes.iter().any(|granted| covers(granted, needed)));
            assert_eq!(listed.contains(name), may, "{scopes:?} {name}");
            if may {
                continue;
            }
            // Bad parameters on purpose: they are not looked at before the scope is.
            let answer = raw.call(name, name, json!({ "no such": "parameter" })).await;
            let text = format!("missing scope: {}", scope.unwrap());
            assert_eq!((code(&answer), &answer["error"]["message"]), ("MISSING_SCOPE", &json!(text)), "{name}");
        }
        assert_eq!(raw.call("ping", "ping", json!({})).await["ok"], true, "{scopes:?}");
    }
}

#[tokio::test]
async fn every_method_refuses_parameters_that_it_does_not_know_and_says_where() {
    let gateway = TestGateway::start().await;
    let mut admin = gateway.raw().await;
    admin.shake(&connect_params(&["operator.admin"])).await;
    for (name, method) in openclaw_gateway::schema()["methods"].as_object().unwrap() {
        let answer = admin.call(name, name, json!({ "noSuchParameter": 1 })).await;
        if let Some(why) = method["unavailable"].as_str() {
            assert_eq!(
                answer["error"]["code"],
                if method["role"] == "node" { "INVALID_REQUEST" } else { "UNAVAILABLE" }
            );
            let message = answer["error"]["message"].as_str().unwrap();
            assert!(message.contains(why) || message == "unauthorized role: operator", "{name}: {message}");
            continue;
        }
        if method["role"] == "node" {
            assert_eq!(answer["error"]["message"], "unauthorized role: operator", "{name}: {answer}");
            continue;
        }
        assert_eq!(answer["error"]["code"], "INVALID_REQUEST", "{name}: {answer}");
        let message = answer["error"]["message"].as_str().unwrap();
        assert!(message.contains(name.as_str()) || message.contains("noSuchParameter"), "{name}: {message}");
        let answer = admin.call(name, name, json!("no object")).await;
        assert_eq!(answer["error"]["code"], "INVALID_REQUEST", "{name}: {answer}");
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
