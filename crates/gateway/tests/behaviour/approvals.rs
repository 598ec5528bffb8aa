//! Asking people (M8, W13, G6): first answer wins, everybody hears the same, nothing runs when nobody can answer.

use std::os::unix::fs::PermissionsExt;

use openclaw_core::Clock;
use openclaw_testkit::gateway::{Setup, TOKEN, TestGateway, connect_params};
use serde_json::{Value, json};

use crate::{
    audit,
    devices::{Device, code, connect},
    talk::Talk,
};

const APPROVALS: &[&str] = &["operator.approvals"];

/// `connect` of a client that shows approvals to people.
fn reviewing(scopes: &[&str]) -> Value {
    let mut params = connect_params(scopes);
    params["caps"] = json!(["approvals"]);
    params
}

/// `connect` in dialect 3.
fn dialect_3(scopes: &[&str]) -> Value {
    let mut params = connect_params(scopes);
    params["minProtocol"] = json!(3);
    params["maxProtocol"] = json!(3);
    params
}

/// A client with this key that shows approvals to people.
async fn reviewing_on(gateway: &TestGateway, device: &Device) -> Talk {
    let mut raw = gateway.raw().await;
    let nonce = raw.challenge().await;
    let mut params = device.params(gateway, &nonce, &json!({ "token": TOKEN }), APPROVALS);
    params["caps"] = json!(["approvals"]);
    let hello = connect(&mut raw, &params).await;
    assert_eq!(hello["ok"], true, "{hello}");
    Talk::over(raw)
}

/// Somebody who asks, and somebody who answers.
async fn two(gateway: &TestGateway) -> (Talk, Talk) {
    let reviewer = Talk::with(gateway, reviewing(APPROVALS)).await;
    (Talk::with(gateway, connect_params(APPROVALS)).await, reviewer)
}

fn ask(id: &str) -> Value {
    json!({ "id": id, "command": "ls -la", "cwd": "/tmp", "host": "gateway", "sessionKey": "main", "timeoutMs": 60_000 })
}

fn two_phase(id: &str) -> Value {
    let mut params = ask(id);
    params["twoPhase"] = json!(true);
    params
}

#[tokio::test]
async fn a_command_is_asked_about_shown_and_allowed() {
    let gateway = TestGateway::start().await;
    let (mut asker, mut reviewer) = two(&gateway).await;
    let request = asker.send("exec.approval.request", two_phase("one")).await;
    let accepted = asker.answer(&request).await;
    assert_eq!(
        (&accepted["payload"]["status"], &accepted["payload"]["id"], &accepted["payload"]["deliveryRoute"]),
        (&json!("accepted"), &json!("one"), &json!("approval-client")),
        "{accepted}"
    );
    let told = reviewer.event("exec.approval.requested", |asked| asked["id"] == "one").await;
    let asked = &told["request"];
    assert_eq!(told["approvalKind"], "exec");
    assert_eq!(
        (&asked["command"], &asked["cwd"], &asked["host"]),
        (&json!("ls -la"), &json!("/tmp"), &json!("gateway"))
    );
    assert_eq!((&asked["agentId"], &asked["sessionKey"]), (&json!("main"), &json!("agent:main:main")));
    assert_eq!(asked["allowedDecisions"], json!(["allow-once", "allow-always", "deny"]));
    assert_eq!(asked["commandAnalysis"]["riskKinds"], json!([]));
    assert_eq!(told["expiresAtMs"].as_i64().unwrap() - told["createdAtMs"].as_i64().unwrap(), 60_000);

    let list = reviewer.ok("exec.approval.list", json!({})).await;
    assert_eq!(list, json!([told]));
    let one = reviewer.ok("exec.approval.get", json!({ "id": "one" })).await;
    assert_eq!((&one["commandText"], &one["commandPreview"]), (&json!("ls -la"), &Value::Null));
    let shown = reviewer.ok("approval.get", json!({ "id": "one" })).await;
    assert_eq!(
        (&shown["approval"]["status"], &shown["approval"]["urlPath"]),
        (&json!("pending"), &json!("/approve/one"))
    );

    let resolved = reviewer.ok("exec.approval.resolve", json!({ "id": "one", "decision": "allow-once" })).await;
    assert_eq!(resolved, json!({ "ok": true }));
    let decided = asker.answer(&request).await;
    assert_eq!(
        (&decided["payload"]["decision"], &decided["payload"]["terminalReason"]),
        (&json!("allow-once"), &json!("user")),
        "{decided}"
    );
    let told = reviewer.event("exec.approval.resolved", |told| told["id"] == "one").await;
    assert_eq!((&told["decision"], &told["resolvedBy"]), (&json!("allow-once"), &json!("cli")));
    let late = asker.ok("exec.approval.waitDecision", json!({ "id": "one" })).await;
    assert_eq!(late["decision"], "allow-once", "{late}");
    let history = reviewer.ok("approval.history", json!({})).await;
    assert_eq!((&history["items"][0]["id"], &history["items"][0]["status"]), (&json!("one"), &json!("allowed")));
    assert_eq!(reviewer.ok("exec.approval.list", json!({})).await, json!([]));
    // Whoever asks in dialect 4 is not told what it asks.
    asker.ok("ping", json!({})).await;
    assert!(!asker.has_heard("exec.approval.requested"));
    let events: Vec<String> = audit::records(&gateway).await.into_iter().map(|record| record.event.event).collect();
    let kept: Vec<&String> = events.iter().filter(|event| event.starts_with("approval.")).collect();
    assert_eq!(kept, ["approval.requested", "approval.resolved"]);
}

#[tokio::test]
async fn dialect_3_asks_and_answers_on_one_connection_and_hears_of_it() {
    let gateway = TestGateway::start().await;
    let mut talk = Talk::with(&gateway, dialect_3(APPROVALS)).await;
    let mut params = ask("v3");
    params.as_object_mut().unwrap().remove("timeoutMs");
    let request = talk.send("exec.approval.request", params).await;
    let told = talk.event("exec.approval.requested", |_| true).await;
    assert_eq!(told["expiresAtMs"].as_i64().unwrap() - told["createdAtMs"].as_i64().unwrap(), 120_000);
    talk.ok("exec.approval.resolve", json!({ "id": "v3", "decision": "deny" })).await;
    let decided = talk.answer(&request).await;
    assert_eq!((&decided["ok"], &decided["payload"]["decision"]), (&json!(true), &json!("deny")), "{decided}");
    assert_eq!(talk.event("exec.approval.resolved", |_| true).await["decision"], "deny");
    // A second answer, and one to nothing, in the words of that dialect.
    for id in ["v3", "nope"] {
        let answer = talk.call("exec.approval.resolve", json!({ "id": id, "decision": "deny" })).await;
        assert_eq!(answer["error"]["message"], "unknown approval id", "{answer}");
        assert_eq!(answer["error"]["code"], "INVALID_REQUEST");
    }
}

#[tokio::test]
async fn of_sixty_four_answers_at_once_one_counts_and_everybody_sees_it() {
    let gateway = TestGateway::start().await;
    let (mut asker, mut reviewer) = two(&gateway).await;
    let request = asker.send("exec.approval.request", two_phase("race")).await;
    asker.answer(&request).await;
    let answering = (0..64).map(|at| {
        let gateway = &gateway;
        async move {
            let mut talk = Talk::with(gateway, reviewing(APPROVALS)).await;
            let decision = ["allow-once", "deny"][at % 2];
            (decision, talk.call("exec.approval.resolve", json!({ "id": "race", "decision": decision })).await, talk)
        }
    });
    let answers = futures_util::future::join_all(answering).await;
    let decided = asker.answer(&request).await["payload"]["decision"].as_str().unwrap().to_owned();
    for (said, answer, mut talk) in answers {
        if said == decided {
            assert_eq!(answer["ok"], true, "{answer}");
        } else {
            assert_eq!(code(&answer), "APPROVAL_ALREADY_RESOLVED", "{answer}");
            assert_eq!(answer["error"]["message"], "approval already resolved");
            assert_eq!(answer["error"]["details"]["decision"], json!(decided));
        }
        let told = talk.event("exec.approval.resolved", |_| true).await;
        assert_eq!(told["decision"], json!(decided));
    }
    reviewer.event("exec.approval.resolved", |_| true).await;
    reviewer.ok("ping", json!({})).await;
    assert!(!reviewer.has_heard("exec.approval.resolved"), "it was told once");
    let resolved =
        audit::records(&gateway).await.into_iter().filter(|record| record.event.event == "approval.resolved");
    assert_eq!(resolved.count(), 1, "only the answer that counts is a change");
}

#[tokio::test]
async fn with_nobody_who_could_answer_it_is_refused_at_once_with_the_reason() {
    let gateway = TestGateway::start().await;
    let mut asker = Talk::with(&gateway, connect_params(APPROVALS)).await;
    // These could not answer: no capability, or no scope.
    let _incapable = Talk::with(&gateway, connect_params(APPROVALS)).await;
    let mut reader = Talk::with(&gateway, reviewing(&["operator.read"])).await;
    for params in [ask("a"), two_phase("b")] {
        let answer = asker.ok("exec.approval.request", params).await;
        assert_eq!((&answer["decision"], &answer["terminalReason"]), (&Value::Null, &json!("no-route")), "{answer}");
        assert!(answer["message"].as_str().unwrap().contains("operator.approvals"), "{answer}");
    }
    let history = asker.ok("approval.history", json!({ "kind": "exec" })).await;
    assert_eq!(
        (&history["items"][0]["status"], &history["items"][0]["reason"]),
        (&json!("denied"), &json!("no-route"))
    );
    // Whoever wants to wait for somebody to come says so.
    let mut params = two_phase("c");
    params["requireDeliveryRoute"] = json!(false);
    let request = asker.send("exec.approval.request", params).await;
    assert_eq!(asker.answer(&request).await["payload"]["deliveryRoute"], "none");
    let mut late = Talk::with(&gateway, reviewing(APPROVALS)).await;
    late.ok("exec.approval.resolve", json!({ "id": "c", "decision": "allow-once" })).await;
    assert_eq!(asker.answer(&request).await["payload"]["decision"], "allow-once");
    reader.ok("ping", json!({})).await;
    assert!(!reader.has_heard("exec.approval.requested") && !reader.has_heard("exec.approval.resolved"));
}

#[tokio::test]
async fn nobody_answers_themselves_in_dialect_4_unless_people_sit_there() {
    let gateway = TestGateway::start().await;
    let (_, mut reviewer) = two(&gateway).await;
    let mut asker = Talk::with(&gateway, reviewing(APPROVALS)).await;
    let request = asker.send("exec.approval.request", two_phase("self")).await;
    asker.answer(&request).await;
    for method in ["exec.approval.resolve", "approval.resolve"] {
        let mut params = json!({ "id": "self", "decision": "allow-once" });
        if method == "approval.resolve" {
            params["kind"] = json!("exec");
        }
        let answer = asker.call(method, params).await;
        assert_eq!((code(&answer), &answer["error"]["code"]), ("SELF_APPROVAL", &json!("FORBIDDEN")), "{answer}");
    }
    let resolved = reviewer.ok("approval.resolve", json!({ "id": "self", "kind": "exec", "decision": "deny" })).await;
    assert_eq!((&resolved["applied"], &resolved["approval"]["status"]), (&json!(true), &json!("denied")), "{resolved}");
    let again =
        reviewer.ok("approval.resolve", json!({ "id": "self", "kind": "exec", "decision": "allow-once" })).await;
    assert_eq!((&again["applied"], &again["approval"]["decision"]), (&json!(false), &json!("deny")), "{again}");
    assert_eq!(asker.answer(&request).await["payload"]["decision"], "deny");
}

#[tokio::test]
async fn what_nobody_answers_in_time_is_over_for_everybody() {
    let gateway = TestGateway::start().await;
    let (mut asker, mut reviewer) = two(&gateway).await;
    reviewer.ok("ping", json!({})).await;
    let mut params = ask("slow");
    params["timeoutMs"] = json!(30);
    let request = asker.send("exec.approval.request", params).await;
    let told = reviewer.event("exec.approval.resolved", |_| true).await;
    assert_eq!(
        (&told["decision"], &told["reason"], &told["resolvedBy"]),
        (&json!("deny"), &json!("timeout"), &Value::Null)
    );
    let answer = asker.answer(&request).await;
    assert_eq!(
        (&answer["payload"]["decision"], &answer["payload"]["terminalReason"]),
        (&Value::Null, &json!("timeout")),
        "{answer}"
    );
    let late = reviewer.call("exec.approval.resolve", json!({ "id": "slow", "decision": "allow-once" })).await;
    assert_eq!(late["error"]["message"], "unknown or expired approval id", "{late}");
    assert_eq!(late["error"]["details"]["reason"], "APPROVAL_NOT_FOUND");
    assert!(late["error"]["details"]["remediation"].is_string());
    let waited = asker.ok("exec.approval.waitDecision", json!({ "id": "slow" })).await;
    assert_eq!((&waited["decision"], &waited["terminalReason"]), (&Value::Null, &json!("timeout")));
}

#[tokio::test]
async fn an_answer_after_the_time_is_over_does_not_count_even_if_nobody_noticed_the_end() {
    let (clock, time) = Clock::manual(1_800_000_000_000);
    let gateway = TestGateway::with(Setup { clock, ..Setup::default() }).await;
    let (mut asker, mut reviewer) = two(&gateway).await;
    let request = asker.send("exec.approval.request", two_phase("late")).await;
    asker.answer(&request).await;
    time.advance_ms(60_000);
    let late = reviewer.call("exec.approval.resolve", json!({ "id": "late", "decision": "allow-once" })).await;
    assert_eq!(code(&late), "APPROVAL_NOT_FOUND", "{late}");
    assert_eq!(asker.answer(&request).await["payload"]["decision"], Value::Null);
    let history = reviewer.ok("approval.history", json!({})).await;
    assert_eq!(
        (&history["items"][0]["status"], &history["items"][0]["reason"]),
        (&json!("expired"), &json!("timeout"))
    );
}

#[tokio::test]
async fn what_waits_survives_a_restart_and_its_answer_is_there_for_whoever_asks_again() {
    let gateway = TestGateway::start().await;
    let (mut asker, _reviewer) = two(&gateway).await;
    let mut short = two_phase("short");
    short["timeoutMs"] = json!(1);
    let kept = asker.send("exec.approval.request", two_phase("kept")).await;
    asker.answer(&kept).await;
    let short = asker.send("exec.approval.request", short).await;
    asker.answer(&short).await;
    let gateway = gateway.restart(Setup::default()).await;
    let (mut asker, mut reviewer) = two(&gateway).await;
    let over = asker.ok("exec.approval.waitDecision", json!({ "id": "short" })).await;
    assert_eq!(over["terminalReason"], "timeout");
    let list = reviewer.ok("exec.approval.list", json!({})).await;
    assert_eq!(list.as_array().unwrap().len(), 1, "{list}");
    let wait = asker.send("exec.approval.waitDecision", json!({ "id": "kept" })).await;
    reviewer.ok("exec.approval.resolve", json!({ "id": "kept", "decision": "allow-once" })).await;
    assert_eq!(asker.answer(&wait).await["payload"]["decision"], "allow-once");
}

#[tokio::test]
async fn what_was_allowed_for_good_is_not_asked_about_again_until_it_is_taken_back() {
    let gateway = TestGateway::start().await;
    let (mut asker, mut reviewer) = two(&gateway).await;
    let request = asker.send("exec.approval.request", two_phase("always")).await;
    asker.answer(&request).await;
    let allow = json!({ "id": "always", "decision": "allow-always", "grantExpiresInDays": 30 });
    reviewer.ok("exec.approval.resolve", allow).await;
    assert_eq!(asker.answer(&request).await["payload"]["decision"], "allow-always");
    let again = asker.ok("exec.approval.request", two_phase("again")).await;
    assert_eq!((&again["decision"], &again["terminalReason"]), (&json!("allow-always"), &json!("policy")), "{again}");

    let grants = reviewer.ok("exec.approval.grants.list", json!({})).await;
    let grant = &grants["grants"][0];
    assert_eq!((&grant["command"], &grant["useCount"]), (&json!("ls -la"), &json!(1)), "{grants}");
    let life = grant["expiresAtMs"].as_i64().unwrap() - grant["createdAtMs"].as_i64().unwrap();
    assert_eq!(life, 30 * 24 * 60 * 60 * 1000);
    // Anything else is another command, and asking about everything asks about this one, too.
    for (key, value) in [
        ("command", json!("ls -l")),
        ("cwd", json!("/")),
        ("agentId", json!("other")),
        ("host", json!("node")),
        ("resolvedPath", json!("/tmp/ls")),
        ("env", json!({ "A": "1" })),
        ("ask", json!("always")),
    ] {
        let mut params = two_phase("other");
        params.as_object_mut().unwrap().remove("id");
        params[key] = value;
        let request = asker.send("exec.approval.request", params).await;
        let accepted = asker.answer(&request).await;
        assert_eq!(accepted["payload"]["status"], "accepted", "{key}: {accepted}");
        let id = &accepted["payload"]["id"];
        reviewer.ok("exec.approval.resolve", json!({ "id": id, "decision": "deny" })).await;
    }
    let gateway = gateway.restart(Setup::default()).await;
    let (mut asker, mut reviewer) = two(&gateway).await;
    assert_eq!(asker.ok("exec.approval.request", two_phase("restarted")).await["decision"], "allow-always");
    let id = &grant["grantId"];
    for outcome in ["revoked", "already-revoked"] {
        assert_eq!(reviewer.ok("exec.approval.grants.revoke", json!({ "grantId": id })).await["outcome"], outcome);
    }
    assert_eq!(reviewer.ok("exec.approval.grants.revoke", json!({ "grantId": "nope" })).await["outcome"], "not-found");
    let request = asker.send("exec.approval.request", two_phase("asked-again")).await;
    assert_eq!(asker.answer(&request).await["payload"]["status"], "accepted");
}

#[tokio::test]
async fn a_permission_ends_when_its_days_are_over() {
    let (clock, time) = Clock::manual(1_800_000_000_000);
    let gateway = TestGateway::with(Setup { clock, ..Setup::default() }).await;
    let (mut asker, mut reviewer) = two(&gateway).await;
    let request = asker.send("exec.approval.request", two_phase("day")).await;
    asker.answer(&request).await;
    let allow = json!({ "id": "day", "kind": "exec", "decision": "allow-always", "grantExpiresInDays": 1 });
    reviewer.ok("approval.resolve", allow).await;
    assert_eq!(asker.ok("exec.approval.request", two_phase("day-2")).await["decision"], "allow-always");
    time.advance_ms(24 * 60 * 60 * 1000);
    let request = asker.send("exec.approval.request", two_phase("day-3")).await;
    assert_eq!(asker.answer(&request).await["payload"]["status"], "accepted");
}

#[tokio::test]
async fn the_policy_is_a_private_file_with_a_hash_that_guards_it() {
    let gateway = TestGateway::start().await;
    let mut admin = Talk::with(&gateway, reviewing(APPROVALS)).await;
    let fresh = admin.ok("exec.approvals.get", json!({})).await;
    assert_eq!((&fresh["exists"], &fresh["file"]["version"]), (&json!(false), &json!(1)), "{fresh}");
    assert_eq!(
        fresh["resolvedDefaults"],
        json!({ "security": "allowlist", "ask": "on-miss", "askFallback": "deny", "autoAllowSkills": false })
    );
    let file = json!({
        "version": 1, "socket": { "path": "/run/x.sock", "token": "a secret of somebody else" },
        "defaults": { "ask": "on-miss" }, "agents": { "main": { "allowlist": [{ "pattern": "rg" }] } },
    });
    let set = admin.ok("exec.approvals.set", json!({ "file": file })).await;
    assert!(set["exists"] == true && !set.to_string().contains("a secret"), "{set}");
    assert!(set["file"]["agents"]["main"]["allowlist"][0]["id"].is_string());
    let path = gateway.dir().join("state/exec-approvals.json");
    assert_eq!(set["path"], json!(path.display().to_string()));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let hash = &set["hash"];
    for (params, text) in [
        (json!({ "file": file }), "exec approvals base hash required; re-run exec.approvals.get and retry"),
        (
            json!({ "file": file, "baseHash": "stale" }),
            "exec approvals changed since last load; re-run exec.approvals.get and retry",
        ),
    ] {
        let refused = admin.call("exec.approvals.set", params).await;
        assert_eq!(refused["error"]["message"], text, "{refused}");
        assert_eq!(&refused["error"]["details"]["hash"], hash);
    }
    for (file, place) in [
        (
            json!({ "version": 1, "agents": { "main": { "allowlist": [{ "pattern": "" }] } } }),
            "params.file.agents.main.allowlist[0].pattern",
        ),
        (json!({ "version": 1, "defaults": { "security": "everything" } }), "params.file.defaults.security"),
        (json!({ "version": 1, "default": {} }), "params.file.default"),
        (json!({ "version": 3 }), "params.file.version"),
    ] {
        let refused = admin.call("exec.approvals.set", json!({ "file": file, "baseHash": hash })).await;
        assert_eq!(refused["error"]["details"]["path"], place, "{refused}");
    }
    // The secret that was left out stays in the file.
    let mut file = set["file"].clone();
    file["defaults"]["security"] = json!("full");
    file["defaults"]["ask"] = json!("off");
    admin.ok("exec.approvals.set", json!({ "file": file, "baseHash": hash })).await;
    assert!(std::fs::read_to_string(&path).unwrap().contains("a secret of somebody else"));
    let changed: Vec<_> = audit::records(&gateway)
        .await
        .into_iter()
        .filter(|record| record.event.event == "exec.policy.changed")
        .map(|record| record.event.severity)
        .collect();
    assert_eq!(changed, ["info", "warn"], "letting everything run is worth a warning");
}

#[tokio::test]
async fn the_policy_decides_before_anybody_is_asked() {
    let gateway = TestGateway::start().await;
    let (mut asker, mut admin) = two(&gateway).await;
    let mut hash = Value::Null;
    for (policy, params, decision) in [
        (json!({ "defaults": { "security": "deny" } }), ask("a"), json!("deny")),
        (json!({ "defaults": { "security": "full", "ask": "off" } }), ask("b"), json!("allow-once")),
        (json!({ "agents": { "main": { "allowlist": [{ "pattern": "ls" }] } } }), ask("c"), json!("allow-once")),
        (
            json!({ "agents": { "*": { "allowlist": [{ "pattern": "ls", "argPattern": "^-l" }] } } }),
            ask("d"),
            json!("allow-once"),
        ),
        (json!({ "defaults": { "ask": "off" } }), ask("e"), json!("deny")),
    ] {
        let mut file = policy.clone();
        file["version"] = json!(1);
        let mut set = json!({ "file": file });
        if hash.is_string() {
            set["baseHash"] = hash.clone();
        }
        hash = admin.ok("exec.approvals.set", set).await["hash"].clone();
        let answer = asker.ok("exec.approval.request", params).await;
        assert_eq!(
            (&answer["decision"], &answer["terminalReason"]),
            (&decision, &json!("policy")),
            "{policy}: {answer}"
        );
        assert!(answer["message"].is_string());
    }
    // What the asker wants can only be stricter, and a file that cannot be used lets nothing run.
    let full = json!({ "version": 1, "defaults": { "security": "full", "ask": "off" } });
    admin.ok("exec.approvals.set", json!({ "file": full, "baseHash": hash })).await;
    let mut params = two_phase("f");
    params["ask"] = json!("always");
    let request = asker.send("exec.approval.request", params).await;
    let accepted = asker.answer(&request).await;
    assert_eq!(accepted["payload"]["status"], "accepted", "{accepted}");
    let asked = admin.event("exec.approval.requested", |asked| asked["id"] == "f").await;
    assert_eq!(asked["request"]["allowedDecisions"], json!(["allow-once", "deny"]));
    let not_offered = admin.call("exec.approval.resolve", json!({ "id": "f", "decision": "allow-always" })).await;
    assert_eq!(code(&not_offered), "APPROVAL_ALLOW_ALWAYS_UNAVAILABLE", "{not_offered}");
    std::fs::write(gateway.dir().join("state/exec-approvals.json"), "{ not JSON").unwrap();
    for (method, params) in [("exec.approval.request", ask("g")), ("exec.approvals.get", json!({}))] {
        let refused = admin.call(method, params).await;
        assert_eq!(code(&refused), "EXEC_POLICY_UNUSABLE", "{refused}");
        assert!(refused["error"]["message"].as_str().unwrap().contains("exec-approvals.json"), "{refused}");
        hash = refused["error"]["details"]["hash"].clone();
    }
    admin.ok("exec.approvals.set", json!({ "file": full, "baseHash": hash })).await;
    assert_eq!(asker.ok("exec.approval.request", ask("h")).await["decision"], "allow-once");
    // The configuration makes it stricter, at once.
    gateway.edit(&json!({ "tools": { "exec": { "security": "deny", "ask": "always" } } }));
    gateway.reload().await;
    assert_eq!(asker.ok("exec.approval.request", ask("i")).await["decision"], "deny");
}

#[tokio::test]
async fn whoever_follows_a_session_with_its_approvals_hears_of_them_and_others_do_not() {
    let gateway = TestGateway::start().await;
    let (mut asker, mut reviewer) = two(&gateway).await;
    let scopes = ["operator.approvals", "operator.read"];
    let mut follower = Talk::with(&gateway, connect_params(&scopes)).await;
    let mut elsewhere = Talk::with(&gateway, connect_params(&scopes)).await;
    let mut reader = Talk::with(&gateway, connect_params(&["operator.read"])).await;
    let follow = |key: &str| json!({ "key": key, "includeApprovals": true });
    let replay = follower.ok("sessions.messages.subscribe", follow("main")).await;
    assert_eq!(replay["approvalReplay"]["approvals"], json!([]), "{replay}");
    elsewhere.ok("sessions.messages.subscribe", follow("other")).await;
    let without = reader.ok("sessions.messages.subscribe", follow("main")).await;
    assert!(without.get("approvalReplay").is_none(), "{without}");

    let request = asker.send("exec.approval.request", two_phase("seen")).await;
    asker.answer(&request).await;
    let told = follower.event("session.approval", |_| true).await;
    assert_eq!((&told["phase"], &told["approval"]["status"]), (&json!("pending"), &json!("pending")), "{told}");
    assert_eq!(told["sessionKey"], "agent:main:main");
    assert_eq!(told["approval"]["presentation"]["commandText"], "ls -la");
    let mut late = Talk::with(&gateway, connect_params(&scopes)).await;
    let replay = late.ok("sessions.messages.subscribe", follow("main")).await;
    assert_eq!(replay["approvalReplay"]["approvals"][0]["id"], "seen", "{replay}");
    reviewer.ok("exec.approval.resolve", json!({ "id": "seen", "decision": "deny" })).await;
    for talk in [&mut follower, &mut late] {
        let told = talk.event("session.approval", |told| told["phase"] == "terminal").await;
        assert_eq!(told["approval"]["decision"], "deny");
    }
    for talk in [&mut elsewhere, &mut reader, &mut asker] {
        talk.ok("ping", json!({})).await;
        assert!(!talk.has_heard("session.approval") && !talk.has_heard("exec.approval.resolved"));
    }
    follower.ok("sessions.messages.unsubscribe", json!({ "key": "main" })).await;
    let request = asker.send("exec.approval.request", two_phase("unseen")).await;
    asker.answer(&request).await;
    follower.ok("ping", json!({})).await;
    assert!(!follower.has_heard("session.approval"));
}

#[tokio::test]
async fn people_are_shown_what_would_run_and_nothing_that_hides() {
    let gateway = TestGateway::start().await;
    let (mut asker, mut reviewer) = two(&gateway).await;
    let mut params = two_phase("hidden");
    params["command"] = json!("rm \u{202e}fr-\u{1b}[2K /");
    let request = asker.send("exec.approval.request", params).await;
    asker.answer(&request).await;
    let asked = reviewer.event("exec.approval.requested", |_| true).await;
    assert_eq!(asked["request"]["command"], "rm \\u{202E}fr-\\u{1B}[2K /");
    assert!(asked["request"]["commandAnalysis"]["riskKinds"].as_array().unwrap().contains(&json!("hidden-characters")));
    for (change, path) in [
        (json!({ "commandArgv": ["rm", "-rf", "/"] }), "params.commandArgv"),
        (
            json!({ "systemRunPlan": { "argv": ["rm"], "commandText": "rm", "cwd": null, "agentId": null, "sessionKey": null } }),
            "params.systemRunPlan",
        ),
        (json!({ "command": " " }), "params.command"),
        (json!({ "command": "x".repeat(65 * 1024) }), "params"),
        (json!({ "id": "" }), "params.id"),
        (json!({ "id": "x".repeat(129) }), "params.id"),
        (json!({ "timeoutMs": 0 }), "params.timeoutMs"),
        (json!({ "security": "all" }), "params.security"),
        (json!({ "unavailableDecisions": ["deny"] }), "params.unavailableDecisions[0]"),
    ] {
        let mut params = two_phase("bad");
        for (key, value) in change.as_object().unwrap() {
            params[key] = value.clone();
        }
        let refused = asker.call("exec.approval.request", params).await;
        assert_eq!(
            (&refused["error"]["code"], &refused["error"]["details"]["path"]),
            (&json!("INVALID_REQUEST"), &json!(path)),
            "{refused}"
        );
    }
    let nothing = asker.call("exec.approval.request", json!({ "cwd": "/tmp" })).await;
    assert!(nothing["error"]["message"].as_str().unwrap().contains("one of command"), "{nothing}");
    let twice = asker.call("exec.approval.request", two_phase("hidden")).await;
    assert_eq!(code(&twice), "CONFLICT", "{twice}");
    for (method, params, text) in [
        ("exec.approval.resolve", json!({ "id": "hidden", "decision": "maybe" }), "invalid decision"),
        ("exec.approval.resolve", json!({ "id": "nope", "decision": "deny" }), "unknown or expired approval id"),
        (
            "exec.approval.resolve",
            json!({ "id": "hidden", "decision": "deny", "grantExpiresInDays": 0 }),
            "grantExpiresInDays",
        ),
        ("exec.approval.get", json!({ "id": "nope" }), "unknown or expired approval id"),
        ("exec.approval.waitDecision", json!({ "id": "nope" }), "approval expired or not found"),
        ("approval.get", json!({ "id": "nope" }), "unknown or expired approval id"),
        ("approval.resolve", json!({ "id": "hidden", "kind": "question", "decision": "deny" }), "kind must be"),
        (
            "approval.resolve",
            json!({ "id": "hidden", "kind": "plugin", "decision": "deny" }),
            "unknown or expired approval id",
        ),
        ("approval.history", json!({ "limit": 101 }), "limit must be 1 to 100"),
        ("approval.history", json!({ "cursor": "yesterday" }), "cursor"),
        ("exec.approval.grants.list", json!({ "limit": 0 }), "limit must be 1 to 500"),
        ("exec.approval.grants.revoke", json!({ "grantId": "" }), "grantId"),
    ] {
        let refused = reviewer.call(method, params.clone()).await;
        let message = refused["error"]["message"].as_str().unwrap_or_default();
        assert!(message.contains(text), "{method} {params}: {refused}");
    }
}

#[tokio::test]
async fn a_session_can_not_ask_without_end() {
    let gateway = TestGateway::start().await;
    let (mut asker, _reviewer) = two(&gateway).await;
    for at in 0..32 {
        let request = asker.send("exec.approval.request", two_phase(&format!("n{at}"))).await;
        asker.answer(&request).await;
    }
    let full = asker.call("exec.approval.request", two_phase("one too many")).await;
    assert_eq!((code(&full), &full["error"]["retryable"]), ("QUEUE_FULL", &json!(true)), "{full}");
    let mut other = two_phase("other session");
    other["sessionKey"] = json!("other");
    let request = asker.send("exec.approval.request", other).await;
    assert_eq!(asker.answer(&request).await["payload"]["status"], "accepted");
}

#[tokio::test]
async fn stopping_a_run_ends_what_it_asked() {
    let llm = openclaw_testkit::llm::FakeLlm::start().await;
    llm.script(crate::talk::stalled());
    let gateway = crate::talk::gateway_on(&llm, openclaw_testkit::llm::Wire::OpenAiCompletions).await;
    let (mut asker, mut reviewer) = two(&gateway).await;
    let mut admin = Talk::admin(&gateway).await;
    admin.say("main", "run-1", "hello").await;
    admin.speaking("run-1").await;
    let mut params = two_phase("of-run");
    params["runId"] = json!("run-1");
    let request = asker.send("exec.approval.request", params).await;
    asker.answer(&request).await;
    admin.ok("chat.abort", json!({ "sessionKey": "main" })).await;
    let told = reviewer.event("exec.approval.resolved", |_| true).await;
    assert_eq!((&told["decision"], &told["reason"]), (&json!("deny"), &json!("run-aborted")), "{told}");
    let answer = asker.answer(&request).await;
    assert_eq!(answer["payload"]["terminalReason"], "run-aborted", "{answer}");
}

#[tokio::test]
async fn plugins_ask_on_the_same_machine() {
    let gateway = TestGateway::start().await;
    let mut asker = Talk::with(&gateway, connect_params(APPROVALS)).await;
    let wish = json!({
        "title": "Send a letter", "description": "To everybody", "severity": "critical", "pluginId": "post",
        "allowedDecisions": ["allow-once", "deny"], "twoPhase": true, "sessionKey": "main",
    });
    let alone = asker.ok("plugin.approval.request", wish.clone()).await;
    assert_eq!((&alone["decision"], &alone["terminalReason"]), (&Value::Null, &json!("no-route")), "{alone}");
    let mut params = connect_params(APPROVALS);
    params["caps"] = json!(["plugin-approvals"]);
    let mut reviewer = Talk::with(&gateway, params).await;
    let request = asker.send("plugin.approval.request", wish).await;
    let id = asker.answer(&request).await["payload"]["id"].clone();
    let asked = reviewer.event("plugin.approval.requested", |_| true).await;
    assert_eq!((&asked["id"], &asked["request"]["title"]), (&id, &json!("Send a letter")), "{asked}");
    assert_eq!(reviewer.ok("plugin.approval.list", json!({})).await, json!([asked]));
    assert_eq!(reviewer.ok("openclaw.approval.list", json!({})).await, json!([]));
    assert_eq!(reviewer.ok("exec.approval.list", json!({})).await, json!([]));
    let wait = asker.send("plugin.approval.waitDecision", json!({ "id": id })).await;
    let refused = reviewer.call("plugin.approval.resolve", json!({ "id": id, "decision": "allow-always" })).await;
    assert_eq!(code(&refused), "APPROVAL_DECISION_UNAVAILABLE", "{refused}");
    // A command's answer is no answer to a plugin.
    let other = reviewer.call("exec.approval.resolve", json!({ "id": id, "decision": "deny" })).await;
    assert_eq!(code(&other), "APPROVAL_NOT_FOUND", "{other}");
    reviewer.ok("plugin.approval.resolve", json!({ "id": id, "decision": "allow-once" })).await;
    for id in [&wait, &request] {
        assert_eq!(asker.answer(id).await["payload"]["decision"], "allow-once");
    }
    assert_eq!(reviewer.event("plugin.approval.resolved", |_| true).await["decision"], "allow-once");
    for (change, path) in [
        (json!({ "title": "" }), "params.title"),
        (json!({ "title": "x".repeat(81) }), "params.title"),
        (json!({ "timeoutMs": 600_001 }), "params.timeoutMs"),
        (json!({ "severity": "huge" }), "params.severity"),
    ] {
        let mut params = json!({ "title": "t", "description": "d" });
        params.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let refused = asker.call("plugin.approval.request", params).await;
        assert_eq!(refused["error"]["details"]["path"], path, "{refused}");
    }
}

#[tokio::test]
async fn agents_ask_questions_and_the_first_answer_counts() {
    const QUESTIONS: &[&str] = &["operator.questions"];
    let gateway = TestGateway::start().await;
    let mut agent = Talk::with(&gateway, connect_params(QUESTIONS)).await;
    let mut person = Talk::with(&gateway, connect_params(QUESTIONS)).await;
    let mut reader = Talk::with(&gateway, connect_params(&["operator.read", "operator.approvals"])).await;
    let questions = json!([{ "questionId": "colour", "header": "Colour", "question": "Which?", "options": [{ "label": "red" }, { "label": "green" }] }]);
    let asked = agent.ok("question.request", json!({ "id": "q1", "questions": questions, "sessionKey": "main" })).await;
    assert_eq!(asked["id"], "q1");
    let told = person.event("question.requested", |_| true).await;
    assert_eq!(
        (&told["status"], &told["questions"], &told["agentId"]),
        (&json!("pending"), &questions, &json!("main"))
    );
    assert_eq!(person.ok("question.list", json!({})).await, json!({ "questions": [told] }));
    assert_eq!(
        agent.ok("question.waitAnswer", json!({ "id": "q1", "timeoutMs": 1 })).await,
        json!({ "status": "pending" })
    );
    let wait = agent.send("question.waitAnswer", json!({ "id": "q1" })).await;
    for answers in [json!({ "colour": ["blue"] }), json!({ "size": ["red"] }), json!({})] {
        let refused = person.call("question.resolve", json!({ "id": "q1", "answers": { "answers": answers } })).await;
        assert_eq!(code(&refused), "INVALID_PARAMS", "{refused}");
    }
    let answers = json!({ "answers": { "colour": ["green"] } });
    let resolved = person.ok("question.resolve", json!({ "id": "q1", "answers": answers })).await;
    assert_eq!(resolved, json!({ "status": "answered", "answers": answers }));
    assert_eq!(agent.answer(&wait).await["payload"], resolved);
    assert_eq!(person.event("question.resolved", |_| true).await["status"], "answered");
    let late = agent.call("question.resolve", json!({ "id": "q1", "cancel": true })).await;
    assert_eq!(code(&late), "CONFLICT", "{late}");
    assert_eq!(agent.ok("question.get", json!({ "id": "q1" })).await["question"]["answers"], answers);
    agent.ok("question.request", json!({ "id": "q2", "questions": questions })).await;
    assert_eq!(
        agent.ok("question.resolve", json!({ "id": "q2", "cancel": true })).await,
        json!({ "status": "cancelled" })
    );
    // A secret would be kept and told.
    let mut secret = questions.clone();
    secret[0]["isSecret"] = json!(true);
    assert_eq!(code(&agent.call("question.request", json!({ "questions": secret })).await), "NOT_IMPLEMENTED");
    for (method, params) in [
        ("question.request", json!({ "questions": [] })),
        ("question.resolve", json!({ "id": "q2" })),
        ("question.get", json!({ "id": "nope" })),
        ("question.waitAnswer", json!({ "id": "nope" })),
    ] {
        let refused = agent.call(method, params).await;
        assert_eq!(refused["error"]["code"], "INVALID_REQUEST", "{refused}");
    }
    reader.ok("ping", json!({})).await;
    assert!(!reader.has_heard("question.requested") && !reader.has_heard("question.resolved"));
    // Questions are no approvals.
    assert_eq!(reader.ok("approval.history", json!({})).await, json!({ "items": [] }));
}

#[tokio::test]
async fn what_is_not_delivered_is_told_nobody_and_found_by_whoever_looks() {
    let gateway = TestGateway::start().await;
    let (mut asker, mut reviewer) = two(&gateway).await;
    let mut params = two_phase("quiet");
    params["suppressDelivery"] = json!(true);
    let request = asker.send("exec.approval.request", params).await;
    let accepted = asker.answer(&request).await;
    assert_eq!(accepted["payload"]["deliveryRoute"], "none", "{accepted}");
    assert_eq!(reviewer.ok("exec.approval.list", json!({})).await[0]["id"], "quiet");
    assert_eq!(reviewer.ok("exec.approval.get", json!({ "id": "quiet" })).await["commandText"], "ls -la");
    reviewer.ok("exec.approval.resolve", json!({ "id": "quiet", "decision": "deny" })).await;
    assert_eq!(asker.answer(&request).await["payload"]["decision"], "deny");
    reviewer.ok("ping", json!({})).await;
    assert!(!reviewer.has_heard("exec.approval.requested") && !reviewer.has_heard("exec.approval.resolved"));
}

#[tokio::test]
async fn only_the_devices_that_are_named_are_asked_and_may_answer() {
    let gateway = TestGateway::start().await;
    let (named, other) = (Device::new(), Device::new());
    let mut named_talk = reviewing_on(&gateway, &named).await;
    let mut other_talk = reviewing_on(&gateway, &other).await;
    let mut asker = Talk::with(&gateway, connect_params(APPROVALS)).await;
    let mut params = two_phase("picked");
    params["approvalReviewerDeviceIds"] = json!([named.id()]);
    let request = asker.send("exec.approval.request", params.clone()).await;
    asker.answer(&request).await;
    named_talk.event("exec.approval.requested", |told| told["id"] == "picked").await;
    assert_eq!(other_talk.ok("exec.approval.list", json!({})).await, json!([]));
    let refused = other_talk.call("exec.approval.resolve", json!({ "id": "picked", "decision": "allow-once" })).await;
    assert_eq!(code(&refused), "APPROVAL_NOT_YOURS", "{refused}");
    assert!(!other_talk.has_heard("exec.approval.requested"));
    let waits = other_talk.call("exec.approval.waitDecision", json!({ "id": "picked" })).await;
    assert_eq!(code(&waits), "APPROVAL_NOT_FOUND", "{waits}");
    named_talk.ok("exec.approval.resolve", json!({ "id": "picked", "decision": "allow-once" })).await;
    assert_eq!(asker.answer(&request).await["payload"]["decision"], "allow-once");
    let late = other_talk.call("exec.approval.waitDecision", json!({ "id": "picked" })).await;
    assert_eq!(code(&late), "APPROVAL_NOT_FOUND", "what was decided is not told either: {late}");
    let told = named_talk.ok("exec.approval.waitDecision", json!({ "id": "picked" })).await;
    assert_eq!(told["decision"], "allow-once", "{told}");
    // Nobody who is named is there: nobody is asked.
    params["id"] = json!("nobody");
    params["approvalReviewerDeviceIds"] = json!(["0".repeat(64)]);
    let alone = asker.call("exec.approval.request", params.clone()).await;
    assert_eq!(alone["payload"]["terminalReason"], "no-route", "{alone}");
    params["approvalReviewerDeviceIds"] = json!([""]);
    let refused = asker.call("exec.approval.request", params).await;
    assert_eq!(refused["error"]["details"]["path"], "params.approvalReviewerDeviceIds", "{refused}");
}

/// A gateway that may run `true`, somebody who asks and runs, and somebody who answers.
async fn runner() -> (TestGateway, Talk, Talk) {
    let environment = vec![("PATH".to_owned(), "/usr/bin:/bin".to_owned())];
    let config = json!({ "spawn": { "allow": ["true"] } });
    let gateway = TestGateway::with(Setup { config, environment, ..Setup::default() }).await;
    let reviewer = Talk::with(&gateway, reviewing(APPROVALS)).await;
    let asker = Talk::with(&gateway, connect_params(&["operator.admin", "operator.approvals"])).await;
    (gateway, asker, reviewer)
}

/// Asks about this and lets somebody decide.
async fn decided(asker: &mut Talk, reviewer: &mut Talk, id: &str, decision: &str) {
    let params = json!({
        "id": id, "commandArgv": ["true", "one"], "cwd": "/tmp", "env": { "A": "1" }, "host": "gateway", "agentId": "main",
        "sessionKey": "main", "twoPhase": true, "ask": "always",
    });
    let request = asker.send("exec.approval.request", params).await;
    asker.answer(&request).await;
    reviewer.ok("exec.approval.resolve", json!({ "id": id, "decision": decision })).await;
    asker.answer(&request).await;
}

#[tokio::test]
async fn an_approval_runs_exactly_what_was_allowed_and_once() {
    let (gateway, mut asker, mut reviewer) = runner().await;
    decided(&mut asker, &mut reviewer, "one", "allow-once").await;
    let run = json!({
        "command": "true", "args": ["one"], "cwd": "/tmp", "env": { "A": "1" }, "approvalId": "one", "agentId": "main",
        "sessionKey": "main",
    });
    for (field, value) in [
        ("args", json!(["two"])),
        ("args", json!(["one", "more"])),
        ("cwd", json!("/")),
        ("cwd", Value::Null),
        ("env", json!({ "A": "2" })),
        ("env", json!({ "A": "1", "B": "1" })),
        ("env", json!({})),
        ("agentId", json!("other")),
        ("sessionKey", json!("elsewhere")),
    ] {
        let mut other = run.clone();
        other[field] = value;
        let refused = asker.call("spawn", other).await;
        assert_eq!(code(&refused), "APPROVAL_MISMATCH", "{field}: {refused}");
    }
    // Somebody else learns nothing about it; the devices are the same here, so another caller is a named one.
    let unknown = asker.call("spawn", json!({ "command": "true", "approvalId": "none" })).await;
    assert_eq!(code(&unknown), "APPROVAL_NOT_FOUND", "{unknown}");
    let lonely = asker.call("spawn", json!({ "command": "true", "agentId": "main" })).await;
    assert_eq!(lonely["error"]["details"]["path"], "params.approvalId", "{lonely}");

    asker.ok("spawn", run.clone()).await;
    let again = asker.call("spawn", run.clone()).await;
    assert_eq!(code(&again), "APPROVAL_ALREADY_USED", "{again}");

    decided(&mut asker, &mut reviewer, "no", "deny").await;
    let mut denied = run.clone();
    denied["approvalId"] = json!("no");
    assert_eq!(code(&asker.call("spawn", denied).await), "APPROVAL_DENIED");
    let events: Vec<String> = audit::records(&gateway).await.into_iter().map(|record| record.event.event).collect();
    assert_eq!(events.iter().filter(|event| *event == "approval.redeemed").count(), 1);
    assert!(events.iter().any(|event| event == "approval.misused"));
}

#[tokio::test]
async fn of_many_uses_of_one_approval_at_once_one_runs() {
    let (gateway, mut asker, mut reviewer) = runner().await;
    decided(&mut asker, &mut reviewer, "one", "allow-once").await;
    let run = json!({
        "command": "true", "args": ["one"], "cwd": "/tmp", "env": { "A": "1" }, "approvalId": "one", "agentId": "main",
        "sessionKey": "main",
    });
    let tries = (0..8).map(|_| {
        let (gateway, run) = (&gateway, run.clone());
        async move {
            let mut talk = Talk::with(gateway, connect_params(&["operator.admin"])).await;
            talk.call("spawn", run).await["ok"] == true
        }
    });
    let ran = futures_util::future::join_all(tries).await.into_iter().filter(|ran| *ran).count();
    assert_eq!(ran, 1);
}
