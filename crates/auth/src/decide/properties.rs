//! What holds for every attempt, whatever it declares.

use openclaw_protocol::device_payload::PayloadVersion;
use proptest::{option, prelude::*, sample::select};

use super::*;
use crate::{
    Locality,
    testing::{self, Knock, Known, SECRET, approved, key, policy, token, with_token},
};

const SCOPES: [&str; 5] = ["operator.admin", "operator.read", "operator.write", "operator.pairing", "x"];

/// Credentials that are not right for anybody.
fn wrong() -> impl Strategy<Value = Option<String>> {
    option::of(select(vec!["", "wrong", "right-secre", "right-secret ", "RIGHT-SECRET"]).prop_map(str::to_owned))
}

prop_compose! {
    fn declared()(
        dialect in select(Dialect::ALL.to_vec()),
        id in select(vec!["cli", "gateway-client", "openclaw-control-ui", "control-ui", "webchat", "node-host", ""]),
        mode in select(vec!["cli", "backend", "ui", "webchat", "frontend", "node", "probe", ""]),
        role in option::of(select(vec!["operator", "node", "admin"])),
        scopes in option::of(proptest::collection::vec(select(SCOPES.to_vec()), 0..4)),
        origin in option::of(select(vec!["http://127.0.0.1:18789", "http://localhost:1", "https://evil.example", "null"])),
        direct in any::<bool>(),
        http in any::<bool>(),
        tls in any::<bool>(),
        credentials in [wrong(), wrong(), wrong(), wrong(), wrong()],
        signer in option::of((1_u8..4, select(vec![PayloadVersion::V1, PayloadVersion::V2, PayloadVersion::V3]))),
    ) -> Knock {
        let [token, password, device_token, bootstrap_token, cached_device_token] = credentials;
        let mut knock = Knock::new(dialect, id, mode);
        if !direct {
            knock = knock.remote();
        }
        knock.locality = if direct { Locality::DirectLoopback } else { Locality::Remote };
        knock.surface = if http { Surface::Http } else { Surface::WebSocket };
        knock.security = if tls { Security::Tls } else { Security::Plain };
        knock.role = role.map(str::to_owned);
        knock.scopes = scopes.map(|words| testing::owned(&words));
        knock.origin = origin.map(str::to_owned);
        knock = Knock { token, password, device_token, bootstrap_token, cached_device_token, ..knock };
        match signer {
            Some((seed, version)) => knock.signed(&key(seed), version),
            None => knock,
        }
    }
}

prop_compose! {
    fn rules()(
        password in any::<bool>(),
        require_signature in any::<bool>(),
        enabled in any::<bool>(),
        allow_token_only in any::<bool>(),
        require_device_auth in any::<bool>(),
        allow_insecure_auth in any::<bool>(),
        signature_v1 in any::<bool>(),
        any_origin in any::<bool>(),
    ) -> Policy {
        let mut policy = policy();
        if password {
            policy.mode = Mode::Password;
        }
        policy.device_auth.require_signature = require_signature;
        policy.device_auth.enabled = enabled;
        policy.device_auth.allow_token_only = allow_token_only;
        policy.control_ui.require_device_auth = require_device_auth;
        policy.control_ui.allow_insecure_auth = allow_insecure_auth;
        policy.signature_v1 = signature_v1;
        if any_origin {
            policy.control_ui.allowed_origins.push("*".to_owned());
        }
        policy
    }
}

/// Device 3 is admitted for reading; 1 and 2 are strangers.
fn known() -> Known {
    with_token(approved(&key(3), &["operator.read"]), token("its-token", &["operator.read"]))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_declaration_earns_anything_without_a_right_credential(knock in declared(), policy in rules()) {
        match knock.decide(&policy, &known()) {
            Decision::Accept(admission) => {
                prop_assert_eq!(admission.auth_method, AuthMethod::DeviceSignature);
                prop_assert_eq!(admission.principal.device_id().unwrap().as_str(), testing::id_of(&key(3)));
                prop_assert!(Scopes::from_iter([Scope::Read]).covers(admission.principal.scopes()));
                prop_assert_eq!(admission.pairing, Pairing::None);
            }
            Decision::Pair(needed) => prop_assert!(!needed.with_request_id(uuid::Uuid::nil()).error.details.code.is_empty()),
            Decision::Refuse(refusal) => {
                prop_assert!(!refusal.error.details.code.is_empty());
                prop_assert!([1008, 4001].contains(&refusal.close_code));
                prop_assert!(refusal.close_reason.len() <= openclaw_protocol::close::REASON_BYTES);
            }
        }
    }

    #[test]
    fn even_a_right_secret_never_widens_an_admitted_device(knock in declared(), policy in rules()) {
        let knock = Knock { token: Some(SECRET.to_owned()), device: None, ..knock }.signed(&key(3), PayloadVersion::V2);
        if let Decision::Accept(Admission { principal, .. }) = knock.decide(&policy, &known())
            && principal.device_id().is_some()
        {
            prop_assert!(Scopes::from_iter([Scope::Read]).covers(principal.scopes()));
        }
    }

    #[test]
    fn a_recorded_frame_is_refused_on_another_connection(knock in declared(), nonce in "[a-z0-9]{1,36}", seed in 1_u8..4) {
        let knock = Knock { surface: Surface::WebSocket, device: None, ..knock }.signed(&key(seed), PayloadVersion::V3);
        prop_assume!(nonce != knock.nonce);
        let mut replayed = Knock { nonce: nonce.clone(), ..knock };
        prop_assert!(matches!(replayed.decide(&policy(), &known()), Decision::Refuse(_)));
        for claimed in [None, Some(nonce)] {
            replayed.device.as_mut().unwrap().nonce = claimed;
            prop_assert!(matches!(replayed.decide(&policy(), &known()), Decision::Refuse(_)));
        }
    }
}
