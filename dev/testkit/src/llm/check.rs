//! What the vendors refuse, as far as it can be known from outside.

use std::collections::HashSet;

use serde_json::Value;

use super::{fake::Recorded, script::Wire};

type Verdict = Result<(), String>;

fn demand(condition: bool, otherwise: impl Into<String>) -> Verdict {
    if condition { Ok(()) } else { Err(otherwise.into()) }
}

/// Whether the request brings a key in the wire's own way, and the right one.
pub(super) fn key(wire: Wire, request: &Recorded, required: Option<&str>) -> Verdict {
    let found = match wire {
        Wire::AnthropicMessages => request.header("x-api-key"),
        Wire::GoogleGenerativeAi => request.header("x-goog-api-key"),
        _ => request.header("authorization").and_then(|value| value.strip_prefix("Bearer ")),
    };
    // The local wire needs none.
    if wire == Wire::Ollama && required.is_none() {
        return Ok(());
    }
    let found = found.filter(|key| !key.is_empty()).ok_or("the key is missing")?;
    demand(required.is_none_or(|key| key == found), "the key is wrong")
}

/// Whether the vendor would take the request.
pub(super) fn request(wire: Wire, request: &Recorded) -> Verdict {
    let kind = request.header("content-type").unwrap_or_default();
    demand(kind.starts_with("application/json"), "content-type must be application/json")?;
    let body = &request.body;
    demand(body.is_object(), "the body must be a JSON object")?;
    if wire != Wire::GoogleGenerativeAi {
        demand(body["model"].as_str().is_some_and(|model| !model.is_empty()), "model: required")?;
        demand(body["stream"] == true, "stream: must be true")?;
    }
    match wire {
        Wire::AnthropicMessages => anthropic(request, body),
        Wire::OpenAiCompletions => chat(body),
        Wire::OpenAiResponses => responses(body),
        Wire::GoogleGenerativeAi => gemini(request, body),
        Wire::Ollama => ollama(body),
    }
}

fn list<'a>(value: &'a Value, name: &str) -> Result<&'a [Value], String> {
    let items = value[name].as_array().ok_or_else(|| format!("{name}: must be a list"))?;
    demand(!items.is_empty(), format!("{name}: must not be empty"))?;
    Ok(items)
}

fn text<'a>(value: &'a Value, name: &str) -> Result<&'a str, String> {
    let text = value[name].as_str().ok_or_else(|| format!("{name}: must be a text in {value}"))?;
    demand(!text.is_empty(), format!("{name}: must not be empty in {value}"))?;
    Ok(text)
}

fn positive(value: &Value, name: &str) -> Verdict {
    demand(value[name].as_u64().is_some_and(|count| count > 0), format!("{name}: must be positive"))
}

fn base64(data: &str) -> Verdict {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    demand(!data.is_empty() && data.len().is_multiple_of(4) && data.bytes().all(good), "an image is not base64")
}

fn data_url(url: &str) -> Verdict {
    let data = url.strip_prefix("data:image/").and_then(|rest| rest.split_once(";base64,"));
    base64(data.ok_or("an image is not a data URL")?.1)
}

fn json_object(text: &str) -> Verdict {
    let parsed = serde_json::from_str::<Value>(text).is_ok_and(|json| json.is_object());
    demand(parsed, "arguments: must be the text of a JSON object")
}

fn tools(body: &Value, name: &str, place: impl Fn(&Value) -> &Value, schema: &str) -> Verdict {
    for tool in body[name].as_array().into_iter().flatten() {
        let tool = place(tool);
        text(tool, "name")?;
        demand(tool["description"].is_string(), "tools: description is missing")?;
        demand(tool[schema]["type"] == "object", format!("tools: {schema} must be an object schema"))?;
    }
    Ok(())
}

fn anthropic(request: &Recorded, body: &Value) -> Verdict {
    demand(request.header("anthropic-version").is_some(), "anthropic-version: header is required")?;
    positive(body, "max_tokens")?;
    if body["thinking"]["type"] == "enabled" {
        let budget = body["thinking"]["budget_tokens"].as_u64().unwrap_or(0);
        demand(budget >= 1_024, "thinking.budget_tokens: must be at least 1024")?;
        let max = body["max_tokens"].as_u64().unwrap_or(0);
        demand(max > budget, "max_tokens: must be greater than thinking.budget_tokens")?;
    }
    tools(body, "tools", |tool| tool, "input_schema")?;
    let mut role = "assistant";
    let mut called: Vec<&str> = Vec::new();
    for message in list(body, "messages")? {
        let expected = if role == "assistant" { "user" } else { "assistant" };
        role = text(message, "role")?;
        demand(role == expected, format!("messages: roles must alternate, expected {expected}"))?;
        let blocks = list(message, "content")?;
        let answered: HashSet<&str> = blocks
            .iter()
            .take_while(|block| block["type"] == "tool_result")
            .filter_map(|block| block["tool_use_id"].as_str())
            .collect();
        let all = blocks.iter().filter(|block| block["type"] == "tool_result").count();
        demand(all == answered.len(), "tool_result blocks must come first, one for each call")?;
        demand(answered.len() == called.len(), "tool_use ids without tool_result in the next message")?;
        demand(called.iter().all(|id| answered.contains(id)), "unexpected tool_use_id in tool_result")?;
        called.clear();
        for block in blocks {
            match (role, text(block, "type")?) {
                (_, "text") => drop(text(block, "text")?),
                ("user", "image") => {
                    demand(block["source"]["type"] == "base64", "image: source.type must be base64")?;
                    text(&block["source"], "media_type")?;
                    base64(text(&block["source"], "data")?)?;
                }
                ("user", "tool_result") => demand(block["content"].is_string(), "tool_result: content is missing")?,
                ("assistant", "tool_use") => {
                    called.push(text(block, "id")?);
                    text(block, "name")?;
                    demand(block["input"].is_object(), "tool_use: input must be an object")?;
                }
                ("assistant", "thinking") => drop(text(block, "signature")?),
                ("assistant", "redacted_thinking") => drop(text(block, "data")?),
                (role, kind) => return Err(format!("{kind} blocks do not belong into {role} messages")),
            }
        }
    }
    demand(called.is_empty(), "tool_use ids without tool_result")
}

fn chat(body: &Value) -> Verdict {
    demand(body["stream_options"]["include_usage"] == true, "stream_options.include_usage: must be true")?;
    demand(
        body["max_tokens"].is_u64() != body["max_completion_tokens"].is_u64(),
        "exactly one of max_tokens and max_completion_tokens is required",
    )?;
    tools(body, "tools", |tool| &tool["function"], "parameters")?;
    let mut waiting: Vec<&str> = Vec::new();
    for message in list(body, "messages")? {
        let role = text(message, "role")?;
        if role == "tool" {
            let id = text(message, "tool_call_id")?;
            let at = waiting.iter().position(|known| *known == id);
            waiting.remove(at.ok_or("role 'tool' must follow a message with its tool_calls")?);
            demand(message["content"].is_string(), "tool: content must be a text")?;
            continue;
        }
        demand(waiting.is_empty(), "tool_calls must be followed by tool messages for each tool_call_id")?;
        match role {
            "system" | "developer" => drop(text(message, "content")?),
            "user" => match &message["content"] {
                Value::String(_) => drop(text(message, "content")?),
                _ => {
                    for piece in list(message, "content")? {
                        match text(piece, "type")? {
                            "text" => drop(text(piece, "text")?),
                            "image_url" => data_url(text(&piece["image_url"], "url")?)?,
                            kind => return Err(format!("user: unknown content {kind}")),
                        }
                    }
                }
            },
            "assistant" => {
                let calls = message["tool_calls"].as_array();
                demand(calls.is_some() || message["content"].is_string(), "assistant: neither content nor calls")?;
                for call in calls.into_iter().flatten() {
                    demand(call["type"] == "function", "tool_calls: type must be function")?;
                    waiting.push(text(call, "id")?);
                    text(&call["function"], "name")?;
                    json_object(text(&call["function"], "arguments")?)?;
                }
            }
            role => return Err(format!("unknown role {role}")),
        }
    }
    demand(waiting.is_empty(), "tool_calls without tool messages")
}

fn responses(body: &Value) -> Verdict {
    demand(body["max_output_tokens"].as_u64().is_some_and(|max| max >= 16), "max_output_tokens: at least 16")?;
    tools(body, "tools", |tool| tool, "parameters")?;
    let mut waiting: HashSet<&str> = HashSet::new();
    let mut after_reasoning = false;
    for item in list(body, "input")? {
        let kind = text(item, "type")?;
        match kind {
            "message" => {
                let role = text(item, "role")?;
                let own = if role == "assistant" { "output_text" } else { "input_text" };
                for piece in list(item, "content")? {
                    match text(piece, "type")? {
                        "input_image" if role == "user" => data_url(text(piece, "image_url")?)?,
                        kind if kind == own => drop(text(piece, "text")?),
                        kind => return Err(format!("{kind} does not belong into a message of {role}")),
                    }
                }
            }
            "function_call" => {
                waiting.insert(text(item, "call_id")?);
                text(item, "name")?;
                json_object(text(item, "arguments")?)?;
            }
            "function_call_output" => {
                demand(item["output"].is_string(), "output: must be a text")?;
                demand(waiting.remove(text(item, "call_id")?), "no tool call found for function call output")?;
            }
            "reasoning" => {
                demand(item["summary"].is_array(), "reasoning: summary is required")?;
                text(item, "encrypted_content")?;
            }
            kind => return Err(format!("unknown item {kind}")),
        }
        demand(!(after_reasoning && item["role"] == "user"), "reasoning was not followed by its item")?;
        after_reasoning = kind == "reasoning";
    }
    demand(waiting.is_empty(), "no tool output found for function call")
}

fn gemini(request: &Recorded, body: &Value) -> Verdict {
    demand(!request.target.contains("key="), "the key must not be in the address")?;
    demand(request.target.ends_with("?alt=sse"), "alt=sse is required")?;
    positive(&body["generationConfig"], "maxOutputTokens")?;
    for tool in body["tools"].as_array().into_iter().flatten() {
        tools(tool, "functionDeclarations", |tool| tool, "parametersJsonSchema")?;
    }
    let strict = request.target.contains("/gemini-3");
    let mut role = "";
    let mut called: Vec<&str> = Vec::new();
    for content in list(body, "contents")? {
        let turn = text(content, "role")?;
        demand(matches!(turn, "user" | "model") && turn != role, "contents: roles user and model must alternate")?;
        role = turn;
        let parts = list(content, "parts")?;
        let of = |name: &str| -> Vec<&str> { parts.iter().filter_map(|part| part[name]["name"].as_str()).collect() };
        demand(of("functionResponse") == called, "function responses must match the calls of the turn before")?;
        called = of("functionCall");
        let first = parts.iter().find(|part| part["functionCall"].is_object());
        if let (true, Some(first)) = (strict, first) {
            demand(first["thoughtSignature"].is_string(), "function call is missing a thought_signature")?;
        }
        for part in parts {
            if let Some(image) = part.get("inlineData") {
                text(image, "mimeType")?;
                base64(text(image, "data")?)?;
            }
            if let Some(call) = part.get("functionCall") {
                demand(call["args"].is_object(), "functionCall: args must be an object")?;
            }
            if let Some(response) = part.get("functionResponse") {
                demand(response["response"].is_object(), "functionResponse: response must be an object")?;
            }
        }
    }
    demand(called.is_empty(), "function calls without responses")
}

fn ollama(body: &Value) -> Verdict {
    tools(body, "tools", |tool| &tool["function"], "parameters")?;
    let mut waiting = 0;
    for message in list(body, "messages")? {
        let role = text(message, "role")?;
        demand(matches!(role, "system" | "user" | "assistant" | "tool"), "unknown role")?;
        demand(message["content"].is_string(), "content: must be a text")?;
        if role == "tool" {
            demand(waiting > 0, "a tool message must follow tool_calls")?;
            waiting -= 1;
            text(message, "tool_name")?;
        } else {
            demand(waiting == 0, "tool_calls without tool messages")?;
        }
        for image in message["images"].as_array().into_iter().flatten() {
            base64(image.as_str().unwrap_or_default())?;
        }
        for call in message["tool_calls"].as_array().into_iter().flatten() {
            text(&call["function"], "name")?;
            demand(call["function"]["arguments"].is_object(), "arguments: must be an object")?;
            waiting += 1;
        }
    }
    demand(waiting == 0, "tool_calls without tool messages")
}
