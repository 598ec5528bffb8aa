//! The audit trail over the wire, and its proof while people are served.

use std::time::Duration;

use openclaw_testkit::gateway::{Setup, TestGateway, connect_params};
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::{devices::code, talk::Talk};

async fn admin(gateway: &TestGateway) -> Talk {
    Talk::with(gateway, connect_params(&["operator.admin"])).await
}

/// What is known of the trail once it was looked at.
async fn looked_at(talk: &mut Talk) -> Value {
    for _ in 0..500 {
        let chain = talk.ok("audit.records.list", json!({ "limit": 1 })).await["chain"].take();
        if chain["state"] != "verifying" {
            return chain;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("nobody looks at the trail");
}

/// A gateway whose trail somebody meddled with while it did not run.
async fn after(meddle: &str) -> (TestGateway, Value) {
    let gateway = TestGateway::start().await;
    let mut owner = admin(&gateway).await;
    for n in 0..6 {
        owner.ok("sessions.create", json!({ "key": format!("agent:main:n{n}") })).await;
    }
    assert_eq!(looked_at(&mut owner).await["state"], "whole");
    drop(owner);
    let dir = gateway.dir().to_owned();
    let setup = Setup::default();
    // Between its end and its next start.
    let gateway = {
        let database = dir.join("state/gateway.sqlite");
        let meddle = meddle.to_owned();
        gateway.restart_after(setup, move || Connection::open(database).unwrap().execute_batch(&meddle).unwrap()).await
    };
    let mut owner = admin(&gateway).await;
    let chain = looked_at(&mut owner).await;
    (gateway, chain)
}

#[tokio::test]
async fn a_record_that_was_changed_deleted_or_moved_while_it_did_not_run_is_told() {
    let moved = "UPDATE audit SET seq = 999 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 4; UPDATE audit SET seq = 4 WHERE seq = 999";
    for (meddle, why) in [
        ("UPDATE audit SET actor = 'somebody' WHERE seq = 3", "was changed after it was written"),
        ("DELETE FROM audit WHERE seq = 3", "missing: the next one is 4"),
        (moved, "does not follow the record before it"),
    ] {
        let (gateway, chain) = after(meddle).await;
        assert_eq!((&chain["state"], &chain["firstBad"], &chain["why"]), (&json!("broken"), &json!(3), &json!(why)));
        assert_eq!(chain["verified"], 2, "{chain}");
        let mut owner = admin(&gateway).await;
        // It is kept without being waited for.
        let wanted = json!({ "events": ["log.chain_broken"] });
        let mut told = owner.ok("audit.records.list", wanted.clone()).await;
        for _ in 0..200 {
            if told["records"][0].is_object() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
            told = owner.ok("audit.records.list", wanted.clone()).await;
        }
        let record = &told["records"][0];
        assert_eq!((&record["severity"], &record["detail"]["seq"]), (&json!("critical"), &json!(3)), "{told}");
        let report = owner.ok("security.audit", json!({})).await;
        let findings = report["findings"].as_array().unwrap();
        let found = findings.iter().find(|found| found["detail"].as_str().unwrap().contains("audit record 3"));
        assert!(found.is_some(), "{report}");
        // Health is made anew at most once a second.
        let mut health = owner.ok("health", json!({})).await;
        for _ in 0..200 {
            if health["auditTrail"]["state"] == "broken" {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
            health = owner.ok("health", json!({})).await;
        }
        assert_eq!(health["auditTrail"]["firstBad"], 3, "{health}");
        owner.ok("sessions.create", json!({ "key": "agent:main:later" })).await;
    }
}

#[tokio::test]
async fn records_are_read_by_pages_and_filters_newest_first() {
    let gateway = TestGateway::start().await;
    let mut owner = admin(&gateway).await;
    for n in 0..5 {
        owner.ok("sessions.create", json!({ "key": format!("agent:main:n{n}") })).await;
    }
    let wanted = json!({ "events": ["session.created"], "limit": 2 });
    let (mut targets, mut asked) = (Vec::new(), wanted.clone());
    loop {
        let page = owner.ok("audit.records.list", asked).await;
        targets.extend(page["records"].as_array().unwrap().iter().map(|record| record["target"].clone()));
        let Some(cursor) = page["nextCursor"].as_str() else { break };
        asked = wanted.clone();
        asked["cursor"] = json!(cursor);
    }
    let expected: Vec<Value> = (0..5).rev().map(|n| json!(format!("agent:main:n{n}"))).collect();
    assert_eq!(targets, expected);
    let page = owner.ok("audit.records.list", json!({ "events": ["authentication"], "outcome": "ok" })).await;
    let records = page["records"].as_array().unwrap();
    assert!(!records.is_empty() && records.iter().all(|record| record["outcome"] == "ok"), "{page}");
    assert!(!page.to_string().contains(openclaw_testkit::gateway::TOKEN));
    let none = owner.ok("audit.records.list", json!({ "actor": "nobody-is-called-so" })).await;
    assert_eq!(none["records"], json!([]));
    for bad in [
        json!({ "events": ["no.such.event"] }),
        json!({ "cursor": "x" }),
        json!({ "cursor": "0" }),
        json!({ "limit": 0 }),
        json!({ "severity": "loud" }),
        json!({ "kind": "agent_run" }),
    ] {
        let answer = owner.call("audit.records.list", bad.clone()).await;
        assert_eq!(code(&answer), "INVALID_PARAMS", "{bad} {answer}");
    }
    let mut reader = Talk::with(&gateway, connect_params(&["operator.read"])).await;
    for method in ["audit.records.list", "security.audit", "security.lockdown"] {
        assert_eq!(code(&reader.call(method, json!({})).await), "MISSING_SCOPE", "{method}");
    }
}
