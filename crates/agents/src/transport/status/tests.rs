use reqwest::header::{HeaderName, HeaderValue};

use super::*;

fn wait(headers: &[(&'static str, &'static str)]) -> Option<Duration> {
    let header =
        |(name, value): &(&'static str, &'static str)| (HeaderName::from_static(name), HeaderValue::from_static(value));
    retry_after(&headers.iter().map(header).collect())
}

#[test]
fn retry_after_is_seconds_milliseconds_or_a_date() {
    let date = ("date", "Fri, 20 Nov 2026 10:00:00 GMT");
    assert_eq!(wait(&[]), None);
    assert_eq!(wait(&[("retry-after", "7")]), Some(Duration::from_secs(7)));
    assert_eq!(wait(&[("retry-after", "7"), ("retry-after-ms", "1500")]), Some(Duration::from_millis(1_500)));
    assert_eq!(wait(&[("retry-after", "Fri, 20 Nov 2026 10:00:30 GMT"), date]), Some(Duration::from_secs(30)));
    assert_eq!(wait(&[("retry-after", "Fri, 20 Nov 2026 09:00:00 GMT"), date]), Some(Duration::ZERO));
    for nonsense in ["soon", "-1", "1e400", "NaN", "Fri, 20 Nov 2026"] {
        assert_eq!(wait(&[("retry-after", nonsense), date]), None, "{nonsense}");
    }
}

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
