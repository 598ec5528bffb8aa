//! Any `Origin` and `Host` headers, and any chain of proxies, as a stranger sends them.
//!
//! The input is an origin, a host, an entry of the list and the values of `X-Forwarded-For`, a line each. Never panics; a page is
//! let in only when the list names it or it is a page of the host itself; nobody is taken for this machine who is not; and
//! a client that a proxy names is no proxy, is not this machine, and stands in the chain.
#![no_main]

use std::net::IpAddr;

use libfuzzer_sys::fuzz_target;
use openclaw_auth::{Locality, forwarded, origin};

fuzz_target!(|input: &[u8]| {
    let mut lines = input.split(|byte| *byte == b'\n');
    let mut text = || std::str::from_utf8(lines.next().unwrap_or_default()).unwrap_or_default();
    let (page, host, listed) = (text(), text(), text());
    let list = [listed.to_owned()];
    for locality in [Locality::DirectLoopback, Locality::Remote] {
        let own = origin::check(page, Some(host), locality, &[]).is_ok();
        if own {
            let after = page.split_once("://").expect("an origin has a scheme").1.to_ascii_lowercase();
            let bare = |text: &str| text.trim_end_matches(|c: char| c == ':' || c.is_ascii_digit()).to_owned();
            let same = address(&after).is_some() && address(&after) == address(&host.to_ascii_lowercase());
            assert!(same || bare(&after) == bare(&host.to_ascii_lowercase()), "{page:?} is no page of {host:?}");
            assert!(!page.contains(['@', '?', '#', '\\', ' ', '\0']), "{page:?}");
            assert!(!origin::host_is_loopback(host) || locality == Locality::DirectLoopback, "{host:?} from elsewhere");
        }
        assert!(origin::check(page, None, locality, &[]).is_err(), "nothing says whose page it is");
        if listed.trim() != "*" && origin::check(page, None, locality, &list).is_ok() {
            assert!(
                origin::check(listed.trim(), None, locality, &[page.to_owned()]).is_ok(),
                "{page:?} and {listed:?}"
            );
        }
    }
    if origin::host_is_loopback(host) {
        let host = host.to_ascii_lowercase();
        let name = host.split(':').next().unwrap_or_default();
        assert!(name == "localhost" || address(&host).is_some_and(|ip| ip.is_loopback()), "{host:?}");
    }

    let chain: Vec<&[u8]> = lines.collect();
    let trusted = |ip: IpAddr| matches!(ip, IpAddr::V4(ip) if ip.octets()[0] == 10);
    if let Some(client) = forwarded::client(chain.iter().copied(), trusted) {
        assert!(!trusted(client) && !client.is_loopback() && !client.is_unspecified(), "{client}");
        let hops: Vec<IpAddr> = chain
            .iter()
            .flat_map(|line| line.split(|byte| *byte == b','))
            .filter_map(|hop| Some(std::str::from_utf8(hop).ok()?.trim().parse::<IpAddr>().ok()?.to_canonical()))
            .collect();
        let behind = hops.iter().rev().find(|hop| !trusted(**hop));
        assert_eq!(behind, Some(&client), "the last that is no proxy");
    }
});

/// The address that an authority names, whatever its port.
fn address(authority: &str) -> Option<IpAddr> {
    let name = match authority.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0,
        None => authority.split(':').next()?,
    };
    name.parse::<IpAddr>().ok().map(|ip| ip.to_canonical())
}
