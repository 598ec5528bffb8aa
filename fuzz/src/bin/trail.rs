//! Any bytes, as a line of the audit trail and as a sealed value, from somebody who has no key.
//!
//! Never panics, and takes neither: whoever writes the files cannot write what is believed.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use openclaw_core::Secret;
use openclaw_seal::{is_sealed, kid_of};
use openclaw_store::{AuditKey, audit_file::Walk};

fuzz_target!(|input: &[u8]| {
    static KEY: OnceLock<AuditKey> = OnceLock::new();
    let key = KEY.get_or_init(|| AuditKey::new(&Secret::new("nobody-has-this-one")));
    let mut walk = Walk::new(key);
    for line in input.split(|byte| *byte == b'\n') {
        assert!(walk.line(line).is_err(), "a line that nobody with the key has written");
    }
    assert_eq!(walk.newest(), None);
    if let Ok(text) = std::str::from_utf8(input) {
        assert_eq!(is_sealed(text), kid_of(text).is_some());
        if let Some(kid) = kid_of(text) {
            assert!((1..=32).contains(&kid.len()) && kid.is_ascii(), "{kid:?}");
        }
    }
});
