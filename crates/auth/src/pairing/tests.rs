use openclaw_protocol::device_payload::PayloadVersion;

use super::*;
use crate::testing::{Knock, Known, key, policy};

#[test]
fn a_request_holds_what_the_device_said_of_itself_and_nothing_that_is_empty() {
    let mut knock = Knock::cli().remote().scopes(&["operator.read"]);
    (knock.platform, knock.device_family) = (Some("linux".to_owned()), Some(String::new()));
    let knock = knock.signed(&key(1), PayloadVersion::V3);
    let needed = knock.pairs(&policy(), &Known::default());
    let request = needed.request(Uuid::nil(), 7);
    assert_eq!((request.client_id.as_deref(), request.client_mode.as_deref()), (Some("cli"), Some("cli")));
    assert_eq!((request.platform.as_deref(), request.device_family.as_deref()), (Some("linux"), None));
    assert_eq!((request.ts, request.is_repair, request.remote_ip.as_deref()), (7, false, Some("203.0.113.7")));
    assert_eq!((request.role, request.scopes.words()), (Role::Operator, vec!["operator.read"]));
}

#[test]
fn each_reason_is_told_with_what_to_do() {
    let needed = Knock::cli().remote().signed(&key(1), PayloadVersion::V3).pairs(&policy(), &Known::default());
    let all = [
        (PairingReason::NotPaired, "not-paired", "Approve the device"),
        (PairingReason::RoleUpgrade, "role-upgrade", "Approve the wider role"),
        (PairingReason::ScopeUpgrade, "scope-upgrade", "Approve the wider scopes"),
        (PairingReason::MetadataUpgrade, "metadata-upgrade", "still the same machine"),
    ];
    for (reason, word, hint) in all {
        let refusal = PairingNeeded { reason, ..needed.clone() }.with_request_id(Uuid::nil());
        let said = |name: &str| {
            let members = &refusal.error.details.members;
            members.iter().find(|(known, _)| *known == name).and_then(|(_, value)| value.as_str()).unwrap().to_owned()
        };
        assert_eq!((said("reason").as_str(), said("requestId")), (word, Uuid::nil().to_string()));
        assert!(said("remediationHint").contains(hint), "{}", said("remediationHint"));
        assert!(refusal.close_reason.starts_with("pairing required: device"), "{}", refusal.close_reason);
    }
}
