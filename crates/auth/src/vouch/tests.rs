use openclaw_protocol::Dialect;

use super::*;
use crate::{
    Refusal,
    testing::{Knock, Known, policy},
};

#[test]
fn each_problem_of_a_proxy_has_its_words_and_the_audit_keeps_none_that_a_client_made_up() {
    use ProxyProblem as P;
    let named = || "x-made-up".to_owned();
    #[rustfmt::skip]
    let table = [
        (P::UntrustedSource, "AUTH_UNAUTHORIZED", "trusted_proxy_untrusted_source", "not in gateway.trustedProxies"),
        (P::LoopbackSource, "AUTH_UNAUTHORIZED", "trusted_proxy_loopback_source", "trustedProxy.allowLoopback"),
        (P::LocalInterfaceSource, "AUTH_UNAUTHORIZED", "trusted_proxy_local_interface_source", "this machine's own"),
        (P::LocalInterfaceUnknown, "AUTH_UNAUTHORIZED", "trusted_proxy_local_interface_check_failed", "could not be found out"),
        (P::NoClient, "AUTH_UNAUTHORIZED", "proxy_attribution_required", "X-Forwarded-For"),
        (P::Missing(named()), "AUTH_IDENTITY_HEADER_REQUIRED", "trusted_proxy_missing_header", "requiredHeaders"),
        (P::Repeated(named()), "AUTH_UNAUTHORIZED", "trusted_proxy_repeated_header", "overwrite this header"),
        (P::UserMissing, "AUTH_IDENTITY_HEADER_REQUIRED", "trusted_proxy_user_missing", "trustedProxy.userHeader"),
        (P::UserNotAllowed, "AUTH_VERIFIED_USER_REQUIRED", "trusted_proxy_user_not_allowed", "allowUsers"),
    ];
    for (problem, code, audit, advice) in table {
        let refusal = Refusal::proxy(&Knock::cli().attempt(), &problem);
        assert_eq!((refusal.error.details.code.as_ref(), refusal.audit.reason), (code, audit));
        assert!(refusal.error.message.contains(advice), "{}", refusal.error.message);
        let said = refusal.error.details.members.iter().find(|(name, _)| *name == "authReason").unwrap();
        let said = said.1.as_str().unwrap();
        assert!(said == audit || said == format!("{audit}_x-made-up"), "{said}");
        assert_eq!(refusal.counts_as_failure, None);
    }
}

#[test]
fn each_problem_of_tailscale_has_its_words() {
    use TailscaleProblem as T;
    for (problem, code, reason) in [
        (T::IdentityMissing, "AUTH_TAILSCALE_IDENTITY_MISSING", "tailscale_user_missing"),
        (T::ProxyMissing, "AUTH_TAILSCALE_PROXY_MISSING", "tailscale_proxy_missing"),
        (T::WhoisFailed, "AUTH_TAILSCALE_WHOIS_FAILED", "tailscale_whois_failed"),
        (T::IdentityMismatch, "AUTH_TAILSCALE_IDENTITY_MISMATCH", "tailscale_user_mismatch"),
    ] {
        let refusal = Refusal::tailscale(&Knock::cli().attempt(), problem);
        assert_eq!((refusal.error.details.code.as_ref(), refusal.audit.reason), (code, reason));
    }
}

#[test]
fn a_login_that_is_not_believed_is_told_to_whoever_shows_nothing_else() {
    let mut policy = policy();
    policy.allow_tailscale = true;
    let program = Knock::new(Dialect::V4, "cli", "cli").remote();
    let refused = |knock: &Knock, policy: &Policy| {
        let mut attempt = knock.attempt();
        attempt.transport.voucher = Voucher::TailscaleRefused(TailscaleProblem::IdentityMismatch);
        match crate::decide(&attempt, policy, &Known::default(), crate::testing::NOW) {
            crate::Decision::Refuse(refusal) => refusal.error.details.code.into_owned(),
            other => panic!("not refused: {other:?}"),
        }
    };
    assert_eq!(refused(&program, &policy), "AUTH_TAILSCALE_IDENTITY_MISMATCH");
    assert_eq!(refused(&program.clone().token("wrong"), &policy), "AUTH_TOKEN_MISMATCH");
    policy.allow_tailscale = false;
    assert_eq!(refused(&program, &policy), "DEVICE_IDENTITY_REQUIRED", "nobody asked Tailscale");
}

#[test]
fn whoever_does_not_say_that_a_proxy_stands_between_is_asked_for_another_credential() {
    let mut policy =
        Policy::trusted_proxy(TrustedProxy { user_header: "x-user".to_owned(), ..TrustedProxy::default() });
    let word = |headers: &[(&str, &str)], policy: &Policy| {
        let mut knock = Knock::cli().through_proxy(headers);
        knock.carried.as_mut().unwrap().attributed = false;
        match look(&knock.attempt(), policy) {
            Word::None => "nothing".to_owned(),
            Word::Proxy(problem) => problem.reason(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(word(&[], &policy), "nothing");
    assert_eq!(word(&[("x-other", "1")], &policy), "nothing");
    assert_eq!(word(&[("x-user", "ann")], &policy), "proxy_attribution_required");
    policy.mode = Mode::Token;
    assert_eq!(word(&[("x-user", "ann")], &policy), "nothing", "another mode asks no proxy");
}
