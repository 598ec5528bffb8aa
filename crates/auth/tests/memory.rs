//! What a million addresses leave behind in the tables that count them (SECURITY T10), measured from the outside: the memory of this
//! process. The only test of its file, so that nothing else allocates meanwhile.

use std::net::{IpAddr, Ipv6Addr};

use openclaw_auth::{
    CredentialClass, MAX_SOURCES, Source, Throttle, ThrottleSettings,
    limits::{Charge, Key, Limiter, MAX_KEYS, Rate},
};

const ADDRESSES: u32 = 1_000_000;
const MOST_BYTES: usize = 20 * 1024 * 1024;

/// Resident memory of this process, bytes; nothing where the system does not tell.
fn resident() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.split_whitespace().next()?.parse::<usize>().ok()? * 1024)
}

/// An address of its own for each number, and none of them in the network of another.
fn address(number: u32) -> IpAddr {
    Ipv6Addr::from_bits((0x2001_0db8_u128 << 96) | (u128::from(number) << 64) | 1).into()
}

#[test]
fn a_million_addresses_cost_less_than_twenty_mebibytes_in_both_tables_together() {
    let (mut throttle, mut limiter) = (Throttle::new(ThrottleSettings::default()), Limiter::new());
    let rate = Rate { window_ms: 60_000, max_requests: 100, skip_successful: false, skip_failed: false };
    let before = resident();
    for number in 0..ADDRESSES {
        let now = i64::from(number / 1000);
        let address = address(number);
        let IpAddr::V6(network) = address else { unreachable!("they are of version six") };
        let network = Ipv6Addr::from_bits(network.to_bits() & !u128::from(u64::MAX));
        throttle.failed(&Source::Address(network.into()), CredentialClass::SharedSecret, now);
        let charge = Charge { key: Key::User(Key::name(&address.to_string())), rate, cost: 1 };
        limiter.take(&[charge], now).expect("each has a budget of its own");
    }
    assert!(throttle.len() <= MAX_SOURCES && limiter.len() <= MAX_KEYS, "{} {}", throttle.len(), limiter.len());
    if let (Some(before), Some(after)) = (before, resident()) {
        let grown = after.saturating_sub(before);
        assert!(grown < MOST_BYTES, "{grown} bytes");
    }
}
