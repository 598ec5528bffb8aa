//! Where a provider lives and how we show ourselves there.

use std::{fmt, time::Duration};

use openclaw_core::Secret;
use reqwest::{
    Url,
    header::{HeaderMap, HeaderName, HeaderValue},
};

use super::wait::Limit;
use crate::{Error, error::MAX_MESSAGE};

/// The largest frame that is taken from a provider unless told otherwise: 16 MiB.
pub const DEFAULT_MAX_FRAME: usize = 16 * 1024 * 1024;

/// Shorter texts are not searched for in errors: they would hide ordinary words.
const MIN_SCRUBBED: usize = 6;

/// Deadlines of one exchange. Opening the connection has its own, on the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Until the answer's headers. Local servers load the model in this time.
    pub headers: Duration,
    /// From the headers to the first byte of the body.
    pub first_byte: Duration,
    /// Between any two bytes.
    pub idle: Duration,
    /// Between any two increments; keep-alives do not count.
    pub progress: Duration,
}

impl Timeouts {
    /// The same, but for headers, first byte and silence with this deadline instead, and no shorter one for progress.
    #[must_use]
    pub fn answering_within(self, deadline: Duration) -> Self {
        Self { headers: deadline, first_byte: deadline, idle: deadline, progress: self.progress.max(deadline) }
    }
}

impl Default for Timeouts {
    /// 120 s for headers and first byte, 90 s between bytes, 300 s between increments.
    fn default() -> Self {
        Self {
            headers: Duration::from_secs(120),
            first_byte: Duration::from_secs(120),
            idle: Duration::from_secs(90),
            progress: Duration::from_secs(300),
        }
    }
}

/// A provider's address with the headers that every request carries.
#[derive(Clone)]
pub struct Endpoint {
    /// The address that the wire's own paths are added to. A query in it stays.
    pub base_url: Url,
    /// Sent with every request, authorisation among them; values are marked sensitive.
    pub headers: HeaderMap,
    /// Deadlines.
    pub timeouts: Timeouts,
    /// The largest frame, in bytes.
    pub max_frame: usize,
    /// The limits that the vendor tells in headers.
    pub(crate) limits: &'static [Limit],
    provider: String,
    secrets: Vec<Secret>,
}

impl Endpoint {
    /// An address without authorisation.
    ///
    /// # Errors
    /// [`Error::Settings`] when `base_url` is no http or https address.
    pub fn new(provider: &str, base_url: &str, timeouts: Timeouts) -> Result<Self, Error> {
        let refuse = |what: &str| Error::Settings {
            key: format!("models.providers.{provider}"),
            what: format!("baseUrl {what}; write it like https://host/v1"),
        };
        let base_url = Url::parse(base_url).map_err(|error| refuse(&format!("is not an address ({error})")))?;
        if !matches!(base_url.scheme(), "http" | "https") || base_url.host().is_none() {
            return Err(refuse("must begin with http:// or https://"));
        }
        let mut secrets: Vec<Secret> = base_url.query_pairs().map(|(_, value)| Secret::new(value)).collect();
        secrets.extend(base_url.password().map(Secret::new));
        let headers = HeaderMap::new();
        let provider = provider.into();
        Ok(Self { base_url, headers, timeouts, max_frame: DEFAULT_MAX_FRAME, limits: &[], provider, secrets })
    }

    /// Adds a header, replacing one of the same name. Its value never shows in an error.
    ///
    /// # Errors
    /// [`Error::Settings`] when name or value cannot be sent.
    pub fn with_header(mut self, name: &str, prefix: &str, value: &Secret) -> Result<Self, Error> {
        let refuse = |what: String| Error::Settings { key: format!("models.providers.{}", self.provider), what };
        let name = HeaderName::try_from(name).map_err(|_| refuse(format!("{name:?} is not a header name")))?;
        let mut text = HeaderValue::try_from(format!("{prefix}{}", value.expose()))
            .map_err(|_| refuse(format!("the value for {name} holds characters that a header cannot carry")))?;
        text.set_sensitive(true);
        self.headers.insert(name, text);
        self.secrets.push(value.clone());
        Ok(self)
    }

    /// Adds a header with the key, when there is one.
    pub(crate) fn with_key(self, name: &str, prefix: &str, key: Option<&Secret>) -> Result<Self, Error> {
        match key {
            Some(key) => self.with_header(name, prefix, key),
            None => Ok(self),
        }
    }

    /// Adds a header that is no secret.
    #[must_use]
    pub(crate) fn with_public_header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        self
    }

    /// The address of `path` below the base address; a `version` segment is added unless the base already ends in it.
    pub(crate) fn url(&self, version: Option<&str>, path: &str) -> Url {
        let mut url = self.base_url.clone();
        let base = url.path().trim_end_matches('/').to_owned();
        let version = version.filter(|version| !base.ends_with(&format!("/{version}")));
        let version = version.map(|version| format!("/{version}")).unwrap_or_default();
        url.set_path(&format!("{base}{version}/{path}"));
        url
    }

    /// Host and port, the only part of the address that errors show.
    pub(crate) fn host(&self) -> String {
        let host = self.base_url.host_str().unwrap_or_default();
        self.base_url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// The error without any of our secrets, its texts cut to [`MAX_MESSAGE`] characters.
    pub(crate) fn scrub(&self, error: Error) -> Error {
        error.map_text(|text| {
            let mut text = text.to_owned();
            for secret in self.secrets.iter().filter(|secret| secret.expose().len() >= MIN_SCRUBBED) {
                text = text.replace(secret.expose(), "[redacted]");
            }
            if text.chars().nth(MAX_MESSAGE).is_some() {
                text = text.chars().take(MAX_MESSAGE).chain(['…']).collect();
            }
            text
        })
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address may hold a password or a key.
        f.debug_struct("Endpoint").field("provider", &self.provider).field("host", &self.host()).finish_non_exhaustive()
    }
}

/// The error and what caused it, in one line.
pub(crate) fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
