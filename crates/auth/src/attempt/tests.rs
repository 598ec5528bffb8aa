use openclaw_protocol::{Dialect, device_payload::PayloadVersion};

use super::*;
use crate::testing::{Knock, key};

#[test]
fn each_credential_is_of_its_class_and_of_no_other() {
    let with = |set: fn(&mut Knock)| {
        let mut knock = Knock::cli();
        set(&mut knock);
        knock.attempt().classes().collect::<Vec<_>>()
    };
    assert_eq!(with(|_| ()), []);
    assert_eq!(with(|knock| knock.token = Some("word".to_owned())), [CredentialClass::SharedSecret]);
    assert_eq!(with(|knock| knock.password = Some("word".to_owned())), [CredentialClass::SharedSecret]);
    assert_eq!(with(|knock| knock.device_token = Some("word".to_owned())), [CredentialClass::DeviceToken]);
    assert_eq!(with(|knock| knock.cached_device_token = Some("word".to_owned())), [CredentialClass::DeviceToken]);
    assert_eq!(with(|knock| knock.bootstrap_token = Some("word".to_owned())), [CredentialClass::Bootstrap]);
    let signed = Knock::cli().token("word").signed(&key(1), PayloadVersion::V3);
    let classes = [CredentialClass::SharedSecret, CredentialClass::DeviceSignature];
    assert_eq!(signed.attempt().classes().collect::<Vec<_>>(), classes);
}

#[test]
fn clients_are_known_by_their_words() {
    // Spec 001's page, the official page, any page, a client that only lives in a browser.
    let table = [
        (Dialect::V3, "gateway-client", "ui", [true, false, true, false]),
        (Dialect::V4, "gateway-client", "ui", [false, false, true, false]),
        (Dialect::V3, "gateway-client", "backend", [false, false, false, false]),
        (Dialect::V3, "openclaw-macos", "ui", [false, false, true, false]),
        (Dialect::V4, "openclaw-control-ui", "webchat", [false, true, true, true]),
        (Dialect::V4, "openclaw-control-ui", "", [false, true, true, true]),
        (Dialect::V4, "webchat-ui", "", [false, false, true, true]),
        (Dialect::V4, "webchat", "", [false, false, true, true]),
        (Dialect::V4, "test", "webchat", [false, false, true, true]),
        (Dialect::V1, "control-ui", "", [false, false, true, false]),
        (Dialect::V1, "test", "frontend", [false, false, true, false]),
        (Dialect::V3, "control-ui", "", [false, false, false, false]),
        (Dialect::V3, "test", "frontend", [false, false, false, false]),
        (Dialect::V1, "cli", "cli", [false, false, false, false]),
        (Dialect::V4, "cli", "cli", [false, false, false, false]),
    ];
    for (dialect, id, mode, expected) in table {
        let knock = Knock::new(dialect, id, mode);
        let attempt = knock.attempt();
        let found = [attempt.is_spec_001(), attempt.is_control_ui(), attempt.is_any_ui(), attempt.lives_in_browser()];
        assert_eq!(found, expected, "{id}/{mode} in {dialect:?}");
    }
}

#[test]
fn what_is_shown_of_an_attempt_names_what_was_sent_and_not_its_words() {
    let knock = Knock::cli().token("s3cret-word").device_token("d3vice-word").signed(&key(1), PayloadVersion::V3);
    let attempt = knock.attempt();
    let shown = format!("{:?} {:?}", attempt.credentials, attempt.device.unwrap());
    assert!(shown.contains("token: Some(\"[redacted]\")") && shown.contains("password: None"), "{shown}");
    assert!(shown.contains("signed_at") && shown.contains(&knock.device.as_ref().unwrap().id), "{shown}");
    assert!(!shown.contains("-word") && !shown.contains(&knock.device.as_ref().unwrap().signature), "{shown}");
}
