//! Requests as bytes, and answers as they came.

use std::time::Duration;

use openclaw_testkit::{
    gateway::{Setup, TOKEN, TestGateway},
    llm::{FakeLlm, Pace, Say, Script, Usage, Wire},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// The gateway's own credential.
pub(crate) fn bearer() -> (&'static str, String) {
    ("Authorization", format!("Bearer {TOKEN}"))
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Answer {
    fn parse(whole: &str) -> Self {
        let (head, body) = whole.split_once("\r\n\r\n").unwrap_or((whole, ""));
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or_else(|| panic!("{whole}"));
        let chunked = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
        let body = if chunked { unchunked(body) } else { body.to_owned() };
        Self { status, head: head.to_owned(), body }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    /// The data of each event of a stream.
    pub(crate) fn data(&self) -> Vec<&str> {
        self.body.lines().filter_map(|line| line.strip_prefix("data: ")).collect()
    }
}

fn unchunked(mut rest: &str) -> String {
    let mut body = String::new();
    while let Some((size, after)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size.trim(), 16).unwrap_or(0);
        if size == 0 || after.len() < size {
            break;
        }
        body.push_str(&after[..size]);
        rest = after[size..].strip_prefix("\r\n").unwrap_or_default();
    }
    body
}

/// The bytes of a request.
pub(crate) fn bytes(gateway: &TestGateway, line: &str, headers: &[(&str, String)], body: Option<&str>) -> Vec<u8> {
    let mut text = format!("{line} HTTP/1.1\r\nHost: {}\r\n", gateway.authority());
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    if let Some(body) = body {
        text.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    text.push_str("\r\n");
    text.push_str(body.unwrap_or_default());
    text.into_bytes()
}

/// Sends a request and reads the whole answer.
pub(crate) async fn send(gateway: &TestGateway, line: &str, headers: &[(&str, String)], body: Option<&str>) -> Answer {
    let mut all = headers.to_vec();
    all.push(("Connection", "close".to_owned()));
    Answer::parse(&gateway.tcp(&bytes(gateway, line, &all, body)).await)
}

/// Posts JSON with the gateway's credential.
pub(crate) async fn post(gateway: &TestGateway, path: &str, body: &Value) -> Answer {
    post_with(gateway, path, &[bearer()], body).await
}

/// Posts JSON with these headers.
pub(crate) async fn post_with(gateway: &TestGateway, path: &str, headers: &[(&str, String)], body: &Value) -> Answer {
    let mut all = headers.to_vec();
    all.push(("Content-Type", "application/json".to_owned()));
    send(gateway, &format!("POST {path}"), &all, Some(&body.to_string())).await
}

/// Gets with the gateway's credential.
pub(crate) async fn get(gateway: &TestGateway, path: &str) -> Answer {
    send(gateway, &format!("GET {path}"), &[bearer()], None).await
}

/// An answer that is still coming.
pub(crate) struct Live {
    stream: TcpStream,
    text: String,
}

impl Live {
    pub(crate) async fn open(
        gateway: &TestGateway,
        line: &str,
        headers: &[(&str, String)],
        body: Option<&str>,
    ) -> Self {
        let mut stream = TcpStream::connect(gateway.authority()).await.unwrap();
        stream.write_all(&bytes(gateway, line, headers, body)).await.unwrap();
        Self { stream, text: String::new() }
    }

    /// Reads until what came fits; all that came.
    pub(crate) async fn until(&mut self, fits: impl Fn(&str) -> bool) -> &str {
        let reading = async {
            while !fits(&self.text) {
                let mut chunk = [0; 4096];
                let read = self.stream.read(&mut chunk).await.unwrap();
                assert!(read > 0, "the stream ended: {}", self.text);
                self.text.push_str(&String::from_utf8_lossy(&chunk[..read]));
            }
        };
        let in_time = tokio::time::timeout(Duration::from_secs(20), reading).await;
        assert!(in_time.is_ok(), "it did not come");
        &self.text
    }

    /// The id of the last event that came.
    pub(crate) fn last_id(&self) -> String {
        self.text.lines().filter_map(|line| line.strip_prefix("id: ")).next_back().unwrap().trim().to_owned()
    }
}

/// A gateway that serves other programs' interfaces and on whose models a vendor answers that is not there.
pub(crate) async fn with_vendor(llm: &FakeLlm) -> TestGateway {
    with_vendor_and(llm, &json!({})).await
}

/// The same with more sections of the configuration.
pub(crate) async fn with_vendor_and(llm: &FakeLlm, more: &Value) -> TestGateway {
    let model = json!({ "id": "fake-model", "input": ["text", "image"], "contextWindow": 100_000, "maxTokens": 8192 });
    let mut config = json!({
        "gateway": { "http": { "endpoints": { "chatCompletions": { "enabled": true }, "responses": { "enabled": true } } } },
        "models": { "providers": { "fake": {
            "api": "openai-completions", "baseUrl": llm.base_url(Wire::OpenAiCompletions), "apiKey": "key-of-the-vendor", "models": [model],
        } } },
        "agents": { "defaults": { "model": "fake/fake-model" }, "list": [{ "id": "main" }, { "id": "helper" }] },
    });
    for (section, value) in more.as_object().unwrap() {
        config[section] = value.clone();
    }
    TestGateway::with(Setup { config, ..Setup::default() }).await
}

/// An answer in many pieces.
pub(crate) fn words(count: usize, delay_ms: u64) -> Script {
    Script {
        deltas: (0..count).map(|at| Say::Text(format!("word{at} "))).collect(),
        usage: Usage { input: 1000, output: 200, ..Usage::default() },
        pace: Pace { delay: Duration::from_millis(delay_ms) },
        ..Script::default()
    }
}
