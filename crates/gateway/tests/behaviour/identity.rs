//! Who gets in (A1–A4, A9, A11, A12), and what is kept about those who do not.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use openclaw_core::Clock;
use openclaw_testkit::gateway::{Got, Setup, TOKEN, TestGateway, connect_params};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    audit,
    devices::{Device, closed, code, connect},
};

async fn attempt(gateway: &TestGateway, headers: &[(&'static str, &str)], auth: Value) -> (Value, (u16, String)) {
    let mut raw = gateway.raw_with(headers).await;
    let mut params = connect_params(&["operator.read"]);
    params["auth"] = auth;
    let answer = raw.shake(&params).await;
    let end = if answer["ok"] == true { (0, String::new()) } else { closed(&mut raw).await };
    (answer, end)
}

#[tokio::test]
async fn a_right_token_admits_and_a_wrong_empty_or_missing_one_does_not() {
    let gateway = TestGateway::start().await;
    let (answer, _) = attempt(&gateway, &[], json!({ "token": TOKEN })).await;
    assert_eq!(answer["payload"]["auth"]["scopes"], json!(["operator.read"]), "{answer}");
    for (auth, wanted) in [
        (json!({ "token": "wrong" }), "AUTH_TOKEN_MISMATCH"),
        (json!({ "token": format!("{TOKEN}x") }), "AUTH_TOKEN_MISMATCH"),
        (json!({ "token": "" }), "DEVICE_IDENTITY_REQUIRED"),
        (json!({}), "DEVICE_IDENTITY_REQUIRED"),
        (json!({ "bootstrapToken": "made up" }), "AUTH_BOOTSTRAP_TOKEN_INVALID"),
    ] {
        let (answer, (close, reason)) = attempt(&gateway, &[], auth.clone()).await;
        assert_eq!((code(&answer), close), (wanted, 1008), "{auth}: {answer}");
        assert!(!reason.is_empty() && answer["error"]["message"].as_str().unwrap().starts_with(&reason), "{answer}");
    }
}

#[tokio::test]
async fn a_right_password_admits_and_a_wrong_one_does_not() {
    let auth = json!({ "gateway": { "auth": { "mode": "password", "token": null, "password": "correct horse" } } });
    let gateway = TestGateway::with_config(auth).await;
    let (answer, _) = attempt(&gateway, &[], json!({ "password": "correct horse" })).await;
    assert_eq!(answer["ok"], true, "{answer}");
    let (answer, _) = attempt(&gateway, &[], json!({ "password": "battery staple" })).await;
    assert_eq!(code(&answer), "AUTH_PASSWORD_MISMATCH", "{answer}");
}

#[tokio::test]
async fn mode_none_asks_for_nothing_on_this_machine() {
    let auth = json!({ "gateway": { "auth": { "mode": "none", "token": null } } });
    let gateway = TestGateway::with_config(auth).await;
    let (answer, _) = attempt(&gateway, &[], json!({})).await;
    assert_eq!(answer["ok"], true, "{answer}");
}

#[tokio::test]
async fn scopes_are_granted_only_as_asked_for() {
    let gateway = TestGateway::start().await;
    for (asked, granted) in [
        (json!(null), json!([])),
        (json!([]), json!([])),
        (json!(["operator.approvals", "made.up"]), json!(["operator.approvals"])),
    ] {
        let mut raw = gateway.raw().await;
        let mut params = connect_params(&[]);
        params["scopes"] = asked.clone();
        if asked.is_null() {
            params.as_object_mut().unwrap().remove("scopes");
        }
        let hello = raw.shake(&params).await;
        assert_eq!(hello["payload"]["auth"]["scopes"], granted, "{hello}");
    }
}

#[tokio::test]
async fn a_bad_proof_of_a_device_is_refused_by_name() {
    let gateway = TestGateway::start().await;
    // A point of small order verifies anything; its id is right.
    let mut weak = [0u8; 32];
    weak[0] = 1;
    let weak_id: String = Sha256::digest(weak).iter().map(|byte| format!("{byte:02x}")).collect();
    let other = Device::new();
    type Spoil = Box<dyn Fn(&mut Value)>;
    let cases: Vec<(&str, Spoil)> = vec![
        ("DEVICE_AUTH_DEVICE_ID_MISMATCH", Box::new(|d| d["publicKey"] = json!("%%%"))),
        ("DEVICE_AUTH_DEVICE_ID_MISMATCH", Box::new(|d| d["publicKey"] = json!(URL_SAFE_NO_PAD.encode([7u8; 31])))),
        ("DEVICE_AUTH_DEVICE_ID_MISMATCH", Box::new(move |d| d["id"] = json!(other.id()))),
        ("DEVICE_AUTH_PUBLIC_KEY_INVALID", {
            Box::new(move |d| {
                d["publicKey"] = json!(URL_SAFE_NO_PAD.encode(weak));
                d["id"] = json!(weak_id);
            })
        }),
        ("DEVICE_AUTH_SIGNATURE_INVALID", Box::new(|d| d["signature"] = json!(URL_SAFE_NO_PAD.encode([1u8; 64])))),
        ("DEVICE_AUTH_SIGNATURE_INVALID", Box::new(|d| d["signature"] = json!("!"))),
        ("DEVICE_AUTH_NONCE_REQUIRED", Box::new(|d| d["nonce"] = json!(""))),
        ("DEVICE_AUTH_NONCE_MISMATCH", Box::new(|d| d["nonce"] = json!("another"))),
    ];
    for (wanted, spoil) in cases {
        let device = Device::new();
        let mut raw = gateway.raw().await;
        let nonce = raw.challenge().await;
        let mut params = device.params(&gateway, &nonce, &json!({ "token": TOKEN }), &["operator.read"]);
        spoil(&mut params["device"]);
        let answer = connect(&mut raw, &params).await;
        assert_eq!(code(&answer), wanted, "{answer}");
        assert_eq!(closed(&mut raw).await.0, 1008);
    }
    for late_ms in [-11 * 60_000, 11 * 60_000] {
        let device = Device::new().signing_late(late_ms);
        let (_, answer) = device.connect(&gateway, json!({ "token": TOKEN }), &["operator.read"]).await;
        assert_eq!(code(&answer), "DEVICE_AUTH_SIGNATURE_EXPIRED", "{answer}");
    }
}

#[tokio::test]
async fn a_signed_frame_is_good_for_one_connection_only() {
    let gateway = TestGateway::start().await;
    let device = Device::new();
    let mut first = gateway.raw().await;
    let nonce = first.challenge().await;
    let params = device.params(&gateway, &nonce, &json!({ "token": TOKEN }), &["operator.read"]);
    assert_eq!(connect(&mut first, &params).await["ok"], true);
    let mut second = gateway.raw().await;
    let fresh = second.challenge().await;
    assert_ne!(fresh, nonce);
    assert_eq!(code(&connect(&mut second, &params).await), "DEVICE_AUTH_NONCE_MISMATCH");
    // Nor does changing the nonce beside the signature help.
    let mut third = gateway.raw().await;
    let fresh = third.challenge().await;
    let mut forged = params;
    forged["device"]["nonce"] = json!(fresh);
    assert_eq!(code(&connect(&mut third, &forged).await), "DEVICE_AUTH_SIGNATURE_INVALID");
}

#[tokio::test]
async fn pages_get_in_only_from_origins_that_are_allowed() {
    let config = json!({ "gateway": { "controlUi": { "allowedOrigins": ["https://mission.example"] } } });
    let gateway = TestGateway::with_config(config).await;
    let own = gateway.http();
    for (origin, fits) in [
        ("https://mission.example", true),
        (own.as_str(), true),
        ("https://evil.example", false),
        ("https://mission.example.evil.example", false),
        ("http://mission.example", false),
        ("null", false),
        ("not an origin", false),
    ] {
        let (answer, end) = attempt(&gateway, &[("origin", origin)], json!({ "token": TOKEN })).await;
        assert_eq!(answer["ok"] == true, fits, "{origin}: {answer}");
        if !fits {
            assert_eq!((code(&answer), end.0), ("CONTROL_UI_ORIGIN_NOT_ALLOWED", 1008));
            assert!(end.1.starts_with("origin not allowed ("), "{end:?}");
        }
    }
}

#[tokio::test]
async fn spec_001_clients_are_closed_for_good_with_4001() {
    let gateway = TestGateway::start().await;
    let mut raw = gateway.raw_with(&[("origin", "https://evil.example")]).await;
    let mut params = connect_params(&["operator.read"]);
    params["minProtocol"] = json!(3);
    params["maxProtocol"] = json!(3);
    params["client"]["id"] = json!("gateway-client");
    params["client"]["mode"] = json!("ui");
    let answer = raw.shake(&params).await;
    assert_eq!(code(&answer), "CONTROL_UI_ORIGIN_NOT_ALLOWED", "{answer}");
    assert_eq!(closed(&mut raw).await.0, 4001);
}

#[tokio::test]
async fn a_page_that_guesses_is_locked_out_and_let_in_again_when_the_lock_ends() {
    let (clock, time) = Clock::manual(1_800_000_000_000);
    let config = json!({ "gateway": { "auth": { "rateLimit": { "maxAttempts": 3, "lockoutMs": 60000 } } } });
    let gateway = TestGateway::with(Setup { config, clock, ..Setup::default() }).await;
    let own = gateway.http();
    let page = [("origin", own.as_str())];
    for _ in 0..3 {
        let (answer, _) = attempt(&gateway, &page, json!({ "token": "guess" })).await;
        assert_eq!(code(&answer), "AUTH_TOKEN_MISMATCH", "{answer}");
    }
    let (answer, (close, reason)) = attempt(&gateway, &page, json!({ "token": TOKEN })).await;
    assert_eq!((code(&answer), close), ("AUTH_RATE_LIMITED", 1008), "the right token does not open a lock: {answer}");
    assert!(reason.starts_with("unauthorized: too many failed authentication attempts ("), "{reason}");
    assert_eq!(answer["error"]["retryAfterMs"], 60_000, "{answer}");
    // Others are not locked with it.
    assert_eq!(attempt(&gateway, &[], json!({ "token": TOKEN })).await.0["ok"], true);
    time.advance_ms(60_001);
    assert_eq!(attempt(&gateway, &page, json!({ "token": TOKEN })).await.0["ok"], true);
}

#[tokio::test]
async fn t11_nothing_that_somebody_may_ask_for_restarts_the_gateway_or_ends_a_lock() {
    let config = json!({ "gateway": { "auth": { "rateLimit": { "maxAttempts": 1, "lockoutMs": 600_000 } } } });
    let gateway = TestGateway::with(Setup { config, ..Setup::default() }).await;
    let own = gateway.http();
    let page = [("origin", own.as_str())];
    attempt(&gateway, &page, json!({ "token": "guess" })).await;
    let mut owner = gateway.raw().await;
    assert_eq!(owner.shake(&connect_params(&["operator.admin"])).await["ok"], true);
    for method in ["gateway.restart.request", "update.run", "update.hold"] {
        let refused = owner.call(method, method, json!({})).await;
        assert_eq!(refused["error"]["code"], "UNAVAILABLE", "{method}: {refused}");
    }
    let set =
        owner.call("set", "config.set", json!({ "path": "gateway.auth.rateLimit.maxAttempts", "value": 2 })).await;
    assert_eq!(set["ok"], true, "{set}");
    gateway.reload().await;
    let (answer, _) = attempt(&gateway, &page, json!({ "token": TOKEN })).await;
    assert_eq!(code(&answer), "AUTH_RATE_LIMITED", "{answer}");
}

#[tokio::test]
async fn a_program_that_guesses_waits_longer_each_time_and_is_never_locked_out() {
    let gateway = TestGateway::start().await;
    tokio::time::pause();
    let mut waited = Vec::new();
    for _ in 0..7 {
        let mut raw = gateway.raw().await;
        raw.challenge().await;
        let mut params = connect_params(&["operator.read"]);
        params["auth"]["token"] = json!("guess");
        let began = tokio::time::Instant::now();
        let answer = connect(&mut raw, &params).await;
        waited.push(began.elapsed().as_millis());
        assert_eq!(code(&answer), "AUTH_TOKEN_MISMATCH", "{answer}");
    }
    tokio::time::resume();
    for (waited, least) in waited.iter().zip([250, 500, 1000, 2000, 4000, 5000, 5000]) {
        assert!((least..least + 200).contains(waited), "{waited} ms instead of {least}");
    }
    assert_eq!(attempt(&gateway, &[], json!({ "token": TOKEN })).await.0["ok"], true);
}

#[tokio::test]
async fn refusals_are_audited_without_secrets_and_a_storm_of_them_as_one_count() {
    let config = json!({ "gateway": { "tickIntervalMs": 1000, "auth": { "rateLimit": { "maxAttempts": 1000 } } } });
    let gateway = TestGateway::with_config(config).await;
    let own = gateway.http();
    for _ in 0..25 {
        attempt(&gateway, &[("origin", own.as_str())], json!({ "token": "guessed-secret-words" })).await;
    }
    let mut admin = gateway.raw().await;
    admin.shake(&connect_params(&["operator.admin"])).await;
    for _ in 0..2 {
        admin.event("tick").await;
    }
    // A write that is answered stands behind all that were queued before it.
    admin.call("p", "sessions.patch", json!({ "key": "main", "pinned": true })).await;
    let records = audit::records(&gateway).await;
    let refused: Vec<_> = records.iter().filter(|record| record.event.event == "auth.failure").collect();
    let own: Vec<_> = refused.iter().filter(|record| record.event.actor == "anonymous").collect();
    assert_eq!(own.len(), 10);
    assert_eq!(own[0].event.reason.as_deref(), Some("token_mismatch"));
    let counted: i64 = refused.iter().filter_map(|record| record.event.detail["count"].as_i64()).sum();
    assert_eq!(counted, 15);
    let text = format!("{records:?}");
    assert!(!text.contains("guessed-secret-words") && !text.contains(TOKEN));
}

#[tokio::test]
async fn refused_calls_are_audited_and_a_storm_of_them_as_one_count() {
    let config = json!({ "gateway": { "tickIntervalMs": 1000 } });
    let gateway = TestGateway::with_config(config).await;
    let mut reader = gateway.raw().await;
    reader.shake(&connect_params(&["operator.read"])).await;
    for at in 0..30 {
        let id = format!("r{at}");
        let answer = reader.call(&id, "sessions.delete", json!({ "key": "x" })).await;
        assert_eq!(code(&answer), "MISSING_SCOPE", "{answer}");
    }
    for _ in 0..2 {
        reader.event("tick").await;
    }
    let mut admin = gateway.raw().await;
    admin.shake(&connect_params(&["operator.admin"])).await;
    admin.call("p", "sessions.patch", json!({ "key": "main", "pinned": true })).await;
    let records = audit::records(&gateway).await;
    let denied = records.iter().filter(|record| record.event.event == "authz.denied").count();
    assert_eq!(denied, 10, "one refused call must not be one write when there are thousands");
    let summaries = records.iter().filter(|record| record.event.outcome == "denied");
    let counted: i64 = summaries.filter_map(|record| record.event.detail["count"].as_i64()).sum();
    assert_eq!(counted, 20);
}

#[tokio::test]
async fn a_connection_that_was_refused_hears_nothing_more() {
    let gateway = TestGateway::start().await;
    let mut raw = gateway.raw().await;
    let mut params = connect_params(&["operator.admin"]);
    params["auth"]["token"] = json!("wrong");
    raw.shake(&params).await;
    raw.send(&json!({ "type": "req", "id": "h", "method": "health" })).await;
    assert!(matches!(raw.next().await, Got::Closed(1008, _)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_of_refusals_over_http_are_a_handful_of_records_and_hardly_any_bytes() {
    const REFUSALS: usize = 4_000;
    const TOGETHER: usize = 8;
    let config = json!({ "gateway": { "tickIntervalMs": 1000, "auth": { "rateLimit": { "maxAttempts": 1000, "exemptLoopback": false } } } });
    let gateway = TestGateway::with_config(config).await;
    let size = || -> u64 {
        let folder = std::fs::read_dir(gateway.dir().join("state")).unwrap().flatten();
        folder
            .filter(|entry| entry.path().is_file())
            .filter_map(|entry| entry.metadata().ok())
            .map(|about| about.len())
            .sum()
    };
    let mut admin = gateway.raw().await;
    admin.shake(&connect_params(&["operator.admin"])).await;
    let before = size();
    // Nobody is slowed down, so that nothing but the records themselves keeps them few.
    let storm = (0..TOGETHER).map(|one| {
        let authority = gateway.authority();
        async move {
            let mut answers = BTreeMap::<String, usize>::new();
            for at in 0..REFUSALS / TOGETHER {
                // Each with a token and a path of its own: what callers make up must not become records.
                let request = format!(
                    "POST /rpc/made.up.{one}.{at} HTTP/1.1\r\nHost: {authority}\r\nAuthorization: Bearer guessed-{one}-{at}-0123456789\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{{}}"
                );
                let mut stream = TcpStream::connect(&authority).await.unwrap();
                stream.write_all(request.as_bytes()).await.unwrap();
                let mut answer = String::new();
                let _ = stream.read_to_string(&mut answer).await;
                *answers.entry(answer.split(' ').nth(1).unwrap_or_default().to_owned()).or_default() += 1;
            }
            answers
        }
    });
    let answers = futures_util::future::join_all(storm).await;
    assert!(
        answers.iter().flat_map(BTreeMap::keys).all(|status| ["401", "404", "429"].contains(&status.as_str())),
        "{answers:?}"
    );
    for _ in 0..2 {
        admin.event("tick").await;
    }
    admin.call("p", "sessions.patch", json!({ "key": "main", "pinned": true })).await;
    let records = audit::records(&gateway).await;
    let of_a_refusal = |name: &str| name.starts_with("auth.") && name != "auth.success";
    let refused: Vec<_> = records.iter().filter(|record| of_a_refusal(&record.event.event)).collect();
    assert!(!refused.is_empty() && refused.len() < 60, "{} records for {REFUSALS} refusals", refused.len());
    let counted: i64 = refused.iter().map(|record| record.event.detail["count"].as_i64().unwrap_or(1)).sum();
    let told: usize = answers.iter().flat_map(BTreeMap::values).sum();
    let added = i64::try_from(told).unwrap();
    assert_eq!((told, counted), (REFUSALS, added), "each is counted");
    let grown = size().saturating_sub(before);
    assert!(grown < 2 * 1024 * 1024, "{grown} bytes");
}
