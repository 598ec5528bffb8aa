//! `/v1/models`, `/v1/chat/completions`, `/v1/responses`.

use std::time::Duration;

use openclaw_testkit::{
    gateway::TestGateway,
    llm::{FakeLlm, Fault},
};
use serde_json::{Value, json};

use crate::support::{Live, bearer, get, post, post_with, send, with_vendor, words};

fn chat(extra: &Value) -> Value {
    let mut body = json!({ "model": "openclaw", "messages": [{ "role": "user", "content": "hello" }] });
    for (name, value) in extra.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

#[tokio::test]
async fn it_is_off_until_it_is_configured() {
    let gateway = TestGateway::start().await;
    for line in [
        "GET /v1/models",
        "GET /v1/models/openclaw",
        "POST /v1/chat/completions",
        "POST /v1/responses",
        "POST /v1/embeddings",
    ] {
        assert_eq!(send(&gateway, line, &[bearer()], None).await.status, 404, "{line}");
    }
}

#[tokio::test]
async fn agents_are_models() {
    let llm = FakeLlm::start().await;
    let gateway = with_vendor(&llm).await;
    assert_eq!(send(&gateway, "GET /v1/models", &[], None).await.status, 401);
    let models = get(&gateway, "/v1/models").await.json();
    let ids: Vec<&str> = models["data"].as_array().unwrap().iter().map(|model| model["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["openclaw", "openclaw/default", "openclaw/main", "openclaw/helper"]);
    for path in ["/v1/models/openclaw%2Fhelper", "/v1/models/openclaw/helper"] {
        assert_eq!(get(&gateway, path).await.json()["id"], "openclaw/helper", "{path}");
    }
    let missing = get(&gateway, "/v1/models/gpt-4").await;
    assert_eq!((missing.status, &missing.json()["error"]["code"]), (404, &json!("model_not_found")));
    let embeddings = post(&gateway, "/v1/embeddings", &json!({ "model": "openclaw", "input": "x" })).await;
    assert_eq!((embeddings.status, &embeddings.json()["error"]["type"]), (501, &json!("api_error")));
}

#[tokio::test]
async fn a_completion_is_a_turn_of_the_agent() {
    let llm = FakeLlm::start().await;
    let gateway = with_vendor(&llm).await;
    llm.script(words(3, 0));
    let answer =
        post(&gateway, "/v1/chat/completions", &chat(&json!({ "model": "openclaw/helper", "temperature": 0.5 }))).await;
    let reply = answer.json();
    assert_eq!(
        (answer.status, &reply["object"], &reply["model"]),
        (200, &json!("chat.completion"), &json!("openclaw/helper")),
        "{reply}"
    );
    assert_eq!(reply["choices"][0]["message"], json!({ "role": "assistant", "content": "word0 word1 word2 " }));
    assert_eq!(reply["choices"][0]["finish_reason"], "stop");
    assert_eq!(
        (&reply["usage"]["prompt_tokens"], &reply["usage"]["completion_tokens"], &reply["usage"]["total_tokens"]),
        (&json!(1000), &json!(200), &json!(1200))
    );
    let id = reply["id"].as_str().unwrap();
    assert!(id.starts_with("chatcmpl_"), "{id}");
    let run = post(&gateway, "/rpc/agent.wait", &json!({ "runId": id })).await.json();
    assert_eq!(run["payload"]["status"], "ok", "the run has the same name: {run}");
    assert_eq!(llm.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn what_was_said_before_reaches_the_model_in_order() {
    let llm = FakeLlm::start().await;
    let gateway = with_vendor(&llm).await;
    llm.script(words(1, 0));
    let body = chat(&json!({ "messages": [
        { "role": "system", "content": "be brief" },
        { "role": "user", "content": "my name is Ada" },
        { "role": "assistant", "content": "noted" },
        { "role": "user", "content": [{ "type": "text", "text": "what is" }, { "type": "text", "text": "my name?" }] },
    ] }));
    assert_eq!(post(&gateway, "/v1/chat/completions", &body).await.status, 200);
    let asked: Value = llm.requests()[0].body.clone();
    let said: Vec<String> = asked["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| format!("{}: {}", message["role"], message["content"]))
        .collect();
    let said = said.join("\n");
    let at = |text: &str| said.find(text).unwrap_or_else(|| panic!("{text} in {said}"));
    assert!(
        at("be brief") < at("my name is Ada") && at("my name is Ada") < at("noted") && at("noted") < at("my name?"),
        "{said}"
    );
}

#[tokio::test]
async fn a_user_or_a_key_names_a_conversation_that_goes_on() {
    let llm = FakeLlm::start().await;
    let gateway = with_vendor(&llm).await;
    llm.always(words(1, 0));
    for _ in 0..2 {
        post(&gateway, "/v1/chat/completions", &chat(&json!({ "user": "conversation-1" }))).await;
    }
    let named = [bearer(), ("x-openclaw-session-key", "mine".to_owned())];
    let answer = post_with(&gateway, "/v1/chat/completions", &named, &chat(&json!({}))).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let sessions = post(&gateway, "/rpc/sessions.list", &json!({})).await.json();
    let rows = sessions["payload"]["sessions"].as_array().unwrap().clone();
    let keys: Vec<&str> = rows.iter().map(|row| row["key"].as_str().unwrap()).collect();
    assert_eq!(keys.len(), 2, "{keys:?}");
    assert!(
        keys.contains(&"agent:main:mine") && keys.iter().any(|key| key.starts_with("agent:main:openai-user:")),
        "{keys:?}"
    );
    for reserved in ["subagent:x", "cron:x", "acp:x", "hook:x", "agent:main:cron:x"] {
        let headers = [bearer(), ("x-openclaw-session-key", reserved.to_owned())];
        assert_eq!(
            post_with(&gateway, "/v1/chat/completions", &headers, &chat(&json!({}))).await.status,
            400,
            "{reserved}"
        );
    }
    let other = [bearer(), ("x-openclaw-session-key", "agent:helper:x".to_owned())];
    assert_eq!(
        post_with(&gateway, "/v1/chat/completions", &other, &chat(&json!({}))).await.status,
        400,
        "another agent's session"
    );
    let chosen = [bearer(), ("x-openclaw-agent-id", "helper".to_owned())];
    assert_eq!(post_with(&gateway, "/v1/chat/completions", &chosen, &chat(&json!({ "user": "u" }))).await.status, 200);
    let rows = post(&gateway, "/rpc/sessions.list", &json!({ "agentId": "helper" })).await.json();
    assert_eq!(rows["payload"]["sessions"].as_array().unwrap().len(), 1, "{rows}");
}

#[tokio::test]
async fn a_request_that_is_sent_again_is_answered_again_and_not_done_again() {
    let llm = FakeLlm::start().await;
    let gateway = with_vendor(&llm).await;
    llm.always(words(2, 0));
    let headers = [bearer(), ("Idempotency-Key", "retry-1".to_owned())];
    let first = post_with(&gateway, "/v1/chat/completions", &headers, &chat(&json!({}))).await.json();
    let again = post_with(&gateway, "/v1/chat/completions", &headers, &chat(&json!({}))).await.json();
    assert_eq!((&first["id"], &first["choices"]), (&again["id"], &again["choices"]));
    assert_eq!(llm.request_count(), 1);
    let other = post_with(
        &gateway,
        "/v1/chat/completions",
        &headers,
        &chat(&json!({ "messages": [{ "role": "user", "content": "other" }] })),
    )
    .await;
    assert_eq!(other.status, 409, "{other:?}");
}

#[tokio::test]
async fn a_stream_tells_its_role_its_text_its_end_and_its_use() {
    let llm = FakeLlm::start().await;
    let gateway = with_vendor(&llm).await;
    llm.script(words(30, 5));
    let body = chat(&json!({ "stream": true, "stream_options": { "include_usage": true } }));
    let answer = post(&gateway, "/v1/chat/completions", &body).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/event-stream")));
    let data = answer.data();
    assert_eq!(data.last(), Some(&"[DONE]"));
    let chunks: Vec<Value> = data[..data.len() - 1].iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(chunks[0]["choices"][0]["delta"], json!({ "role": "assistant" }));
    let text: String = chunks.iter().filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str()).collect();
    assert_eq!(text, (0..30).map(|at| format!("word{at} ")).collect::<String>());
    assert!(chunks.len() > 4, "it came in pieces");
    assert_eq!(chunks[chunks.len() - 2]["choices"][0]["finish_reason"], "stop");
    let last = chunks.last().unwrap();
    assert_eq!((&last["choices"], &last["usage"]["total_tokens"]), (&json!([]), &json!(1200)), "{last}");
    assert!(chunks.iter().all(|chunk| chunk["id"] == chunks[0]["id"] && chunk["object"] == "chat.completion.chunk"));
}

#[tokio::test]
async fn a_reader_that_goes_away_stops_the_model() {
    let llm = FakeLlm::start().await;
    let gateway = with_vendor(&llm).await;
    for (at, stream) in [true, false].into_iter().enumerate() {
        llm.script(words(8, 0).with(Fault::StallMidStream));
        let body = chat(&json!({ "stream": stream })).to_string();
        let headers = [bearer(), ("Content-Type", "application/json".to_owned())];
        let mut live = Live::open(&gateway, "POST /v1/chat/completions", &headers, Some(&body)).await;
        if stream {
            live.until(|text| text.contains("word0")).await;
        } else {
            while llm.request_count() < 2 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        drop(live);
        llm.until(|connections| connections.abandoned > at as u64).await;
    }
    // The vendor's connection is closed first, and what came of the turn is kept after it.
    loop {
        let list = post(&gateway, "/rpc/sessions.list", &json!({})).await.json();
        if list["payload"]["sessions"].as_array().unwrap().iter().all(|row| row["hasActiveRun"] == false) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn what_is_wrong_is_said_in_the_shape_that_these_programs_read() {
    let llm = FakeLlm::start().await;
    let gateway = with_vendor(&llm).await;
    for (body, status, text) in [
        (chat(&json!({ "model": "gpt-4" })), 400, "Invalid `model`. Use `openclaw` or `openclaw/<agentId>`."),
        (chat(&json!({ "model": "openclaw/nobody" })), 404, "nobody"),
        (chat(&json!({ "messages": [] })), 400, "Missing user message in `messages`."),
        (
            chat(&json!({ "messages": [{ "role": "system", "content": "x" }] })),
            400,
            "Missing user message in `messages`.",
        ),
        (chat(&json!({ "messages": "x" })), 400, "not valid"),
        (
            chat(&json!({ "messages": [{ "role": "user", "content": "x" }, { "role": "assistant", "content": "y" }] })),
            400,
            "the last message",
        ),
        (
            chat(&json!({ "messages": [{ "role": "tool", "content": "x" }, { "role": "user", "content": "y" }] })),
            400,
            "tools",
        ),
        (
            chat(&json!({ "tools": [{ "type": "function", "function": { "name": "f" } }] })),
            400,
            "`tools` is not supported",
        ),
        (chat(&json!({ "n": 2 })), 400, "`n` is not supported"),
        (chat(&json!({ "response_format": { "type": "json_object" } })), 400, "`response_format`"),
        (
            chat(
                &json!({ "messages": [{ "role": "user", "content": [{ "type": "image_url", "image_url": { "url": "http://169.254.169.254/x" } }] }] }),
            ),
            400,
            "fetches nothing",
        ),
        (json!({ "model": "openclaw" }), 400, "messages"),
        (json!([]), 400, "not valid"),
    ] {
        let answer = post(&gateway, "/v1/chat/completions", &body).await;
        let error = answer.json()["error"].clone();
        assert_eq!(answer.status, status, "{body}: {error}");
        assert!(error["message"].as_str().unwrap().contains(text), "{body}: {error}");
        assert!(error["type"].is_string() && error.get("param").is_some(), "{error}");
    }
    assert_eq!(llm.request_count(), 0, "nothing of it reached a model");
    let wrong_model = [bearer(), ("x-openclaw-model", "bare".to_owned())];
    assert_eq!(post_with(&gateway, "/v1/chat/completions", &wrong_model, &chat(&json!({}))).await.status, 400);
}

#[tokio::test]
async fn a_model_that_does_not_answer_is_an_error_and_no_reply() {
    let llm = FakeLlm::start().await;
    let gateway = with_vendor(&llm).await;
    llm.require_key("another");
    let answer = post(&gateway, "/v1/chat/completions", &chat(&json!({}))).await;
    assert_eq!((answer.status, &answer.json()["error"]["type"]), (502, &json!("api_error")), "{answer:?}");
    let streamed = post(&gateway, "/v1/chat/completions", &chat(&json!({ "stream": true }))).await;
    let data = streamed.data();
    assert!(data[data.len() - 2].contains("\"error\"") && data.last() == Some(&"[DONE]"), "{data:?}");
    let response = post(&gateway, "/v1/responses", &json!({ "input": "hi", "stream": true })).await;
    assert!(
        response.body.contains("event: response.failed\n") && !response.body.contains("response.completed"),
        "{response:?}"
    );
}

#[tokio::test]
async fn a_response_is_told_event_by_event_in_order() {
    let llm = FakeLlm::start().await;
    let gateway = with_vendor(&llm).await;
    llm.script(words(10, 5));
    let answer = post(&gateway, "/v1/responses", &json!({ "model": "openclaw", "input": "hi", "stream": true })).await;
    let events: Vec<&str> = answer.body.lines().filter_map(|line| line.strip_prefix("event: ")).collect();
    let mut order = events.clone();
    order.dedup();
    assert_eq!(
        order,
        [
            "response.created",
            "response.in_progress",
            "response.output_item.added",
            "response.content_part.added",
            "response.output_text.delta",
            "response.output_text.done",
            "response.content_part.done",
            "response.output_item.done",
            "response.completed",
        ]
    );
    let data = answer.data();
    assert_eq!(data.last(), Some(&"[DONE]"));
    let told: Vec<Value> = data[..data.len() - 1].iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(
        told.iter()
            .enumerate()
            .all(|(at, event)| event["sequence_number"] == json!(at) && event["type"] == json!(events[at]))
    );
    let text: String = told.iter().filter_map(|event| event["delta"].as_str()).collect();
    let whole = &told.last().unwrap()["response"];
    assert_eq!(whole["output"][0]["content"][0]["text"], json!(text), "{whole}");
    assert_eq!((&whole["status"], &whole["usage"]["total_tokens"]), (&json!("completed"), &json!(1200)));
}

#[tokio::test]
async fn a_response_goes_on_where_an_earlier_one_of_the_same_caller_ended() {
    let llm = FakeLlm::start().await;
    let gateway = with_vendor(&llm).await;
    llm.always(words(2, 0));
    let first = post(&gateway, "/v1/responses", &json!({ "input": [{ "role": "user", "content": [{ "type": "input_text", "text": "my name is Ada" }] }], "instructions": "be brief" })).await.json();
    assert_eq!((&first["object"], &first["status"]), (&json!("response"), &json!("completed")), "{first}");
    let id = first["id"].as_str().unwrap();
    let second =
        post(&gateway, "/v1/responses", &json!({ "input": "and now?", "previous_response_id": id })).await.json();
    assert_eq!(second["previous_response_id"], id);
    let asked = llm.requests()[1].body.to_string();
    assert!(asked.contains("my name is Ada") && asked.contains("word0 word1") && asked.contains("and now?"), "{asked}");
    for missing in ["resp_nothing", "nonsense"] {
        let answer = post(&gateway, "/v1/responses", &json!({ "input": "x", "previous_response_id": missing })).await;
        assert_eq!((answer.status, &answer.json()["error"]["param"]), (400, &json!("previous_response_id")));
    }
    for (body, text) in [
        (json!({ "input": [] }), "Missing user message in `input`."),
        (json!({ "input": [{ "type": "function_call_output", "call_id": "x", "output": "y" }] }), "tools"),
        (json!({ "input": "x", "tools": [{ "type": "function" }] }), "`tools`"),
        (json!({}), "input"),
    ] {
        let answer = post(&gateway, "/v1/responses", &body).await;
        assert!(answer.status == 400 && answer.body.contains(text), "{body}: {answer:?}");
    }
}

#[tokio::test]
async fn what_is_asked_of_a_reply_reaches_the_model() {
    let llm = FakeLlm::start().await;
    let gateway = with_vendor(&llm).await;
    llm.script(words(1, 0));
    let asked = json!({
        "max_tokens": 9, "max_completion_tokens": 7, "temperature": 0.5, "top_p": 0.9, "stop": "END", "seed": 4,
        "frequency_penalty": -1, "presence_penalty": 1.5, "logprobs": false, "tool_choice": "none", "store": true,
    });
    let answer = post(&gateway, "/v1/chat/completions", &chat(&asked)).await;
    assert_eq!(answer.status, 200, "{}", answer.json());
    let sent = llm.requests().remove(0).body;
    let limit = if sent["max_tokens"].is_null() { &sent["max_completion_tokens"] } else { &sent["max_tokens"] };
    assert_eq!(limit, &json!(7), "the newer name counts: {sent}");
    assert_eq!((&sent["temperature"], &sent["top_p"]), (&json!(0.5), &json!(0.9)), "{sent}");
    assert_eq!((&sent["stop"], &sent["seed"]), (&json!(["END"]), &json!(4)), "{sent}");
    assert_eq!((&sent["frequency_penalty"], &sent["presence_penalty"]), (&json!(-1.0), &json!(1.5)), "{sent}");

    llm.script(words(1, 0));
    let asked = json!({
        "model": "openclaw", "input": "hello", "max_output_tokens": 5, "temperature": 1, "metadata": { "a": "b" },
        "reasoning": { "effort": null }, "text": { "format": { "type": "text" } },
    });
    let answer = post(&gateway, "/v1/responses", &asked).await;
    let (reply, sent) = (answer.json(), llm.requests().remove(1).body);
    assert_eq!(
        (answer.status, &reply["metadata"]["a"], &reply["temperature"]),
        (200, &json!("b"), &json!(1.0)),
        "{reply}"
    );
    let limit = if sent["max_tokens"].is_null() { &sent["max_completion_tokens"] } else { &sent["max_tokens"] };
    assert_eq!((limit, &sent["temperature"]), (&json!(5), &json!(1.0)), "{sent}");
}

#[tokio::test]
async fn what_would_have_no_effect_on_a_reply_is_refused_by_name() {
    let llm = FakeLlm::start().await;
    let gateway = with_vendor(&llm).await;
    for (extra, param, code) in [
        (json!({ "max_tokens": 0 }), "max_tokens", None),
        (json!({ "max_completion_tokens": -1 }), "max_completion_tokens", None),
        (json!({ "max_tokens": "5", "max_completion_tokens": 5 }), "max_tokens", None),
        (json!({ "temperature": 2.1 }), "temperature", None),
        (json!({ "top_p": -0.1 }), "top_p", None),
        (json!({ "stop": ["a", "b", "c", "d", "e"] }), "stop", None),
        (json!({ "stop": "" }), "stop", None),
        (json!({ "seed": 1.5 }), "seed", None),
        (json!({ "frequency_penalty": 3 }), "frequency_penalty", None),
        (json!({ "presence_penalty": -2.5 }), "presence_penalty", None),
        (json!({ "reasoning_effort": "enormous" }), "reasoning_effort", None),
        (json!({ "logit_bias": { "50256": -100 } }), "logit_bias", Some("unsupported_parameter")),
        (json!({ "logprobs": true }), "logprobs", Some("unsupported_parameter")),
        (json!({ "top_logprobs": 2 }), "top_logprobs", Some("unsupported_parameter")),
        (json!({ "tool_choice": "required" }), "tool_choice", Some("unsupported_parameter")),
        (json!({ "modalities": ["text", "audio"] }), "modalities", Some("unsupported_parameter")),
        (json!({ "audio": { "voice": "x" } }), "audio", Some("unsupported_parameter")),
        (json!({ "prediction": { "type": "content" } }), "prediction", Some("unsupported_parameter")),
        (json!({ "web_search_options": {} }), "web_search_options", Some("unsupported_parameter")),
    ] {
        let answer = post(&gateway, "/v1/chat/completions", &chat(&extra)).await;
        let error = answer.json()["error"].clone();
        assert_eq!(
            (answer.status, error["param"].as_str(), error["code"].as_str()),
            (400, Some(param), code),
            "{extra}: {error}"
        );
    }
    for (extra, param) in [
        (json!({ "max_output_tokens": 0 }), "max_output_tokens"),
        (json!({ "reasoning": { "effort": "x" } }), "reasoning.effort"),
        (json!({ "text": { "format": { "type": "json_schema" } } }), "text.format"),
        (json!({ "top_logprobs": 1 }), "top_logprobs"),
    ] {
        let mut body = json!({ "model": "openclaw", "input": "hello" });
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        let answer = post(&gateway, "/v1/responses", &body).await;
        assert_eq!((answer.status, answer.json()["error"]["param"].as_str()), (400, Some(param)), "{extra}");
    }
    assert_eq!(llm.request_count(), 0, "nothing of it reached a model");
}
