//! What each wire says for a script, event by event.

use serde_json::{Value, json};

use super::script::{Say, Script, Stop, Usage, Wire};

/// One event: its name where the wire names events, and its data.
pub(super) struct Event {
    pub(super) name: Option<String>,
    pub(super) data: String,
}

/// The events of the whole answer. `request` is the request's body.
pub(super) fn events(wire: Wire, script: &Script, request: &Value) -> Vec<Event> {
    let model = request["model"].as_str().unwrap_or("fake-model");
    match wire {
        Wire::AnthropicMessages => anthropic(script, model),
        Wire::OpenAiCompletions => chat(script, model, request["stream_options"]["include_usage"] == true),
        Wire::OpenAiResponses => responses(script, model),
        Wire::GoogleGenerativeAi => gemini(script),
        Wire::Ollama => ollama(script, model),
    }
}

fn named(data: &Value) -> Event {
    Event { name: data["type"].as_str().map(str::to_owned), data: data.to_string() }
}

fn unnamed(data: &Value) -> Event {
    Event { name: None, data: data.to_string() }
}

fn called(script: &Script) -> bool {
    script.deltas.iter().any(|say| matches!(say, Say::Call { .. }))
}

/// All fragments of one call.
fn joined(script: &Script, call: usize) -> String {
    let fragments = script.deltas.iter().filter_map(|say| match say {
        Say::Arguments { call: of, json } if *of == call => Some(json.as_str()),
        _ => None,
    });
    let joined: String = fragments.collect();
    if joined.is_empty() { "{}".into() } else { joined }
}

fn anthropic(script: &Script, model: &str) -> Vec<Event> {
    let Usage { input, output, cache_read, cache_write, .. } = script.usage;
    let counts = json!({"input_tokens": input, "cache_read_input_tokens": cache_read,
        "cache_creation_input_tokens": cache_write, "output_tokens": 1});
    let mut events = vec![
        named(&json!({"type": "message_start", "message": {"id": "msg_fake", "type": "message", "role": "assistant",
            "model": model, "content": [], "stop_reason": null, "stop_sequence": null, "usage": counts}})),
        named(&json!({"type": "ping"})),
    ];
    let (mut next, mut open, mut calls) = (0, None, Vec::new());
    let stop = |index: usize| named(&json!({"type": "content_block_stop", "index": index}));
    for say in &script.deltas {
        // Texts and thoughts share a block with their neighbours of the same kind; calls stay open side by side.
        let (kind, block, delta) = match say {
            Say::Text(text) => {
                ("text", json!({"type": "text", "text": ""}), json!({"type": "text_delta", "text": text}))
            }
            Say::Thinking(text) => (
                "thinking",
                json!({"type": "thinking", "thinking": "", "signature": ""}),
                json!({"type": "thinking_delta", "thinking": text}),
            ),
            Say::Signature(text) => (
                "thinking",
                json!({"type": "thinking", "thinking": "", "signature": ""}),
                json!({"type": "signature_delta", "signature": text}),
            ),
            Say::Call { id, name } => {
                events.extend(open.take().map(|(_, index)| stop(index)));
                let block = json!({"type": "tool_use", "id": id, "name": name, "input": {}});
                events.push(named(&json!({"type": "content_block_start", "index": next, "content_block": block})));
                calls.push(next);
                next += 1;
                continue;
            }
            Say::Arguments { call, json } => {
                let delta = json!({"type": "input_json_delta", "partial_json": json});
                let index = calls[*call];
                events.push(named(&json!({"type": "content_block_delta", "index": index, "delta": delta})));
                continue;
            }
        };
        let index = match open {
            Some((known, index)) if known == kind => index,
            _ => {
                events.extend(open.take().map(|(_, index)| stop(index)));
                events.push(named(&json!({"type": "content_block_start", "index": next, "content_block": block})));
                open = Some((kind, next));
                next += 1;
                next - 1
            }
        };
        events.push(named(&json!({"type": "content_block_delta", "index": index, "delta": delta})));
        if matches!(say, Say::Signature(_)) {
            events.extend(open.take().map(|(_, index)| stop(index)));
        }
    }
    events.extend(open.map(|(_, index)| stop(index)));
    events.extend(calls.into_iter().map(stop));
    let reason = match script.stop {
        Stop::End if called(script) => "tool_use",
        Stop::End => "end_turn",
        Stop::MaxTokens => "max_tokens",
        Stop::Refusal => "refusal",
    };
    events.push(named(&json!({"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": null},
        "usage": {"output_tokens": output}})));
    events.push(named(&json!({"type": "message_stop"})));
    events
}

fn chat(script: &Script, model: &str, with_usage: bool) -> Vec<Event> {
    let chunk = |delta: &Value, reason: Option<&str>| {
        unnamed(&json!({"id": "chatcmpl-fake", "object": "chat.completion.chunk", "created": 1, "model": model,
            "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}))
    };
    let mut events = vec![chunk(&json!({"role": "assistant", "content": ""}), None)];
    let mut calls = 0;
    for say in &script.deltas {
        let delta = match say {
            Say::Text(text) => json!({"content": text}),
            Say::Thinking(text) => json!({"reasoning_content": text}),
            Say::Signature(_) => continue,
            Say::Call { id, name } => {
                calls += 1;
                let function = json!({"name": name, "arguments": ""});
                json!({"tool_calls": [{"index": calls - 1, "id": id, "type": "function", "function": function}]})
            }
            Say::Arguments { call, json } => {
                json!({"tool_calls": [{"index": call, "function": {"arguments": json}}]})
            }
        };
        events.push(chunk(&delta, None));
    }
    let reason = match script.stop {
        Stop::End if called(script) => "tool_calls",
        Stop::End => "stop",
        Stop::MaxTokens => "length",
        Stop::Refusal => "content_filter",
    };
    events.push(chunk(&json!({}), Some(reason)));
    if with_usage {
        let Usage { input, output, cache_read, reasoning, .. } = script.usage;
        let prompt = input + cache_read;
        let usage = json!({"prompt_tokens": prompt, "completion_tokens": output, "total_tokens": prompt + output,
            "prompt_tokens_details": {"cached_tokens": cache_read},
            "completion_tokens_details": {"reasoning_tokens": reasoning}});
        events.push(unnamed(&json!({"id": "chatcmpl-fake", "object": "chat.completion.chunk", "created": 1,
            "model": model, "choices": [], "usage": usage})));
    }
    events.push(Event { name: None, data: "[DONE]".into() });
    events
}

fn responses(script: &Script, model: &str) -> Vec<Event> {
    let response = |status: &str| json!({"id": "resp_fake", "object": "response", "status": status, "model": model});
    let mut events = vec![
        named(&json!({"type": "response.created", "response": response("in_progress")})),
        named(&json!({"type": "response.in_progress", "response": response("in_progress")})),
    ];
    let (mut next, mut text_item, mut thought, mut calls) = (0_usize, None, None, Vec::new());
    for say in &script.deltas {
        match say {
            Say::Text(text) => {
                let index = *text_item.get_or_insert_with(|| {
                    let item = json!({"type": "message", "id": "msg_1", "role": "assistant", "content": []});
                    events.push(named(
                        &json!({"type": "response.output_item.added", "output_index": next, "item": item}),
                    ));
                    next += 1;
                    next - 1
                });
                events.push(named(&json!({"type": "response.output_text.delta", "output_index": index,
                    "content_index": 0, "item_id": "msg_1", "delta": text})));
            }
            Say::Thinking(text) => {
                let index = *thought.get_or_insert_with(|| {
                    let item = json!({"type": "reasoning", "id": "rs_1", "summary": []});
                    events.push(named(
                        &json!({"type": "response.output_item.added", "output_index": next, "item": item}),
                    ));
                    next += 1;
                    next - 1
                });
                events.push(named(&json!({"type": "response.reasoning_summary_text.delta", "output_index": index,
                    "summary_index": 0, "item_id": "rs_1", "delta": text})));
            }
            Say::Signature(text) => {
                let item = json!({"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": text});
                let index = thought.take().unwrap_or(next);
                events.push(named(&json!({"type": "response.output_item.done", "output_index": index, "item": item})));
            }
            Say::Call { id, name } => {
                let item = json!({"type": "function_call", "id": "fc_1", "call_id": id, "name": name, "arguments": ""});
                events.push(named(&json!({"type": "response.output_item.added", "output_index": next, "item": item})));
                calls.push((next, id, name));
                next += 1;
            }
            Say::Arguments { call, json } => {
                events.push(named(&json!({"type": "response.function_call_arguments.delta", "item_id": "fc_1",
                    "output_index": calls[*call].0, "delta": json})));
            }
        }
    }
    for (call, (index, id, name)) in calls.into_iter().enumerate() {
        let arguments = joined(script, call);
        events.push(named(&json!({"type": "response.function_call_arguments.done", "output_index": index,
            "arguments": arguments})));
        let item = json!({"type": "function_call", "id": "fc_1", "call_id": id, "name": name, "arguments": arguments});
        events.push(named(&json!({"type": "response.output_item.done", "output_index": index, "item": item})));
    }
    let Usage { input, output, cache_read, reasoning, .. } = script.usage;
    let usage = json!({"input_tokens": input + cache_read, "input_tokens_details": {"cached_tokens": cache_read},
        "output_tokens": output, "output_tokens_details": {"reasoning_tokens": reasoning},
        "total_tokens": input + cache_read + output});
    let (status, details) = match script.stop {
        Stop::End => ("completed", Value::Null),
        Stop::MaxTokens => ("incomplete", json!({"reason": "max_output_tokens"})),
        Stop::Refusal => ("incomplete", json!({"reason": "content_filter"})),
    };
    let mut last = response(status);
    last["usage"] = usage;
    last["incomplete_details"] = details;
    events.push(named(&json!({"type": format!("response.{status}"), "response": last})));
    events
}

fn gemini(script: &Script) -> Vec<Event> {
    let event = |parts: Value, reason: Option<&str>| {
        let mut candidate = json!({"content": {"role": "model", "parts": parts}, "index": 0});
        if let Some(reason) = reason {
            candidate["finishReason"] = reason.into();
        }
        json!({"candidates": [candidate], "modelVersion": "fake", "responseId": "resp-1"})
    };
    let mut events = Vec::new();
    let (mut signature, mut calls) = (None, 0);
    for say in &script.deltas {
        let mut part = match say {
            Say::Text(text) => json!({"text": text}),
            Say::Thinking(text) => json!({"text": text, "thought": true}),
            Say::Signature(text) => {
                signature = Some(text);
                continue;
            }
            Say::Call { id, name } => {
                let args: Value = serde_json::from_str(&joined(script, calls)).unwrap_or_else(|_| json!({}));
                calls += 1;
                let mut call = json!({"name": name, "args": args});
                if !id.is_empty() {
                    call["id"] = id.as_str().into();
                }
                json!({"functionCall": call})
            }
            Say::Arguments { .. } => continue,
        };
        if let Some(signature) = signature.take() {
            part["thoughtSignature"] = signature.as_str().into();
        }
        events.push(unnamed(&event(json!([part]), None)));
    }
    let mut part = json!({"text": ""});
    if let Some(signature) = signature {
        part["thoughtSignature"] = signature.as_str().into();
    }
    let reason = match script.stop {
        Stop::End => "STOP",
        Stop::MaxTokens => "MAX_TOKENS",
        Stop::Refusal => "SAFETY",
    };
    let Usage { input, output, cache_read, reasoning, .. } = script.usage;
    let mut last = event(json!([part]), Some(reason));
    last["usageMetadata"] = json!({"promptTokenCount": input + cache_read, "cachedContentTokenCount": cache_read,
        "candidatesTokenCount": output - reasoning, "thoughtsTokenCount": reasoning,
        "totalTokenCount": input + cache_read + output});
    events.push(unnamed(&last));
    events
}

fn ollama(script: &Script, model: &str) -> Vec<Event> {
    let event = |message: &Value| {
        unnamed(&json!({"model": model, "created_at": "2026-11-20T10:00:00.123Z", "message": message, "done": false}))
    };
    let mut events = Vec::new();
    let mut calls = 0;
    for say in &script.deltas {
        events.push(event(&match say {
            Say::Text(text) => json!({"role": "assistant", "content": text}),
            Say::Thinking(text) => json!({"role": "assistant", "content": "", "thinking": text}),
            Say::Call { name, .. } => {
                let arguments: Value = serde_json::from_str(&joined(script, calls)).unwrap_or_else(|_| json!({}));
                calls += 1;
                let call = json!({"function": {"name": name, "arguments": arguments}});
                json!({"role": "assistant", "content": "", "tool_calls": [call]})
            }
            Say::Signature(_) | Say::Arguments { .. } => continue,
        }));
    }
    let reason = if script.stop == Stop::MaxTokens { "length" } else { "stop" };
    events.push(unnamed(&json!({"model": model, "created_at": "2026-11-20T10:00:01Z",
        "message": {"role": "assistant", "content": ""}, "done": true, "done_reason": reason,
        "total_duration": 1, "prompt_eval_count": script.usage.input, "eval_count": script.usage.output})));
    events
}

/// The events with others between them that nobody knows, and fields that nobody knows.
pub(super) fn with_unknown(wire: Wire, events: Vec<Event>) -> Vec<Event> {
    let strange = || match wire {
        Wire::AnthropicMessages => vec![
            named(&json!({"type": "content_block_start", "index": 90,
                "content_block": {"type": "server_tool_use", "id": "srv", "name": "web_search", "input": {}}})),
            named(&json!({"type": "content_block_delta", "index": 90,
                "delta": {"type": "input_json_delta", "partial_json": "{}"}})),
            named(&json!({"type": "content_block_delta", "index": 0,
                "delta": {"type": "citations_delta", "citation": {"cited_text": "x"}}})),
            named(&json!({"type": "content_block_stop", "index": 90})),
            named(&json!({"type": "brand_new", "value": [1, 2]})),
        ],
        Wire::OpenAiCompletions => vec![
            unnamed(&json!({"object": "brand.new", "choices": []})),
            unnamed(&json!({"choices": [{"index": 0, "delta": {"audio": {}, "tool_calls": null, "content": null}}],
                "usage": {}})),
        ],
        Wire::OpenAiResponses => vec![
            named(&json!({"type": "response.brand_new.delta", "delta": "x", "output_index": 0})),
            named(&json!({"type": "response.output_item.added", "output_index": 90,
                "item": {"type": "web_search_call", "id": "ws"}})),
        ],
        Wire::GoogleGenerativeAi => vec![
            unnamed(&json!({"brandNew": true})),
            unnamed(&json!({"candidates": [{"content": {"parts": [{"executableCode": {"code": "x"}}]}, "index": 0}]})),
        ],
        Wire::Ollama => vec![unnamed(&json!({"brand_new": 1, "done": false}))],
    };
    let mut all = Vec::new();
    for event in events {
        all.extend(strange());
        let with_field = serde_json::from_str::<Value>(&event.data).map(|mut json| {
            json["brand_new_field"] = json!({"a": [1]});
            json.to_string()
        });
        all.push(Event { data: with_field.unwrap_or(event.data), ..event });
    }
    all
}

/// An error in the middle of the stream.
pub(super) fn error(wire: Wire) -> Event {
    match wire {
        Wire::AnthropicMessages => {
            named(&json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}))
        }
        Wire::OpenAiCompletions => unnamed(
            &json!({"error": {"message": "Overloaded", "type": "overloaded_error", "code": null, "param": null}}),
        ),
        Wire::OpenAiResponses => named(
            &json!({"type": "error", "code": "overloaded_error", "message": "Overloaded", "param": null, "sequence_number": 3}),
        ),
        Wire::GoogleGenerativeAi => {
            unnamed(&json!({"error": {"code": 503, "message": "Overloaded", "status": "UNAVAILABLE"}}))
        }
        Wire::Ollama => unnamed(&json!({"error": "Overloaded"})),
    }
}

/// What shows life and says nothing.
pub(super) fn sign_of_life(wire: Wire) -> &'static str {
    match wire {
        Wire::AnthropicMessages => "event: ping\ndata: {\"type\": \"ping\"}\n\n",
        Wire::Ollama => "\n",
        _ => ": keep-alive\n\n",
    }
}

/// What the person said last.
pub(super) fn last_words(wire: Wire, request: &Value) -> String {
    let (list, role, content) = match wire {
        Wire::GoogleGenerativeAi => (&request["contents"], "user", "parts"),
        Wire::OpenAiResponses => (&request["input"], "user", "content"),
        _ => (&request["messages"], "user", "content"),
    };
    let turns = list.as_array().into_iter().flatten().rev();
    let texts = |turn: &Value| match &turn[content] {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part["text"].as_str()).collect(),
        _ => String::new(),
    };
    turns.filter(|turn| turn["role"] == role).map(texts).find(|text| !text.is_empty()).unwrap_or_default()
}
