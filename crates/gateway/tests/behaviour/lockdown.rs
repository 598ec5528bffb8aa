//! The emergency stop: who is sent away, who gets in, what stops, and what comes back (spec 002, rollback).

use openclaw_testkit::{
    gateway::{Setup, TOKEN, TestGateway, connect_params},
    tailscale::FakeTailscale,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    audit,
    devices::{Device, closed, code},
    talk::Talk,
};

const READ: &[&str] = &["operator.read"];

async fn admin(gateway: &TestGateway) -> Talk {
    Talk::with(gateway, connect_params(&["operator.admin"])).await
}

fn open() -> Value {
    json!({
        "gateway": { "trustedProxies": ["127.0.0.1"], "http": { "endpoints": { "chatCompletions": { "enabled": true } } } },
        "hooks": { "enabled": true, "token": "hook-token-of-this-test-0123456789" },
        "channels": { "telegram": { "dmPolicy": "open", "allowFrom": ["*"] } },
        "spawn": { "allow": ["sh"] },
    })
}

async fn lock(talk: &mut Talk) -> Value {
    talk.ok("security.lockdown", json!({ "reason": "a laptop was stolen" })).await
}

fn document(gateway: &TestGateway) -> Value {
    serde_json::from_str(&std::fs::read_to_string(gateway.config_path()).unwrap()).unwrap()
}

fn state_of<'a>(outcome: &'a Value, path: &str) -> &'a Value {
    let changes = outcome["changes"].as_array().unwrap();
    changes.iter().find(|change| change["path"] == path).map_or(&Value::Null, |change| &change["state"])
}

#[tokio::test]
async fn everybody_else_is_sent_away_and_only_the_owner_of_the_host_gets_in() {
    let environment = vec![("PATH".to_owned(), "/usr/bin:/bin".to_owned())];
    let gateway = TestGateway::with(Setup { config: open(), environment, ..Setup::default() }).await;
    let device = Device::new();
    let (mut holder, hello) = device.connect(&gateway, json!({ "token": TOKEN }), READ).await;
    let device_token = hello["payload"]["auth"]["deviceToken"].as_str().unwrap().to_owned();
    let mut owner = admin(&gateway).await;
    let named = owner.ok("gateway.token.create", json!({ "name": "ci", "scopes": ["operator.read"] })).await;
    let mut with_named = connect_params(READ);
    with_named["auth"]["token"] = named["token"].clone();
    let mut reader = gateway.raw().await;
    assert_eq!(reader.shake(&with_named).await["ok"], true);
    let program = owner.ok("spawn", json!({ "command": "sh", "args": ["-c", "sleep 600"] })).await;

    let would = owner.ok("security.lockdown", json!({ "dryRun": true })).await;
    assert_eq!(
        (&would["locked"], &would["dryRun"], &would["stoppedPrograms"]),
        (&json!(false), &json!(true), &json!(1))
    );
    assert!(owner.ok("health", json!({})).await["lockdown"].is_null());
    let done = lock(&mut owner).await;
    assert_eq!(
        (&done["locked"], &done["already"], &done["problems"]),
        (&json!(true), &json!(false), &json!([])),
        "{done}"
    );
    assert_eq!(
        (&done["closedConnections"], &done["stoppedPrograms"], &done["revokedDeviceTokens"]),
        (&json!(2), &json!(1), &json!(1))
    );
    for raw in [&mut holder, &mut reader] {
        assert_eq!(closed(raw).await, (4001, "gateway locked down".to_owned()));
    }
    let listed = owner.ok("spawn.list", json!({})).await;
    assert_eq!(listed["spawns"][0]["status"], "killed", "{program} {listed}");
    let refused = owner.call("spawn", json!({ "command": "sh" })).await;
    assert_eq!(code(&refused), "LOCKED_DOWN", "{refused}");
    let file = document(&gateway);
    for (pointer, value) in [
        ("/tools/exec/security", json!("deny")),
        ("/tools/exec/ask", json!("always")),
        ("/channels/telegram/dmPolicy", json!("disabled")),
        ("/channels/telegram/allowFrom", json!([])),
        ("/hooks/enabled", json!(false)),
        ("/gateway/http/endpoints/chatCompletions/enabled", json!(false)),
        ("/spawn/allow", json!([])),
    ] {
        assert_eq!(file.pointer(pointer), Some(&value), "{pointer} of {file}");
    }

    for auth in [json!({ "deviceToken": device_token }), json!({})] {
        let (_, answer) = device.connect(&gateway, auth, READ).await;
        assert_ne!(answer["ok"], true, "{answer}");
    }
    let (_, stranger) = Device::new().connect(&gateway, json!({}), READ).await;
    assert_eq!(code(&stranger), "LOCKED_DOWN", "{stranger}");
    let mut again = gateway.raw().await;
    let answer = again.shake(&with_named).await;
    assert_eq!(code(&answer), "LOCKED_DOWN", "{answer}");
    assert!(answer["error"]["message"].as_str().unwrap().contains("locked down since"), "{answer}");
    let far = gateway.get("/", "x-forwarded-for: 203.0.113.7\r\n").await;
    assert!(far.starts_with("HTTP/1.1 503") && far.contains("locked_down"), "{far}");
    assert!(gateway.get("/", "").await.starts_with("HTTP/1.1 200"), "this machine still sees the page");
    let health = admin(&gateway).await.ok("health", json!({})).await;
    assert_eq!(
        (&health["lockdown"]["since"], &health["lockdown"]["reason"]),
        (&done["since"], &json!("a laptop was stolen"))
    );

    drop((holder, reader, owner));
    let gateway = gateway.restart(Setup { config: file, ..Setup::default() }).await;
    let mut again = gateway.raw().await;
    assert_eq!(code(&again.shake(&with_named).await), "LOCKED_DOWN", "it outlives a restart");
    let mut owner = admin(&gateway).await;
    let undone = owner.ok("security.lockdown", json!({ "undo": true })).await;
    assert_eq!((&undone["locked"], &undone["since"]), (&json!(false), &done["since"]), "{undone}");
    let file = document(&gateway);
    assert_eq!((&file["spawn"]["allow"], &file["tools"]), (&json!(["sh"]), &Value::Null), "{file}");
    assert_eq!(file["channels"], open()["channels"]);
    let mut again = gateway.raw().await;
    assert_eq!(again.shake(&with_named).await["ok"], true, "named tokens are good again");
    let (_, answer) = device.connect(&gateway, json!({ "token": TOKEN }), READ).await;
    assert_eq!(code(&answer), "PAIRING_REQUIRED", "the device must be approved again: {answer}");
    let records = audit::records(&gateway).await;
    let told = |event: &str| records.iter().find(|record| record.event.event == event).map(|record| &record.event);
    assert_eq!(told("security.lockdown").unwrap().detail["revokedDeviceTokens"], 1);
    assert!(told("security.lockdown.undone").unwrap().detail["paths"].as_array().unwrap().len() >= 7);
}

#[tokio::test]
async fn what_was_changed_meanwhile_stays_and_twice_is_once() {
    let gateway = TestGateway::with_config(open()).await;
    let mut owner = admin(&gateway).await;
    let none = owner.call("security.lockdown", json!({ "undo": true })).await;
    assert_eq!(code(&none), "NOT_FOUND", "{none}");
    let first = lock(&mut owner).await;
    let again = lock(&mut owner).await;
    assert_eq!(
        (&again["already"], &again["since"], &again["changes"]),
        (&json!(true), &first["since"], &json!([])),
        "{again}"
    );
    owner.ok("config.set", json!({ "path": "channels.telegram.dmPolicy", "value": "pairing" })).await;
    let would = owner.ok("security.lockdown", json!({ "undo": true, "dryRun": true })).await;
    assert_eq!(
        (&would["locked"], state_of(&would, "channels.telegram.dmPolicy")),
        (&json!(true), &json!("left")),
        "{would}"
    );
    let undone = owner.ok("security.lockdown", json!({ "undo": true })).await;
    assert_eq!(state_of(&undone, "channels.telegram.dmPolicy"), "left", "{undone}");
    assert_eq!(state_of(&undone, "hooks.enabled"), "changed", "{undone}");
    let file = document(&gateway);
    assert_eq!(
        (&file["channels"]["telegram"]["dmPolicy"], &file["hooks"]["enabled"]),
        (&json!("pairing"), &json!(true))
    );
    let bad = owner.call("security.lockdown", json!({ "undo": true, "force": true })).await;
    assert_eq!(code(&bad), "INVALID_PARAMS", "{bad}");
}

#[tokio::test]
async fn jobs_rest_and_a_file_that_cannot_be_used_stops_no_stop() {
    let gateway = TestGateway::start().await;
    let mut owner = admin(&gateway).await;
    assert_eq!(owner.ok("cron.status", json!({})).await["enabled"], true);
    gateway.edit_text("{ nonsense");
    let done = lock(&mut owner).await;
    assert_eq!(done["locked"], true, "{done}");
    assert!(done["problems"][0].as_str().unwrap().contains("configuration"), "{done}");
    assert_eq!(owner.ok("cron.status", json!({})).await["enabled"], false);
    let (_, stranger) = Device::new().connect(&gateway, json!({}), READ).await;
    assert_eq!(code(&stranger), "LOCKED_DOWN", "{stranger}");
    gateway.edit(&json!({}));
    gateway.reload().await;
    let again = lock(&mut owner).await;
    assert_eq!(
        (&again["problems"], state_of(&again, "tools.exec.security")),
        (&json!([]), &json!("changed")),
        "{again}"
    );
    owner.ok("security.lockdown", json!({ "undo": true })).await;
    assert_eq!(owner.ok("cron.status", json!({})).await["enabled"], true);
    assert!(document(&gateway)["tools"].is_null());
}

#[tokio::test]
async fn more_devices_than_one_transaction_takes_lose_their_tokens_all_of_them() {
    const DEVICES: usize = 300;
    let config = json!({ "gateway": {
        "auth": { "deviceAuth": { "maxDevicesPerUser": 1000 } }, "limits": { "preauthLoopback": 512 },
    } });
    let gateway = TestGateway::with_config(config).await;
    let mut devices = Vec::new();
    for _ in 0..DEVICES {
        let device = Device::new();
        let (_, hello) = device.connect(&gateway, json!({ "token": TOKEN }), READ).await;
        assert!(hello["payload"]["auth"]["deviceToken"].is_string(), "{hello}");
        devices.push(device);
    }
    let mut owner = admin(&gateway).await;
    let done = lock(&mut owner).await;
    assert_eq!((&done["revokedDeviceTokens"], &done["problems"]), (&json!(DEVICES), &json!([])), "{done}");
    let listed = owner.ok("device.pair.list", json!({})).await;
    let paired = listed["paired"].as_array().unwrap();
    let live = paired.iter().flat_map(|device| device["tokens"].as_array().into_iter().flatten());
    assert_eq!((paired.len(), live.filter(|token| token["revokedAtMs"].is_null()).count()), (DEVICES, 0), "{listed}");
    owner.ok("security.lockdown", json!({ "undo": true })).await;
    for device in [0, 254, 255, 256, DEVICES - 1].map(|at| &devices[at]) {
        let (_, answer) = device.connect(&gateway, json!({ "token": TOKEN }), READ).await;
        assert_eq!(code(&answer), "PAIRING_REQUIRED", "it must be approved again: {answer}");
    }
}

#[tokio::test]
async fn what_is_published_is_taken_back_stays_so_over_a_restart_and_comes_again_with_the_end() {
    let fake = FakeTailscale::new();
    let setup = |config: Value| Setup {
        config,
        environment: vec![("PATH".to_owned(), fake.folder().display().to_string())],
        ..Setup::default()
    };
    let gateway = TestGateway::with(setup(json!({ "gateway": { "tailscale": { "mode": "serve" } } }))).await;
    let door = fake.asked_for(" --bg --yes http://").await;
    let mut owner = admin(&gateway).await;
    let done = lock(&mut owner).await;
    assert_eq!(
        (&done["problems"], state_of(&done, "gateway.tailscale.mode")),
        (&json!([]), &json!("changed")),
        "{done}"
    );
    assert_eq!(fake.asked().last().unwrap(), "serve --yes --https=443 --set-path=/ off");
    assert_eq!(document(&gateway)["gateway"]["tailscale"]["mode"], "off");
    // Whoever still knows the door is sent away.
    let mut through = TcpStream::connect(&door).await.unwrap();
    let request = format!("GET / HTTP/1.1\r\nHost: {door}\r\nX-Forwarded-For: 100.64.0.7\r\nConnection: close\r\n\r\n");
    through.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let _ = through.read_to_string(&mut answer).await;
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("locked_down"), "{answer}");

    drop(owner);
    let asked = fake.asked().len();
    let locked = document(&gateway);
    let gateway = gateway.restart(setup(locked)).await;
    let mut owner = admin(&gateway).await;
    assert_eq!(owner.ok("health", json!({})).await["lockdown"]["reason"], "a laptop was stolen");
    assert!(!fake.asked()[asked..].iter().any(|line| line.contains("--bg")), "{:?}", fake.asked());
    let undone = owner.ok("security.lockdown", json!({ "undo": true })).await;
    assert_eq!(document(&gateway)["gateway"]["tailscale"]["mode"], "serve");
    drop(owner);
    let (asked, opened) = (fake.asked().len(), document(&gateway));
    let gateway = gateway.restart(setup(opened)).await;
    for _ in 0..2_000 {
        if fake.asked()[asked..].iter().any(|line| line.contains("serve --bg")) {
            return gateway.stop().await;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("it is not published again: {undone} {:?}", fake.asked());
}
