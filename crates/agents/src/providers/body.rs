//! What the encoders share.

use serde::Serialize;
use serde_json::Value;

use crate::provider::{Message, Part, Request, Role};

/// The body as JSON text, with `extra` merged in last.
pub(super) fn to_json(body: &impl Serialize, extra: Option<&Value>) -> Vec<u8> {
    let Some(extra) = extra else {
        return serde_json::to_vec(body).expect("bodies hold only strings, numbers and JSON values");
    };
    let mut whole = serde_json::to_value(body).expect("bodies hold only strings, numbers and JSON values");
    merge(&mut whole, extra);
    whole.to_string().into_bytes()
}

/// Objects are merged key by key, everything else is replaced; `null` removes the key.
fn merge(into: &mut Value, extra: &Value) {
    let (Value::Object(into), Value::Object(extra)) = (&mut *into, extra) else {
        *into = extra.clone();
        return;
    };
    for (key, value) in extra {
        if value.is_null() {
            into.remove(key);
        } else {
            merge(into.entry(key).or_insert(Value::Null), value);
        }
    }
}

/// All system messages as one text; none when they say nothing.
pub(super) fn system(messages: &[Message]) -> Option<String> {
    let texts = messages.iter().filter(|message| message.role == Role::System).flat_map(|message| &message.parts);
    let texts: Vec<&str> = texts.filter_map(text).collect();
    (!texts.is_empty()).then(|| texts.join("\n\n"))
}

/// The conversation without system messages, neighbours of one role as one turn, turns without content left out.
pub(super) fn turns(messages: &[Message]) -> Vec<(Role, Vec<&Part>)> {
    let mut turns: Vec<(Role, Vec<&Part>)> = Vec::new();
    for message in messages.iter().filter(|message| message.role != Role::System && !message.parts.is_empty()) {
        match turns.last_mut() {
            Some((role, parts)) if *role == message.role => parts.extend(&message.parts),
            _ => turns.push((message.role, message.parts.iter().collect())),
        }
    }
    turns
}

/// The text of a part that has some.
pub(super) fn text(part: &Part) -> Option<&str> {
    match part {
        Part::Text(text) if !text.is_empty() => Some(text),
        _ => None,
    }
}

/// A picture in the form that browsers know.
pub(super) fn data_url(mime: &str, base64: &[u8]) -> String {
    format!("data:{mime};base64,{}", String::from_utf8_lossy(base64))
}

/// The effort nearest to a thinking budget, for wires that know only efforts.
pub(super) fn effort(budget: u32) -> &'static str {
    match budget {
        ..=4_096 => "low",
        4_097..=16_384 => "medium",
        _ => "high",
    }
}

/// Arguments as the object that every wire expects, whatever the model made of them.
pub(super) fn arguments(args: &Value) -> Value {
    match args {
        Value::Object(_) => args.clone(),
        Value::Null => Value::Object(serde_json::Map::new()),
        other => serde_json::json!({ "value": other }),
    }
}

/// A tool in the form of chat completions, which others imitate.
#[derive(Serialize)]
pub(super) struct FunctionTool<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    function: Function<'a>,
}

#[derive(Serialize)]
struct Function<'a> {
    name: &'a str,
    description: &'a str,
    parameters: &'a Value,
}

/// The request's tools in that form.
pub(super) fn function_tools(request: &Request) -> Vec<FunctionTool<'_>> {
    let functions = request.tools.iter().map(|tool| Function {
        name: &tool.name,
        description: &tool.description,
        parameters: &tool.schema,
    });
    functions.map(|function| FunctionTool { kind: "function", function }).collect()
}
