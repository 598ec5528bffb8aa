//! Whole answers, read on every wire.

use openclaw_agents::{Message, Part, Role, Stop, Usage};
use openclaw_testkit::llm::{self, FakeLlm, Say, Script, Wire};
use serde_json::json;

use super::support::{Reply, ask, provider, reply, weather};

/// Everything that a wire can say: thoughts with a signature, text that splits badly, two calls side by side.
pub(crate) fn everything() -> Script {
    let arguments = |call, json: &str| Say::Arguments { call, json: json.into() };
    Script {
        deltas: vec![
            Say::Thinking("Let me ".into()),
            Say::Thinking("think. ".into()),
            Say::Signature("c2lnbmVk".into()),
            Say::Text("Grüße ".into()),
            Say::Text("👋, ich sehe\nnach.".into()),
            Say::Call { id: "call_a".into(), name: "weather".into() },
            Say::Call { id: "call_b".into(), name: "weather".into() },
            arguments(0, "{\"city\":"),
            arguments(1, "{\"city\":\"Ko"),
            arguments(0, "\"Paris\"}"),
            arguments(1, "\u{308}ln\"}"),
        ],
        usage: llm::Usage { input: 100, output: 50, cache_read: 30, cache_write: 7, reasoning: 20 },
        ..Script::default()
    }
}

/// Checks that a reply is all of [`everything`], as far as the wire can say it.
pub(crate) fn assert_everything(wire: Wire, reply: &Reply, what: &str) {
    assert_eq!(reply.text, "Grüße 👋, ich sehe\nnach.", "{wire:?} {what}");
    assert_eq!(reply.thinking, "Let me think. ", "{wire:?} {what}");
    let signature = match wire {
        Wire::AnthropicMessages => Some("anthropic:c2lnbmVk"),
        Wire::OpenAiResponses => Some("openai:rs_1|c2lnbmVk"),
        Wire::GoogleGenerativeAi => Some("gemini:c2lnbmVk"),
        Wire::OpenAiCompletions | Wire::Ollama => None,
    };
    assert_eq!(reply.signatures, Vec::from_iter(signature.map(str::to_owned)), "{wire:?} {what}");
    let ids = if wire == Wire::Ollama {
        ["call_made_20261120T100000123Z_0", "call_made_20261120T100000123Z_1"]
    } else {
        ["call_a", "call_b"]
    };
    let call = |id: &str, city: &str| (id.to_owned(), "weather".to_owned(), json!({"city": city}));
    assert_eq!(reply.calls, [call(ids[0], "Paris"), call(ids[1], "Ko\u{308}ln")], "{wire:?} {what}");
    let (cache_read, cache_write, reasoning) = match wire {
        Wire::AnthropicMessages => (30, 7, 0),
        Wire::Ollama => (0, 0, 0),
        _ => (30, 0, 20),
    };
    let usage = Usage { input: 100, output: 50, cache_read, cache_write, reasoning };
    assert_eq!(reply.usage, Some(usage), "{wire:?} {what}");
    assert_eq!(reply.stop, Some(Stop::ToolUse), "{wire:?} {what}");
}

#[tokio::test]
async fn everything_a_wire_can_say_arrives() {
    for wire in Wire::ALL {
        let fake = FakeLlm::start().await;
        fake.script(everything());
        let reply = reply(&*provider(&fake, wire), ask(wire, "hi")).await.unwrap();
        assert_everything(wire, &reply, "plain");
        assert_eq!(fake.violations(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_reply_goes_back_in_the_next_turn_as_the_vendor_demands() {
    for wire in Wire::ALL {
        let fake = FakeLlm::start().await;
        fake.script(everything());
        let provider = provider(&fake, wire);
        let mut request = ask(wire, "What is the weather in Paris and Köln?");
        request.tools = vec![weather()];
        request.thinking_budget = Some(2_048);
        let first = reply(&*provider, request.clone()).await.unwrap();
        let result =
            |at: usize| Part::ToolResult { id: first.calls[at].0.clone(), content: "sunny".into(), is_error: at == 1 };
        request.messages.push(Message { role: Role::Assistant, parts: first.parts.clone() });
        request.messages.push(Message { role: Role::User, parts: vec![result(0)] });
        request.messages.push(Message { role: Role::User, parts: vec![Part::Text("and now?".into()), result(1)] });
        let second = reply(&*provider, request).await.unwrap_or_else(|failed| panic!("{wire:?}: {failed:?}"));
        assert!(second.text.starts_with("echo: and now?"), "{wire:?}: {}", second.text);
        assert_eq!((second.stop, fake.violations()), (Some(Stop::EndTurn), vec![]), "{wire:?}");
        let sent = fake.requests()[1].body.to_string();
        let signed = !first.signatures.is_empty();
        assert_eq!(sent.contains("\"c2lnbmVk\""), signed, "{wire:?} replays its signature: {sent}");
    }
}

#[tokio::test]
async fn a_conversation_can_move_from_any_wire_to_any_other() {
    for from in Wire::ALL {
        let fake = FakeLlm::start().await;
        fake.script(everything());
        let first = reply(&*provider(&fake, from), ask(from, "hi")).await.unwrap();
        for to in Wire::ALL {
            let mut request = ask(to, "hi");
            let results = first.calls.iter().map(|(id, _, _)| Part::ToolResult {
                id: id.clone(),
                content: "sunny".into(),
                is_error: false,
            });
            request.messages.push(Message { role: Role::Assistant, parts: first.parts.clone() });
            request.messages.push(Message { role: Role::User, parts: results.collect() });
            let second = reply(&*provider(&fake, to), request).await;
            assert!(second.is_ok(), "{from:?} to {to:?}: {second:?}");
            let sent = fake.requests().pop().unwrap().body.to_string();
            assert!(from == to || !sent.contains("c2lnbmVk"), "{to:?} got a signature of {from:?}: {sent}");
        }
    }
}

#[tokio::test]
async fn each_reason_to_stop_is_read() {
    for wire in Wire::ALL {
        for (said, read) in [
            (llm::Stop::End, Stop::EndTurn),
            (llm::Stop::MaxTokens, Stop::MaxTokens),
            (llm::Stop::Refusal, if wire == Wire::Ollama { Stop::EndTurn } else { Stop::Refusal }),
        ] {
            let fake = FakeLlm::start().await;
            fake.script(Script { stop: said, ..Script::text("x") });
            let reply = reply(&*provider(&fake, wire), ask(wire, "hi")).await.unwrap();
            assert_eq!(reply.stop, Some(read), "{wire:?}");
        }
    }
}

#[tokio::test]
async fn calls_without_arguments_are_whole() {
    for wire in Wire::ALL {
        let fake = FakeLlm::start().await;
        let call = Say::Call { id: "call_a".into(), name: "now".into() };
        fake.script(Script { deltas: vec![call], ..Script::default() });
        let reply = reply(&*provider(&fake, wire), ask(wire, "hi")).await.unwrap();
        assert_eq!((reply.calls[0].1.as_str(), &reply.calls[0].2), ("now", &json!({})), "{wire:?}");
        assert_eq!(reply.stop, Some(Stop::ToolUse), "{wire:?}");
    }
}

#[tokio::test]
async fn input_tokens_are_known_as_soon_as_the_wire_tells_them() {
    use futures_util::StreamExt;
    use openclaw_agents::Delta;

    let fake = FakeLlm::start().await;
    let mut script = everything().with(llm::Fault::StallMidStream);
    script.usage.output = 9;
    fake.script(script);
    let wire = Wire::AnthropicMessages;
    let mut stream = provider(&fake, wire).stream(ask(wire, "hi")).await.unwrap();
    assert!(matches!(stream.next().await, Some(Ok(Delta::Started { request_id: Some(id) })) if id == "req_fake"));
    let usage = Usage { input: 100, output: 1, cache_read: 30, cache_write: 7, reasoning: 0 };
    assert_eq!(stream.next().await, Some(Ok(Delta::Usage(usage))));
}
