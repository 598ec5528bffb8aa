//! Address ranges as operators write them.

use std::{
    io,
    net::{IpAddr, UdpSocket},
};

use openclaw_auth::Interface;

/// Whether an address is one of this machine's own: only those can be bound. A machine that binds any address takes them all for its
/// own, which refuses a proxy and lets nobody in.
pub(crate) fn interface(ip: IpAddr) -> Interface {
    match UdpSocket::bind((ip.to_canonical(), 0)) {
        Ok(_) => Interface::Own,
        Err(error) if error.kind() == io::ErrorKind::AddrNotAvailable => Interface::Elsewhere,
        Err(_) => Interface::Unknown,
    }
}

/// Whether one of these addresses and CIDR ranges holds `ip`.
pub(crate) fn listed(ranges: &[String], ip: IpAddr) -> bool {
    ranges.iter().any(|range| contains(range, ip))
}

/// Whether `range`, an address or a CIDR range, holds `ip`. IPv4 addresses mapped into IPv6 count as IPv4.
pub(crate) fn contains(range: &str, ip: IpAddr) -> bool {
    let (address, bits) = match range.split_once('/') {
        Some((address, bits)) => (address, bits.parse::<u32>().ok()),
        None => (range, Some(u32::MAX)),
    };
    let (Ok(address), Some(bits)) = (address.trim().parse::<IpAddr>(), bits) else { return false };
    // The prefix of a mapped address counts the 96 bits before it.
    let bits = match (address, address.to_canonical()) {
        (IpAddr::V6(_), IpAddr::V4(_)) if bits <= 128 => match bits.checked_sub(96) {
            Some(bits) => bits,
            None => return false,
        },
        _ => bits,
    };
    match (address.to_canonical(), ip.to_canonical()) {
        (IpAddr::V4(network), IpAddr::V4(ip)) => {
            same(u128::from(network.to_bits()) << 96, u128::from(ip.to_bits()) << 96, bits.min(32))
        }
        (IpAddr::V6(network), IpAddr::V6(ip)) => same(network.to_bits(), ip.to_bits(), bits.min(128)),
        _ => false,
    }
}

fn same(left: u128, right: u128, bits: u32) -> bool {
    bits == 0 || (left ^ right) >> (128 - bits) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_addresses_are_told_from_others() {
        assert_eq!(interface("127.0.0.1".parse().unwrap()), Interface::Own);
        // An address of the documentation (RFC 5737) is nobody's.
        assert_eq!(interface("192.0.2.77".parse().unwrap()), Interface::Elsewhere);
    }

    #[test]
    fn ranges_hold_their_addresses() {
        for (range, ip, inside) in [
            ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.1", "127.0.0.2", false),
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("0.0.0.0/0", "8.8.8.8", true),
            ("10.0.0.1", "::ffff:10.0.0.1", true),
            ("::ffff:10.0.0.0/104", "10.9.9.9", true),
            ("::ffff:10.0.0.0/104", "11.0.0.1", false),
            ("::ffff:10.0.0.0/8", "10.0.0.1", false),
            ("fd00::/8", "fd12::1", true),
            ("fd00::/8", "10.0.0.1", false),
            ("nonsense", "10.0.0.1", false),
            ("10.0.0.0/x", "10.0.0.1", false),
        ] {
            assert_eq!(contains(range, ip.parse().unwrap()), inside, "{range} {ip}");
        }
    }
}
