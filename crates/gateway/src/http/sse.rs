//! Server-sent events: lines of text for as long as there is something to tell.

use std::{convert::Infallible, time::Duration};

use axum::body::Body;
use bytes::Bytes;
use futures_util::Stream;
use http::{HeaderValue, Response, header};
use serde::Serialize;

/// How often a silent stream shows that it is alive, so that nothing between takes it for dead.
pub(super) const ALIVE: Duration = Duration::from_secs(15);
/// Says nothing.
pub(super) const KEEP_ALIVE: &[u8] = b": keep-alive\n\n";

/// The answer whose body is this stream.
pub(super) fn response(stream: impl Stream<Item = Bytes> + Send + 'static) -> Response<Body> {
    use futures_util::StreamExt;
    let mut response = Response::new(Body::from_stream(stream.map(Ok::<_, Infallible>)));
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-cache, no-store"),
        // Proxies that gather answers would gather this one for ever.
        (header::HeaderName::from_static("x-accel-buffering"), "no"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// `data: …`, with a name where there is one.
pub(super) fn event(name: Option<&str>, data: &impl Serialize) -> Bytes {
    let mut text = Vec::with_capacity(256);
    if let Some(name) = name {
        text.extend_from_slice(b"event: ");
        text.extend_from_slice(name.as_bytes());
        text.push(b'\n');
    }
    text.extend_from_slice(b"data: ");
    openclaw_protocol::frame::write_json(&mut text, data);
    text.extend_from_slice(b"\n\n");
    text.into()
}

/// The last line of the streams that `OpenAI` defines.
pub(super) const DONE: &[u8] = b"data: [DONE]\n\n";
