//! Which web pages may speak to the gateway (SECURITY §3.1, PROTOCOL §4.2, SPEC-NOTES 7).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::attempt::Locality;

/// Why an origin was refused; the words are those of `details.reason`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OriginProblem {
    /// There is none though the client only lives in browsers, or it is no origin: `null`, with user, path or query.
    #[error("origin missing or invalid")]
    MissingOrInvalid,
    /// A page of somebody else.
    #[error("origin not allowed")]
    NotAllowed,
}

/// Checks an `Origin` header. It is called for every connection that has one, whatever else was sent.
///
/// Accepted is: an origin of the list (or any, with `*`); a page of the gateway itself when its host cannot be rebound
/// to another address by a foreign name server. Another page of this machine must be listed like any other (SPEC-NOTES 7).
///
/// # Errors
/// [`OriginProblem`] with the reason.
pub fn check(origin: &str, host: Option<&str>, locality: Locality, allowed: &[String]) -> Result<(), OriginProblem> {
    let origin = WebOrigin::parse(origin).ok_or(OriginProblem::MissingOrInvalid)?;
    let mut entries = allowed.iter().map(|entry| entry.trim());
    let listed = entries.any(|entry| entry == "*" || WebOrigin::parse(entry).is_some_and(|entry| entry == origin));
    let local = locality == Locality::DirectLoopback;
    let own = host
        .and_then(|host| Authority::parse(&host.to_ascii_lowercase(), origin.default_port()))
        .is_some_and(|host| host == origin.authority && if host.is_loopback() { local } else { host.is_private() });
    if listed || own { Ok(()) } else { Err(OriginProblem::NotAllowed) }
}

/// Whether a `Host` header names this machine, whatever its port: one of the conditions of [`Locality::DirectLoopback`].
#[must_use]
pub fn host_is_loopback(host: &str) -> bool {
    Authority::parse(&host.to_ascii_lowercase(), None).is_some_and(|host| host.is_loopback())
}

/// Whether a `Host` header satisfies spec 003's rule for local requests: `localhost` or `127.0.0.1`.
pub(crate) fn host_is_003_local(host: &str) -> bool {
    Authority::parse(&host.to_ascii_lowercase(), None)
        .is_some_and(|host| host.name == "localhost" || host.address == Some(Ipv4Addr::LOCALHOST.into()))
}

#[derive(Debug, PartialEq, Eq)]
struct WebOrigin {
    scheme: String,
    authority: Authority,
}

#[derive(Debug, PartialEq, Eq)]
struct Authority {
    name: String,
    address: Option<IpAddr>,
    port: Option<u16>,
}

impl WebOrigin {
    fn parse(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let (scheme, rest) = text.split_once("://")?;
        let is_scheme = scheme.starts_with(|first: char| first.is_ascii_lowercase())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
        is_scheme.then_some(())?;
        let authority = Authority::parse(rest, default_port(scheme))?;
        Some(Self { scheme: scheme.to_owned(), authority })
    }

    fn default_port(&self) -> Option<u16> {
        default_port(&self.scheme)
    }
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

impl Authority {
    /// Reads `host`, `host:port` or `[v6]:port`; anything else, above all user, path and spaces, is no authority.
    fn parse(text: &str, default_port: Option<u16>) -> Option<Self> {
        let (name, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (name, after) = rest.split_once(']')?;
                name.parse::<Ipv6Addr>().ok()?;
                (name, if after.is_empty() { None } else { Some(after.strip_prefix(':')?) })
            }
            None => match text.split_once(':') {
                Some((name, port)) => (name, Some(port)),
                None => (text, None),
            },
        };
        let address: Option<IpAddr> = name.parse().ok();
        let is_name =
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte));
        (address.is_some() || is_name).then_some(())?;
        let port = match port {
            Some(port) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
                Some(port.parse().ok().filter(|port| *port != 0)?)
            }
            Some(_) => return None,
            None => default_port,
        };
        Some(Self { name: name.to_owned(), address: address.map(|address| address.to_canonical()), port })
    }

    fn is_loopback(&self) -> bool {
        self.address.map_or(self.name == "localhost", |address| address.is_loopback())
    }

    /// Hosts that no foreign name server can point at the gateway.
    fn is_private(&self) -> bool {
        match self.address {
            Some(IpAddr::V4(address)) => {
                // 100.64.0.0/10 is where Tailscale gives out addresses.
                let shared = address.octets()[0] == 100 && address.octets()[1] & 0xc0 == 64;
                address.is_private() || address.is_link_local() || shared
            }
            Some(IpAddr::V6(address)) => address.is_unique_local() || address.is_unicast_link_local(),
            None => [".local", ".ts.net"]
                .iter()
                .any(|zone| self.name.strip_suffix(zone).is_some_and(|rest| !rest.is_empty())),
        }
    }
}

#[cfg(test)]
mod tests;
