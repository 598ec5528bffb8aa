//! Conversations: made, found, changed, started over, removed (M4, M6, G4).

use openclaw_testkit::{
    gateway::TestGateway,
    llm::{FakeLlm, Wire},
};
use serde_json::{Value, json};

use crate::{
    devices::code,
    talk::{Talk, gateway_on, stalled},
};

async fn inject(talk: &mut Talk, session: &str, text: &str) {
    talk.ok("chat.inject", json!({ "sessionKey": session, "message": text })).await;
}

fn texts(history: &Value) -> Vec<String> {
    history["messages"].as_array().unwrap().iter().map(crate::talk::text_of).collect()
}

#[tokio::test]
async fn history_is_paged_from_the_newest_and_cut_to_length() {
    let gateway = TestGateway::start().await;
    let mut talk = Talk::admin(&gateway).await;
    for at in 0..12 {
        inject(&mut talk, "main", &format!("line {at:02}")).await;
    }
    for (params, wanted, more) in [
        (json!({ "limit": 3 }), 9..12, true),
        (json!({ "limit": 3, "offset": 3 }), 6..9, true),
        (json!({ "limit": 5, "offset": 10 }), 0..2, false),
        (json!({ "limit": 5, "offset": 12 }), 0..0, false),
        (json!({ "limit": 5, "offset": 5000 }), 0..0, false),
        (json!({}), 0..12, false),
    ] {
        let mut params = params;
        params["sessionKey"] = json!("main");
        let history = talk.ok("chat.history", params.clone()).await;
        let wanted: Vec<String> = wanted.map(|at| format!("line {at:02}")).collect();
        assert_eq!(texts(&history), wanted, "{params}");
        assert_eq!((&history["hasMore"], &history["totalMessages"]), (&json!(more), &json!(12)), "{params}");
    }
    let cut = talk.ok("chat.history", json!({ "sessionKey": "main", "limit": 1, "maxChars": 4 })).await;
    assert_eq!(texts(&cut), ["line…"]);
    for limit in [0, 1001] {
        let refused = talk.call("chat.history", json!({ "sessionKey": "main", "limit": limit })).await;
        assert_eq!(refused["error"]["details"]["path"], "params.limit", "{refused}");
    }
    let nobody = talk.ok("chat.history", json!({ "sessionKey": "never-used" })).await;
    assert_eq!((&nobody["messages"], &nobody["totalMessages"]), (&json!([]), &json!(0)));
}

#[tokio::test]
async fn history_reaches_further_back_than_a_thousand_lines() {
    let gateway = TestGateway::start().await;
    let mut talk = Talk::admin(&gateway).await;
    for from in (0..1100).step_by(50) {
        let mut ids = Vec::new();
        for at in from..from + 50 {
            let params = json!({ "sessionKey": "main", "message": format!("{at}") });
            ids.push(talk.send("chat.inject", params).await);
        }
        for id in ids {
            talk.answer(&id).await;
        }
    }
    let history = talk.ok("chat.history", json!({ "sessionKey": "main", "limit": 10, "offset": 1050 })).await;
    let mut seen: Vec<u64> = history["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["__openclaw"]["seq"].as_u64().unwrap())
        .collect();
    seen.dedup();
    assert_eq!(seen, (41..=50).collect::<Vec<_>>());
    assert_eq!(history["hasMore"], true);
}

#[tokio::test]
async fn a_session_is_made_found_and_described() {
    let gateway = TestGateway::start().await;
    let mut talk = Talk::admin(&gateway).await;
    let made = talk.ok("sessions.create", json!({ "label": "Plans" })).await;
    let (key, id) = (made["key"].clone(), made["sessionId"].clone());
    for by in [json!({ "key": key }), json!({ "sessionId": id }), json!({ "label": "Plans" })] {
        assert_eq!(talk.ok("sessions.resolve", by.clone()).await["key"], key, "{by}");
    }
    assert_eq!(talk.ok("sessions.describe", json!({ "key": key })).await["session"]["label"], "Plans");
    assert_eq!(talk.ok("sessions.describe", json!({ "key": "nobody" })).await, json!({ "session": null }));
    assert_eq!(talk.ok("sessions.resolve", json!({ "key": "nobody", "allowMissing": true })).await["ok"], false);
    assert_eq!(code(&talk.call("sessions.resolve", json!({ "key": "nobody" })).await), "NOT_FOUND");
    assert_eq!(talk.call("sessions.resolve", json!({})).await["error"]["code"], "INVALID_REQUEST");
    let twice = talk.call("sessions.create", json!({ "key": key })).await;
    assert_eq!(code(&twice), "CONFLICT", "{twice}");
    let taken = talk.call("sessions.create", json!({ "label": "Plans" })).await;
    assert_eq!(code(&taken), "CONFLICT", "{taken}");
    let bad = talk.call("sessions.create", json!({ "model": "no slash" })).await;
    assert_eq!(bad["error"]["details"]["path"], "params.model", "{bad}");
}

#[tokio::test]
async fn a_retried_creation_makes_one_session_and_begins_one_turn() {
    let llm = FakeLlm::start().await;
    let gateway = gateway_on(&llm, Wire::OpenAiCompletions).await;
    let mut talk = Talk::admin(&gateway).await;
    let ask = json!({ "message": "begin", "idempotencyKey": "k1" });
    let first = talk.ok("sessions.create", ask.clone()).await;
    let again = talk.ok("sessions.create", ask).await;
    assert_eq!((&first["key"], &first["runId"]), (&again["key"], &again["runId"]), "{first} {again}");
    talk.ending(first["runId"].as_str().unwrap()).await;
    assert_eq!(llm.request_count(), 1);
    assert_eq!(talk.ok("sessions.list", json!({})).await["count"], 1);
    let other = talk.call("sessions.create", json!({ "message": "something else", "idempotencyKey": "k1" })).await;
    assert_eq!(code(&other), "CONFLICT", "{other}");
}

#[tokio::test]
async fn patching_sets_clears_and_guards_labels() {
    let gateway = TestGateway::start().await;
    let mut talk = Talk::admin(&gateway).await;
    let patched = talk
        .ok("sessions.patch", json!({ "key": "a", "label": "A", "model": "demo/demo", "thinkingLevel": "high", "pinned": true, "color": "red" }))
        .await;
    let entry = &patched["entry"];
    assert_eq!(
        (&entry["label"], &entry["modelOverride"], &entry["thinkingLevel"], &entry["pinned"], &entry["color"]),
        (&json!("A"), &json!("demo/demo"), &json!("high"), &json!(true), &json!("red"))
    );
    assert_eq!((&patched["key"], &patched["resolved"]["model"]), (&json!("agent:main:a"), &json!("demo")));
    let cleared =
        talk.ok("sessions.patch", json!({ "key": "a", "model": null, "thinkingLevel": null, "color": null })).await;
    let entry = &cleared["entry"];
    assert_eq!(
        (&entry["modelOverride"], &entry["thinkingLevel"], &entry["color"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    assert_eq!(entry["label"], "A", "what is absent stays");
    let taken = talk.call("sessions.patch", json!({ "key": "b", "label": "A" })).await;
    assert_eq!(code(&taken), "CONFLICT", "{taken}");
    assert_eq!(talk.row("b").await, Value::Null, "a refused patch makes no session");
    talk.ok("sessions.patch", json!({ "key": "a", "label": null })).await;
    talk.ok("sessions.patch", json!({ "key": "b", "label": "A" })).await;
    for (field, value) in [
        ("model", json!("no slash")),
        ("responseUsage", json!("much")),
        ("sendPolicy", json!("perhaps")),
        ("queueMode", json!("whenever")),
        ("pinned", json!("yes")),
        ("label", json!("x".repeat(600))),
    ] {
        let refused = talk.call("sessions.patch", json!({ "key": "a", field: value })).await;
        assert_eq!(refused["error"]["code"], "INVALID_REQUEST", "{field}: {refused}");
        assert_eq!(refused["error"]["details"]["path"], format!("params.{field}"), "{refused}");
    }
}

#[tokio::test]
async fn resetting_aborts_the_live_run_and_begins_an_empty_transcript() {
    let llm = FakeLlm::start().await;
    let gateway = gateway_on(&llm, Wire::OpenAiCompletions).await;
    let mut talk = Talk::admin(&gateway).await;
    llm.script(stalled());
    talk.say("main", "a", "hello").await;
    talk.speaking("a").await;
    let before = talk.row("main").await["sessionId"].clone();
    let reset = talk.ok("sessions.reset", json!({ "key": "main" })).await;
    assert_ne!(reset["entry"]["sessionId"], before);
    let (_, end) = talk.ending("a").await;
    assert_eq!((&end["state"], &end["stopReason"]), (&json!("aborted"), &json!("reset")), "{end}");
    assert_eq!(talk.lines("main").await, []);
    assert_eq!(code(&talk.call("sessions.reset", json!({ "key": "nobody" })).await), "NOT_FOUND");
    talk.say("main", "b", "hello again").await;
    assert_eq!(talk.ending("b").await.1["state"], "final");
    let asked = llm.requests().pop().unwrap().body.to_string();
    assert!(!asked.contains("word0"), "the old transcript is not sent: {asked}");
}

#[tokio::test]
async fn deleting_removes_all_but_the_main_session() {
    let llm = FakeLlm::start().await;
    let gateway = gateway_on(&llm, Wire::OpenAiCompletions).await;
    let mut talk = Talk::admin(&gateway).await;
    llm.script(stalled());
    talk.say("other", "a", "hello").await;
    talk.speaking("a").await;
    let deleted = talk.ok("sessions.delete", json!({ "key": "other" })).await;
    assert_eq!((&deleted["ok"], &deleted["deleted"]), (&json!(true), &json!(true)));
    assert_eq!(talk.ending("a").await.1["state"], "aborted");
    assert_eq!(talk.row("other").await, Value::Null);
    assert_eq!(talk.ok("sessions.delete", json!({ "key": "other" })).await["deleted"], false);
    let refused = talk.call("sessions.delete", json!({ "key": "main" })).await;
    assert!(refused["error"]["message"].as_str().unwrap().starts_with("Cannot delete the main session"), "{refused}");
}

#[tokio::test]
async fn compacting_sets_old_lines_aside() {
    let gateway = TestGateway::start().await;
    let mut talk = Talk::admin(&gateway).await;
    for at in 0..6 {
        inject(&mut talk, "main", &format!("line {at}")).await;
    }
    let compacted = talk.ok("sessions.compact", json!({ "key": "main", "maxLines": 2 })).await;
    assert_eq!((&compacted["compacted"], &compacted["kept"]), (&json!(true), &json!(2)), "{compacted}");
    let history = talk.ok("chat.history", json!({ "sessionKey": "main" })).await;
    assert_eq!((texts(&history), &history["hasMore"]), (vec!["line 4".to_owned(), "line 5".to_owned()], &json!(false)));
    let page = talk.ok("chat.history", json!({ "sessionKey": "main", "limit": 1, "offset": 1 })).await;
    assert_eq!((texts(&page), &page["hasMore"]), (vec!["line 4".to_owned()], &json!(false)));
    assert_eq!(talk.ok("sessions.compact", json!({ "key": "main", "maxLines": 2 })).await["compacted"], false);
    assert_eq!(talk.ok("sessions.compact", json!({ "key": "nobody" })).await["compacted"], false);
    let refused = talk.call("sessions.compact", json!({ "key": "main", "maxLines": 0 })).await;
    assert_eq!(refused["error"]["details"]["path"], "params.maxLines");
}

#[tokio::test]
async fn previews_show_the_last_lines() {
    let gateway = TestGateway::start().await;
    let mut talk = Talk::admin(&gateway).await;
    inject(&mut talk, "main", &"long ".repeat(100)).await;
    let keys = json!({ "keys": ["main", "nobody"], "maxChars": 20, "limit": 1 });
    let shown = talk.ok("sessions.preview", keys).await;
    let previews = shown["previews"].as_array().unwrap();
    assert_eq!(previews[0]["items"], json!([{ "role": "assistant", "text": "long long long long " }]));
    assert_eq!(previews[1], json!({ "key": "nobody", "status": "missing", "items": [] }));
    assert_eq!(talk.call("sessions.preview", json!({ "keys": [] })).await["error"]["details"]["path"], "params.keys");
}

#[tokio::test]
async fn the_list_filters_and_pages_without_losing_or_doubling_a_row() {
    let gateway = TestGateway::start().await;
    let mut talk = Talk::admin(&gateway).await;
    for at in 0..25 {
        talk.ok("sessions.patch", json!({ "key": format!("s{at:02}"), "label": format!("Label {at:02}") })).await;
    }
    talk.ok("sessions.patch", json!({ "key": "s00", "archived": true })).await;
    let (mut seen, mut cursor) = (Vec::new(), Value::Null);
    loop {
        let page = talk.ok("sessions.list", json!({ "limit": 7, "cursor": cursor })).await;
        seen.extend(page["sessions"].as_array().unwrap().iter().map(|row| row["key"].as_str().unwrap().to_owned()));
        cursor = page["nextCursor"].clone();
        if cursor.is_null() {
            assert_eq!(page["hasMore"], false);
            break;
        }
    }
    let wanted: Vec<String> = (1..25).rev().map(|at| format!("agent:main:s{at:02}")).collect();
    assert_eq!(seen, wanted);
    for (filter, count) in [
        (json!({ "archived": true }), 1),
        (json!({ "archived": "all" }), 25),
        (json!({ "search": "label 1" }), 10),
        (json!({ "label": "Label 07" }), 1),
        (json!({ "label": "Label" }), 0),
        (json!({ "agentId": "nobody" }), 0),
        (json!({ "activeMinutes": 5 }), 24),
        (json!({ "limit": 10, "offset": 20 }), 4),
    ] {
        let page = talk.ok("sessions.list", filter.clone()).await;
        assert_eq!(page["sessions"].as_array().unwrap().len(), count, "{filter}: {page}");
    }
    for (field, value) in [("limit", json!(0)), ("archived", json!("some")), ("offset", json!(10_001))] {
        let refused = talk.call("sessions.list", json!({ field: value })).await;
        assert_eq!(refused["error"]["details"]["path"], format!("params.{field}"), "{refused}");
    }
}

#[tokio::test]
async fn session_events_reach_those_who_subscribed_and_may_read() {
    let gateway = TestGateway::start().await;
    let mut talk = Talk::admin(&gateway).await;
    talk.ok("sessions.messages.subscribe", json!({ "key": "main" })).await;
    inject(&mut talk, "other", "not followed").await;
    inject(&mut talk, "main", "followed").await;
    let message = talk.event("session.message", |_| true).await;
    assert_eq!(crate::talk::text_of(&message["message"]), "followed", "{message}");
    let scopes = openclaw_testkit::gateway::connect_params(&["operator.approvals"]);
    let mut blind = Talk::with(&gateway, scopes).await;
    inject(&mut talk, "main", "again").await;
    blind.ok("ping", json!({})).await;
    let ping = blind.send("ping", json!({})).await;
    let first = blind
        .find(|frame| frame["event"] == "chat" || frame["event"] == "sessions.changed" || frame["id"] == json!(ping))
        .await;
    assert_eq!(first["id"], json!(ping), "who may not read hears no chat: {first}");
}

#[tokio::test]
async fn what_a_session_cannot_have_is_refused_by_name_and_never_dropped() {
    let gateway = TestGateway::start().await;
    let mut talk = Talk::admin(&gateway).await;
    for (key, value) in [
        ("permissionMode", json!("full")),
        ("expectedPermissionMode", json!("workspace")),
        ("toolOverrides", json!({ "webSearch": true })),
        ("expectedToolOverrides", json!({ "skills": { "a": true } })),
        ("elevatedLevel", json!("full")),
        ("execHost", json!("node")),
        ("execSecurity", json!("full")),
        ("execAsk", json!("always")),
        ("execNode", json!("n")),
        ("inheritedToolPolicyVersion", json!(1)),
        ("inheritedToolAllow", json!(["a"])),
        ("inheritedToolDeny", json!(["a"])),
        ("groupActivation", json!("always")),
        ("completionOwnerSessionKey", json!("main")),
        ("spawnedBy", json!("main")),
        ("expectedLifecycleRevision", json!("3")),
        ("contextWindow", json!("1m")),
        ("fastMode", json!("auto")),
        ("traceLevel", json!("raw")),
    ] {
        let refused = talk.call("sessions.patch", json!({ "key": "s", "label": "no", key: value })).await;
        assert_eq!(refused["error"]["code"], "UNAVAILABLE", "{key}: {refused}");
        assert_eq!(refused["error"]["details"]["path"], format!("params.{key}"), "{refused}");
        assert!(refused["error"]["message"].as_str().unwrap().contains(key), "{refused}");
        // What asks for nothing changes nothing.
        talk.ok("sessions.patch", json!({ "key": "s", key: null })).await;
    }
    talk.ok("sessions.patch", json!({ "key": "s", "fastMode": false, "traceLevel": "off", "elevatedLevel": "off" }))
        .await;
    let list = talk.ok("sessions.list", json!({})).await;
    assert!(list["sessions"][0]["label"].is_null(), "a refused patch changes nothing: {list}");
    for (key, value) in [
        ("incognito", json!(true)),
        ("cwd", json!("/tmp")),
        ("worktree", json!(true)),
        ("permissionMode", json!("full")),
        ("visibility", json!("draft")),
        ("forkFrom", json!("last-completed")),
    ] {
        let refused = talk.call("sessions.create", json!({ key: value })).await;
        assert_eq!(refused["error"]["code"], "UNAVAILABLE", "{key}: {refused}");
        assert_eq!(refused["error"]["details"]["path"], format!("params.{key}"), "{refused}");
    }
    let made = talk
        .ok("sessions.create", json!({ "visibility": "shared", "worktree": false, "tools": { "profile": "minimal" } }))
        .await;
    assert_eq!(made["entry"]["toolsProfile"], "minimal", "{made}");
    let unknown = talk.call("sessions.create", json!({ "tools": { "profile": "everything" } })).await;
    assert_eq!(unknown["error"]["details"]["path"], "params.tools.profile", "{unknown}");
}

#[tokio::test]
async fn a_note_and_a_mark_are_kept_and_a_mark_that_was_not_seen_stays() {
    let gateway = TestGateway::start().await;
    let mut talk = Talk::admin(&gateway).await;
    let noted = talk
        .ok("sessions.patch", json!({ "key": "n", "statusNote": "waits", "attention": "hand", "ttlMinutes": 5, "boardFace": "dashboard" }))
        .await;
    let status = &noted["entry"]["agentStatus"];
    assert_eq!((&status["note"], &status["attention"]), (&json!("waits"), &json!("hand")), "{noted}");
    assert_eq!(status["expiresAt"].as_i64().unwrap() - status["setAt"].as_i64().unwrap(), 300_000);
    assert_eq!(noted["entry"]["boardFace"], "dashboard");
    let gone = talk.ok("sessions.patch", json!({ "key": "n", "statusNote": null })).await;
    assert!(gone["entry"]["agentStatus"].is_null(), "{gone}");

    let marked = talk.ok("sessions.patch", json!({ "key": "n", "unread": true })).await;
    let mark = marked["entry"]["markedUnreadAt"].as_i64().unwrap();
    let other =
        talk.ok("sessions.patch", json!({ "key": "n", "unread": false, "expectedMarkedUnreadAt": mark - 1 })).await;
    assert_eq!(other["entry"]["unread"], true, "{other}");
    let read = talk.ok("sessions.patch", json!({ "key": "n", "unread": false, "expectedMarkedUnreadAt": mark })).await;
    assert_eq!((&read["entry"]["unread"], &read["entry"]["markedUnreadAt"]), (&json!(false), &Value::Null), "{read}");
    assert!(read["entry"]["lastReadAt"].is_i64(), "{read}");
    for (params, path) in [
        (json!({ "ttlMinutes": 5 }), "ttlMinutes"),
        (json!({ "statusNote": "x", "ttlMinutes": 121 }), "ttlMinutes"),
        (json!({ "statusNote": "x".repeat(121) }), "statusNote"),
        (json!({ "attention": "bell" }), "attention"),
        (json!({ "boardFace": "both" }), "boardFace"),
        (json!({ "expectedMarkedUnreadAt": 1 }), "expectedMarkedUnreadAt"),
        (json!({ "thinkingLevel": "a lot" }), "thinkingLevel"),
        (json!({ "agentId": "nobody" }), "agentId"),
    ] {
        let mut params = params;
        params["key"] = json!("agent:main:n");
        let refused = talk.call("sessions.patch", params).await;
        assert_eq!(refused["error"]["code"], "INVALID_REQUEST", "{path}: {refused}");
        assert_eq!(refused["error"]["details"]["path"], format!("params.{path}"), "{refused}");
    }
}

#[tokio::test]
async fn nothing_is_sent_in_a_session_that_denies_it() {
    let llm = FakeLlm::start().await;
    let gateway = gateway_on(&llm, Wire::OpenAiCompletions).await;
    let mut talk = Talk::admin(&gateway).await;
    talk.ok("sessions.patch", json!({ "key": "shut", "sendPolicy": "deny" })).await;
    let said = json!({ "sessionKey": "shut", "message": "hello", "idempotencyKey": "k" });
    for method in ["chat.send", "agent"] {
        let refused = talk.call(method, said.clone()).await;
        assert_eq!(refused["error"]["details"]["code"], "SEND_BLOCKED", "{method}: {refused}");
    }
    assert_eq!(llm.requests().len(), 0, "no model was asked");
    talk.ok("sessions.patch", json!({ "key": "shut", "sendPolicy": null })).await;
    talk.ok("chat.send", said.clone()).await;
    // What is asked again is answered again, whatever became of the session meanwhile, and nothing is done again.
    talk.ok("agent.wait", json!({ "runId": "k" })).await;
    talk.ok("sessions.patch", json!({ "key": "shut", "sendPolicy": "deny" })).await;
    let asked = llm.requests().len();
    let again = talk.ok("chat.send", said).await;
    assert_eq!((again["runId"].as_str(), llm.requests().len()), (Some("k"), asked), "{again}");
    let other = json!({ "sessionKey": "shut", "message": "another", "idempotencyKey": "k" });
    let refused = talk.call("chat.send", other).await;
    assert_eq!(refused["error"]["details"]["path"], "params.idempotencyKey", "{refused}");
}
