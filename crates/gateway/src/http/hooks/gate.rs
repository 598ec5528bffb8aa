//! Which requests are hooks: whoever shows the token or signs the body, not too often, and each delivery once.

use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use openclaw_config::Hooks as Settings;
use openclaw_core::Secret;
use sha2::{Digest, Sha256};

use crate::window::Window;

const MINUTE_MS: i64 = 60_000;
/// Wrong credentials that one address may show in a minute.
pub(super) const FAILURES: usize = 20;
/// Deliveries that are remembered; the oldest makes room.
const DELIVERIES: usize = 10_000;
/// Headers in which a signature is looked for, beside the configured one.
const SIGNATURES: [&str; 2] = ["x-hub-signature-256", "x-webhook-signature"];
/// Headers in which a sender names a delivery.
const DELIVERY_IDS: [&str; 5] =
    ["idempotency-key", "x-openclaw-idempotency-key", "x-github-delivery", "webhook-id", "x-delivery-id"];
/// Headers in which a sender says when it sent.
const TIMESTAMPS: [&str; 2] = ["x-webhook-timestamp", "webhook-timestamp"];

/// What is remembered of hooks.
#[derive(Debug)]
pub(crate) struct Hooks {
    pub(super) requests: Window,
    pub(super) failures: Window,
    /// When a delivery that was seen may be forgotten.
    seen: Mutex<HashMap<[u8; 32], i64>>,
    accepted: AtomicU64,
    refused: AtomicU64,
}

impl Default for Hooks {
    fn default() -> Self {
        Self {
            requests: Window::new(MINUTE_MS),
            failures: Window::new(MINUTE_MS),
            seen: Mutex::default(),
            accepted: AtomicU64::new(0),
            refused: AtomicU64::new(0),
        }
    }
}

impl Hooks {
    /// Notes a delivery. `false` when it was seen before.
    pub(super) fn is_new(&self, delivery: [u8; 32], now: i64, window_ms: i64) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.get(&delivery).is_some_and(|until| *until > now) {
            return false;
        }
        if seen.len() >= DELIVERIES {
            seen.retain(|_, until| *until > now);
            if seen.len() >= DELIVERIES
                && let Some(oldest) = seen.iter().min_by_key(|(_, until)| **until).map(|(delivery, _)| *delivery)
            {
                seen.remove(&oldest);
            }
        }
        seen.insert(delivery, now + window_ms);
        true
    }

    /// Forgets a delivery that came to nothing, so that its sender may try again.
    pub(super) fn forget(&self, delivery: &[u8; 32]) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).remove(delivery);
    }

    pub(super) fn count(&self, accepted: bool) {
        if accepted { &self.accepted } else { &self.refused }.fetch_add(1, Ordering::Relaxed);
    }

    /// Requests since the start: those that did something, and those that were refused.
    pub(crate) fn counts(&self) -> (u64, u64) {
        (self.accepted.load(Ordering::Relaxed), self.refused.load(Ordering::Relaxed))
    }

    /// Deliveries that are remembered.
    pub(crate) fn remembered(&self) -> usize {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

/// What a request shows before its body is read.
pub(super) enum Shown<'a> {
    /// The right token.
    Token,
    /// A signature, to be looked at with the body.
    Signature(&'a str),
    /// Nothing, or something wrong.
    Nothing,
}

/// Looks at the headers alone, so that the body of a stranger is not read.
pub(super) fn shown<'a>(headers: &'a HeaderMap, settings: &Settings) -> Shown<'a> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let bearer = crate::http::caller::token(headers).filter(|token| !token.is_empty());
    if let Some(token) = bearer.or_else(|| text("x-openclaw-token")) {
        let right = settings.token.as_ref().is_some_and(|secret| same(secret, token));
        return if right { Shown::Token } else { Shown::Nothing };
    }
    if settings.signature.secret.is_none() {
        return Shown::Nothing;
    }
    let configured = settings.signature.header.as_deref().and_then(text);
    let signature = configured.or_else(|| SIGNATURES.iter().find_map(|name| text(name)));
    signature.map_or(Shown::Nothing, Shown::Signature)
}

/// Compares over hashes, so that the time tells neither content nor length.
fn same(secret: &Secret, candidate: &str) -> bool {
    let hash = |text: &str| Secret::new(openclaw_core::hex(&Sha256::digest(text)));
    hash(secret.expose()).matches(hash(candidate).expose())
}

/// Whether a signature over the body is right: hex, with `sha256=` before it or not.
pub(super) fn is_signed(secret: &Secret, body: &[u8], signature: &str) -> bool {
    let hex = signature.strip_prefix("sha256=").unwrap_or(signature);
    let Some(signature) = unhexed(hex) else { return false };
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()) else { return false };
    mac.update(body);
    mac.verify_slice(&signature).is_ok()
}

fn unhexed(hex: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if hex.len() != 64 || !hex.is_ascii() {
        return None;
    }
    for (byte, digits) in bytes.iter_mut().zip(hex.as_bytes().chunks(2)) {
        let digit = |digit: u8| char::from(digit).to_digit(16);
        *byte = u8::try_from(digit(digits[0])? * 16 + digit(digits[1])?).ok()?;
    }
    Some(bytes)
}

/// What tells a delivery from others: for a signed one what was signed, since nothing else of it can be believed.
pub(super) fn delivery(headers: &HeaderMap, path: &str, shown: &Shown<'_>, body: &[u8]) -> Option<[u8; 32]> {
    let mut hash = Sha256::new();
    hash.update(path);
    hash.update([0]);
    match shown {
        Shown::Signature(_) => hash.update(body),
        _ => {
            let id = DELIVERY_IDS.iter().find_map(|name| headers.get(*name))?;
            hash.update(id.as_bytes());
        }
    }
    Some(hash.finalize().into())
}

/// Whether a request says that it was sent too long ago, or in the future.
pub(super) fn is_stale(headers: &HeaderMap, now: i64, window_ms: i64) -> bool {
    let Some(value) = TIMESTAMPS.iter().find_map(|name| headers.get(*name)) else { return false };
    let Some(number) = value.to_str().ok().and_then(|text| text.trim().parse::<i64>().ok()) else { return true };
    // Seconds, or milliseconds where they are too many for seconds.
    let sent = if number.unsigned_abs() < 100_000_000_000 { number.saturating_mul(1000) } else { number };
    now.saturating_sub(sent).saturating_abs() > window_ms
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn only_the_right_signature_over_exactly_this_body_is_right() {
        // The example of GitHub's documentation.
        let secret = Secret::new("It's a Secret to Everybody");
        let right = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        assert!(is_signed(&secret, b"Hello, World!", &format!("sha256={right}")));
        assert!(is_signed(&secret, b"Hello, World!", right));
        for (body, signature) in [
            (&b"Hello, World"[..], right.to_owned()),
            (b"Hello, World!", right.replace('7', "8")),
            (b"Hello, World!", format!("sha1={right}")),
            (b"Hello, World!", right[..62].to_owned()),
            (b"Hello, World!", String::new()),
            (b"Hello, World!", "ä".repeat(32)),
        ] {
            assert!(!is_signed(&secret, body, &signature), "{signature}");
        }
        assert!(!is_signed(&Secret::new("other"), b"Hello, World!", right));
    }

    #[test]
    fn a_delivery_does_something_once_and_memory_is_bounded() {
        let hooks = Hooks::default();
        assert!(
            hooks.is_new([1; 32], 0, 1000) && !hooks.is_new([1; 32], 999, 1000) && hooks.is_new([1; 32], 1000, 1000)
        );
        for number in 0..DELIVERIES as u32 + 10 {
            let mut delivery = [0; 32];
            delivery[..4].copy_from_slice(&number.to_be_bytes());
            hooks.is_new(delivery, 2000 + i64::from(number), 1_000_000);
        }
        assert!(hooks.remembered() <= DELIVERIES);
    }

    #[test]
    fn what_is_over_makes_room_and_else_the_oldest_does() {
        let named = |number: u32| {
            let mut delivery = [0; 32];
            delivery[..4].copy_from_slice(&number.to_be_bytes());
            delivery
        };
        let most = u32::try_from(DELIVERIES).unwrap();
        let filled = || {
            let hooks = Hooks::default();
            (0..most).for_each(|number| assert!(hooks.is_new(named(number), i64::from(number), 1_000_000)));
            assert_eq!(hooks.remembered(), DELIVERIES);
            hooks
        };
        let hooks = filled();
        assert!(hooks.is_new(named(most), 20_000, 1_000_000));
        assert_eq!(hooks.remembered(), DELIVERIES, "one went");
        assert!(!hooks.is_new(named(1), 20_000, 1_000_000) && hooks.is_new(named(0), 20_000, 1_000_000), "the oldest");
        let hooks = filled();
        assert!(hooks.is_new(named(most), 1_004_999, 1000));
        assert_eq!(hooks.remembered(), 5001, "those that are over at this moment went");
    }

    #[test]
    fn a_delivery_that_came_to_nothing_may_come_again_and_all_are_counted() {
        let hooks = Hooks::default();
        assert!(hooks.is_new([1; 32], 0, 1000) && hooks.is_new([2; 32], 0, 1000));
        hooks.forget(&[1; 32]);
        assert!(hooks.is_new([1; 32], 1, 1000) && !hooks.is_new([2; 32], 1, 1000));
        [true, true, false].into_iter().for_each(|accepted| hooks.count(accepted));
        assert_eq!(hooks.counts(), (2, 1));
    }

    #[test]
    fn the_token_or_a_signature_is_shown_in_a_header_and_a_wrong_token_is_nothing() {
        let mut settings = Settings { token: Some(Secret::new("right")), ..Settings::default() };
        settings.signature.secret = Some(Secret::new("signing"));
        settings.signature.header = Some("x-own".to_owned());
        let seen = |lines: &[(&'static str, &str)], settings: &Settings| {
            let named = |name| http::header::HeaderName::from_static(name);
            let lines = lines.iter().map(|(name, value)| (named(*name), HeaderValue::from_str(value).unwrap()));
            match shown(&HeaderMap::from_iter(lines), settings) {
                Shown::Token => "token".to_owned(),
                Shown::Signature(signature) => signature.to_owned(),
                Shown::Nothing => "nothing".to_owned(),
            }
        };
        for (lines, wanted) in [
            (&[("authorization", "Bearer right")][..], "token"),
            (&[("x-openclaw-token", "right")], "token"),
            (&[("authorization", "Bearer wrong"), ("x-openclaw-token", "right")], "nothing"),
            (&[("authorization", "Bearer "), ("x-openclaw-token", "right")], "token"),
            (&[("authorization", "Bearer wrong"), ("x-own", "s")], "nothing"),
            (&[("x-own", "s"), ("x-webhook-signature", "t")], "s"),
            (&[("x-hub-signature-256", "h"), ("x-webhook-signature", "t")], "h"),
            (&[("x-webhook-signature", "t")], "t"),
            (&[], "nothing"),
        ] {
            assert_eq!(seen(lines, &settings), wanted, "{lines:?}");
        }
        settings.signature.secret = None;
        assert_eq!(seen(&[("x-own", "s")], &settings), "nothing", "nobody signs");
        settings.token = None;
        assert_eq!(seen(&[("x-openclaw-token", "right")], &settings), "nothing", "there is no token");
    }

    #[test]
    fn what_was_sent_too_long_ago_is_stale() {
        let now = 1_800_000_000_000;
        for (sent, stale) in
            [("1800000000", false), ("1800000000000", false), ("1799999000", true), ("1800001000", true), ("x", true)]
        {
            let headers = HeaderMap::from_iter([(
                http::header::HeaderName::from_static(TIMESTAMPS[0]),
                HeaderValue::from_str(sent).unwrap(),
            )]);
            assert_eq!(is_stale(&headers, now, 300_000), stale, "{sent}");
        }
        assert!(!is_stale(&HeaderMap::new(), now, 300_000));
    }
}
