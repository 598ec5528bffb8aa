use serde_json::json;

use super::*;

fn event() -> AuditEvent {
    AuditEvent {
        event: "session.patched".to_owned(),
        severity: "info".to_owned(),
        actor: "token".to_owned(),
        ip: None,
        method: Some("sessions.patch".to_owned()),
        target: None,
        outcome: "ok".to_owned(),
        reason: None,
        detail: json!({ "bytes": 3 }),
    }
}

#[test]
fn the_document_holds_what_has_no_column() {
    let text = document(&event()).unwrap();
    assert_eq!(text, r#"{"severity":"info","method":"sessions.patch","outcome":"ok","detail":{"bytes":3}}"#);
}

#[test]
fn the_limit_counts_the_whole_event() {
    let fits = AuditEvent { detail: json!("x".repeat(MAX_AUDIT_BYTES - 200)), ..event() };
    document(&fits).unwrap();
    let long = AuditEvent { actor: "y".repeat(300), ..fits };
    assert!(matches!(document(&long), Err(Error::TooLarge { what: "audit event", .. })));
}

#[test]
fn no_two_records_give_the_same_bytes() {
    let prev = [0; 32];
    let base = link(&prev, 1, 2, "ab", "cd", "ef");
    assert_eq!(base, link(&prev, 1, 2, "ab", "cd", "ef"));
    for other in [
        link(&[1; 32], 1, 2, "ab", "cd", "ef"),
        link(&prev, 2, 2, "ab", "cd", "ef"),
        link(&prev, 1, 3, "ab", "cd", "ef"),
        link(&prev, 1, 2, "a", "bcd", "ef"),
        link(&prev, 1, 2, "ab", "c", "def"),
    ] {
        assert_ne!(base, other);
    }
}

#[test]
fn the_hash_of_a_record_never_changes_between_versions() {
    // SHA-256 of: "openclaw audit 1", 32 zeros, seq and ts as big-endian 64 bit, then each text after its 64-bit length.
    let hash = hex(&link(&[0; 32], 1, 1_800_000_000_000, "a", "b", "{}"));
    assert_eq!(hash, "4dea22622a86bbfdf584b04bece3dd2f8dda5fa27671bf19a682f3394a1c8de9");
}
