//! Where a gateway listens.

use std::{fmt, net::IpAddr, str::FromStr};

use http::Uri;

/// `ws://` or `wss://`, host, port, path and query. It displays without the query, which may hold a token.
#[derive(Clone, PartialEq, Eq)]
pub struct GatewayUrl {
    secure: bool,
    host: String,
    port: u16,
    path: String,
    query: Option<String>,
}

/// A text that does not name a gateway.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is not the address of a gateway: {why}; write it as ws://host:port or wss://host:port")]
pub struct BadUrl {
    /// What was given, without its query.
    pub text: String,
    /// What is wrong with it.
    pub why: String,
}

impl GatewayUrl {
    /// `ws://127.0.0.1:<port>`, a gateway on this machine.
    #[must_use]
    pub fn local(port: u16) -> Self {
        Self { secure: false, host: "127.0.0.1".to_owned(), port, path: "/".to_owned(), query: None }
    }

    /// Whether TLS goes below the WebSocket.
    #[must_use]
    pub const fn is_secure(&self) -> bool {
        self.secure
    }

    /// Host name or address, without brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// TCP port; 80 or 443 when the text had none.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Whether it names this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.host.eq_ignore_ascii_case("localhost")
            || self.host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    /// Host and port as they stand in a `Host` header.
    pub(crate) fn authority(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// The whole, with the query, for the request line.
    pub(crate) fn request_uri(&self) -> String {
        match &self.query {
            Some(query) => format!("{self}?{query}"),
            None => self.to_string(),
        }
    }
}

impl FromStr for GatewayUrl {
    type Err = BadUrl;

    fn from_str(text: &str) -> Result<Self, BadUrl> {
        let bad = |why: &str| {
            // A query or user info may be a secret and must not come back in an error.
            let shown = text.split(['?', '#']).next().unwrap_or_default();
            let shown = match (shown.find("://"), shown.rfind('@')) {
                (Some(scheme), Some(at)) if scheme + 3 < at => format!("{}…{}", &shown[..scheme + 3], &shown[at..]),
                _ => shown.to_owned(),
            };
            BadUrl { text: shown.chars().take(200).collect(), why: why.to_owned() }
        };
        let uri: Uri = text.trim().parse().map_err(|error| bad(&format!("{error}")))?;
        let secure = match uri.scheme_str() {
            Some("ws" | "http") => false,
            Some("wss" | "https") => true,
            Some(_) => return Err(bad("its scheme is neither ws nor wss")),
            None => return Err(bad("it has no scheme")),
        };
        if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err(bad("user and password do not belong into it"));
        }
        let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
        if host.is_empty() {
            return Err(bad("it has no host"));
        }
        let port = match uri.port() {
            Some(port) if port.as_u16() != 0 => port.as_u16(),
            Some(_) => return Err(bad("port 0 cannot be connected to")),
            None if uri.authority().map(http::uri::Authority::as_str) != uri.host() => {
                return Err(bad("its port is not a number up to 65535"));
            }
            None if secure => 443,
            None => 80,
        };
        Ok(Self {
            secure,
            host: host.to_owned(),
            port,
            path: if uri.path().is_empty() { "/".to_owned() } else { uri.path().to_owned() },
            query: uri.query().map(str::to_owned),
        })
    }
}

impl fmt::Display for GatewayUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.secure { "wss" } else { "ws" };
        let path = if self.path == "/" { "" } else { &self.path };
        write!(f, "{scheme}://{}{path}", self.authority())
    }
}

impl fmt::Debug for GatewayUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_shown_without_their_query() {
        for (text, shown, loopback) in [
            ("ws://127.0.0.1:18789", "ws://127.0.0.1:18789", true),
            ("ws://localhost:1/?token=secret", "ws://localhost:1", true),
            ("wss://gw.example/gw?token=secret", "wss://gw.example:443/gw", false),
            ("http://[::1]:8080/", "ws://[::1]:8080", true),
        ] {
            let url: GatewayUrl = text.parse().unwrap();
            assert_eq!((url.to_string().as_str(), url.is_loopback()), (shown, loopback));
        }
        let url: GatewayUrl = "ws://h:1/?token=secret".parse().unwrap();
        assert_eq!(url.request_uri(), "ws://h:1?token=secret");
    }

    #[test]
    fn bad_addresses_are_refused_with_the_reason_and_without_secrets() {
        for (text, why) in [
            ("localhost", "no scheme"),
            ("ftp://h/", "neither ws nor wss"),
            ("ws://u:hunter2@h:1/?token=hunter2", "user and password"),
            ("ws://h:0", "port 0"),
            ("ws://h:99999", "up to 65535"),
            ("ws://h:x", "up to 65535"),
            ("", "empty"),
        ] {
            let error = text.parse::<GatewayUrl>().unwrap_err();
            assert!(error.why.contains(why), "{text}: {error}");
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }
}
