use openclaw_protocol::{Dialect, Scope};

use super::*;
use crate::testing::{Knock, policy};

fn holds(scopes: &[&str]) -> AccessToken {
    AccessToken::Holds { id: "1".to_owned(), name: "ci".to_owned(), scopes: Scopes::parse(scopes.iter().copied()) }
}

fn shown() -> Knock {
    Knock::cli().remote().token("oct_something")
}

#[test]
fn what_is_granted_was_asked_for_and_is_the_tokens() {
    let knock = shown().scopes(&["operator.admin", "operator.read"]);
    let Decision::Accept(admission) = decide_access(&knock.attempt(), &policy(), holds(&["operator.write"])) else {
        panic!("let in");
    };
    assert_eq!(admission.auth_method, AuthMethod::AccessToken);
    assert!(admission.principal.may(Scope::Read) && !admission.principal.may(Scope::Write));
    assert!(!admission.principal.owns_the_host());
    let mut silent = shown();
    silent.scopes = None;
    let Decision::Accept(nothing) = decide_access(&silent.attempt(), &policy(), holds(&["operator.write"])) else {
        panic!("let in");
    };
    assert!(!nothing.principal.may(Scope::Read), "scopes that nobody asked for are not granted");
    silent.surface = Surface::Http;
    let Decision::Accept(all) = decide_access(&silent.attempt(), &policy(), holds(&["operator.write"])) else {
        panic!("let in");
    };
    assert!(all.principal.may(Scope::Write));
}

#[test]
fn a_token_that_is_over_says_so_and_only_a_guess_counts_as_one() {
    for (token, code, counts) in [
        (AccessToken::Expired, "AUTH_ACCESS_TOKEN_EXPIRED", false),
        (AccessToken::Revoked, "AUTH_ACCESS_TOKEN_REVOKED", false),
        (AccessToken::Unknown, "AUTH_ACCESS_TOKEN_MISMATCH", true),
    ] {
        let decision = decide_access(&shown().attempt(), &policy(), token);
        assert_eq!(decision.counts_as_failure().is_some(), counts, "{code}");
        let Decision::Refuse(refusal) = decision else { panic!("refused") };
        assert_eq!(refusal.error.details.code, code);
    }
}

#[test]
fn it_is_no_credential_of_a_machine_or_of_a_foreign_page() {
    let node = shown().role("node");
    assert!(matches!(decide_access(&node.attempt(), &policy(), holds(&[])), Decision::Refuse(_)));
    let page = shown().origin("https://elsewhere.example");
    let Decision::Refuse(refusal) = decide_access(&page.attempt(), &policy(), holds(&[])) else { panic!("refused") };
    assert_eq!(refusal.error.details.code, "CONTROL_UI_ORIGIN_NOT_ALLOWED");
    let mut strict = policy();
    strict.control_ui.require_device_auth = true;
    let ui =
        Knock::new(Dialect::V4, "openclaw-control-ui", "ui").token("oct_something").origin("http://192.168.1.4:18789");
    let ui = Knock { host: Some("192.168.1.4:18789".to_owned()), ..ui };
    assert!(matches!(decide_access(&ui.attempt(), &policy(), holds(&[])), Decision::Accept(_)));
    let Decision::Refuse(refusal) = decide_access(&ui.attempt(), &strict, holds(&[])) else { panic!("refused") };
    assert_eq!(refusal.error.details.code, "CONTROL_UI_DEVICE_IDENTITY_REQUIRED");
    assert!(matches!(decide_access(&shown().attempt(), &strict, holds(&[])), Decision::Accept(_)), "a program");
}

#[test]
fn it_is_found_wherever_clients_put_a_token() {
    assert_eq!(shown().attempt().access_token(), Some("oct_something"));
    assert_eq!(Knock::cli().device_token("oct_other").attempt().access_token(), Some("oct_other"));
    assert_eq!(Knock::cli().token("anything").attempt().access_token(), None);
}
