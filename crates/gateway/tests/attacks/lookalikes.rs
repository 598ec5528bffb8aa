//! Names that look like another one (T67): whoever has such a name is a stranger, and lists of names hold none.

use openclaw_testkit::gateway::{Raw, TOKEN, TestGateway, connect_params};
use serde_json::{Value, json};

use crate::devices::{self, Device};

/// Spellings that a person takes for `name`, or that a careless program folds to it.
fn lookalikes(name: &str) -> Vec<String> {
    let swapped = |from: char, to: char| name.replacen(from, &to.to_string(), 1);
    let at = |text: &str| format!("{}{text}{}", &name[..1], &name[1..]);
    let full_width: String = name
        .chars()
        .map(|c| if c.is_ascii_graphic() { char::from_u32(c as u32 + 0xfee0).unwrap() } else { c })
        .collect();
    let bold: String = name
        .chars()
        .map(|c| if c.is_ascii_lowercase() { char::from_u32(0x1d41a + c as u32 - 'a' as u32).unwrap() } else { c })
        .collect();
    let mut all = vec![
        swapped('a', 'а'),
        swapped('a', 'ɑ'),
        swapped('a', 'á'),
        swapped('e', 'е'),
        swapped('i', 'і'),
        swapped('i', 'ı'),
        swapped('n', 'ո'),
        swapped('o', 'ο'),
        swapped('p', 'р'),
        swapped('m', 'ｍ'),
        full_width,
        bold,
        name.to_uppercase(),
        format!("{}{}", name[..1].to_uppercase(), &name[1..]),
        at("\u{200b}"),
        at("\u{200d}"),
        at("\u{2060}"),
        at("\u{feff}"),
        at("\u{ad}"),
        at("\u{202e}"),
        at("\u{2066}"),
        at("\u{301}"),
        at("\u{e0061}"),
        at("\u{fe0f}"),
        at("\u{180e}"),
        at("\u{3164}"),
        at("\u{34f}"),
        format!("{name}\u{200b}"),
        format!("{name}\u{a0}"),
        format!("\u{202d}{name}"),
        format!("{name} "),
        format!(" {name}"),
        format!("{name}\t"),
    ];
    all.retain(|spelling| spelling != name);
    all
}

async fn admin(gateway: &TestGateway) -> Raw {
    let mut raw = gateway.raw().await;
    let hello = raw.shake(&connect_params(&["operator.admin"])).await;
    assert_eq!(hello["ok"], true, "{hello}");
    raw
}

#[tokio::test]
async fn t67_no_role_scope_client_or_agent_goes_by_a_name_that_looks_like_it() {
    let gateway = TestGateway::start().await;
    for role in lookalikes("operator").iter().chain(&lookalikes("node")) {
        let mut params = connect_params(&["operator.admin"]);
        params["role"] = json!(role);
        let answer = gateway.raw().await.shake(&params).await;
        assert_eq!(answer["ok"], false, "role {role:?}: {answer}");
    }
    let scopes: Vec<String> = ["operator.admin", "operator.read"].into_iter().flat_map(lookalikes).collect();
    let mut params = connect_params(&[]);
    params["scopes"] = json!(scopes);
    let hello = gateway.raw().await.shake(&params).await;
    assert_eq!(hello["payload"]["auth"]["scopes"], json!([]), "{hello}");
    // Who keeps scopes without a device is known by its name, and by no other.
    for client in lookalikes("cli") {
        let mut params = connect_params(&["operator.admin"]);
        params["client"]["id"] = json!(client);
        let answer = gateway.raw().await.shake(&params).await;
        assert!(
            answer["ok"] == false || answer["payload"]["auth"]["scopes"] == json!([]),
            "client {client:?}: {answer}"
        );
    }
    let mut owner = admin(&gateway).await;
    // Agents have one spelling in which letters of either case and spaces around count alike; all others are other names.
    for (at, agent) in lookalikes("main").iter().filter(|name| !name.is_ascii()).enumerate() {
        let params = json!({ "agentId": agent, "name": "AGENTS.md", "content": "planted" });
        let answer = owner.call(&format!("set-{at}"), "agents.files.set", params).await;
        assert_eq!(answer["ok"], false, "agent {agent:?}: {answer}");
        let made = owner.call(&format!("make-{at}"), "agents.create", json!({ "name": agent })).await;
        assert_ne!(made["payload"]["agentId"], "main", "agent {agent:?}: {made}");
    }
    for (at, token) in lookalikes("operator").iter().enumerate() {
        // Letters of other cases are another name, which rules do not know either.
        if token.is_ascii() && !token.contains([' ', '\t']) {
            continue;
        }
        let params = json!({ "name": token, "scopes": ["operator.read"] });
        let answer = owner.call(&format!("token-{at}"), "gateway.token.create", params).await;
        assert_eq!(answer["ok"], false, "token {token:?}: {answer}");
    }
}

#[tokio::test]
async fn t67_a_device_whose_label_looks_like_a_user_has_none_of_its_rights() {
    let roles = json!({ "gateway": { "auth": { "deviceAuth": { "maxDevicesPerUser": 100 } } }, "security": { "authorization": {
        "enabled": true,
        "roles": { "admin": { "permissions": ["*"], "channels": ["*"], "commands": ["*"] } },
        "users": { "ada": { "role": "admin" } },
    } } });
    let gateway = TestGateway::with_config(roles).await;
    let connected = async |label: &str| {
        let device = Device::new();
        let mut raw = gateway.raw().await;
        let nonce = raw.challenge().await;
        let auth = json!({ "token": TOKEN });
        let mut params = device.params(&gateway, &nonce, &auth, &["operator.read", "operator.write"]);
        params["client"]["displayName"] = json!(label);
        let hello = devices::connect(&mut raw, &params).await;
        (raw, hello)
    };
    let (mut ada, hello) = connected("ada").await;
    assert_eq!(hello["ok"], true, "{hello}");
    assert_eq!(ada.call("1", "sessions.list", json!({})).await["ok"], true, "the name itself counts");
    let mut let_in = 0;
    for label in lookalikes("ada") {
        let (mut raw, hello) = connected(&label).await;
        // It may be refused at once; let in, it may do nothing.
        if hello["ok"] == true {
            let_in += 1;
            let answer = raw.call("1", "sessions.list", json!({})).await;
            assert_eq!(devices::code(&answer), "ACCESS_DENIED", "label {label:?}: {answer}");
        }
    }
    assert!(let_in > 10, "{let_in} devices were let in");
}

#[tokio::test]
async fn t67_a_proxys_user_is_compared_letter_by_letter() {
    let gateway = TestGateway::with_config(json!({ "gateway": {
        "trustedProxies": ["127.0.0.1"],
        "auth": {
            "mode": "trusted-proxy", "token": null,
            "identityScopes": { "ann@example.com": ["operator.admin"] },
            "trustedProxy": { "userHeader": "X-Forwarded-User", "allowUsers": ["ann@example.com"], "allowLoopback": true },
        },
    } })).await;
    let asked = async |user: &str| {
        gateway.get("/metrics", &format!("X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-User: {user}\r\n")).await
    };
    let right = asked("ann@example.com").await;
    assert!(right.starts_with("HTTP/1.1 200"), "{right}");
    for user in lookalikes("ann@example.com") {
        // HTTP takes spaces around a value away, so this is the name itself.
        if user.trim_matches([' ', '\t']) == "ann@example.com" {
            continue;
        }
        let answer = asked(&user).await;
        assert!(!answer.starts_with("HTTP/1.1 2"), "user {user:?}: {answer}");
    }
}

#[tokio::test]
async fn t01_t67_an_origin_that_looks_like_an_allowed_one_is_refused_with_the_right_token() {
    let config = json!({ "gateway": { "controlUi": { "allowedOrigins": ["https://mc.example.com"] } } });
    let gateway = TestGateway::with_config(config).await;
    let connected = async |origin: &str| {
        let mut raw = gateway.raw_with(&[("origin", origin)]).await;
        raw.shake(&connect_params(&["operator.read"])).await
    };
    assert_eq!(connected("https://mc.example.com").await["ok"], true);
    let mut origins: Vec<String> = [
        "null",
        "https://evil.example",
        "http://127.0.0.1.evil.example",
        "https://mc.example.com.evil",
        "https://mc.example.com.evil.example",
        "https://evilmc.example.com",
        "https://mc.example.com@evil.example",
        "https://mc.example.com:443@evil.example",
        "HTTPS://MC.EXAMPLE.COM@evil",
        "https://mc.example.com:444",
        "http://mc.example.com",
        "https://mc.example.com/path",
        "https://mc.example.com/",
        "https://mc.example.com?x",
        "https://mc.example.com#x",
        "https://mc.example.com%2eevil.example",
        "https://mc.example.com\\evil",
        "https://mc.example.com, https://evil.example",
        "https://mc.example.com https://evil.example",
        "https://mc_example.com",
        "https://mcxexample.com",
        "https://xn--mc-exmple-com-1wl.example",
        "https:mc.example.com",
        "//mc.example.com",
        "mc.example.com",
        "ws://mc.example.com",
        "file://",
        "chrome-extension://mc.example.com",
        "https://[::1].mc.example.com",
        "https://mc.example.com..",
    ]
    .map(str::to_owned)
    .into();
    origins.extend(
        lookalikes("mc.example.com")
            .into_iter()
            .filter(|name| !name.eq_ignore_ascii_case("mc.example.com"))
            .map(|host| format!("https://{host}")),
    );
    // A header has no spaces around its value.
    origins.retain(|origin| origin.trim() == origin && !origin.ends_with('\t'));
    let host = gateway.authority();
    for origin in origins {
        if origin.is_ascii() {
            let answer = connected(&origin).await;
            let code = answer["error"]["details"]["code"].as_str().unwrap_or("none");
            assert_eq!(code, "CONTROL_UI_ORIGIN_NOT_ALLOWED", "{origin:?}: {answer}");
        }
        let request = format!(
            "POST /rpc/health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nOrigin: {origin}\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}"
        );
        let answer = gateway.tcp(request.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 403"), "{origin:?}: {answer}");
    }
}

#[tokio::test]
async fn t67_a_list_of_names_takes_none_that_hides_what_it_is() {
    let gateway = TestGateway::start().await;
    let mut owner = admin(&gateway).await;
    let mut number = 0;
    for name in
        ["аda", "ada\u{200b}", "a\u{202e}da", "аnn@example.com", "ａｄａ", "a\u{e0061}da", "a\u{ad}da", "рaul", "adа"]
    {
        for patch in [
            json!({ "security": { "authorization": { "users": { name: { "role": "admin" } } } } }),
            json!({ "security": { "authorization": { "roles": { name: { "permissions": ["*"] } } } } }),
            json!({ "gateway": { "auth": { "identityScopes": { name: ["operator.admin"] } } } }),
            json!({ "gateway": { "auth": { "trustedProxy": { "userHeader": "x-user", "allowUsers": [name] } } } }),
            json!({ "channels": { "telegram": { "botToken": "1:a", "allowFrom": [name] } } }),
            json!({ "channels": { "telegram": { "botToken": "1:a", "permissions": { "allowedUsers": [name] } } } }),
        ] {
            number += 1;
            let answer: Value = owner.call(&number.to_string(), "config.patch", json!({ "patch": patch })).await;
            let text = answer["error"].to_string();
            assert!(answer["ok"] == false && text.contains("looks like"), "{patch}: {answer}");
        }
    }
    // Names in one alphabet are names, whichever it is.
    for name in ["ada", "анна", "анна@example.com", "李雷", "José", "Ærøskøbing", "Ωmega-not"] {
        let patch = json!({ "security": { "authorization": { "users": { name: { "role": "admin" } }, "roles": { "admin": { "permissions": ["*"] } } } } });
        let answer = owner.call(&format!("fine-{name}"), "config.patch", json!({ "patch": patch })).await;
        let mixed = name.starts_with('Ω');
        assert_eq!(answer["ok"] == true, !mixed, "{name}: {answer}");
    }
}
