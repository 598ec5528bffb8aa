//! JSON at its edges (T29, T30, T31): bombs, numbers that are none, letters that are halves, keys that mean something elsewhere.

use openclaw_testkit::gateway::{Raw, TestGateway, connect_params};
use serde_json::{Value, json};

async fn owner(gateway: &TestGateway) -> Raw {
    let mut raw = gateway.raw().await;
    let hello = raw.shake(&connect_params(&["operator.admin"])).await;
    assert_eq!(hello["ok"], true, "{hello}");
    raw
}

/// Parameters that no method takes.
fn odd() -> Vec<String> {
    let mut all: Vec<String> = [
        r#"{"limit":1e400}"#,
        r#"{"limit":-1e400}"#,
        r#"{"limit":NaN}"#,
        r#"{"limit":Infinity}"#,
        r#"{"limit":-0}"#,
        r#"{"limit":-1}"#,
        r#"{"limit":1.5}"#,
        r#"{"limit":18446744073709551616}"#,
        r#"{"limit":99999999999999999999999999999999999999}"#,
        r#"{"limit":0x10}"#,
        r#"{"limit":01}"#,
        r#"{"limit":+1}"#,
        r#"{"limit":"1"}"#,
        r#"{"limit":true}"#,
        r#"{"limit":[1]}"#,
        r#"{"limit":{"a":1}}"#,
        r#"{"limit":1,"limit":2}"#,
        r#"{"cursor":9007199254740993.5}"#,
        r#"{"__proto__":{"admin":true}}"#,
        r#"{"constructor":{"prototype":{"admin":true}}}"#,
        r#"{"prototype":1}"#,
        r#"{"toString":1}"#,
        r#"{"\u005f_proto__":1}"#,
        r#"{"Limit":1}"#,
        r#"{"limit\u0000":1}"#,
        r#"{"":1}"#,
        r#"{"\ud800":1}"#,
        r#"{"limit":"\ud800"}"#,
        r#"{"limit":"\udc00\ud800"}"#,
        r#"{"limit":"\u12"}"#,
        r#"{'limit':1}"#,
        r#"{limit:1}"#,
        r#"{"limit":1,}"#,
        r#"{"limit":1}//"#,
        r#"[]"#,
        r#""text""#,
        r#"7"#,
        r#"true"#,
    ]
    .map(str::to_owned)
    .into();
    all.push(format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)));
    all.push(format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000)));
    all.push(format!("{{\"limit\":{}1{}}}", "[".repeat(200), "]".repeat(200)));
    all.push(format!("{{{}\"z\":1}}", (0..200_000).map(|at| format!("\"k{at}\":{at},")).collect::<String>()));
    all.push(format!("{{\"limit\":[{}1]}}", "1,".repeat(500_000)));
    all.push(format!("{{\"limit\":{}}}", "9".repeat(100_000)));
    all.push(format!("{{\"{}\":1}}", "k".repeat(1_000_000)));
    all
}

#[tokio::test]
async fn t29_t30_t31_json_at_its_edges_is_an_error_of_that_call_and_nothing_else() {
    let gateway = TestGateway::start().await;
    let mut raw = owner(&gateway).await;
    for (at, params) in odd().into_iter().enumerate() {
        let shown: String = params.chars().take(60).collect();
        raw.text(format!(r#"{{"type":"req","id":"odd-{at}","method":"logs.tail","params":{params}}}"#)).await;
        // What is no JSON at all has no name; a call behind it shows that the connection goes on.
        raw.send(&json!({ "type": "req", "id": format!("after-{at}"), "method": "ping" })).await;
        let mut refused = 0;
        loop {
            let frame = raw.next().await.frame();
            if frame["id"] == format!("after-{at}") {
                assert_eq!(frame["ok"], true, "{shown}: {frame}");
                break;
            }
            if frame["type"] == "res" {
                assert_eq!(frame["ok"], false, "{shown}: {frame}");
                let message = frame["error"]["message"].as_str().unwrap();
                assert!(!message.is_empty() && message.len() <= 4096, "{shown}: {frame}");
                refused += 1;
            }
        }
        assert_eq!(refused, 1, "{shown}");
    }
    // The same over HTTP, where a body stands alone.
    for params in odd() {
        let shown: String = params.chars().take(60).collect();
        let request = format!(
            "POST /rpc/logs.tail HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{params}",
            gateway.authority(),
            openclaw_testkit::gateway::TOKEN,
            params.len()
        );
        let answer = gateway.tcp(request.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400") || answer.starts_with("HTTP/1.1 413"), "{shown}: {answer}");
    }
}

#[tokio::test]
async fn t29_t31_a_stranger_s_odd_json_is_told_and_ends_its_connection() {
    let gateway = TestGateway::start().await;
    for (name, value) in [
        ("__proto__", json!({ "role": "operator", "scopes": ["operator.admin"] })),
        ("constructor", json!({ "prototype": { "scopes": ["operator.admin"] } })),
        ("prototype", json!({ "auth": { "ok": true } })),
    ] {
        // Members that nobody knows are passed over in `connect`, so that clients of tomorrow get in; they earn nothing.
        let mut params = connect_params(&["operator.admin"]);
        params[name] = value;
        params["auth"] = json!({});
        let answer = gateway.raw().await.shake(&params).await;
        assert_eq!(answer["ok"], false, "{name}: {answer}");
    }
    for text in [
        format!("{}{}", "[".repeat(30_000), "]".repeat(30_000)),
        format!("{}1{}", "{\"a\":".repeat(10_000), "}".repeat(10_000)),
        format!(
            r#"{{"type":"req","id":"1","method":"connect","params":{}1{}}}"#,
            "[".repeat(20_000),
            "]".repeat(20_000)
        ),
        r#"{"type":"req","id":"1","method":"connect","params":{"minProtocol":1e400,"maxProtocol":4}}"#.to_owned(),
        r#"{"type":"req","id":"1","method":"connect","params":{"minProtocol":-1,"maxProtocol":99999999999999999999}}"#
            .to_owned(),
        r#"{"type":"req","id":"1","method":"connect","params":{"client":{"id":"\ud800"}}}"#.to_owned(),
    ] {
        let mut raw = gateway.raw().await;
        raw.challenge().await;
        raw.text(text.clone()).await;
        let end = raw.end().await;
        let shown: String = text.chars().take(60).collect();
        assert!(!matches!(end, openclaw_testkit::gateway::Got::Frame(_)), "{shown}: {end:?}");
    }
    let alive: Value = gateway.connect().await.call("ping", json!({})).await.unwrap();
    assert!(alive.is_object(), "{alive}");
}
