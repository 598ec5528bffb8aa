//! Work at a time of the user's choosing (M9, M13, G12).

use std::time::Duration;

use openclaw_core::Clock;
use openclaw_testkit::{
    gateway::{Setup, TestGateway, connect_params},
    llm::{FakeLlm, Script, Wire},
};
use serde_json::{Value, json};

use crate::{
    audit,
    devices::code,
    talk::{Talk, gateway_on, setup},
};

const START: i64 = 1_800_000_000_000;

async fn fixture() -> (FakeLlm, TestGateway, Talk) {
    let llm = FakeLlm::start().await;
    let gateway = gateway_on(&llm, Wire::OpenAiCompletions).await;
    let talk = Talk::admin(&gateway).await;
    (llm, gateway, talk)
}

async fn v3(gateway: &TestGateway) -> Talk {
    let mut params = connect_params(&["operator.admin"]);
    params["minProtocol"] = json!(3);
    params["maxProtocol"] = json!(3);
    Talk::with(gateway, params).await
}

fn tick() -> Value {
    json!({
        "name": "h1 job", "enabled": true, "schedule": { "kind": "every", "everyMs": 3_600_000 }, "sessionTarget": "main",
        "wakeMode": "next-heartbeat", "payload": { "kind": "systemEvent", "text": "tick" },
    })
}

fn asks(name: &str, message: &str) -> Value {
    json!({
        "name": name, "schedule": { "kind": "every", "everyMs": 3_600_000 }, "sessionTarget": "isolated",
        "payload": { "kind": "agentTurn", "message": message },
    })
}

/// The run that `cron.run` began, when it has ended.
async fn ended(talk: &mut Talk, job_id: &Value) -> Value {
    let begun = talk.ok("cron.run", json!({ "id": job_id, "mode": "force" })).await;
    let run_id = begun["runId"].clone();
    assert_eq!((&begun["ok"], &begun["enqueued"]), (&json!(true), &json!(true)), "{begun}");
    talk.event("cron", |cron| cron["runId"] == run_id && cron["action"] == "finished").await;
    let page = talk.ok("cron.runs", json!({ "id": job_id, "runId": run_id })).await;
    page["entries"][0].clone()
}

#[tokio::test]
async fn a_job_lives_as_the_reference_shows_it() {
    let (_llm, gateway, mut talk) = fixture().await;
    let added = talk.ok("cron.add", tick()).await;
    let id = added["id"].clone();
    let at = added["createdAtMs"].as_i64().unwrap();
    assert_eq!(added["schedule"], json!({ "kind": "every", "everyMs": 3_600_000, "anchorMs": at }));
    assert_eq!(added["state"], json!({ "nextRunAtMs": at + 3_600_000 }));
    assert_eq!(added["deliveryPreview"], json!({ "label": "not requested", "detail": "not requested" }));
    assert!(added["configRevision"].as_str().unwrap().starts_with("sha256:"), "{added}");
    let told = talk.event("cron", |cron| cron["action"] == "added").await;
    assert_eq!(
        (&told["jobId"], &told["nextRunAtMs"], &told["job"]["name"]),
        (&id, &json!(at + 3_600_000), &json!("h1 job"))
    );

    let once = talk
        .ok("cron.add", json!({ "name": "h1 at", "schedule": { "kind": "at", "at": "2090-01-01T00:00:00Z" }, "payload": { "kind": "agentTurn", "message": "hi" } }))
        .await;
    assert_eq!(
        (&once["deleteAfterRun"], &once["sessionTarget"], &once["delivery"], &once["wakeMode"]),
        (&json!(true), &json!("isolated"), &json!({ "mode": "announce" }), &json!("now"))
    );
    let list = talk.ok("cron.list", json!({ "includeDisabled": true })).await;
    assert_eq!((&list["total"], &list["hasMore"], &list["nextOffset"]), (&json!(2), &json!(false), &Value::Null));
    assert_eq!((&list["jobs"][0]["id"], &list["jobs"][0]["effectiveAgentId"]), (&id, &json!("main")));
    assert!(
        list["deliveryPreviews"][id.as_str().unwrap()].is_object() && list["snapshotRevision"].is_string(),
        "{list}"
    );
    let compact =
        talk.ok("cron.list", json!({ "compact": true, "limit": 1, "sortBy": "name", "sortDir": "desc" })).await;
    assert_eq!(
        (
            &compact["jobs"][0]["scheduleKind"],
            &compact["jobs"][0]["lastRunAt"],
            &compact["hasMore"],
            &compact["nextOffset"]
        ),
        (&json!("every"), &Value::Null, &json!(true), &json!(1)),
        "{compact}"
    );
    let status = talk.ok("cron.status", json!({})).await;
    assert_eq!(
        (&status["enabled"], &status["jobs"], &status["nextWakeAtMs"]),
        (&json!(true), &json!(2), &json!(at + 3_600_000))
    );

    let updated = talk.ok("cron.update", json!({ "id": id, "patch": { "enabled": false } })).await;
    assert_eq!((&updated["enabled"], &updated["nextRunAtMs"]), (&json!(false), &Value::Null));
    let told = talk.event("cron", |cron| cron["action"] == "updated").await;
    assert_eq!((&told["jobId"], &told["nextRunAtMs"]), (&id, &Value::Null));
    let entry = ended(&mut talk, &id).await;
    assert_eq!(
        (&entry["status"], &entry["completionStatus"], &entry["summary"], &entry["deliveryStatus"], &entry["jobName"]),
        (&json!("ok"), &json!("succeeded"), &json!("tick"), &json!("not-requested"), &json!("h1 job")),
        "{entry}"
    );
    let after = talk.ok("cron.get", json!({ "jobId": id })).await;
    assert_eq!(
        (&after["state"]["lastRunStatus"], &after["state"]["consecutiveErrors"], &after["enabled"]),
        (&json!("ok"), &json!(0), &json!(false))
    );

    assert_eq!(talk.ok("cron.remove", json!({ "id": id })).await, json!({ "ok": true, "removed": true }));
    let told = talk.event("cron", |cron| cron["action"] == "removed").await;
    assert_eq!((&told["jobId"], &told["job"]), (&id, &Value::Null));
    // Its history outlives it.
    assert_eq!(talk.ok("cron.runs", json!({ "id": id })).await["total"], 1);
    for method in ["cron.remove", "cron.get", "cron.run", "cron.update"] {
        let params = if method == "cron.update" { json!({ "id": id, "patch": {} }) } else { json!({ "id": id }) };
        let gone = talk.call(method, params).await;
        assert_eq!(
            (code(&gone), &gone["error"]["code"], &gone["error"]["details"]["jobId"]),
            ("CRON_JOB_NOT_FOUND", &json!("INVALID_REQUEST"), &id),
            "{gone}"
        );
    }
    let records = audit::records(&gateway).await;
    for event in ["cron.added", "cron.updated", "cron.run", "cron.finished", "cron.removed"] {
        assert!(records.iter().any(|record| record.event.event == event), "{event}");
    }
}

#[tokio::test]
async fn dialect_3_gets_what_its_clients_expect() {
    let (_llm, gateway, _) = fixture().await;
    let mut talk = v3(&gateway).await;
    let id = talk.ok("cron.add", tick()).await["id"].clone();
    let list = talk.ok("cron.list", json!({ "includeDisabled": true })).await;
    assert_eq!(list.as_object().unwrap().keys().collect::<Vec<_>>(), ["jobs"]);
    let ran = talk.ok("cron.run", json!({ "id": id, "mode": "force" })).await;
    assert_eq!((&ran["ok"], &ran["ran"]), (&json!(true), &json!(true)), "{ran}");
    // It has run when that is answered.
    let runs = talk.ok("cron.runs", json!({ "id": id, "limit": 5 })).await;
    assert_eq!((runs.as_object().unwrap().len(), &runs["entries"][0]["summary"]), (1, &json!("tick")));
    let due = talk.ok("cron.run", json!({ "jobId": id, "mode": "due" })).await;
    assert_eq!(due, json!({ "ok": true, "ran": false, "reason": "not-due" }));
    assert_eq!(talk.ok("cron.remove", json!({ "id": id })).await, json!({ "ok": true, "removed": true }));
    assert_eq!(talk.ok("cron.remove", json!({ "id": id })).await, json!({ "ok": true, "removed": false }));
    let unknown = talk.call("cron.run", json!({ "id": "nobody" })).await;
    assert_eq!(
        (&unknown["error"]["code"], &unknown["error"]["message"]),
        (&json!("UNAVAILABLE"), &json!("Error: unknown cron job id: nobody"))
    );
}

#[tokio::test]
async fn an_asked_agent_works_in_a_session_of_its_own_and_the_result_is_told_in_the_main_one() {
    let (llm, _gateway, mut talk) = fixture().await;
    let id = talk.ok("cron.add", asks("Morning", "What is new?")).await["id"].clone();
    llm.script(Script::text("Nothing is new."));
    let entry = ended(&mut talk, &id).await;
    let key = format!("agent:main:cron:{}", id.as_str().unwrap());
    assert_eq!(
        (&entry["status"], &entry["deliveryStatus"], &entry["summary"], &entry["sessionKey"], &entry["model"]),
        (&json!("ok"), &json!("delivered"), &json!("Nothing is new."), &json!(key), &json!("fake-model")),
        "{entry}"
    );
    assert_eq!(talk.lines("main").await, [("assistant".to_owned(), "[Morning]\n\nNothing is new.".to_owned())]);
    assert_eq!(talk.lines(&key).await.len(), 2);
    // Each run begins anew: the agent is told nothing of the one before.
    llm.script(Script::text("NO_REPLY"));
    let entry = ended(&mut talk, &id).await;
    assert_eq!(
        (&entry["status"], &entry["completionStatus"], &entry["deliveryStatus"], &entry["deliverySuppressionReason"]),
        (&json!("ok"), &json!("succeeded"), &json!("not-delivered"), &json!("silent")),
        "{entry}"
    );
    assert_eq!((talk.lines(&key).await.len(), talk.lines("main").await.len()), (2, 1));
    let asked = llm.requests()[1].body.clone();
    assert!(!asked.to_string().contains("Nothing is new"), "{asked}");
}

#[tokio::test]
async fn a_run_that_fails_is_told_and_the_job_held_back() {
    let (llm, _gateway, mut talk) = fixture().await;
    let mut job = asks("Broken", "What is new?");
    job["payload"]["model"] = json!("fake/no-such-model");
    job["schedule"] = json!({ "kind": "every", "everyMs": 1000 });
    job["enabled"] = json!(false);
    let id = talk.ok("cron.add", job).await["id"].clone();
    llm.always(Script::text("").with(openclaw_testkit::llm::Fault::Status(404, None)));
    let entry = ended(&mut talk, &id).await;
    assert_eq!((&entry["status"], &entry["completionStatus"]), (&json!("error"), &json!("failed")), "{entry}");
    assert!(entry["error"].as_str().is_some_and(|error| !error.is_empty()), "{entry}");
    let job = talk.ok("cron.update", json!({ "id": id, "patch": { "enabled": true } })).await;
    let ended = job["state"]["lastRunAtMs"].as_i64().unwrap();
    assert!(job["nextRunAtMs"].as_i64().unwrap() >= ended + 30_000, "{job}");
}

#[tokio::test]
async fn jobs_run_by_themselves_and_one_that_comes_once_goes() {
    let (llm, _gateway, mut talk) = fixture().await;
    llm.always(Script::text("HEARTBEAT_OK"));
    let mut every = tick();
    every["schedule"] = json!({ "kind": "every", "everyMs": 1000 });
    let id = talk.ok("cron.add", every).await["id"].clone();
    for _ in 0..2 {
        let finished = talk.event("cron", |cron| cron["jobId"] == id && cron["action"] == "finished").await;
        assert_eq!(finished["status"], "ok", "{finished}");
    }
    talk.ok("cron.update", json!({ "id": id, "patch": { "enabled": false } })).await;
    let at = jiff_in(1);
    let once = json!({
        "name": "once", "schedule": { "kind": "at", "at": at }, "sessionTarget": "main", "wakeMode": "now",
        "payload": { "kind": "systemEvent", "text": "Look at the oven" },
    });
    let id = talk.ok("cron.add", once).await["id"].clone();
    talk.event("cron", |cron| cron["jobId"] == id && cron["action"] == "removed").await;
    // It woke the agent, who was told everything that waited.
    let look = talk.event("heartbeat", |_| true).await;
    assert_eq!(look["status"], "ok-token", "{look}");
    assert_eq!(talk.ok("last-heartbeat", json!({})).await, look);
    let lines = talk.lines("main").await;
    assert!(lines[0].1.contains("Look at the oven") && lines[0].1.matches("] tick").count() >= 2, "{lines:?}");
    assert_eq!(talk.ok("status", json!({})).await["queuedSystemEvents"], json!([]));
}

/// ISO 8601 of so many seconds from now.
fn jiff_in(seconds: i64) -> String {
    let now = Clock::system().now_ms();
    jiff::Timestamp::from_millisecond(now + seconds * 1000).unwrap().to_string()
}

#[tokio::test]
async fn what_was_missed_while_the_gateway_was_away_is_treated_as_configured() {
    for (word, ran) in [("once", 1), ("skip", 0), ("all", 3)] {
        let (clock, hands) = Clock::manual(START);
        let setup = || Setup {
            clock: clock.clone(),
            config: json!({ "cron": { "missedRuns": word, "missedLimit": 3 } }),
            ..Setup::default()
        };
        let gateway = TestGateway::with(setup()).await;
        let mut talk = Talk::admin(&gateway).await;
        let mut job = tick();
        job["schedule"] = json!({ "kind": "every", "everyMs": 60_000 });
        let id = talk.ok("cron.add", job).await["id"].clone();
        drop(talk);
        hands.advance_ms(600_000 + 45_000);
        let gateway = gateway.restart(setup()).await;
        let mut talk = Talk::admin(&gateway).await;
        let page = loop {
            let page = talk.ok("cron.runs", json!({ "id": id })).await;
            if page["total"] == ran + 1 {
                break page;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        let entries = page["entries"].as_array().unwrap();
        assert_eq!(entries.iter().filter(|entry| entry["status"] == "ok").count(), ran, "{word} {page}");
        let missed = entries.iter().find(|entry| entry["status"] == "skipped").unwrap();
        let text = format!("missed {} runs: the gateway was not running them at the time", 10 - ran);
        assert_eq!(missed["error"], json!(text), "{word}");
        let job = talk.ok("cron.get", json!({ "id": id })).await;
        assert_eq!(job["nextRunAtMs"], json!(START + 660_000));
    }
}

#[tokio::test]
async fn a_job_that_is_turned_off_everywhere_runs_only_by_hand() {
    let gateway = TestGateway::with_config(json!({ "cron": { "enabled": false } })).await;
    let mut talk = Talk::admin(&gateway).await;
    let mut job = tick();
    job["schedule"] = json!({ "kind": "every", "everyMs": 1000 });
    let id = talk.ok("cron.add", job).await["id"].clone();
    let status = talk.ok("cron.status", json!({})).await;
    assert_eq!((&status["enabled"], &status["nextWakeAtMs"]), (&json!(false), &Value::Null));
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(talk.ok("cron.runs", json!({ "scope": "all" })).await["total"], 0);
    assert_eq!(ended(&mut talk, &id).await["status"], "ok");
}

#[tokio::test]
async fn a_change_is_made_only_of_the_state_that_was_seen() {
    let gateway = TestGateway::start().await;
    let mut talk = Talk::admin(&gateway).await;
    let job = talk.ok("cron.add", tick()).await;
    let (id, revision) = (job["id"].clone(), job["configRevision"].clone());
    let patch = |name: &str| json!({ "id": id, "expectedConfigRevision": revision, "patch": { "name": name } });
    let changed = talk.ok("cron.update", patch("first")).await;
    // What comes of it does not count as a change.
    assert_eq!((&changed["name"], &changed["nextRunAtMs"]), (&json!("first"), &job["nextRunAtMs"]));
    let refused = talk.call("cron.update", patch("second")).await;
    assert_eq!(code(&refused), "CONFLICT", "{refused}");
    assert_eq!(refused["error"]["details"]["currentConfigRevision"], changed["configRevision"]);
    // Another kind of payload brings its session along.
    let turned = json!({ "id": id, "patch": { "payload": { "kind": "agentTurn", "message": "hi" } } });
    assert_eq!(talk.ok("cron.update", turned).await["sessionTarget"], "isolated");
    let timed =
        json!({ "id": id, "patch": { "payload": { "kind": "agentTurn", "timeoutSeconds": 30, "thinking": "low" } } });
    let timed = talk.ok("cron.update", timed).await;
    assert_eq!(
        timed["payload"],
        json!({ "kind": "agentTurn", "message": "hi", "thinking": "low", "timeoutSeconds": 30 })
    );
    let back = json!({ "id": id, "patch": { "payload": { "kind": "agentTurn", "timeoutSeconds": null } } });
    assert_eq!(talk.ok("cron.update", back).await["payload"]["timeoutSeconds"], Value::Null);
}

#[tokio::test]
async fn bad_jobs_are_refused_with_their_place() {
    let gateway = TestGateway::start().await;
    let mut talk = Talk::admin(&gateway).await;
    let with = |at: &str, value: Value| {
        let mut job = tick();
        *job.pointer_mut(at).unwrap_or(&mut Value::Null) = value.clone();
        if job.pointer(at).is_none() {
            let (parent, name) = at.rsplit_once('/').unwrap();
            job.pointer_mut(parent).unwrap()[name] = value;
        }
        job
    };
    let cron = |expr: &str, tz: &str| with("/schedule", json!({ "kind": "cron", "expr": expr, "tz": tz }));
    for (job, path, part) in [
        (json!({ "name": "bad" }), "params", "missing field `schedule`"),
        (with("/name", json!(" ")), "params.name", "must not be empty"),
        (with("/name", json!("x".repeat(201))), "params.name", "200 bytes"),
        (with("/name", json!("a\u{1b}[31m")), "params.name", "control characters"),
        (with("/schedule/everyMs", json!(0)), "params.schedule.everyMs", "at least 1000"),
        (with("/schedule/everyMs", json!(999)), "params.schedule.everyMs", "at least 1000"),
        (with("/schedule/everyMs", json!(i64::MAX)), "params.schedule.everyMs", "at most"),
        (with("/schedule/everyMs", json!(1.5)), "params.schedule.everyMs", "invalid type"),
        (with("/schedule/anchorMs", json!(-1)), "params.schedule.anchorMs", "at least 0"),
        (with("/schedule/expr", json!("* * * * *")), "params.schedule.expr", "does not belong to kind \"every\""),
        (with("/schedule/kind", json!("yearly")), "params.schedule.kind", "at, every or cron"),
        (with("/schedule", json!({ "kind": "at" })), "params.schedule", "required property 'at'"),
        (with("/schedule", json!({ "kind": "at", "at": "2020-01-01T00:00:00Z" })), "params.schedule.at", "in the past"),
        (with("/schedule", json!({ "kind": "at", "at": "soon" })), "params.schedule.at", "ISO 8601"),
        (with("/schedule", json!({ "kind": "at", "at": true })), "params.schedule.at", "ISO 8601"),
        (cron("0 0 30 2 *", "UTC"), "params.schedule.expr", "never comes"),
        (cron("60 * * * *", "UTC"), "params.schedule.expr", "cannot be read"),
        (cron("* * *", "UTC"), "params.schedule.expr", "3 fields"),
        (cron("0 9 * * *", "Europe/Berln"), "params.schedule.tz", "did you mean \"Europe/Berlin\"?"),
        (with("/sessionTarget", json!("isolated")), "params.payload.kind", "agentTurn"),
        (with("/sessionTarget", json!("elsewhere")), "params.sessionTarget", "main, isolated"),
        (with("/sessionTarget", json!("session:")), "params.sessionTarget", "must not be empty"),
        (with("/wakeMode", json!("later")), "params.wakeMode", "now or next-heartbeat"),
        (with("/payload/text", json!("")), "params.payload.text", "must not be empty"),
        (with("/payload/text", json!("x".repeat(65_537))), "params.payload.text", "65536 bytes"),
        (with("/payload/message", json!("hi")), "params.payload.message", "does not belong"),
        (with("/payload", json!({ "kind": "agentTurn", "message": "hi" })), "params.payload.kind", "systemEvent"),
        (with("/payload/kind", json!("dance")), "params.payload.kind", "systemEvent or agentTurn"),
        (with("/agentId", json!("nobody")), "", "agent \"nobody\" not found"),
        (with("/noSuchKey", json!(1)), "params", "unknown field `noSuchKey`"),
        (with("/schedule/noSuchKey", json!(1)), "params.schedule", "unknown field `noSuchKey`"),
    ] {
        let refused = talk.call("cron.add", job.clone()).await;
        let error = &refused["error"];
        let message = error["message"].as_str().unwrap_or_else(|| panic!("{job} is taken: {refused}"));
        assert!(message.contains(part), "{job}: {message}");
        if !path.is_empty() {
            let at = error["details"]["path"].as_str().unwrap();
            assert!(at == path || at.starts_with(&format!("{path}.")), "{job}: {at}");
        }
    }
    for (job, part) in [
        (with("/schedule", json!({ "kind": "on-exit", "command": "true" })), "starting jobs by a program"),
        (with("/payload", json!({ "kind": "command", "argv": ["true"] })), "running programs"),
        (with("/delivery", json!({ "mode": "announce", "channel": "telegram", "to": "1" })), "to a channel"),
        (with("/delivery", json!({ "mode": "webhook", "to": "https://example.com" })), "to a channel"),
        (with("/trigger", json!({ "script": "1" })), "conditions of jobs"),
        (with("/pacing", json!({ "min": "1m" })), "pace"),
        (with("/declarationKey", json!("k")), "declaring jobs"),
    ] {
        let later = talk.call("cron.add", job.clone()).await;
        assert_eq!(
            (&later["error"]["code"], code(&later)),
            (&json!("UNAVAILABLE"), "NOT_IMPLEMENTED"),
            "{job} {later}"
        );
        assert!(later["error"]["message"].as_str().unwrap().contains(part), "{later}");
    }
    for (method, params, part) in [
        ("cron.list", json!({ "limit": 0 }), "at least 1"),
        ("cron.list", json!({ "limit": 201 }), "at most 200"),
        ("cron.list", json!({ "sortBy": "size" }), "nextRunAtMs"),
        ("cron.list", json!({ "enabled": "maybe" }), "all, enabled or disabled"),
        ("cron.runs", json!({ "scope": "job" }), "required property 'id'"),
        ("cron.runs", json!({ "scope": "all", "status": "great" }), "ok, error or skipped"),
        ("cron.get", json!({}), "required property 'id'"),
        ("cron.get", json!({ "id": "a", "jobId": "b" }), "beside id"),
        ("cron.run", json!({ "id": "a", "mode": "gently" }), "due, force"),
        ("wake", json!({ "mode": "now", "text": " " }), "must not be empty"),
        ("wake", json!({ "mode": "soon", "text": "x" }), "now or next-heartbeat"),
        ("wake", json!({ "mode": "now", "text": "x", "agentId": "nobody" }), "not found"),
        ("set-heartbeats", json!({}), "missing field `enabled`"),
        ("system-event", json!({ "text": "" }), "must not be empty"),
    ] {
        let refused = talk.call(method, params.clone()).await;
        assert_eq!(refused["ok"], false, "{method} {params}");
        assert!(refused["error"]["message"].as_str().unwrap().contains(part), "{method} {params}: {refused}");
    }
    assert_eq!(talk.ok("cron.list", json!({ "includeDisabled": true })).await["total"], 0);
}

#[tokio::test]
async fn whoever_is_woken_looks_at_once_and_what_can_wait_comes_with_the_next_message() {
    let (llm, gateway, mut talk) = fixture().await;
    llm.script(Script::text("The build is red."));
    assert_eq!(talk.ok("wake", json!({ "mode": "now", "text": "Look at the build" })).await, json!({ "ok": true }));
    let look = talk.event("heartbeat", |_| true).await;
    assert_eq!(
        (&look["status"], &look["preview"], &look["to"]),
        (&json!("sent"), &json!("The build is red."), &json!("agent:main:main"))
    );
    assert_eq!(talk.ok("wake", json!({ "mode": "next-heartbeat", "text": "wake up" })).await, json!({ "ok": true }));
    assert_eq!(talk.ok("status", json!({})).await["queuedSystemEvents"], json!(["wake up"]));
    // What waits is there after a restart.
    drop(talk);
    let gateway = gateway.restart(setup(&llm, Wire::OpenAiCompletions)).await;
    let mut talk = Talk::admin(&gateway).await;
    llm.script(Script::text("Good morning."));
    talk.say("main", "r1", "hello").await;
    talk.ending("r1").await;
    let lines = talk.lines("main").await;
    let said = &lines[lines.len() - 2].1;
    assert!(said.starts_with("System: [") && said.contains("] wake up\n") && said.ends_with("hello"), "{said}");
    assert_eq!(talk.ok("status", json!({})).await["queuedSystemEvents"], json!([]));
    llm.script(Script::text("Again."));
    talk.say("main", "r2", "and now").await;
    talk.ending("r2").await;
    let lines = talk.lines("main").await;
    assert_eq!(lines[lines.len() - 2].1, "and now");
}

#[tokio::test]
async fn looks_are_off_unless_configured_and_can_be_turned_off() {
    let llm = FakeLlm::start().await;
    llm.always(Script::text("HEARTBEAT_OK"));
    let mut with = setup(&llm, Wire::OpenAiCompletions);
    with.config["agents"]["defaults"]["heartbeat"] = json!({ "every": "1s", "prompt": "Is all well?" });
    let gateway = TestGateway::with(with.clone()).await;
    let mut talk = Talk::admin(&gateway).await;
    let look = talk.event("heartbeat", |_| true).await;
    assert_eq!(look["status"], "ok-token", "{look}");
    assert_eq!(talk.lines("main").await[0].1, "Is all well?");
    let health = talk.ok("health", json!({})).await;
    assert_eq!(
        (&health["heartbeatSeconds"], &health["agents"][0]["heartbeat"]["everyMs"]),
        (&json!(1), &json!(1000)),
        "{health}"
    );
    assert_eq!(talk.ok("set-heartbeats", json!({ "enabled": false })).await, json!({ "ok": true, "enabled": false }));
    drop(talk);
    // Also after a restart.
    let gateway = gateway.restart(with).await;
    let mut talk = Talk::admin(&gateway).await;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(talk.ok("last-heartbeat", json!({})).await, Value::Null);
    talk.ok("wake", json!({ "mode": "now", "text": "x" })).await;
    let look = talk.event("heartbeat", |_| true).await;
    assert_eq!((&look["status"], &look["reason"]), (&json!("skipped"), &json!("disabled")));
    assert_eq!(talk.ok("status", json!({})).await["queuedSystemEvents"], json!(["x"]));

    let plain = TestGateway::start().await;
    let mut talk = Talk::admin(&plain).await;
    assert_eq!(talk.ok("health", json!({})).await["agents"][0]["heartbeat"]["enabled"], false);
}

#[tokio::test]
async fn a_program_says_how_it_is_and_others_see_it() {
    let gateway = TestGateway::start().await;
    let mut talk = Talk::admin(&gateway).await;
    let said =
        json!({ "text": "Node: kitchen", "host": "kitchen", "mode": "node", "lastInputSeconds": 3, "tags": ["a"] });
    assert_eq!(talk.ok("system-event", said).await, json!({ "ok": true }));
    let presence = talk.event("presence", |presence| presence["presence"].to_string().contains("kitchen")).await;
    let entry =
        presence["presence"].as_array().unwrap().iter().find(|entry| entry["host"] == "kitchen").unwrap().clone();
    assert_eq!((&entry["text"], &entry["lastInputSeconds"]), (&json!("Node: kitchen"), &json!(3)));
    assert_eq!(talk.ok("status", json!({})).await["queuedSystemEvents"], json!(["Node: kitchen"]));
}
