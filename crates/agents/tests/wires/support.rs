//! A provider for each wire, and replies put together from their increments.

use std::{sync::Arc, time::Duration};

use futures_util::StreamExt;
use openclaw_agents::{
    Api, Delta, Discovered, Error, HttpSettings, Message, ModelRef, Part, Provider, ProviderSettings, Registry,
    Request, Role, Stop, Timeouts, Tool, Usage, http_client,
};
use openclaw_core::Secret;
use openclaw_testkit::llm::{FakeLlm, Wire};
use serde_json::{Value, json};

pub(crate) const KEY: &str = "sk-very-secret-0123456789";

pub(crate) fn api(wire: Wire) -> Api {
    match wire {
        Wire::AnthropicMessages => Api::AnthropicMessages,
        Wire::OpenAiCompletions => Api::OpenAiCompletions,
        Wire::OpenAiResponses => Api::OpenAiResponses,
        Wire::GoogleGenerativeAi => Api::GoogleGenerativeAi,
        Wire::Ollama => Api::Ollama,
    }
}

/// Models for which each vendor has its strictest rules.
pub(crate) fn model(wire: Wire) -> &'static str {
    match wire {
        Wire::AnthropicMessages => "claude-haiku-4-5",
        Wire::GoogleGenerativeAi => "gemini-3.5-flash",
        Wire::OpenAiCompletions | Wire::OpenAiResponses => "gpt-5.4",
        Wire::Ollama => "qwen3",
    }
}

/// Long enough that only a hang runs into it.
pub(crate) fn patient() -> Timeouts {
    let long = Duration::from_secs(30);
    Timeouts { headers: long, first_byte: long, idle: long, progress: long }
}

pub(crate) fn settings(fake: &FakeLlm, wire: Wire) -> ProviderSettings {
    let mut settings = ProviderSettings::new("fake", api(wire));
    settings.base_url = Some(fake.base_url(wire));
    settings.api_keys = vec![Secret::new(KEY)];
    settings
}

pub(crate) fn connect(settings: ProviderSettings, timeouts: Timeouts) -> Arc<dyn Provider> {
    let model = ModelRef::new(settings.id.clone(), "any");
    let http = http_client(&HttpSettings::default()).expect("plain settings");
    let registry = Registry::build(&http, vec![settings], Discovered::default(), timeouts);
    Arc::clone(&registry.resolve(&model).expect("usable settings").0[0].provider)
}

pub(crate) fn provider(fake: &FakeLlm, wire: Wire) -> Arc<dyn Provider> {
    connect(settings(fake, wire), patient())
}

pub(crate) fn ask(wire: Wire, text: &str) -> Request {
    let messages = vec![Message::text(Role::User, text)];
    Request { model: model(wire).into(), messages, max_tokens: 1_000, ..Request::default() }
}

pub(crate) fn weather() -> Tool {
    Tool {
        name: "weather".into(),
        description: "Tells the weather".into(),
        schema: json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}),
    }
}

/// A whole reply.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Reply {
    pub(crate) started: usize,
    pub(crate) keep_alives: usize,
    pub(crate) text: String,
    pub(crate) thinking: String,
    pub(crate) signatures: Vec<String>,
    pub(crate) calls: Vec<(String, String, Value)>,
    pub(crate) usage: Option<Usage>,
    pub(crate) stop: Option<Stop>,
    /// As it is to be replayed.
    pub(crate) parts: Vec<Part>,
}

/// Asks and reads to the end. Checks what holds for every stream: `Started` first, calls opened before and closed
/// after their arguments, nothing after `Done` or an error.
pub(crate) async fn reply(provider: &dyn Provider, request: Request) -> Result<Reply, (Error, Reply)> {
    let mut reply = Reply::default();
    let reading = read(provider, request, &mut reply);
    let read = tokio::time::timeout(Duration::from_secs(60), reading).await.expect("the stream hangs");
    match read {
        Ok(()) => Ok(reply),
        Err(error) => Err((error, reply)),
    }
}

async fn read(provider: &dyn Provider, request: Request, reply: &mut Reply) -> Result<(), Error> {
    let mut stream = provider.stream(request).await?;
    let mut arguments: Vec<(String, bool)> = Vec::new();
    while let Some(delta) = stream.next().await {
        let delta = match delta {
            Ok(delta) => delta,
            Err(error) => {
                assert!(stream.next().await.is_none(), "something came after {error:?}");
                assert_eq!(reply.stop, None, "an error came after Done");
                return Err(error);
            }
        };
        assert_eq!(reply.stop, None, "{delta:?} came after Done");
        assert!(reply.started == 1 || matches!(delta, Delta::Started { .. }), "{delta:?} came first");
        match delta {
            Delta::Started { .. } => reply.started += 1,
            Delta::KeepAlive => reply.keep_alives += 1,
            Delta::Text(text) => {
                reply.text.push_str(&text);
                match reply.parts.last_mut() {
                    Some(Part::Text(known)) => known.push_str(&text),
                    _ => reply.parts.push(Part::Text(text)),
                }
            }
            Delta::Thinking(text) => {
                reply.thinking.push_str(&text);
                match reply.parts.last_mut() {
                    Some(Part::Thinking { text: known, signature: None }) => known.push_str(&text),
                    _ => reply.parts.push(Part::Thinking { text, signature: None }),
                }
            }
            Delta::ThinkingSignature(text) => {
                reply.signatures.push(text.clone());
                match reply.parts.last_mut() {
                    Some(Part::Thinking { signature, .. }) if signature.is_none() => *signature = Some(text),
                    _ => reply.parts.push(Part::Thinking { text: String::new(), signature: Some(text) }),
                }
            }
            Delta::ToolStart { index, id, name } => {
                assert_eq!(index as usize, reply.calls.len(), "indexes count from 0");
                reply.calls.push((id, name, Value::Null));
                arguments.push((String::new(), true));
            }
            Delta::ToolArgs { index, json } => {
                assert!(arguments[index as usize].1, "arguments after the call's end");
                arguments[index as usize].0.push_str(&json);
            }
            Delta::ToolEnd { index } => {
                let (text, open) = &mut arguments[index as usize];
                assert!(std::mem::take(open), "a call ended twice");
                let text = if text.is_empty() { "{}" } else { text.as_str() };
                reply.calls[index as usize].2 = serde_json::from_str(text).expect("whole arguments");
            }
            Delta::Usage(usage) => reply.usage = Some(usage),
            Delta::Done(stop) => {
                assert!(arguments.iter().all(|(_, open)| !open), "a call never ended");
                reply.stop = Some(stop);
            }
        }
    }
    assert!(reply.stop.is_some(), "the stream ended without Done and without an error");
    for (id, name, args) in &reply.calls {
        reply.parts.push(Part::ToolCall { id: id.clone(), name: name.clone(), args: args.clone() });
    }
    Ok(())
}
