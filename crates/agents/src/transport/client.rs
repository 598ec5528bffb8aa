//! The one HTTP client that all providers share.

use std::time::Duration;

use openclaw_core::Secret;
use reqwest::{Client, NoProxy, Proxy, redirect};

use crate::Error;

/// How outgoing connections are made. Nothing is read from the process environment.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// Proxy for `http://` addresses; may hold a password.
    pub http_proxy: Option<Secret>,
    /// Proxy for `https://` addresses; may hold a password.
    pub https_proxy: Option<Secret>,
    /// Comma-separated hosts and networks that are reached directly, as in `NO_PROXY`. This machine always is.
    pub no_proxy: Option<String>,
    /// How long opening a connection may take; 10 s unless told otherwise.
    pub connect_timeout: Duration,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self { http_proxy: None, https_proxy: None, no_proxy: None, connect_timeout: Duration::from_secs(10) }
    }
}

/// Model servers on this machine are not behind anybody's proxy.
const LOOPBACK: &str = "localhost,127.0.0.0/8,::1";

/// Builds the client: TLS by rustls, no proxy but those of the settings, no total timeout (it would end long answers).
///
/// # Errors
/// [`Error::Settings`] when a proxy's address is not one, or TLS cannot be set up.
pub fn http_client(settings: &HttpSettings) -> Result<Client, Error> {
    // `no_proxy` first: feature unification could otherwise switch the system's proxies on behind our back.
    let mut builder = Client::builder()
        .no_proxy()
        .connect_timeout(settings.connect_timeout)
        .tcp_nodelay(true)
        .tcp_keepalive(Duration::from_secs(60))
        .pool_idle_timeout(Duration::from_secs(60))
        .pool_max_idle_per_host(16)
        // A redirect would carry the key to another host.
        .redirect(redirect::Policy::none())
        .user_agent(concat!("openclaw/", env!("CARGO_PKG_VERSION")));
    let direct = format!("{LOOPBACK},{}", settings.no_proxy.as_deref().unwrap_or_default());
    let direct = NoProxy::from_string(&direct);
    for (name, address, make) in [
        ("http", &settings.http_proxy, (|url| Proxy::http(url)) as fn(&str) -> reqwest::Result<Proxy>),
        ("https", &settings.https_proxy, |url| Proxy::https(url)),
    ] {
        let Some(address) = address else { continue };
        // The cause is left out, because it would quote the address with its password.
        let proxy = make(address.expose()).map_err(|_| Error::Settings {
            key: format!("the {name} proxy"),
            what: "this is no valid address; write it like http://user:password@host:port".into(),
        })?;
        builder = builder.proxy(proxy.no_proxy(direct.clone()));
    }
    builder.build().map_err(|error| Error::Settings {
        key: "the HTTP client".into(),
        what: format!("it cannot be set up: {}", super::endpoint::causes(&error.without_url())),
    })
}
