use super::*;

#[test]
fn the_words_are_found_in_every_shape() {
    for (body, words) in [
        (r#"{"error":{"message":"no"}}"#, "no"),
        (r#"[{"error":{"message":"no"}}]"#, "no"),
        (r#"{"error":"no"}"#, "no"),
        (r#"{"message":"no"}"#, "no"),
        (r#"{"detail":"no"}"#, r#"{"detail":"no"}"#),
        ("<html><h1>502</h1>\n<p>Bad  Gateway</p>", "502 Bad Gateway"),
        ("", ""),
    ] {
        assert_eq!(refused(400, None, body.as_bytes()), Error::BadRequest { status: 400, message: words.into() });
    }
}

#[test]
fn an_account_without_credit_is_told_apart_from_too_many_requests() {
    for (status, body, billing) in [
        (402, r#"{"error":{"message":"pay"}}"#, true),
        (429, r#"{"error":{"message":"x","code":"insufficient_quota"}}"#, true),
        (429, r#"{"error":{"message":"x","code":null,"type":"insufficient_quota"}}"#, true),
        (400, r#"{"error":{"type":"invalid_request_error","message":"Your credit balance is too low to use"}}"#, true),
        (429, r#"{"error":{"message":"slow down","type":"rate_limit_error"}}"#, false),
        (500, r#"{"error":{"message":"insufficient_quota"}}"#, false),
    ] {
        let error = refused(status, None, body.as_bytes());
        assert_eq!(matches!(error, Error::Billing { .. }), billing, "{status} {body}: {error:?}");
    }
}
