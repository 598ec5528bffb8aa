//! Secrets that nobody knows elsewhere go in wherever something goes in, and come out nowhere (T53, T54): not in the log at its
//! loudest, the audit, the security log, the store, events of others, answers, errors or figures. Alone in its process, so that it
//! hears what every thread logs.

#![expect(clippy::unwrap_used, reason = "what helpers of tests cannot do fails the test")]

use std::{
    collections::BTreeSet,
    fmt::Write,
    fs,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use openclaw_gateway::LogFile;
use openclaw_testkit::{
    gateway::{Got, Raw, Setup, TOKEN, TestGateway, connect_params},
    llm::{FakeLlm, Fault, Script, Wire},
};
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tracing_subscriber::layer::SubscriberExt;

/// What every secret begins with; no other text of a gateway does.
const MARK: &str = "c4n4ry";
/// Places of ordinary values: an error may repeat a value of the wrong kind, in short, to whoever sent it.
const REPEATED: [&str; 11] = [
    "models.probe",
    "cron.add",
    "a first frame that is a text",
    "params",
    "config.set, text for",
    "body",
    "connect, auth that is a text",
    "connect, minProtocol",
    "connect, role",
    "connect, scopes",
    "exec.approvals.set",
];
/// Where the one secret goes in that is told, written and logged on purpose: it must be found wherever something is looked for, since
/// what finds nothing may look at nothing.
const PLANTED: &str = "planted";
/// Wherever something is looked for.
const LOUD: [&str; 9] = [
    "the file gateway.sqlite",
    "the file logs/audit.jsonl",
    "the file logs/security.jsonl",
    "the log",
    "what was said about \"audit.records.list\"",
    "what was said about \"chat.history\"",
    "what was said about \"events of a page\"",
    "what was said about \"events of a program\"",
    "what was said about \"logs.tail\"",
];
/// How long it must be quiet.
const PATIENCE: Duration = Duration::from_millis(500);

/// The secrets, and where each goes in.
#[derive(Default)]
struct Hidden(Vec<(String, &'static str)>);

impl Hidden {
    /// A new secret for this place.
    fn at(&mut self, place: &'static str) -> String {
        let secret = format!("{MARK}{:03}zq7vKx93mTfLw82hRbNp", self.0.len());
        self.0.push((secret.clone(), place));
        secret
    }

    /// Tells of each secret that stands in `text`, were it only its beginning. What `own` begins with may stand there.
    fn found(&self, sink: &str, text: &[u8], own: &[&str], seen: &mut Seen) {
        let text = String::from_utf8_lossy(text);
        for (at, _) in text.match_indices(MARK) {
            let known = text
                .get(at..at + MARK.len() + 3)
                .and_then(|name| self.0.iter().find(|(secret, _)| secret.starts_with(name)));
            let place = known.map_or("nowhere known", |(_, place)| place);
            if place == PLANTED {
                seen.loud.insert(sink.to_owned());
            }
            if place == PLANTED || own.contains(&place) {
                continue;
            }
            let around: String = text[..at].chars().rev().take(160).collect::<Vec<_>>().into_iter().rev().collect();
            let _ = writeln!(seen.report, "the secret of {place:?} stands in {sink}, after {around:?}");
        }
    }
}

/// What was found.
#[derive(Default)]
struct Seen {
    /// Secrets where none belongs.
    report: String,
    /// Where the planted one stands.
    loud: BTreeSet<String>,
}

/// Everything that somebody was told.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<(String, String)>>>);

impl Told {
    fn add(&self, to: &str, what: impl Into<String>) {
        self.0.lock().unwrap().push((to.to_owned(), what.into()));
    }
}

/// A configuration with a secret wherever one may stand.
fn config(hidden: &mut Hidden, llm: &FakeLlm) -> Value {
    let model = json!({ "id": "fake-model", "input": ["text"], "contextWindow": 100_000, "maxTokens": 8192 });
    let mut key = |place| hidden.at(place);
    json!({
        "logging": { "level": "trace", "audit": { "enabled": true }, "security": { "level": "trace" } },
        "gateway": { "auth": { "rateLimit": { "maxAttempts": 100, "exemptLoopback": false } }, "remote": { "token": key("gateway.remote.token"), "password": key("gateway.remote.password") } },
        "hooks": { "enabled": true, "token": key("hooks.token"), "signature": { "secret": key("hooks.signature.secret") } },
        "models": { "providers": {
            "fake": {
                "api": "openai-completions", "baseUrl": llm.base_url(Wire::OpenAiCompletions), "models": [model],
                "apiKey": key("models.providers.apiKey"), "apiKeys": [key("models.providers.apiKeys")],
                "headers": { "X-Account": key("models.providers.headers") },
            },
            "variable": { "api": "openai-completions", "baseUrl": llm.base_url(Wire::OpenAiCompletions), "apiKey": "${CANARY_KEY}", "models": [model] },
        } },
        "agents": { "defaults": { "model": "fake/fake-model" }, "list": [{ "id": "main" }] },
        "security": {
            "apiKeys": { "anthropic": key("security.apiKeys.anthropic"), "google": key("security.apiKeys.google") },
            "monitoring": { "enabled": true, "alerting": {
                "enabled": true, "channels": ["email", "webhook"], "recipients": ["ann@example.com"],
                "webhookUrl": format!("http://127.0.0.1:9/hook/{}?key={}", key("alerting.webhookUrl, path"), key("alerting.webhookUrl, query")),
                "webhookSecret": key("alerting.webhookSecret"), "allowPrivateAddresses": ["127.0.0.1"],
                "smtp": { "url": format!("smtp://ann:{}@127.0.0.1:9", key("alerting.smtp.url")), "from": "gateway@example.com" },
            } },
        },
        "skills": { "entries": { "notes": { "apiKey": key("skills.entries.apiKey"), "env": { "NOTES": key("skills.entries.env") } } } },
        "channels": {
            "telegram": { "botToken": key("channels.botToken"), "webhookSecret": key("channels.webhookSecret") },
            "slack": { "appToken": key("channels.appToken"), "signingSecret": key("channels.signingSecret"), "token": key("channels.token") },
        },
    })
}

/// Sends a frame on a socket of its own and notes what is said.
async fn knock(gateway: &TestGateway, told: &Told, place: &str, params: &Value) {
    let mut raw = gateway.raw().await;
    raw.challenge().await;
    raw.send(&json!({ "type": "req", "id": "connect-1", "method": "connect", "params": params })).await;
    listen(&mut raw, told, place).await;
}

/// Notes everything that is said on a socket until it is quiet or over.
async fn listen(raw: &mut Raw, told: &Told, place: &str) {
    while let Some(got) = raw.within(PATIENCE).await {
        match got {
            Got::Frame(frame) => told.add(place, frame.to_string()),
            Got::Closed(_, reason) => return told.add(place, reason),
            Got::Gone => return,
        }
    }
}

/// Wrong credentials and right ones in wrong places, in `connect`.
async fn connects(gateway: &TestGateway, told: &Told, hidden: &mut Hidden) {
    let base = connect_params(&["operator.read"]);
    let mut cases: Vec<(&'static str, Value)> = Vec::new();
    for (place, field) in [
        ("connect, auth.token", "token"),
        ("connect, auth.password", "password"),
        ("connect, auth.deviceToken", "deviceToken"),
        ("connect, auth.bootstrapToken", "bootstrapToken"),
        ("connect, auth.approvalRuntimeToken", "approvalRuntimeToken"),
        ("connect, auth, a key that nobody knows", "apiKey"),
    ] {
        cases.push((place, json!({ "auth": { field: hidden.at(place) } })));
    }
    for (place, auth) in [
        (
            "connect, auth.token that is an object",
            json!({ "token": { "value": hidden.at("connect, auth.token that is an object") } }),
        ),
        ("connect, auth.token that is a list", json!({ "token": [hidden.at("connect, auth.token that is a list")] })),
        ("connect, auth that is a text", json!(hidden.at("connect, auth that is a text"))),
    ] {
        cases.push((place, json!({ "auth": auth })));
    }
    for field in ["deviceToken", "token", "password", "apiKey", "secret"] {
        cases.push((
            "connect, a key beside auth",
            json!({ field: hidden.at("connect, a key beside auth"), "auth": {} }),
        ));
    }
    let device = |signature: String, key: String| json!({ "id": "0".repeat(64), "publicKey": key, "signature": signature, "signedAt": 1, "nonce": "n" });
    cases.push((
        "connect, device.signature",
        json!({ "device": device(hidden.at("connect, device.signature"), "AAAA".to_owned()) }),
    ));
    cases.push((
        "connect, device.publicKey",
        json!({ "device": device("AAAA".to_owned(), hidden.at("connect, device.publicKey")) }),
    ));
    cases.push(("connect, minProtocol", json!({ "minProtocol": hidden.at("connect, minProtocol") })));
    cases.push(("connect, role", json!({ "role": hidden.at("connect, role") })));
    cases.push(("connect, scopes", json!({ "scopes": [{ "x": hidden.at("connect, scopes") }] })));
    for (place, change) in cases {
        let mut params = base.clone();
        for (name, value) in change.as_object().unwrap() {
            params[name.as_str()] = value.clone();
        }
        knock(gateway, told, place, &params).await;
    }
    for (place, text) in [
        ("a first frame that is no JSON", format!("{{\"type\":\"req\",\"auth\":{{\"token\":\"{}\"", hidden.at("a first frame that is no JSON"))),
        ("a first frame that is another call", json!({ "type": "req", "id": "1", "method": "config.get", "params": { "token": hidden.at("a first frame that is another call") } }).to_string()),
        ("a first frame that is a text", json!(hidden.at("a first frame that is a text")).to_string()),
        ("a first frame with a key twice", format!("{{\"type\":\"req\",\"id\":\"1\",\"method\":\"connect\",\"params\":{{\"auth\":{{\"token\":\"a\",\"token\":\"{}\"}}}}}}", hidden.at("a first frame with a key twice"))),
    ] {
        let mut raw = gateway.raw().await;
        raw.challenge().await;
        raw.text(text).await;
        listen(&mut raw, told, place).await;
    }
    let mut raw = gateway.raw().await;
    raw.challenge().await;
    raw.binary(hidden.at("a binary first frame").into_bytes()).await;
    listen(&mut raw, told, "a binary first frame").await;
}

/// Headers, addresses and bodies over plain HTTP.
async fn requests(gateway: &TestGateway, told: &Told, hidden: &mut Hidden) {
    let host = gateway.authority();
    let mut all: Vec<(&'static str, String)> = Vec::new();
    for (place, line) in [
        ("Authorization: Bearer", "Authorization: Bearer "),
        ("Authorization: Basic", "Authorization: Basic "),
        ("Authorization without a scheme", "Authorization: "),
        ("Proxy-Authorization", "Proxy-Authorization: Basic "),
        ("X-Agent-Token", "X-Agent-Token: oca_"),
        ("X-OpenClaw-Token", "X-OpenClaw-Token: "),
        ("X-Api-Key", "X-Api-Key: "),
        ("Cookie", "Cookie: session="),
        ("X-Hub-Signature-256", "X-Hub-Signature-256: sha256="),
        ("Sec-WebSocket-Protocol", "Sec-WebSocket-Protocol: "),
        ("Referer", "Referer: https://example.com/?token="),
        ("X-Forwarded-User", "X-Forwarded-User: "),
        ("Idempotency-Key", "Idempotency-Key: "),
    ] {
        let secret = hidden.at(place);
        for target in [
            "POST /rpc/health",
            "GET /metrics",
            "POST /hooks/agent",
            "GET /events",
            "POST /v1/responses",
            "POST /tools/invoke",
            "GET /",
        ] {
            all.push((place, format!("{target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{line}{secret}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}")));
        }
    }
    for (place, target) in [
        ("query of the page", "GET /?token="),
        ("query of a method", "POST /rpc/health?access_token="),
        ("query of a hook", "POST /hooks/agent?token="),
        ("query of events", "GET /events?token="),
        ("query of figures", "GET /metrics?token="),
        ("path of a login", "GET /login/"),
        ("path of nothing", "GET /no/such/"),
        ("fragment", "GET /#login="),
    ] {
        let secret = hidden.at(place);
        all.push((place, format!("{target}{secret} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")));
        let (_, path) = target.split_once(' ').unwrap();
        all.push((place, format!("GET {path}{secret} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade, close\r\nSec-WebSocket-Version: 12\r\nSec-WebSocket-Key: x\r\n\r\n")));
    }
    let secret = hidden.at("user and password of an address");
    all.push((
        "user and password of an address",
        format!("GET http://ann:{secret}@{host}/ HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"),
    ));
    let right = format!("Authorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\nConnection: close\r\n");
    for (place, target, body) in [
        ("body that is no JSON", "POST /rpc/config.set", "{\"path\":\"x\",\"value\":\"SECRET"),
        ("body that is a text", "POST /rpc/config.set", "\"SECRET\""),
        ("body, a key that nobody knows", "POST /rpc/config.get", "{\"token\":\"SECRET\"}"),
        ("body, a value of another kind", "POST /rpc/logs.tail", "{\"limit\":\"SECRET\"}"),
        ("login code", "POST /api/login", "{\"code\":\"SECRET\"}"),
        (
            "body for a model, of another kind",
            "POST /v1/chat/completions",
            "{\"model\":{\"x\":\"SECRET\"},\"messages\":\"SECRET\"}",
        ),
        ("body for a tool", "POST /tools/invoke", "{\"tool\":[\"SECRET\"],\"args\":\"SECRET\"}"),
        ("body of a hook", "POST /hooks/agent", "{\"message\":{\"token\":\"SECRET\"},\"apiKey\":\"SECRET\"}"),
    ] {
        let body = body.replace("SECRET", &hidden.at(place));
        all.push((
            place,
            format!("{target} HTTP/1.1\r\nHost: {host}\r\n{right}Content-Length: {}\r\n\r\n{body}", body.len()),
        ));
    }
    for (place, bytes) in all {
        told.add(place, gateway.tcp(bytes.as_bytes()).await);
    }
}

/// Calls of somebody who may do everything and writes a secret where none belongs.
async fn calls(owner: &mut Raw, told: &Told, hidden: &mut Hidden) {
    let mut number = 0;
    for (place, method, params) in [
        ("params, a key that nobody knows", "health", json!({ "token": "SECRET" })),
        ("params that are a text", "health", json!("SECRET")),
        ("params, text for a number", "logs.tail", json!({ "limit": "SECRET" })),
        ("params, text for a list", "gateway.token.create", json!({ "name": "x", "scopes": "SECRET" })),
        ("params, text for a word", "gateway.token.create", json!({ "name": "x", "scopes": ["SECRET"] })),
        (
            "params, object for a text",
            "chat.send",
            json!({ "sessionKey": { "a": "SECRET" }, "message": "x", "idempotencyKey": "k" }),
        ),
        ("config.set, text for a number", "config.set", json!({ "path": "gateway.port", "value": "SECRET" })),
        ("config.set, text for a switch", "config.set", json!({ "path": "hooks.enabled", "value": "SECRET" })),
        ("config.set, text for a word", "config.set", json!({ "path": "gateway.bind", "value": "SECRET" })),
        ("config.set, list for a secret", "config.set", json!({ "path": "gateway.auth.token", "value": ["SECRET"] })),
        ("config.set, object for a secret", "config.set", json!({ "path": "hooks.token", "value": { "x": "SECRET" } })),
        (
            "config.patch, a key that nobody knows",
            "config.patch",
            json!({ "patch": { "gateway": { "auth": { "tokn": "SECRET" } } } }),
        ),
        (
            "config.patch, userinfo of an address",
            "config.patch",
            json!({ "patch": { "models": { "providers": { "leaky": { "api": "openai-completions", "baseUrl": "http://ann:SECRET@127.0.0.1:9/v1", "apiKey": "SECRET", "models": [{ "id": "m" }] } } } } }),
        ),
        (
            "config.patch, query of an address",
            "config.patch",
            json!({ "patch": { "models": { "providers": { "asking": { "api": "openai-completions", "baseUrl": "http://127.0.0.1:9/v1?key=SECRET", "apiKey": "SECRET", "models": [{ "id": "m" }] } } } } }),
        ),
        ("config.set, a new secret", "config.set", json!({ "path": "security.apiKeys.openai", "value": "SECRET" })),
        (
            "config.set, a new secret that is replaced",
            "config.set",
            json!({ "path": "security.apiKeys.openai", "value": "SECRET" }),
        ),
        (
            "config.apply, a text that is no configuration",
            "config.apply",
            json!({ "raw": "{ hooks: { token: 'SECRET' ", "baseHash": "x" }),
        ),
        ("config.validate", "config.validate", json!({ "raw": "{ gateway: { auth: { token: ['SECRET'] } } }" })),
        ("skills.update", "skills.update", json!({ "skillKey": "notes", "apiKey": "SECRET" })),
        ("skills.update, of another kind", "skills.update", json!({ "skillKey": "notes", "env": { "A": ["SECRET"] } })),
        (
            "spawn, environment",
            "spawn",
            json!({ "command": "no-such-program", "args": [], "env": { "API_KEY": "SECRET" }, "requestId": "r" }),
        ),
        ("node.pair.verify", "node.pair.verify", json!({ "nodeId": "n", "token": "SECRET" })),
        ("exec.approvals.set", "exec.approvals.set", json!({ "file": "SECRET", "baseHash": "SECRET" })),
        ("models.probe", "models.probe", json!({ "provider": "SECRET" })),
        (
            "wizard.next",
            "wizard.next",
            json!({ "sessionId": "none", "answer": { "stepId": "x", "value": { "apiKey": "SECRET" } } }),
        ),
        ("cron.add", "cron.add", json!({ "name": "x", "schedule": "SECRET", "payload": { "kind": "SECRET" } })),
        ("sessions.patch", "sessions.patch", json!({ "key": "main", "model": ["SECRET"] })),
        (
            "device.token.rotate",
            "device.token.rotate",
            json!({ "deviceId": "none", "role": "operator", "token": "SECRET" }),
        ),
    ] {
        number += 1;
        let text = params.to_string().replace("SECRET", &hidden.at(place));
        let params: Value = serde_json::from_str(&text).unwrap();
        let answer = owner.call(&format!("canary-{number}"), method, params).await;
        told.add(place, answer.to_string());
    }
    for (place, text) in [
        (
            "a frame that is no JSON",
            format!(
                "{{\"type\":\"req\",\"id\":\"x\",\"method\":\"health\",\"params\":{{\"token\":\"{}",
                hidden.at("a frame that is no JSON")
            ),
        ),
        (
            "a frame of another type",
            json!({ "type": "auth", "token": hidden.at("a frame of another type") }).to_string(),
        ),
        (
            "a frame whose id is an object",
            json!({ "type": "req", "id": { "token": hidden.at("a frame whose id is an object") }, "method": "health" })
                .to_string(),
        ),
    ] {
        owner.text(text).await;
        listen(owner, told, place).await;
    }
    owner.binary([&[0xff, 0xfe][..], hidden.at("a binary frame").as_bytes()].concat()).await;
    listen(owner, told, "a binary frame").await;
}

/// Everything that somebody who may do everything can ask for.
async fn asked(owner: &mut Raw, told: &Told) {
    for (number, (method, params)) in [
        ("config.get", json!({})),
        ("config.history", json!({})),
        ("config.diff", json!({})),
        ("config.validate", json!({})),
        ("status", json!({})),
        ("health", json!({ "probe": true })),
        ("security.audit", json!({ "deep": true })),
        ("models.list", json!({ "view": "all" })),
        ("models.authStatus", json!({})),
        ("models.probe", json!({ "provider": "fake", "timeoutMs": 2000 })),
        ("skills.status", json!({})),
        ("hooks.status", json!({})),
        ("channels.status", json!({})),
        ("gateway.token.list", json!({})),
        ("node.list", json!({})),
        ("device.pair.list", json!({})),
        ("sessions.list", json!({})),
        ("chat.history", json!({ "sessionKey": "main" })),
        ("audit.records.list", json!({ "limit": 500 })),
        ("audit.list", json!({})),
        ("logs.tail", json!({ "limit": 1000 })),
        ("usage.status", json!({})),
        ("system-presence", json!({})),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = owner.call(&format!("ask-{number}"), method, params).await;
        told.add(method, answer.to_string());
    }
}

/// Every file below a folder.
fn files(folder: &Path, each: &mut dyn FnMut(&Path, Vec<u8>)) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => files(&path, each),
            Ok(kind) if kind.is_file() => each(&path, fs::read(&path).unwrap_or_default()),
            _ => {}
        }
    }
}

/// Two who are told everything that anybody is told: a program that follows whatever there is, and a page, which alone is told the log.
async fn watched(gateway: &TestGateway, told: &Told) -> [JoinHandle<()>; 2] {
    let mut program = gateway.raw().await;
    let mut params = connect_params(&["operator.admin"]);
    params["caps"] = json!(["exec-approvals", "plugin-approvals", "tool-events"]);
    told.add("hello of a watcher", program.shake(&params).await.to_string());
    for (method, params) in [
        ("chat.inject", json!({ "sessionKey": "main", "message": "first" })),
        ("sessions.subscribe", json!({})),
        ("sessions.messages.subscribe", json!({ "key": "main", "includeApprovals": true })),
    ] {
        let answer = program.call(method, method, params).await;
        assert_eq!(answer["ok"], true, "{method}: {answer}");
    }
    let mut page = gateway.raw().await;
    let client = json!({ "id": "control-ui", "mode": "ui", "version": "1", "platform": "web" });
    let hello = json!({ "minProtocol": 1, "maxProtocol": 1, "client": client, "auth": { "token": TOKEN } });
    let hello = page.shake(&hello).await;
    assert_eq!(hello["ok"], true, "{hello}");
    told.add("hello of a page", hello.to_string());
    [(program, "events of a program"), (page, "events of a page")].map(|(raw, place)| noted(raw, told.clone(), place))
}

/// Notes what comes on a socket to the end of the gateway, however long nothing happens.
fn noted(mut raw: Raw, told: Told, place: &'static str) -> JoinHandle<()> {
    #[expect(clippy::disallowed_methods, reason = "a reader of the test, not of the gateway")]
    tokio::spawn(async move {
        loop {
            match raw.within(Duration::from_secs(15)).await {
                Some(Got::Frame(frame)) => told.add(place, frame.to_string()),
                Some(Got::Closed(..) | Got::Gone) => return,
                None => {}
            }
        }
    })
}

/// Says a secret where somebody is told of it, it is kept, written down and logged.
async fn plant(owner: &mut Raw, secret: &str) {
    let said = owner.call("plant-1", "chat.inject", json!({ "sessionKey": "main", "message": secret })).await;
    assert_eq!(said["ok"], true, "{said}");
    let made =
        owner.call("plant-2", "gateway.token.create", json!({ "name": secret, "scopes": ["operator.read"] })).await;
    assert_eq!(made["ok"], true, "{made}");
    tracing::info!(secret, "a line that a library could write");
}

#[tokio::test]
async fn t53_t54_a_hundred_secrets_go_in_everywhere_and_come_out_nowhere() {
    let mut hidden = Hidden::default();
    let told = Told::default();
    let llm = FakeLlm::start().await;
    // A vendor that quotes the key in its refusal.
    llm.always(Script::default().with(Fault::EchoKey));
    let config = config(&mut hidden, &llm);
    let environment = [
        ("CANARY_KEY", hidden.at("a variable that the configuration names")),
        ("OPENAI_API_KEY", hidden.at("OPENAI_API_KEY")),
        ("ANTHROPIC_API_KEY", hidden.at("ANTHROPIC_API_KEY")),
        ("UNRELATED_PASSWORD", hidden.at("a variable of somebody else")),
    ]
    .map(|(name, value)| (name.to_owned(), value));
    let gateway = TestGateway::with(Setup { config, environment: environment.into(), ..Setup::default() }).await;
    // The log at its loudest, from every thread, with whatever libraries write.
    let log = tempfile::tempdir().unwrap();
    let file = log.path().join("all.log");
    gateway.log().also_to(LogFile::open(&file, 0o600, None, gateway.clock().now_ms()).unwrap());
    let loud = tracing_subscriber::registry().with(gateway.log().layer());
    tracing::subscriber::set_global_default(loud).unwrap();

    let watching = watched(&gateway, &told).await;
    let mut owner = gateway.raw().await;
    told.add("hello of the owner", owner.shake(&connect_params(&["operator.admin"])).await.to_string());

    let run = json!({ "sessionKey": "main", "message": "hello", "idempotencyKey": "run-1" });
    told.add("chat.send", owner.call("run", "chat.send", run).await.to_string());
    told.add(
        "agent.wait",
        owner.call("wait", "agent.wait", json!({ "runId": "run-1", "timeoutMs": 10_000 })).await.to_string(),
    );
    let shown = hidden.0.iter().find(|(_, place)| *place == "hooks.token").unwrap().0.clone();
    let right = format!(
        "POST /hooks/agent HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nAuthorization: Bearer {shown}\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{{\"message\":\"hi\"}}",
        gateway.authority()
    );
    let answer = gateway.tcp(right.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    told.add("a hook with the right token", answer);

    calls(&mut owner, &told, &mut hidden).await;
    requests(&gateway, &told, &mut hidden).await;
    connects(&gateway, &told, &mut hidden).await;
    asked(&mut owner, &told).await;
    for path in ["/metrics", "/openapi.json", "/control-ui-config.json", "/v1/models", "/health", "/ready", "/"] {
        told.add(path, gateway.get(path, &format!("Authorization: Bearer {TOKEN}\r\n")).await);
    }
    // A configuration that cannot be used, by hand, with a secret where none belongs.
    let spoilt = hidden.at("an edit by hand that cannot be used");
    gateway.edit(&json!({ "gateway": { "port": spoilt, "bind": [spoilt], "auth": { "mode": spoilt } } }));
    gateway.reload().await;
    let torn = hidden.at("an edit by hand that is no JSON");
    gateway.edit_text(&format!("{{ gateway: {{ auth: {{ token: '{torn} ]"));
    gateway.reload().await;
    plant(&mut owner, &hidden.at(PLANTED)).await;
    asked(&mut owner, &told).await;
    listen(&mut owner, &told, "events of the owner").await;

    assert!(hidden.0.len() >= 100, "{} secrets", hidden.0.len());
    let state = gateway.dir().join("state");
    // Before it ends, because its folder ends with it; what was written is in the files by now, or beside them in the log of writes.
    let mut kept = Vec::new();
    files(&state, &mut |path, bytes| kept.push((path.strip_prefix(&state).unwrap().display().to_string(), bytes)));
    gateway.stop().await;
    for watcher in watching {
        watcher.await.unwrap();
    }
    let mut seen = Seen::default();
    for (to, what) in told.0.lock().unwrap().iter() {
        // An ordinary value of the wrong kind is repeated, in short, to whoever sent it, and to nobody else.
        let own = Some(to.as_str()).filter(|place| REPEATED.iter().any(|start| place.starts_with(start)));
        hidden.found(&format!("what was said about {to:?}"), what.as_bytes(), own.as_slice(), &mut seen);
    }
    hidden.found("the log", &fs::read(&file).unwrap(), &[], &mut seen);
    assert!(kept.iter().any(|(name, _)| name.starts_with("gateway.sqlite")), "the store was looked into");
    for (name, bytes) in kept {
        // The history holds what the configuration held, for its owner alone, so that it can be put back.
        if !name.starts_with("config-history") {
            hidden.found(&format!("the file {name}"), &bytes, &[], &mut seen);
        }
    }
    assert!(seen.report.is_empty(), "{}", seen.report);
    for sink in LOUD {
        assert!(
            seen.loud.iter().any(|loud| loud.starts_with(sink)),
            "{sink}: the planted secret is not found, only in {:?}",
            seen.loud
        );
    }
}
