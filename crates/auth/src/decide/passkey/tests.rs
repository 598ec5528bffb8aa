use ed25519_dalek::SigningKey;
use openclaw_core::record::Device;
use openclaw_protocol::{Dialect, Scope, device_payload::PayloadVersion};

use crate::{
    Attempt, AuthMethod, CredentialClass, Decision, Devices, Pairing, PasskeyMode, Policy, ShownPasskey, Source,
    Surface, Throttle, ThrottleSettings, TokenAction, decide,
    testing::{Knock, Known, NOW, SECRET, approved, key, policy, token, with_token},
    webauthn::Problem,
};

/// Devices of a gateway on which a passkey is registered.
struct Registered(Known);

impl Devices for Registered {
    fn device(&self, id: &str) -> Option<Device> {
        self.0.device(id)
    }

    fn count_for_owner(&self, owner: &str) -> usize {
        self.0.count_for_owner(owner)
    }

    fn has_passkeys(&self) -> bool {
        true
    }
}

const MODES: [PasskeyMode; 3] = [PasskeyMode::Off, PasskeyMode::Optional, PasskeyMode::Required];

fn with(mode: PasskeyMode) -> Policy {
    Policy { passkeys: mode, ..policy() }
}

fn shown(scopes: &[Scope]) -> ShownPasskey {
    ShownPasskey { id: "pk-1".to_owned(), scopes: scopes.iter().copied().collect() }
}

fn page(key: &SigningKey, place: Place) -> Knock {
    knock(key, place, Program::Browser, Shows::Secret, false)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Here,
    Elsewhere,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Program {
    Browser,
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shows {
    Secret,
    SecretAndToken,
}

fn knock(key: &SigningKey, place: Place, program: Program, shows: Shows, passkey: bool) -> Knock {
    let mut knock = match program {
        Program::Browser => Knock::new(Dialect::V4, "openclaw-control-ui", "ui"),
        Program::Other => Knock::cli(),
    };
    if place == Place::Elsewhere {
        knock = knock.remote();
        knock.host = Some("192.168.1.5:18789".to_owned());
    }
    if program == Program::Browser {
        let host = knock.host.clone().unwrap();
        knock = knock.origin(&format!("http://{host}"));
    }
    knock = knock.token(SECRET).scopes(&["operator.admin"]);
    if shows == Shows::SecretAndToken {
        knock = knock.device_token("own-token");
    }
    knock.passkey = passkey.then(|| Ok(shown(&[Scope::Admin])));
    knock.signed(key, PayloadVersion::V3)
}

/// What comes of it, in a word.
fn outcome(decision: &Decision) -> &'static str {
    match decision {
        Decision::Accept(admission) => match (&admission.pairing, admission.principal.passkey()) {
            (Pairing::None, None) => "in",
            (Pairing::None, Some(_)) => "in, confirmed",
            (Pairing::Silent(device), _) if device.approved_via == "passkey:pk-1" => "approved by passkey",
            (Pairing::Silent(_), _) => "approved",
            (Pairing::Setup { .. }, _) => "set up",
        },
        Decision::Pair(_) => "waits",
        Decision::Refuse(refusal) if refusal.error.details.code == "PASSKEY_REQUIRED" => "asked",
        Decision::Refuse(refusal) => panic!("{refusal:?}"),
    }
}

#[test]
fn who_is_asked_for_a_passkey_and_whom_it_lets_in() {
    use Place::{Elsewhere, Here};
    use Program::{Browser, Other};
    let key = key(1);
    let known = with_token(approved(&key, &["operator.admin"]), token("own-token", &["operator.admin"]));
    for mode in MODES {
        for approved in [false, true] {
            for place in [Here, Elsewhere] {
                for program in [Browser, Other] {
                    for shows in [Shows::Secret, Shows::SecretAndToken] {
                        for passkey in [false, true] {
                            let knock = knock(&key, place, program, shows, passkey);
                            let devices = Registered(if approved { known.clone() } else { Known::default() });
                            let decision = decide(&knock.attempt(), &with(mode), &devices, NOW);
                            let counts = passkey && mode != PasskeyMode::Off;
                            let has_token = approved && shows == Shows::SecretAndToken;
                            let asked = mode == PasskeyMode::Required && program == Browser && !counts && !has_token;
                            let wanted = match (asked, approved, counts) {
                                (true, _, _) => "asked",
                                (false, true, true) => "in, confirmed",
                                (false, true, false) => "in",
                                (false, false, true) => "approved by passkey",
                                (false, false, false) if place == Here => "approved",
                                (false, false, false) => "waits",
                            };
                            let case = (mode, approved, place, program, shows, passkey);
                            assert_eq!(outcome(&decision), wanted, "{case:?}");
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn nobody_is_asked_while_none_is_registered() {
    let decision = page(&key(1), Place::Here).decide(&with(PasskeyMode::Required), &Known::default());
    assert_eq!(outcome(&decision), "approved");
}

#[test]
fn a_passkey_alone_lets_nobody_in_and_says_nothing_about_the_secret() {
    let key = key(1);
    for (secret, code) in [(Some("wrong"), "AUTH_TOKEN_MISMATCH"), (None, "PAIRING")] {
        let mut knock = page(&key, Place::Elsewhere);
        knock.token = secret.map(str::to_owned);
        for word in [Ok(shown(&[Scope::Admin])), Err(Problem::Signature)] {
            knock.passkey = Some(word.clone());
            let signed = knock.clone().signed(&key, PayloadVersion::V3);
            let decision = decide(&signed.attempt(), &with(PasskeyMode::Required), &Registered(Known::default()), NOW);
            match decision {
                Decision::Refuse(refusal) if secret.is_some() => {
                    assert_eq!(refusal.error.details.code, code);
                    assert_eq!(refusal.counts_as_failure, Some(CredentialClass::SharedSecret));
                }
                Decision::Refuse(refusal) => assert_eq!(refusal.error.details.code, "PASSKEY_INVALID", "{word:?}"),
                Decision::Pair(_) => assert!(secret.is_none() && word.is_ok()),
                Decision::Accept(_) => panic!("{secret:?} {word:?}"),
            }
        }
    }
}

#[test]
fn a_wrong_passkey_is_counted_and_locks() {
    let mut knock = page(&key(1), Place::Elsewhere);
    knock.passkey = Some(Err(Problem::Cloned));
    let decision = decide(&knock.attempt(), &with(PasskeyMode::Optional), &Registered(Known::default()), NOW);
    let Decision::Refuse(refusal) = &decision else { panic!("{decision:?}") };
    assert_eq!((refusal.error.details.code.as_ref(), refusal.audit.event), ("PASSKEY_INVALID", "passkey.cloned"));
    assert!(!refusal.error.retryable);
    let mut throttle = Throttle::new(ThrottleSettings::default());
    let attempt = knock.attempt();
    for _ in 0..10 {
        assert!(throttle.gate(&attempt, NOW).is_none());
        throttle.settle(&attempt, &decision, NOW);
    }
    assert_eq!(throttle.gate(&attempt, NOW).unwrap().error.details.code, "AUTH_RATE_LIMITED");
    assert!(
        throttle.gate(&page(&key(1), Place::Elsewhere).attempt(), NOW).is_none(),
        "who shows none is not held back"
    );
    // A right one is a fresh start.
    let mut right = page(&key(1), Place::Elsewhere);
    right.passkey = Some(Ok(shown(&[Scope::Admin])));
    let mut throttle = Throttle::new(ThrottleSettings::default());
    for _ in 0..9 {
        throttle.settle(&attempt, &decision, NOW);
    }
    let accepted = decide(&right.attempt(), &with(PasskeyMode::Optional), &Registered(Known::default()), NOW);
    throttle.settle(&right.attempt(), &accepted, NOW);
    throttle.settle(&attempt, &decision, NOW);
    assert!(throttle.gate(&attempt, NOW).is_none());
    assert_eq!(throttle.check(&Source::of(&attempt), CredentialClass::Passkey, NOW), crate::Gate::Open);
    // Neither who is let in without one nor who shows one and is refused.
    let without = page(&key(1), Place::Elsewhere);
    let refused = Decision::Refuse(crate::Refusal::needs_device(&attempt));
    for (other, outcome) in [(&without, &accepted), (&right, &refused)] {
        let mut throttle = Throttle::new(ThrottleSettings::default());
        for _ in 0..9 {
            throttle.settle(&attempt, &decision, NOW);
        }
        throttle.settle(&other.attempt(), outcome, NOW);
        throttle.settle(&attempt, &decision, NOW);
        assert!(throttle.gate(&attempt, NOW).is_some());
    }
}

#[test]
fn a_passkey_gives_what_is_asked_for_and_no_more_than_its_maker_held() {
    let mut knock = page(&key(1), Place::Elsewhere);
    knock.passkey = Some(Ok(shown(&[Scope::Read, Scope::Approvals])));
    let knock = knock.scopes(&["operator.read", "operator.write"]).signed(&key(1), PayloadVersion::V3);
    let decision = decide(&knock.attempt(), &with(PasskeyMode::Optional), &Registered(Known::default()), NOW);
    let Decision::Accept(admission) = decision else { panic!("{decision:?}") };
    let Pairing::Silent(device) = &admission.pairing else { panic!("{:?}", admission.pairing) };
    assert_eq!(device.scopes, [Scope::Read].into_iter().collect());
    assert_eq!(admission.principal.scopes(), device.scopes);
    assert_eq!(admission.auth_method, AuthMethod::Token);
    assert!(matches!(admission.token, TokenAction::Issue { scopes, .. } if scopes == device.scopes));
}

#[test]
fn whoever_confirms_gets_a_token_and_is_asked_for_nothing_the_next_time() {
    let key = key(1);
    let known = with_token(approved(&key, &["operator.admin"]), token("elsewhere", &["operator.admin"]));
    let knock = knock(&key, Place::Here, Program::Browser, Shows::Secret, true);
    let Decision::Accept(admission) = decide(&knock.attempt(), &with(PasskeyMode::Required), &Registered(known), NOW)
    else {
        panic!("not admitted");
    };
    assert!(matches!(admission.token, TokenAction::Rotate { .. }), "{:?}", admission.token);
}

#[test]
fn a_secret_from_elsewhere_is_not_enough_whatever_its_bearer_calls_itself() {
    let required = with(PasskeyMode::Required);
    let devices = || Registered(Known::default());
    // Without a device, where a secret would do for a signature.
    let lenient = |mode| {
        let mut policy = with(mode);
        policy.device_auth.require_signature = false;
        policy
    };
    let bare = Knock::cli().remote().token(SECRET).scopes(&["operator.admin"]);
    let scopes = |mode| match decide(&bare.attempt(), &lenient(mode), &devices(), NOW) {
        Decision::Accept(admission) => admission.principal.scopes(),
        other => panic!("{other:?}"),
    };
    assert!(scopes(PasskeyMode::Optional).grants(Scope::Admin));
    assert_eq!(scopes(PasskeyMode::Required), openclaw_protocol::Scopes::NONE);
    // Over HTTP.
    let http = |knock: Knock| Knock { surface: Surface::Http, ..knock };
    let asked = |attempt: Attempt<'_>| outcome(&decide(&attempt, &required, &devices(), NOW));
    assert_eq!(asked(http(Knock::cli().remote().token(SECRET)).attempt()), "asked");
    assert_eq!(asked(http(Knock::cli().token(SECRET)).attempt()), "in", "the host's own programs go on");
    assert_eq!(asked(http(Knock::cli().token(SECRET).origin("http://127.0.0.1:18789")).attempt()), "asked");
    // And in every mode that asks for no secret at all.
    let none = Policy { passkeys: PasskeyMode::Required, ..Policy::none() };
    let knock = page(&key(1), Place::Here);
    assert_eq!(outcome(&decide(&knock.attempt(), &none, &devices(), NOW)), "asked");
}
