//! Who gets which event, and how often.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use openclaw_client::DeviceIdentity;
use openclaw_core::{Clock, Ids};
use openclaw_testkit::gateway::{Got, Raw, TOKEN, TestGateway, connect_params};
use openclaw_testkit::llm::{FakeLlm, Wire};
use serde_json::{Value, json};

/// A connection whose mode is `ui`, in a dialect.
async fn ui(gateway: &TestGateway) -> Raw {
    let mut raw = gateway.raw().await;
    let client = json!({ "id": "control-ui", "mode": "ui", "version": "1", "platform": "web" });
    let hello =
        raw.shake(&json!({ "minProtocol": 1, "maxProtocol": 1, "client": client, "auth": { "token": TOKEN } })).await;
    assert_eq!(hello["ok"], true, "{hello}");
    raw
}

async fn plain(gateway: &TestGateway, scopes: &[&str]) -> Raw {
    let mut raw = gateway.raw().await;
    let hello = raw.shake(&connect_params(scopes)).await;
    assert_eq!(hello["ok"], true, "{hello}");
    raw
}

/// Events until the answer to a ping that is sent now.
async fn events_until_now(raw: &mut Raw) -> Vec<Value> {
    raw.send(&json!({ "type": "req", "id": "now", "method": "ping" })).await;
    let mut events = Vec::new();
    loop {
        let frame = raw.next().await.frame();
        if frame["id"] == "now" {
            return events;
        }
        events.push(frame);
    }
}

fn names(events: &[Value]) -> Vec<&str> {
    events.iter().filter_map(|event| event["event"].as_str()).collect()
}

#[tokio::test]
async fn ticks_carry_sessions_for_connections_of_mode_ui_only() {
    let gateway = TestGateway::with_config(json!({ "gateway": { "tickIntervalMs": 1000 } })).await;
    let (mut ui, mut plain) = (ui(&gateway).await, plain(&gateway, &["operator.admin"]).await);
    plain.call("s", "chat.send", json!({ "sessionKey": "main", "message": "hi", "idempotencyKey": "r" })).await;
    plain.call("w", "agent.wait", json!({ "runId": "r" })).await;
    let tick = loop {
        let tick = ui.event("tick").await;
        if !tick["payload"]["snapshot"]["sessions"].as_array().unwrap().is_empty() {
            break tick;
        }
    };
    let row = &tick["payload"]["snapshot"]["sessions"][0];
    assert_eq!(row["key"], "agent:main:main", "{tick}");
    for field in ["kind", "model", "totalTokens", "contextTokens", "messageCount", "cost", "updatedAt", "active"] {
        assert!(row.get(field).is_some(), "{field} in {row}");
    }
    let tick = plain.event("tick").await;
    let members = tick["payload"].as_object().unwrap();
    assert!(members.len() == 1 && members["ts"].is_i64(), "{tick}");
}

#[tokio::test]
async fn log_lines_go_to_connections_of_mode_ui_only() {
    let gateway = TestGateway::start().await;
    let _logged = openclaw_testkit::log::kept(gateway.log(), tracing::level_filters::LevelFilter::TRACE);
    let (mut ui, mut plain) = (ui(&gateway).await, plain(&gateway, &["operator.admin"]).await);
    tracing::info!("a line for the page");
    tracing::debug!("a line for nobody");
    loop {
        let event = ui.event("log").await;
        let message = event["payload"]["message"].as_str().unwrap();
        assert_ne!(message, "a line for nobody");
        if message == "a line for the page" {
            assert!(event["payload"]["timestamp"].is_i64() && event["payload"]["level"] == "info", "{event}");
            break;
        }
    }
    assert!(!names(&events_until_now(&mut plain).await).contains(&"log"));
}

#[tokio::test]
async fn agent_status_is_told_to_mode_ui_when_it_changes() {
    // A model that takes its time: a newer status takes the place of one that still waits to be told.
    let llm = FakeLlm::start().await;
    let provider =
        json!({ "api": "openai-completions", "baseUrl": llm.base_url(Wire::OpenAiCompletions), "apiKey": "any-key" });
    let gateway = TestGateway::with_config(json!({
        "models": { "providers": { "fake": provider } }, "agents": { "defaults": { "model": "fake/model" } },
    }))
    .await;
    let (mut ui, mut plain) = (ui(&gateway).await, plain(&gateway, &["operator.admin"]).await);
    plain.call("s", "chat.send", json!({ "sessionKey": "main", "message": "hi", "idempotencyKey": "r" })).await;
    let busy = ui.event("agent.status").await;
    assert_eq!((&busy["payload"]["status"], busy["payload"]["id"].is_i64()), (&json!("busy"), true), "{busy}");
    let idle = loop {
        let event = ui.event("agent.status").await;
        if event["payload"]["status"] == "idle" {
            break event;
        }
    };
    assert_eq!(idle["payload"]["id"], busy["payload"]["id"]);
    let seen = idle["payload"]["last_seen"].as_i64().unwrap();
    assert!(seen < 100_000_000_000, "seconds, not milliseconds: {seen}");
    plain.call("w", "agent.wait", json!({ "runId": "r" })).await;
    assert!(!names(&events_until_now(&mut plain).await).contains(&"agent.status"));
}

#[tokio::test]
async fn without_read_nobody_sees_chat_and_without_pairing_nobody_sees_pairing() {
    let gateway = TestGateway::start().await;
    let mut nothing = plain(&gateway, &[]).await;
    let mut pairing = plain(&gateway, &["operator.pairing"]).await;
    let mut reader = plain(&gateway, &["operator.read"]).await;
    let mut admin = plain(&gateway, &["operator.admin"]).await;
    admin.call("s", "chat.send", json!({ "sessionKey": "main", "message": "hi", "idempotencyKey": "r" })).await;
    admin.call("w", "agent.wait", json!({ "runId": "r" })).await;
    // A device that nobody knows, without any secret.
    let device = DeviceIdentity::generate(&Ids::system(), &Clock::system());
    let mut stranger = gateway.raw().await;
    let nonce = stranger.challenge().await;
    let now = Clock::system().now_ms();
    let text = format!("v2|{}|gateway-client|ui|operator|operator.read|{now}||{nonce}", device.device_id());
    let refused = stranger
        .call("c", "connect", json!({
            "minProtocol": 3, "maxProtocol": 3, "role": "operator", "scopes": ["operator.read"],
            "client": { "id": "gateway-client", "version": "1", "platform": "web", "mode": "ui" },
            "device": { "id": device.device_id(), "publicKey": device.public_key(), "signature": device.sign(&text), "signedAt": now, "nonce": nonce },
        }))
        .await;
    assert_eq!(refused["error"]["code"], "NOT_PAIRED", "{refused}");
    assert!(matches!(stranger.next().await, Got::Closed(..)));
    for (raw, chat, pair) in [
        (&mut nothing, false, false),
        (&mut pairing, false, true),
        (&mut reader, true, false),
        (&mut admin, true, true),
    ] {
        let events = events_until_now(raw).await;
        let names = names(&events);
        let asked = names.contains(&"device.pair.requested");
        assert_eq!((names.contains(&"chat") || chat, asked), (chat, pair), "{names:?}");
        // An administrator's own answers came after the events, which were passed over with them.
    }
}

#[tokio::test]
async fn session_messages_reach_followers_only() {
    let gateway = TestGateway::start().await;
    let mut follower = plain(&gateway, &["operator.admin"]).await;
    let mut other = plain(&gateway, &["operator.admin"]).await;
    other.call("m", "chat.inject", json!({ "sessionKey": "main", "message": "first" })).await;
    follower.call("s", "sessions.messages.subscribe", json!({ "key": "main" })).await;
    other.call("m2", "chat.inject", json!({ "sessionKey": "main", "message": "second" })).await;
    assert!(follower.event("session.message").await.to_string().contains("second"));
    follower.call("u", "sessions.messages.unsubscribe", json!({ "key": "main" })).await;
    other.call("m3", "chat.inject", json!({ "sessionKey": "main", "message": "third" })).await;
    for raw in [&mut follower, &mut other] {
        assert!(!names(&events_until_now(raw).await).contains(&"session.message"));
    }
}

#[tokio::test]
async fn events_are_numbered_from_one_without_gaps_per_connection() {
    let gateway = TestGateway::with_config(json!({ "gateway": { "tickIntervalMs": 1000 } })).await;
    let mut reader = plain(&gateway, &["operator.read"]).await;
    let mut nothing = plain(&gateway, &[]).await;
    let mut writer = plain(&gateway, &["operator.admin"]).await;
    for number in 0..3 {
        let params = json!({ "sessionKey": "main", "message": "hi", "idempotencyKey": format!("r{number}") });
        writer.call("s", "chat.send", params).await;
        writer.call("w", "agent.wait", json!({ "runId": format!("r{number}") })).await;
    }
    for raw in [&mut reader, &mut nothing] {
        let mut events = events_until_now(raw).await;
        events.push(raw.event("tick").await);
        let seqs: Vec<u64> = events.iter().map(|event| event["seq"].as_u64().unwrap()).collect();
        assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn presence_lists_who_is_there_with_its_version() {
    let gateway = TestGateway::start().await;
    let mut reader = plain(&gateway, &["operator.read"]).await;
    let first = ui(&gateway).await;
    let list = |event: &Value| event["payload"]["presence"].as_array().unwrap().len();
    let joined = reader.event("presence").await;
    assert_eq!(list(&joined), 2, "{joined}");
    drop(first);
    let left = reader.event("presence").await;
    assert_eq!(list(&left), 1, "{left}");
    let version = |event: &Value| event["stateVersion"]["presence"].as_u64().unwrap();
    assert!(version(&left) > version(&joined));
}

/// What each event needs that the story below brings about. What every event needs, and what its listener must have asked for
/// besides, is written down beside the hub: `hub/tests/audience.rs`.
const NEEDS: [(&str, &str); 21] = [
    ("agent", "operator.read"),
    ("chat", "operator.read"),
    ("config.changed", "operator.read"),
    ("cron", "operator.read"),
    ("device.pair.requested", "operator.pairing"),
    ("device.pair.resolved", "operator.pairing"),
    ("device.pair.setup.completed", "operator.pairing"),
    ("exec.approval.requested", "operator.approvals"),
    ("exec.approval.resolved", "operator.approvals"),
    ("health", ""),
    ("node.pair.requested", "operator.pairing"),
    ("plugin.approval.requested", "operator.approvals"),
    ("plugin.approval.resolved", "operator.approvals"),
    ("presence", "operator.read"),
    ("question.requested", "operator.questions"),
    ("question.resolved", "operator.questions"),
    // It needs the right to decide, and following a session the right to read.
    ("session.approval", "operator.admin"),
    ("session.message", "operator.read"),
    ("sessions.changed", "operator.read"),
    ("spawn_result", "operator.admin"),
    ("tick", ""),
];

/// What each other event needs, which the story does not surely bring about: whoever hears one must be due it, and then everybody who
/// is due it must have heard it.
const NEEDS_OF_OTHERS: [(&str, &str); 9] = [
    ("config.rejected", "operator.read"),
    ("gateways.changed", "operator.read"),
    ("heartbeat", "operator.read"),
    ("model.fallback", "operator.read"),
    ("node.hostStats", "operator.read"),
    ("node.pair.resolved", "operator.pairing"),
    ("node.presence", "operator.read"),
    ("passkeys.changed", "operator.pairing"),
    ("skills.changed", "operator.read"),
];

/// Scopes that grant what another names (PROTOCOL §4.4).
fn grants(held: &str, needs: &str) -> bool {
    needs.is_empty()
        || held == needs
        || held == "operator.admin"
        || (held, needs) == ("operator.write", "operator.read")
}

/// A device that signs as `gateway-client`, in this role.
async fn comes(gateway: &TestGateway, device: &DeviceIdentity, role: &str, auth: Value) -> (Raw, Value) {
    let mut raw = gateway.raw().await;
    let nonce = raw.challenge().await;
    let sent = auth["token"].as_str().or_else(|| auth["bootstrapToken"].as_str());
    let (now, token) = (Clock::system().now_ms(), sent.unwrap_or_default());
    let (id, mode) = if role == "node" { ("node-host", "node") } else { ("gateway-client", "ui") };
    let text = format!("v2|{}|{id}|{mode}|{role}||{now}|{token}|{nonce}", device.device_id());
    let answer = raw
        .call("c", "connect", json!({
            "minProtocol": 3, "maxProtocol": 4, "role": role, "scopes": [], "auth": auth, "commands": ["system.which"],
            "client": { "id": id, "version": "1", "platform": "linux", "mode": mode },
            "device": { "id": device.device_id(), "publicKey": device.public_key(), "signature": device.sign(&text), "signedAt": now, "nonce": nonce },
        }))
        .await;
    (raw, answer)
}

async fn fine(raw: &mut Raw, method: &str, params: Value) -> Value {
    let mut answer = raw.call(method, method, params).await;
    assert_eq!(answer["ok"], true, "{method}: {answer}");
    answer["payload"].take()
}

/// Brings about whatever the table names.
async fn story(gateway: &TestGateway, driver: &mut Raw) {
    fine(driver, "chat.send", json!({ "sessionKey": "main", "message": "hi", "idempotencyKey": "r" })).await;
    fine(driver, "agent.wait", json!({ "runId": "r" })).await;
    let schedule = json!({ "kind": "every", "everyMs": 3_600_000 });
    let payload = json!({ "kind": "systemEvent", "text": "story" });
    fine(driver, "cron.add", json!({
        "name": "story", "enabled": false, "schedule": schedule, "sessionTarget": "main", "wakeMode": "next-heartbeat", "payload": payload,
    }))
    .await;
    for (ask, params, answer) in [
        (
            "exec.approval.request",
            json!({ "command": "uname -a", "host": "gateway", "sessionKey": "main", "twoPhase": true }),
            "exec.approval.resolve",
        ),
        (
            "plugin.approval.request",
            json!({ "title": "T", "description": "D", "twoPhase": true }),
            "plugin.approval.resolve",
        ),
    ] {
        let asked = driver.call(ask, ask, params).await;
        let id = asked["payload"]["id"].as_str().unwrap_or_else(|| panic!("{asked}")).to_owned();
        let mut person = plain(gateway, &["operator.admin"]).await;
        fine(&mut person, answer, json!({ "id": id, "decision": "deny" })).await;
    }
    let question = json!({ "header": "Which", "question": "Which one?", "options": [{ "label": "a" }, { "label": "b" }], "questionId": "q" });
    let asking = json!({ "type": "req", "id": "q", "method": "question.request", "params": { "questions": [question], "timeoutMs": 60_000 } });
    driver.send(&asking).await;
    let asked = driver.event("question.requested").await["payload"]["id"].clone();
    let mut person = plain(gateway, &["operator.admin"]).await;
    fine(&mut person, "question.resolve", json!({ "id": asked, "cancel": true })).await;
    fine(driver, "spawn", json!({ "command": "sh", "args": ["-c", "true"] })).await;
    driver.event("spawn_result").await;
    let identity = || DeviceIdentity::generate(&Ids::system(), &Clock::system());
    let (_, refused) = comes(gateway, &identity(), "operator", json!({})).await;
    assert_eq!(refused["error"]["code"], "NOT_PAIRED", "{refused}");
    let made = fine(driver, "device.pair.setupCode", json!({ "scopes": ["operator.read"], "includeQr": false })).await;
    let inside = base64_json(made["setupCode"].as_str().expect("a code is a text"));
    let (_, hello) =
        comes(gateway, &identity(), "operator", json!({ "bootstrapToken": inside["bootstrapToken"] })).await;
    assert_eq!(hello["ok"], true, "{hello}");
    let node = identity();
    let (_, hello) = comes(gateway, &node, "node", json!({ "token": TOKEN })).await;
    assert_eq!(hello["ok"], true, "{hello}");
    gateway.edit(&json!({ "gateway": { "tickIntervalMs": 1000 }, "spawn": { "allow": ["sh", "ls"] } }));
    gateway.reload().await;
}

fn base64_json(text: &str) -> Value {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let json = URL_SAFE_NO_PAD.decode(text).expect("a code is base64url");
    serde_json::from_slice(&json).expect("a code holds JSON")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_event_reaches_over_its_socket_just_those_whose_scope_it_needs() {
    let gateway = TestGateway::with(openclaw_testkit::gateway::Setup {
        config: json!({ "gateway": { "tickIntervalMs": 1000 }, "spawn": { "allow": ["sh"] } }),
        environment: vec![("PATH".to_owned(), "/usr/bin:/bin".to_owned())],
        ..openclaw_testkit::gateway::Setup::default()
    })
    .await;
    let mut driver = plain(&gateway, &["operator.admin"]).await;
    fine(&mut driver, "chat.inject", json!({ "sessionKey": "main", "message": "first" })).await;
    let mut listeners = Vec::new();
    let scopes = openclaw_protocol::Scope::ALL.iter().map(|scope| scope.as_str());
    for scope in [""].into_iter().chain(scopes) {
        let mut params = connect_params(&if scope.is_empty() { Vec::new() } else { vec![scope] });
        params["caps"] = json!(["exec-approvals", "plugin-approvals", "tool-events"]);
        let mut raw = gateway.raw().await;
        let hello = raw.shake(&params).await;
        assert_eq!(hello["ok"], true, "{hello}");
        // Everything is asked for; whoever may not is refused, which changes nothing.
        raw.call("s", "sessions.subscribe", json!({})).await;
        raw.call("m", "sessions.messages.subscribe", json!({ "key": "main", "includeApprovals": true })).await;
        listeners.push((scope.to_owned(), raw));
    }
    let (node, hello) =
        comes(&gateway, &DeviceIdentity::generate(&Ids::system(), &Clock::system()), "node", json!({ "token": TOKEN }))
            .await;
    assert_eq!(hello["ok"], true, "{hello}");
    listeners.push(("a node".to_owned(), node));
    story(&gateway, &mut driver).await;
    let heard: BTreeMap<String, BTreeSet<String>> = join_all(listeners.iter_mut().map(async |(who, raw)| {
        let mut events = events_until_now(raw).await;
        // The first may come at once, while something else still waits to be told.
        for _ in 0..2 {
            events.extend(events_until_tick(raw).await);
        }
        (who.clone(), names(&events).into_iter().map(str::to_owned).collect())
    }))
    .await
    .into_iter()
    .collect();
    let wrong = misled(&heard);
    assert!(wrong.is_empty(), "{}\n{heard:#?}", wrong.join("\n"));
}

/// Events up to the next tick, and that.
async fn events_until_tick(raw: &mut Raw) -> Vec<Value> {
    let mut events = Vec::new();
    loop {
        let event = raw.next().await.frame();
        let last = event["event"] == "tick";
        events.push(event);
        if last {
            return events;
        }
    }
}

/// Who heard what was not for them, and who did not hear what was.
fn misled(heard: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let mut wrong = Vec::new();
    let all: BTreeSet<&String> = heard.values().flatten().collect();
    let known = |name: &str| NEEDS.iter().chain(&NEEDS_OF_OTHERS).any(|(known, _)| *known == name);
    wrong.extend(all.iter().filter(|name| !known(name)).map(|name| format!("{name}: say what it needs")));
    // What the story brings about must be heard, what comes of itself only if anybody heard it.
    let of_others = NEEDS_OF_OTHERS.iter().filter(|(name, _)| all.iter().any(|heard| heard == name));
    for (name, needs) in NEEDS.iter().chain(of_others) {
        for (who, heard) in heard {
            let due = if who == "a node" { needs.is_empty() } else { grants(who, needs) };
            // The health reply is told when it changes, which may be before somebody came.
            if heard.contains(*name) != due && !(*name == "health" && due) {
                wrong.push(format!("{name} to {who:?}: {} was due", if due { "being told" } else { "silence" }));
            }
        }
    }
    wrong
}

#[test]
fn whoever_hears_what_is_not_for_them_is_found() {
    let said = |names: &[&str]| names.iter().map(ToString::to_string).collect::<BTreeSet<String>>();
    let told = |who: &str| {
        let due = NEEDS.iter().filter(|(_, needs)| if who == "a node" { needs.is_empty() } else { grants(who, needs) });
        (who.to_owned(), said(&due.map(|(name, _)| *name).collect::<Vec<_>>()))
    };
    let fair = BTreeMap::from(["", "operator.read", "operator.admin", "a node"].map(told));
    assert_eq!(misled(&fair), [""; 0]);
    for (who, name) in
        [("", "chat"), ("a node", "presence"), ("operator.read", "node.pair.resolved"), ("", "unheard.of")]
    {
        let mut more = fair.clone();
        more.get_mut(who).unwrap().insert(name.to_owned());
        assert!(misled(&more).iter().any(|wrong| wrong.starts_with(name)), "{name} to {who:?} is not found");
        let mut fewer = fair.clone();
        fewer.get_mut("operator.admin").unwrap().remove("chat");
        assert_eq!(misled(&fewer), ["chat to \"operator.admin\": being told was due"]);
    }
}
