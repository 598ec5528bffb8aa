//! Devices: admission, tokens, withdrawal (A4, A5, M18).

use openclaw_core::Clock;
use openclaw_testkit::gateway::{Got, Setup, TOKEN, TestGateway, connect_params};
use serde_json::{Value, json};

use crate::{
    audit,
    devices::{Device, closed, code, connect},
    talk::Talk,
};

const READ: &[&str] = &["operator.read"];

fn token_of(hello: &Value) -> String {
    hello["payload"]["auth"]["deviceToken"].as_str().unwrap_or_else(|| panic!("no device token: {hello}")).to_owned()
}

/// Pairs a device with the shared secret of this machine; its device token.
async fn paired(gateway: &TestGateway, device: &Device, scopes: &[&str]) -> String {
    let (_, hello) = device.connect(gateway, json!({ "token": TOKEN }), scopes).await;
    assert_eq!(hello["ok"], true, "{hello}");
    token_of(&hello)
}

#[tokio::test]
async fn a_right_secret_on_this_machine_pairs_a_device_at_once() {
    let gateway = TestGateway::start().await;
    let device = Device::new();
    let token = paired(&gateway, &device, READ).await;
    let admin = gateway.connect().await;
    let list: Value = admin.call("device.pair.list", json!({})).await.unwrap();
    let shown = &list["paired"][0];
    assert_eq!((&shown["deviceId"], &shown["scopes"]), (&json!(device.id()), &json!(["operator.read"])), "{list}");
    assert!(!list.to_string().contains(&token) && !list.to_string().contains("hash"), "{list}");
    assert_eq!(list["pending"], json!([]));
    assert!(audit::records(&gateway).await.iter().any(|record| record.event.event == "device.approved"));
}

#[tokio::test]
async fn no_handshake_overtakes_a_withdrawal() {
    let mut gateway = TestGateway::start().await;
    for round in 0..12 {
        let device = Device::new();
        let token = paired(&gateway, &device, READ).await;
        let owner = gateway.connect().await;
        let auth = if round % 2 == 0 { json!({ "token": TOKEN }) } else { json!({ "deviceToken": token }) };
        let method = ["device.token.revoke", "device.pair.remove", "device.token.rotate"][round % 3];
        let withdraw = owner.request(method, json!({ "deviceId": device.id() }));
        let handshakes = (0..8).map(|_| device.connect(&gateway, auth.clone(), READ));
        let (withdrawn, connected) = tokio::join!(withdraw, futures_util::future::join_all(handshakes));
        withdrawn.unwrap_or_else(|error| panic!("{method}: {error}"));
        let list: Value = owner.call("device.pair.list", json!({})).await.unwrap();
        let shown = list["paired"].as_array().unwrap().iter().find(|shown| shown["deviceId"] == json!(device.id()));
        match method {
            "device.token.revoke" => {
                assert!(shown.unwrap()["tokens"][0]["revokedAtMs"].is_i64(), "{list}");
                for (mut raw, hello) in connected {
                    if hello["ok"] == true {
                        assert!(matches!(raw.end().await, Got::Closed(4001 | 1008, _)));
                    } else {
                        assert_eq!(code(&hello), "PAIRING_REQUIRED", "{hello}");
                    }
                }
                let (_, answer) = device.connect(&gateway, auth.clone(), READ).await;
                assert_eq!(code(&answer), "PAIRING_REQUIRED", "{answer}");
                // Neither in memory nor on disk.
                owner.close().await;
                gateway = gateway.restart(Setup::default()).await;
                let (_, answer) = device.connect(&gateway, auth, READ).await;
                assert_eq!(code(&answer), "PAIRING_REQUIRED", "{answer}");
            }
            // Whoever comes with a token that was replaced is turned away; the secret gets a new one.
            "device.token.rotate" if round % 2 == 1 => {
                let (_, answer) = device.connect(&gateway, auth, READ).await;
                assert_ne!(answer["payload"]["auth"]["deviceToken"], json!(token), "{answer}");
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn an_unknown_device_asks_and_the_same_frame_is_good_once_an_owner_approves() {
    let gateway = TestGateway::start().await;
    let mut owner = Talk::with(&gateway, connect_params(&["operator.pairing", "operator.read"])).await;
    let mut reader = gateway.raw().await;
    reader.shake(&connect_params(READ)).await;
    let device = Device::new();
    let (mut raw, answer) = device.connect(&gateway, json!({}), READ).await;
    assert_eq!((code(&answer), &answer["error"]["code"]), ("PAIRING_REQUIRED", &json!("NOT_PAIRED")), "{answer}");
    let request_id = answer["error"]["details"]["requestId"].as_str().unwrap().to_owned();
    let (close, reason) = closed(&mut raw).await;
    assert!(close == 1008 && reason.contains(&request_id), "{close} {reason}");
    let event = owner.event("device.pair.requested", |_| true).await;
    assert_eq!((&event["requestId"], &event["deviceId"]), (&json!(request_id), &json!(device.id())), "{event}");
    // Asking again is the same request, and tells nobody twice.
    let (_, again) = device.connect(&gateway, json!({}), READ).await;
    assert_eq!(again["error"]["details"]["requestId"], json!(request_id));

    let approved = owner.call("device.pair.approve", json!({ "requestId": request_id })).await;
    assert_eq!(approved["ok"], true, "{approved}");
    let event = owner.event("device.pair.resolved", |_| true).await;
    assert_eq!((&event["requestId"], &event["decision"]), (&json!(request_id), &json!("approved")));
    let (_, hello) = device.connect(&gateway, json!({}), READ).await;
    assert_eq!(hello["payload"]["auth"]["scopes"], json!(READ), "{hello}");
    let twice = owner.call("device.pair.approve", json!({ "requestId": request_id })).await;
    assert_eq!(code(&twice), "NOT_FOUND", "{twice}");

    // Who may not pair has heard nothing of it.
    reader.send(&json!({ "type": "req", "id": "h", "method": "health" })).await;
    loop {
        let frame = reader.next().await.frame();
        assert!(!frame["event"].as_str().unwrap_or_default().starts_with("device."), "{frame}");
        if frame["id"] == "h" {
            break;
        }
    }
}

#[tokio::test]
async fn a_request_outlives_a_restart_and_a_rejected_device_stays_outside() {
    let gateway = TestGateway::start().await;
    let device = Device::new();
    let (_, answer) = device.connect(&gateway, json!({}), READ).await;
    let request_id = answer["error"]["details"]["requestId"].clone();
    let gateway = gateway.restart(Setup::default()).await;
    let owner = gateway.connect_with(&["operator.pairing"]).await;
    let rejected: Value = owner.call("device.pair.reject", json!({ "requestId": request_id })).await.unwrap();
    assert_eq!(rejected["deviceId"], json!(device.id()));
    let (_, answer) = device.connect(&gateway, json!({}), READ).await;
    assert_eq!(code(&answer), "PAIRING_REQUIRED");
    assert_ne!(answer["error"]["details"]["requestId"], request_id);
    for request_id in ["no uuid", "8d1f4b2e-0000-4000-8000-000000000000"] {
        let error = owner.request("device.pair.approve", json!({ "requestId": request_id })).await.unwrap_err();
        assert!(error.to_string().contains("unknown requestId"), "{error}");
    }
}

#[tokio::test]
async fn nobody_gives_scopes_away_that_they_lack() {
    let gateway = TestGateway::start().await;
    let device = Device::new();
    let (_, answer) = device.connect(&gateway, json!({}), &["operator.admin"]).await;
    let request_id = answer["error"]["details"]["requestId"].clone();
    let mut owner = gateway.raw().await;
    owner.shake(&connect_params(&["operator.pairing"])).await;
    let refused = owner.call("a", "device.pair.approve", json!({ "requestId": request_id })).await;
    assert_eq!(refused["error"]["message"], "missing scope: operator.admin", "{refused}");
    let (_, answer) = device.connect(&gateway, json!({}), &["operator.admin"]).await;
    assert_eq!(code(&answer), "PAIRING_REQUIRED", "{answer}");
}

#[tokio::test]
async fn a_device_that_shows_no_secret_sees_and_decides_about_itself_alone() {
    let gateway = TestGateway::start().await;
    let (device, other) = (Device::new(), Device::new());
    let scopes = ["operator.pairing", "operator.read"];
    let token = paired(&gateway, &device, &scopes).await;
    paired(&gateway, &other, READ).await;
    let (mut own, _) = device.connect(&gateway, json!({ "deviceToken": token }), &scopes).await;
    let (with_secret, _) = device.connect(&gateway, json!({ "token": TOKEN }), &scopes).await;
    let mut with_secret = Talk::over(with_secret);
    let (_, answer) = other.connect(&gateway, json!({}), &scopes).await;
    let request_id = &answer["error"]["details"]["requestId"];
    with_secret.event("device.pair.requested", |event| event["requestId"] == *request_id).await;

    own.send(&json!({ "type": "req", "id": "l", "method": "device.pair.list" })).await;
    let list = loop {
        let frame = own.next().await.frame();
        assert_ne!(frame["event"], "device.pair.requested", "{frame}");
        if frame["id"] == "l" {
            break frame["payload"].clone();
        }
    };
    assert_eq!((&list["pending"], list["paired"].as_array().map(Vec::len)), (&json!([]), Some(1)), "{list}");
    assert_eq!(list["paired"][0]["deviceId"], json!(device.id()));
    for (method, params) in [
        ("device.pair.approve", json!({ "requestId": request_id })),
        ("device.pair.reject", json!({ "requestId": request_id })),
        ("device.pair.remove", json!({ "deviceId": other.id() })),
        ("device.token.rotate", json!({ "deviceId": other.id() })),
        ("device.token.revoke", json!({ "deviceId": other.id() })),
    ] {
        let refused = own.call(method, method, params).await;
        assert_eq!(refused["error"]["message"], "missing scope: operator.admin", "{method}: {refused}");
    }

    // Whoever holds the gateway's secret speaks for its owner, by whichever device.
    let list = with_secret.ok("device.pair.list", json!({})).await;
    assert_eq!((&list["pending"][0]["requestId"], list["paired"].as_array().map(Vec::len)), (request_id, Some(2)));
    with_secret.ok("device.pair.approve", json!({ "requestId": request_id })).await;
    let rotated = own.call("r", "device.token.rotate", json!({ "deviceId": device.id() })).await;
    assert_eq!(rotated["ok"], true, "its own token: {rotated}");
}

#[tokio::test]
async fn a_device_token_lets_its_device_in_until_it_expires() {
    let (clock, time) = Clock::manual(1_800_000_000_000);
    let config = json!({ "gateway": { "auth": { "deviceAuth": { "tokenTTL": 3600 } } } });
    let gateway = TestGateway::with(Setup { config, clock, ..Setup::default() }).await;
    let device = Device::new();
    let token = paired(&gateway, &device, READ).await;
    let (_, hello) = device.connect(&gateway, json!({ "deviceToken": token }), READ).await;
    assert_eq!(token_of(&hello), token, "a good token stays the same");
    // Connecting made it last an hour from then; later it is over, and the signature alone brings a new one.
    time.advance_ms(3_600_001);
    let (_, hello) = device.connect(&gateway, json!({ "deviceToken": token }), READ).await;
    let fresh = token_of(&hello);
    assert_ne!(fresh, token);
    let (_, hello) = device.connect(&gateway, json!({ "deviceToken": fresh }), READ).await;
    assert_eq!(token_of(&hello), fresh);
    // Somebody else's token, or a made-up one, is no credential of this device.
    for wrong in [paired(&gateway, &Device::new(), READ).await, "made up".to_owned()] {
        let (_, answer) = device.connect(&gateway, json!({ "deviceToken": wrong }), READ).await;
        assert_eq!(code(&answer), "AUTH_DEVICE_TOKEN_MISMATCH", "{answer}");
    }
    // Nor is the token one without the device's signature.
    let mut raw = gateway.raw().await;
    let mut params = connect_params(READ);
    params["auth"] = json!({ "deviceToken": fresh });
    assert_eq!(code(&raw.shake(&params).await), "DEVICE_IDENTITY_REQUIRED");
}

#[tokio::test]
async fn spec_001_reconnects_with_the_token_alone_where_that_is_allowed() {
    let config = json!({ "gateway": { "auth": { "deviceAuth": { "allowTokenOnly": true } } } });
    let gateway = TestGateway::with_config(config).await;
    let token = paired(&gateway, &Device::new(), READ).await;
    let mut params = connect_params(READ);
    params.as_object_mut().unwrap().remove("auth");
    params["deviceToken"] = json!(token);
    let hello = gateway.raw().await.shake(&params).await;
    assert_eq!(hello["payload"]["auth"]["scopes"], json!(READ), "{hello}");
}

#[tokio::test]
async fn rotating_closes_the_devices_other_sockets_and_ends_the_old_token() {
    let gateway = TestGateway::start().await;
    let device = Device::new();
    let scopes = ["operator.read", "operator.pairing"];
    let token = paired(&gateway, &device, &scopes).await;
    let (mut one, _) = device.connect(&gateway, json!({ "deviceToken": token }), &scopes).await;
    let (mut own, _) = device.connect(&gateway, json!({ "deviceToken": token }), &scopes).await;
    let reply = own.call("r", "device.token.rotate", json!({ "deviceId": device.id() })).await;
    let fresh = reply["payload"]["token"].as_str().unwrap_or_else(|| panic!("{reply}")).to_owned();
    assert_eq!(closed(&mut one).await, (4001, "client invalidated: device-token-rotated".to_owned()));
    assert_eq!(own.call("h", "health", json!({})).await["ok"], true, "the one that rotated stays");
    let (_, answer) = device.connect(&gateway, json!({ "deviceToken": token }), &scopes).await;
    assert_eq!(code(&answer), "AUTH_DEVICE_TOKEN_MISMATCH", "{answer}");
    let (mut third, hello) = device.connect(&gateway, json!({ "deviceToken": fresh }), &scopes).await;
    assert_eq!(hello["ok"], true, "{hello}");
    // Somebody else is not told the new token.
    let admin = gateway.connect().await;
    let reply: Value = admin.call("device.token.rotate", json!({ "deviceId": device.id() })).await.unwrap();
    assert_eq!((&reply["tokenDelivery"], &reply["token"]), (&json!("withheld-cross-device"), &Value::Null));
    assert_eq!(closed(&mut third).await.0, 4001);
    assert_eq!(closed(&mut own).await.0, 4001);
    // Wider scopes than the device was approved for are no matter of rotation.
    let wider = json!({ "deviceId": device.id(), "scopes": ["operator.admin"] });
    assert!(admin.request("device.token.rotate", wider).await.is_err());
    assert!(admin.request("device.token.rotate", json!({ "deviceId": "unknown" })).await.is_err());
}

#[tokio::test]
async fn a_revoked_device_is_closed_at_once_and_must_be_approved_again() {
    let gateway = TestGateway::start().await;
    let device = Device::new();
    let token = paired(&gateway, &device, READ).await;
    let (mut live, _) = device.connect(&gateway, json!({ "deviceToken": token }), READ).await;
    let admin = gateway.connect().await;
    admin.request("device.token.revoke", json!({ "deviceId": device.id() })).await.unwrap();
    assert_eq!(closed(&mut live).await, (4001, "client invalidated: device-token-revoked".to_owned()));
    for auth in [json!({ "deviceToken": token }), json!({}), json!({ "token": TOKEN })] {
        let (_, answer) = device.connect(&gateway, auth.clone(), READ).await;
        assert_eq!(code(&answer), "PAIRING_REQUIRED", "{auth}: {answer}");
    }
    // Rotation does not bring a withdrawn token back.
    assert!(admin.request("device.token.rotate", json!({ "deviceId": device.id() })).await.is_err());
    let (_, answer) = device.connect(&gateway, json!({}), READ).await;
    let request_id = answer["error"]["details"]["requestId"].clone();
    admin.request("device.pair.approve", json!({ "requestId": request_id })).await.unwrap();
    let (_, hello) = device.connect(&gateway, json!({}), READ).await;
    assert_ne!(token_of(&hello), token, "the withdrawn token does not come back");
    let (_, answer) = device.connect(&gateway, json!({ "deviceToken": token }), READ).await;
    assert_eq!(code(&answer), "AUTH_DEVICE_TOKEN_MISMATCH", "{answer}");
}

#[tokio::test]
async fn a_removed_device_is_closed_and_unknown_again() {
    let gateway = TestGateway::start().await;
    let device = Device::new();
    paired(&gateway, &device, READ).await;
    let (mut live, _) = device.connect(&gateway, json!({}), READ).await;
    let admin = gateway.connect().await;
    admin.request("device.pair.remove", json!({ "deviceId": device.id() })).await.unwrap();
    assert_eq!(closed(&mut live).await, (4001, "client invalidated: device-removed".to_owned()));
    assert!(admin.request("device.pair.remove", json!({ "deviceId": device.id() })).await.is_err());
    let records = audit::records(&gateway).await;
    let revoked = records.iter().filter(|record| record.event.event == "device.revoked").count();
    assert_eq!(revoked, 1, "of what did not happen there is no record");
    let (_, answer) = device.connect(&gateway, json!({}), READ).await;
    assert_eq!(answer["error"]["details"]["reason"], "not-paired", "{answer}");
}

#[tokio::test]
async fn more_scopes_come_only_with_an_owners_approval() {
    let gateway = TestGateway::start().await;
    let device = Device::new();
    let token = paired(&gateway, &device, READ).await;
    let wider = &["operator.read", "operator.write"];
    let (_, answer) = device.connect(&gateway, json!({ "token": TOKEN }), wider).await;
    assert_eq!(answer["error"]["details"]["reason"], "scope-upgrade", "{answer}");
    assert_eq!(answer["error"]["details"]["approvedScopes"], json!(READ));
    let (_, with_token) = device.connect(&gateway, json!({ "deviceToken": token }), wider).await;
    assert_eq!(code(&with_token), "AUTH_SCOPE_MISMATCH", "{with_token}");
    let admin = gateway.connect().await;
    let request_id = answer["error"]["details"]["requestId"].clone();
    admin.request("device.pair.approve", json!({ "requestId": request_id })).await.unwrap();
    let (_, hello) = device.connect(&gateway, json!({ "token": TOKEN }), wider).await;
    assert_eq!(hello["payload"]["auth"]["scopes"], json!(wider), "{hello}");
}

#[tokio::test]
async fn one_device_too_many_is_refused_by_name_and_audited() {
    let config = json!({ "gateway": { "auth": { "deviceAuth": { "maxDevicesPerUser": 2 } } } });
    let gateway = TestGateway::with_config(config).await;
    let first = Device::new();
    paired(&gateway, &first, READ).await;
    paired(&gateway, &Device::new(), READ).await;
    let third = Device::new();
    for auth in [json!({ "token": TOKEN }), json!({})] {
        let (_, answer) = third.connect(&gateway, auth, READ).await;
        assert_eq!((code(&answer), &answer["error"]["details"]["limit"]), ("DEVICE_LIMIT", &json!(2)), "{answer}");
    }
    let admin = gateway.connect().await;
    admin.request("device.pair.remove", json!({ "deviceId": first.id() })).await.unwrap();
    assert!(audit::records(&gateway).await.iter().any(|record| record.event.reason.as_deref() == Some("device_limit")));
    paired(&gateway, &third, READ).await;
}

#[tokio::test]
async fn approving_never_makes_one_device_too_many() {
    let config = json!({ "gateway": { "auth": { "deviceAuth": { "maxDevicesPerUser": 1 } } } });
    let gateway = TestGateway::with_config(config).await;
    let admin = gateway.connect().await;
    let mut requests = Vec::new();
    for _ in 0..2 {
        let (_, answer) = Device::new().connect(&gateway, json!({}), READ).await;
        requests.push(answer["error"]["details"]["requestId"].clone());
    }
    admin.request("device.pair.approve", json!({ "requestId": requests[0] })).await.unwrap();
    let error = admin.request("device.pair.approve", json!({ "requestId": requests[1] })).await.unwrap_err();
    assert!(error.to_string().contains("device limit"), "{error}");
}

#[tokio::test]
async fn whoever_asks_with_many_keys_takes_the_places_of_one_address_alone() {
    let proxied = json!({ "gateway": { "trustedProxies": ["127.0.0.1"] } });
    let gateway = TestGateway::with_config(proxied).await;
    let ask = async |ip: &str, device: &Device| {
        let mut raw = gateway.raw_with(&[("x-forwarded-for", ip)]).await;
        let nonce = raw.challenge().await;
        connect(&mut raw, &device.params(&gateway, &nonce, &json!({}), READ)).await
    };
    let first = Device::new();
    assert_eq!(code(&ask("203.0.113.9", &first).await), "PAIRING_REQUIRED");
    for _ in 1..32 {
        assert_eq!(code(&ask("203.0.113.9", &Device::new()).await), "PAIRING_REQUIRED");
    }
    let refused = ask("203.0.113.9", &Device::new()).await;
    assert_eq!(code(&refused), "QUEUE_FULL", "{refused}");
    assert!(refused["error"]["message"].as_str().unwrap().contains("203.0.113.9"), "{refused}");
    // Whoever waits already goes on waiting, and others are heard.
    assert_eq!(code(&ask("203.0.113.9", &first).await), "PAIRING_REQUIRED");
    assert_eq!(code(&ask("203.0.113.10", &Device::new()).await), "PAIRING_REQUIRED");
}

#[tokio::test]
async fn one_device_waits_with_one_request_however_often_it_asks_for_something_else() {
    let gateway = TestGateway::start().await;
    let device = Device::new();
    for scopes in [&["operator.read"][..], &["operator.write"], &["operator.admin"]] {
        let mut raw = gateway.raw().await;
        let nonce = raw.challenge().await;
        let answer = connect(&mut raw, &device.params(&gateway, &nonce, &json!({}), scopes)).await;
        assert_eq!(code(&answer), "PAIRING_REQUIRED", "{answer}");
    }
    let admin = gateway.connect().await;
    let list: Value = admin.call("device.pair.list", json!({})).await.unwrap();
    let pending = list["pending"].as_array().unwrap();
    assert_eq!(pending.len(), 1, "{list}");
    assert_eq!(pending[0]["scopes"], json!(["operator.admin"]), "the newest wish counts");
}
