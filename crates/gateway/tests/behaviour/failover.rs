//! When a model does not answer: the next key, the next model, cooldowns, and what is told of it (G3).

use openclaw_core::{Clock, ManualClock};
use openclaw_testkit::{
    gateway::{Setup, TOKEN, TestGateway, connect_params},
    llm::{FakeLlm, Fault, RetryAfter, Script, Usage, Wire},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::talk::{Talk, words};

const KEY_ONE: &str = "first-key-of-the-vendor";
const KEY_TWO: &str = "second-key-of-the-vendor";

/// Two vendors: `one/m` with two keys, and `two/n`, which stands in for it.
struct World {
    one: FakeLlm,
    two: FakeLlm,
    gateway: TestGateway,
    time: ManualClock,
}

fn provider(llm: &FakeLlm, model: &str, keys: &[&str], price: f64) -> Value {
    json!({
        "api": "openai-completions", "baseUrl": llm.base_url(Wire::OpenAiCompletions), "apiKeys": keys, "timeoutSeconds": 1,
        "models": [{ "id": model, "contextWindow": 100_000, "maxTokens": 8192, "cost": { "input": price, "output": price } }],
    })
}

fn setup(one: &FakeLlm, two: &FakeLlm, clock: Clock) -> Setup {
    let config = json!({
        "models": { "providers": {
            "one": provider(one, "m", &[KEY_ONE, KEY_TWO], 1.0), "two": provider(two, "n", &["key-of-the-other"], 10.0),
        } },
        "agents": { "defaults": { "model": { "primary": "one/m", "fallbacks": ["two/n"] } } },
    });
    Setup { config, clock, ..Setup::default() }
}

async fn world() -> World {
    let (one, two) = (FakeLlm::start().await, FakeLlm::start().await);
    let (clock, time) = Clock::manual(1_700_000_000_000);
    let gateway = TestGateway::with(setup(&one, &two, clock)).await;
    World { one, two, gateway, time }
}

/// `connect` parameters of a dashboard; in dialect 1 it keeps its scopes without a device.
fn dashboard(scopes: &[&str]) -> Value {
    json!({
        "minProtocol": 1, "maxProtocol": 1, "scopes": scopes, "auth": { "token": TOKEN },
        "client": { "id": "control-ui", "mode": "ui", "version": "1", "platform": "web" },
    })
}

/// The `meta` of a run, as `agent.wait` tells it.
async fn meta(talk: &mut Talk, run: &str) -> Value {
    talk.ok("agent.wait", json!({ "runId": run })).await["meta"].take()
}

#[tokio::test]
async fn each_fault_leads_to_the_other_model_with_its_reason() {
    let faults = [
        (Script::default().with(Fault::Status(401, None)), "auth"),
        (Script::default().with(Fault::Status(402, None)), "billing"),
        (Script::default().with(Fault::Status(404, None)), "model_not_found"),
        (Script::default().with(Fault::Status(429, Some(RetryAfter::Seconds(60)))), "rate_limit"),
        (Script::default().with(Fault::Status(500, None)), "server_error"),
        (Script::default().with(Fault::Status(529, None)), "overloaded"),
        (Script::default().with(Fault::StallBeforeHeaders), "timeout"),
        (Script::default().with(Fault::Html(200)), "invalid_answer"),
        (Script::default().with(Fault::Status(422, None)), "format"),
        (Script::default().with(Fault::Cut), "network"),
    ];
    for (fault, reason) in faults {
        let World { one, two, gateway, .. } = world().await;
        one.always(fault);
        two.script(words(4, 0));
        let mut talk = Talk::admin(&gateway).await;
        talk.ok("sessions.messages.subscribe", json!({ "key": "main" })).await;
        talk.say("main", "r", "hello").await;
        let told = talk.event("model.fallback", |_| true).await;
        assert_eq!((&told["from"], &told["to"], &told["reason"]), (&json!("one/m"), &json!("two/n"), &json!(reason)));
        assert_eq!((&told["runId"], &told["agentId"]), (&json!("r"), &json!("main")), "{told}");
        assert_eq!(told.get("cooldownUntil").is_some(), reason != "format", "{told}");
        let (text, end) = talk.ending("r").await;
        assert_eq!((&end["state"], text.as_str()), (&json!("final"), "word0 word1 word2 word3 "), "{reason}: {end}");
        assert_eq!((&end["message"]["provider"], &end["message"]["model"]), (&json!("two"), &json!("n")), "{end}");
        let meta = meta(&mut talk, "r").await;
        let agent = &meta["agentMeta"];
        assert_eq!(agent["attempts"], told["attempt"], "{meta}");
        assert_eq!(
            agent["failedAttempts"].as_array().map(Vec::len),
            told["attempt"].as_u64().map(|attempt| attempt as usize - 1)
        );
        assert_eq!(agent["failedAttempts"][0]["reason"], reason, "{meta}");
        assert_eq!(agent["terminalReceipt"]["requested"], json!({ "provider": "one", "model": "m" }), "{meta}");
        assert_eq!(agent["terminalReceipt"]["rerouted"], true);
        // The prices of the model that answered.
        assert!((agent["costUsd"].as_f64().unwrap() - 1_200.0 * 10.0 / 1e6).abs() < 1e-9, "{meta}");
        assert!(!meta.to_string().contains(KEY_ONE) && !meta.to_string().contains(KEY_TWO));
    }
}

#[tokio::test]
async fn two_keys_are_used_in_turn_and_a_run_whose_key_is_refused_takes_the_other() {
    let World { one, two, gateway, .. } = world().await;
    one.require_key(KEY_TWO);
    let mut talk = Talk::admin(&gateway).await;
    // Sessions are spread over both keys; whichever meets the bad one first finds out for all.
    for at in 0..8 {
        let (session, run) = (format!("s{at}"), format!("r{at}"));
        talk.say(&session, &run, "hello").await;
        assert_eq!(talk.ending(&run).await.1["state"], "final");
        assert_eq!(talk.row(&session).await["activeModel"], "m");
    }
    let with = |key: &str| {
        let header = format!("Bearer {key}");
        one.requests().iter().filter(|request| request.header("authorization") == Some(&header)).count()
    };
    assert_eq!((with(KEY_ONE), with(KEY_TWO), two.request_count()), (1, 8, 0));
    let status = talk.ok("models.authStatus", json!({})).await;
    let provider = status["providers"].as_array().unwrap().iter().find(|row| row["provider"] == "one").unwrap();
    assert_eq!(provider["status"], "ok", "one key is enough: {provider}");
    let keys: Vec<_> = provider["profiles"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| (&key["profileId"], &key["status"], &key["reason"]))
        .collect();
    assert_eq!(
        keys,
        [(&json!("key-1"), &json!("cooldown"), &json!("auth")), (&json!("key-2"), &json!("ok"), &Value::Null)]
    );
    assert!(!status.to_string().contains("key-of-the-vendor"), "{status}");
}

#[tokio::test]
async fn a_cooldown_is_kept_by_later_runs_and_ends_in_time() {
    let World { one, two, gateway, time } = world().await;
    one.always(Script::default().with(Fault::Status(429, Some(RetryAfter::Seconds(60)))));
    let mut talk = Talk::admin(&gateway).await;
    talk.ok("sessions.messages.subscribe", json!({ "key": "main" })).await;
    talk.say("main", "a", "hello").await;
    assert_eq!(talk.ending("a").await.1["state"], "final");
    let until = talk.event("model.fallback", |told| told["runId"] == "a").await["cooldownUntil"].clone();
    assert_eq!(until, json!(1_700_000_000_000_i64 + 60_000));
    assert_eq!(one.request_count(), 2, "both keys");
    let models = talk.ok("models.list", json!({})).await;
    let row = models["models"].as_array().unwrap().iter().find(|row| row["id"] == "m").unwrap().clone();
    assert_eq!(
        (&row["available"], &row["unavailableReason"], &row["unavailableUntil"]),
        (&json!(false), &json!("cooldown"), &until),
        "{row}"
    );
    // The next run goes to the other model at once, and says why.
    one.always(Script::text("well again"));
    talk.say("main", "b", "hello").await;
    let told = talk.event("model.fallback", |told| told["runId"] == "b").await;
    assert_eq!((&told["attempt"], &told["reason"], &told["cooldownUntil"]), (&json!(1), &json!("rate_limit"), &until));
    assert_eq!(talk.ending("b").await.1["message"]["provider"], "two");
    assert_eq!((one.request_count(), two.request_count()), (2, 2));
    time.advance_ms(60_000);
    talk.say("main", "c", "hello").await;
    let (text, end) = talk.ending("c").await;
    assert_eq!((text.as_str(), &end["message"]["provider"]), ("well again", &json!("one")), "{end}");
}

#[tokio::test]
async fn a_reload_forgets_no_cooldown_and_a_further_key_starts_afresh() {
    let World { one, two, gateway, .. } = world().await;
    one.always(Script::default().with(Fault::Status(401, None)));
    let mut talk = Talk::admin(&gateway).await;
    talk.say("main", "a", "hello").await;
    assert_eq!(talk.ending("a").await.1["message"]["provider"], "two");
    one.always(Script::text("well again"));
    let mut config = setup(&one, &two, Clock::system()).config;
    config["models"]["providers"]["one"]["timeoutSeconds"] = json!(2);
    gateway.edit(&config);
    gateway.reload().await;
    talk.say("main", "b", "hello").await;
    assert_eq!(talk.ending("b").await.1["message"]["provider"], "two");
    assert_eq!(one.request_count(), 2, "both keys, once");
    config["models"]["providers"]["one"]["apiKeys"] = json!([KEY_ONE, KEY_TWO, "third-key-of-the-vendor"]);
    gateway.edit(&config);
    gateway.reload().await;
    talk.say("main", "c", "hello").await;
    assert_eq!(talk.ending("c").await.0, "well again");
    assert_eq!(one.requests().pop().unwrap().header("authorization"), Some("Bearer third-key-of-the-vendor"));
}

#[tokio::test]
async fn when_all_are_down_one_error_lists_every_attempt() {
    let World { one, two, gateway, .. } = world().await;
    one.always(Script::default().with(Fault::EchoKey));
    two.always(Script::default().with(Fault::Status(503, None)));
    let mut talk = Talk::admin(&gateway).await;
    let id = talk.send("agent", json!({ "message": "hello", "idempotencyKey": "r" })).await;
    assert_eq!(talk.answer(&id).await["payload"]["status"], "accepted");
    let failed = talk.answer(&id).await;
    let error = &failed["error"];
    assert_eq!(
        (&error["code"], &error["details"]["code"]),
        (&json!("UNAVAILABLE"), &json!("MODEL_UNAVAILABLE")),
        "{failed}"
    );
    let attempts = error["details"]["failedAttempts"].as_array().unwrap();
    let listed: Vec<_> = attempts
        .iter()
        .map(|attempt| format!("{}/{} {} {}", attempt["provider"], attempt["model"], attempt["key"], attempt["reason"]))
        .collect();
    assert_eq!(listed.len(), 4, "two keys, then the other model twice: {listed:?}");
    assert!(listed[0].contains("auth") && listed[1].contains("auth") && listed[3].contains("overloaded"), "{listed:?}");
    let message = error["message"].as_str().unwrap();
    for part in
        ["no model answered after 4 attempts", "one/m (key 1): ", "one/m (key 2): ", "two/n: the provider failed (503)"]
    {
        assert!(message.contains(part), "{part} in {message}");
    }
    assert!(!failed.to_string().contains("key-of-the"), "{failed}");
    let (_, end) = talk.ending("r").await;
    let detail = json!({ "provider": "two", "model": "n", "failoverReason": "overloaded", "httpStatus": 503 });
    assert_eq!((&end["errorKind"], &end["errorDetail"]), (&json!("unknown"), &detail), "{end}");
    assert_eq!(meta(&mut talk, "r").await["agentMeta"]["attempts"], 4);
    let status = talk.ok("models.authStatus", json!({})).await;
    let of =
        |id: &str| status["providers"].as_array().unwrap().iter().find(|row| row["provider"] == id).unwrap().clone();
    assert_eq!((&of("one")["status"], &of("one")["reason"]), (&json!("cooldown"), &json!("auth")), "{status}");
    assert_eq!(of("two")["models"][0]["reason"], "overloaded", "{status}");
}

#[tokio::test]
async fn a_stream_that_breaks_after_its_first_words_keeps_them_and_asks_nobody_else() {
    let World { one, two, gateway, .. } = world().await;
    one.script(words(8, 0).with(Fault::Cut));
    let mut talk = Talk::admin(&gateway).await;
    talk.say("main", "r", "hello").await;
    let (text, end) = talk.ending("r").await;
    assert!(end["state"] == "error" && text.starts_with("word0 "), "{text}: {end}");
    assert_eq!((one.request_count(), two.request_count()), (1, 0));
    assert_eq!(talk.lines("main").await[1].1, text, "the partial text is kept");
    let agent = meta(&mut talk, "r").await["agentMeta"].take();
    assert_eq!(
        (&agent["provider"], &agent["failedAttempts"][0]["reason"]),
        (&json!("one"), &json!("network")),
        "{agent}"
    );
}

#[tokio::test]
async fn a_model_that_somebody_chose_is_not_replaced_behind_their_back() {
    let World { one, two, gateway, .. } = world().await;
    one.always(Script::default().with(Fault::Status(422, None)));
    let mut talk = Talk::admin(&gateway).await;
    talk.ok("sessions.patch", json!({ "key": "main", "model": "one/m" })).await;
    talk.say("main", "a", "hello").await;
    assert_eq!(talk.ending("a").await.1["state"], "error");
    assert_eq!(two.request_count(), 0);
    // The session's own fallbacks are as good as its own model.
    let patched = talk.ok("sessions.patch", json!({ "key": "main", "fallbacks": ["two/n"] })).await;
    assert_eq!(patched["entry"]["fallbacks"], json!(["two/n"]));
    talk.say("main", "b", "hello").await;
    assert_eq!(talk.ending("b").await.1["message"]["provider"], "two");
    let row = talk.row("main").await;
    assert_eq!(
        (&row["model"], &row["activeModel"], &row["activeModelProvider"], &row["fallbacks"]),
        (&json!("m"), &json!("n"), &json!("two"), &json!(["two/n"])),
        "{row}"
    );
    let info = talk.ok("chat.history", json!({ "sessionKey": "main" })).await["sessionInfo"].take();
    assert_eq!(info["activeModel"], "n");
    // None at all, although the agent has some.
    talk.ok("sessions.patch", json!({ "key": "other", "fallbacks": [] })).await;
    talk.say("other", "c", "hello").await;
    assert_eq!(talk.ending("c").await.1["state"], "error");
    for (fallbacks, path) in [
        (json!(["no slash"]), "params.fallbacks.0"),
        (json!(["p/1", "p/2", "p/3", "p/4", "p/5", "p/6", "p/7", "p/8"]), "params.fallbacks"),
    ] {
        let refused = talk.call("sessions.patch", json!({ "key": "main", "fallbacks": fallbacks })).await;
        assert_eq!(refused["error"]["details"]["path"], path, "{refused}");
    }
    assert_eq!(
        talk.ok("sessions.patch", json!({ "key": "main", "fallbacks": null })).await["entry"].get("fallbacks"),
        None
    );
}

#[tokio::test]
async fn fallbacks_are_told_to_dashboards_and_followers_that_may_read_and_to_nobody_else() {
    let World { one, two: _two, gateway, .. } = world().await;
    one.always(Script::default().with(Fault::Status(422, None)));
    let mut watching = Talk::with(&gateway, dashboard(&["operator.read"])).await;
    let mut follower = Talk::with(&gateway, connect_params(&["operator.read"])).await;
    follower.ok("sessions.messages.subscribe", json!({ "key": "main" })).await;
    let mut bystander = Talk::with(&gateway, connect_params(&["operator.read"])).await;
    let mut blind = Talk::with(&gateway, dashboard(&["operator.pairing"])).await;
    let mut talk = Talk::admin(&gateway).await;
    talk.say("main", "r", "hello").await;
    talk.ending("r").await;
    for listener in [&mut watching, &mut follower] {
        assert_eq!(listener.event("model.fallback", |_| true).await["to"], "two/n");
    }
    for listener in [&mut bystander, &mut blind] {
        // Whatever was told before the answer would have come before it.
        listener.call("ping", json!({})).await;
        assert!(!listener.has_heard("model.fallback"));
    }
}

#[tokio::test]
async fn failures_and_fallbacks_are_counted() {
    let World { one, two, gateway, .. } = world().await;
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let mut setup = setup(&one, &two, Clock::system());
    setup.config["metrics"] = json!({ "enabled": true, "port": port, "required": true });
    let gateway = gateway.restart(setup).await;
    one.always(Script::default().with(Fault::Status(422, None)));
    let mut talk = Talk::admin(&gateway).await;
    talk.say("main", "r", "hello").await;
    talk.ending("r").await;
    let mut scrape = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    scrape.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut text = String::new();
    scrape.read_to_string(&mut text).await.unwrap();
    for line in ["openclaw_gateway_model_fallbacks_total 1", r#"openclaw_gateway_model_errors_total{kind="format"} 1"#]
    {
        assert!(text.lines().any(|found| found == line), "{line} in\n{text}");
    }
}

#[tokio::test]
async fn a_session_counts_what_failed_attempts_used_and_a_run_tells_all_of_it() {
    let World { one, two, gateway, .. } = world().await;
    let usage = Usage { input: 500, output: 40, cache_read: 300, reasoning: 10, ..Usage::default() };
    one.always(Script::default().with(Fault::Status(500, None)));
    two.script(Script { usage, ..words(4, 0) });
    let mut talk = Talk::admin(&gateway).await;
    let id = talk.send("agent", json!({ "message": "hello", "idempotencyKey": "r" })).await;
    talk.answer(&id).await;
    let done = talk.answer(&id).await;
    let agent = &done["payload"]["result"]["meta"]["agentMeta"];
    let wanted = json!({
        "input": 500, "output": 40, "cacheRead": 300, "cacheWrite": 0, "reasoning": 10, "totalTokens": 840, "total": 840,
        "cost": { "total": agent["costUsd"] },
    });
    assert_eq!(
        (&agent["usage"], &agent["lastCallUsage"], &agent["promptTokens"]),
        (&wanted, &wanted, &json!(800)),
        "{done}"
    );
    assert!((agent["costUsd"].as_f64().unwrap() - 0.0054).abs() < 1e-9, "{done}");
    assert_eq!(agent["attempts"], 3, "{done}");
    assert!(agent["ttftMs"].is_u64() && done["payload"]["result"]["meta"]["durationMs"].is_u64(), "{done}");
    assert_eq!(meta(&mut talk, "r").await["agentMeta"], *agent, "agent.wait tells the same");
    let row = talk.row("agent:main:main").await;
    assert_eq!(
        (
            &row["inputTokens"],
            &row["outputTokens"],
            &row["cacheReadTokens"],
            &row["reasoningTokens"],
            &row["totalTokens"]
        ),
        (&json!(500), &json!(40), &json!(300), &json!(10), &json!(840)),
        "{row}"
    );
    assert_eq!(row["estimatedCostUsd"], agent["costUsd"]);
}
