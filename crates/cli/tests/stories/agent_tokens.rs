//! An agent's program gets a token, uses it, and loses it.

use crate::home::Home;

#[test]
fn a_token_is_made_shown_once_listed_and_withdrawn() {
    let home = Home::new();
    let _gateway = home.gateway(&[]);
    assert_eq!(home.run(&["agents", "token"]).out, "no agent has a token\n");
    let made = home.run(&["agents", "token", "create", "main"]);
    assert_eq!(made.code, Some(0), "{}", made.told());
    let token = made.out.lines().find(|line| line.starts_with("oat_")).expect("the token").to_owned();
    let list = home.run(&["agents", "token", "list"]);
    assert!(
        list.out.contains("main") && list.out.contains("live") && !list.out.contains(&token[4..]),
        "{}",
        list.told()
    );
    let again = home.run(&["agents", "token", "create", "main"]);
    assert!(again.code == Some(4) || again.code == Some(1), "{}", again.told());
    let rotated = home.run(&["agents", "token", "rotate", "main", "--json"]).json();
    assert!(rotated["token"].as_str().is_some_and(|fresh| fresh != token), "{rotated}");
    let revoked = home.run(&["agents", "token", "revoke", "main"]);
    assert_eq!(
        (revoked.code, revoked.out.as_str()),
        (Some(0), "the token of main is withdrawn\n"),
        "{}",
        revoked.told()
    );
    assert!(home.run(&["agents", "token", "list"]).out.contains("revoked"));
}
