//! Who may do what, how often, and with which named token (A10, A13, A14).

use openclaw_core::Clock;
use openclaw_testkit::gateway::{Got, Raw, Setup, TestGateway, connect_params};
use serde_json::{Value, json};

use crate::{
    audit,
    devices::{Device, closed, code},
};

/// Roles of spec 004, with users who hold named tokens.
fn roles() -> Value {
    json!({ "gateway": { "tickIntervalMs": 1000 }, "security": { "authorization": {
        "enabled": true,
        "roles": {
            "admin": { "permissions": ["*"], "channels": ["*"], "commands": ["*"] },
            "user": { "permissions": ["read", "write"], "channels": ["whatsapp", "telegram"], "commands": ["help", "status", "ask"] },
            "readonly": { "permissions": ["read"], "channels": ["*"], "commands": ["help", "status"] },
            "keeper": { "permissions": ["cron.*"] },
        },
        "users": {
            "ada": { "role": "user", "channels": ["whatsapp"], "restrictions": { "maxMessages": 2, "timeWindow": "1h" } },
            "vera": { "role": "readonly" },
            "kim": { "role": "keeper" },
        },
    } } })
}

async fn admin(gateway: &TestGateway) -> Raw {
    let mut raw = gateway.raw().await;
    let hello = raw.shake(&connect_params(&["operator.admin"])).await;
    assert_eq!(hello["ok"], true, "{hello}");
    raw
}

/// Makes a token that grants everything, so that only roles narrow it.
async fn token(admin: &mut Raw, name: &str) -> String {
    let params = json!({ "name": name, "scopes": ["operator.admin"] });
    let made = admin.call(&format!("make-{name}"), "gateway.token.create", params).await;
    made["payload"]["token"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned()
}

async fn connected(gateway: &TestGateway, token: &str) -> (Raw, Value) {
    let mut raw = gateway.raw().await;
    let mut params = connect_params(&["operator.admin"]);
    params["auth"] = json!({ "token": token });
    let hello = raw.shake(&params).await;
    (raw, hello)
}

#[tokio::test]
async fn a_role_narrows_what_scopes_grant_and_the_refusal_and_the_audit_name_the_rule() {
    let gateway = TestGateway::with_config(roles()).await;
    let mut owner = admin(&gateway).await;
    let (vera, ada, kim, nobody) = (
        token(&mut owner, "vera").await,
        token(&mut owner, "ada").await,
        token(&mut owner, "kim").await,
        token(&mut owner, "nobody").await,
    );
    let (mut reader, hello) = connected(&gateway, &vera).await;
    let methods = hello["payload"]["features"]["methods"].to_string();
    assert!(methods.contains("\"chat.history\"") && !methods.contains("\"chat.send\""), "{methods}");
    assert_eq!(reader.call("1", "sessions.list", json!({})).await["ok"], true);
    let refused = reader.call("2", "cron.add", json!({})).await;
    assert_eq!(code(&refused), "ACCESS_DENIED", "{refused}");
    let rule = "security.authorization.roles.readonly.commands does not hold the command";
    assert_eq!(refused["error"]["details"]["rule"], rule, "{refused}");
    assert_eq!(
        (&refused["error"]["details"]["user"], &refused["error"]["details"]["role"]),
        (&json!("vera"), &json!("readonly"))
    );
    // Whoever may not do everything learns nothing about which methods exist.
    let unknown = reader.call("3", "no.such.method", json!({})).await;
    assert_eq!((code(&unknown), &unknown["error"]["details"]["rule"]), ("ACCESS_DENIED", &json!(rule)), "{unknown}");

    let (mut keeper, _) = connected(&gateway, &kim).await;
    assert_eq!(keeper.call("1", "cron.list", json!({})).await["ok"], true);
    assert_eq!(code(&keeper.call("2", "sessions.list", json!({})).await), "ACCESS_DENIED");
    let (mut stranger, _) = connected(&gateway, &nobody).await;
    let refused = stranger.call("1", "sessions.list", json!({})).await;
    assert!(refused["error"]["message"].as_str().unwrap().contains("has nobody of this name"), "{refused}");
    assert_eq!(stranger.call("2", "ping", json!({})).await["ok"], true, "what everybody may");

    let (mut user, _) = connected(&gateway, &ada).await;
    let foreign = user
        .call("1", "send", json!({ "channel": "telegram", "to": "1", "message": "x", "idempotencyKey": "k" }))
        .await;
    assert_eq!(
        foreign["error"]["details"]["rule"], "security.authorization.users.ada.channels does not hold the channel",
        "{foreign}"
    );

    // The owner of the host is never locked out, and what it did names that rule.
    let patched = owner.call("p", "sessions.patch", json!({ "key": "main", "pinned": true })).await;
    assert_eq!(patched["ok"], true, "{patched}");
    let records = audit::records(&gateway).await;
    let denied: Vec<_> = records.iter().filter(|record| record.event.event == "authz.denied").collect();
    assert!(
        denied.iter().any(|record| record.event.detail["rule"] == rule && record.event.actor == "access:vera"),
        "{denied:?}"
    );
    let made = records.iter().find(|record| record.event.method.as_deref() == Some("gateway.token.create")).unwrap();
    assert!(made.event.reason.as_deref().unwrap().contains("on its own host"), "{made:?}");
}

#[tokio::test]
async fn an_event_needs_the_right_to_read_and_rules_hold_at_once() {
    let gateway = TestGateway::with_config(roles()).await;
    let mut owner = admin(&gateway).await;
    let (vera, kim) = (token(&mut owner, "vera").await, token(&mut owner, "kim").await);
    let ((mut reader, _), (mut keeper, _)) = (connected(&gateway, &vera).await, connected(&gateway, &kim).await);
    let names = async |raw: &mut Raw| {
        let mut names = Vec::new();
        while names.last().is_none_or(|name| name != "tick") {
            if let Got::Frame(frame) = raw.next().await
                && let Some(name) = frame["event"].as_str()
            {
                names.push(name.to_owned());
            }
        }
        names
    };
    let job = json!({ "name": "j", "enabled": false, "schedule": { "kind": "every", "everyMs": 3_600_000 }, "sessionTarget": "main",
        "wakeMode": "next-heartbeat", "payload": { "kind": "systemEvent", "text": "x" } });
    let added = owner.call("c", "cron.add", job).await;
    assert_eq!(added["ok"], true, "{added}");
    let (of_reader, of_keeper) = (names(&mut reader).await, names(&mut keeper).await);
    assert!(of_reader.contains(&"cron".to_owned()), "{of_reader:?}");
    assert!(!of_keeper.contains(&"cron".to_owned()) && !of_keeper.contains(&"presence".to_owned()), "{of_keeper:?}");

    let mut more = roles();
    more["security"]["authorization"]["users"]["vera"]["role"] = json!("keeper");
    gateway.edit(&more);
    gateway.reload().await;
    assert_eq!(code(&reader.call("9", "sessions.list", json!({})).await), "ACCESS_DENIED");
}

#[tokio::test]
async fn messages_of_a_user_are_bounded_by_its_restrictions() {
    let gateway = TestGateway::with_config(roles()).await;
    let mut owner = admin(&gateway).await;
    let ada = token(&mut owner, "ada").await;
    let (mut user, _) = connected(&gateway, &ada).await;
    for at in 0..2 {
        let params = json!({ "sessionKey": "main", "message": "hello", "idempotencyKey": format!("k{at}") });
        let answer = user.call(&format!("m{at}"), "chat.send", params).await;
        assert_eq!(answer["ok"], true, "{answer}");
    }
    let third =
        user.call("m3", "chat.send", json!({ "sessionKey": "main", "message": "hello", "idempotencyKey": "k3" })).await;
    assert_eq!((code(&third), third["error"]["retryable"].as_bool()), ("RATE_LIMITED", Some(true)), "{third}");
    assert!(third["error"]["retryAfterMs"].as_u64().unwrap() > 0, "{third}");
    assert_eq!(third["error"]["details"]["rule"], "security.authorization.users.ada.restrictions");
}

#[tokio::test]
async fn requests_are_limited_and_what_does_not_count_is_given_back() {
    let (clock, time) = Clock::manual(1_764_000_000_000);
    let limits = json!({ "security": { "rateLimit": {
        "perUser": { "windowMs": 60_000, "maxRequests": 4, "skipFailedRequests": true },
        "commandLimits": { "config": { "windowMs": 3_600_000, "maxRequests": 1 } },
    } } });
    let gateway = TestGateway::with(Setup { config: limits, clock, ..Setup::default() }).await;
    let mut owner = admin(&gateway).await;
    for at in 0..6 {
        let answer = owner.call(&format!("bad{at}"), "sessions.describe", json!({})).await;
        assert_ne!(code(&answer), "RATE_LIMITED", "a failed one does not count: {answer}");
    }
    for at in 0..4 {
        assert_eq!(owner.call(&format!("good{at}"), "ping", json!({})).await["ok"], true);
    }
    let over = owner.call("over", "ping", json!({})).await;
    assert_eq!((code(&over), &over["error"]["retryAfterMs"]), ("RATE_LIMITED", &json!(15_000)), "{over}");
    assert_eq!(over["error"]["details"]["rule"], "security.rateLimit.perUser");
    time.advance_ms(15_000);
    assert_eq!(owner.call("later", "ping", json!({})).await["ok"], true);
    time.advance_ms(60_000);
    assert_eq!(owner.call("c1", "config.schema.lookup", json!({ "path": "gateway.port" })).await["ok"], true);
    let second = owner.call("c2", "config.schema.lookup", json!({ "path": "gateway.port" })).await;
    assert_eq!(second["error"]["details"]["rule"], "security.rateLimit.commandLimits.config", "{second}");
}

#[tokio::test]
async fn rules_that_name_what_there_is_not_are_refused() {
    let gateway = TestGateway::start().await;
    let mut owner = admin(&gateway).await;
    for (at, (patch, key)) in [
        (json!({ "authorization": { "roles": { "r": { "permissions": ["wriet"] } } } }), "roles.r.permissions[0]"),
        (json!({ "authorization": { "roles": { "r": { "permissions": ["confg.*"] } } } }), "roles.r.permissions[0]"),
        (json!({ "rateLimit": { "commandLimits": { "aks": { "maxRequests": 1 } } } }), "commandLimits.aks"),
        (json!({ "rateLimit": { "roleLimits": { "boss": { "maxRequests": 1 } } } }), "roleLimits.boss"),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = owner.call(&format!("c{at}"), "config.patch", json!({ "patch": { "security": patch } })).await;
        assert!(answer["ok"] == false && answer["error"]["message"].as_str().unwrap().contains(key), "{answer}");
    }
}

#[tokio::test]
async fn a_named_token_is_shown_once_bounded_rotated_and_revoked() {
    let gateway = TestGateway::with_config(
        json!({ "gateway": { "auth": { "tokenConfig": { "maxTokens": 2, "tokenLength": 16 } } } }),
    )
    .await;
    let mut owner = admin(&gateway).await;
    let first = token(&mut owner, "first").await;
    assert!(first.starts_with("oct_"), "{first}");
    token(&mut owner, "second").await;
    let third = owner.call("3", "gateway.token.create", json!({ "name": "third", "scopes": ["operator.read"] })).await;
    let text = third["error"]["message"].as_str().unwrap();
    assert!(text.contains("maxTokens") && text.contains("\"first\""), "{third}");
    let listed = owner.call("l", "gateway.token.list", json!({})).await;
    assert!(!listed.to_string().contains(&first), "{listed}");
    let names: Vec<&str> =
        listed["payload"]["tokens"].as_array().unwrap().iter().filter_map(|row| row["name"].as_str()).collect();
    assert_eq!(names, ["first", "second"]);

    let (mut holder, hello) = connected(&gateway, &first).await;
    assert_eq!(hello["payload"]["auth"]["scopes"], json!(["operator.admin"]), "{hello}");
    let rotated = owner.call("r", "gateway.token.rotate", json!({ "name": "first" })).await;
    let fresh = rotated["payload"]["token"].as_str().unwrap().to_owned();
    assert_eq!(closed(&mut holder).await.0, 4001);
    assert_eq!(code(&connected(&gateway, &first).await.1), "AUTH_ACCESS_TOKEN_MISMATCH");
    let (mut holder, _) = connected(&gateway, &fresh).await;
    let revoked = owner.call("x", "gateway.token.revoke", json!({ "name": "first" })).await;
    assert_eq!(revoked["payload"]["status"], "revoked", "{revoked}");
    assert_eq!(closed(&mut holder).await.0, 4001);
    assert_eq!(code(&connected(&gateway, &fresh).await.1), "AUTH_ACCESS_TOKEN_REVOKED");
    let gateway = gateway.restart(Setup::default()).await;
    assert_eq!(code(&connected(&gateway, &fresh).await.1), "AUTH_ACCESS_TOKEN_REVOKED");
}

#[tokio::test]
async fn a_token_grants_no_more_than_its_maker_and_its_end_has_its_own_code() {
    let (clock, time) = Clock::manual(1_764_000_000_000);
    let config = json!({ "gateway": { "auth": { "tokenConfig": { "expiration": "4h", "refreshEnabled": true } } } });
    let gateway = TestGateway::with(Setup { config, clock, ..Setup::default() }).await;
    let mut owner = admin(&gateway).await;
    let made = token(&mut owner, "ci").await;
    let (_, hello) = connected(&gateway, &made).await;
    assert!(hello["payload"]["auth"]["deviceToken"].is_null(), "{hello}");
    time.advance_ms(3 * 3_600_000 + 1);
    let (_, hello) = connected(&gateway, &made).await;
    let fresh = hello["payload"]["auth"]["deviceToken"].as_str().unwrap_or_else(|| panic!("{hello}")).to_owned();
    assert!(fresh.starts_with("oct_") && fresh != made);
    let (_, again) = connected(&gateway, &made).await;
    assert_eq!(again["ok"], true, "the old one holds until its end: {again}");
    time.advance_ms(3_600_000);
    assert_eq!(code(&connected(&gateway, &made).await.1), "AUTH_ACCESS_TOKEN_EXPIRED");
    let (_, hello) = connected(&gateway, &fresh).await;
    assert_eq!(hello["ok"], true, "{hello}");
}

#[tokio::test]
async fn nobody_stays_connected_past_the_end_of_their_token() {
    let (clock, time) = Clock::manual(1_764_000_000_000);
    let config = json!({ "gateway": { "tickIntervalMs": 1000, "auth": { "tokenConfig": { "expiration": "4h" } } } });
    let gateway = TestGateway::with(Setup { config, clock, ..Setup::default() }).await;
    let mut owner = admin(&gateway).await;
    let made = token(&mut owner, "ci").await;
    let (mut holder, _) = connected(&gateway, &made).await;
    time.advance_ms(4 * 3_600_000 - 1);
    assert_eq!(holder.call("a", "ping", json!({})).await["ok"], true, "its time is not over");
    time.advance_ms(1);
    assert_eq!(closed(&mut holder).await, (4001, "access token expired".to_owned()));
    assert_eq!(owner.call("b", "ping", json!({})).await["ok"], true, "others stay");
}

#[tokio::test]
async fn a_device_has_as_many_connections_as_it_may() {
    let gateway = TestGateway::with_config(json!({ "gateway": { "limits": { "connectionsPerDevice": 2 } } })).await;
    let device = Device::new();
    let auth = json!({ "token": openclaw_testkit::gateway::TOKEN });
    let (_one, first) = device.connect(&gateway, auth.clone(), &["operator.read"]).await;
    let (_two, second) = device.connect(&gateway, auth.clone(), &["operator.read"]).await;
    assert!(first["ok"] == true && second["ok"] == true, "{first} {second}");
    let (_, third) = device.connect(&gateway, auth.clone(), &["operator.read"]).await;
    assert_eq!(code(&third), "TOO_MANY_CONNECTIONS", "{third}");
    let (_other, other) = Device::new().connect(&gateway, auth, &["operator.read"]).await;
    assert_eq!(other["ok"], true, "{other}");
}

#[tokio::test]
async fn a_rotated_token_ends_what_the_old_one_let_in() {
    let gateway = TestGateway::start().await;
    let mut owner = admin(&gateway).await;
    let stale = owner.call("s", "gateway.secret.rotate", json!({ "baseHash": "0".repeat(64) })).await;
    assert_eq!((&stale["ok"], closed_is_open(&mut owner).await), (&json!(false), true), "{stale}");
    let rotated = owner.call("r", "gateway.secret.rotate", json!({ "reason": "laptop lost" })).await;
    assert_eq!((&rotated["ok"], &rotated["payload"]["closedSessions"]), (&json!(true), &json!(1)), "{rotated}");
    let records = audit::records(&gateway).await;
    assert!(records.iter().any(|record| record.event.event == "auth.token.rotated"), "it is kept before the answer");
    assert_eq!(closed(&mut owner).await.0, 4001);
    let mut raw = gateway.raw().await;
    assert_eq!(code(&raw.shake(&connect_params(&["operator.read"])).await), "AUTH_TOKEN_MISMATCH");
    let text = std::fs::read_to_string(gateway.config_path()).unwrap();
    assert!(!text.contains(openclaw_testkit::gateway::TOKEN), "{text}");
}

async fn closed_is_open(raw: &mut Raw) -> bool {
    raw.call("still", "ping", json!({})).await["ok"] == true
}

#[tokio::test]
async fn nobody_makes_a_token_by_whose_name_roles_allow_more_than_they_may() {
    let mut config = roles();
    config["security"]["authorization"]["roles"]["keeper"]["permissions"] = json!(["gateway.token.*"]);
    let gateway = TestGateway::with_config(config).await;
    let mut owner = admin(&gateway).await;
    let kim = token(&mut owner, "kim").await;
    token(&mut owner, "vera").await;
    let (mut keeper, _) = connected(&gateway, &kim).await;
    for (at, (method, name)) in
        [("gateway.token.create", "ada"), ("gateway.token.rotate", "vera")].into_iter().enumerate()
    {
        let mut params = json!({ "name": name });
        if method.ends_with("create") {
            params["scopes"] = json!(["operator.read"]);
        }
        let denied = keeper.call(&format!("d{at}"), method, params).await;
        assert_eq!(code(&denied), "ACCESS_DENIED", "{method}: {denied}");
        assert!(denied["error"]["details"]["method"].is_string(), "{denied}");
    }
    let params = json!({ "name": "nobody-known", "scopes": ["operator.read"] });
    let made = keeper.call("m", "gateway.token.create", params).await;
    assert_eq!(made["ok"], true, "roles allow that name nothing: {made}");
}

#[tokio::test]
async fn a_name_in_a_parameter_takes_nobody_out_of_the_count_of_a_channel() {
    let (clock, _time) = Clock::manual(1_764_000_000_000);
    let limits = json!({ "security": { "rateLimit": { "perChannel": { "windowMs": 60_000, "maxRequests": 1 } } } });
    let gateway = TestGateway::with(Setup { config: limits, clock, ..Setup::default() }).await;
    let mut owner = admin(&gateway).await;
    let params =
        |at: u32| json!({ "message": "hello", "channel": format!("made-up-{at}"), "idempotencyKey": format!("k{at}") });
    let first = owner.call("a0", "agent", params(0)).await;
    assert_eq!(first["ok"], true, "{first}");
    for at in 1..3 {
        let over = owner.call(&format!("a{at}"), "agent", params(at)).await;
        assert_eq!(over["error"]["details"]["rule"], "security.rateLimit.perChannel", "{over}");
    }
    let created = owner.call("c", "sessions.create", json!({ "key": "other", "message": "hello" })).await;
    assert_eq!(created["error"]["details"]["rule"], "security.rateLimit.perChannel", "{created}");
    let quiet = owner.call("q", "sessions.create", json!({ "key": "other" })).await;
    assert_eq!(quiet["ok"], true, "what asks nothing is not counted: {quiet}");
}
