use super::*;

/// The request of RFC 6455 §1.3.
fn request() -> http::request::Builder {
    Request::get("/chat")
        .header("Host", "server.example.com")
        .header("Upgrade", "websocket")
        .header("Connection", "Upgrade")
        .header("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
        .header("Sec-WebSocket-Version", "13")
}

fn good() -> Request<()> {
    request().body(()).expect("a good request")
}

/// The good request with one header replaced, or removed.
fn with(name: &'static str, value: Option<&'static str>) -> Result<HeaderValue, Refusal> {
    let mut request = good();
    request.headers_mut().remove(name);
    if let Some(value) = value {
        request.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    check(&request)
}

#[test]
fn the_example_of_the_standard() {
    let accept = check(&good()).expect("a good request");
    assert_eq!(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    let response = response(accept);
    assert_eq!(response.status(), 101);
    let headers: Vec<_> = response.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    assert_eq!(
        headers,
        [
            ("connection", &b"Upgrade"[..]),
            ("upgrade", b"websocket"),
            ("sec-websocket-accept", b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        ]
    );
}

#[test]
fn extensions_and_subprotocols_are_never_answered() {
    let request = request()
        .header("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits")
        .header("Sec-WebSocket-Protocol", "chat")
        .body(())
        .expect("a good request");
    let response = response(check(&request).expect("a good request"));
    assert_eq!(response.headers().len(), 3);
}

#[test]
fn lists_may_hold_more_in_any_case_and_over_several_lines() {
    for value in ["WebSocket", "h2c, websocket", "h2c,WEBSOCKET ,x"] {
        assert!(with("upgrade", Some(value)).is_ok(), "{value}");
    }
    for value in ["upgrade", "keep-alive, Upgrade", "keep-alive,UPGRADE"] {
        assert!(with("connection", Some(value)).is_ok(), "{value}");
    }
    let mut request = good();
    request.headers_mut().insert("connection", HeaderValue::from_static("keep-alive"));
    request.headers_mut().append("connection", HeaderValue::from_static("Upgrade"));
    assert!(check(&request).is_ok());
}

#[test]
fn what_is_missing_or_wrong_is_named() {
    for (name, value, refusal) in [
        ("upgrade", None, Refusal::Upgrade),
        ("upgrade", Some("websockets"), Refusal::Upgrade),
        ("upgrade", Some("h2c websocket"), Refusal::Upgrade),
        ("connection", None, Refusal::Connection),
        ("connection", Some("keep-alive"), Refusal::Connection),
        ("sec-websocket-version", None, Refusal::MissingVersion),
        ("sec-websocket-version", Some("8"), Refusal::WrongVersion),
        ("sec-websocket-version", Some("14"), Refusal::WrongVersion),
        ("sec-websocket-version", Some("13, 8"), Refusal::WrongVersion),
        ("sec-websocket-key", None, Refusal::Key),
        ("sec-websocket-key", Some(""), Refusal::Key),
        ("sec-websocket-key", Some("dGhlIHNhbXBsZSBub25jZQ"), Refusal::Key),
        ("sec-websocket-key", Some("c2hvcnQ="), Refusal::Key),
        ("sec-websocket-key", Some("dGhlIHNhbXBsZSBub25jZSBhbmQgbW9yZQ=="), Refusal::Key),
        ("sec-websocket-key", Some("dGhlIHNhbXBsZSBub25jZ!=="), Refusal::Key),
    ] {
        assert_eq!(with(name, value), Err(refusal), "{name}: {value:?}");
    }
}

#[test]
fn a_key_is_given_once_and_its_unused_bits_do_not_matter() {
    let mut twice = good();
    twice.headers_mut().append("sec-websocket-key", HeaderValue::from_static("dGhlIHNhbXBsZSBub25jZQ=="));
    assert_eq!(check(&twice), Err(Refusal::Key));
    assert!(with("sec-websocket-key", Some("dGhlIHNhbXBsZSBub25jZZ==")).is_ok());
}

#[test]
fn method_and_http_version() {
    for method in [Method::POST, Method::HEAD, Method::OPTIONS, Method::CONNECT] {
        let mut request = good();
        *request.method_mut() = method;
        assert_eq!(check(&request), Err(Refusal::Method));
    }
    for version in [Version::HTTP_10, Version::HTTP_09, Version::HTTP_2] {
        let mut request = good();
        *request.version_mut() = version;
        assert_eq!(check(&request), Err(Refusal::HttpVersion));
    }
}

#[test]
fn the_answer_to_a_wrong_version_names_the_right_one() {
    let response = Refusal::WrongVersion.response();
    assert_eq!(
        (response.status(), &response.headers()["sec-websocket-version"]),
        (StatusCode::UPGRADE_REQUIRED, &HeaderValue::from_static("13"))
    );
    for refusal in [
        Refusal::Method,
        Refusal::HttpVersion,
        Refusal::Upgrade,
        Refusal::Connection,
        Refusal::MissingVersion,
        Refusal::Key,
    ] {
        assert_eq!((refusal.status(), refusal.response().headers().len()), (StatusCode::BAD_REQUEST, 0));
    }
}

#[test]
fn only_requests_for_a_websocket_are_wanted() {
    assert!(is_wanted(&good()));
    let page = Request::get("/").header("Connection", "keep-alive").body(()).expect("a good request");
    assert!(!is_wanted(&page));
}
