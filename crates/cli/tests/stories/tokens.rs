//! The gateway's token is made, replaced and listed; and somebody asks who may do what.

use insta::assert_snapshot;
use serde_json::json;

use crate::home::Home;

fn token_in(home: &Home) -> String {
    let text = std::fs::read_to_string(home.state().join("openclaw.json")).expect("there is a configuration");
    text.split("token: \"").nth(1).and_then(|rest| rest.split('"').next()).expect("a token").to_owned()
}

/// Whether any file below the state directory holds this text.
fn is_anywhere(folder: &std::path::Path, text: &str) -> bool {
    std::fs::read_dir(folder).expect("there is a folder").flatten().any(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return is_anywhere(&path, text);
        }
        std::fs::read(&path).is_ok_and(|bytes| bytes.windows(text.len()).any(|window| window == text.as_bytes()))
    })
}

#[test]
fn a_token_is_made_and_shown_or_set_and_not_shown() {
    let home = Home::new();
    let made = home.run(&["gateway", "generate-token"]);
    assert_eq!((made.code, made.out.trim().len()), (Some(0), 43), "{}", made.told());
    let hex = home.run(&["gateway", "generate-token", "--length", "16", "--format", "hex", "--json"]).json();
    assert_eq!((hex["token"].as_str().unwrap().len(), &hex["written"]), (32, &json!(false)), "{hex}");
    assert_eq!(home.run(&["gateway", "generate-token", "--length", "15"]).code, Some(2));

    let _gateway = home.gateway(&[]);
    let before = token_in(&home);
    let set = home.run(&["gateway", "generate-token", "--write", "--json"]).json();
    assert!(set["token"].is_null() && set["written"] == json!(true), "{set}");
    assert_ne!(token_in(&home), before);
    assert!(!is_anywhere(&home.state(), &before));
    assert_eq!(home.run(&["health"]).code, Some(0));
}

#[test]
fn a_rotated_token_is_in_force_at_once_and_the_old_one_is_nowhere() {
    let home = Home::new();
    let gateway = home.gateway(&[]);
    let before = token_in(&home);
    std::fs::write(home.state().join("openclaw.json.bak"), format!("{{token: \"{before}\"}}")).unwrap();
    let rotated = home.run(&["gateway", "rotate-token", "--reason", "laptop lost", "--json"]);
    assert_eq!(rotated.code, Some(0), "{}", rotated.told());
    let told = rotated.json();
    assert_ne!(told["fingerprint"], told["previousFingerprint"], "{told}");
    assert_ne!(token_in(&home), before);
    assert!(!is_anywhere(&home.state(), &before), "the old token stayed behind");
    assert_eq!(home.run(&["health", "--token", &before]).code, Some(4));
    assert_eq!(home.run(&["health"]).code, Some(0));
    drop(gateway);

    let unreachable = home.run(&["gateway", "rotate-token"]);
    assert!(unreachable.code == Some(3) && unreachable.err.contains("--offline"), "{}", unreachable.told());
    let before = token_in(&home);
    assert_eq!(home.run(&["gateway", "rotate-token", "--offline"]).code, Some(0));
    assert!(token_in(&home) != before && !is_anywhere(&home.state(), &before));
}

#[test]
fn a_token_that_a_flag_or_a_variable_overrides_is_not_rotated() {
    let mut home = Home::new();
    let gateway = home.gateway(&["--token", "the-right-token-of-this-story-0123"]);
    let flag = home.run(&["gateway", "rotate-token", "--token", "the-right-token-of-this-story-0123"]);
    assert!(flag.code == Some(2) && flag.err.contains("--token"), "{}", flag.told());
    drop(gateway);
    home.set("OPENCLAW_GATEWAY_TOKEN", "another-token-of-this-story-012345");
    let variable = home.run(&["gateway", "rotate-token", "--offline"]);
    assert!(variable.code == Some(2) && variable.err.contains("OPENCLAW_GATEWAY_TOKEN"), "{}", variable.told());
}

#[test]
fn tokens_are_listed_without_a_token() {
    let home = Home::new();
    let _gateway = home.gateway(&[]);
    let params = r#"{"name":"ci","scopes":["operator.read"]}"#;
    let made = home.run(&["gateway", "call", "gateway.token.create", "--params", params, "--json"]).json();
    let secret = made["token"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
    let list = home.run(&["gateway", "list-tokens", "--json"]);
    let rows = list.json();
    let kinds: Vec<&str> = rows["tokens"].as_array().unwrap().iter().filter_map(|row| row["kind"].as_str()).collect();
    assert_eq!(kinds, ["shared", "named"], "{rows}");
    let table = home.run(&["gateway", "list-tokens"]);
    for ran in [&list, &table] {
        assert!(!ran.out.contains(&secret[4..]) && !ran.out.contains(&token_in(&home)), "{}", ran.told());
    }
    assert!(table.out.starts_with("KIND "), "{}", table.told());
}

#[test]
fn who_may_do_what_is_explained_with_the_rule() {
    let home = Home::new();
    home.write_config(
        r#"{security: {authorization: {enabled: true,
            roles: {user: {permissions: ["read", "write"], channels: ["whatsapp"], commands: ["help", "status", "ask"]}},
            users: {ada: {role: "user"}}}},
          channels: {whatsapp: {permissions: {blockedUsers: ["spam_user"]}}}}"#,
    );
    let explain =
        |user: &str, action: &str| home.run(&["security", "explain", "--user", user, "--action", action]).told();
    assert_snapshot!(explain("ada", "chat.send"), @r#"
    exit 0
    --- out
    chat.send by ada: allowed
      rule: security.authorization.roles.user.permissions[1]
      role: user
      besides, the credential must grant operator.write
    "#);
    assert_snapshot!(explain("ada", "config.set"), @r#"
    exit 2
    --- out
    config.set by ada: refused
      rule: security.authorization.roles.user.commands does not hold the command
      role: user
      besides, the credential must grant operator.admin
    "#);
    assert_snapshot!(explain("whatsapp:spam_user", "ask"), @r#"
    exit 2
    --- out
    ask by whatsapp:spam_user: refused
      rule: channels.whatsapp.permissions.blockedUsers holds the user
    "#);
    let nonsense = home.run(&["security", "explain", "--user", "ada", "--action", "fly"]);
    assert_eq!(nonsense.code, Some(2), "{}", nonsense.told());
    let json = home.run(&["security", "explain", "--user", "ada", "--action", "ask", "--json"]).json();
    assert_eq!((&json["decision"]["allowed"], &json["decision"]["role"]), (&json!(true), &json!("user")), "{json}");
}
