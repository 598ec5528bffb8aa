//! Setup codes: one device each, once and soon, with no more than their maker has (SECURITY T71, A-42).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use openclaw_core::Clock;
use openclaw_testkit::gateway::{Raw, Setup, TOKEN, TestGateway, connect_params};
use serde_json::{Value, json};

use crate::{
    audit,
    devices::{Device, closed, code, connect},
    proxy,
    talk::Talk,
};

const READ: &[&str] = &["operator.read"];
const INVALID: &str = "AUTH_BOOTSTRAP_TOKEN_INVALID";

async fn admin(gateway: &TestGateway) -> Talk {
    Talk::with(gateway, connect_params(&["operator.admin"])).await
}

/// Makes a code; its name and what a device shows.
async fn issued(owner: &mut Talk, params: Value) -> (String, Value) {
    let made = owner.ok("device.pair.setupCode", params).await;
    (made["setupId"].as_str().unwrap().to_owned(), shown(&made))
}

fn payload(made: &Value) -> Value {
    let bytes = URL_SAFE_NO_PAD.decode(made["setupCode"].as_str().unwrap()).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

fn shown(made: &Value) -> Value {
    json!({ "bootstrapToken": payload(made)["bootstrapToken"] })
}

fn to_read() -> Value {
    json!({ "scopes": READ, "includeQr": false })
}

/// Connects in a role.
async fn come(gateway: &TestGateway, device: &Device, role: &str, auth: &Value, scopes: &[&str]) -> (Raw, Value) {
    let mut raw = gateway.raw().await;
    let nonce = raw.challenge().await;
    let answer = connect(&mut raw, &device.params_as(role, gateway.clock().now_ms(), &nonce, auth, scopes)).await;
    (raw, answer)
}

#[tokio::test]
async fn a_code_admits_one_device_once_with_what_it_gives() {
    let gateway = TestGateway::start().await;
    let mut owner = admin(&gateway).await;
    let mut pairing = Talk::with(&gateway, connect_params(&["operator.pairing"])).await;
    let made = owner.ok("device.pair.setupCode", json!({ "scopes": READ, "label": "Ann's phone" })).await;
    assert!(made["qrDataUrl"].as_str().unwrap().starts_with("data:image/png;base64,"), "{made}");
    assert_eq!((&made["access"], &made["auth"]), (&json!("limited"), &json!("token")), "{made}");
    assert_eq!(made["gatewayUrl"], gateway.url());
    let life = made["expiresAtMs"].as_i64().unwrap() - gateway.clock().now_ms();
    assert!((590_000..=600_000).contains(&life), "{life}");
    // It leads here, works once, and holds nothing that lasts.
    let inside = payload(&made);
    assert_eq!(inside.as_object().unwrap().keys().collect::<Vec<_>>(), ["bootstrapToken", "url"], "{inside}");
    assert!(inside["url"] == gateway.url() && !inside.to_string().contains(TOKEN), "{inside}");
    let (setup_id, auth) = (made["setupId"].as_str().unwrap().to_owned(), shown(&made));
    let status = owner.ok("device.pair.setupStatus", json!({ "setupId": setup_id })).await;
    assert_eq!(status, json!({}));

    let device = Device::new();
    let (_raw, hello) = device.connect(&gateway, auth.clone(), READ).await;
    assert_eq!((&hello["ok"], &hello["payload"]["auth"]["scopes"]), (&json!(true), &json!(READ)), "{hello}");
    assert!(hello["payload"]["auth"].get("deviceTokens").is_none(), "it has one role: {hello}");
    let token = hello["payload"]["auth"]["deviceToken"].as_str().unwrap().to_owned();
    let done = pairing.event("device.pair.setup.completed", |_| true).await;
    assert_eq!((&done["setupId"], &done["deviceId"]), (&json!(setup_id), &json!(device.id())), "{done}");
    assert_eq!((&done["deviceName"], &done["access"]), (&json!("Ann's phone"), &json!("limited")), "{done}");
    let status = owner.ok("device.pair.setupStatus", json!({ "setupId": setup_id })).await;
    assert_eq!(status["completion"], done);
    let list = owner.ok("device.pair.list", json!({})).await;
    assert_eq!(list["paired"][0]["approvedVia"], "setup-code", "{list}");
    let codes = owner.ok("device.pair.setupList", json!({})).await;
    assert_eq!((&codes["codes"][0]["status"], &codes["codes"][0]["issuedBy"]), (&json!("used"), &json!("token")));

    // Neither the same device nor another comes in by it again, and what the device got is enough.
    let other = Device::new();
    for knocking in [&device, &other] {
        let (mut raw, refused) = knocking.connect(&gateway, auth.clone(), READ).await;
        assert_eq!(code(&refused), INVALID, "{refused}");
        assert_eq!(refused["error"]["details"]["recommendedNextStep"], "review_auth_configuration");
        let (close, reason) = closed(&mut raw).await;
        assert!(close == 1008 && reason.starts_with("unauthorized: setup code invalid"), "{close} {reason}");
    }
    for auth in [json!({ "deviceToken": token }), json!({})] {
        let (_, hello) = device.connect(&gateway, auth, READ).await;
        assert_eq!(hello["ok"], true, "{hello}");
    }
    let (_, wider) = device.connect(&gateway, json!({}), &["operator.admin"]).await;
    assert_eq!(code(&wider), "PAIRING_REQUIRED", "{wider}");

    let records = audit::records(&gateway).await;
    let of = |event: &str| records.iter().filter(|record| record.event.event == event).collect::<Vec<_>>();
    assert_eq!(of("device.setup_code.issued").len(), 1);
    let approved = of("device.approved");
    let detail = &approved[0].event.detail;
    assert_eq!(
        (&detail["setupId"], &detail["issuedBy"], &detail["authMethod"]),
        (&json!(setup_id), &json!("token"), &json!("bootstrap-token"))
    );
    let refused = of("auth.failure");
    assert!(refused.iter().any(|record| record.event.reason.as_deref() == Some("bootstrap_token_used")), "{refused:?}");
    // The code is kept as a hash alone.
    let secret = auth["bootstrapToken"].as_str().unwrap().to_owned();
    let state = gateway.dir();
    assert!(
        holds(state, &setup_id)
            && !holds(state, &secret)
            && !holds(state, &made["setupCode"].as_str().unwrap()[20..60])
    );
}

/// Whether any file below a folder holds this text.
fn holds(folder: &std::path::Path, text: &str) -> bool {
    std::fs::read_dir(folder).unwrap().flatten().any(|entry| {
        if entry.path().is_dir() {
            return holds(&entry.path(), text);
        }
        std::fs::read(entry.path()).is_ok_and(|bytes| bytes.windows(text.len()).any(|found| found == text.as_bytes()))
    })
}

#[tokio::test]
async fn a_companion_comes_as_a_node_and_is_handed_a_token_as_an_operator() {
    let gateway = TestGateway::start().await;
    let mut owner = admin(&gateway).await;
    let (_, auth) = issued(&mut owner, json!({ "bootstrapProfile": "limited" })).await;
    let phone = Device::new();
    let (_raw, hello) = come(&gateway, &phone, "node", &auth, &[]).await;
    let given = &hello["payload"]["auth"];
    assert_eq!((&given["role"], &given["scopes"]), (&json!("node"), &json!([])), "{hello}");
    let handed = &given["deviceTokens"][0];
    let scopes = ["operator.approvals", "operator.read", "operator.talk.secrets", "operator.write"];
    let words: Vec<&str> = handed["scopes"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
    assert!(handed["role"] == "operator" && scopes.iter().all(|scope| words.contains(scope)), "{handed}");
    assert!(!words.contains(&"operator.admin") && !words.contains(&"operator.pairing"), "{handed}");
    assert!(handed["issuedAtMs"].is_i64() && handed["deviceToken"] != given["deviceToken"], "{given}");

    let by_token = json!({ "deviceToken": handed["deviceToken"] });
    let (mut raw, hello) = come(&gateway, &phone, "operator", &by_token, &scopes).await;
    assert_eq!(hello["ok"], true, "{hello}");
    assert_eq!(raw.call("1", "sessions.list", json!({})).await["ok"], true);
    let refused = raw.call("2", "config.get", json!({ "path": "gateway" })).await;
    assert_ne!(code(&refused), "MISSING_SCOPE", "{refused}");
    assert_eq!(code(&raw.call("3", "cron.add", json!({})).await), "MISSING_SCOPE");
    let (_, wider) = come(&gateway, &phone, "operator", &by_token, &["operator.admin"]).await;
    assert_eq!(code(&wider), "AUTH_SCOPE_MISMATCH", "{wider}");
    // Its token as a node is none as an operator.
    let (_, mixed) = come(&gateway, &phone, "operator", &json!({ "deviceToken": given["deviceToken"] }), READ).await;
    assert_eq!(code(&mixed), "AUTH_DEVICE_TOKEN_MISMATCH", "{mixed}");
}

#[tokio::test]
async fn whoever_asks_for_more_than_a_code_gives_waits_for_an_owner_and_leaves_the_code() {
    let gateway = TestGateway::start().await;
    let mut owner = admin(&gateway).await;
    let (_, auth) = issued(&mut owner, to_read()).await;
    let device = Device::new();
    for (role, scopes) in [("operator", &["operator.write"][..]), ("operator", &["operator.admin"]), ("node", &[])] {
        let (_, answer) = come(&gateway, &device, role, &auth, scopes).await;
        assert_eq!(code(&answer), "PAIRING_REQUIRED", "{role} {scopes:?}: {answer}");
    }
    let (_, hello) = device.connect(&gateway, auth, READ).await;
    assert_eq!(hello["ok"], true, "{hello}");
}

#[tokio::test]
async fn of_many_devices_with_one_code_one_comes_in() {
    let gateway = TestGateway::start().await;
    let mut owner = admin(&gateway).await;
    for _ in 0..6 {
        let (_, auth) = issued(&mut owner, to_read()).await;
        let devices: Vec<Device> = (0..12).map(|_| Device::new()).collect();
        let knocks = devices.iter().map(|device| device.connect(&gateway, auth.clone(), READ));
        let answers = futures_util::future::join_all(knocks).await;
        let admitted = answers.iter().filter(|(_, answer)| answer["ok"] == true).count();
        assert_eq!(admitted, 1);
        for (_, answer) in answers.iter().filter(|(_, answer)| answer["ok"] != true) {
            assert_eq!(code(answer), INVALID, "{answer}");
        }
    }
    let list = owner.ok("device.pair.list", json!({})).await;
    assert_eq!((list["paired"].as_array().unwrap().len(), &list["pending"]), (6, &json!([])), "{list}");
}

#[tokio::test]
async fn codes_survive_a_restart_and_so_does_that_they_were_used() {
    let gateway = TestGateway::start().await;
    let mut owner = admin(&gateway).await;
    let (setup_id, auth) = issued(&mut owner, to_read()).await;
    drop(owner);
    let gateway = gateway.restart(Setup::default()).await;
    let device = Device::new();
    let (raw, hello) = device.connect(&gateway, auth.clone(), READ).await;
    assert_eq!(hello["ok"], true, "{hello}");
    drop(raw);
    let gateway = gateway.restart(Setup::default()).await;
    let (_, refused) = Device::new().connect(&gateway, auth, READ).await;
    assert_eq!(code(&refused), INVALID, "{refused}");
    let status = admin(&gateway).await.ok("device.pair.setupStatus", json!({ "setupId": setup_id })).await;
    assert_eq!(status["completion"]["deviceId"], json!(device.id()), "{status}");
}

#[tokio::test]
async fn a_code_ends_by_its_time_and_by_being_taken_back() {
    let (clock, time) = Clock::manual(1_764_000_000_000);
    let gateway = TestGateway::with(Setup { clock, ..Setup::default() }).await;
    let mut owner = admin(&gateway).await;
    let (_, short) = issued(&mut owner, json!({ "scopes": READ, "expiresInMs": 60_000, "includeQr": false })).await;
    let (taken_id, taken) = issued(&mut owner, to_read()).await;
    let (_, usual) = issued(&mut owner, to_read()).await;
    assert_eq!(owner.ok("device.pair.setupRevoke", json!({ "setupId": taken_id })).await["setupId"], json!(taken_id));
    for _ in 0..2 {
        let again = owner.call("device.pair.setupRevoke", json!({ "setupId": taken_id })).await;
        assert_eq!(code(&again), "NOT_FOUND", "{again}");
    }
    let (_, refused) = Device::new().connect(&gateway, taken, READ).await;
    assert_eq!(code(&refused), INVALID);
    time.advance_ms(59_000);
    let (_, hello) = Device::new().connect(&gateway, usual.clone(), READ).await;
    assert_eq!(hello["ok"], true, "{hello}");
    time.advance_ms(1_000);
    let (_, refused) = Device::new().connect(&gateway, short, READ).await;
    assert_eq!(code(&refused), INVALID, "{refused}");
    // What is awaited is stored behind what was not.
    issued(&mut owner, to_read()).await;
    let reasons: Vec<_> = audit::records(&gateway).await.into_iter().filter_map(|record| record.event.reason).collect();
    assert!(reasons.iter().any(|reason| reason == "bootstrap_token_expired"), "{reasons:?}");
    for life in [0, 59_999, 3_600_001, i64::MAX] {
        let refused = owner.call("device.pair.setupCode", json!({ "expiresInMs": life })).await;
        assert_eq!(refused["error"]["details"]["path"], "params.expiresInMs", "{refused}");
    }
}

#[tokio::test]
async fn guessing_codes_locks_its_address_out_and_showing_a_spent_one_does_not() {
    let gateway = TestGateway::with_config(json!({ "gateway": { "trustedProxies": ["127.0.0.1"] } })).await;
    let mut owner = admin(&gateway).await;
    let (_, auth) = issued(&mut owner, to_read()).await;
    let knock = async |from: &str, auth: &Value| {
        let mut raw = gateway.raw_with(&[("x-forwarded-for", from)]).await;
        let nonce = raw.challenge().await;
        let params = Device::new().params(&gateway, &nonce, auth, READ);
        connect(&mut raw, &params).await
    };
    assert_eq!(knock("203.0.113.9", &auth).await["ok"], true);
    for _ in 0..12 {
        assert_eq!(code(&knock("203.0.113.9", &auth).await), INVALID, "a spent code is no guess");
    }
    let (_, right) = issued(&mut owner, to_read()).await;
    for number in 0..10 {
        let guess = json!({ "bootstrapToken": format!("guess-{number}") });
        assert_eq!(code(&knock("203.0.113.10", &guess).await), INVALID);
    }
    let locked = knock("203.0.113.10", &right).await;
    assert_eq!(code(&locked), "AUTH_RATE_LIMITED", "even the right one: {locked}");
    assert_eq!(knock("203.0.113.11", &right).await["ok"], true, "others are not");
    let records = audit::records(&gateway).await;
    assert!(records.iter().any(|record| record.event.event == "auth.rate_limited"), "{records:?}");
    assert!(!format!("{records:?}").contains("guess-"));
}

#[tokio::test]
async fn a_code_is_as_good_as_what_its_maker_was_let_in_by() {
    let gateway = TestGateway::start().await;
    let mut owner = admin(&gateway).await;
    let refused = async |auth: Value| {
        let (_, answer) = Device::new().connect(&gateway, auth, READ).await;
        assert_eq!(code(&answer), INVALID, "{answer}");
    };
    // A device that was removed, and one whose right was withdrawn.
    for method in ["device.pair.remove", "device.token.revoke"] {
        let maker = Device::new();
        let (raw, hello) = maker.connect(&gateway, json!({ "token": TOKEN }), &["operator.admin"]).await;
        assert_eq!(hello["ok"], true, "{hello}");
        let (_, auth) = issued(&mut Talk::over(raw), to_read()).await;
        owner.ok(method, json!({ "deviceId": maker.id() })).await;
        refused(auth).await;
    }
    // An access token that was withdrawn.
    let named = owner.ok("gateway.token.create", json!({ "name": "ci", "scopes": ["operator.admin"] })).await;
    let mut params = connect_params(&["operator.admin"]);
    params["auth"]["token"] = named["token"].clone();
    let (_, auth) = issued(&mut Talk::with(&gateway, params).await, to_read()).await;
    owner.ok("gateway.token.revoke", json!({ "name": "ci" })).await;
    refused(auth).await;
    // The gateway's own secret that was exchanged, while it ran or while it did not.
    let (_, auth) = issued(&mut owner, to_read()).await;
    let exchanged = json!({ "gateway": { "auth": { "token": "another-token-0123456789abcdef01234567" } } });
    gateway.edit(&exchanged);
    gateway.reload().await;
    refused(auth.clone()).await;
    gateway.edit(&json!({}));
    gateway.reload().await;
    let gateway = gateway.restart(Setup { config: exchanged, ..Setup::default() }).await;
    let (_, answer) = Device::new().connect(&gateway, auth, READ).await;
    assert_eq!(code(&answer), INVALID, "{answer}");
    // What is awaited is stored behind what was not.
    let mut params = connect_params(&["operator.admin"]);
    params["auth"]["token"] = json!("another-token-0123456789abcdef01234567");
    issued(&mut Talk::with(&gateway, params).await, to_read()).await;
    let records = audit::records(&gateway).await;
    let gone = records.iter().filter(|record| record.event.reason.as_deref() == Some("bootstrap_token_issuer_gone"));
    assert_eq!(gone.count(), 5);
}

#[tokio::test]
async fn a_code_ends_when_its_maker_may_make_none_any_more() {
    let config = |scopes: &[&str]| proxy::config(json!({ "identityScopes": { "ann@example.com": scopes } }));
    let gateway = TestGateway::with_config(config(&["operator.admin"])).await;
    let headers = [&proxy::PROXIED[..], &[("origin", "https://mc.example.com")]].concat();
    let mut raw = gateway.raw_with(&headers).await;
    let hello = raw.shake(&proxy::page()).await;
    assert_eq!(hello["payload"]["auth"]["scopes"], json!(["operator.admin"]), "{hello}");
    let mut ann = Talk::over(raw);
    let (_, first) = issued(&mut ann, to_read()).await;
    let (_, second) = issued(&mut ann, to_read()).await;
    let (_, hello) = Device::new().connect(&gateway, first, READ).await;
    assert_eq!(hello["ok"], true, "{hello}");
    // She may still read, which is all that the code gives.
    gateway.edit(&config(READ));
    gateway.reload().await;
    let (_, refused) = Device::new().connect(&gateway, second, READ).await;
    assert_eq!(code(&refused), INVALID, "{refused}");
}

#[tokio::test]
async fn nobody_gives_by_a_code_what_they_lack() {
    let gateway = TestGateway::with_config(json!({ "security": { "authorization": {
        "enabled": true,
        "roles": {
            "admin": { "permissions": ["*"], "channels": ["*"], "commands": ["*"] },
            "pairer": { "permissions": ["device.*", "read"] },
        },
        "users": { "boss": { "role": "admin" }, "pat": { "role": "pairer" } },
    } } }))
    .await;
    let mut owner = admin(&gateway).await;
    let named = owner.ok("gateway.token.create", json!({ "name": "pat", "scopes": ["operator.admin"] })).await;
    let mut params = connect_params(&["operator.admin"]);
    params["auth"]["token"] = named["token"].clone();
    let mut pat = Talk::with(&gateway, params).await;
    // Roles follow from names.
    let refused = pat.call("device.pair.setupCode", json!({ "scopes": READ, "label": "boss" })).await;
    assert_eq!(code(&refused), "ACCESS_DENIED", "{refused}");
    let (_, auth) = issued(&mut pat, json!({ "scopes": ["operator.admin"], "includeQr": false })).await;
    // A device that calls itself by a name does not become that user.
    let device = Device::new();
    let mut raw = gateway.raw().await;
    let nonce = raw.challenge().await;
    let mut params = device.params(&gateway, &nonce, &auth, &["operator.admin"]);
    params["client"]["displayName"] = json!("boss");
    let hello = connect(&mut raw, &params).await;
    assert_eq!(hello["ok"], true, "{hello}");
    let denied = raw.call("1", "config.get", json!({})).await;
    assert_eq!(code(&denied), "ACCESS_DENIED", "{denied}");
    // Whoever is no administrator makes none.
    let mut writer = Talk::with(&gateway, connect_params(&["operator.write", "operator.pairing"])).await;
    for method in
        ["device.pair.setupCode", "device.pair.setupList", "device.pair.setupStatus", "device.pair.setupRevoke"]
    {
        let refused = writer.call(method, json!({})).await;
        assert_eq!(code(&refused), "MISSING_SCOPE", "{refused}");
    }
}

#[tokio::test]
async fn over_a_network_in_the_clear_a_code_gives_no_administrator() {
    let gateway = TestGateway::start().await;
    let mut owner = admin(&gateway).await;
    let lan = "http://192.168.1.20:18789/";
    let made = owner.ok("device.pair.setupCode", json!({ "publicUrl": lan })).await;
    assert_eq!(
        (&made["access"], &made["accessDowngraded"], &made["gatewayUrl"], &made["urlSource"]),
        (&json!("limited"), &json!(true), &json!("ws://192.168.1.20:18789"), &json!("params.publicUrl"))
    );
    let made = owner.ok("device.pair.setupCode", json!({ "publicUrl": "https://gw.example.com" })).await;
    assert_eq!((&made["access"], &made["accessDowngraded"]), (&json!("full"), &Value::Null), "{made}");
    let made = owner.ok("device.pair.setupCode", json!({ "bootstrapProfile": "node" })).await;
    assert_eq!(made["access"], "node", "{made}");
    for (params, path) in [
        (json!({ "publicUrl": lan, "scopes": ["operator.admin"] }), "params.scopes"),
        (json!({ "publicUrl": "ws://gw.example.com" }), "params.publicUrl"),
        (json!({ "publicUrl": "wss://ann:secret@gw.example.com" }), "params.publicUrl"),
        (json!({ "preferRemoteUrl": true }), "params.preferRemoteUrl"),
        (json!({ "bootstrapProfile": "limited", "scopes": READ }), "params.bootstrapProfile"),
        (json!({ "scopes": [] }), "params.scopes"),
        (json!({ "roles": [] }), "params.roles"),
        (json!({ "roles": ["node"], "scopes": READ }), "params.scopes"),
        (json!({ "label": "two\nlines" }), "params.label"),
    ] {
        let refused = owner.call("device.pair.setupCode", params.clone()).await;
        assert_eq!(refused["error"]["details"]["path"], path, "{params}: {refused}");
    }
    let refused = owner.call("device.pair.setupCode", json!({ "joinUrl": true })).await;
    assert_eq!(code(&refused), "NOT_IMPLEMENTED", "{refused}");
}

#[tokio::test]
async fn a_lockdown_takes_every_code_back_and_so_many_work_at_once() {
    let gateway = TestGateway::start().await;
    let mut owner = admin(&gateway).await;
    let (_, auth) = issued(&mut owner, to_read()).await;
    // However many ask at once.
    let mut crowd = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let mut one = admin(&gateway).await;
        crowd.spawn(async move {
            let mut made = 0;
            for _ in 0..16 {
                made += usize::from(one.call("device.pair.setupCode", to_read()).await["ok"] == true);
            }
            made
        });
    }
    assert_eq!(crowd.join_all().await.iter().sum::<usize>(), 31);
    let full = owner.call("device.pair.setupCode", to_read()).await;
    assert_eq!(code(&full), "QUEUE_FULL", "{full}");
    assert!(full["error"]["retryAfterMs"].as_u64().unwrap() > 500_000, "{full}");
    owner.ok("security.lockdown", json!({ "reason": "test" })).await;
    let (_, refused) = Device::new().connect(&gateway, auth.clone(), READ).await;
    assert!(["LOCKED_DOWN", INVALID].contains(&code(&refused)), "{refused}");
    owner.ok("security.lockdown", json!({ "undo": true })).await;
    let (_, refused) = Device::new().connect(&gateway, auth, READ).await;
    assert_eq!(code(&refused), INVALID, "{refused}");
    assert_eq!(owner.ok("device.pair.setupList", json!({})).await["codes"], json!([]));
    issued(&mut owner, to_read()).await;
}
