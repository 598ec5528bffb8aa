use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::*;

async fn post(fake: &FakeLlm, path: &str, headers: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(fake.address()).await.unwrap();
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n{headers}content-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let end = |answer: &[u8]| answer.ends_with(b"0\r\n\r\n") || answer.ends_with(b"}");
    while !end(&answer) && stream.read_buf(&mut answer).await.unwrap() > 0 {}
    String::from_utf8(answer).unwrap()
}

const CHAT: &str = r#"{"model":"m","stream":true,"stream_options":{"include_usage":true},"max_tokens":5,
    "messages":[{"role":"user","content":"hello there"}]}"#;

#[tokio::test]
async fn without_a_script_it_echoes_as_many_tokens_as_set() {
    let settings = Settings { reply_tokens: 3, ..Settings::default() };
    let fake = FakeLlm::start_on(([127, 0, 0, 1], 0).into(), settings).await.unwrap();
    let answer = post(&fake, "/v1/chat/completions", "authorization: Bearer k\r\n", CHAT).await;
    for part in ["echo: hello there", "\" t1\"", "\" t2\"", "\"completion_tokens\":3", "[DONE]"] {
        assert!(answer.contains(part), "{part} is missing in {answer}");
    }
    assert!(!answer.contains("\" t3\""));
    assert_eq!((fake.request_count(), fake.violations()), (1, vec![]));
}

#[tokio::test]
async fn a_request_that_the_vendor_refuses_is_refused_and_remembered() {
    let fake = FakeLlm::start().await;
    let answer =
        post(&fake, "/v1/chat/completions", "authorization: Bearer k\r\n", r#"{"model":"m","stream":true}"#).await;
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("stream_options.include_usage"), "{answer}");
    assert_eq!(fake.violations(), ["OpenAiCompletions: stream_options.include_usage: must be true"]);
    let answer = post(&fake, "/v1/chat/completions", "", CHAT).await;
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    fake.require_key("right");
    let answer = post(&fake, "/v1/chat/completions", "authorization: Bearer k\r\n", CHAT).await;
    assert!(answer.contains("the key is wrong"), "{answer}");
}

#[tokio::test]
async fn an_abandoned_answer_is_counted() {
    let fake = FakeLlm::start().await;
    fake.script(Script::text("x").with(Fault::StallMidStream));
    let waiting = post(&fake, "/v1/chat/completions", "authorization: Bearer k\r\n", CHAT);
    assert!(tokio::time::timeout(Duration::from_millis(100), waiting).await.is_err());
    fake.until(|connections| connections.abandoned == 1 && connections.open == 0).await;
}

/// Every rule that the checks know, each broken once.
#[test]
fn each_broken_rule_is_named() {
    let recorded = |target: &str, body: &str| Recorded {
        wire: Wire::at(target.split('?').next().unwrap()),
        connection: 0,
        target: target.into(),
        headers: vec![
            ("content-type".into(), "application/json".into()),
            ("anthropic-version".into(), "2023-06-01".into()),
        ],
        body: serde_json::from_str(body).unwrap(),
    };
    let anthropic = |messages: &str| format!(r#"{{"model":"m","stream":true,"max_tokens":9,"messages":{messages}}}"#);
    let gemini = "/v1beta/models/gemini-3-x:streamGenerateContent?alt=sse";
    let config = r#""generationConfig":{"maxOutputTokens":9}"#;
    let cases = [
        ("/v1/messages", anthropic("[]"), "messages: must not be empty"),
        (
            "/v1/messages",
            anthropic(r#"[{"role":"assistant","content":[{"type":"text","text":"a"}]}]"#),
            "messages: roles must alternate, expected user",
        ),
        (
            "/v1/messages",
            anthropic(
                r#"[{"role":"user","content":[{"type":"text","text":"a"}]},{"role":"assistant","content":[{"type":"tool_use","id":"1","name":"n","input":{}}]},
                {"role":"user","content":[{"type":"text","text":"b"},{"type":"tool_result","tool_use_id":"1","content":"c"}]}]"#,
            ),
            "tool_result blocks must come first, one for each call",
        ),
        (
            "/v1/messages",
            anthropic(
                r#"[{"role":"user","content":[{"type":"text","text":"a"}]},{"role":"assistant","content":[{"type":"tool_use","id":"1","name":"n","input":{}}]}]"#,
            ),
            "tool_use ids without tool_result",
        ),
        (
            "/v1/responses",
            r#"{"model":"m","stream":true,"max_output_tokens":16,"input":[{"type":"function_call_output","call_id":"1","output":"x"}]}"#.into(),
            "no tool call found for function call output",
        ),
        (
            gemini,
            format!(
                r#"{{{config},"contents":[{{"role":"model","parts":[{{"functionCall":{{"name":"n","args":{{}}}}}}]}}]}}"#
            ),
            "function call is missing a thought_signature",
        ),
        ("/api/chat", r#"{"model":"m","stream":true,"messages":[{"role":"tool","content":"x"}]}"#.into(), "a tool message must follow tool_calls"),
    ];
    for (target, body, what) in cases {
        let request = recorded(target, &body);
        assert_eq!(check::request(request.wire.unwrap(), &request), Err(what.to_owned()), "{body}");
    }
}
