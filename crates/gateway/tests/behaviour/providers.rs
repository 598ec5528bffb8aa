//! Whole turns on every wire, and what vendors do wrong (G2).

use openclaw_testkit::llm::{FakeLlm, Fault, RetryAfter, Say, Script, Wire};
use serde_json::json;

use crate::talk::{Talk, gateway_on, words};

/// A picture of one dot.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

#[tokio::test]
async fn a_turn_with_a_picture_and_thinking_goes_through_every_wire() {
    for wire in Wire::ALL {
        let llm = FakeLlm::start().await;
        let gateway = gateway_on(&llm, wire).await;
        let mut talk = Talk::admin(&gateway).await;
        for round in ["one", "two"] {
            let mut script = words(6, 0);
            script.deltas.insert(0, Say::Thinking("let me see".into()));
            script.deltas.insert(1, Say::Signature("c2lnbmVk".into()));
            llm.script(script);
            let ask = json!({
                "sessionKey": "main", "message": "what is this?", "idempotencyKey": round, "thinking": "low",
                "attachments": [{ "type": "image", "mimeType": "image/png", "fileName": "dot.png", "content": PNG }],
            });
            talk.ok("chat.send", ask).await;
            let (text, end) = talk.ending(round).await;
            assert_eq!(end["state"], "final", "{wire:?}: {end}");
            assert_eq!(text, "word0 word1 word2 word3 word4 word5 ", "{wire:?}");
            let content = end["message"]["content"].as_array().unwrap();
            assert_eq!(
                (&content[0]["type"], &content[0]["thinking"]),
                (&json!("thinking"), &json!("let me see")),
                "{wire:?}: {end}"
            );
        }
        assert_eq!(llm.violations(), Vec::<String>::new(), "{wire:?}");
        let asked = llm.requests().pop().unwrap().body.to_string();
        assert!(asked.contains(PNG), "{wire:?}: the picture goes to the model");
        let row = talk.row("main").await;
        assert!(
            row["inputTokens"].as_u64() >= Some(2000) && row["outputTokens"].as_u64() >= Some(400),
            "{wire:?}: {row}"
        );
    }
}

#[tokio::test]
async fn whatever_a_vendor_does_wrong_is_an_error_by_name_and_the_session_goes_on() {
    let said = || words(8, 0);
    let cases = [
        (Script::default().with(Fault::Status(401, None)), "refused the API key (401)"),
        (Script::default().with(Fault::EchoKey), "refused the API key (401)"),
        (Script::default().with(Fault::Status(403, None)), "forbids this"),
        (Script::default().with(Fault::Status(404, None)), "does not know this model"),
        (Script::default().with(Fault::Status(429, Some(RetryAfter::Seconds(1)))), "limits our requests"),
        (Script::default().with(Fault::Status(500, None)), "the provider failed (500)"),
        (Script::default().with(Fault::Html(502)), "the provider failed (502)"),
        (Script::default().with(Fault::PlainError), ""),
        (said().with(Fault::InvalidJson), "not a valid answer"),
        (said().with(Fault::ErrorEvent), ""),
        (said().with(Fault::Cut), "cut off before its end"),
        (said().with(Fault::CleanEof), "cut off before its end"),
    ];
    for wire in [Wire::AnthropicMessages, Wire::OpenAiCompletions, Wire::Ollama] {
        let llm = FakeLlm::start().await;
        let gateway = gateway_on(&llm, wire).await;
        let mut talk = Talk::admin(&gateway).await;
        for (at, (script, wanted)) in cases.iter().enumerate() {
            llm.always(script.clone());
            let (run, session) = (format!("r{at}"), format!("s{at}"));
            talk.say(&session, &run, "hello").await;
            let (_, end) = talk.ending(&run).await;
            let text = end["errorMessage"].as_str().unwrap_or_default().to_owned();
            assert_eq!(end["state"], "error", "{wire:?} {script:?}: {end}");
            assert!(text.contains(wanted) && !text.is_empty(), "{wire:?} {script:?}: {text}");
            assert!(!end.to_string().contains("key-of-the-vendor"), "{end}");
            let waited = talk.ok("agent.wait", json!({ "runId": run })).await;
            assert_eq!((&waited["status"], &waited["error"]), (&json!("error"), &json!(text)));
            let lines = talk.lines(&session).await;
            assert_eq!(lines[0], ("user".to_owned(), "hello".to_owned()));
            // The same session works as soon as the vendor does.
            llm.always(Script::text("well again"));
            talk.say(&session, &format!("again{at}"), "and now?").await;
            let (text, end) = talk.ending(&format!("again{at}")).await;
            assert_eq!((&end["state"], text.as_str()), (&json!("final"), "well again"), "{end}");
        }
        assert_eq!(llm.violations(), Vec::<String>::new(), "{wire:?}");
    }
}

#[tokio::test]
async fn a_vendor_that_is_not_there_is_an_error_that_names_it() {
    let llm = FakeLlm::start().await;
    let gateway = gateway_on(&llm, Wire::OpenAiCompletions).await;
    let address = llm.address().to_string();
    drop(llm);
    let mut talk = Talk::admin(&gateway).await;
    talk.say("main", "a", "hello").await;
    let (_, end) = talk.ending("a").await;
    assert!(end["errorMessage"].as_str().unwrap().contains(&address), "{end}");
}
