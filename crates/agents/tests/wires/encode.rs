//! What is sent, word for word.

use openclaw_agents::{Message, Part, Request, Role, Sampling};
use openclaw_testkit::llm::{FakeLlm, Wire};
use serde_json::{Value, json};

use super::support::{ask, model, provider, reply, weather};

/// A conversation with everything in it: system prompt, picture, thought, two calls, results in two messages.
fn conversation(wire: Wire) -> Request {
    let signature = match wire {
        Wire::AnthropicMessages => "anthropic:SIGNED",
        Wire::OpenAiResponses => "openai:rs_1|SIGNED",
        _ => "gemini:SIGNED",
    };
    let call =
        |id: &str, city: &str| Part::ToolCall { id: id.into(), name: "weather".into(), args: json!({"city": city}) };
    let result =
        |id: &str, content: &str, is_error| Part::ToolResult { id: id.into(), content: content.into(), is_error };
    Request {
        model: model(wire).into(),
        messages: vec![
            Message::text(Role::System, "Be brief."),
            Message {
                role: Role::User,
                parts: vec![
                    Part::Text("Is it like this there?".into()),
                    Part::image("image/png", b"not really a png"),
                    Part::Text(String::new()),
                ],
            },
            Message {
                role: Role::Assistant,
                parts: vec![
                    Part::Thinking { text: "I must look.".into(), signature: Some(signature.into()) },
                    Part::Text("I look.".into()),
                    call("call_1", "Paris"),
                    call("call_2", "Rome"),
                ],
            },
            Message { role: Role::User, parts: vec![result("call_1", "sunny", false)] },
            Message {
                role: Role::User,
                parts: vec![Part::Text("Hurry!".into()), result("call_2", "no network", true)],
            },
            Message::text(Role::System, "The person is in a hurry."),
            Message::text(Role::Assistant, "Sunny in Paris."),
            Message { role: Role::User, parts: vec![] },
            Message::text(Role::User, "Thanks"),
        ],
        tools: vec![weather()],
        max_tokens: 1_000,
        thinking_budget: Some(2_048),
        traceparent: None,
        sampling: Sampling::default(),
        extra: Some(json!({"metadata": {"user_id": "u1"}, "generationConfig": {"temperature": 0.5},
            "options": {"num_ctx": 8192}})),
    }
}

async fn sent(wire: Wire, request: Request) -> Value {
    let fake = FakeLlm::start().await;
    let outcome = reply(&*provider(&fake, wire), request).await;
    assert!(outcome.is_ok(), "{wire:?}: {outcome:?}");
    fake.requests().remove(0).body
}

#[tokio::test]
async fn a_whole_conversation_on_every_wire() {
    for (wire, name) in [
        (Wire::AnthropicMessages, "anthropic"),
        (Wire::OpenAiCompletions, "openai_chat"),
        (Wire::OpenAiResponses, "openai_responses"),
        (Wire::GoogleGenerativeAi, "gemini"),
        (Wire::Ollama, "ollama"),
    ] {
        insta::assert_json_snapshot!(name, sent(wire, conversation(wire)).await);
    }
}

#[tokio::test]
async fn the_shortest_request_on_every_wire() {
    let mut all = Vec::new();
    for wire in Wire::ALL {
        all.push(sent(wire, ask(wire, "hi")).await);
    }
    insta::assert_json_snapshot!("shortest", all);
}

#[tokio::test]
async fn thinking_is_asked_for_as_each_model_takes_it() {
    let thinking = async |wire, model: &str, budget| {
        let request = Request { model: model.into(), thinking_budget: Some(budget), ..ask(wire, "hi") };
        let body = sent(wire, request).await;
        json!([body["thinking"], body["output_config"], body["max_tokens"], body["generationConfig"]["thinkingConfig"]])
    };
    let anthropic = Wire::AnthropicMessages;
    for old in ["claude-sonnet-4-5-20250929", "claude-opus-4-1", "claude-3-7-sonnet-latest", "other-vendors-model"] {
        let asked = thinking(anthropic, old, 500).await;
        assert_eq!(asked, json!([{"type": "enabled", "budget_tokens": 1024}, null, 2_024, null]), "{old}");
    }
    for new in ["claude-opus-4-6", "claude-sonnet-5", "claude-opus-5-5"] {
        let asked = thinking(anthropic, new, 10_000).await;
        assert_eq!(asked, json!([{"type": "adaptive"}, {"effort": "medium"}, 11_000, null]), "{new}");
    }
    let google = Wire::GoogleGenerativeAi;
    let asked = thinking(google, "gemini-2.5-pro", 500).await;
    assert_eq!(asked[3], json!({"thinkingBudget": 500, "includeThoughts": true}));
    let asked = thinking(google, "models/gemini-3.5-flash", 50_000).await;
    assert_eq!(asked[3], json!({"thinkingLevel": "high", "includeThoughts": true}));
}

#[tokio::test]
async fn how_words_are_chosen_is_said_in_the_words_of_each_wire() {
    let sampling = Sampling {
        temperature: Some(1.5),
        top_p: Some(0.5),
        stop: vec!["END".into()],
        seed: Some(7),
        frequency_penalty: Some(-1.0),
        presence_penalty: Some(2.0),
    };
    let asked = async |wire, thinking_budget| {
        sent(wire, Request { sampling: sampling.clone(), thinking_budget, ..ask(wire, "hi") }).await
    };
    let all = json!({
        "temperature": 1.5, "top_p": 0.5, "stop": ["END"], "seed": 7, "frequency_penalty": -1.0, "presence_penalty": 2.0,
    });
    let part = |body: &Value| -> Value {
        let named = all.as_object().unwrap().keys().map(|name| (name.clone(), body[name].clone()));
        named.collect::<serde_json::Map<_, _>>().into()
    };
    assert_eq!(part(&asked(Wire::OpenAiCompletions, None).await), all);
    assert_eq!(part(&asked(Wire::Ollama, None).await["options"]), all);
    let gemini = asked(Wire::GoogleGenerativeAi, None).await["generationConfig"].clone();
    assert_eq!((&gemini["topP"], &gemini["stopSequences"], &gemini["seed"]), (&json!(0.5), &json!(["END"]), &json!(7)));
    assert_eq!((&gemini["frequencyPenalty"], &gemini["presencePenalty"]), (&json!(-1.0), &json!(2.0)));
    let responses = asked(Wire::OpenAiResponses, None).await;
    assert_eq!((&responses["temperature"], &responses["top_p"]), (&json!(1.5), &json!(0.5)));
    assert!(responses.get("stop").is_none() && responses.get("seed").is_none(), "{responses}");
    let anthropic = asked(Wire::AnthropicMessages, None).await;
    assert_eq!((&anthropic["temperature"], anthropic.get("top_p")), (&json!(1.0), None), "{anthropic}");
    assert_eq!(anthropic["stop_sequences"], json!(["END"]));
    let thinking = asked(Wire::AnthropicMessages, Some(2048)).await;
    assert!(thinking.get("temperature").is_none() && thinking.get("top_p").is_none(), "{thinking}");
}

#[tokio::test]
async fn extra_is_merged_last_and_null_removes() {
    let wire = Wire::Ollama;
    let mut request = ask(wire, "hi");
    request.extra = Some(json!({"options": {"num_ctx": 1, "num_predict": null}, "keep_alive": "5m", "model": "other"}));
    let body = sent(wire, request).await;
    assert_eq!(body["options"], json!({"num_ctx": 1}));
    assert_eq!((&body["keep_alive"], &body["model"]), (&json!("5m"), &json!("other")));
}

#[tokio::test]
async fn each_wire_is_asked_at_its_own_path() {
    let mut targets = Vec::new();
    for wire in Wire::ALL {
        let fake = FakeLlm::start().await;
        reply(&*provider(&fake, wire), ask(wire, "hi")).await.unwrap();
        targets.push(fake.requests().remove(0).target);
    }
    assert_eq!(
        targets,
        [
            "/v1/messages",
            "/v1/chat/completions",
            "/v1/responses",
            "/v1beta/models/gemini-3.5-flash:streamGenerateContent?alt=sse",
            "/api/chat"
        ]
    );
}

#[tokio::test]
async fn base_addresses_may_be_written_with_or_without_their_last_segment() {
    use super::support::{connect, patient, settings};

    for (wire, base) in [
        (Wire::AnthropicMessages, "/v1"),
        (Wire::AnthropicMessages, "/v1/"),
        (Wire::OpenAiCompletions, "/v1/"),
        (Wire::Ollama, "/v1"),
        (Wire::Ollama, "/api/"),
        (Wire::Ollama, "/"),
    ] {
        let fake = FakeLlm::start().await;
        let mut settings = settings(&fake, wire);
        settings.base_url = Some(format!("http://{}{base}", fake.address()));
        let outcome = reply(&*connect(settings, patient()), ask(wire, "hi")).await;
        assert!(outcome.is_ok(), "{wire:?} {base}: {outcome:?}");
    }
}
