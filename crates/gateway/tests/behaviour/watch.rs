//! What is unusual and what fails: it is noticed, explained, written down, and somebody is told (S5, S9).

use std::{os::unix::fs::PermissionsExt, process::Command, time::Duration};

use openclaw_core::{Clock, record::AuditRecord};
use openclaw_testkit::{
    gateway::{Raw, Setup, TOKEN, TestGateway, connect_params},
    told::{FakeMailServer, FakeReceiver, Post},
};
use serde_json::{Value, json};

use crate::audit;

const SECRET: &str = "a-secret-of-the-receiver-0123456789";

/// Alerts to this web server.
fn webhook(receiver: &FakeReceiver) -> Value {
    json!({
        "enabled": true, "channels": ["webhook"], "webhookUrl": receiver.url("http"), "webhookSecret": SECRET,
        "allowPrivateAddresses": ["127.0.0.1"],
    })
}

/// Waits until the audit trail holds such a record.
async fn record(gateway: &TestGateway, wanted: impl Fn(&AuditRecord) -> bool) -> AuditRecord {
    for _ in 0..300 {
        if let Some(found) = audit::records(gateway).await.into_iter().find(&wanted) {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("no such record within 30 s");
}

async fn wrong_token(gateway: &TestGateway) {
    let mut params = connect_params(&["operator.admin"]);
    params["auth"] = json!({ "token": "not-the-token-0123456789abcdef" });
    let refused = gateway.raw().await.shake(&params).await;
    assert_eq!(refused["ok"], false, "{refused}");
}

async fn reader(gateway: &TestGateway) -> Raw {
    let mut raw = gateway.raw().await;
    let hello = raw.shake(&connect_params(&["operator.read"])).await;
    assert_eq!(hello["ok"], true, "{hello}");
    raw
}

/// How many windows it has learned from.
async fn learned(gateway: &TestGateway) -> u32 {
    let page = gateway.get("/metrics", &format!("Authorization: Bearer {TOKEN}\r\n")).await;
    let line = page.lines().find_map(|line| line.strip_prefix("openclaw_gateway_watch_windows "));
    line.and_then(|count| count.trim().parse().ok()).unwrap_or_else(|| panic!("{page}"))
}

fn body(post: &Post) -> Value {
    serde_json::from_slice(&post.body).unwrap()
}

/// The example of the guide, asked about a delivery.
fn verified(post: &Post, secret: &str, now_seconds: i64) -> bool {
    let guide = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/security.md")).unwrap();
    let (_, rest) = guide.split_once("```js\n").expect("the guide shows how to verify a signature");
    let (example, _) = rest.split_once("```").unwrap();
    let headers: Value =
        post.headers.iter().map(|(name, value)| (name.clone(), json!(value))).collect::<serde_json::Map<_, _>>().into();
    let text = json!(String::from_utf8(post.body.clone()).unwrap());
    let program = format!("{example}\nconsole.log(verify({}, {headers}, {text}, {now_seconds}));", json!(secret));
    let ran = Command::new("node").args(["-e", &program]).output().expect("node, which CONTRIBUTING.md asks for");
    match String::from_utf8_lossy(&ran.stdout).trim() {
        "true" => true,
        "false" => false,
        other => panic!("{other} {}", String::from_utf8_lossy(&ran.stderr)),
    }
}

#[tokio::test]
async fn what_is_unusual_is_told_with_what_was_expected_and_seen() {
    let (mails, receiver) = (FakeMailServer::start().await, FakeReceiver::start().await);
    receiver.answer_next("503 Service Unavailable");
    mails.refuse_next("451 later");
    let mut alerting = webhook(&receiver);
    alerting["channels"] = json!(["email", "webhook"]);
    alerting["recipients"] = json!(["ann@example.com", "bob@example.com"]);
    alerting["smtp"] = json!({ "url": mails.url(""), "from": "gateway@example.com" });
    let start = 1_800_000_000_000;
    let (clock, hand) = Clock::manual(start);
    let config = json!({ "security": { "monitoring": {
        "enabled": true,
        "anomalyDetection": { "enabled": true, "windowSize": "10s", "metrics": ["authorization_denials"] },
        "alerting": alerting,
    } } });
    let gateway = TestGateway::with(Setup { config, clock: clock.clone(), ..Setup::default() }).await;
    // Nothing is unusual while nothing is known, however much there is.
    while learned(&gateway).await < 4 {
        hand.advance_ms(250);
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert!(receiver.so_far().is_empty());
    let mut raw = reader(&gateway).await;
    for number in 0..40 {
        let refused = raw.call(&format!("no-{number}"), "config.undo", json!({})).await;
        assert_eq!(refused["ok"], false, "{refused}");
        // Ten refusals in a row end a connection.
        raw.call(&format!("yes-{number}"), "health", json!({})).await;
    }
    let told = record(&gateway, |record| record.event.event == "suspicious_activity").await;
    let detail = &told.event.detail;
    assert_eq!(
        (&detail["metric"], &detail["state"], &detail["expected"], &detail["seen"], &detail["windowMs"]),
        (&json!("authorization_denials"), &json!("began"), &json!(0.0), &json!(40.0), &json!(10_000)),
        "{detail}"
    );
    assert!(detail["score"].as_f64().is_some_and(|score| (0.8..=1.0).contains(&score)), "{detail}");

    let posts = receiver.posts(2).await;
    let id = posts[0].header("x-openclaw-delivery").to_owned();
    assert!(!id.is_empty() && posts[1].header("x-openclaw-delivery") == id, "it was tried again: {posts:?}");
    let alert = body(&posts[1]);
    assert_eq!((&alert["type"], &alert["event"]), (&json!("openclaw.alert"), &json!("suspicious_activity")), "{alert}");
    assert_eq!((&alert["id"], &alert["seq"], &alert["detail"]), (&json!(id), &json!(told.seq), detail), "{alert}");
    let now = clock.now_ms() / 1000;
    assert!(verified(&posts[1], SECRET, now));
    assert!(!verified(&posts[1], "another-secret-0123456789abcdef", now));
    assert!(!verified(&posts[1], SECRET, now + 3600), "a copy that is sent later");
    let mut changed = posts[1].clone();
    changed.body.push(b' ');
    assert!(!verified(&changed, SECRET, now));

    let mail = mails.mails(1).await.remove(0);
    assert_eq!(mail.from, "gateway@example.com");
    assert_eq!(mail.to, ["ann@example.com", "bob@example.com"]);
    let text = mail.data.replace("=\n", "");
    assert!(text.contains("Subject: [OpenClaw test-host] suspicious_activity"), "{text}");
    assert!(text.contains("authorization_denials: 40.0 denials within 10 s, where about 0.0 were expected"), "{text}");
    for channel in ["webhook", "email"] {
        let sent = |record: &AuditRecord| {
            record.event.event == "alert.sent" && record.event.target.as_deref() == Some(channel)
        };
        assert_eq!(record(&gateway, sent).await.event.detail["attempts"], 2);
    }

    // It is one alarm, which ends with the first window that is as usual.
    let over = loop {
        hand.advance_ms(250);
        let records = audit::records(&gateway).await;
        let told: Vec<_> = records.into_iter().filter(|record| record.event.event == "suspicious_activity").collect();
        if told.len() > 1 {
            break told;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    };
    assert_eq!((over.len(), &over[1].event.detail["state"]), (2, &json!("over")));
    assert_eq!(receiver.so_far().len(), 2);
}

#[tokio::test]
async fn failures_are_told_once_for_a_while_and_each_is_in_the_security_log() {
    let receiver = FakeReceiver::start().await;
    let config = json!({
        "logging": { "security": { "alertOnFailures": true, "events": ["authentication_failure"] } },
        "security": { "monitoring": { "enabled": true, "alerting": webhook(&receiver) } },
    });
    let gateway = TestGateway::with_config(config.clone()).await;
    for _ in 0..5 {
        wrong_token(&gateway).await;
    }
    let mut raw = reader(&gateway).await;
    raw.call("1", "config.undo", json!({})).await;
    let alert = body(&receiver.posts(1).await[0]);
    assert_eq!((&alert["event"], &alert["ip"]), (&json!("auth.failure"), &json!("127.0.0.1")), "{alert}");
    let path = gateway.dir().join("state/logs/security.jsonl");
    let lines = || std::fs::read_to_string(&path).unwrap_or_default();
    for _ in 0..300 {
        if lines().lines().count() >= 5 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let text = lines();
    for line in text.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        assert_eq!((&line["event"], &line["severity"]), (&json!("auth.failure"), &json!("warn")), "{line}");
    }
    assert_eq!(text.lines().count(), 5, "{text}");
    assert!(!text.contains("not-the-token") && !text.contains(TOKEN), "{text}");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    record(&gateway, |record| record.event.event == "alert.sent").await;

    // After a restart it goes on where it was, and what happened before is no news.
    let gateway = gateway.restart(Setup { config, ..Setup::default() }).await;
    wrong_token(&gateway).await;
    let posts = receiver.posts(2).await;
    assert_eq!(posts.len(), 2);
    for _ in 0..300 {
        if lines().lines().count() >= 6 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(lines().lines().count(), 6, "{}", lines());
}

#[tokio::test]
async fn t50_an_alert_is_not_posted_to_an_address_within() {
    let receiver = FakeReceiver::start().await;
    let config = json!({
        "logging": { "security": { "alertOnFailures": true } },
        "security": { "monitoring": { "enabled": true, "alerting": {
            "enabled": true, "channels": ["webhook"], "webhookUrl": receiver.url("https"),
        } } },
    });
    let gateway = TestGateway::with_config(config).await;
    wrong_token(&gateway).await;
    let failed = record(&gateway, |record| record.event.event == "alert.failed").await.event;
    assert_eq!((failed.target.as_deref(), &failed.detail["attempts"]), (Some("webhook"), &json!(1)));
    let reason = failed.reason.unwrap();
    assert!(reason.contains("127.0.0.1, which is no public address"), "{reason}");
    assert!(receiver.so_far().is_empty());
    // Its own secret was made, for the gateway's user alone.
    let mode = std::fs::metadata(gateway.dir().join("state/alert-webhook.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn a_mail_server_that_does_not_change_to_tls_gets_no_mail_and_no_password() {
    let mails = FakeMailServer::start().await;
    let url = mails.url("?tls=required").replace("smtp://", "smtp://user:hunter2hunter2@");
    let config = json!({
        "logging": { "security": { "alertOnFailures": true } },
        "security": { "monitoring": { "enabled": true, "alerting": {
            "enabled": true, "channels": ["email"], "recipients": ["ann@example.com"],
            "smtp": { "url": url, "from": "gateway@example.com" },
        } } },
    });
    let gateway = TestGateway::with_config(config).await;
    wrong_token(&gateway).await;
    // Twice: it may be another time that it does.
    let mut greetings = Vec::new();
    for count in 1.. {
        let commands = mails.commands(count).await;
        greetings = commands.into_iter().filter(|command| command.starts_with("EHLO")).collect();
        if greetings.len() > 1 {
            break;
        }
    }
    assert_eq!(greetings.len(), 2);
    let commands = mails.commands(2).await.join("\n");
    assert!(!commands.contains("MAIL") && !commands.contains("AUTH") && !commands.contains("hunter2"), "{commands}");
    gateway.stop().await;
}
