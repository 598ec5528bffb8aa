//! How long a request is, and for whom (T26). Two programs in a row that read that in two ways let a stranger hide one request in
//! another; so whatever can be read in two ways is refused, and a request whose end its body tells is the last on its connection.

use axum::body::Body;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Version, header};

use super::answer;

/// Whether another request may follow on the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// The head says how long the request is.
    Plain,
    /// The body says where it ends.
    Last,
}

impl Framing {
    /// Closes the connection after the answer where nothing may follow.
    pub(crate) fn over(self, mut response: Response<Body>) -> Response<Body> {
        if self == Self::Last {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

/// Judges the head of a request.
///
/// # Errors
/// The answer to a head that two programs could read in two ways.
pub(crate) fn check<B>(request: &Request<B>) -> Result<Framing, Box<Response<Body>>> {
    let named = request.uri().authority().map(http::uri::Authority::as_str);
    match judged(request.version(), named, request.headers()) {
        Ok(framing) => Ok(framing),
        Err(text) => Err(Box::new(Framing::Last.over(answer::refused(StatusCode::BAD_REQUEST, "bad_request", text)))),
    }
}

/// `named` is the host that the first line names.
fn judged(version: Version, named: Option<&str>, headers: &HeaderMap) -> Result<Framing, &'static str> {
    let mut hosts = headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (_, Some(_)) => return Err("two Host headers: send one"),
        (None, _) if version == Version::HTTP_11 => return Err("no Host header: HTTP/1.1 asks for one"),
        (Some(host), _) if !is_one_host(host) => return Err("the Host header is no host with a port"),
        (Some(host), _) if named.is_some_and(|named| !named.as_bytes().eq_ignore_ascii_case(host.as_bytes())) => {
            return Err("the first line and the Host header name different hosts");
        }
        _ => {}
    }
    let mut codings = headers.get_all(header::TRANSFER_ENCODING).iter();
    let Some(coding) = codings.next() else { return Ok(Framing::Plain) };
    if codings.next().is_some() || !coding.as_bytes().eq_ignore_ascii_case(b"chunked") {
        return Err("Transfer-Encoding is understood as \"chunked\" alone");
    }
    // A Content-Length beside it is gone by now: the library goes by the coding, as RFC 9112 §6.3 wants. A proxy may have gone by the
    // length, and what it took for the body's end may be somebody else's request: nothing behind this one is answered.
    Ok(Framing::Last)
}

/// Letters of names, addresses and a port; nothing that a second reader could take for the end of the name.
fn is_one_host(host: &HeaderValue) -> bool {
    let host = host.as_bytes();
    !host.is_empty() && host.iter().all(|byte| byte.is_ascii_alphanumeric() || b".-_:[]%".contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(lines: &[(&str, &str)]) -> Result<Framing, &'static str> {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(header::HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
        }
        judged(Version::HTTP_11, None, &headers)
    }

    #[test]
    fn a_head_that_can_be_read_in_one_way_is_taken() {
        for host in ["127.0.0.1:18789", "localhost", "[::1]:1", "gateway.example.com", "my_host"] {
            assert_eq!(judge(&[("host", host), ("content-length", "5")]), Ok(Framing::Plain), "{host}");
        }
        for coding in ["chunked", "Chunked"] {
            assert_eq!(judge(&[("host", "a"), ("transfer-encoding", coding)]), Ok(Framing::Last));
        }
        assert_eq!(judged(Version::HTTP_10, None, &HeaderMap::new()), Ok(Framing::Plain));
    }

    #[test]
    fn nothing_follows_where_the_body_says_where_it_ends() {
        for (framing, closes) in [(Framing::Plain, None), (Framing::Last, Some("close"))] {
            let answer = Response::builder().status(StatusCode::ACCEPTED).header("x-kept", "1").body(Body::empty());
            let answer = framing.over(answer.unwrap());
            let said = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
            assert_eq!((answer.status(), said("x-kept")), (StatusCode::ACCEPTED, Some("1".to_owned())));
            assert_eq!(said("connection").as_deref(), closes);
        }
    }

    #[test]
    fn a_head_that_can_be_read_in_two_ways_is_refused() {
        for lines in [
            &[][..],
            &[("host", "")],
            &[("host", "a"), ("host", "a")],
            &[("host", "a@b")],
            &[("host", "a, b")],
            &[("host", "a/b")],
            &[("host", "a"), ("transfer-encoding", "gzip, chunked")],
            &[("host", "a"), ("transfer-encoding", "identity")],
            &[("host", "a"), ("transfer-encoding", "chunked"), ("transfer-encoding", "chunked")],
        ] {
            assert!(judge(lines).is_err(), "{lines:?}");
        }
        let mut host = HeaderMap::new();
        host.insert(header::HOST, HeaderValue::from_static("a:1"));
        assert_eq!(judged(Version::HTTP_11, Some("A:1"), &host), Ok(Framing::Plain));
        for named in ["b:1", "a", "a:1@b", "b@a:1"] {
            assert!(judged(Version::HTTP_11, Some(named), &host).is_err(), "{named}");
        }
    }
}
