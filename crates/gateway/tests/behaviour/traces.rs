//! A request's `traceparent` is carried on: to the log, to the run, to the model (W17).

use openclaw_testkit::{
    gateway::{Raw, TestGateway, connect_params},
    llm::{FakeLlm, Fault, Script, Wire},
    log,
};
use serde_json::{Value, json};
use tracing::level_filters::LevelFilter;

use crate::talk::{gateway_on, words};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN: &str = "00f067aa0ba902b7";

async fn connected(gateway: &TestGateway) -> Raw {
    let mut raw = gateway.raw().await;
    raw.shake(&connect_params(&["operator.admin"])).await;
    raw
}

async fn send(raw: &mut Raw, run: &str, traceparent: &Value) {
    raw.send(&json!({
        "type": "req", "id": run, "method": "chat.send", "traceparent": traceparent,
        "params": { "sessionKey": "main", "message": "hello", "idempotencyKey": run },
    }))
    .await;
    assert_eq!(raw.response(run).await["ok"], true);
    loop {
        let chat = raw.event("chat").await;
        if chat["payload"]["runId"] == run && chat["payload"]["state"] != "delta" {
            return;
        }
    }
}

#[tokio::test]
async fn a_traceparent_reaches_the_model_as_a_span_below_and_is_kept_with_the_run_and_in_the_log() {
    for wire in Wire::ALL {
        let llm = FakeLlm::start().await;
        let gateway = gateway_on(&llm, wire).await;
        let _logged = log::kept(gateway.log(), LevelFilter::INFO);
        let mut raw = connected(&gateway).await;
        // Asked twice, because the first answer is a failure.
        llm.script(Script::default().with(Fault::Status(500, None)));
        llm.script(words(3, 0));
        send(&mut raw, "r", &json!(format!("00-{TRACE}-{SPAN}-01"))).await;
        let headers: Vec<String> =
            llm.requests().iter().map(|request| request.header("traceparent").unwrap_or_default().to_owned()).collect();
        assert_eq!(headers.len(), 2, "{wire:?}");
        for header in &headers {
            let fields: Vec<&str> = header.split('-').collect();
            assert_eq!(
                (fields[0], fields[1], fields[2].len(), fields[3]),
                ("00", TRACE, 16, "01"),
                "{wire:?}: {header}"
            );
            assert!(fields[2] != SPAN, "a span of its own: {header}");
        }
        assert!(headers[0] != headers[1], "each attempt is a span");
        let run = raw.call("w", "agent.wait", json!({ "runId": "r" })).await;
        assert_eq!(run["payload"]["meta"]["agentMeta"]["traceId"], TRACE, "{run}");
        let log = raw.call("l", "logs.tail", json!({ "limit": 200 })).await;
        let lines: Vec<&str> = log["payload"]["lines"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        for message in ["Model failed", "Run ended"] {
            let line =
                lines.iter().find(|line| line.contains(message)).unwrap_or_else(|| panic!("{message} in {lines:?}"));
            assert!(line.contains(&format!(r#""trace_id":"{TRACE}""#)), "{line}");
        }
    }
}

#[tokio::test]
async fn without_a_valid_traceparent_nothing_is_sent_on() {
    let llm = FakeLlm::start().await;
    let gateway = gateway_on(&llm, Wire::OpenAiCompletions).await;
    let mut raw = connected(&gateway).await;
    for (at, bad) in [
        Value::Null,
        json!("nonsense"),
        json!(format!("00-{}-{SPAN}-01", "0".repeat(32))),
        json!(format!("00-{}-{SPAN}-01", TRACE.to_uppercase())),
        json!(format!("00-{TRACE}-{SPAN}-01\r\nx-evil: 1")),
    ]
    .iter()
    .enumerate()
    {
        let run = format!("r{at}");
        send(&mut raw, &run, bad).await;
        assert_eq!(llm.requests().pop().unwrap().header("traceparent"), None, "{bad}");
        let run = raw.call("w", "agent.wait", json!({ "runId": run })).await;
        assert_eq!(run["payload"]["meta"]["agentMeta"].get("traceId"), None, "{run}");
    }
}
