use openclaw_core::{
    Secret,
    record::{Device, DeviceToken},
};
use openclaw_protocol::{Dialect, Role, Scope, Scopes, device_payload::PayloadVersion::V3};

use crate::{
    Admission, AuthMethod, CredentialClass, Decision, Devices, Pairing, PairingReason, Policy, SetupGrant, SetupName,
    SetupWord, TokenAction, TrustedProxy, decide,
    testing::{Knock, Known, NOW, SECRET, approved, id_of, key, policy, token, with_token},
};

const CODE: &str = "code-of-32-random-bytes";

/// Devices, and one code.
struct Door {
    known: Known,
    word: SetupWord,
}

impl Devices for Door {
    fn device(&self, id: &str) -> Option<Device> {
        self.known.device(id)
    }

    fn count_for_owner(&self, owner: &str) -> usize {
        self.known.count_for_owner(owner)
    }

    fn setup_code(&self, code: &str, _: &str, _: i64) -> SetupWord {
        if code == CODE { self.word.clone() } else { SetupWord::Unknown }
    }
}

fn grant() -> SetupGrant {
    SetupGrant {
        setup_id: "setup-1".to_owned(),
        roles: vec![Role::Node, Role::Operator],
        scopes: scopes(&["operator.read", "operator.write"]),
        owner: "operator".to_owned(),
        name: SetupName::Own,
        asks_owner: false,
    }
}

fn scopes(words: &[&str]) -> Scopes {
    Scopes::parse(words.iter().copied())
}

fn door(known: Vec<Device>, grant: SetupGrant) -> Door {
    Door { known: Known(known), word: SetupWord::Holds(grant) }
}

/// A stranger's program from elsewhere, with a code and nothing else.
fn knock(role: &str, words: &[&str], code: &str) -> Knock {
    let knock = Knock::new(Dialect::V4, "openclaw-android", "ui").remote().role(role).scopes(words);
    Knock { bootstrap_token: Some(code.to_owned()), ..knock }.signed(&key(1), V3)
}

fn outcome(knock: &Knock, policy: &Policy, door: &Door) -> Decision {
    decide(&knock.attempt(), policy, door, NOW)
}

fn admitted(knock: &Knock, policy: &Policy, door: &Door) -> Admission {
    match outcome(knock, policy, door) {
        Decision::Accept(admission) => admission,
        other => panic!("not admitted: {other:?}"),
    }
}

fn device(admission: &Admission) -> &Device {
    match &admission.pairing {
        Pairing::Setup { device, setup_id } if setup_id == "setup-1" => device,
        other => panic!("not by the code: {other:?}"),
    }
}

#[test]
fn a_code_admits_a_stranger_with_what_it_gives_and_hands_over_a_token_for_each_role() {
    for policy in [policy(), Policy::password(Secret::new(SECRET)), Policy::none()] {
        let admission = admitted(&knock("node", &[], CODE), &policy, &door(Vec::new(), grant()));
        assert_eq!((admission.auth_method, admission.principal.role()), (AuthMethod::SetupCode, Role::Node));
        assert_eq!(admission.principal.scopes(), Scopes::NONE);
        let kept = device(&admission);
        assert_eq!((kept.device_id.as_str(), kept.scopes), (id_of(&key(1)).as_str(), grant().scopes));
        assert_eq!((kept.approved_via.as_str(), &kept.roles), ("setup-code", &grant().roles));
        assert!(matches!(admission.token, TokenAction::Issue { scopes: Scopes::NONE, .. }));
        assert_eq!(admission.handoff, [(Role::Operator, grant().scopes)]);

        let admission = admitted(&knock("operator", &["operator.read"], CODE), &policy, &door(Vec::new(), grant()));
        assert_eq!(admission.principal.scopes(), scopes(&["operator.read"]));
        assert_eq!(admission.handoff, [(Role::Node, Scopes::NONE)]);
    }
}

#[test]
fn whoever_asks_for_more_than_the_code_gives_needs_an_owner() {
    let only_node = SetupGrant { roles: vec![Role::Node], ..grant() };
    for (knock, grant) in [
        (knock("operator", &["operator.admin"], CODE), grant()),
        (knock("operator", &["operator.read", "operator.pairing"], CODE), grant()),
        (knock("operator", &["operator.read"], CODE), only_node),
        (knock("operator", &["operator.read"], CODE), SetupGrant { asks_owner: true, ..grant() }),
    ] {
        let Decision::Pair(needed) = outcome(&knock, &policy(), &door(Vec::new(), grant)) else { panic!("{knock:?}") };
        assert_eq!(needed.reason, PairingReason::NotPaired);
    }
}

#[test]
fn a_code_that_does_not_hold_is_refused_alike_and_only_guesses_count() {
    for (word, code, reason, counts) in [
        (SetupWord::Holds(grant()), "guess", "bootstrap_token_invalid", Some(CredentialClass::Bootstrap)),
        (SetupWord::Used, CODE, "bootstrap_token_used", None),
        (SetupWord::Expired, CODE, "bootstrap_token_expired", None),
        (SetupWord::IssuerGone, CODE, "bootstrap_token_issuer_gone", None),
    ] {
        for known in [Vec::new(), vec![approved(&key(1), &["operator.read"])]] {
            let door = Door { known: Known(known), word: word.clone() };
            let Decision::Refuse(refusal) = outcome(&knock("operator", &["operator.read"], code), &policy(), &door)
            else {
                panic!("{word:?} lets in")
            };
            assert_eq!(refusal.error.details.code, "AUTH_BOOTSTRAP_TOKEN_INVALID");
            assert_eq!((refusal.audit.reason, refusal.counts_as_failure), (reason, counts));
        }
    }
}

#[test]
fn a_code_replaces_neither_a_signature_nor_a_wrong_secret() {
    let door = door(Vec::new(), grant());
    let unsigned = Knock { device: None, ..knock("operator", &["operator.read"], CODE) };
    let Decision::Refuse(refusal) = outcome(&unsigned, &policy(), &door) else { panic!("let in without a device") };
    assert_eq!(refusal.error.details.code, "AUTH_BOOTSTRAP_TOKEN_INVALID");
    let wrong = Knock { bootstrap_token: Some(CODE.to_owned()), ..Knock::cli().remote().token("wrong") };
    let Decision::Refuse(refusal) = outcome(&wrong.signed(&key(1), V3), &policy(), &door) else { panic!("let in") };
    assert_eq!(refusal.error.details.code, "AUTH_TOKEN_MISMATCH");
    // What the code was signed into is what is sent.
    let mut other = knock("operator", &["operator.read"], "another");
    other.bootstrap_token = Some(CODE.to_owned());
    assert!(matches!(outcome(&other, &policy(), &door), Decision::Refuse(_)));
}

#[test]
fn a_code_gives_an_admitted_device_more_and_nothing_back_that_was_withdrawn() {
    let reader = approved(&key(1), &["operator.read"]);
    let admission = admitted(&knock("node", &[], CODE), &policy(), &door(vec![reader.clone()], grant()));
    let kept = device(&admission);
    assert_eq!((kept.scopes, kept.created_at), (grant().scopes, reader.created_at));
    assert!(kept.roles.contains(&Role::Node) && kept.roles.contains(&Role::Operator));

    let mut revoked = approved(&key(1), &["operator.admin"]);
    revoked.tokens = vec![DeviceToken { revoked_at: Some(1), ..token("old", &[]) }];
    let admission = admitted(&knock("operator", &["operator.read"], CODE), &policy(), &door(vec![revoked], grant()));
    let kept = device(&admission);
    assert!(!kept.scopes.grants(Scope::Admin) && kept.tokens.is_empty(), "{kept:?}");
}

#[test]
fn a_device_whose_token_is_good_keeps_the_code_for_another() {
    let known = with_token(approved(&key(1), &["operator.read"]), token("its-token", &["operator.read"]));
    let door = Door { known, word: SetupWord::Holds(grant()) };
    let knock = Knock::new(Dialect::V4, "openclaw-android", "ui").remote().scopes(&["operator.read"]);
    let knock = Knock { bootstrap_token: Some(CODE.to_owned()), ..knock.device_token("its-token") };
    let admission = admitted(&knock.signed(&key(1), V3), &policy(), &door);
    assert_eq!((admission.auth_method, admission.pairing), (AuthMethod::DeviceToken, Pairing::None));
}

#[test]
fn another_users_device_is_not_taken_over_by_a_code() {
    let known = Device { owner: "ann@example.com".to_owned(), ..approved(&key(1), &["operator.read"]) };
    let grant = SetupGrant { owner: "bob@example.com".to_owned(), ..grant() };
    let decision = outcome(&knock("operator", &["operator.read"], CODE), &policy(), &door(vec![known], grant));
    assert!(matches!(decision, Decision::Pair(_)), "{decision:?}");
}

fn approved_as_both() -> Device {
    Device { roles: vec![Role::Operator, Role::Node], ..approved(&key(1), &["operator.read"]) }
}

#[test]
fn what_was_known_of_a_device_stays_beside_what_the_code_gives() {
    let live = DeviceToken { role: Role::Node, ..token("live", &[]) };
    let over = DeviceToken { revoked_at: Some(1), ..token("over", &["operator.read"]) };
    let known = Device {
        display_name: Some("its name".to_owned()),
        roles: vec![Role::Operator, Role::Node],
        tokens: vec![live.clone(), over],
        revision: 7,
        ..approved(&key(1), &["operator.pairing"])
    };
    let kept = |name| {
        let grant = SetupGrant { owner: "bob@example.com".to_owned(), name, ..grant() };
        let knock = knock("operator", &["operator.read"], CODE);
        device(&admitted(&knock, &policy(), &door(vec![known.clone()], grant))).clone()
    };
    let expected = Device {
        // The operator's token was withdrawn, and its scopes with it.
        roles: vec![Role::Node, Role::Operator],
        scopes: grant().scopes,
        tokens: vec![live.clone()],
        owner: "bob@example.com".to_owned(),
        approved_via: "setup-code".to_owned(),
        client_id: Some("openclaw-android".to_owned()),
        client_mode: Some("ui".to_owned()),
        remote_ip: Some("203.0.113.7".to_owned()),
        approved_at: NOW,
        last_seen_at: Some(NOW),
        ..known.clone()
    };
    assert_eq!(kept(SetupName::None), expected);
    assert_eq!(kept(SetupName::Given("phone".to_owned())).display_name.as_deref(), Some("phone"));
    let scopes = known.scopes.union(grant().scopes);
    let sound = Device { tokens: vec![live], ..known.clone() };
    let admission = admitted(&knock("node", &[], CODE), &policy(), &door(vec![sound], grant()));
    assert_eq!((device(&admission).scopes, device(&admission).revision), (scopes, 7), "nothing was withdrawn");
    let both = approved_as_both();
    let only_operator = SetupGrant { roles: vec![Role::Operator], ..grant() };
    let admission = admitted(&knock("operator", &["operator.read"], CODE), &policy(), &door(vec![both], only_operator));
    assert_eq!(device(&admission).roles, [Role::Operator, Role::Node], "a code takes no role away");
}

#[test]
fn a_new_device_is_called_as_the_code_says_and_belongs_to_whom_it_says() {
    let grant =
        SetupGrant { owner: "bob@example.com".to_owned(), name: SetupName::Given("phone".to_owned()), ..grant() };
    let admission = admitted(&knock("operator", &["operator.read"], CODE), &policy(), &door(Vec::new(), grant));
    let kept = device(&admission);
    assert_eq!((kept.display_name.as_deref(), kept.owner.as_str()), (Some("phone"), "bob@example.com"));
}

#[test]
fn behind_a_proxy_the_device_is_its_users_and_the_session_holds_what_is_written_down_for_that_user() {
    let headers = [("x-user", "ann@example.com")];
    let rules = TrustedProxy { user_header: "x-user".to_owned(), ..TrustedProxy::default() };
    let mut policy = Policy::trusted_proxy(rules);
    let ask = |words: &[&str]| {
        let knock = Knock::new(Dialect::V4, "openclaw-android", "ui").through_proxy(&headers).scopes(words);
        Knock { bootstrap_token: Some(CODE.to_owned()), ..knock }.signed(&key(1), V3)
    };
    let more = ask(&["operator.admin"]);
    let Decision::Pair(needed) = outcome(&more, &policy, &door(Vec::new(), grant())) else { panic!("{more:?}") };
    assert_eq!(needed.wanted.owner, "ann@example.com");
    policy.identity_scopes = vec![("ann@example.com".to_owned(), scopes(&["operator.approvals"]))];
    let admission = admitted(&ask(&["operator.read"]), &policy, &door(Vec::new(), grant()));
    assert!(admission.principal.may(Scope::Approvals) && admission.principal.may(Scope::Read));
    assert_eq!(device(&admission).owner, "ann@example.com");
    assert!(!device(&admission).scopes.grants(Scope::Approvals), "the device itself holds nothing of that");
}
