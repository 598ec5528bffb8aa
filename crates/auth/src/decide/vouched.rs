//! Users for whom a proxy or Tailscale vouches.

use openclaw_core::Secret;
use openclaw_protocol::{Dialect, Scope, Scopes, device_payload::PayloadVersion};

use crate::{
    AuthMethod, Identity, Interface, Pairing, Policy, Surface, TokenAction, TrustedProxy,
    testing::{Knock, Known, approved, key},
};

const USER: (&str, &str) = ("x-user", "ann@example.com");
const ORIGIN: &str = "https://mc.example.com";

fn rules() -> TrustedProxy {
    TrustedProxy {
        addresses: vec!["10.0.0.1".to_owned()],
        user_header: "x-user".to_owned(),
        required_headers: vec!["x-proof".to_owned(), "x-forwarded-proto".to_owned()],
        allow_users: vec![" ann@example.com ".to_owned(), "bob@example.com".to_owned()],
        ..TrustedProxy::default()
    }
}

fn policy() -> Policy {
    let mut policy = Policy::trusted_proxy(rules());
    policy.control_ui.allowed_origins = vec![ORIGIN.to_owned()];
    policy
}

fn page(headers: &[(&str, &str)]) -> Knock {
    let mut all = vec![("x-proof", "1"), ("x-forwarded-proto", "https")];
    all.extend(headers);
    Knock::new(Dialect::V4, "openclaw-control-ui", "webchat").origin(ORIGIN).through_proxy(&all)
}

fn reason(knock: &Knock, policy: &Policy) -> String {
    let refused = knock.refused(policy, &Known::default());
    let said = refused.error.details.members.iter().find(|(name, _)| *name == "authReason");
    said.and_then(|(_, word)| word.as_str()).unwrap_or_default().to_owned()
}

#[test]
fn a_page_behind_the_proxy_needs_no_device_and_holds_what_is_written_down_for_its_user() {
    let mut policy = policy();
    let knock = page(&[USER]).scopes(&["operator.admin"]);
    let admission = knock.admitted(&policy, &Known::default());
    assert_eq!(admission.auth_method, AuthMethod::TrustedProxy);
    let principal = &admission.principal;
    assert_eq!((principal.identity(), principal.scopes()), (&Identity::User, Scopes::NONE), "asking gives nothing");
    assert_eq!((principal.user(), principal.owner()), (Some("ann@example.com"), "ann@example.com"));
    assert_eq!(principal.audit_name(), "user:ann@example.com");

    policy.identity_scopes = vec![("ANN@example.com".to_owned(), Scopes::from_iter([Scope::Write]))];
    let written = knock.admitted(&policy, &Known::default()).principal.scopes();
    assert_eq!(written, Scopes::from_iter([Scope::Write]));
    let bob = page(&[("x-user", "bob@example.com")]).admitted(&policy, &Known::default());
    assert_eq!(bob.principal.scopes(), Scopes::NONE);
}

#[test]
fn each_rule_of_the_proxy_is_kept_and_named_in_its_order() {
    let policy = policy();
    let change = |change: fn(&mut Knock)| {
        let mut knock = page(&[USER]);
        change(&mut knock);
        reason(&knock, &policy)
    };
    // Each breaks every later rule too, so that the order shows.
    assert_eq!(change(|k| k.carried.as_mut().unwrap().listed = false), "trusted_proxy_untrusted_source");
    let loopback = |k: &mut Knock| {
        let carried = k.carried.as_mut().unwrap();
        carried.socket_ip = "127.0.0.1".parse().unwrap();
        carried.headers.retain(|(name, _)| name == "x-user");
    };
    let mut knock = page(&[USER]);
    loopback(&mut knock);
    assert_eq!(reason(&knock, &policy), "trusted_proxy_loopback_source");
    let own = |k: &mut Knock| {
        let carried = k.carried.as_mut().unwrap();
        carried.interface = Interface::Own;
        carried.headers.retain(|(name, _)| name == "x-user");
    };
    assert_eq!(change(own), "trusted_proxy_local_interface_source");
    assert_eq!(
        change(|k| k.carried.as_mut().unwrap().interface = Interface::Unknown),
        "trusted_proxy_local_interface_check_failed"
    );
    assert_eq!(change(|k| k.carried.as_mut().unwrap().attributed = false), "proxy_attribution_required");
    let without = |name: &'static str| {
        let mut knock = page(&[USER]);
        knock.carried.as_mut().unwrap().headers.retain(|(known, _)| known != name);
        reason(&knock, &policy)
    };
    assert_eq!(without("x-proof"), "trusted_proxy_missing_header_x-proof");
    assert_eq!(without("x-forwarded-proto"), "trusted_proxy_missing_header_x-forwarded-proto");
    assert_eq!(without("x-user"), "trusted_proxy_user_missing");
    for blank in ["", "  "] {
        assert_eq!(reason(&page(&[("x-user", blank)]), &policy), "trusted_proxy_user_missing");
        let mut knock = page(&[USER]);
        knock.carried.as_mut().unwrap().headers[0].1 = blank.to_owned();
        assert_eq!(reason(&knock, &policy), "trusted_proxy_missing_header_x-proof");
    }
    for other in ["eve@example.com", "ann@example.com.evil", "ANN@example.com", "ann"] {
        assert_eq!(reason(&page(&[("x-user", other)]), &policy), "trusted_proxy_user_not_allowed", "{other}");
    }
    page(&[("x-user", " ann@example.com ")]).admitted(&policy, &Known::default());

    let mut loopback_allowed = policy.clone();
    loopback_allowed.trusted_proxy.allow_loopback = true;
    let mut knock = page(&[USER]);
    knock.carried.as_mut().unwrap().socket_ip = "127.0.0.1".parse().unwrap();
    knock.admitted(&loopback_allowed, &Known::default());
}

#[test]
fn headers_that_somebody_wrote_a_second_time_are_refused() {
    let policy = policy();
    assert_eq!(reason(&page(&[USER, USER]), &policy), "trusted_proxy_repeated_header_x-user");
    assert_eq!(reason(&page(&[("x-user", "eve"), USER]), &policy), "trusted_proxy_repeated_header_x-user");
    assert_eq!(reason(&page(&[USER, ("x-proof", "2")]), &policy), "trusted_proxy_repeated_header_x-proof");
    let scopes = ("x-openclaw-scopes", "operator.admin");
    assert_eq!(reason(&page(&[USER, scopes, scopes]), &policy), "trusted_proxy_repeated_header_x-openclaw-scopes");
    page(&[USER, ("x-forwarded-proto", "https")]).admitted(&policy, &Known::default());
}

#[test]
fn the_origin_is_checked_also_of_a_user_that_the_proxy_knows() {
    let policy = policy();
    for origin in ["https://evil.example", "null", "https://mc.example.com.evil"] {
        let knock = page(&[USER]).origin(origin);
        assert_eq!(knock.code(&policy, &Known::default()), "CONTROL_UI_ORIGIN_NOT_ALLOWED", "{origin}");
    }
}

#[test]
fn the_header_of_scopes_caps_and_never_grants() {
    let mut policy = policy();
    policy.identity_scopes = vec![("ann@example.com".to_owned(), Scopes::from_iter([Scope::Admin]))];
    let granted = |cap: &str, policy: &Policy| {
        page(&[USER, ("x-openclaw-scopes", cap)]).admitted(policy, &Known::default()).principal.scopes()
    };
    assert_eq!(granted("operator.read", &policy), Scopes::from_iter([Scope::Read, Scope::SessionsRead]));
    assert_eq!(granted("", &policy), Scopes::NONE, "present and empty is nothing");
    assert_eq!(granted("made.up", &policy), Scopes::NONE);
    policy.identity_scopes.clear();
    assert_eq!(granted("operator.admin", &policy), Scopes::NONE, "a cap grants nothing");
}

#[test]
fn over_http_a_user_is_an_operator_unless_it_is_written_down_what_users_hold() {
    let mut policy = policy();
    let ask = |headers: &[(&str, &str)]| Knock { surface: Surface::Http, ..page(headers) };
    let whole = ask(&[USER]).admitted(&policy, &Known::default());
    assert!(whole.principal.is_admin() && whole.principal.user() == Some("ann@example.com"));
    assert_eq!((whole.principal.identity(), whole.auth_method), (&Identity::User, AuthMethod::TrustedProxy));
    let capped = ask(&[USER, ("x-openclaw-scopes", "operator.read")]).admitted(&policy, &Known::default());
    assert!(capped.principal.may(Scope::Read) && !capped.principal.may(Scope::Write));
    policy.identity_scopes = vec![("bob@example.com".to_owned(), Scopes::from_iter([Scope::Read]))];
    assert_eq!(ask(&[USER]).admitted(&policy, &Known::default()).principal.scopes(), Scopes::NONE);
}

#[test]
fn a_device_behind_the_proxy_is_its_users_and_asks_an_owner() {
    let mut policy = policy();
    let device =
        |headers: &[(&str, &str)]| page(headers).scopes(&["operator.read"]).signed(&key(1), PayloadVersion::V3);
    let needed = device(&[USER]).pairs(&policy, &Known::default());
    assert_eq!(needed.wanted.owner, "ann@example.com");

    let mut known = approved(&key(1), &["operator.read"]);
    known.owner = "ann@example.com".to_owned();
    let admission = device(&[USER]).admitted(&policy, &Known(vec![known.clone()]));
    assert_eq!(admission.principal.audit_name(), format!("user:ann@example.com device:{}", known.device_id));
    // The same browser with another user is another device to its owner.
    let other = device(&[("x-user", "bob@example.com")]).pairs(&policy, &Known(vec![known.clone()]));
    assert_eq!(other.wanted.owner, "bob@example.com");

    policy.device_auth.max_devices_per_user = 1;
    let second = page(&[USER]).signed(&key(2), PayloadVersion::V3);
    assert_eq!(second.code(&policy, &Known(vec![known.clone()])), "DEVICE_LIMIT");
    page(&[("x-user", "bob@example.com")]).signed(&key(2), PayloadVersion::V3).pairs(&policy, &Known(vec![known]));
}

#[test]
fn a_session_may_hold_more_than_its_device_and_the_device_gets_nothing_of_that() {
    let mut policy = policy();
    policy.identity_scopes = vec![("ann@example.com".to_owned(), Scopes::from_iter([Scope::Admin]))];
    let known = Known(vec![approved(&key(1), &["operator.read"])]);
    let admission = page(&[USER])
        .scopes(&["operator.read", "operator.admin"])
        .signed(&key(1), PayloadVersion::V3)
        .admitted(&policy, &known);
    assert!(admission.principal.is_admin());
    let TokenAction::Issue { scopes, .. } = admission.token else { panic!("{:?}", admission.token) };
    assert_eq!(scopes, Scopes::from_iter([Scope::Read]));
}

#[test]
fn a_new_device_comes_in_on_the_proxys_word_only_where_that_is_written_and_never_with_more() {
    let mut policy = policy();
    policy.trusted_proxy.auto_approve = Some(Scopes::from_iter([Scope::Read, Scope::Approvals]));
    let knock = |headers: &[(&str, &str)]| {
        page(headers).scopes(&["operator.admin", "operator.read"]).signed(&key(1), PayloadVersion::V3)
    };
    let admission = knock(&[USER]).admitted(&policy, &Known::default());
    let Pairing::Silent(device) = admission.pairing else { panic!("{:?}", admission.pairing) };
    assert_eq!(device.scopes, Scopes::from_iter([Scope::Read]));
    assert_eq!((device.owner.as_str(), device.approved_via.as_str()), ("ann@example.com", "trusted-proxy"));
    let capped = knock(&[USER, ("x-openclaw-scopes", "")]).admitted(&policy, &Known::default());
    let Pairing::Silent(device) = capped.pairing else { panic!("{:?}", capped.pairing) };
    assert_eq!(device.scopes, Scopes::NONE);
    // A program, a node and more scopes of a known device ask an owner as ever.
    let program = Knock::cli().through_proxy(&[("x-proof", "1"), ("x-forwarded-proto", "https"), USER]);
    program.signed(&key(2), PayloadVersion::V3).pairs(&policy, &Known::default());
    knock(&[USER]).pairs(&policy, &Known(vec![approved(&key(1), &["operator.read"])]));
}

#[test]
fn without_a_device_only_pages_come_through_the_proxy() {
    let mut policy = policy();
    let headers = [("x-proof", "1"), ("x-forwarded-proto", "https"), USER];
    assert_eq!(Knock::cli().through_proxy(&headers).code(&policy, &Known::default()), "DEVICE_IDENTITY_REQUIRED");
    assert_eq!(page(&[USER]).role("node").code(&policy, &Known::default()), "DEVICE_IDENTITY_REQUIRED");
    policy.control_ui.require_device_auth = true;
    assert_eq!(page(&[USER]).code(&policy, &Known::default()), "CONTROL_UI_DEVICE_IDENTITY_REQUIRED");
}

#[test]
fn beside_the_gateway_a_password_or_a_device_does_without_the_proxy_and_elsewhere_only_a_device() {
    let mut policy = policy();
    policy.secret = Some(Secret::new("the password of the house"));
    let local = Knock { password: Some("the password of the house".to_owned()), ..Knock::cli() };
    assert_eq!(local.admitted(&policy, &Known::default()).auth_method, AuthMethod::Password);
    let wrong = Knock { password: Some("wrong".to_owned()), ..Knock::cli() };
    assert_eq!(wrong.code(&policy, &Known::default()), "AUTH_PASSWORD_MISMATCH");
    assert_eq!(reason(&local.clone().remote(), &policy), "trusted_proxy_untrusted_source");
    let known = Known(vec![approved(&key(1), &["operator.read"])]);
    let device = Knock::cli().remote().scopes(&["operator.read"]).signed(&key(1), PayloadVersion::V3);
    assert_eq!(device.admitted(&policy, &known).auth_method, AuthMethod::DeviceSignature);
    // Whoever names a user and is not believed is not let in by anything else (T23).
    let mut both = device;
    both.carried = page(&[USER]).carried;
    both.carried.as_mut().unwrap().listed = false;
    assert_eq!(reason(&both, &policy), "trusted_proxy_untrusted_source");
}

#[test]
fn identity_headers_mean_nothing_in_other_modes() {
    let token = Policy::token(Secret::new("right-secret-right-secret"));
    let mut policy = token;
    policy.control_ui.allowed_origins = vec![ORIGIN.to_owned()];
    assert_eq!(page(&[USER]).code(&policy, &Known::default()), "CONTROL_UI_DEVICE_IDENTITY_REQUIRED");
    let http = Knock { surface: Surface::Http, ..page(&[USER]) };
    assert_eq!(http.code(&policy, &Known::default()), "AUTH_TOKEN_MISSING");
}

#[test]
fn tailscales_word_opens_pages_with_a_device_and_nothing_else() {
    let mut policy = Policy::token(Secret::new("right-secret-right-secret"));
    policy.control_ui.allowed_origins = vec![ORIGIN.to_owned()];
    policy.allow_tailscale = true;
    let base = Knock::new(Dialect::V4, "openclaw-control-ui", "webchat").origin(ORIGIN).remote();
    let knock = Knock { tailscale: Some("ann@example.com".to_owned()), ..base };
    assert_eq!(knock.code(&policy, &Known::default()), "CONTROL_UI_DEVICE_IDENTITY_REQUIRED");
    let known = Known(vec![approved(&key(1), &["operator.read"])]);
    let signed = knock.clone().scopes(&["operator.read"]).signed(&key(1), PayloadVersion::V3);
    let admission = signed.admitted(&policy, &known);
    assert_eq!((admission.auth_method, admission.principal.user()), (AuthMethod::Tailscale, Some("ann@example.com")));
    // T23: a wrong token is wrong, whatever else is true.
    let wrong = knock.clone().token("wrong").signed(&key(2), PayloadVersion::V3);
    assert_eq!(wrong.code(&policy, &Known::default()), "AUTH_TOKEN_MISMATCH");
    let http = Knock { surface: Surface::Http, ..knock.clone() };
    assert_eq!(http.code(&policy, &Known::default()), "AUTH_TOKEN_MISSING");
    policy.allow_tailscale = false;
    assert_eq!(signed.admitted(&policy, &known).principal.user(), None);
}
