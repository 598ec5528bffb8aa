//! The HTTP request that opens a connection (RFC 6455 §4.2), without any IO.
//!
//! Extensions and subprotocols are never answered, so none is ever in use.

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{GeneralPurpose, GeneralPurposeConfig},
};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Version,
    header::{CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE},
};
use sha1::{Digest, Sha1};

#[cfg(test)]
mod tests;

/// Appended to the key by RFC 6455 §1.3.
const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/// Bytes of a decoded key.
const KEY_BYTES: usize = 16;
/// Unused bits of the last character may be anything: several clients draw the 22 characters at random.
const KEY_ENCODING: GeneralPurpose =
    GeneralPurpose::new(&STANDARD, GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true));

/// Why a request does not open a WebSocket connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Only `GET` opens a connection.
    #[error("a WebSocket handshake uses the method GET")]
    Method,
    /// Upgrades exist in HTTP/1.1 only.
    #[error("a WebSocket handshake uses HTTP/1.1")]
    HttpVersion,
    /// `Upgrade` does not list `websocket`.
    #[error("the header Upgrade must list websocket")]
    Upgrade,
    /// `Connection` does not list `upgrade`; a proxy in between often drops it.
    #[error("the header Connection must list upgrade; a reverse proxy must pass it on")]
    Connection,
    /// `Sec-WebSocket-Version` is missing.
    #[error("the header Sec-WebSocket-Version: 13 is missing")]
    MissingVersion,
    /// Another protocol version than 13.
    #[error("only Sec-WebSocket-Version 13 is spoken")]
    WrongVersion,
    /// `Sec-WebSocket-Key` is missing, given twice, or not 16 bytes in base64.
    #[error("the header Sec-WebSocket-Key must be 16 bytes in base64, given once")]
    Key,
}

impl Refusal {
    /// Status to answer with: 426 for another protocol version, else 400.
    pub fn status(self) -> StatusCode {
        match self {
            Self::WrongVersion => StatusCode::UPGRADE_REQUIRED,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// Whole answer without a body; with 426 it names version 13, as RFC 6455 §4.4 asks.
    pub fn response(self) -> Response<()> {
        let mut response = Response::new(());
        *response.status_mut() = self.status();
        if self == Self::WrongVersion {
            response.headers_mut().insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        }
        response
    }
}

/// Does the request ask for a WebSocket at all? Then it is one for [`check`], else an ordinary HTTP request.
pub fn is_wanted<B>(request: &Request<B>) -> bool {
    lists_token(request.headers(), &UPGRADE, "websocket")
}

/// Checks an opening request and computes the `Sec-WebSocket-Accept` value that answers it.
///
/// # Errors
/// The first rule that the request breaks, with the status to answer.
pub fn check<B>(request: &Request<B>) -> Result<HeaderValue, Refusal> {
    let headers = request.headers();
    if request.method() != Method::GET {
        return Err(Refusal::Method);
    }
    if request.version() != Version::HTTP_11 {
        return Err(Refusal::HttpVersion);
    }
    if !lists_token(headers, &UPGRADE, "websocket") {
        return Err(Refusal::Upgrade);
    }
    if !lists_token(headers, &CONNECTION, "upgrade") {
        return Err(Refusal::Connection);
    }
    match only_value(headers, &SEC_WEBSOCKET_VERSION) {
        Some(version) if version == "13" => {}
        _ if headers.contains_key(SEC_WEBSOCKET_VERSION) => return Err(Refusal::WrongVersion),
        _ => return Err(Refusal::MissingVersion),
    }
    let key = only_value(headers, &SEC_WEBSOCKET_KEY).ok_or(Refusal::Key)?;
    match KEY_ENCODING.decode(key.as_bytes()) {
        Ok(bytes) if bytes.len() == KEY_BYTES => {}
        _ => return Err(Refusal::Key),
    }
    let digest = Sha1::new().chain_update(key.as_bytes()).chain_update(GUID).finalize();
    HeaderValue::try_from(KEY_ENCODING.encode(digest)).map_err(|_| Refusal::Key)
}

/// The `101` response for an accept value from [`check`].
pub fn response(accept: HeaderValue) -> Response<()> {
    let mut response = Response::new(());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    response
}

/// The header's value when it is given exactly once.
fn only_value<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a HeaderValue> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())
}

/// Does a comma separated list, possibly over several header lines, hold the token in any case?
fn lists_token(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|item| item.trim().eq_ignore_ascii_case(token))
}
