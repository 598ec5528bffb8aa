use std::{fs, path::Path};

use openclaw_core::Secret;
use openclaw_protocol::{Role, Scope, Scopes};

use super::*;
use crate::testing::{self, NOW};

#[test]
fn a_token_is_kept_as_its_hash() {
    assert_eq!(hash_token("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

#[test]
fn secrets_are_the_same_only_when_every_byte_is() {
    let secret = Secret::new("s3cret");
    assert!(same_secret(&secret, "s3cret"));
    for wrong in ["", "s3cre", "s3crets", "S3cret"] {
        assert!(!same_secret(&secret, wrong), "{wrong}");
    }
}

/// Operators stop at the first letter that differs, and lengths that differ say so: a `Secret` has no `==`, and nobody is to go around
/// that by its text.
#[test]
fn no_secret_is_compared_by_an_operator() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let (mut folders, mut files, mut found) = (vec![crates.to_owned()], 0, Vec::new());
    let compares = |line: &&str| {
        line.contains("expose()") && [" == ", " != ", ".eq(", ".ne("].iter().any(|operator| line.contains(operator))
    };
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.file_stem().is_some_and(|name| name == "tests") {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let sources = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default().lines();
                found.extend(sources.filter(compares).map(|line| format!("{}: {}", path.display(), line.trim())));
                files += 1;
            }
        }
    }
    assert!(files > 200, "{files} files");
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_presented_token_is_good_revoked_expired_or_wrong() {
    let device = testing::approved(&testing::key(1), &["operator.read"]);
    let kept = testing::token("t", &["operator.read"]);
    let mut known = testing::with_token(device, kept.clone());
    let device = &mut known.0[0];
    assert_eq!(check(device, Role::Operator, "t", NOW), TokenCheck::Good);
    assert_eq!(check(device, Role::Operator, "u", NOW), TokenCheck::Wrong);
    assert_eq!(check(device, Role::Node, "t", NOW), TokenCheck::Wrong);
    assert_eq!(check(device, Role::Operator, "t", kept.expires_at), TokenCheck::Expired);
    device.tokens[0].revoked_at = Some(NOW - 1);
    assert_eq!(check(device, Role::Operator, "t", NOW), TokenCheck::Revoked);
    assert_eq!(check(device, Role::Operator, "u", NOW), TokenCheck::Wrong);
}

#[test]
fn issuing_and_rotating_make_a_fresh_record_and_keeping_moves_the_end() {
    let scopes = Scopes::from_iter([Scope::Read]);
    let fresh = Secret::new("fresh");
    let issued = TokenAction::Issue { scopes, expires_at: 9 }.record(Role::Operator, None, &fresh, 5).unwrap();
    assert_eq!((issued.hash.as_str(), issued.created_at, issued.rotated_at), (hash_token("fresh").as_str(), 5, None));
    let rotated = TokenAction::Rotate { scopes, expires_at: 20 }
        .record(Role::Operator, Some(&issued), &Secret::new("newer"), 7)
        .unwrap();
    assert_eq!((rotated.created_at, rotated.rotated_at, rotated.expires_at), (5, Some(7), 20));
    assert_ne!(rotated.hash, issued.hash);
    let kept = TokenAction::Keep { expires_at: 30 }.record(Role::Operator, Some(&rotated), &fresh, 8).unwrap();
    assert_eq!((kept.hash == rotated.hash, kept.expires_at, kept.last_used_at), (true, 30, Some(8)));
    assert_eq!(TokenAction::None.record(Role::Operator, Some(&kept), &fresh, 8), None);
}
