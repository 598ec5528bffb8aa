//! Whether the time of a comparison tells anything about a secret, asked as dudect does (Reparaz, Balasch and Verbauwhede, 2016): guesses of
//! two classes, drawn at random one after the other, are timed, cropped at many percentiles and compared by Welch's t.
//!
//! Takes the number of samples. Prints a line for each comparison. Fails when a `t` is 4.5 or more, or when the one that leaks on purpose
//! is not found.

#![expect(clippy::disallowed_macros, reason = "a developer's command prints")]
#![expect(clippy::disallowed_methods, reason = "real time is what is measured")]

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use openclaw_auth::{password, tokens};
use openclaw_core::{
    Secret,
    record::{Device, DeviceToken},
};
use openclaw_protocol::{DeviceId, Role, Scopes};

/// From here on a difference counts as one.
const MOST: f64 = 4.5;
/// Percentiles at which slow samples are cut off: what an interruption took says nothing.
const CROPS: u32 = 100;
/// How long one comparison may be measured.
const LONGEST: Duration = Duration::from_secs(120);
/// Guesses of each class that are made beforehand.
const GUESSES: usize = 1024;
/// A secret as the gateway makes them.
const SECRET: &str = "q3v8Zk1x7Lw0TnB5yRmCeJ4uHs9dGfA2pXoVbKiN6tE";
/// The characters of such secrets.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn main() -> Result<()> {
    let samples = std::env::args().nth(1).context("how many samples?")?;
    let samples: usize = samples.replace('_', "").parse().context("the number of samples is none")?;
    let secret = Secret::new(SECRET);
    let longer = Secret::new(format!("{SECRET}{}", &SECRET[..8]));
    let device = device();
    let hash = cheap_hash()?;
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (near, far) = (guesses(&mut random, SECRET.len() - 1), guesses(&mut random, 0));
    let known = [near.as_slice(), far.as_slice()];
    let same = [far.as_slice(), far.as_slice()];
    let mut measured = |name: &str, classes, work: &mut dyn FnMut(usize, &str) -> bool| {
        let samples = sampled(samples, classes, &mut random, work);
        let t = worst(&samples);
        println!("{name:<64} {:>9} samples  max |t| {t:.2}", samples.len());
        t
    };
    let leak = measured("control, byte by byte: all but the last character, or none", known, &mut |_, guess| {
        leaky(SECRET, guess)
    });
    let all = [
        measured("shared secret: all but the last character, or none", known, &mut |_, guess| {
            tokens::same_secret(&secret, guess)
        }),
        measured("shared secret: as long as the guess, or longer", same, &mut |class, guess| {
            tokens::same_secret(if class == 0 { &secret } else { &longer }, guess)
        }),
        measured("device token: all but the last character, or none", known, &mut |_, guess| {
            tokens::check(&device, Role::Operator, guess, 0) == tokens::TokenCheck::Good
        }),
        measured("token in a header: all but the last character, or none", known, &mut |_, guess| {
            secret.matches(guess)
        }),
        measured("password against its hash: all but the last character, or none", known, &mut |_, guess| {
            password::verify(&hash, guess)
        }),
    ];
    if leak < MOST {
        bail!(
            "the comparison that leaks was not found, so the others say nothing: measure longer, on a quieter machine"
        );
    }
    let found = all.iter().filter(|t| **t >= MOST).count();
    if found > 0 {
        bail!("{found} comparisons tell something about the secret by their time (|t| of {MOST} or more)");
    }
    println!("no comparison tells anything: every |t| is below {MOST}");
    Ok(())
}

/// A comparison as it must not be.
#[inline(never)]
fn leaky(secret: &str, guess: &str) -> bool {
    secret.len() == guess.len() && secret.bytes().zip(guess.bytes()).all(|(one, other)| black_box(one) == other)
}

/// Numbers that look random (xorshift64*); who measures needs no better ones.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap_or_default() % end
    }
}

/// Wrong guesses, as long as the secret, of which so many characters from its beginning are right and the next is wrong.
fn guesses(random: &mut Random, right: usize) -> Vec<String> {
    let mut guesses = Vec::with_capacity(GUESSES);
    while guesses.len() < GUESSES {
        let rest = (right..SECRET.len()).map(|_| char::from(ALPHABET[random.below(ALPHABET.len())]));
        let guess: String = SECRET.chars().take(right).chain(rest).collect();
        if guess.as_bytes()[right] != SECRET.as_bytes()[right] {
            guesses.push(guess);
        }
    }
    guesses
}

/// Nanoseconds of each sample, and its class.
fn sampled(
    most: usize,
    classes: [&[String]; 2],
    random: &mut Random,
    work: &mut dyn FnMut(usize, &str) -> bool,
) -> Vec<(usize, f64)> {
    let mut samples = Vec::with_capacity(most);
    // Both classes are read from the same place, so that memory tells them apart no more than the text does.
    let mut shown = String::with_capacity(SECRET.len());
    let begun = Instant::now();
    for at in 0..most + most / 100 {
        let (class, guess) = (random.below(2), random.below(GUESSES));
        shown.clear();
        shown.push_str(&classes[class][guess]);
        let before = Instant::now();
        black_box(work(black_box(class), black_box(&shown)));
        let took = before.elapsed();
        // The first ones find nothing in the caches.
        if at >= most / 100 {
            samples.push((class, took.as_secs_f64() * 1e9));
        }
        if begun.elapsed() > LONGEST {
            break;
        }
    }
    samples
}

/// The largest of the `t` values over all crops.
fn worst(samples: &[(usize, f64)]) -> f64 {
    let mut times: Vec<f64> = samples.iter().map(|(_, time)| *time).collect();
    times.sort_by(f64::total_cmp);
    let crop = |step: u32| {
        // As dudect does: many crops near the top, where the tail is.
        let share = 1.0 - 0.5_f64.powf(10.0 * f64::from(step) / f64::from(CROPS));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a place in a list"
        )]
        let at = (share * times.len() as f64) as usize;
        times.get(at).copied().unwrap_or(f64::INFINITY)
    };
    let limits = (1..=CROPS).map(crop).chain([f64::INFINITY]);
    limits.map(|limit| welch(samples, limit).abs()).fold(0.0, f64::max)
}

/// Welch's t of the samples that took less than a limit; nothing where there are too few to say.
fn welch(samples: &[(usize, f64)], limit: f64) -> f64 {
    let mut classes = [Class::default(), Class::default()];
    for (class, time) in samples.iter().filter(|(_, time)| *time < limit) {
        classes[*class].add(*time);
    }
    let [one, other] = classes;
    if one.count < 500.0 || other.count < 500.0 {
        return 0.0;
    }
    let spread = one.variance() / one.count + other.variance() / other.count;
    if spread > 0.0 { (one.mean - other.mean) / spread.sqrt() } else { 0.0 }
}

/// Mean and variance, added up as Welford does.
#[derive(Clone, Copy, Default)]
struct Class {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Class {
    fn add(&mut self, time: f64) {
        self.count += 1.0;
        let off = time - self.mean;
        self.mean += off / self.count;
        self.squares += off * (time - self.mean);
    }

    fn variance(&self) -> f64 {
        self.squares / (self.count - 1.0)
    }
}

/// A device with a live token.
fn device() -> Device {
    let token = DeviceToken {
        role: Role::Operator,
        hash: tokens::hash_token(SECRET),
        scopes: Scopes::NONE,
        created_at: 0,
        rotated_at: None,
        revoked_at: None,
        last_used_at: None,
        expires_at: i64::MAX,
    };
    Device {
        device_id: DeviceId::new("0".repeat(64)).unwrap_or_else(|_| unreachable!("it is an identifier")),
        public_key: String::new(),
        display_name: None,
        platform: None,
        device_family: None,
        client_id: None,
        client_mode: None,
        roles: vec![Role::Operator],
        scopes: Scopes::NONE,
        remote_ip: None,
        owner: String::new(),
        approved_via: String::new(),
        created_at: 0,
        approved_at: 0,
        last_seen_at: None,
        tokens: vec![token],
        revision: 0,
    }
}

/// A hash of the secret at the least cost that is accepted, because nobody waits a day for a million of the usual ones.
fn cheap_hash() -> Result<Secret> {
    password::hash_at((7_168, 1, 1), &Secret::new(SECRET), *b"sixteen bytes...").context("the password has no hash")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_classes_that_differ_are_told_apart_and_equal_ones_are_not() {
        let mut random = Random(7);
        let noise = |random: &mut Random| f64::from(u16::try_from(random.below(1_000)).unwrap());
        let mut samples = |off: f64| -> Vec<(usize, f64)> {
            (0..20_000).map(|at| (at % 2, noise(&mut random) + if at % 2 == 0 { off } else { 0.0 })).collect()
        };
        assert!(worst(&samples(0.0)) < MOST);
        assert!(worst(&samples(50.0)) > MOST);
    }

    #[test]
    fn guesses_are_right_as_far_as_they_should_be() {
        for right in [0, 7, SECRET.len() - 1] {
            for guess in guesses(&mut Random(3), right) {
                assert_eq!(guess.len(), SECRET.len());
                assert_eq!(guess.bytes().zip(SECRET.bytes()).take_while(|(one, other)| one == other).count(), right);
            }
        }
    }
}
