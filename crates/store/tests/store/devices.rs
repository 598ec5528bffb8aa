use openclaw_core::record::{Device, DeviceToken, PairingRequest};
use openclaw_protocol::{DeviceId, Role, Scopes};
use openclaw_store::{Change, Error, MAX_PAIRING_REQUESTS, MAX_PAIRING_REQUESTS_OF_ADDRESS, Outcome};
use serde_json::json;

use crate::support::*;

fn device_id() -> DeviceId {
    DeviceId::new("d1").unwrap()
}

fn device() -> Device {
    Device {
        device_id: device_id(),
        public_key: "key".to_owned(),
        display_name: None,
        platform: None,
        device_family: None,
        client_id: None,
        client_mode: None,
        roles: vec![Role::Operator],
        scopes: Scopes::parse(["operator.read"]),
        remote_ip: None,
        owner: "secret".to_owned(),
        approved_via: "silent".to_owned(),
        created_at: START,
        approved_at: START,
        last_seen_at: None,
        tokens: Vec::new(),
        revision: 0,
    }
}

fn token(role: Role, hash: &str) -> DeviceToken {
    DeviceToken {
        role,
        hash: hash.to_owned(),
        scopes: Scopes::NONE,
        created_at: START,
        rotated_at: None,
        revoked_at: None,
        last_used_at: None,
        expires_at: START + 1,
    }
}

fn request(name: &str, ts: i64) -> PairingRequest {
    PairingRequest {
        request_id: uuid(name),
        device_id: device_id(),
        public_key: "key".to_owned(),
        display_name: None,
        platform: None,
        device_family: None,
        client_id: None,
        client_mode: None,
        role: Role::Operator,
        scopes: Scopes::NONE,
        remote_ip: None,
        owner: "secret".to_owned(),
        is_repair: false,
        ts,
    }
}

#[tokio::test]
async fn a_device_keeps_one_token_per_role() {
    let world = World::new();
    let Outcome::Device(put) = world.change(Change::PutDevice { device: device(), over: None }).await.unwrap() else {
        panic!()
    };
    assert_eq!(Device { revision: 0, ..put.clone() }, device());
    let revision = put.revision;
    assert!(revision > 0);
    for token in [token(Role::Operator, "old"), token(Role::Node, "node"), token(Role::Operator, "new")] {
        world.change(Change::PutDeviceToken { device_id: device_id(), token, revision }).await.unwrap();
    }
    world.change(Change::TouchDevice { device_id: device_id(), role: Role::Operator, at: START + 5 }).await.unwrap();
    for at in [START + 6, START + 9] {
        world.change(Change::RevokeDeviceToken { device_id: device_id(), role: Role::Node, at }).await.unwrap();
    }
    let kept = world.store.read(|reader| reader.device(&device_id())).await.unwrap().unwrap();
    let tokens: Vec<_> =
        kept.tokens.iter().map(|token| (token.hash.as_str(), token.last_used_at, token.revoked_at)).collect();
    assert_eq!(tokens, [("node", None, Some(START + 6)), ("new", Some(START + 5), None)]);
    assert_eq!(kept.last_seen_at, Some(START + 5));
    assert_eq!(world.store.read(openclaw_store::Reader::devices).await.unwrap(), [kept]);
    assert_eq!(world.change(Change::DeleteDevice { device_id: device_id() }).await.unwrap(), Outcome::Deleted(true));
    let again = world.change(Change::DeleteDevice { device_id: device_id() }).await;
    assert!(matches!(again, Err(Error::NotFound { .. })), "{again:?}");
}

#[tokio::test]
async fn a_device_that_is_not_there_is_named() {
    let world = World::new();
    let at = START;
    for change in [
        Change::TouchDevice { device_id: device_id(), role: Role::Node, at },
        Change::PutDeviceToken { device_id: device_id(), token: token(Role::Node, "x"), revision: 0 },
        Change::RevokeDeviceToken { device_id: device_id(), role: Role::Node, at },
    ] {
        assert_eq!(world.change(change).await.unwrap_err().to_string(), "device d1 not found");
    }
    world.change(Change::PutDevice { device: device(), over: None }).await.unwrap();
    let error =
        world.change(Change::RevokeDeviceToken { device_id: device_id(), role: Role::Node, at }).await.unwrap_err();
    assert_eq!(error.to_string(), "token of role node of device d1 not found");
}

#[tokio::test]
async fn what_was_decided_before_a_withdrawal_is_not_kept_after_it() {
    let world = World::new();
    let put = |over| Change::PutDevice { device: device(), over };
    let token =
        |revision| Change::PutDeviceToken { device_id: device_id(), token: token(Role::Operator, "t"), revision };
    let revision = |outcome| match outcome {
        Outcome::Device(device) => device.revision,
        other => panic!("{other:?}"),
    };
    let paired = revision(world.change(put(None)).await.unwrap());
    // Its own tokens come and go without one handshake disturbing another.
    for _ in 0..2 {
        assert_eq!(revision(world.change(token(paired)).await.unwrap()), paired);
    }
    let revoke = Change::RevokeDeviceToken { device_id: device_id(), role: Role::Operator, at: START };
    let revoked = revision(world.change(revoke).await.unwrap());
    let rotate = |revision| Change::RotateDeviceToken {
        device_id: device_id(),
        token: self::token(Role::Operator, "r"),
        revision,
    };
    for late in [token(paired), rotate(paired), put(Some(paired)), put(None)] {
        let error = world.change(late).await.unwrap_err();
        assert!(matches!(error, Error::Conflict { .. }), "{error}");
        assert_eq!(error.to_string(), "device d1 was changed meanwhile");
    }
    let kept = world.store.read(|reader| reader.device(&device_id())).await.unwrap().unwrap();
    assert!(kept.revision == revoked && kept.tokens[0].revoked_at.is_some(), "{kept:?}");
    let rotated = revision(world.change(rotate(revoked)).await.unwrap());
    assert!(rotated > revoked && world.change(token(revoked)).await.is_err());
    // Nor does a device come back that was removed, or is another one since.
    world.change(Change::DeleteDevice { device_id: device_id() }).await.unwrap();
    assert!(world.change(put(Some(rotated))).await.is_err() && world.change(token(rotated)).await.is_err());
    let again = revision(world.change(put(None)).await.unwrap());
    assert!(again > rotated && world.change(token(rotated)).await.is_err());
}

#[tokio::test]
async fn pairing_requests_lapse_and_are_bounded() {
    let world = World::new();
    world.change(Change::PutPairingRequest { request: request("old", START) }).await.unwrap();
    world.clock.advance_ms(300_001);
    world.change(Change::PutPairingRequest { request: request("new", START + 300_001) }).await.unwrap();
    let waiting = world.store.read(openclaw_store::Reader::pairing_requests).await.unwrap();
    assert_eq!(waiting, [request("new", START + 300_001)]);
    let put = |n: usize| Change::PutPairingRequest { request: request(&format!("n{n}"), START + 300_001) };
    for chunk in (1..MAX_PAIRING_REQUESTS).collect::<Vec<_>>().chunks(200) {
        world.write(chunk.iter().copied().map(put).collect()).await.unwrap();
    }
    let error = world.change(put(MAX_PAIRING_REQUESTS)).await.unwrap_err();
    assert!(matches!(error, Error::Limit { what: "pairing requests", .. }), "{error}");
    // Replacing one is no new one.
    world.change(put(1)).await.unwrap();
    let drop_it = || Change::DropPairingRequest { request_id: uuid("new") };
    assert_eq!(world.change(drop_it()).await.unwrap(), Outcome::Deleted(true));
    assert_eq!(world.change(drop_it()).await.unwrap(), Outcome::Deleted(false));
}

#[tokio::test]
async fn so_many_pairing_requests_come_from_one_address() {
    let world = World::new();
    let put = |n: usize, ip: &str| Change::PutPairingRequest {
        request: PairingRequest { remote_ip: Some(ip.to_owned()), ..request(&format!("n{n}"), START) },
    };
    let most = MAX_PAIRING_REQUESTS_OF_ADDRESS;
    world.write((0..most).map(|n| put(n, "203.0.113.9")).collect()).await.unwrap();
    let error = world.change(put(most, "203.0.113.9")).await.unwrap_err();
    assert_eq!(error.to_string(), Error::Limit { what: "pairing requests from one address", max: most }.to_string());
    // Replacing one is no new one, and others have places of their own.
    world.change(put(0, "203.0.113.9")).await.unwrap();
    world.change(put(most, "203.0.113.10")).await.unwrap();
}

#[tokio::test]
async fn agents_get_numbers_that_stay() {
    let world = World::new();
    for (name, number) in [("main", 1), ("helper", 2), ("main", 1)] {
        let outcome = world.change(Change::EnsureAgent { agent_id: agent(name) }).await.unwrap();
        assert!(matches!(outcome, Outcome::Agent(agent) if agent.number == number && agent.agent_id.as_str() == name));
    }
    let agents = world.store.read(openclaw_store::Reader::agents).await.unwrap();
    assert_eq!(agents.iter().map(|agent| agent.agent_id.as_str()).collect::<Vec<_>>(), ["main", "helper"]);
}

#[tokio::test]
async fn settings_are_replaced_and_removed() {
    let world = World::new();
    let put = |value| Change::PutSetting { name: "boot".to_owned(), value };
    let get = || world.store.read(|reader| reader.setting("boot"));
    world.change(put(json!({ "n": 1 }))).await.unwrap();
    world.change(put(json!({ "n": 2 }))).await.unwrap();
    assert_eq!(get().await.unwrap(), Some(json!({ "n": 2 })));
    world.change(put(json!(null))).await.unwrap();
    assert_eq!(get().await.unwrap(), None);
    assert!(matches!(
        world.change(put(json!("x".repeat(1 << 20)))).await,
        Err(Error::TooLarge { what: "setting", .. })
    ));
}
