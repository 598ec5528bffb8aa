use super::*;

#[test]
fn the_challenge_says_whether_somebody_must_sign() {
    for (enabled, page, signature, required) in [
        (true, false, true, true),
        (true, true, false, true),
        (true, true, true, true),
        (true, false, false, false),
        (false, true, true, false),
        (false, false, false, false),
    ] {
        let mut policy = Policy::none();
        policy.device_auth.enabled = enabled;
        policy.device_auth.require_signature = signature;
        policy.control_ui.require_device_auth = page;
        assert_eq!(policy.device_auth_required(), required, "{enabled} {page} {signature}");
    }
}

#[test]
fn a_secret_is_a_hash_when_it_begins_like_one() {
    let hash = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA";
    assert!(is_hash(hash) && Policy::password(Secret::new(hash)).secret_is_hashed());
    for plain in ["", "argon2id", "$argon2i$v=19", "a $argon2id$"] {
        assert!(!is_hash(plain) && !Policy::password(Secret::new(plain)).secret_is_hashed(), "{plain}");
    }
    assert!(!Policy::none().secret_is_hashed());
}
