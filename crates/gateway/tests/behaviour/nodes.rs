//! Nodes from the outside: how they come to their commands, are asked, vanish and come back (M5).

use std::time::Duration;

use openclaw_client::DeviceIdentity;
use openclaw_core::{Clock, Ids};
use openclaw_protocol::device_payload::{DevicePayload, PayloadVersion};
use openclaw_testkit::gateway::{Got, Raw, Setup, TOKEN, TestGateway, connect_params};
use serde_json::{Value, json};

use crate::{
    audit,
    devices::{closed, code, connect},
    talk::Talk,
};

/// A machine with a key.
struct Machine {
    identity: DeviceIdentity,
    platform: &'static str,
    protocol: u8,
    caps: Vec<&'static str>,
    commands: Vec<&'static str>,
}

impl Machine {
    fn new(protocol: u8, commands: &[&'static str]) -> Self {
        let identity = DeviceIdentity::generate(&Ids::system(), &Clock::system());
        Self { identity, platform: "linux", protocol, caps: vec!["system"], commands: commands.to_vec() }
    }

    fn on(self, platform: &'static str) -> Self {
        Self { platform, ..self }
    }

    fn id(&self) -> &str {
        self.identity.device_id()
    }

    fn params(&self, gateway: &TestGateway, nonce: &str) -> Value {
        let signed_at = gateway.clock().now_ms();
        let payload = DevicePayload {
            device_id: self.id(),
            client_id: "node-host",
            client_mode: "node",
            role: "node",
            scopes: &[],
            signed_at_ms: signed_at,
            token: TOKEN,
            nonce,
            platform: Some(self.platform),
            device_family: None,
        };
        let mut params = self.words();
        params["device"] = json!({
            "id": self.id(), "publicKey": self.identity.public_key(),
            "signature": self.identity.sign(&payload.text(PayloadVersion::V2)), "signedAt": signed_at, "nonce": nonce,
        });
        params
    }

    /// What it says without a key.
    fn words(&self) -> Value {
        json!({
            "minProtocol": self.protocol, "maxProtocol": self.protocol, "role": "node", "scopes": [],
            "client": {
                "id": "node-host", "displayName": "Machine", "version": "1.0.0", "platform": self.platform, "mode": "node",
            },
            "auth": { "token": TOKEN }, "caps": self.caps, "commands": self.commands, "permissions": { "screen": true },
        })
    }

    async fn connect(&self, gateway: &TestGateway) -> Raw {
        let mut raw = gateway.raw().await;
        let nonce = raw.challenge().await;
        let hello = connect(&mut raw, &self.params(gateway, &nonce)).await;
        assert_eq!((&hello["ok"], &hello["payload"]["auth"]["role"]), (&json!(true), &json!("node")), "{hello}");
        raw
    }
}

/// The node's answer to the next request: takes it and sends `answer` beside the identifiers.
async fn answers(node: &mut Raw, answer: Value) -> Value {
    let asked = node.event("node.invoke.request").await;
    assert!(asked.get("seq").is_none(), "{asked}");
    let mut params = json!({ "id": asked["payload"]["id"], "nodeId": asked["payload"]["nodeId"] });
    params.as_object_mut().unwrap().extend(answer.as_object().unwrap().clone());
    let taken = node.call("answer", "node.invoke.result", params).await;
    assert_eq!(taken["payload"], json!({ "ok": true }), "{taken}");
    asked["payload"].clone()
}

fn invoke(node: &str, command: &str, key: &str) -> Value {
    json!({ "nodeId": node, "command": command, "params": { "bins": ["uname"] }, "idempotencyKey": key })
}

async fn row(owner: &mut Talk, node: &str) -> Value {
    owner.ok("node.describe", json!({ "nodeId": node })).await
}

#[tokio::test]
async fn a_node_of_today_does_nothing_before_an_owner_approves_and_then_at_once() {
    let gateway = TestGateway::start().await;
    let mut owner = Talk::admin(&gateway).await;
    let machine = Machine::new(4, &["system.which", "system.run"]);
    let mut node = machine.connect(&gateway).await;
    let asked = owner.event("node.pair.requested", |_| true).await;
    assert_eq!(
        (&asked["nodeId"], &asked["commands"], &asked["requiredApproveScopes"], &asked["silent"]),
        (
            &json!(machine.id()),
            &json!(["system.run", "system.which"]),
            &json!(["operator.pairing", "operator.admin"]),
            &json!(true)
        ),
        "{asked}"
    );
    let shown = row(&mut owner, machine.id()).await;
    assert_eq!((&shown["commands"], &shown["caps"]), (&json!([]), &json!([])), "{shown}");
    assert_eq!((&shown["approvalState"], &shown["connected"]), (&json!("pending-approval"), &json!(true)));
    assert_eq!((&shown["pendingRequestId"], &shown["paired"]), (&asked["requestId"], &json!(true)));
    let refused = owner.call("node.invoke", invoke(machine.id(), "system.which", "early")).await;
    let details = &refused["error"]["details"];
    assert_eq!((&details["reason"], &details["command"]), (&json!("command not approved"), &json!("system.which")));
    assert!(refused["error"]["message"].as_str().unwrap().contains(asked["requestId"].as_str().unwrap()), "{refused}");

    let approved = owner.ok("node.pair.approve", json!({ "requestId": asked["requestId"] })).await;
    assert_eq!(approved["node"]["commands"], json!(["system.run", "system.which"]), "{approved}");
    assert!(approved["node"].get("token").is_none(), "{approved}");
    let resolved = node.event("node.pair.resolved").await;
    assert!(resolved.get("seq").is_none() && resolved["payload"]["decision"] == "approved", "{resolved}");
    owner.event("node.pair.resolved", |resolved| resolved["decision"] == "approved").await;
    let shown = row(&mut owner, machine.id()).await;
    assert_eq!(
        (&shown["commands"], &shown["approvalState"], &shown["permissions"]),
        (&json!(["system.run", "system.which"]), &json!("approved"), &json!({ "screen": true })),
        "{shown}"
    );

    let id = owner.send("node.invoke", invoke(machine.id(), "system.which", "first")).await;
    let asked = answers(&mut node, json!({ "ok": true, "payloadJSON": "{\"bins\":{}}" })).await;
    assert_eq!((&asked["command"], &asked["idempotencyKey"]), (&json!("system.which"), &json!("first")), "{asked}");
    assert_eq!(asked["paramsJSON"], json!("{\"bins\":[\"uname\"]}"));
    assert!((29_000..=30_000).contains(&asked["timeoutMs"].as_u64().unwrap()), "{asked}");
    let answer = owner.answer(&id).await;
    let expected = json!({
        "ok": true, "nodeId": machine.id(), "command": "system.which", "payload": { "bins": {} }, "payloadJSON": "{\"bins\":{}}",
    });
    assert_eq!(answer["payload"], expected, "{answer}");
    let events: Vec<String> = audit::records(&gateway).await.into_iter().map(|record| record.event.event).collect();
    for event in ["node.connected", "node.approved", "node.invoked"] {
        assert!(events.iter().any(|kept| kept == event), "{event} is not among {events:?}");
    }
}

#[tokio::test]
async fn a_node_of_before_is_held_to_its_platform_and_needs_no_approval() {
    let config = json!({ "gateway": { "nodes": { "allowCommands": ["bash"], "denyCommands": ["system.notify"] } } });
    let gateway = TestGateway::with_config(config).await;
    let mut owner = Talk::admin(&gateway).await;
    let declared = ["system.run", "system.notify", "camera.snap", "location.get", "bash"];
    let machine = Machine::new(3, &declared);
    let mut node = machine.connect(&gateway).await;
    let shown = row(&mut owner, machine.id()).await;
    assert_eq!(shown["commands"], json!(["bash", "system.run"]), "{shown}");
    assert_eq!((&shown["approvalState"], &shown["displayName"]), (&json!("approved"), &json!("Machine")));
    assert_eq!(owner.ok("node.pair.list", json!({})).await["pending"], json!([]));
    for (command, reason) in [
        ("camera.snap", "command not allowlisted"),
        ("system.notify", "command not allowlisted"),
        ("system.which", "command not declared by node"),
    ] {
        let refused = owner.call("node.invoke", invoke(machine.id(), command, command)).await;
        assert_eq!(refused["error"]["code"], "INVALID_REQUEST", "{refused}");
        assert_eq!(refused["error"]["details"]["reason"], reason, "{refused}");
    }
    let long = owner.call("node.invoke", invoke(machine.id(), "camera.snap", "long")).await;
    assert_eq!(
        long["error"]["message"],
        "node command not allowed: \"camera.snap\" is not in the allowlist for platform \"linux\""
    );
    let mut old = Talk::with(&gateway, with_protocol(3)).await;
    let short = old.call("node.invoke", invoke(machine.id(), "camera.snap", "short")).await;
    assert_eq!(short["error"]["message"], "node command not allowed", "{short}");

    // What spec 003 prints works once the configuration allows it, without a node id in the answer.
    let mut spec = Talk::with(&gateway, with_protocol(1)).await;
    let id = spec
        .send(
            "node.invoke",
            json!({ "nodeId": machine.id(), "command": "bash", "params": { "script": "ls" }, "timeoutMs": 10_000 }),
        )
        .await;
    let asked = node.event("node.invoke.request").await;
    let result = json!({ "id": asked["payload"]["id"], "ok": true, "payload": "README.md" });
    node.call("r", "node.invoke.result", result).await;
    assert_eq!(spec.answer(&id).await["payload"]["payload"], "README.md");

    // A phone has other commands.
    let phone = Machine::new(3, &["system.run", "location.get", "contacts.search"]).on("ios");
    let _phone = phone.connect(&gateway).await;
    assert_eq!(row(&mut owner, phone.id()).await["commands"], json!(["contacts.search", "location.get"]));

    // The configuration counts anew, and for connections that are there.
    gateway.edit(&json!({ "gateway": { "nodes": { "denyCommands": ["system.run"] } } }));
    gateway.reload().await;
    assert_eq!(row(&mut owner, machine.id()).await["commands"], json!(["system.notify"]));
}

fn with_protocol(protocol: u8) -> Value {
    let mut params = connect_params(&["operator.admin"]);
    params["minProtocol"] = json!(protocol);
    params["maxProtocol"] = json!(protocol);
    params
}

#[tokio::test]
async fn without_a_device_a_node_comes_in_beside_the_gateway_and_before_today() {
    let gateway = TestGateway::start().await;
    let mut owner = Talk::admin(&gateway).await;
    let mut today = gateway.raw().await;
    let refused = today.shake(&Machine::new(4, &["system.run"]).words()).await;
    assert_eq!(code(&refused), "DEVICE_IDENTITY_REQUIRED", "{refused}");
    let mut node = gateway.raw().await;
    let hello = node.shake(&Machine::new(3, &["system.run", "system.which"]).words()).await;
    assert_eq!(hello["ok"], true, "{hello}");
    let shown = row(&mut owner, "node-host").await;
    assert_eq!((&shown["connected"], &shown["paired"]), (&json!(true), &json!(false)), "{shown}");
    let id = owner.send("node.invoke", invoke("node-host", "system.which", "w")).await;
    answers(&mut node, json!({ "ok": true, "payload": { "found": true } })).await;
    let answer = owner.answer(&id).await;
    assert_eq!(
        (&answer["payload"]["payload"], &answer["payload"]["payloadJSON"]),
        (&json!({ "found": true }), &Value::Null)
    );

    // Nobody takes the name of a device without its key. In dialect 1 names are free.
    let machine = Machine::new(4, &[]);
    let _real = machine.connect(&gateway).await;
    let mut thief = gateway.raw().await;
    let params = json!({
        "minProtocol": 1, "maxProtocol": 1, "role": "node", "client": { "id": machine.id() }, "auth": { "token": TOKEN },
    });
    let refused = thief.shake(&params).await;
    assert!(refused["error"]["message"].as_str().unwrap_or_default().contains("names a device"), "{refused}");
}

#[tokio::test]
async fn asking_for_more_waits_and_what_was_approved_goes_on() {
    let gateway = TestGateway::start().await;
    let mut owner = Talk::admin(&gateway).await;
    let mut machine = Machine::new(4, &["system.which"]);
    let mut node = machine.connect(&gateway).await;
    let first = owner.event("node.pair.requested", |_| true).await;
    owner.ok("node.pair.approve", json!({ "requestId": first["requestId"] })).await;
    node.event("node.pair.resolved").await;
    drop(node);
    machine.commands.push("system.run");
    let node = machine.connect(&gateway).await;
    let second = owner.event("node.pair.requested", |asked| asked["requestId"] != first["requestId"]).await;
    let shown = row(&mut owner, machine.id()).await;
    assert_eq!(
        (&shown["commands"], &shown["approvalState"]),
        (&json!(["system.which"]), &json!("pending-reapproval")),
        "{shown}"
    );
    // Asking again for the same is the same request; asking for something else replaces it.
    drop(node);
    let node = machine.connect(&gateway).await;
    assert_eq!(row(&mut owner, machine.id()).await["pendingRequestId"], second["requestId"]);
    drop(node);
    machine.commands.push("system.notify");
    let node = machine.connect(&gateway).await;
    owner
        .event("node.pair.resolved", |told| told["requestId"] == second["requestId"] && told["decision"] == "rejected")
        .await;
    let third = owner.event("node.pair.requested", |_| true).await;
    let late = owner.call("node.pair.approve", json!({ "requestId": second["requestId"] })).await;
    assert_eq!(code(&late), "NOT_FOUND", "{late}");
    // Whoever says no leaves what there was.
    let rejected = owner.ok("node.pair.reject", json!({ "requestId": third["requestId"] })).await;
    assert_eq!(rejected, json!({ "requestId": third["requestId"], "nodeId": machine.id() }));
    let shown = row(&mut owner, machine.id()).await;
    assert_eq!(
        (&shown["commands"], &shown["approvalState"]),
        (&json!(["system.which"]), &json!("approved")),
        "{shown}"
    );
    // Offering less needs nobody, and takes a request that waited with it.
    drop(node);
    let wide = machine.connect(&gateway).await;
    let fourth = owner.event("node.pair.requested", |_| true).await;
    drop(wide);
    machine.commands.truncate(1);
    let _node = machine.connect(&gateway).await;
    owner.event("node.pair.resolved", |told| told["requestId"] == fourth["requestId"]).await;
    assert_eq!(owner.ok("node.pair.list", json!({})).await["pending"], json!([]));
}

#[tokio::test]
async fn approvals_outlive_a_restart_and_a_removed_node_starts_over() {
    let gateway = TestGateway::start().await;
    let mut owner = Talk::admin(&gateway).await;
    let machine = Machine::new(4, &["system.which"]);
    let node = machine.connect(&gateway).await;
    let asked = owner.event("node.pair.requested", |_| true).await;
    owner.ok("node.pair.approve", json!({ "requestId": asked["requestId"] })).await;
    owner.ok("node.rename", json!({ "nodeId": machine.id(), "displayName": "  Build box " })).await;
    let waiting = Machine::new(4, &["system.run"]);
    let _waiting = waiting.connect(&gateway).await;
    drop((node, owner));
    let gateway = gateway.restart(Setup::default()).await;
    let mut owner = Talk::admin(&gateway).await;
    let list = owner.ok("node.pair.list", json!({})).await;
    assert_eq!(
        (&list["paired"][0]["displayName"], &list["paired"][0]["commands"]),
        (&json!("Build box"), &json!(["system.which"])),
        "{list}"
    );
    assert_eq!(list["pending"][0]["nodeId"], json!(waiting.id()), "{list}");
    let shown = row(&mut owner, machine.id()).await;
    assert_eq!(
        (&shown["connected"], &shown["commands"], &shown["displayName"]),
        (&json!(false), &json!(["system.which"]), &json!("Build box"))
    );
    let mut node = machine.connect(&gateway).await;
    assert_eq!(row(&mut owner, machine.id()).await["approvalState"], "approved");

    let removed = owner.ok("node.pair.remove", json!({ "nodeId": machine.id() })).await;
    assert_eq!(removed, json!({ "nodeId": machine.id() }));
    assert_eq!(closed(&mut node).await, (4001, "client invalidated: device-removed".to_owned()));
    owner.event("node.pair.resolved", |told| told["decision"] == "removed").await;
    let gone = owner.call("node.describe", json!({ "nodeId": machine.id() })).await;
    assert_eq!(gone["error"]["message"], "unknown nodeId", "{gone}");
    assert!(
        owner.ok("device.pair.list", json!({})).await["paired"]
            .as_array()
            .unwrap()
            .iter()
            .all(|device| device["deviceId"] != json!(machine.id()))
    );
    // The same key is a stranger again, on disk, too.
    let _node = machine.connect(&gateway).await;
    assert_eq!(row(&mut owner, machine.id()).await["approvalState"], "pending-approval");
    // Taking the device back takes what was approved with it.
    let request = row(&mut owner, machine.id()).await["pendingRequestId"].clone();
    owner.ok("node.pair.approve", json!({ "requestId": request })).await;
    owner.ok("device.pair.remove", json!({ "deviceId": machine.id() })).await;
    let _node = machine.connect(&gateway).await;
    assert_eq!(row(&mut owner, machine.id()).await["approvalState"], "pending-approval");
}

#[tokio::test]
async fn approving_takes_the_scopes_that_the_commands_take() {
    let gateway = TestGateway::start().await;
    let mut owner = Talk::admin(&gateway).await;
    let pairing = with_scopes(&["operator.pairing"]);
    let writing = with_scopes(&["operator.pairing", "operator.write"]);
    for (commands, needed) in [
        (&[][..], None),
        (&["system.notify"][..], Some("operator.write")),
        (&["system.run"][..], Some("operator.admin")),
    ] {
        let machine = Machine::new(4, commands);
        let _node = machine.connect(&gateway).await;
        let asked = owner.event("node.pair.requested", |_| true).await;
        let request = json!({ "requestId": asked["requestId"] });
        let mut least = Talk::with(&gateway, pairing.clone()).await;
        let answer = least.call("node.pair.approve", request.clone()).await;
        let Some(needed) = needed else {
            assert_eq!(answer["ok"], true, "{answer}");
            continue;
        };
        assert_eq!(
            (&answer["error"]["message"], &answer["error"]["details"]["requiredScopes"]),
            (&json!(format!("missing scope: {needed}")), &json!(["operator.pairing", needed])),
            "{answer}"
        );
        let mut writer = Talk::with(&gateway, writing.clone()).await;
        let answer = writer.call("node.pair.approve", request).await;
        assert_eq!(answer["ok"], needed == "operator.write", "{answer}");
    }
    let mut reader = Talk::with(&gateway, with_scopes(&["operator.read"])).await;
    let refused = reader.call("node.pair.approve", json!({ "requestId": "x" })).await;
    assert_eq!(refused["error"]["message"], "missing scope: operator.pairing", "{refused}");
    let unknown = owner.call("node.pair.approve", json!({ "requestId": "x" })).await;
    assert!(unknown["error"]["message"].as_str().unwrap().starts_with("unknown requestId"), "{unknown}");
}

fn with_scopes(scopes: &[&str]) -> Value {
    connect_params(scopes)
}

#[tokio::test]
async fn a_node_that_vanishes_ends_what_it_was_asked_for_at_once_and_comes_back() {
    let gateway = TestGateway::start().await;
    let mut owner = Talk::admin(&gateway).await;
    let machine = Machine::new(3, &["system.which"]);
    let mut node = machine.connect(&gateway).await;
    let id = owner.send("node.invoke", invoke(machine.id(), "system.which", "v")).await;
    node.event("node.invoke.request").await;
    drop(node);
    let answer = owner.answer(&id).await;
    assert_eq!(
        (&answer["error"]["code"], &answer["error"]["message"], code(&answer)),
        (&json!("UNAVAILABLE"), &json!("node not connected"), "NOT_CONNECTED"),
        "{answer}"
    );
    assert_eq!(answer["error"]["details"]["nodeError"]["code"], "NOT_CONNECTED");
    let answer = owner.call("node.invoke", invoke(machine.id(), "system.which", "w")).await;
    assert_eq!(
        (&answer["error"]["message"], code(&answer)),
        (&json!("node not connected"), "NOT_CONNECTED"),
        "{answer}"
    );
    let answer = owner.call("node.invoke", invoke("nobody", "system.which", "x")).await;
    assert_eq!(code(&answer), "NOT_CONNECTED", "{answer}");
    assert_eq!(row(&mut owner, machine.id()).await["connected"], false);
    let mut node = machine.connect(&gateway).await;
    let id = owner.send("node.invoke", invoke(machine.id(), "system.which", "y")).await;
    answers(&mut node, json!({ "ok": true })).await;
    assert_eq!(owner.answer(&id).await["ok"], true);
}

#[tokio::test]
async fn what_comes_late_twice_or_from_another_node_is_not_taken() {
    let gateway = TestGateway::start().await;
    let mut owner = Talk::admin(&gateway).await;
    let (machine, other) = (Machine::new(3, &["system.which"]), Machine::new(3, &["system.which"]));
    let (mut node, mut impostor) = (machine.connect(&gateway).await, other.connect(&gateway).await);
    let id = owner.send("node.invoke", invoke(machine.id(), "system.which", "t")).await;
    let asked = node.event("node.invoke.request").await["payload"].clone();
    let mut result = json!({ "id": asked["id"], "nodeId": other.id(), "ok": true, "payload": "false" });
    let foreign = impostor.call("1", "node.invoke.result", result.clone()).await;
    assert_eq!(foreign["payload"], json!({ "ok": true, "ignored": true }), "{foreign}");
    let mismatch = node.call("2", "node.invoke.result", result.clone()).await;
    assert_eq!(mismatch["error"]["message"], "nodeId mismatch", "{mismatch}");
    result["nodeId"] = json!(machine.id());
    result["payload"] = json!("right");
    assert_eq!(node.call("3", "node.invoke.result", result.clone()).await["payload"], json!({ "ok": true }));
    assert_eq!(owner.answer(&id).await["payload"]["payload"], "right");
    let again = node.call("4", "node.invoke.result", result.clone()).await;
    assert_eq!(again["payload"], json!({ "ok": true, "ignored": true }), "{again}");
    for bad in [json!({}), json!({ "id": "x" }), json!({ "id": "x", "ok": true, "extra": 1 })] {
        let answer = node.call("5", "node.invoke.result", bad).await;
        assert_eq!(code(&answer), "INVALID_PARAMS", "{answer}");
    }
    let operator = owner.call("node.invoke.result", json!({})).await;
    assert_eq!(operator["error"]["message"], "unauthorized role: operator", "{operator}");
    // A change that is answered is on disk, and with it what was kept before.
    owner.ok("node.rename", json!({ "nodeId": machine.id(), "displayName": "Right" })).await;
    let denied = audit::records(&gateway).await;
    assert!(denied.iter().any(|record| record.event.event == "node.result.foreign"));
}

#[tokio::test]
async fn a_node_that_says_no_and_one_that_says_nothing() {
    let gateway = TestGateway::start().await;
    let mut owner = Talk::admin(&gateway).await;
    let machine = Machine::new(3, &["system.which"]);
    let mut node = machine.connect(&gateway).await;
    for (protocol, expected) in [(4, "UNAVAILABLE: nope"), (3, "nope")] {
        let mut caller = Talk::with(&gateway, with_protocol(protocol)).await;
        let id = caller.send("node.invoke", invoke(machine.id(), "system.which", expected)).await;
        answers(&mut node, json!({ "ok": false, "error": { "code": "UNAVAILABLE", "message": "nope" } })).await;
        let answer = caller.answer(&id).await;
        let details = &answer["error"]["details"];
        assert_eq!(answer["error"]["message"], expected, "{answer}");
        assert_eq!(details["nodeError"], json!({ "code": "UNAVAILABLE", "message": "nope" }), "{answer}");
        assert_eq!(details.get("nodeCommandDispatched").is_some(), protocol == 4, "{answer}");

        let mut silent = invoke(machine.id(), "system.which", &format!("silent {protocol}"));
        silent["timeoutMs"] = json!(200);
        let id = caller.send("node.invoke", silent).await;
        let asked = node.event("node.invoke.request").await["payload"].clone();
        assert!(asked["timeoutMs"].as_u64().unwrap() <= 200, "{asked}");
        let cancel = node.event("node.invoke.cancel").await;
        assert_eq!(cancel["payload"], json!({ "invokeId": asked["id"], "nodeId": machine.id() }), "{cancel}");
        let answer = caller.answer(&id).await;
        let text = if protocol == 4 { "TIMEOUT: node invoke timed out" } else { "node invoke timed out" };
        assert_eq!((&answer["error"]["message"], code(&answer)), (&json!(text), "TIMEOUT"), "{answer}");
        assert_eq!(answer["error"]["details"]["nodeError"]["code"], "TIMEOUT");
        let late = json!({ "id": asked["id"], "nodeId": machine.id(), "ok": true });
        assert_eq!(node.call("late", "node.invoke.result", late).await["payload"]["ignored"], true);
    }
    // Nobody waits longer than the configuration lets them.
    gateway.edit(&json!({ "gateway": { "nodes": { "invokeTimeoutMs": 150 } } }));
    gateway.reload().await;
    let id = owner.send("node.invoke", invoke(machine.id(), "system.which", "capped")).await;
    assert!(node.event("node.invoke.request").await["payload"]["timeoutMs"].as_u64().unwrap() <= 150);
    assert_eq!(code(&owner.answer(&id).await), "TIMEOUT");
}

#[tokio::test]
async fn a_caller_that_says_goodbye_calls_its_commands_off() {
    let gateway = TestGateway::start().await;
    let machine = Machine::new(3, &["system.which"]);
    let mut node = machine.connect(&gateway).await;
    let caller = gateway.connect().await;
    let asking = invoke(machine.id(), "system.which", "c");
    let asked = caller.clone();
    let call = async move { asked.request("node.invoke", asking).await };
    let goodbye = async {
        let asked = node.event("node.invoke.request").await["payload"].clone();
        caller.close().await;
        let cancel = node.event("node.invoke.cancel").await;
        assert_eq!(cancel["payload"]["invokeId"], asked["id"], "{cancel}");
    };
    let (answer, ()) = tokio::join!(call, goodbye);
    assert!(answer.is_err());
}

#[tokio::test]
async fn the_same_key_is_done_once_whoever_waits_for_it() {
    let gateway = TestGateway::start().await;
    let mut owner = Talk::admin(&gateway).await;
    let machine = Machine::new(3, &["system.which", "system.notify"]);
    let mut node = machine.connect(&gateway).await;
    let one = owner.send("node.invoke", invoke(machine.id(), "system.which", "key")).await;
    let other = owner.send("node.invoke", invoke(machine.id(), "system.which", "key")).await;
    let conflict = owner.call("node.invoke", invoke(machine.id(), "system.notify", "key")).await;
    assert_eq!((code(&conflict), &conflict["error"]["details"]["path"]), ("CONFLICT", &json!("params.idempotencyKey")));
    answers(&mut node, json!({ "ok": true, "payload": 7 })).await;
    for id in [one, other] {
        assert_eq!(owner.answer(&id).await["payload"]["payload"], 7);
    }
    let later = owner.ok("node.invoke", invoke(machine.id(), "system.which", "key")).await;
    assert_eq!(later["payload"], 7, "{later}");
    assert!(
        node.within(Duration::from_millis(200)).await.is_none_or(|got| !is_request(&got)),
        "the node is asked once"
    );
}

fn is_request(got: &Got) -> bool {
    matches!(got, Got::Frame(frame) if frame["event"] == "node.invoke.request")
}

#[tokio::test]
async fn commands_that_reach_the_machine_take_an_administrator_and_nobody_slips_an_approval_in() {
    let gateway = TestGateway::start().await;
    let machine = Machine::new(3, &["system.run", "system.which", "system.execApprovals.get"]);
    let _node = machine.connect(&gateway).await;
    let mut writer = Talk::with(&gateway, with_scopes(&["operator.write"])).await;
    let mut admin = Talk::admin(&gateway).await;
    let run = invoke(machine.id(), "system.run", "r");
    let refused = writer.call("node.invoke", run.clone()).await;
    assert_eq!(refused["error"]["message"], "missing scope: operator.admin", "{refused}");
    // Two commands in one object: neither of them is looked at.
    let id = "twice";
    let twice = format!(
        r#"{{"type":"req","id":"{id}","method":"node.invoke","params":{{"nodeId":"{}","command":"system.which","command":"system.run","idempotencyKey":"d"}}}}"#,
        machine.id()
    );
    let mut raw = gateway.raw().await;
    raw.shake(&with_scopes(&["operator.write"])).await;
    raw.text(twice).await;
    assert_eq!(code(&raw.response(id).await), "INVALID_PARAMS");
    for member in ["approved", "approvalDecision", "approvalId"] {
        let mut slipped = run.clone();
        slipped["params"] = json!({ "command": ["id"], member: true });
        let answer = admin.call("node.invoke", slipped).await;
        assert_eq!(answer["error"]["details"]["path"], format!("params.params.{member}"), "{answer}");
    }
    for params in [
        json!({ "command": ["rm", "-r", "/"], "rawCommand": "ls" }),
        json!({ "rawCommand": "ls" }),
        json!({ "command": ["ls"], "rawCommand": 7 }),
    ] {
        let mut other = run.clone();
        other["params"] = params;
        let answer = admin.call("node.invoke", other).await;
        assert_eq!(answer["error"]["details"]["path"], "params.params.rawCommand", "{answer}");
    }
    let approvals = admin.call("node.invoke", invoke(machine.id(), "system.execApprovals.get", "a")).await;
    assert_eq!(
        approvals["error"]["message"],
        "node.invoke does not allow system.execApprovals.*; use exec.approvals.node.*"
    );
    for bad in [
        json!({}),
        json!({ "nodeId": "x", "command": "", "idempotencyKey": "k" }),
        json!({ "nodeId": "x", "command": "c", "idempotencyKey": "" }),
        json!({ "nodeId": "", "command": "c", "idempotencyKey": "k" }),
        json!({ "nodeId": "x", "command": "c", "idempotencyKey": "k", "timeoutMs": -1 }),
    ] {
        assert_eq!(code(&admin.call("node.invoke", bad.clone()).await), "INVALID_PARAMS", "{bad}");
    }
}

#[tokio::test]
async fn policies_of_nodes_are_relayed_as_the_node_tells_them() {
    let gateway = TestGateway::start().await;
    let machine = Machine::new(3, &["system.execApprovals.get", "system.execApprovals.set"]);
    let mut node = machine.connect(&gateway).await;
    let mut admin = Talk::admin(&gateway).await;
    let policy = json!({ "path": "/p", "exists": true, "hash": "h", "file": { "version": 1 } });
    let id = admin.send("exec.approvals.node.get", json!({ "nodeId": machine.id() })).await;
    let asked = answers(&mut node, json!({ "ok": true, "payloadJSON": policy.to_string() })).await;
    assert_eq!(asked["command"], "system.execApprovals.get");
    assert_eq!(admin.answer(&id).await["payload"], policy);
    let change = json!({ "nodeId": machine.id(), "file": { "version": 1 }, "baseHash": "h" });
    let id = admin.send("exec.approvals.node.set", change).await;
    let asked = answers(&mut node, json!({ "ok": true, "payload": policy })).await;
    assert_eq!(asked["paramsJSON"], "{\"baseHash\":\"h\",\"file\":{\"version\":1}}", "{asked}");
    assert_eq!(admin.answer(&id).await["payload"], policy);
    let mut writer = Talk::with(&gateway, with_scopes(&["operator.write"])).await;
    let refused = writer.call("exec.approvals.node.get", json!({ "nodeId": machine.id() })).await;
    assert_eq!(refused["error"]["message"], "missing scope: operator.admin");
}

#[tokio::test]
async fn progress_reaches_a_caller_that_asks_for_it() {
    let gateway = TestGateway::start().await;
    let machine = Machine::new(3, &["system.which"]);
    let mut node = machine.connect(&gateway).await;
    let mut caller = Talk::admin(&gateway).await;
    let mut asking = invoke(machine.id(), "system.which", "p");
    asking["progress"] = json!(true);
    let id = caller.send("node.invoke", asking).await;
    let asked = node.event("node.invoke.request").await["payload"].clone();
    for (seq, chunk) in ["one", "two"].into_iter().enumerate() {
        let part = json!({ "invokeId": asked["id"], "nodeId": machine.id(), "seq": seq, "chunk": chunk });
        assert_eq!(node.call("p", "node.invoke.progress", part).await["payload"], json!({ "ok": true }));
        let told = caller.event("node.invoke.progress", |_| true).await;
        assert_eq!(
            (&told["chunk"], &told["seq"], &told["requestId"]),
            (&json!(chunk), &json!(seq), &json!(id)),
            "{told}"
        );
    }
    let long = json!({ "invokeId": asked["id"], "nodeId": machine.id(), "seq": 2, "chunk": "x".repeat(16_385) });
    assert_eq!(code(&node.call("l", "node.invoke.progress", long).await), "INVALID_PARAMS");
    let result = json!({ "id": asked["id"], "ok": true });
    node.call("r", "node.invoke.result", result).await;
    assert_eq!(caller.answer(&id).await["ok"], true);
}

#[tokio::test]
async fn work_waits_for_a_node_that_sleeps_and_survives_a_restart() {
    let gateway = TestGateway::start().await;
    let machine = Machine::new(3, &["camera.list"]).on("ios");
    let node = machine.connect(&gateway).await;
    drop(node);
    let mut owner = Talk::admin(&gateway).await;
    let work = json!({ "nodeId": machine.id(), "type": "location.request", "expiresInMs": 60_000 });
    let queued = owner.ok("node.pending.enqueue", work.clone()).await;
    assert_eq!(
        (&queued["queued"]["type"], &queued["wakeTriggered"]),
        (&json!("location.request"), &json!(false)),
        "{queued}"
    );
    let again = owner.ok("node.pending.enqueue", work).await;
    assert_eq!(again["queued"]["id"], queued["queued"]["id"], "the same waits once");
    let urgent = json!({ "nodeId": machine.id(), "type": "status.request", "priority": "high" });
    owner.ok("node.pending.enqueue", urgent).await;
    drop(owner);
    let gateway = gateway.restart(Setup::default()).await;
    let mut node = machine.connect(&gateway).await;
    let one = node.call("d", "node.pending.drain", json!({ "maxItems": 1 })).await;
    assert_eq!(
        (&one["payload"]["items"][0]["type"], &one["payload"]["hasMore"]),
        (&json!("status.request"), &json!(true)),
        "{one}"
    );
    let rest = node.call("d", "node.pending.drain", json!({})).await["payload"].clone();
    let kinds: Vec<&Value> = rest["items"].as_array().unwrap().iter().map(|item| &item["type"]).collect();
    assert_eq!(kinds, [&json!("location.request"), &json!("status.request")], "{rest}");
    assert_eq!((&rest["items"][1]["id"], &rest["hasMore"]), (&json!("baseline-status"), &json!(false)));

    // A phone in the background does what it was asked for once somebody looks at it.
    let mut owner = Talk::admin(&gateway).await;
    let id = owner.send("node.invoke", invoke(machine.id(), "camera.list", "bg")).await;
    answers(
        &mut node,
        json!({ "ok": false, "error": { "code": "NODE_BACKGROUND_UNAVAILABLE", "message": "in the background" } }),
    )
    .await;
    let answer = owner.answer(&id).await;
    assert_eq!(code(&answer), "QUEUED_UNTIL_FOREGROUND", "{answer}");
    assert_eq!(answer["error"]["retryable"], true);
    drop((owner, node));
    let gateway = gateway.restart(Setup::default()).await;
    let mut node = machine.connect(&gateway).await;
    let pulled = node.call("p", "node.pending.pull", json!({})).await["payload"].clone();
    assert_eq!(pulled["actions"][0]["command"], "camera.list", "{pulled}");
    assert_eq!(pulled["actions"][0]["paramsJSON"], "{\"bins\":[\"uname\"]}", "{pulled}");
    let acked = node.call("a", "node.pending.ack", json!({ "ids": [pulled["actions"][0]["id"]] })).await;
    assert_eq!(acked["payload"]["remainingCount"], 0, "{acked}");
    assert_eq!(node.call("p", "node.pending.pull", json!({})).await["payload"]["actions"], json!([]));

    let mut owner = Talk::admin(&gateway).await;
    for (bad, expected) in [
        (json!({ "nodeId": "nobody", "type": "status.request" }), "NOT_FOUND"),
        (json!({ "nodeId": machine.id(), "type": "other" }), "INVALID_PARAMS"),
        (json!({ "nodeId": machine.id(), "type": "status.request", "expiresInMs": 999 }), "INVALID_PARAMS"),
    ] {
        assert_eq!(code(&owner.call("node.pending.enqueue", bad.clone()).await), expected, "{bad}");
    }
    for (method, bad) in [
        ("node.pending.drain", json!({ "maxItems": 11 })),
        ("node.pending.ack", json!({ "ids": [] })),
        ("node.pending.pull", json!({ "x": 1 })),
    ] {
        assert_eq!(code(&node.call("b", method, bad).await), "INVALID_PARAMS", "{method}");
    }
}

#[tokio::test]
async fn work_that_is_too_old_is_given_up() {
    let (clock, time) = Clock::manual(1_800_000_000_000);
    let gateway = TestGateway::with(Setup { clock, ..Setup::default() }).await;
    let machine = Machine::new(3, &[]);
    let mut node = machine.connect(&gateway).await;
    let mut owner = Talk::admin(&gateway).await;
    let work = json!({ "nodeId": machine.id(), "type": "location.request", "expiresInMs": 1_000 });
    owner.ok("node.pending.enqueue", work).await;
    time.advance_ms(1_001);
    let items = node.call("d", "node.pending.drain", json!({})).await["payload"]["items"].clone();
    assert_eq!(items.as_array().unwrap().len(), 1, "{items}");
    assert_eq!(items[0]["id"], "baseline-status");
}

#[tokio::test]
async fn events_of_nodes_do_what_they_mean_or_say_that_nothing_was_done() {
    let gateway = TestGateway::start().await;
    let mut owner = Talk::admin(&gateway).await;
    let machine = Machine::new(4, &["system.notify"]);
    let mut node = machine.connect(&gateway).await;
    let told = |event: &str, payload: Value| json!({ "event": event, "payloadJSON": payload.to_string() });
    let alive = node.call("1", "node.event", told("node.presence.alive", json!({ "trigger": "manual" }))).await;
    let expected = json!({ "ok": true, "event": "node.presence.alive", "handled": true, "reason": "persisted" });
    assert_eq!(alive["payload"], expected, "{alive}");
    assert_eq!(row(&mut owner, machine.id()).await["lastSeenReason"], "manual");
    // An owner has not said yes, so the node hears nothing and starts nothing.
    for (event, payload) in
        [("chat.subscribe", json!({ "sessionKey": "main" })), ("voice.transcript", json!({ "text": "hello" }))]
    {
        let answer = node.call("2", "node.event", told(event, payload)).await;
        assert_eq!(answer["payload"]["reason"], "not_approved", "{answer}");
    }
    let request = row(&mut owner, machine.id()).await["pendingRequestId"].clone();
    owner.ok("node.pair.approve", json!({ "requestId": request })).await;
    let answer = node.call("3", "node.event", told("chat.subscribe", json!({ "sessionKey": "main" }))).await;
    assert_eq!(answer["payload"]["reason"], "subscribed", "{answer}");
    let answer = node.call("4", "node.event", told("voice.transcript", json!({ "text": "hello there" }))).await;
    assert_eq!(
        (&answer["payload"]["handled"], &answer["payload"]["reason"]),
        (&json!(true), &json!("accepted")),
        "{answer}"
    );
    let end = loop {
        let chat = node.event("chat").await;
        if chat["payload"]["state"] == "final" {
            break chat;
        }
    };
    assert_eq!(end["payload"]["sessionKey"], "agent:main:main", "{end}");
    node.call("5", "node.event", told("chat.unsubscribe", json!({ "sessionKey": "main" }))).await;
    let stats =
        json!({ "cpuCount": 8, "memoryTotalBytes": 100, "memoryFreeBytes": 50, "loadAverage": [0.5, 0.4, 0.3] });
    let answer = node.call("6", "node.event", told("node.host.stats", stats)).await;
    assert_eq!(answer["payload"]["handled"], true, "{answer}");
    owner.event("node.hostStats", |stats| stats["hostStats"]["cpuCount"] == 8).await;
    let answer = node.call("7", "node.event", told("node.presence.activity", json!({ "idleSeconds": 3 }))).await;
    assert_eq!(answer["payload"]["reason"], "updated", "{answer}");
    owner.event("node.presence", |presence| presence["lastActiveAtMs"].is_i64()).await;
    let shown = row(&mut owner, machine.id()).await;
    assert_eq!((&shown["hostStats"]["cpuCount"], shown["lastActiveAtMs"].is_i64()), (&json!(8), true), "{shown}");
    for (event, payload, reason) in [
        ("made.up", json!({}), "unsupported_event"),
        ("push.apns.register", json!({}), "unsupported_event"),
        ("node.presence.alive", json!({ "trigger": "nonsense" }), "invalid_payload"),
        ("node.presence.activity", json!({ "idleSeconds": -1 }), "invalid_payload"),
        ("node.host.stats", json!({ "cpuCount": "x" }), "invalid_payload"),
        ("voice.transcript", json!({ "text": "" }), "invalid_payload"),
        ("agent.request", json!({ "message": "/new" }), "needs_administrator"),
    ] {
        let answer = node.call("8", "node.event", told(event, payload)).await;
        assert_eq!(
            (&answer["payload"]["handled"], &answer["payload"]["reason"]),
            (&json!(false), &json!(reason)),
            "{answer}"
        );
    }
    // Clients of before hear no more than ok.
    let old = Machine::new(3, &[]);
    let mut node = old.connect(&gateway).await;
    let answer = node.call("9", "node.event", told("node.presence.alive", json!({ "trigger": "manual" }))).await;
    assert_eq!(answer["payload"], json!({ "ok": true }), "{answer}");
}

#[tokio::test]
async fn what_a_node_publishes_is_shown_for_as_long_as_it_is_there() {
    let gateway = TestGateway::start().await;
    let mut owner = Talk::admin(&gateway).await;
    let machine = Machine::new(4, &[]);
    let mut node = machine.connect(&gateway).await;
    let tool = json!({ "pluginId": "p", "name": "look", "description": "Looks." });
    let kept = node.call("1", "node.pluginTools.update", json!({ "tools": [tool] })).await;
    assert_eq!(kept["payload"], json!({ "nodeId": machine.id(), "tools": [tool] }), "{kept}");
    let skill = json!({ "name": "see-far", "description": "Sees.", "content": "Look up." });
    assert_eq!(node.call("2", "node.skills.update", json!({ "skills": [skill] })).await["ok"], true);
    let runners = json!({ "protocolFeatures": [] });
    assert_eq!(node.call("3", "node.runnerInventory.update", runners).await["ok"], true);
    let later = node.call("4", "node.pluginSurface.refresh", json!({ "surface": "canvas" })).await;
    assert_eq!((&later["error"]["code"], code(&later)), (&json!("UNAVAILABLE"), "NOT_IMPLEMENTED"), "{later}");
    let shown = row(&mut owner, machine.id()).await;
    assert_eq!(shown["nodePluginTools"], json!([tool]), "{shown}");
    assert_eq!(shown["nodeSkills"], json!([{ "name": "see-far", "description": "Sees." }]));
    assert_eq!(shown["runnerInventory"], json!({ "protocolFeatures": [] }));
    for (method, bad) in [
        ("node.pluginTools.update", json!({ "tools": [{ "pluginId": "p", "name": "1x", "description": "d" }] })),
        ("node.pluginTools.update", json!({ "tools": [{ "name": "x" }] })),
        (
            "node.pluginTools.update",
            json!({ "tools": vec![json!({ "pluginId": "p", "name": "x", "description": "d".repeat(60_000) }); 20] }),
        ),
        ("node.skills.update", json!({ "skills": [{ "name": "A", "description": "d", "content": "c" }] })),
        (
            "node.skills.update",
            json!({ "skills": vec![json!({ "name": "a", "description": "d", "content": "c" }); 65] }),
        ),
        ("node.runnerInventory.update", json!({ "protocolFeatures": ["x".repeat(20_000)] })),
    ] {
        assert_eq!(code(&node.call("5", method, bad).await), "INVALID_PARAMS", "{method}");
    }
    for method in ["node.pluginTools.update", "node.event", "node.pending.drain"] {
        assert_eq!(owner.call(method, json!({})).await["error"]["message"], "unauthorized role: operator", "{method}");
    }
    assert_eq!(node.call("6", "node.list", json!({})).await["error"]["message"], "unauthorized role: node");
    drop(node);
    let mut node = machine.connect(&gateway).await;
    node.call("7", "health", json!({})).await;
    assert_eq!(row(&mut owner, machine.id()).await["nodePluginTools"], json!([]));
}

#[tokio::test]
async fn a_node_that_declares_too_much_is_refused() {
    let gateway = TestGateway::start().await;
    let mut machine = Machine::new(4, &[]);
    let many: Vec<String> = (0..257).map(|at| format!("c{at}")).collect();
    machine.commands = many.iter().map(|word| &*word.clone().leak()).collect();
    let mut raw = gateway.raw().await;
    let nonce = raw.challenge().await;
    let refused = connect(&mut raw, &machine.params(&gateway, &nonce)).await;
    assert!(refused["error"]["message"].as_str().unwrap().contains("at most 256 commands"), "{refused}");
}

#[tokio::test]
async fn tools_of_before_announce_a_node_and_check_its_token() {
    let gateway = TestGateway::start().await;
    let mut owner = Talk::with(&gateway, with_protocol(3)).await;
    let announced = json!({ "nodeId": "phone-1", "displayName": "Phone", "platform": "ios", "caps": ["camera"] });
    let first = owner.ok("node.pair.request", announced.clone()).await;
    assert_eq!((&first["status"], &first["created"]), (&json!("pending"), &json!(true)), "{first}");
    owner.event("node.pair.requested", |asked| asked["nodeId"] == "phone-1").await;
    let again = owner.ok("node.pair.request", announced).await;
    assert_eq!((&again["created"], &again["request"]["requestId"]), (&json!(false), &first["request"]["requestId"]));
    let approved = owner.ok("node.pair.approve", json!({ "requestId": first["request"]["requestId"] })).await;
    let token = approved["node"]["token"].as_str().unwrap_or_else(|| panic!("no token: {approved}")).to_owned();
    let right = owner.ok("node.pair.verify", json!({ "nodeId": "phone-1", "token": token })).await;
    assert_eq!((&right["ok"], &right["node"]["displayName"]), (&json!(true), &json!("Phone")), "{right}");
    assert!(right["node"].get("token").is_none(), "told once: {right}");
    for (node, token) in [("phone-1", "wrong"), ("nobody", token.as_str())] {
        let wrong = owner.ok("node.pair.verify", json!({ "nodeId": node, "token": token })).await;
        assert_eq!(wrong, json!({ "ok": false }), "{wrong}");
    }
    let shown = row(&mut owner, "phone-1").await;
    assert_eq!((&shown["paired"], &shown["connected"]), (&json!(true), &json!(false)), "{shown}");
    let mut reader = Talk::with(&gateway, with_scopes(&["operator.read"])).await;
    for method in ["node.pair.request", "node.pair.verify", "node.pair.list", "node.rename", "node.pair.remove"] {
        assert_eq!(
            reader.call(method, json!({})).await["error"]["message"],
            "missing scope: operator.pairing",
            "{method}"
        );
    }
    for (method, bad) in [
        ("node.pair.request", json!({ "nodeId": "" })),
        ("node.pair.verify", json!({ "nodeId": "x" })),
        ("node.rename", json!({ "nodeId": "phone-1", "displayName": "  " })),
    ] {
        assert_eq!(code(&owner.call(method, bad).await), "INVALID_PARAMS", "{method}");
    }
    let unknown = owner.call("node.rename", json!({ "nodeId": "nobody", "displayName": "x" })).await;
    assert_eq!(code(&unknown), "NOT_FOUND", "{unknown}");
}

#[tokio::test]
async fn a_node_that_wants_it_is_told_by_the_gateway_alone_that_people_approved() {
    let gateway = TestGateway::start().await;
    let machine = Machine::new(3, &["system.run"]);
    let mut node = machine.connect(&gateway).await;
    let mut caller = Talk::admin(&gateway).await;
    let run = |key: &str| {
        let mut run = invoke(machine.id(), "system.run", key);
        run["params"] = json!({ "command": ["id", "-u"] });
        run
    };
    let wanted = json!({ "ok": false, "error": { "code": "APPROVAL_REQUIRED", "message": "not on the allowlist" } });
    // Nobody is there who could be asked: what the node says stands.
    let id = caller.send("node.invoke", run("nobody")).await;
    answers(&mut node, wanted.clone()).await;
    assert_eq!(caller.answer(&id).await["error"]["message"], "APPROVAL_REQUIRED: not on the allowlist");

    let mut params = with_scopes(&["operator.approvals"]);
    params["caps"] = json!(["exec-approvals"]);
    let mut reviewer = Talk::with(&gateway, params).await;
    for (decision, allowed) in [("allow-once", true), ("deny", false)] {
        let id = caller.send("node.invoke", run(decision)).await;
        answers(&mut node, wanted.clone()).await;
        let asked = reviewer.event("exec.approval.requested", |_| true).await;
        let request = &asked["request"];
        assert_eq!(
            (&request["command"], &request["host"], &request["nodeId"]),
            (&json!("id -u"), &json!("node"), &json!(machine.id())),
            "{asked}"
        );
        reviewer.ok("exec.approval.resolve", json!({ "id": asked["id"], "decision": decision })).await;
        if allowed {
            let again = answers(&mut node, json!({ "ok": true, "payload": { "exitCode": 0 } })).await;
            let told: Value = serde_json::from_str(again["paramsJSON"].as_str().unwrap()).unwrap();
            assert_eq!(told, json!({ "command": ["id", "-u"], "approved": true, "approvalDecision": "allow-once" }));
        }
        let answer = caller.answer(&id).await;
        assert_eq!(answer["ok"], allowed, "{answer}");
    }
}

#[tokio::test]
async fn an_approval_of_a_node_s_program_is_for_that_node_and_program_and_used_once() {
    let gateway = TestGateway::start().await;
    let machine = Machine::new(3, &["system.run"]);
    let elsewhere = Machine::new(3, &["system.run"]);
    let mut node = machine.connect(&gateway).await;
    let _other = elsewhere.connect(&gateway).await;
    let mut params = with_scopes(&["operator.approvals"]);
    params["caps"] = json!(["exec-approvals"]);
    let mut reviewer = Talk::with(&gateway, params).await;
    let mut caller = Talk::admin(&gateway).await;
    let ask = json!({
        "id": "one", "commandArgv": ["id", "-u"], "cwd": "/tmp", "host": "node", "nodeId": machine.id(), "sessionKey": "main",
        "twoPhase": true,
    });
    let request = caller.send("exec.approval.request", ask).await;
    caller.answer(&request).await;
    reviewer.ok("exec.approval.resolve", json!({ "id": "one", "decision": "allow-once" })).await;
    caller.answer(&request).await;
    let run = |node: &str, key: &str| {
        let mut run = invoke(node, "system.run", key);
        run["params"] = json!({ "command": ["id", "-u"], "cwd": "/tmp", "sessionKey": "main", "approvalId": "one" });
        run
    };
    for (field, value) in [
        ("command", json!(["id", "-g"])),
        ("cwd", json!("/")),
        ("env", json!({ "A": "1" })),
        ("sessionKey", json!("other")),
        ("agentId", json!("other")),
    ] {
        let mut other = run(machine.id(), field);
        other["params"][field] = value;
        assert_eq!(code(&caller.call("node.invoke", other).await), "APPROVAL_MISMATCH", "{field}");
    }
    assert_eq!(code(&caller.call("node.invoke", run(elsewhere.id(), "node")).await), "APPROVAL_MISMATCH");

    let id = caller.send("node.invoke", run(machine.id(), "good")).await;
    let told = answers(&mut node, json!({ "ok": true, "payload": { "exitCode": 0 } })).await;
    let told: Value = serde_json::from_str(told["paramsJSON"].as_str().unwrap()).unwrap();
    assert_eq!(
        told,
        json!({ "command": ["id", "-u"], "cwd": "/tmp", "sessionKey": "main", "approved": true, "approvalDecision": "allow-once" })
    );
    assert_eq!(caller.answer(&id).await["ok"], true);
    assert_eq!(code(&caller.call("node.invoke", run(machine.id(), "again")).await), "APPROVAL_ALREADY_USED");
}
