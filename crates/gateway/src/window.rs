//! How often a source may do something within a time. Bounded, and forgets by itself.

use std::{
    collections::{HashMap, VecDeque},
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Sources that are remembered; the one that was seen longest ago makes room.
const SOURCES: usize = 4096;
/// Times that are remembered of one source, whatever is allowed.
const TIMES: usize = 10_000;

/// Counts what sources do within a span of time.
#[derive(Debug)]
pub(crate) struct Window {
    span_ms: i64,
    sources: Mutex<HashMap<IpAddr, VecDeque<i64>>>,
}

impl Window {
    /// Nothing counted yet.
    pub(crate) fn new(span_ms: i64) -> Self {
        Self { span_ms, sources: Mutex::default() }
    }

    fn sources(&self) -> MutexGuard<'_, HashMap<IpAddr, VecDeque<i64>>> {
        self.sources.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long a source must wait that did something `most` times already, in milliseconds; counts nothing.
    pub(crate) fn wait(&self, ip: IpAddr, most: usize, now: i64) -> Option<u64> {
        let mut sources = self.sources();
        let times = sources.get_mut(&source(ip))?;
        forget(times, self.span_ms, now);
        let first = times.len().checked_sub(most.clamp(1, TIMES)).and_then(|at| times.get(at))?;
        Some((first + self.span_ms - now).max(1).unsigned_abs())
    }

    /// Counts one more, unless the source did it `most` times already.
    ///
    /// # Errors
    /// How long to wait, in milliseconds.
    pub(crate) fn enter(&self, ip: IpAddr, most: usize, now: i64) -> Result<(), u64> {
        match self.wait(ip, most, now) {
            Some(wait) => Err(wait),
            None => {
                self.count(ip, now);
                Ok(())
            }
        }
    }

    /// Counts one more.
    pub(crate) fn count(&self, ip: IpAddr, now: i64) {
        let (mut sources, key) = (self.sources(), source(ip));
        if !sources.contains_key(&key) && sources.len() >= SOURCES {
            let oldest = sources.iter().min_by_key(|(_, times)| times.back().copied()).map(|(ip, _)| *ip);
            if let Some(oldest) = oldest {
                sources.remove(&oldest);
            }
        }
        let times = sources.entry(key).or_default();
        forget(times, self.span_ms, now);
        if times.len() >= TIMES {
            times.pop_front();
        }
        times.push_back(now);
    }

    /// Forgets what a source did.
    pub(crate) fn clear(&self, ip: IpAddr) {
        self.sources().remove(&source(ip));
    }
}

fn forget(times: &mut VecDeque<i64>, span_ms: i64, now: i64) {
    while times.front().is_some_and(|time| now - time >= span_ms) {
        times.pop_front();
    }
}

/// Of IPv6 the first 64 bits, because one host has all of them.
fn source(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() & !u128::from(u64::MAX)).into(),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_waits_when_it_did_enough_and_others_do_not() {
        let window = Window::new(1000);
        let [one, other] = ["192.0.2.1", "192.0.2.2"].map(|ip| ip.parse().unwrap());
        assert_eq!(window.enter(one, 2, 0), Ok(()));
        assert_eq!(window.enter(one, 2, 400), Ok(()));
        assert_eq!(window.enter(one, 2, 500), Err(500));
        assert_eq!(window.enter(other, 2, 500), Ok(()));
        assert_eq!(window.enter(one, 2, 1000), Ok(()));
        assert_eq!(window.wait(one, 2, 1001), Some(399));
        window.clear(one);
        assert_eq!(window.wait(one, 2, 1001), None);
    }

    #[test]
    fn a_host_with_many_addresses_is_one_source_and_memory_is_bounded() {
        let window = Window::new(1000);
        for last in 0..3 {
            let ip = format!("2001:db8::{last}").parse().unwrap();
            assert_eq!(window.enter(ip, 2, 0).is_ok(), last < 2);
        }
        for number in 0..u32::try_from(SOURCES).unwrap() + 100 {
            window.count(std::net::Ipv4Addr::from(number).into(), i64::from(number));
        }
        assert_eq!(window.sources().len(), SOURCES);
    }
}
