//! Passwords that are kept as an Argon2id hash in PHC form: `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`.
//!
//! Computing one takes tens of milliseconds and megabytes on purpose; the caller bounds how many are computed at once.

use argon2::{Algorithm, Argon2, Params, Version};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use openclaw_core::Secret;
use subtle::ConstantTimeEq;

/// How a hash begins; a password that begins so is taken for one.
pub const PREFIX: &str = "$argon2id$";
/// What a new hash costs: kibibytes, passes, lanes (OWASP's recommendation).
const COST: (u32, u32, u32) = (19_456, 2, 1);
/// Bytes of a new hash.
const LENGTH: usize = 32;
/// The most that a hash may cost to check: kibibytes, passes, lanes.
const MOST: (u32, u32, u32) = (262_144, 16, 16);
/// Less than this is no protection: kibibytes.
const LEAST_KIB: u32 = 7_168;
/// The longest password, bytes.
const LONGEST: usize = 4_096;

struct Parsed {
    cost: (u32, u32, u32),
    salt: Vec<u8>,
    hash: Vec<u8>,
}

/// Whether a hash can be checked.
///
/// # Errors
/// What is wrong with it; never the hash itself.
pub fn check(hash: &Secret) -> Result<(), String> {
    parse(hash.expose()).map(drop)
}

/// Whether `candidate` is the password of `hash`. A hash that cannot be read has none.
#[must_use]
pub fn verify(hash: &Secret, candidate: &str) -> bool {
    let Ok(parsed) = parse(hash.expose()) else { return false };
    compute(candidate, &parsed.salt, parsed.cost, parsed.hash.len())
        .is_some_and(|computed| computed.ct_eq(&parsed.hash).into())
}

/// The hash of a password, with these random bytes. `None` when the password is longer than 4096 bytes.
#[must_use]
pub fn hash(password: &Secret, salt: [u8; 16]) -> Option<Secret> {
    hash_at(COST, password, salt)
}

/// As [`hash`], at another cost: kibibytes, passes, lanes. `None` also when it is none.
#[must_use]
pub fn hash_at(cost: (u32, u32, u32), password: &Secret, salt: [u8; 16]) -> Option<Secret> {
    let hash = compute(password.expose(), &salt, cost, LENGTH)?;
    let (memory, passes, lanes) = cost;
    let (salt, hash) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(hash));
    Some(Secret::new(format!("{PREFIX}v=19$m={memory},t={passes},p={lanes}${salt}${hash}")))
}

fn compute(password: &str, salt: &[u8], (memory, passes, lanes): (u32, u32, u32), length: usize) -> Option<Vec<u8>> {
    if password.len() > LONGEST {
        return None;
    }
    let params = Params::new(memory, passes, lanes, Some(length)).ok()?;
    let mut hash = vec![0; length];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon2.hash_password_into(password.as_bytes(), salt, &mut hash).ok().map(|()| hash)
}

fn parse(text: &str) -> Result<Parsed, String> {
    let wrong = || {
        "is no Argon2id hash, which reads $argon2id$v=19$m=…,t=…,p=…$salt$hash; make one with `openclaw gateway hash-password`"
            .to_owned()
    };
    let rest = text.trim().strip_prefix(PREFIX).and_then(|rest| rest.strip_prefix("v=19$")).ok_or_else(wrong)?;
    let [costs, salt, hash]: [&str; 3] = rest.split('$').collect::<Vec<_>>().try_into().map_err(|_| wrong())?;
    let [memory, passes, lanes]: [&str; 3] = costs.split(',').collect::<Vec<_>>().try_into().map_err(|_| wrong())?;
    let number = |part: &str, name: &str| part.strip_prefix(name)?.parse::<u32>().ok();
    let cost = number(memory, "m=").zip(number(passes, "t=")).zip(number(lanes, "p="));
    let ((memory, passes), lanes) = cost.ok_or_else(wrong)?;
    if memory < LEAST_KIB {
        return Err(format!("is a hash that is too cheap to guess: m is {memory}, at least {LEAST_KIB} is needed"));
    }
    if memory > MOST.0 || passes > MOST.1 || lanes > MOST.2 {
        let (memory, passes, lanes) = MOST;
        return Err(format!("is a hash that costs too much to check: at most m={memory},t={passes},p={lanes}"));
    }
    let bytes = |text: &str| STANDARD_NO_PAD.decode(text).map_err(|_| wrong());
    let (salt, hash) = (bytes(salt)?, bytes(hash)?);
    if !(8..=64).contains(&salt.len())
        || !(16..=64).contains(&hash.len())
        || Params::new(memory, passes, lanes, None).is_err()
    {
        return Err(wrong());
    }
    Ok(Parsed { cost: (memory, passes, lanes), salt, hash })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_knows_its_password_and_no_other() {
        let password = Secret::new("correct horse battery staple");
        let hash = hash(&password, [7; 16]).unwrap();
        assert!(hash.expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.expose());
        assert!(!hash.expose().contains("horse"));
        check(&hash).unwrap();
        assert!(verify(&hash, "correct horse battery staple"));
        for other in ["correct horse battery stapl", "", hash.expose(), &"x".repeat(LONGEST + 1)] {
            assert!(!verify(&hash, other), "{other}");
        }
    }

    #[test]
    fn what_a_password_and_a_hash_may_cost_has_bounds() {
        let long = |length| hash(&Secret::new("x".repeat(length)), [7; 16]).is_some();
        assert!(long(LONGEST) && !long(LONGEST + 1) && !long(LONGEST + 2));
        let costs = |memory: u32, passes: u32, lanes: u32| {
            check(&Secret::new(format!(
                "$argon2id$v=19$m={memory},t={passes},p={lanes}$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
            )))
        };
        assert_eq!((costs(7_168, 1, 1), costs(262_144, 16, 16)), (Ok(()), Ok(())));
        assert!(costs(7_167, 16, 1).unwrap_err().contains("too cheap"));
        for (memory, passes, lanes) in
            [(262_145, 1, 1), (262_146, 1, 1), (7_168, 17, 1), (7_168, 18, 1), (7_168, 1, 17), (7_168, 1, 18)]
        {
            assert!(costs(memory, passes, lanes).unwrap_err().contains("too much"), "{memory} {passes} {lanes}");
        }
    }

    #[test]
    fn what_another_program_made_is_understood() {
        // A vector of the reference implementation of Argon2 (its test.c).
        let hash =
            Secret::new("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc");
        assert!(verify(&hash, "password"));
        assert!(!verify(&hash, "Password"));
    }

    #[test]
    fn what_is_no_hash_is_refused_with_the_reason() {
        for (text, said) in [
            ("$argon2id$", "no Argon2id hash"),
            ("$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ", "no Argon2id hash"),
            ("$argon2id$v=19$m=19456,t=2$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", "no Argon2id hash"),
            ("$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", "too cheap"),
            ("$argon2id$v=19$m=4194304,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", "too much"),
            ("$argon2id$v=19$m=19456,t=2,p=1$!!!$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", "no Argon2id hash"),
            ("$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$", "no Argon2id hash"),
        ] {
            let refused = check(&Secret::new(text)).unwrap_err();
            assert!(refused.contains(said) && !refused.contains("CTFh"), "{text}: {refused}");
            assert!(!verify(&Secret::new(text), "password"));
        }
    }
}
