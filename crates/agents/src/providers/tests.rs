//! Answers of servers that imitate a wire and get it slightly wrong, and corners that vendors have.

use serde_json::{Value, json};

use super::{
    anthropic::Anthropic, gemini::Gemini, openai_chat::OpenAiChat, openai_responses::OpenAiResponses, remote::Wire,
};
use crate::{Delta, Stop, Usage, transport::Decode};

fn decode<W: Wire>(_: &W, events: &[Value]) -> Vec<Delta> {
    let mut decoder = W::Decoder::default();
    let mut out = Vec::new();
    for event in events {
        decoder.event(event, &mut out).unwrap();
    }
    if !matches!(out.last(), Some(Delta::Done(_))) {
        decoder.end(&mut out).unwrap();
    }
    out
}

fn start(index: u32, id: &str, name: &str) -> Delta {
    Delta::ToolStart { index, id: id.into(), name: name.into() }
}

fn args(index: u32, json: &str) -> Delta {
    Delta::ToolArgs { index, json: json.into() }
}

fn chat(delta: &Value) -> Value {
    json!({"id": "chatcmpl-1", "choices": [{"delta": delta}]})
}

fn finish(reason: &str) -> Value {
    json!({"choices": [{"delta": {}, "finish_reason": reason}]})
}

#[test]
fn parallel_calls_under_one_index_are_told_apart_by_their_ids() {
    let call = |id: &str, arguments: &str| {
        chat(&json!({"tool_calls": [{"index": 0, "id": id, "function": {"name": "n", "arguments": arguments}}]}))
    };
    let more = chat(&json!({"tool_calls": [{"index": 0, "function": {"arguments": "}"}}]}));
    let deltas = decode(&OpenAiChat, &[call("a", "{}"), call("b", "{"), more, finish("stop")]);
    let expected = [
        start(0, "a", "n"),
        args(0, "{}"),
        Delta::ToolEnd { index: 0 },
        start(1, "b", "n"),
        args(1, "{"),
        args(1, "}"),
        Delta::ToolEnd { index: 1 },
        Delta::Done(Stop::ToolUse),
    ];
    assert_eq!(deltas, expected);
}

#[test]
fn calls_without_index_and_id_with_an_object_as_arguments_are_read() {
    let calls =
        json!([{"function": {"name": "n", "arguments": {"x": 1}}}, {"function": {"name": "m", "arguments": ""}}]);
    let deltas = decode(&OpenAiChat, &[chat(&json!({"tool_calls": calls})), finish("tool_calls")]);
    let expected = [
        start(0, "call_made_chatcmpl1_0", "n"),
        args(0, "{\"x\":1}"),
        start(1, "call_made_chatcmpl1_1", "m"),
        Delta::ToolEnd { index: 0 },
        Delta::ToolEnd { index: 1 },
        Delta::Done(Stop::ToolUse),
    ];
    assert_eq!(deltas, expected);
}

#[test]
fn an_id_that_is_repeated_begins_no_new_call() {
    let call = |arguments: &str| {
        chat(&json!({"tool_calls": [{"index": 0, "id": "a", "function": {"name": "n", "arguments": arguments}}]}))
    };
    let deltas = decode(&OpenAiChat, &[call("{"), call("}"), finish("tool_calls")]);
    assert_eq!(deltas[..3], [start(0, "a", "n"), args(0, "{"), args(0, "}")]);
}

#[test]
fn an_empty_usage_is_no_usage() {
    let deltas = decode(&OpenAiChat, &[json!({"choices": [], "usage": {}}), finish("stop")]);
    assert_eq!(deltas, [Delta::Done(Stop::EndTurn)]);
}

#[test]
fn a_refusal_in_words_is_text_and_a_refusal() {
    let deltas = decode(&OpenAiChat, &[chat(&json!({"refusal": "No."})), finish("stop")]);
    assert_eq!(deltas, [Delta::Text("No.".into()), Delta::Done(Stop::Refusal)]);
    let refused = json!({"type": "response.refusal.delta", "delta": "No."});
    let done = json!({"type": "response.completed", "response": {"usage": null}});
    let deltas = decode(&OpenAiResponses, &[refused, done]);
    assert_eq!(deltas, [Delta::Text("No.".into()), Delta::Done(Stop::Refusal)]);
}

#[test]
fn arguments_that_come_only_with_the_finished_item_are_read() {
    let item = |arguments: &str| json!({"type": "function_call", "call_id": "a", "name": "n", "arguments": arguments});
    let added = json!({"type": "response.output_item.added", "output_index": 4, "item": item("")});
    let done = json!({"type": "response.output_item.done", "output_index": 4, "item": item("{}")});
    let end =
        json!({"type": "response.incomplete", "response": {"incomplete_details": {"reason": "max_output_tokens"}}});
    let deltas = decode(&OpenAiResponses, &[added, done, end]);
    let expected = [start(0, "a", "n"), args(0, "{}"), Delta::ToolEnd { index: 0 }, Delta::Done(Stop::MaxTokens)];
    assert_eq!(deltas, expected);
}

#[test]
fn hidden_thoughts_are_kept_apart_from_signed_ones() {
    let block =
        json!({"type": "content_block_start", "index": 0, "content_block": {"type": "redacted_thinking", "data": "D"}});
    let deltas = decode(&Anthropic, &[block, json!({"type": "message_stop"})]);
    assert_eq!(deltas[0], Delta::ThinkingSignature("anthropic-redacted:D".into()));
    let part = crate::Part::Thinking { text: String::new(), signature: Some("anthropic-redacted:D".into()) };
    let message = crate::Message { role: crate::Role::Assistant, parts: vec![part] };
    let endpoint = crate::Endpoint::new("x", "http://x", crate::Timeouts::default()).unwrap();
    let body = Anthropic.body(&endpoint, &crate::Request { messages: vec![message], ..crate::Request::default() });
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["messages"][0]["content"], json!([{"type": "redacted_thinking", "data": "D"}]));
}

#[test]
fn counts_of_the_end_replace_those_of_the_beginning() {
    let events = [
        json!({"type": "message_start", "message": {"usage": {"input_tokens": 5, "output_tokens": 1}}}),
        json!({"type": "message_delta", "delta": {"stop_reason": "pause_turn"},
            "usage": {"input_tokens": 6, "output_tokens": 9, "cache_read_input_tokens": null}}),
        json!({"type": "message_stop"}),
    ];
    let usage = |input, output| Delta::Usage(Usage { input, output, ..Usage::default() });
    assert_eq!(decode(&Anthropic, &events), [usage(5, 1), usage(6, 9), Delta::Done(Stop::Other("pause_turn".into()))]);
}

#[test]
fn a_blocked_prompt_is_a_refusal() {
    let deltas = decode(&Gemini, &[json!({"promptFeedback": {"blockReason": "SAFETY"}})]);
    assert_eq!(deltas, [Delta::Done(Stop::Refusal)]);
}

#[test]
fn results_are_sent_in_the_order_of_their_calls() {
    use crate::{Endpoint, Message, Part, Request, Role, Timeouts};

    let call = |id: &str| Part::ToolCall { id: id.into(), name: "n".into(), args: Value::Null };
    let result = |id: &str| Part::ToolResult { id: id.into(), content: id.into(), is_error: false };
    let messages = vec![
        Message { role: Role::Assistant, parts: vec![call("call_made_x_0"), call("call_made_x_1")] },
        Message { role: Role::User, parts: vec![result("call_made_x_1"), result("call_made_x_0")] },
    ];
    let request = Request { model: "gemini-2.5-pro".into(), messages, ..Request::default() };
    let endpoint = Endpoint::new("x", "http://x", Timeouts::default()).unwrap();
    let body: Value = serde_json::from_slice(&Gemini.body(&endpoint, &request)).unwrap();
    let response = |text: &str| json!({"functionResponse": {"name": "n", "response": {"output": text}}});
    assert_eq!(body["contents"][1]["parts"], json!([response("call_made_x_0"), response("call_made_x_1")]));
    assert_eq!(body["contents"][0]["parts"][0], json!({"functionCall": {"name": "n", "args": {}}}));
    let body: Value = serde_json::from_slice(&super::ollama::Ollama.body(&endpoint, &request)).unwrap();
    assert_eq!(
        (&body["messages"][1]["content"], &body["messages"][2]["content"]),
        (&json!("call_made_x_0"), &json!("call_made_x_1"))
    );
}
