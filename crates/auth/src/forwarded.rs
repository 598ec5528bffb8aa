//! Which client a chain of proxies names (SECURITY T24).

use std::net::IpAddr;

/// The client that trusted proxies name: the last entry of their `X-Forwarded-For` headers that is no trusted proxy itself.
///
/// `lines` are the values of the headers in the order in which they came. Proxies add behind what they were sent, so what
/// stands before the client's entry is the client's own word, and is not read. `None` when an entry that is read is no
/// address, or when the chain ends at this machine or nowhere: then nobody knows who asks.
#[must_use]
pub fn client<'a>(
    lines: impl DoubleEndedIterator<Item = &'a [u8]>,
    is_trusted: impl Fn(IpAddr) -> bool,
) -> Option<IpAddr> {
    for line in lines.rev() {
        for hop in line.rsplit(|byte| *byte == b',') {
            let hop = std::str::from_utf8(hop).ok()?.trim().parse::<IpAddr>().ok()?.to_canonical();
            if !is_trusted(hop) {
                return (!hop.is_loopback() && !hop.is_unspecified()).then_some(hop);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The client of these headers, where 10.0.0.0/8 is trusted.
    fn named(lines: &[&[u8]]) -> Option<String> {
        let trusted = |ip: IpAddr| matches!(ip, IpAddr::V4(ip) if ip.octets()[0] == 10);
        client(lines.iter().copied(), trusted).map(|ip| ip.to_string())
    }

    #[test]
    fn the_last_entry_that_is_no_proxy_is_the_client() {
        for (lines, client) in [
            (&[b"203.0.113.9".as_slice()] as &[&[u8]], "203.0.113.9"),
            (&[b"1.1.1.1, 203.0.113.9, 10.0.0.1"], "203.0.113.9"),
            (&[b"1.1.1.1", b"203.0.113.9", b"10.0.0.2,10.0.0.1"], "203.0.113.9"),
            (&[b"127.0.0.1, 203.0.113.9"], "203.0.113.9"),
            (&[b"nonsense, 203.0.113.9"], "203.0.113.9"),
            (&[b"::ffff:203.0.113.9"], "203.0.113.9"),
            (&[b"2001:db8::1"], "2001:db8::1"),
        ] {
            assert_eq!(named(lines).as_deref(), Some(client), "{lines:?}");
        }
    }

    #[test]
    fn nobody_is_the_client_where_an_entry_says_nothing() {
        for lines in [
            &[] as &[&[u8]],
            &[b""],
            &[b"10.0.0.1"],
            &[b"127.0.0.1"],
            &[b"::1, 10.0.0.1"],
            &[b"0.0.0.0"],
            &[b"203.0.113.9, "],
            &[b"203.0.113.9, unknown"],
            &[b"203.0.113.9:1234"],
            // A header that cannot be read hides nothing: what stands before it is the client's own word.
            &[b"203.0.113.9", b"\xff, 192.0.2.1\xff"],
            &[b"203.0.113.9", b"\xff"],
        ] {
            assert_eq!(named(lines), None, "{lines:?}");
        }
    }
}
