use openclaw_core::{Secret, record::DeviceToken};
use openclaw_protocol::{ErrorCode, device_payload::PayloadVersion::V2};
use uuid::Uuid;

use super::*;
use crate::{
    ControlUi, DeviceAuth,
    testing::{Knock, Known, NOW, SECRET, approved, approved_as, id_of, key, policy, token, with_token},
};

const READ: &[&str] = &["operator.read"];
const ADMIN: &[&str] = &["operator.admin"];

fn nobody() -> Known {
    Known::default()
}

fn words(admission: &Admission) -> Vec<&'static str> {
    admission.principal.scopes().words()
}

fn with_device_auth(change: impl FnOnce(&mut DeviceAuth)) -> Policy {
    let mut policy = policy();
    change(&mut policy.device_auth);
    policy
}

fn control_ui() -> Knock {
    Knock::new(Dialect::V4, "openclaw-control-ui", "webchat")
        .origin("http://127.0.0.1:18789")
        .scopes(ADMIN)
        .token(SECRET)
}

#[test]
fn clients_without_a_device_keep_scopes_only_beside_the_gateway() {
    let table = [
        (Dialect::V4, "gateway-client", "backend", true),
        (Dialect::V3, "gateway-client", "backend", true),
        (Dialect::V4, "cli", "cli", true),
        (Dialect::V1, "cli", "", true),
        (Dialect::V1, "control-ui", "frontend", true),
        (Dialect::V4, "cli", "backend", false),
        (Dialect::V4, "gateway-client", "cli", false),
        (Dialect::V3, "gateway-client", "ui", false),
        (Dialect::V4, "test", "test", false),
        (Dialect::V4, "openclaw-probe", "probe", false),
    ];
    for (dialect, id, mode, keeps) in table {
        let knock = Knock::new(dialect, id, mode).scopes(ADMIN).token(SECRET);
        let expected = if keeps { ADMIN } else { &[] };
        let admission = knock.admitted(&policy(), &nobody());
        assert_eq!(words(&admission), expected, "{id}/{mode} in {dialect:?}");
        assert_eq!((admission.auth_method, admission.token), (AuthMethod::Token, TokenAction::None));
        if dialect == Dialect::V1 {
            assert_eq!(knock.remote().code(&policy(), &nobody()), "DEVICE_IDENTITY_REQUIRED");
        } else {
            assert!(words(&knock.remote().admitted(&policy(), &nobody())).is_empty(), "{id}/{mode} from afar");
        }
    }
    let page = Knock::cli().scopes(ADMIN).token(SECRET).origin("http://127.0.0.1:18789");
    assert!(words(&page.admitted(&policy(), &nobody())).is_empty(), "a page that calls itself cli");
}

#[test]
fn omitted_and_unknown_scopes_grant_nothing_except_in_dialect_1() {
    assert!(words(&Knock::cli().token(SECRET).admitted(&policy(), &nobody())).is_empty());
    let unknown = Knock::cli().scopes(&["operator.root", "*", "operator.read"]).token(SECRET);
    assert_eq!(words(&unknown.admitted(&policy(), &nobody())), READ);
    let printed = Knock::new(Dialect::V1, "control-ui", "frontend").token(SECRET);
    assert_eq!(words(&printed.admitted(&policy(), &nobody())), ["operator.read", "operator.write"]);
    let empty = Knock::new(Dialect::V1, "cli", "").scopes(&[]).token(SECRET);
    assert!(words(&empty.admitted(&policy(), &nobody())).is_empty(), "an empty list is not an absent one");
}

#[test]
fn roles_that_do_not_exist_are_refused_first() {
    for role in ["admin", "", "Operator", "worker"] {
        let refusal = Knock::cli().role(role).origin("null").refused(&policy(), &nobody());
        assert_eq!((refusal.error.message.as_ref(), refusal.close_code), ("invalid role", 1008), "{role}");
    }
}

#[test]
fn the_secret_is_taken_from_token_or_password() {
    for policy in [policy(), Policy::password(Secret::new(SECRET))] {
        let mut knock = Knock::cli();
        knock.password = Some(SECRET.to_owned());
        assert!(matches!(knock.decide(&policy, &nobody()), Decision::Accept(_)));
        assert!(matches!(Knock::cli().token(SECRET).decide(&policy, &nobody()), Decision::Accept(_)));
        let both = Knock { token: Some(SECRET.to_owned()), ..knock };
        assert!(matches!(both.decide(&policy, &nobody()), Decision::Accept(_)));
    }
}

#[test]
fn wrong_and_missing_secrets_are_answered_word_for_word() {
    let wrong = Knock::cli().token("x").refused(&policy(), &nobody());
    assert_eq!(wrong.counts_as_failure, Some(CredentialClass::SharedSecret));
    assert_eq!(
        serde_json::to_value(&wrong.error).unwrap(),
        serde_json::json!({
            "code": "INVALID_REQUEST",
            "message": "unauthorized: gateway token mismatch (provide gateway auth token)",
            "details": {
                "code": "AUTH_TOKEN_MISMATCH",
                "authReason": "token_mismatch",
                "canRetryWithDeviceToken": false,
                "recommendedNextStep": "update_auth_credentials",
            },
            "retryable": false,
        })
    );
    let device = Knock::cli().token("x").signed(&key(1), V2).refused(&policy(), &nobody());
    assert_eq!(
        device.error.message,
        "unauthorized: gateway token mismatch (use this gateway's gateway.auth.token or pair the device)"
    );
    assert!(device.error.details.members.contains(&("canRetryWithDeviceToken", true.into())));
    assert!(device.error.details.members.contains(&("recommendedNextStep", "retry_with_device_token".into())));
    let both = Knock::cli().token("x").device_token("y").signed(&key(1), V2).refused(&policy(), &nobody());
    assert!(both.error.details.members.contains(&("canRetryWithDeviceToken", false.into())));

    let by_password = Policy::password(Secret::new(SECRET));
    assert_eq!(Knock::cli().token("x").code(&by_password, &nobody()), "AUTH_PASSWORD_MISMATCH");
    for missing in [Knock::cli(), Knock::cli().token("")] {
        let refusal = missing.refused(&policy(), &nobody());
        assert_eq!((refusal.error.code, refusal.counts_as_failure), (ErrorCode::NotPaired, None));
        assert_eq!(refusal.error.details.code, "DEVICE_IDENTITY_REQUIRED");
    }
    let mut http = Knock::cli();
    http.surface = Surface::Http;
    let refusal = http.refused(&policy(), &nobody());
    assert_eq!(refusal.error.message, "unauthorized: gateway token missing (provide gateway auth token)");
    assert_eq!(refusal.counts_as_failure, None);
    for secret in [None, Some(Secret::new("  "))] {
        let unset = Policy { secret, ..policy() };
        assert_eq!(Knock::cli().token("  ").code(&unset, &nobody()), "AUTH_TOKEN_NOT_CONFIGURED");
    }
    let mut setup = Knock::cli();
    setup.bootstrap_token = Some("code".to_owned());
    assert_eq!(setup.code(&policy(), &nobody()), "AUTH_BOOTSTRAP_TOKEN_INVALID");
    assert_eq!(setup.signed(&key(1), V2).code(&policy(), &nobody()), "AUTH_BOOTSTRAP_TOKEN_INVALID");
}

#[test]
fn the_four_final_refusals_close_spec_001_with_4001_and_others_with_1008() {
    let with_origin = |knock: Knock| knock.origin("https://evil.example");
    let unsigned = |knock: Knock| {
        let mut knock = knock.signed(&key(1), V2);
        knock.device.as_mut().unwrap().signature = String::new();
        knock
    };
    for (client, code) in [(Knock::mission_control(), 4001), (Knock::cli(), 1008)] {
        let refusals = [
            (
                with_origin(client.clone()).refused(&policy(), &nobody()),
                "origin not allowed (",
                "CONTROL_UI_ORIGIN_NOT_ALLOWED",
            ),
            (client.clone().refused(&policy(), &nobody()), "device identity required (", "DEVICE_IDENTITY_REQUIRED"),
            (
                unsigned(client.clone()).refused(&policy(), &nobody()),
                "device signature invalid (device_auth_signature_invalid)",
                "DEVICE_AUTH_SIGNATURE_INVALID",
            ),
            (
                Refusal::rate_limited(&client.attempt(), 1_500),
                "unauthorized: too many failed authentication attempts (auth rate limit, rate limited; retry in 2 s)",
                "AUTH_RATE_LIMITED",
            ),
        ];
        for (refusal, text, detail) in refusals {
            assert!(refusal.error.message.starts_with(text), "{}", refusal.error.message);
            assert_eq!((refusal.close_code, refusal.error.details.code.as_ref()), (code, detail));
            assert_eq!(refusal.close_reason, refusal.error.message, "the whole text fits the close frame");
        }
        assert_eq!(client.token("x").refused(&policy(), &nobody()).close_code, 1008);
    }
    let mismatch = Refusal::protocol_mismatch(9, 9);
    assert_eq!((mismatch.close_code, mismatch.close_reason.as_ref()), (1002, "protocol mismatch"));
}

#[test]
fn origins_are_checked_in_every_mode_and_demanded_from_browser_clients() {
    let free = Policy::none();
    for knock in [Knock::cli(), control_ui(), Knock::mission_control()] {
        let knock = knock.token(SECRET).origin("https://evil.example");
        assert_eq!(knock.code(&policy(), &nobody()), "CONTROL_UI_ORIGIN_NOT_ALLOWED");
        assert_eq!(knock.code(&free, &nobody()), "CONTROL_UI_ORIGIN_NOT_ALLOWED");
    }
    let refusal = Knock { origin: None, ..control_ui() }.refused(&policy(), &nobody());
    assert_eq!(refusal.error.details.members, [("reason", "origin missing or invalid".into())]);
    assert_eq!((refusal.audit.event, refusal.counts_as_failure), ("origin.denied", None));
}

#[test]
fn the_control_ui_signs_unless_insecure_auth_is_allowed_where_it_is_safe() {
    let refused =
        |knock: &Knock, policy: &Policy| knock.code(policy, &nobody()) == "CONTROL_UI_DEVICE_IDENTITY_REQUIRED";
    assert!(refused(&control_ui(), &policy()));
    let insecure = Policy { control_ui: ControlUi { allow_insecure_auth: true, ..ControlUi::default() }, ..policy() };
    assert_eq!(words(&control_ui().admitted(&insecure, &nobody())), ADMIN);
    let far = Knock { origin: Some("http://192.168.1.4".to_owned()), ..control_ui().remote() };
    let far = Knock { host: Some("192.168.1.4".to_owned()), ..far };
    assert!(refused(&far, &insecure));
    let tls = Knock { security: Security::Tls, ..far };
    assert_eq!(words(&tls.admitted(&insecure, &nobody())), ADMIN);
    assert_eq!(tls.token("x").code(&insecure, &nobody()), "AUTH_TOKEN_MISMATCH");
    let strict = ControlUi { require_device_auth: true, allow_insecure_auth: true, ..ControlUi::default() };
    let strict = Policy { control_ui: strict, ..policy() };
    assert!(strict.device_auth_required());
    for knock in
        [control_ui(), Knock::mission_control().token(SECRET), Knock::new(Dialect::V1, "control-ui", "frontend")]
    {
        let refusal = knock.refused(&strict, &nobody());
        assert!(refusal.error.message.starts_with("device identity required"), "{}", refusal.error.message);
    }
    assert!(matches!(Knock::cli().token(SECRET).decide(&strict, &nobody()), Decision::Accept(_)));
}

#[test]
fn a_node_needs_a_device_and_never_holds_scopes() {
    let knock = Knock::new(Dialect::V4, "node-host", "node").role("node").scopes(ADMIN).token(SECRET);
    assert_eq!(knock.code(&policy(), &nobody()), "DEVICE_IDENTITY_REQUIRED");
    let admission = knock.signed(&key(1), V2).admitted(&policy(), &nobody());
    assert_eq!((admission.principal.role(), words(&admission)), (Role::Node, vec![]));
    assert!(!admission.principal.may(Scope::Read));
}

#[test]
fn a_right_secret_on_direct_loopback_pairs_silently() {
    let knock = Knock::cli().scopes(ADMIN).token(SECRET).signed(&key(1), V2);
    let admission = knock.admitted(&policy(), &nobody());
    let Pairing::Silent(device) = &admission.pairing else { panic!("no device") };
    assert_eq!((device.scopes.words(), device.approved_via.as_str()), (ADMIN.to_vec(), "silent"));
    assert_eq!(admission.token, TokenAction::Issue { scopes: device.scopes, expires_at: NOW + 86_400_000 });
    assert_eq!(admission.principal.audit_name(), format!("device:{}", id_of(&key(1))));

    assert_eq!(knock.clone().remote().pairs(&policy(), &nobody()).reason, PairingReason::NotPaired);
    let page = knock.clone().origin("http://127.0.0.1:18789");
    assert_eq!(page.pairs(&policy(), &nobody()).reason, PairingReason::NotPaired, "a page that is no user interface");
    let ui = control_ui().signed(&key(1), V2).admitted(&policy(), &nobody());
    assert!(matches!(ui.pairing, Pairing::Silent(_)));
    let no_secret = Knock::cli().scopes(ADMIN).signed(&key(1), V2);
    assert_eq!(no_secret.pairs(&policy(), &nobody()).reason, PairingReason::NotPaired);
}

#[test]
fn spec_001_pairs_first_and_then_connects_by_signature_alone() {
    let id = "device-550e8400-e29b-41d4";
    let frame = Knock::mission_control().remote().scopes(ADMIN).cached("cached_token_if_available");
    let frame = frame.signed_as(&key(1), id, V2, NOW);
    let needed = frame.pairs(&policy(), &nobody());
    let request_id = Uuid::from_u128(7);
    let refusal = needed.with_request_id(request_id);
    assert_eq!((refusal.error.code, refusal.close_code), (ErrorCode::NotPaired, 1008));
    assert_eq!(refusal.error.message, "pairing required: device is not approved yet");
    assert_eq!(
        refusal.close_reason,
        "pairing required: device is not approved yet (requestId: 00000000-0000-0000-0000-000000000007)"
    );
    let details = serde_json::to_value(&refusal.error.details).unwrap();
    assert_eq!((&details["code"], &details["reason"]), (&"PAIRING_REQUIRED".into(), &"not-paired".into()));
    assert_eq!((&details["requestId"], &details["deviceId"]), (&request_id.to_string().into(), &id.into()));
    let request = needed.request(request_id, NOW);
    assert_eq!((request.device_id.as_str(), request.scopes.words(), request.is_repair), (id, ADMIN.to_vec(), false));

    let known = Known(vec![approved_as(&key(1), id, ADMIN)]);
    let admission = frame.admitted(&policy(), &known);
    assert_eq!((admission.auth_method, words(&admission)), (AuthMethod::DeviceSignature, ADMIN.to_vec()));
    assert!(matches!(admission.token, TokenAction::Issue { .. }));
    let thief = Knock::mission_control().remote().scopes(ADMIN).signed_as(&key(2), id, V2, NOW);
    assert_eq!(thief.code(&policy(), &known), "DEVICE_AUTH_DEVICE_ID_MISMATCH", "the id is pinned to its key");
    let off = with_device_auth(|rules| rules.enabled = false);
    assert_eq!(frame.code(&off, &known), "DEVICE_IDENTITY_REQUIRED", "device objects are ignored");
}

#[test]
fn a_signature_alone_never_widens_what_was_approved() {
    let known = Known(vec![approved(&key(1), READ)]);
    let read = Knock::cli().remote().scopes(READ).signed(&key(1), V2).admitted(&policy(), &known);
    assert_eq!(words(&read), READ);
    for knock in [Knock::cli().scopes(ADMIN), Knock::cli().scopes(ADMIN).token(SECRET)] {
        let needed = knock.signed(&key(1), V2).pairs(&policy(), &known);
        assert_eq!(needed.reason, PairingReason::ScopeUpgrade, "not even on loopback with the secret");
        assert_eq!(needed.approved, Some((vec![Role::Operator], Scopes::from_iter([Scope::Read]))));
    }
    let node = Knock::cli().role("node").signed(&key(1), V2).pairs(&policy(), &known);
    assert_eq!(node.reason, PairingReason::RoleUpgrade);
    let defaulted = Knock::new(Dialect::V1, "cli", "").token(SECRET).signed(&key(1), V2).admitted(&policy(), &known);
    assert_eq!(words(&defaulted), READ, "what nobody asked for is cut, not requested");
    let admin = Known(vec![approved(&key(1), ADMIN)]);
    let write = Knock::cli().remote().scopes(&["operator.write"]).signed(&key(1), V2).admitted(&policy(), &admin);
    assert_eq!(words(&write), ["operator.write"], "admin covers it and is not handed out unasked");
}

#[test]
fn a_changed_platform_asks_again() {
    let known = Known(vec![approved(&key(1), READ)]);
    let knock = |platform: Option<&str>, dialect| {
        let knock = Knock { platform: platform.map(str::to_owned), ..Knock::new(dialect, "cli", "cli") };
        knock.scopes(READ).signed(&key(1), V2)
    };
    assert_eq!(knock(Some("windows"), Dialect::V4).pairs(&policy(), &known).reason, PairingReason::MetadataUpgrade);
    assert_eq!(knock(None, Dialect::V4).pairs(&policy(), &known).reason, PairingReason::MetadataUpgrade);
    assert!(matches!(knock(Some(" Linux"), Dialect::V4).decide(&policy(), &known), Decision::Accept(_)));
    assert!(matches!(knock(None, Dialect::V1).decide(&policy(), &known), Decision::Accept(_)));
}

#[test]
fn a_device_token_works_in_every_place_with_its_devices_signature() {
    let known = with_token(approved(&key(1), READ), token("dt", READ));
    let base = Knock::cli().remote().scopes(READ);
    for knock in [base.clone().token("dt"), base.clone().device_token("dt"), base.clone().cached("dt")] {
        let admission = knock.clone().signed(&key(1), V2).admitted(&policy(), &known);
        assert_eq!((admission.auth_method, admission.counts_as_failure), (AuthMethod::DeviceToken, None));
        assert_eq!(admission.token, TokenAction::Keep { expires_at: NOW + 86_400_000 });
        assert!(matches!(knock.decide(&policy(), &known), Decision::Refuse(_)), "useless without the signature");
    }
    let thief = base.clone().device_token("dt").signed(&key(2), V2);
    assert_eq!(thief.code(&policy(), &known), "AUTH_DEVICE_TOKEN_MISMATCH");
    let wrong = base.clone().device_token("bogus").signed(&key(1), V2).refused(&policy(), &known);
    assert_eq!(wrong.error.message, "unauthorized: device token mismatch (rotate/reissue device token)");
    assert_eq!(wrong.counts_as_failure, Some(CredentialClass::DeviceToken));
    let wider = Knock::cli().remote().scopes(ADMIN).device_token("dt").signed(&key(1), V2).refused(&policy(), &known);
    assert_eq!(wider.error.details.code, "AUTH_SCOPE_MISMATCH");
}

#[test]
fn tokens_are_rotated_when_they_are_over_too_narrow_or_not_presented() {
    let expired = DeviceToken { expires_at: NOW, ..token("dt", READ) };
    let narrow = token("dt", &[]);
    let rotated = |kept: DeviceToken, knock: Knock| {
        let known = with_token(approved(&key(1), READ), kept);
        knock.scopes(READ).signed(&key(1), V2).admitted(&policy(), &known).token
    };
    let fresh = TokenAction::Rotate { scopes: Scopes::from_iter([Scope::Read]), expires_at: NOW + 86_400_000 };
    assert_eq!(rotated(expired, Knock::cli().remote().device_token("dt")), fresh);
    assert_eq!(rotated(narrow, Knock::cli().remote().device_token("dt")), fresh);
    assert_eq!(rotated(token("dt", READ), Knock::cli().remote()), fresh);
    let backend = Knock::new(Dialect::V3, "gateway-client", "backend").token(SECRET);
    assert_eq!(rotated(token("dt", READ), backend), TokenAction::None, "a connection per call writes nothing");
}

#[test]
fn whoever_shows_the_secret_does_not_end_the_token_that_the_same_device_uses_elsewhere() {
    let with_secret = |kept: DeviceToken| {
        let known = with_token(approved(&key(1), READ), kept);
        let knock = Knock::cli().remote().scopes(READ).token(SECRET).signed(&key(1), V2);
        knock.admitted(&policy(), &known).token
    };
    assert_eq!(with_secret(token("dt", READ)), TokenAction::None);
    let over = DeviceToken { expires_at: NOW, ..token("dt", READ) };
    for unusable in [over, token("dt", &[])] {
        assert!(matches!(with_secret(unusable), TokenAction::Rotate { .. }));
    }
}

#[test]
fn a_revoked_token_takes_the_role_until_it_is_approved_again() {
    let revoked = DeviceToken { revoked_at: Some(NOW - 1), ..token("dt", READ) };
    let known = with_token(approved(&key(1), READ), revoked);
    for knock in [Knock::cli(), Knock::cli().token(SECRET), Knock::cli().device_token("dt")] {
        let needed = knock.scopes(READ).signed(&key(1), V2).pairs(&policy(), &known);
        assert_eq!(needed.reason, PairingReason::RoleUpgrade);
    }
}

#[test]
fn a_token_alone_works_only_where_it_is_allowed() {
    let known = with_token(approved(&key(1), READ), token("dt", READ));
    let knock = Knock::mission_control().remote().scopes(READ).cached("dt");
    assert_eq!(knock.code(&policy(), &known), "DEVICE_IDENTITY_REQUIRED");
    let allowed = with_device_auth(|rules| rules.allow_token_only = true);
    let admission = knock.admitted(&allowed, &known);
    assert_eq!((admission.auth_method, words(&admission)), (AuthMethod::DeviceToken, READ.to_vec()));
    assert_eq!(admission.token, TokenAction::Keep { expires_at: NOW + 3_600_000 }, "and is not renewed");
    assert_eq!(knock.clone().scopes(ADMIN).code(&allowed, &known), "AUTH_SCOPE_MISMATCH");
    assert_eq!(knock.clone().cached("other").code(&allowed, &known), "DEVICE_IDENTITY_REQUIRED");
    assert_eq!(knock.role("node").code(&allowed, &known), "DEVICE_IDENTITY_REQUIRED");
}

#[test]
fn a_device_that_shows_nothing_but_itself_manages_itself_alone() {
    let pairing = &["operator.pairing"];
    let (own, other) = (id_of(&key(1)), id_of(&key(2)));
    let known = |scopes: &[&str]| with_token(approved(&key(1), scopes), token("dt", scopes));
    let manages = |knock: Knock, scopes: &[&str]| {
        let principal = knock.admitted(&policy(), &known(scopes)).principal;
        assert!(principal.manages(&own), "{knock:?}");
        principal.manages(&other)
    };
    let by_token = Knock::cli().scopes(pairing).device_token("dt").signed(&key(1), V2);
    let by_key = Knock::cli().scopes(pairing).signed(&key(1), V2);
    let with_secret = Knock::cli().scopes(pairing).token(SECRET).signed(&key(1), V2);
    assert!(!manages(by_token, pairing) && !manages(by_key, pairing));
    assert!(manages(with_secret, pairing) && manages(Knock::cli().scopes(pairing).token(SECRET), pairing));
    assert!(manages(Knock::cli().scopes(ADMIN).signed(&key(1), V2), ADMIN));
}

#[test]
fn a_user_has_so_many_devices_and_no_more() {
    let few = with_device_auth(|rules| rules.max_devices_per_user = 1);
    let known = Known(vec![approved(&key(2), READ)]);
    let refusal = Knock::cli().token(SECRET).signed(&key(1), V2).refused(&few, &known);
    assert_eq!((refusal.error.details.code.as_ref(), refusal.audit.reason), ("DEVICE_LIMIT", "device_limit"));
    assert!(matches!(Knock::cli().token(SECRET).signed(&key(2), V2).decide(&few, &known), Decision::Accept(_)));
}

#[test]
fn a_shared_secret_may_replace_the_signature_where_it_is_allowed() {
    let lenient = with_device_auth(|rules| rules.require_signature = false);
    let mut knock = Knock::mission_control().remote().scopes(ADMIN).token(SECRET);
    assert_eq!(words(&knock.admitted(&lenient, &nobody())), ADMIN);
    knock = knock.signed(&key(1), V2);
    knock.device.as_mut().unwrap().signature = String::new();
    assert_eq!(words(&knock.admitted(&lenient, &nobody())), ADMIN);
    assert_eq!(
        knock.clone().token("x").refused(&lenient, &nobody()).counts_as_failure,
        Some(CredentialClass::SharedSecret)
    );
    knock.device.as_mut().unwrap().signature = "AAAA".to_owned();
    assert_eq!(knock.code(&lenient, &nobody()), "DEVICE_AUTH_SIGNATURE_INVALID", "a wrong one is still wrong");
}

#[test]
fn the_local_bypass_is_spec_003s_rule_and_off_by_default() {
    let knock = Knock::new(Dialect::V1, "cli", "").scopes(ADMIN);
    assert_eq!(knock.code(&policy(), &nobody()), "DEVICE_IDENTITY_REQUIRED");
    let open = Policy { local_bypass: true, ..policy() };
    let admission = knock.admitted(&open, &nobody());
    assert_eq!((admission.auth_method, words(&admission)), (AuthMethod::LocalBypass, ADMIN.to_vec()));
    assert_eq!(admission.principal.identity(), &Identity::LocalCli);
    assert!(matches!(knock.clone().remote().decide(&open, &nobody()), Decision::Refuse(_)));
    for host in [Some("[::1]:18789"), Some("evil.example"), None] {
        let knock = Knock { host: host.map(str::to_owned), ..knock.clone() };
        assert!(matches!(knock.decide(&open, &nobody()), Decision::Refuse(_)), "{host:?}");
    }
    let device = knock.clone().signed(&key(1), V2).admitted(&open, &nobody());
    assert_eq!((device.pairing, device.token), (Pairing::None, TokenAction::None), "it admits no device for later");
    let guess = knock.token("x").admitted(&open, &nobody());
    assert_eq!(guess.counts_as_failure, Some(CredentialClass::SharedSecret));
}

#[test]
fn http_takes_a_bearer_and_nothing_else() {
    let mut knock = Knock::cli().remote().token(SECRET);
    knock.surface = Surface::Http;
    assert_eq!(words(&knock.admitted(&policy(), &nobody())), ADMIN);
    assert_eq!(words(&knock.clone().scopes(READ).admitted(&policy(), &nobody())), READ);
    assert_eq!(knock.clone().token("x").code(&policy(), &nobody()), "AUTH_TOKEN_MISMATCH");
    let signed = Knock { token: None, ..knock.scopes(READ).signed(&key(1), V2) };
    assert_eq!(signed.code(&policy(), &Known(vec![approved(&key(1), READ)])), "AUTH_TOKEN_MISSING");
}

#[test]
fn mode_none_admits_without_a_name() {
    let admission = Knock::cli().scopes(READ).admitted(&Policy::none(), &nobody());
    assert_eq!((admission.principal.identity(), words(&admission)), (&Identity::Anonymous, READ.to_vec()));
    let mut lenient = Policy::none();
    lenient.device_auth.require_signature = false;
    lenient.control_ui =
        ControlUi { allow_insecure_auth: true, allowed_origins: vec!["*".to_owned()], ..ControlUi::default() };
    let http = Knock { surface: Surface::Http, ..Knock::cli() };
    for knock in [Knock::cli().scopes(READ), control_ui(), http] {
        let knock = Knock { security: Security::Tls, ..knock };
        assert!(!words(&knock.admitted(&lenient, &nobody())).is_empty(), "{knock:?}");
        assert!(words(&knock.remote().admitted(&lenient, &nobody())).is_empty(), "nothing from afar");
    }
}

#[test]
fn nothing_secret_is_printed() {
    let knock = Knock::cli().token("canary-1").device_token("canary-2").cached("canary-3").signed(&key(1), V2);
    let attempt = knock.attempt();
    let printed = format!("{attempt:?} {:?} {:?}", policy(), knock.decide(&policy(), &nobody()));
    assert!(!printed.contains("canary") && !printed.contains(SECRET), "{printed}");
    assert_eq!(Principal::internal("cron", Scopes::NONE).audit_name(), "gateway:cron");
}

#[test]
fn a_node_without_a_device_comes_in_beside_the_gateway_before_dialect_4_and_with_the_right_secret() {
    let node = |dialect| Knock::new(dialect, "node-host", "node").role("node").token(SECRET);
    for dialect in [Dialect::V1, Dialect::V3] {
        let admission = node(dialect).admitted(&policy(), &nobody());
        assert_eq!((admission.principal.role(), words(&admission)), (Role::Node, vec![]), "{dialect:?}");
        assert_eq!((admission.principal.device_id(), &admission.pairing), (None, &Pairing::None));
        assert_eq!(node(dialect).remote().code(&policy(), &nobody()), "DEVICE_IDENTITY_REQUIRED", "{dialect:?}");
        let page = node(dialect).origin("http://127.0.0.1:18789");
        assert_eq!(page.code(&policy(), &nobody()), "DEVICE_IDENTITY_REQUIRED", "a page");
        let guess = Knock::new(dialect, "node-host", "node").role("node").token("wrong");
        assert_eq!(guess.code(&policy(), &nobody()), "AUTH_TOKEN_MISMATCH", "{dialect:?}");
        let silent = Knock::new(dialect, "node-host", "node").role("node");
        assert_eq!(silent.code(&policy(), &nobody()), "DEVICE_IDENTITY_REQUIRED", "{dialect:?}");
        // Letting this machine in without a secret is for people, and so is a gateway that asks for none.
        let mut open = policy();
        open.local_bypass = true;
        assert_eq!(silent.code(&open, &nobody()), "DEVICE_IDENTITY_REQUIRED", "{dialect:?}");
        open.mode = Mode::None;
        assert_eq!(silent.code(&open, &nobody()), "DEVICE_IDENTITY_REQUIRED", "{dialect:?}");
    }
    assert_eq!(node(Dialect::V4).code(&policy(), &nobody()), "DEVICE_IDENTITY_REQUIRED");
}

#[test]
fn a_node_elsewhere_is_not_told_whether_its_secret_is_right() {
    for dialect in [Dialect::V1, Dialect::V3, Dialect::V4] {
        let node = |token| Knock::new(dialect, "node-host", "node").role("node").token(token);
        for token in [SECRET, "wrong"] {
            assert_eq!(node(token).remote().code(&policy(), &nobody()), "DEVICE_IDENTITY_REQUIRED", "{dialect:?}");
            let page = node(token).origin("http://127.0.0.1:18789");
            assert_eq!(page.code(&policy(), &nobody()), "DEVICE_IDENTITY_REQUIRED", "{dialect:?}");
        }
    }
}

#[test]
fn a_node_holds_no_scope_whatever_it_asks_for() {
    let mut known = approved(&key(1), &[]);
    known.roles = vec![Role::Node];
    let node = Knock::new(Dialect::V4, "node-host", "node").role("node").scopes(ADMIN).token(SECRET);
    let admission = node.signed(&key(1), V2).admitted(&policy(), &Known(vec![known]));
    assert_eq!((admission.principal.role(), words(&admission)), (Role::Node, vec![]));
    let beside = Knock::new(Dialect::V3, "node-host", "node").role("node").scopes(ADMIN).token(SECRET);
    assert!(words(&beside.admitted(&policy(), &nobody())).is_empty());
}

#[test]
fn of_a_secret_that_is_kept_as_a_hash_only_the_check_of_the_hash_tells() {
    let policy = Policy::password(Secret::new("$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA"));
    assert!(policy.secret_is_hashed());
    let knock = |hashed| {
        let mut knock = Knock::cli();
        (knock.password, knock.hashed) = (Some("a password".to_owned()), hashed);
        knock
    };
    let admission = knock(Hashed::Fits).admitted(&policy, &nobody());
    assert_eq!(admission.auth_method, AuthMethod::Password);
    assert_eq!(knock(Hashed::default()).code(&policy, &nobody()), "AUTH_PASSWORD_MISMATCH");
    let mut itself = Knock::cli();
    itself.password = Some(policy.secret.as_ref().unwrap().expose().to_owned());
    assert_eq!(itself.code(&policy, &nobody()), "AUTH_PASSWORD_MISMATCH", "the hash is no password");
}

#[test]
fn a_device_with_a_wrong_secret_is_let_in_beside_the_gateway_alone_and_only_where_that_is_written() {
    let known = Known(vec![approved(&key(1), READ)]);
    let knock = Knock::new(Dialect::V1, "cli", "").scopes(READ).token("x").signed(&key(1), V2);
    assert_eq!(knock.code(&policy(), &known), "AUTH_TOKEN_MISMATCH");
    let open = Policy { local_bypass: true, ..policy() };
    let admission = knock.admitted(&open, &known);
    assert_eq!(admission.auth_method, AuthMethod::LocalBypass);
    assert_eq!(admission.counts_as_failure, Some(CredentialClass::SharedSecret));
    assert_eq!(knock.remote().code(&open, &known), "AUTH_TOKEN_MISMATCH");
}
