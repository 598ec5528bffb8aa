//! Under which address a device elsewhere reaches the gateway, and who could listen on the way there.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

use openclaw_protocol::WireError;
use reqwest::Url;

use crate::state::State;

/// An address of the gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reachable {
    /// `wss://…` or `ws://…`, without a slash at the end.
    pub(crate) url: String,
    /// Which key or parameter says so.
    pub(crate) source: &'static str,
    /// Who could listen on the way.
    pub(crate) way: Way,
}

/// The way to an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Nobody: it is encrypted, or does not leave this machine.
    Private,
    /// Everybody on the local network.
    LocalNetwork,
}

/// The address for a device: the one that is asked for, else the one that is configured, else the one that it listens on.
///
/// # Errors
/// That an address is none, that it would lead over the open internet in the clear, or that the gateway knows none.
pub(crate) fn address(state: &State, asked: Option<&str>, prefer_remote: bool) -> Result<Reachable, WireError> {
    if let Some(asked) = asked {
        return read(asked, "params.publicUrl");
    }
    let active = state.active();
    let gateway = &active.loaded.config.gateway;
    if let Some(url) = gateway.remote.url.as_deref().filter(|_| prefer_remote) {
        return read(url, "gateway.remote.url");
    }
    if let Some(Ok(url)) = state.tailscale.published() {
        return read(&url, "gateway.tailscale.mode");
    }
    if prefer_remote {
        let text = "params.preferRemoteUrl: neither gateway.remote.url nor gateway.tailscale.mode says how the gateway is \
                    reached from elsewhere; set one of them, or name the address in params.publicUrl";
        return Err(WireError::params(text).with("path", "params.preferRemoteUrl"));
    }
    let scheme = if state.tls.is_some() { "wss" } else { "ws" };
    let on = |address: SocketAddr| read(&format!("{scheme}://{address}"), "gateway.bind");
    let listening = &state.listening;
    match listening.iter().find(|address| !address.ip().is_loopback()) {
        Some(address) if address.ip().is_unspecified() => match own_address() {
            Some(ip) => on(SocketAddr::new(ip, address.port())),
            None => Err(unknown("this machine has no network address at this moment")),
        },
        Some(address) => on(*address),
        None => match listening.first() {
            Some(address) => on(*address),
            None => Err(unknown("the gateway listens on no address that it knows")),
        },
    }
}

fn unknown(why: &str) -> WireError {
    let text = format!("{why}; name the address under which devices reach the gateway in params.publicUrl");
    WireError::params(text).with("path", "params.publicUrl")
}

/// The address from which this machine would speak to others. Nothing is sent for it.
fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    // An address of the documentation (RFC 5737): the way there is the way to everybody.
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    socket.local_addr().ok().map(|address| address.ip()).filter(|ip| !ip.is_unspecified())
}

/// Reads an address as people write it: a page's address means its WebSocket.
fn read(text: &str, source: &'static str) -> Result<Reachable, WireError> {
    let wrong = |why: &str| WireError::params(format!("{source}: {why}")).with("path", source);
    let mut url = Url::parse(text.trim())
        .map_err(|_| wrong("no address; write it as wss://gateway.example.com or ws://192.168.1.20:18789"))?;
    let encrypted = match url.scheme() {
        "wss" | "https" => true,
        "ws" | "http" => false,
        _ => return Err(wrong("an address begins with wss://, ws://, https:// or http://")),
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("an address holds no name and no password: whoever sees the code would see them"));
    }
    url.set_query(None);
    url.set_fragment(None);
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| wrong("an address names a host"))?;
    let way = match (encrypted, place(host)) {
        (true, _) | (false, Place::ThisMachine) => Way::Private,
        (false, Place::LocalNetwork) => Way::LocalNetwork,
        (false, Place::Elsewhere) => {
            let text = "in the clear only this machine and the local network are reached; use wss:// (gateway.tls, a \
                        proxy, or gateway.tailscale.mode: serve)";
            return Err(wrong(text));
        }
    };
    let scheme = if encrypted { "wss" } else { "ws" };
    let (_, rest) = url.as_str().split_once("://").unwrap_or_default();
    Ok(Reachable { url: format!("{scheme}://{}", rest.trim_end_matches('/')), source, way })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    ThisMachine,
    LocalNetwork,
    Elsewhere,
}

fn place(host: &str) -> Place {
    let host = host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    let Ok(ip) = host.parse::<IpAddr>() else {
        return match host.as_str() {
            "localhost" => Place::ThisMachine,
            name if name.ends_with(".localhost") => Place::ThisMachine,
            name if name.ends_with(".local") => Place::LocalNetwork,
            _ => Place::Elsewhere,
        };
    };
    match ip.to_canonical() {
        ip if ip.is_loopback() => Place::ThisMachine,
        IpAddr::V4(ip) if ip.is_private() || ip.is_link_local() => Place::LocalNetwork,
        IpAddr::V6(ip) if ip.is_unique_local() || ip.is_unicast_link_local() => Place::LocalNetwork,
        _ => Place::Elsewhere,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_people_write_them() {
        for (text, url, way) in [
            ("https://gw.example.com/", "wss://gw.example.com", Way::Private),
            (" wss://gw.example.com:8443/ws?x=1#y ", "wss://gw.example.com:8443/ws", Way::Private),
            ("https://100.64.0.7", "wss://100.64.0.7", Way::Private),
            ("ws://127.0.0.1:18789", "ws://127.0.0.1:18789", Way::Private),
            ("http://[::1]:18789/", "ws://[::1]:18789", Way::Private),
            ("ws://192.168.1.20:18789", "ws://192.168.1.20:18789", Way::LocalNetwork),
            ("ws://box.local:18789", "ws://box.local:18789", Way::LocalNetwork),
            ("ws://[fd00::1]:18789", "ws://[fd00::1]:18789", Way::LocalNetwork),
        ] {
            assert_eq!(read(text, "x"), Ok(Reachable { url: url.to_owned(), source: "x", way }), "{text}");
        }
    }

    #[test]
    fn nothing_leads_over_the_internet_in_the_clear() {
        for text in [
            "ws://gw.example.com",
            "http://203.0.113.9:18789",
            "ws://100.64.0.7:18789",
            "ws://box.tail.ts.net",
            "ws://8.8.8.8",
            "ws://local",
            "ws://localhost.example.com",
            "wss://user:secret@gw.example.com",
            "wss://user@gw.example.com",
            "ftp://gw.example.com",
            "gw.example.com",
            "",
            "wss://",
        ] {
            let error = read(text, "params.publicUrl").expect_err(text);
            assert!(error.message.starts_with("params.publicUrl: ") && !error.message.contains("secret"), "{error}");
        }
    }
}
