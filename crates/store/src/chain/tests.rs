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
    let base = link(&prev, 1, 2, ["ab", "cd", "ef"]);
    assert_eq!(base, link(&prev, 1, 2, ["ab", "cd", "ef"]));
    for other in [
        link(&[1; 32], 1, 2, ["ab", "cd", "ef"]),
        link(&prev, 2, 2, ["ab", "cd", "ef"]),
        link(&prev, 1, 3, ["ab", "cd", "ef"]),
        link(&prev, 1, 2, ["a", "bcd", "ef"]),
        link(&prev, 1, 2, ["ab", "c", "def"]),
    ] {
        assert_ne!(base, other);
    }
}

#[test]
fn the_hash_of_a_record_never_changes_between_versions() {
    // SHA-256 of: "openclaw audit 1", 32 zeros, seq and ts as big-endian 64 bit, then each text after its 64-bit length.
    let hash = openclaw_core::hex(&link(&[0; 32], 1, 1_800_000_000_000, ["a", "b", "{}"]));
    assert_eq!(hash, "4dea22622a86bbfdf584b04bece3dd2f8dda5fa27671bf19a682f3394a1c8de9");
}

fn proof(key: &str, keyed_from: i64) -> Proof {
    Proof { key: AuditKey::new(&openclaw_core::Secret::new(key)), keyed_from }
}

#[test]
fn a_keyed_hash_depends_on_the_key_and_every_part_and_never_changes_between_versions() {
    let prev = [0; 32];
    let texts = ["a", "b", "{}"];
    let first = proof("a key of the tests, long enough", 1);
    let hash = first.link(&prev, 1, 2, texts);
    // Computed by another program, from the description in the documentation.
    assert_eq!(openclaw_core::hex(&hash), "c84950ef1487cfe23e12ad390d3c30d43f8ce4544296399a58a56f05dbddbe0b");
    assert_ne!(hash, link(&prev, 1, 2, texts), "without the key");
    assert_ne!(hash, proof("another key", 1).link(&prev, 1, 2, texts));
    assert_ne!(hash, first.link(&prev, 1, 2, ["ab", "", "{}"]));
    assert_eq!(proof("any", 2).link(&prev, 1, 2, texts), link(&prev, 1, 2, texts), "from before there was a key");
    let head = ChainHead { seq: 5, hash };
    assert_ne!(
        first.seal(&head),
        proof("a key of the tests, long enough", 2).seal(&head),
        "the seal says where keyed ones begin"
    );
}
