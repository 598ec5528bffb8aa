use super::*;
use crate::{Derivation, KeyRing, Means, Protection};

fn sealer(cipher: Cipher) -> Sealer {
    let folder = tempfile::tempdir().unwrap();
    let ids = Ids::seeded(7);
    let keys = KeyRing::of(folder.path())
        .ensure(&Means::default(), &Protection::Usual, Derivation::default(), &ids, 0)
        .unwrap();
    Sealer::new(&keys, &ids, Use::Config, cipher)
}

#[test]
fn what_is_sealed_opens_at_its_place_and_nowhere_else() {
    for cipher in [Cipher::Gcm, Cipher::Cbc] {
        let sealer = sealer(cipher);
        for plain in ["", "x", "a secret of some length, with ünïcode", &"long ".repeat(10_000)] {
            let sealed = sealer.seal("gateway.auth.token", plain);
            assert!(is_sealed(&sealed) && kid_of(&sealed) == Some(sealer.kid()), "{sealed}");
            assert!(plain.len() < 4 || !sealed.contains(plain));
            assert_eq!(*sealer.open("gateway.auth.token", &sealed).unwrap(), *plain);
            assert_eq!(sealer.open("gateway.auth.password", &sealed), Err(OpenError::NotHere));
            assert_ne!(sealer.seal("gateway.auth.token", plain), sealed, "no two seals are alike");
        }
    }
}

#[test]
fn a_change_of_any_letter_is_noticed() {
    for cipher in [Cipher::Gcm, Cipher::Cbc] {
        let sealer = sealer(cipher);
        let sealed = sealer.seal("a", "0123456789");
        for at in 0..sealed.len() {
            for letter in ['A', 'z', ':', '_'] {
                let mut other = sealed.clone();
                other.replace_range(at..=at, &letter.to_string());
                if other != sealed {
                    assert!(sealer.open("a", &other).is_err(), "{other}");
                }
            }
            assert!(sealer.open("a", &sealed[..at]).is_err());
        }
    }
}

#[test]
fn one_use_does_not_open_what_another_sealed() {
    let folder = tempfile::tempdir().unwrap();
    let ids = Ids::seeded(7);
    let keys = KeyRing::of(folder.path())
        .ensure(&Means::default(), &Protection::Usual, Derivation::default(), &ids, 0)
        .unwrap();
    let config = Sealer::new(&keys, &ids, Use::Config, Cipher::Gcm);
    let database = Sealer::new(&keys, &ids, Use::Database, Cipher::Cbc);
    assert_eq!(database.open("a", &config.seal("a", "x")), Err(OpenError::NotHere));
    let both = Sealer::new(&keys, &ids, Use::Config, Cipher::Cbc);
    assert_eq!(*both.open("a", &config.seal("a", "x")).unwrap(), "x", "either cipher opens");
}

#[test]
fn text_that_only_looks_alike_is_no_sealed_value() {
    for text in
        ["", "enc:v1:", "enc:v1:k", "enc:v1:k:", "enc:v1::x", "enc:v2:k:x", "enc:v1:k:x y", "ENC:v1:k:x", "enc:v1:k:x="]
    {
        assert!(!is_sealed(text), "{text}");
    }
    let other = sealer(Cipher::Gcm).open("a", "enc:v1:deadbeef:AAAA");
    assert_eq!(other, Err(OpenError::UnknownKey { kid: "deadbeef".to_owned() }));
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(64))]
    #[test]
    fn any_text_is_refused_or_opened_and_never_more(text in "(enc:v1:[a-f0-9]{0,8}:)?.{0,80}") {
        let _ = sealer(Cipher::Gcm).open("a", &text);
    }
}
