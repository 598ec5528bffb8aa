//! A connection that keeps the events it passes over, and a gateway whose model is a vendor that is not there.

use std::{collections::VecDeque, time::Duration};

use openclaw_testkit::{
    gateway::{Raw, Setup, TestGateway, connect_params},
    llm::{FakeLlm, Fault, Say, Script, Usage, Wire},
};
use serde_json::{Value, json};

pub(crate) struct Talk {
    raw: Raw,
    seen: VecDeque<Value>,
    next: u64,
}

impl Talk {
    /// An administrator who hears of every session.
    pub(crate) async fn admin(gateway: &TestGateway) -> Self {
        let mut talk = Self::with(gateway, connect_params(&["operator.admin"])).await;
        talk.ok("sessions.subscribe", json!({})).await;
        talk
    }

    pub(crate) async fn with(gateway: &TestGateway, params: Value) -> Self {
        let mut raw = gateway.raw().await;
        let hello = raw.shake(&params).await;
        assert_eq!(hello["ok"], true, "{hello}");
        Self::over(raw)
    }

    /// Goes on with a connection that is made.
    pub(crate) const fn over(raw: Raw) -> Self {
        Self { raw, seen: VecDeque::new(), next: 0 }
    }

    /// Sends a request; its id.
    pub(crate) async fn send(&mut self, method: &str, params: Value) -> String {
        self.next += 1;
        let id = format!("t{}", self.next);
        self.raw.send(&json!({ "type": "req", "id": id, "method": method, "params": params })).await;
        id
    }

    /// The next answer to this request.
    pub(crate) async fn answer(&mut self, id: &str) -> Value {
        self.find(|frame| frame["type"] == "res" && frame["id"] == id).await
    }

    /// Calls a method under this request id; the whole answer.
    pub(crate) async fn named(&mut self, id: &str, method: &str, params: Value) -> Value {
        self.raw.send(&json!({ "type": "req", "id": id, "method": method, "params": params })).await;
        self.answer(id).await
    }

    /// Calls a method; the whole answer.
    pub(crate) async fn call(&mut self, method: &str, params: Value) -> Value {
        let id = self.send(method, params).await;
        self.answer(&id).await
    }

    /// Calls a method that must succeed; the payload.
    pub(crate) async fn ok(&mut self, method: &str, params: Value) -> Value {
        let mut answer = self.call(method, params).await;
        assert_eq!(answer["ok"], true, "{method}: {answer}");
        answer["payload"].take()
    }

    /// The first frame that fits, from those kept, then from the socket.
    pub(crate) async fn find(&mut self, fits: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.seen.iter().position(&fits) {
            return self.seen.remove(at).unwrap();
        }
        loop {
            let frame = self.raw.next().await.frame();
            if fits(&frame) {
                return frame;
            }
            self.seen.push_back(frame);
        }
    }

    /// The payload of the first event of this name that fits.
    pub(crate) async fn event(&mut self, name: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let mut frame = self.find(|frame| frame["event"] == name && fits(&frame["payload"])).await;
        frame["payload"].take()
    }

    /// Whether an event of this name came and was not looked for yet.
    pub(crate) fn has_heard(&self, name: &str) -> bool {
        self.seen.iter().any(|frame| frame["event"] == name)
    }

    /// What a run says, joined, and how it ends.
    pub(crate) async fn ending(&mut self, run_id: &str) -> (String, Value) {
        let mut text = String::new();
        loop {
            let chat = self.event("chat", |chat| chat["runId"] == run_id).await;
            match chat["state"].as_str() {
                Some("delta") => text.push_str(chat["deltaText"].as_str().unwrap()),
                _ => return (text, chat),
            }
        }
    }

    /// Waits until a run has said something.
    pub(crate) async fn speaking(&mut self, run_id: &str) {
        self.event("chat", |chat| chat["runId"] == run_id && chat["state"] == "delta").await;
    }

    /// Says something in a session.
    pub(crate) async fn say(&mut self, session: &str, run_id: &str, message: &str) -> Value {
        self.ok("chat.send", json!({ "sessionKey": session, "message": message, "idempotencyKey": run_id })).await
    }

    /// Role and text of every message of a session.
    pub(crate) async fn lines(&mut self, session: &str) -> Vec<(String, String)> {
        let history = self.ok("chat.history", json!({ "sessionKey": session })).await;
        let messages = history["messages"].as_array().unwrap().clone();
        messages.iter().map(|message| (message["role"].as_str().unwrap().to_owned(), text_of(message))).collect()
    }

    /// A session's row.
    pub(crate) async fn row(&mut self, session: &str) -> Value {
        self.ok("sessions.describe", json!({ "key": session })).await["session"].clone()
    }
}

/// The text of a message.
pub(crate) fn text_of(message: &Value) -> String {
    match &message["content"] {
        Value::String(text) => text.clone(),
        parts => parts.as_array().unwrap().iter().filter_map(|part| part["text"].as_str()).collect(),
    }
}

/// A gateway on whose `fake/fake-model` this vendor answers.
pub(crate) async fn gateway_on(llm: &FakeLlm, wire: Wire) -> TestGateway {
    TestGateway::with(setup(llm, wire)).await
}

pub(crate) fn setup(llm: &FakeLlm, wire: Wire) -> Setup {
    let api = match wire {
        Wire::AnthropicMessages => "anthropic-messages",
        Wire::OpenAiCompletions => "openai-completions",
        Wire::OpenAiResponses => "openai-responses",
        Wire::GoogleGenerativeAi => "google-generative-ai",
        Wire::Ollama => "ollama",
    };
    let model = |id: &str| {
        json!({
            "id": id, "reasoning": true, "input": ["text", "image"], "contextWindow": 100_000, "maxTokens": 8192,
            "cost": { "input": 1.0, "output": 10.0, "cacheRead": 0.1, "cacheWrite": 2.0 },
        })
    };
    let config = json!({
        "models": { "providers": { "fake": {
            "api": api, "baseUrl": llm.base_url(wire), "apiKey": "key-of-the-vendor", "models": [model("fake-model"), model("other-model")],
        } } },
        "agents": { "defaults": { "model": "fake/fake-model" } },
    });
    Setup { config, ..Setup::default() }
}

/// An answer in many pieces.
pub(crate) fn words(count: usize, delay_ms: u64) -> Script {
    Script {
        deltas: (0..count).map(|at| Say::Text(format!("word{at} "))).collect(),
        usage: Usage { input: 1000, output: 200, ..Usage::default() },
        pace: openclaw_testkit::llm::Pace { delay: Duration::from_millis(delay_ms) },
        ..Script::default()
    }
}

/// An answer that says half of what it has to say and then nothing more.
pub(crate) fn stalled() -> Script {
    words(8, 0).with(Fault::StallMidStream)
}
