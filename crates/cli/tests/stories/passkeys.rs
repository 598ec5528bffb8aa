//! Somebody looks at passkeys from the gateway's own machine, where none is ever asked for.

use insta::assert_snapshot;
use serde_json::json;

use crate::home::Home;

#[test]
fn without_any_it_is_said_what_that_means() {
    let home = Home::new();
    let _gateway = home.gateway(&[]);
    assert_snapshot!(home.run(&["passkeys"]).told(), @r"
    exit 0
    --- out
    no passkey is registered (gateway.auth.passkeys.mode is optional)
    ");
    let json = home.run(&["passkeys", "list", "--json"]).json();
    assert_eq!((&json["passkeys"], &json["mode"]), (&json!([]), &json!("optional")));
    let gone = home.run(&["passkeys", "remove", "3f2a"]);
    assert!(gone.code == Some(1) && gone.told().contains("openclaw passkeys list"), "{}", gone.told());
}
