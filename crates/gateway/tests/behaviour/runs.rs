//! Turns: accepted, running, ended, and everything that may happen between (G1, G4, M1, M4, W16).

use openclaw_testkit::{
    gateway::TestGateway,
    llm::{FakeLlm, Script, Wire},
};
use serde_json::{Value, json};

use crate::{
    devices::code,
    talk::{Talk, gateway_on, setup, stalled, text_of, words},
};

async fn fixture() -> (FakeLlm, TestGateway, Talk) {
    let llm = FakeLlm::start().await;
    let gateway = gateway_on(&llm, Wire::OpenAiCompletions).await;
    let talk = Talk::admin(&gateway).await;
    (llm, gateway, talk)
}

#[tokio::test]
async fn the_deltas_of_a_turn_joined_are_its_text_and_the_session_counts_it() {
    let (llm, _gateway, mut talk) = fixture().await;
    llm.script(words(40, 2));
    assert_eq!(talk.say("main", "r1", "hello").await, json!({ "runId": "r1", "status": "started" }));
    let (text, end) = talk.ending("r1").await;
    assert_eq!((&end["state"], end["stopReason"].as_str()), (&json!("final"), Some("stop")), "{end}");
    assert_eq!(text, text_of(&end["message"]));
    assert!(text.starts_with("word0 ") && text.ends_with("word39 "), "{text}");
    let phases: Vec<Value> = [
        talk.event("agent", |event| event["data"]["phase"] == "start").await,
        talk.event("agent", |event| event["data"]["phase"] == "end").await,
    ]
    .map(|event| event["runId"].clone())
    .to_vec();
    assert_eq!(phases, ["r1", "r1"]);
    let row = talk.row("main").await;
    assert_eq!(
        (&row["messageCount"], &row["inputTokens"], &row["outputTokens"], &row["totalTokens"], &row["contextTokens"]),
        (&json!(2), &json!(1000), &json!(200), &json!(1200), &json!(100_000)),
        "{row}"
    );
    assert!((row["cost"].as_f64().unwrap() - 0.003).abs() < 1e-9, "{row}");
    assert_eq!((&row["hasActiveRun"], &row["model"]), (&json!(false), &json!("fake-model")));
    assert_eq!(llm.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn sessions_changed_tells_the_row_as_it_is_when_a_run_begins_and_ends() {
    let (llm, _gateway, mut talk) = fixture().await;
    llm.script(words(4, 0));
    talk.say("main", "r1", "hello").await;
    let begun = talk.event("sessions.changed", |event| event["reason"] == "run").await;
    assert_eq!(begun["session"]["hasActiveRun"], true, "{begun}");
    let ended = talk.event("sessions.changed", |event| event["reason"] == "run").await;
    assert_eq!(
        (&ended["session"]["hasActiveRun"], &ended["session"]["messageCount"], &ended["session"]["outputTokens"]),
        (&json!(false), &json!(2), &json!(200)),
        "{ended}"
    );
}

#[tokio::test]
async fn a_retry_does_not_run_twice_and_another_text_under_the_same_key_is_refused() {
    let (llm, _gateway, mut talk) = fixture().await;
    llm.script(words(20, 10));
    let ask = json!({ "sessionKey": "main", "message": "hello", "idempotencyKey": "r1" });
    talk.ok("chat.send", ask.clone()).await;
    talk.speaking("r1").await;
    assert_eq!(talk.ok("chat.send", ask.clone()).await["status"], "in_flight");
    for other in [
        json!({ "sessionKey": "main", "message": "other", "idempotencyKey": "r1" }),
        json!({ "sessionKey": "elsewhere", "message": "hello", "idempotencyKey": "r1" }),
    ] {
        let refused = talk.call("chat.send", other).await;
        assert_eq!(code(&refused), "CONFLICT", "{refused}");
    }
    talk.ending("r1").await;
    assert_eq!(talk.ok("chat.send", ask).await["status"], "ok");
    assert_eq!((llm.request_count(), talk.lines("main").await.len()), (1, 2));
}

#[tokio::test]
async fn two_hundred_retries_at_once_are_one_run() {
    let (llm, gateway, mut talk) = fixture().await;
    llm.script(words(10, 5));
    let mut connections = Vec::new();
    for _ in 0..8 {
        connections.push(gateway.connect().await);
    }
    let mut tasks = tokio::task::JoinSet::new();
    for at in 0..200 {
        let connection = connections[at % 8].clone();
        let ask = json!({ "sessionKey": "main", "message": "hello", "idempotencyKey": "once" });
        tasks.spawn(async move { connection.call::<Value>("chat.send", ask).await });
    }
    let (mut started, mut known, mut busy) = (0, 0, 0);
    while let Some(answer) = tasks.join_next().await {
        match answer.unwrap() {
            Ok(answer) if answer["status"] == "started" => started += 1,
            Ok(_) => known += 1,
            // Bounded mailboxes may say so; that is retryable and has changed nothing.
            Err(error) => {
                assert!(error.to_string().contains("too many requests wait"), "{error}");
                busy += 1;
            }
        }
    }
    assert_eq!((started, known + busy), (1, 199));
    talk.ending("once").await;
    assert_eq!((llm.request_count(), talk.lines("main").await.len()), (1, 2));
}

#[tokio::test]
async fn what_follows_waits_for_its_turn() {
    let (llm, _gateway, mut talk) = fixture().await;
    llm.script(words(10, 10));
    talk.say("main", "a", "first").await;
    talk.speaking("a").await;
    talk.say("main", "b", "second").await;
    let waiting = talk.ok("agent.wait", json!({ "runId": "b", "timeoutMs": 1 })).await;
    assert_eq!(waiting["status"], "timeout");
    assert_eq!(talk.ending("a").await.1["state"], "final");
    assert_eq!(talk.ending("b").await.1["state"], "final");
    let roles: Vec<String> = talk.lines("main").await.into_iter().map(|(role, _)| role).collect();
    assert_eq!(roles, ["user", "assistant", "user", "assistant"]);
    assert_eq!(llm.request_count(), 2);
}

#[tokio::test]
async fn collected_messages_are_one_turn_and_each_of_their_runs_ends_with_it() {
    let (llm, _gateway, mut talk) = fixture().await;
    llm.script(words(10, 10));
    llm.script(Script::text("answer to both"));
    talk.say("main", "a", "first").await;
    talk.speaking("a").await;
    for (run, text) in [("b", "second"), ("c", "third")] {
        let ask = json!({ "sessionKey": "main", "message": text, "idempotencyKey": run, "queueMode": "collect" });
        talk.ok("chat.send", ask).await;
    }
    talk.ending("a").await;
    assert_eq!(talk.ending("b").await.1["state"], "final");
    assert_eq!(talk.ending("c").await.1["state"], "final");
    for run in ["b", "c"] {
        let end = talk.ok("agent.wait", json!({ "runId": run })).await;
        assert_eq!((&end["status"], &end["text"]), (&json!("ok"), &json!("answer to both")), "{run}: {end}");
    }
    let requests = llm.requests();
    assert_eq!(requests.len(), 2);
    let asked = requests[1].body.to_string();
    assert!(asked.contains("second") && asked.contains("third"), "{asked}");
    let roles: Vec<String> = talk.lines("main").await.into_iter().map(|(role, _)| role).collect();
    assert_eq!(roles, ["user", "assistant", "user", "user", "assistant"]);
}

#[tokio::test]
async fn an_interrupting_message_aborts_the_run_at_work() {
    let (llm, _gateway, mut talk) = fixture().await;
    llm.script(stalled());
    talk.say("main", "a", "first").await;
    talk.speaking("a").await;
    let ask = json!({ "sessionKey": "main", "message": "no, this", "idempotencyKey": "b", "queueMode": "interrupt" });
    talk.ok("chat.send", ask).await;
    let (_, aborted) = talk.ending("a").await;
    assert_eq!((&aborted["state"], &aborted["stopReason"]), (&json!("aborted"), &json!("interrupt")), "{aborted}");
    assert_eq!(talk.ending("b").await.1["state"], "final");
    llm.until(|connections| connections.abandoned == 1).await;
}

#[tokio::test]
async fn the_sessions_own_queue_mode_counts_when_the_message_names_none() {
    let (llm, _gateway, mut talk) = fixture().await;
    llm.script(stalled());
    talk.ok("sessions.patch", json!({ "key": "main", "queueMode": "interrupt" })).await;
    talk.say("main", "a", "first").await;
    talk.speaking("a").await;
    talk.say("main", "b", "no, this").await;
    assert_eq!(talk.ending("a").await.1["state"], "aborted");
    assert_eq!(talk.ending("b").await.1["state"], "final");
}

#[tokio::test]
async fn words_that_no_one_knows_are_refused_before_anything_runs() {
    let (llm, _gateway, mut talk) = fixture().await;
    for (method, mut params, path) in [
        ("chat.send", json!({ "sessionKey": "main", "queueMode": "whenever" }), "params.queueMode"),
        (
            "chat.send",
            json!({ "sessionKey": "main", "attachments": [{ "mimeType": "image/png", "content": "%" }] }),
            "params.attachments[0]",
        ),
        (
            "chat.send",
            json!({ "sessionKey": "main", "attachments": [{ "mimeType": "text/html", "content": "aGk=" }] }),
            "params.attachments[0]",
        ),
        ("agent", json!({ "model": "no slash" }), "params.model"),
        ("agent", json!({ "sessionKey": "agent:nobody:main" }), ""),
        ("agent", json!({ "agentId": "nobody" }), ""),
    ] {
        params["message"] = json!("hello");
        params["idempotencyKey"] = json!("r1");
        let refused = talk.call(method, params.clone()).await;
        assert_eq!(refused["error"]["code"], "INVALID_REQUEST", "{params}: {refused}");
        if !path.is_empty() {
            assert_eq!(refused["error"]["details"]["path"], path, "{refused}");
        }
    }
    let empty = json!({ "sessionKey": "main", "message": " ", "idempotencyKey": "r1" });
    assert_eq!(talk.call("chat.send", empty).await["error"]["message"], "message or attachment required");
    assert_eq!(llm.request_count(), 0);
}

#[tokio::test]
async fn an_aborted_run_keeps_what_it_said_and_closes_the_vendors_connection() {
    let (llm, _gateway, mut talk) = fixture().await;
    llm.script(stalled());
    talk.say("main", "a", "first").await;
    talk.speaking("a").await;
    talk.say("main", "b", "waits").await;
    let wrong = talk.call("chat.abort", json!({ "sessionKey": "elsewhere", "runId": "a" })).await;
    assert_eq!(wrong["error"]["message"], "runId does not match sessionKey", "{wrong}");
    let aborted = talk.ok("chat.abort", json!({ "sessionKey": "main" })).await;
    assert_eq!(aborted, json!({ "ok": true, "aborted": true, "runIds": ["a", "b"] }));
    let (_, end) = talk.ending("a").await;
    assert_eq!((&end["state"], &end["stopReason"]), (&json!("aborted"), &json!("rpc")), "{end}");
    llm.until(|connections| connections.abandoned == 1).await;
    let lines = talk.lines("main").await;
    assert_eq!(lines.len(), 2, "what waited never came into the transcript: {lines:?}");
    assert!(lines[1].1.starts_with("word0 "), "{lines:?}");
    assert_eq!(talk.row("main").await["abortedLastRun"], true);
    for run in ["a", "b"] {
        let end = talk.ok("agent.wait", json!({ "runId": run })).await;
        assert_eq!((&end["status"], &end["stopReason"]), (&json!("error"), &json!("aborted")), "{end}");
    }
    assert_eq!(talk.ok("chat.abort", json!({ "sessionKey": "main" })).await["aborted"], false);
    // The session goes on, and knows that its last run ended well.
    talk.say("main", "c", "again").await;
    assert_eq!(talk.ending("c").await.1["state"], "final");
    assert_eq!(talk.row("main").await["abortedLastRun"], false);
}

#[tokio::test]
async fn what_was_used_is_counted_when_a_run_is_aborted_or_interrupted() {
    let llm = FakeLlm::start().await;
    // This vendor tells early what the question took.
    let gateway = gateway_on(&llm, Wire::AnthropicMessages).await;
    let mut talk = Talk::admin(&gateway).await;
    llm.script(stalled());
    talk.say("main", "a", "first").await;
    talk.speaking("a").await;
    talk.ok("chat.abort", json!({ "sessionKey": "main" })).await;
    assert_eq!(talk.row("main").await["inputTokens"], 1000);
    llm.script(stalled());
    talk.say("main", "b", "second").await;
    talk.speaking("b").await;
    let gateway = gateway.restart(setup(&llm, Wire::AnthropicMessages)).await;
    let mut talk = Talk::admin(&gateway).await;
    assert_eq!(talk.row("main").await["inputTokens"], 2000);
    for run in ["a", "b"] {
        let end = talk.ok("agent.wait", json!({ "runId": run })).await;
        let agent = &end["meta"]["agentMeta"];
        assert_eq!(
            (&agent["usage"]["input"], &agent["attempts"], &agent["model"]),
            (&json!(1000), &json!(1), &json!("fake-model")),
            "{end}"
        );
        assert!(agent["costUsd"].as_f64() > Some(0.0) && agent["ttftMs"].is_u64(), "{end}");
    }
}

#[tokio::test]
async fn a_run_that_waits_and_is_aborted_tells_its_end() {
    let (llm, _gateway, mut talk) = fixture().await;
    llm.script(stalled());
    talk.say("main", "a", "first").await;
    talk.speaking("a").await;
    talk.say("main", "b", "waits").await;
    talk.ok("chat.abort", json!({ "sessionKey": "main", "runId": "b" })).await;
    assert_eq!(talk.ending("b").await.1["state"], "aborted");
    assert_eq!(talk.row("main").await["hasActiveRun"], true, "the run at work goes on");
}

#[tokio::test]
async fn stop_as_a_message_stops() {
    let (llm, _gateway, mut talk) = fixture().await;
    llm.script(stalled());
    talk.say("main", "a", "first").await;
    talk.speaking("a").await;
    let stopped = talk.say("main", "s", "/stop").await;
    assert_eq!((&stopped["aborted"], &stopped["runIds"]), (&json!(true), &json!(["a"])), "{stopped}");
    assert_eq!(talk.ending("a").await.1["state"], "aborted");
    assert_eq!(talk.lines("main").await.len(), 2);
}

#[tokio::test]
async fn a_run_that_takes_too_long_ends_with_an_error_of_that_kind() {
    let (llm, _gateway, mut talk) = fixture().await;
    llm.script(stalled());
    let ask = json!({ "sessionKey": "main", "message": "hello", "idempotencyKey": "a", "timeoutMs": 300 });
    talk.ok("chat.send", ask).await;
    let (_, end) = talk.ending("a").await;
    assert_eq!((&end["state"], &end["errorKind"]), (&json!("error"), &json!("timeout")), "{end}");
    llm.until(|connections| connections.abandoned == 1).await;
    let end = talk.ok("agent.wait", json!({ "runId": "a" })).await;
    assert_eq!(end["error"], "the run took longer than its time limit", "{end}");
}

#[tokio::test]
async fn agent_answers_accepted_and_then_the_result() {
    let (llm, _gateway, mut talk) = fixture().await;
    llm.script(Script::text("the answer"));
    let id = talk.send("agent", json!({ "message": "hello", "idempotencyKey": "a" })).await;
    let accepted = talk.answer(&id).await;
    assert_eq!((&accepted["payload"]["status"], &accepted["payload"]["runId"]), (&json!("accepted"), &json!("a")));
    let done = talk.answer(&id).await;
    assert_eq!(
        (&done["payload"]["status"], &done["payload"]["result"]["payloads"][0]["text"]),
        (&json!("ok"), &json!("the answer")),
        "{done}"
    );
    // A retry gets both answers again, without a second turn.
    let id = talk.send("agent", json!({ "message": "hello", "idempotencyKey": "a" })).await;
    assert_eq!(talk.answer(&id).await["payload"]["acceptedAt"], accepted["payload"]["acceptedAt"]);
    assert_eq!(talk.answer(&id).await["payload"], done["payload"]);
    assert_eq!(llm.request_count(), 1);
    llm.script(stalled());
    let id = talk.send("agent", json!({ "message": "long", "idempotencyKey": "b" })).await;
    talk.answer(&id).await;
    talk.speaking("b").await;
    talk.ok("chat.abort", json!({ "sessionKey": "main" })).await;
    let failed = talk.answer(&id).await;
    assert_eq!((&failed["ok"], &failed["error"]["details"]["runId"]), (&json!(false), &json!("b")), "{failed}");
}

#[tokio::test]
async fn agent_wait_tells_the_end_whenever_it_is_asked() {
    let (llm, _gateway, mut talk) = fixture().await;
    let unknown = talk.ok("agent.wait", json!({ "runId": "nobody", "timeoutMs": 20 })).await;
    assert_eq!(unknown, json!({ "runId": "nobody", "status": "timeout" }));
    let before = talk.send("agent.wait", json!({ "runId": "a", "timeoutMs": 10_000 })).await;
    llm.script(words(10, 10));
    talk.say("main", "a", "hello").await;
    talk.speaking("a").await;
    let during = talk.send("agent.wait", json!({ "runId": "a", "timeoutMs": 10_000 })).await;
    let (before, during) = (talk.answer(&before).await, talk.answer(&during).await);
    let after = talk.call("agent.wait", json!({ "runId": "a" })).await;
    assert_eq!((&before["payload"]["status"], &before["payload"]["stopReason"]), (&json!("ok"), &json!("stop")));
    assert_eq!((&before["payload"], &during["payload"]), (&after["payload"], &after["payload"]));
    assert!(after["payload"]["endedAt"].as_i64() >= after["payload"]["startedAt"].as_i64());
}

#[tokio::test]
async fn a_stop_in_the_middle_interrupts_the_run_and_nothing_runs_it_again() {
    let (llm, gateway, mut talk) = fixture().await;
    llm.script(stalled());
    let ask = json!({ "sessionKey": "main", "message": "hello", "idempotencyKey": "a" });
    talk.ok("chat.send", ask.clone()).await;
    talk.speaking("a").await;
    talk.say("main", "b", "waits").await;
    let gateway = gateway.restart(setup(&llm, Wire::OpenAiCompletions)).await;
    let mut talk = Talk::admin(&gateway).await;
    for run in ["a", "b"] {
        let end = talk.ok("agent.wait", json!({ "runId": run, "timeoutMs": 1000 })).await;
        assert_eq!((&end["status"], &end["stopReason"]), (&json!("error"), &json!("interrupted")), "{run}: {end}");
    }
    let again = talk.call("chat.send", ask).await;
    assert!(again["error"]["message"].as_str().unwrap().contains("interrupted"), "{again}");
    assert_eq!(llm.request_count(), 1);
    let lines = talk.lines("main").await;
    assert!(lines.len() == 2 && lines[1].1.starts_with("word0 "), "the partial text is kept: {lines:?}");
    assert_eq!(talk.row("main").await["abortedLastRun"], true);
    talk.say("main", "c", "go on").await;
    assert_eq!(talk.ending("c").await.1["state"], "final");
}

#[tokio::test]
async fn the_call_beats_the_session_and_the_session_beats_the_agent_in_choosing_the_model() {
    let (llm, _gateway, mut talk) = fixture().await;
    talk.ok("sessions.patch", json!({ "key": "main", "model": "fake/other-model" })).await;
    talk.say("main", "a", "hello").await;
    talk.ending("a").await;
    let id = talk.send("agent", json!({ "message": "hi", "model": "fake/third-model", "idempotencyKey": "b" })).await;
    talk.answer(&id).await;
    talk.answer(&id).await;
    talk.say("elsewhere", "c", "hello").await;
    talk.ending("c").await;
    let models: Vec<Value> = llm.requests().iter().map(|request| request.body["model"].clone()).collect();
    assert_eq!(models, ["other-model", "third-model", "fake-model"]);
}

#[tokio::test]
async fn a_model_of_nobody_is_a_run_that_ends_with_an_error_that_says_so() {
    let (_llm, _gateway, mut talk) = fixture().await;
    talk.ok("sessions.patch", json!({ "key": "main", "model": "nobody/model" })).await;
    talk.say("main", "a", "hello").await;
    let (_, end) = talk.ending("a").await;
    let text = end["errorMessage"].as_str().unwrap();
    assert!(end["state"] == "error" && text.contains("there is no provider \"nobody\""), "{end}");
    talk.ok("sessions.patch", json!({ "key": "main", "model": null })).await;
    talk.say("main", "b", "hello").await;
    assert_eq!(talk.ending("b").await.1["state"], "final");
}

#[tokio::test]
async fn a_session_with_too_many_waiting_runs_takes_no_more_and_still_knows_those_it_has() {
    let (llm, _gateway, mut talk) = fixture().await;
    llm.script(stalled());
    talk.say("main", "a", "first").await;
    talk.speaking("a").await;
    for at in 0..32 {
        talk.say("main", &format!("w{at}"), "waits").await;
    }
    let full = json!({ "sessionKey": "main", "message": "waits", "idempotencyKey": "w32" });
    let full = talk.call("chat.send", full).await;
    assert_eq!((code(&full), &full["error"]["retryable"]), ("QUEUE_FULL", &json!(true)), "{full}");
    assert_eq!(talk.say("main", "w3", "waits").await["status"], "in_flight");
    let aborted = talk.ok("chat.abort", json!({ "sessionKey": "main" })).await;
    assert_eq!(aborted["runIds"].as_array().unwrap().len(), 33);
}
