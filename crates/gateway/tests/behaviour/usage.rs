//! What was used, and what was said where (M6, M11).

use openclaw_testkit::{
    gateway::TestGateway,
    llm::{FakeLlm, Fault, Script, Wire},
};
use serde_json::{Value, json};

use crate::{
    devices::code,
    talk::{Talk, gateway_on, stalled, words},
};

/// Two turns in one conversation, one in another, and one that fails.
async fn used() -> (FakeLlm, TestGateway, Talk) {
    let llm = FakeLlm::start().await;
    let gateway = gateway_on(&llm, Wire::OpenAiCompletions).await;
    let mut talk = Talk::admin(&gateway).await;
    for (session, run) in [("main", "r1"), ("main", "r2"), ("other", "r3")] {
        llm.script(words(4, 0));
        talk.say(session, run, &format!("the Question number {run}")).await;
        talk.ending(run).await;
    }
    llm.script(Script::text("").with(Fault::Status(400, None)));
    talk.say("other", "r4", "fails").await;
    talk.ending("r4").await;
    (llm, gateway, talk)
}

#[tokio::test]
async fn what_turns_used_is_told_by_session_day_and_model() {
    let (_llm, gateway, mut talk) = used().await;
    let usage = talk.ok("sessions.usage", json!({})).await;
    let totals = &usage["totals"];
    assert_eq!(
        (&totals["input"], &totals["output"], &totals["totalTokens"]),
        (&json!(3000), &json!(600), &json!(3600)),
        "{usage}"
    );
    let cost = 3000.0 / 1e6 + 600.0 * 10.0 / 1e6;
    assert!((totals["totalCost"].as_f64().unwrap() - cost).abs() < 1e-9, "{totals}");
    assert!((totals["outputCost"].as_f64().unwrap() - 0.006).abs() < 1e-9, "{totals}");
    let keys: Vec<&str> =
        usage["sessions"].as_array().unwrap().iter().map(|row| row["key"].as_str().unwrap()).collect();
    assert_eq!(keys, ["agent:main:other", "agent:main:main"], "the last active first");
    let main = &usage["sessions"][1];
    assert_eq!(
        (&main["usage"]["totalTokens"], &main["usage"]["latency"]["count"]),
        (&json!(2400), &json!(2)),
        "{main}"
    );
    assert_eq!((&main["modelProvider"], &main["model"]), (&json!("fake"), &json!("fake-model")));
    let messages = &usage["aggregates"]["messages"];
    assert_eq!((&messages["user"], &messages["assistant"], &messages["errors"]), (&json!(4), &json!(3), &json!(1)));
    assert_eq!(usage["aggregates"]["byModel"][0]["totals"]["totalTokens"], 3600);
    assert_eq!(usage["aggregates"]["byAgent"][0]["agentId"], "main");
    let latency = &usage["aggregates"]["dailyLatency"][0];
    assert!(latency["p95Ms"].as_u64().unwrap() <= latency["maxMs"].as_u64().unwrap(), "{latency}");

    let one = talk.ok("sessions.usage", json!({ "key": "main", "limit": 5 })).await;
    assert_eq!((&one["totals"]["totalTokens"], one["sessions"].as_array().unwrap().len()), (&json!(2400), 1), "{one}");
    let nothing = talk.ok("sessions.usage", json!({ "startDate": "2020-01-01", "endDate": "2020-01-31" })).await;
    assert_eq!((&nothing["sessions"], &nothing["totals"]["totalTokens"]), (&json!([]), &json!(0)));

    let series = talk.ok("sessions.usage.timeseries", json!({ "key": "main" })).await;
    let tokens: Vec<u64> =
        series["points"].as_array().unwrap().iter().map(|point| point["cumulativeTokens"].as_u64().unwrap()).collect();
    assert_eq!(tokens, [1200, 2400]);
    let logs = talk.ok("sessions.usage.logs", json!({ "key": "main", "limit": 2 })).await;
    assert_eq!((&logs["logs"][0]["role"], &logs["logs"][1]["tokens"]), (&json!("user"), &json!(1200)), "{logs}");

    // It stays when its conversation goes, and when the gateway starts again.
    talk.ok("sessions.reset", json!({ "key": "main" })).await;
    talk.ok("sessions.delete", json!({ "key": "other" })).await;
    drop(talk);
    let gateway = gateway.restart(openclaw_testkit::gateway::Setup::default()).await;
    let mut talk = Talk::admin(&gateway).await;
    assert_eq!(talk.ok("sessions.usage", json!({})).await["totals"]["totalTokens"], 3600);
    let gone = talk.ok("sessions.usage.timeseries", json!({ "key": "other" })).await;
    assert_eq!(gone["points"].as_array().unwrap().len(), 2, "{gone}");
    for method in ["sessions.usage.timeseries", "sessions.usage.logs"] {
        let nobody = talk.call(method, json!({ "key": "nobody" })).await;
        assert!(nobody["error"]["message"].as_str().unwrap().starts_with("session not found:"), "{nobody}");
    }
}

#[tokio::test]
async fn costs_are_told_for_every_day_by_any_midnight() {
    let (_llm, _gateway, mut talk) = used().await;
    let cost = talk.ok("usage.cost", json!({ "days": 7 })).await;
    let daily = cost["daily"].as_array().unwrap();
    assert_eq!((&cost["days"], daily.len()), (&json!(7), 7), "{cost}");
    assert_eq!((&daily[6]["totalTokens"], &daily[0]["totalTokens"]), (&json!(3600), &json!(0)), "{cost}");
    for params in
        [json!({ "utcOffset": "UTC+13:45" }), json!({ "utcOffset": "UTC-11" }), json!({ "timeZone": "Asia/Kathmandu" })]
    {
        let cost = talk.ok("usage.cost", params.clone()).await;
        assert_eq!((&cost["totals"]["totalTokens"], &cost["days"]), (&json!(3600), &json!(30)), "{params}");
        let sum: u64 = cost["daily"].as_array().unwrap().iter().map(|day| day["totalTokens"].as_u64().unwrap()).sum();
        assert_eq!(sum, 3600, "{params}");
    }
    assert_eq!(talk.ok("usage.cost", json!({ "agentId": "nobody" })).await["totals"]["totalTokens"], 0);
    for (params, path) in [
        (json!({ "days": 0 }), "params.days"),
        (json!({ "startDate": "2026-13-01" }), "params.startDate"),
        (json!({ "startDate": "2026-02-02", "endDate": "2026-02-01" }), "params.startDate"),
        (json!({ "utcOffset": "GMT" }), "params.utcOffset"),
        (json!({ "timeZone": "Nowhere" }), "params.timeZone"),
    ] {
        for method in ["usage.cost", "sessions.usage"] {
            if method == "sessions.usage" && params.get("days").is_some() {
                continue;
            }
            let refused = talk.call(method, params.clone()).await;
            assert_eq!(refused["error"]["details"]["path"], path, "{method} {params}: {refused}");
        }
    }
    let status = talk.ok("usage.status", Value::Null).await;
    assert_eq!(status["providers"], json!([{ "provider": "fake", "displayName": "fake", "windows": [] }]));
}

#[tokio::test]
async fn what_was_said_is_found() {
    let (_llm, _gateway, mut talk) = used().await;
    let found = talk.ok("sessions.search", json!({ "query": "question NUMBER" })).await;
    let hits = found["results"].as_array().unwrap();
    assert_eq!((hits.len(), &found["truncated"]), (3, &json!(false)), "{found}");
    assert_eq!((&hits[0]["sessionKey"], &hits[0]["role"]), (&json!("agent:main:other"), &json!("user")));
    assert!(hits[0]["snippet"].as_str().unwrap().contains("the Question number r3"), "{found}");
    let one = talk.ok("sessions.search", json!({ "query": "question", "sessionKeys": ["main"], "limit": 1 })).await;
    assert_eq!((one["results"].as_array().unwrap().len(), &one["truncated"]), (1, &json!(true)), "{one}");
    let message =
        talk.ok("chat.message.get", json!({ "sessionKey": "main", "messageId": one["results"][0]["messageId"] })).await;
    assert_eq!(
        (&message["ok"], crate::talk::text_of(&message["message"])),
        (&json!(true), "the Question number r2".to_owned())
    );
    for id in ["nothing", "00000000-0000-4000-8000-000000000000"] {
        let nothing = talk.ok("chat.message.get", json!({ "sessionKey": "main", "messageId": id })).await;
        assert_eq!(nothing, json!({ "ok": false, "unavailableReason": "not_found" }));
    }
    assert_eq!(talk.ok("sessions.search", json!({ "query": "nobody said this" })).await["results"], json!([]));
    assert_eq!(
        talk.ok("sessions.search", json!({ "query": "question", "agentId": "none" })).await["results"],
        json!([])
    );
    for (params, path) in [
        (json!({ "query": "  " }), "params.query"),
        (json!({ "query": "x ".repeat(17) }), "params.query"),
        (json!({ "query": "x".repeat(5000) }), "params.query"),
        (json!({ "query": "x", "limit": 26 }), "params.limit"),
    ] {
        let refused = talk.call("sessions.search", params).await;
        assert_eq!(refused["error"]["details"]["path"], path, "{refused}");
    }
}

#[tokio::test]
async fn something_is_said_steered_and_stopped_in_a_session_that_is_there() {
    let llm = FakeLlm::start().await;
    let gateway = gateway_on(&llm, Wire::OpenAiCompletions).await;
    let mut talk = Talk::admin(&gateway).await;
    let nobody = talk.call("sessions.send", json!({ "key": "nobody", "message": "hi" })).await;
    assert_eq!(
        (code(&nobody), nobody["error"]["message"].as_str().unwrap()),
        ("NOT_FOUND", "session not found: agent:main:nobody")
    );
    let key = talk.ok("sessions.create", json!({ "label": "work" })).await["key"].clone();
    llm.script(stalled());
    let sent = talk.ok("sessions.send", json!({ "key": key, "message": "one", "idempotencyKey": "one" })).await;
    assert_eq!((&sent["runId"], &sent["status"], &sent["sessionKey"]), (&json!("one"), &json!("started"), &key));
    talk.speaking("one").await;
    let again = talk.ok("sessions.send", json!({ "key": key, "message": "one", "idempotencyKey": "one" })).await;
    assert_eq!(again["status"], "in_flight");
    let steered = talk.ok("sessions.steer", json!({ "key": key, "message": "two", "idempotencyKey": "two" })).await;
    assert_eq!(steered["interruptedActiveRun"], true, "{steered}");
    assert_eq!(talk.ending("one").await.1["state"], "aborted");
    assert_eq!(talk.ending("two").await.1["state"], "final");
    llm.script(stalled());
    talk.ok("sessions.send", json!({ "key": key, "message": "three", "idempotencyKey": "three" })).await;
    talk.speaking("three").await;
    let other = talk.call("sessions.abort", json!({ "key": "main", "runId": "three" })).await;
    assert_eq!(other["error"]["details"]["path"], "params.runId", "{other}");
    let aborted = talk.ok("sessions.abort", json!({ "runId": "three" })).await;
    assert_eq!(aborted, json!({ "ok": true, "abortedRunId": "three", "status": "aborted" }));
    for params in [json!({ "key": key }), json!({ "runId": "never" }), json!({ "key": key, "clearQueued": false })] {
        let nothing = talk.ok("sessions.abort", params).await;
        assert_eq!(nothing, json!({ "ok": true, "abortedRunId": null, "status": "no-active-run" }));
    }
    assert_eq!(code(&talk.call("sessions.abort", json!({})).await), "INVALID_PARAMS");
    let lines = talk.ok("sessions.get", json!({ "key": key, "limit": 2 })).await;
    assert_eq!(lines["messages"].as_array().unwrap().len(), 2, "{lines}");
    let branches = talk.ok("sessions.branches.list", json!({ "sessionKey": key })).await;
    assert_eq!((&branches["branches"][0]["active"], branches["branches"].as_array().unwrap().len()), (&json!(true), 1));
    assert_eq!(talk.ok("sessions.branches.list", json!({ "sessionKey": "nobody" })).await, json!({ "branches": [] }));
}

#[tokio::test]
async fn the_old_names_of_mission_control_mean_methods_of_today() {
    let llm = FakeLlm::start().await;
    let gateway = gateway_on(&llm, Wire::OpenAiCompletions).await;
    let mut talk = Talk::admin(&gateway).await;
    let spawned = talk
        .ok(
            "sessions_spawn",
            json!({ "task": "do it", "label": "job", "runTimeoutSeconds": 30, "tools": { "profile": "coding" } }),
        )
        .await;
    assert!(spawned["sessionId"].is_string() && spawned["runStarted"] == true, "{spawned}");
    talk.ending(spawned["runId"].as_str().unwrap()).await;
    let key = spawned["key"].clone();
    for (method, field, level) in [
        ("session_setThinking", "thinkingLevel", "low"),
        ("session_setVerbose", "verboseLevel", "on"),
        ("session_setReasoning", "reasoningLevel", "on"),
    ] {
        let patched = talk.ok(method, json!({ "sessionKey": key, "level": level })).await;
        assert_eq!(patched["entry"][field], level, "{method}: {patched}");
    }
    assert_eq!(
        talk.ok("session_setLabel", json!({ "sessionKey": key, "label": "new" })).await["entry"]["label"],
        "new"
    );
    llm.script(stalled());
    let sent = talk.ok("sessions_send", json!({ "sessionKey": key, "message": "go on" })).await;
    talk.speaking(sent["runId"].as_str().unwrap()).await;
    let stopped = talk
        .ok("sessions_send", json!({ "sessionKey": key, "message": { "type": "control", "action": "terminate" } }))
        .await;
    assert_eq!(stopped["abortedRunId"], sent["runId"], "{stopped}");
    assert_eq!(talk.ok("sessions_kill", json!({ "sessionKey": key })).await["status"], "no-active-run");
    assert_eq!(talk.ok("session_delete", json!({ "sessionKey": key })).await["deleted"], true);
    assert_eq!(code(&talk.call("session_fly", json!({})).await), "UNKNOWN_METHOD");
    let mut reader = Talk::with(&gateway, openclaw_testkit::gateway::connect_params(&["operator.read"])).await;
    assert_eq!(code(&reader.call("session_delete", json!({ "sessionKey": key })).await), "MISSING_SCOPE");
}

#[tokio::test]
async fn many_sessions_are_changed_each_for_itself() {
    let gateway = TestGateway::start().await;
    let mut talk = Talk::admin(&gateway).await;
    let a = talk.ok("sessions.create", json!({ "key": "a" })).await;
    talk.ok("sessions.create", json!({ "key": "b", "label": "taken" })).await;
    let done = talk
        .ok("sessions.patchMany", json!({
            "targets": [
                { "key": "a", "expectedSessionId": a["sessionId"] }, { "key": "b" },
                { "key": "a", "expectedSessionId": "00000000-0000-4000-8000-000000000000" }, { "key": "agent:nobody:x" },
            ],
            "patch": { "archived": true, "color": "red" },
        }))
        .await;
    let oks: Vec<bool> =
        done["outcomes"].as_array().unwrap().iter().map(|outcome| outcome["ok"].as_bool().unwrap()).collect();
    assert_eq!(oks, [true, true, false, false], "{done}");
    let list = talk.ok("sessions.list", json!({ "archived": true })).await;
    assert_eq!((&list["count"], &list["sessions"][0]["color"]), (&json!(2), &json!("red")), "{list}");
    for (params, path) in [
        (json!({ "targets": [], "patch": {} }), "params.targets"),
        (json!({ "targets": [{ "key": "a" }], "patch": { "key": "b" } }), "params.patch.key"),
        (json!({ "targets": [{ "key": "a" }], "patch": { "archived": "yes" } }), "params.patch.archived"),
        (json!({ "targets": [{ "key": "a", "what": 1 }], "patch": {} }), "params.targets[0].what"),
    ] {
        let refused = talk.call("sessions.patchMany", params.clone()).await;
        assert_eq!(refused["error"]["details"]["path"], path, "{params}: {refused}");
    }
    // What was set aside may be removed by whoever may only do that.
    talk.ok("sessions.patch", json!({ "key": "a", "archived": false })).await;
    let kept = talk.call("sessions.delete", json!({ "key": "a", "archivedOnly": true })).await;
    assert!(code(&kept) == "CONFLICT" && kept["error"]["message"].as_str().unwrap().contains("not archived"), "{kept}");
    let other = "00000000-0000-4000-8000-000000000000";
    let moved = talk.call("sessions.delete", json!({ "key": "b", "expectedSessionId": other })).await;
    assert_eq!(code(&moved), "CONFLICT", "{moved}");
    assert_eq!(talk.ok("sessions.delete", json!({ "key": "b", "archivedOnly": true })).await["deleted"], true);
    let absent = talk.ok("sessions.delete", json!({ "key": "b", "archivedOnly": true })).await;
    assert_eq!(absent["deleted"], false);
}

#[tokio::test]
async fn groups_are_made_renamed_and_ended_with_their_sessions() {
    let gateway = TestGateway::start().await;
    let mut talk = Talk::admin(&gateway).await;
    assert_eq!(talk.ok("sessions.groups.list", json!({})).await, json!({ "groups": [], "sectionOrder": [] }));
    talk.ok("sessions.groups.put", json!({ "names": ["Work", "Home"], "sectionOrder": ["Work"] })).await;
    for key in ["a", "b"] {
        talk.ok("sessions.patch", json!({ "key": key, "category": "Work" })).await;
    }
    let renamed = talk.ok("sessions.groups.rename", json!({ "name": "Work", "to": "Office" })).await;
    assert_eq!(
        (&renamed["updatedSessions"], &renamed["groups"][0]["name"]),
        (&json!(2), &json!("Office")),
        "{renamed}"
    );
    assert_eq!(renamed["sectionOrder"], json!(["Office"]));
    assert_eq!(talk.row("a").await["category"], "Office");
    let set =
        talk.ok("sessions.groups.update", json!({ "name": "Office", "cwd": "/srv/office", "worktree": true })).await;
    assert_eq!(set["defaults"], json!([{ "name": "Office", "cwd": "/srv/office", "worktree": true }]));
    assert_eq!(talk.ok("sessions.groups.defaults", json!({})).await["defaults"], set["defaults"]);
    let taken = talk.call("sessions.groups.rename", json!({ "name": "Home", "to": "Office" })).await;
    assert_eq!(code(&taken), "CONFLICT", "{taken}");
    let gone = talk.ok("sessions.groups.delete", json!({ "name": "Office" })).await;
    assert_eq!((&gone["updatedSessions"], &gone["groups"]), (&json!(2), &json!([{ "name": "Home", "position": 0 }])));
    assert_eq!(talk.row("a").await["category"], Value::Null);
    assert_eq!(code(&talk.call("sessions.groups.delete", json!({ "name": "Office" })).await), "NOT_FOUND");
    for names in [json!(["a", "a"]), json!([""]), json!(["x\u{7}"]), json!(vec!["n"; 201])] {
        let refused = talk.call("sessions.groups.put", json!({ "names": names })).await;
        assert_eq!(code(&refused), "INVALID_PARAMS", "{refused}");
    }
}

#[tokio::test]
async fn sessions_of_agents_that_are_gone_are_cleaned_up_and_compactions_are_listed() {
    let config = json!({ "agents": { "list": [{ "id": "main" }, { "id": "old" }] } });
    let gateway = TestGateway::with_config(config).await;
    let mut talk = Talk::admin(&gateway).await;
    for key in ["main", "agent:old:main", "agent:old:x"] {
        for at in 0..3 {
            talk.ok("chat.inject", json!({ "sessionKey": key, "message": format!("line {at}") })).await;
        }
    }
    talk.ok("sessions.compact", json!({ "key": "main", "maxLines": 1 })).await;
    let compactions = talk.ok("sessions.compaction.list", json!({ "key": "main" })).await;
    let summary = &compactions["checkpoints"][0]["summary"];
    assert_eq!(
        (compactions["checkpoints"].as_array().unwrap().len(), summary),
        (1, &json!("2 lines were set aside")),
        "{compactions}"
    );
    gateway.edit(&json!({ "agents": { "list": [{ "id": "main" }] } }));
    gateway.reload().await;
    let seen = talk.ok("sessions.cleanup", json!({})).await;
    assert_eq!(
        (&seen["missing"], &seen["dryRun"], &seen["beforeCount"]),
        (&json!(2), &json!(true), &json!(3)),
        "{seen}"
    );
    let kept = talk.ok("sessions.cleanup", json!({ "enforce": true, "activeKey": "agent:old:x" })).await;
    assert_eq!(kept["missing"], 0);
    let done = talk.ok("sessions.cleanup", json!({ "enforce": true })).await;
    assert_eq!(
        (&done["missing"], &done["afterCount"], &done["applied"]),
        (&json!(2), &json!(1), &json!(true)),
        "{done}"
    );
    assert_eq!(talk.ok("sessions.list", json!({})).await["count"], 1);
}

#[tokio::test]
async fn models_are_listed_by_view_and_a_provider_is_really_asked() {
    let llm = FakeLlm::start().await;
    let gateway = gateway_on(&llm, Wire::OpenAiCompletions).await;
    let mut talk = Talk::admin(&gateway).await;
    let names = |list: &Value| -> Vec<String> {
        let models = list["models"].as_array().unwrap();
        models
            .iter()
            .map(|model| format!("{}/{}", model["provider"].as_str().unwrap(), model["id"].as_str().unwrap()))
            .collect()
    };
    let all = talk.ok("models.list", json!({ "view": "all" })).await;
    assert_eq!(names(&all), ["demo/demo", "fake/fake-model", "fake/other-model"], "{all}");
    assert_eq!(
        (&all["models"][1]["tags"], &all["models"][1]["thinkingLevels"][1]["id"]),
        (&json!(["default"]), &json!("minimal"))
    );
    let provided = talk.ok("models.list", json!({ "view": "provider-config" })).await;
    assert_eq!(names(&provided), ["fake/fake-model", "fake/other-model"]);
    talk.ok("agents.create", json!({ "name": "d", "model": "demo/demo" })).await;
    let configured = talk.ok("models.list", json!({ "view": "configured", "agentId": "d" })).await;
    assert_eq!(names(&configured).len(), 3, "{configured}");
    assert_eq!(configured["models"][0]["tags"], json!(["default"]));
    for method in ["models.list", "models.authStatus", "chat.metadata"] {
        assert_eq!(code(&talk.call(method, json!({ "agentId": "nobody" })).await), "UNKNOWN_AGENT_ID", "{method}");
    }
    let probed = talk.ok("models.probe", json!({ "provider": "fake" })).await;
    assert_eq!((&probed["status"], &probed["results"][0]["profileId"]), (&json!("ok"), &json!("key-1")), "{probed}");
    assert_eq!(llm.request_count(), 1);
    llm.script(Script::text("").with(Fault::Status(401, None)));
    let refused = talk.ok("models.probe", json!({ "provider": "fake", "profileId": "key-1" })).await;
    assert_eq!(refused["status"], "auth", "{refused}");
    assert!(!refused.to_string().contains("key-of-the-vendor"));
    llm.script(stalled());
    for (params, path) in [
        (json!({ "provider": "nobody" }), "params.provider"),
        (json!({ "provider": "fake", "profileId": "key-9" }), "params.profileId"),
        (json!({ "provider": "fake", "timeoutMs": 0 }), "params.timeoutMs"),
    ] {
        let bad = talk.call("models.probe", params).await;
        assert_eq!(bad["error"]["details"]["path"], path, "{bad}");
    }
    let commands = talk.ok("commands.list", json!({})).await;
    assert_eq!(commands["commands"][0]["name"], "stop");
    assert_eq!(talk.ok("commands.list", json!({ "scope": "native" })).await["commands"], json!([]));
}
