use reqwest::header::{HeaderName, HeaderValue};

use super::*;

const LIMITS: [Limit; 2] = [("requests-left", "requests-reset"), ("tokens-left", "tokens-reset")];

fn wait(headers: &[(&'static str, &'static str)]) -> Option<Duration> {
    let header =
        |(name, value): &(&'static str, &'static str)| (HeaderName::from_static(name), HeaderValue::from_static(value));
    asked_for(429, &headers.iter().map(header).collect(), &LIMITS)
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
fn limits_that_are_used_up_say_when_there_is_more() {
    let date = ("date", "Fri, 20 Nov 2026 10:00:00 GMT");
    let requests = |left, reset| [("requests-left", left), ("requests-reset", reset)];
    for (text, wanted) in [("1s", 1_000), ("6m0s", 360_000), ("20ms", 20), ("1m30.5s", 90_500)] {
        assert_eq!(wait(&requests("0", text)), Some(Duration::from_millis(wanted)), "{text}");
        assert_eq!(wait(&requests("1", text)), None, "{text}");
    }
    for nonsense in ["soon", "-5s", "", "99999999999999999999h"] {
        assert_eq!(wait(&requests("0", nonsense)), None, "{nonsense}");
    }
    let mut both = vec![
        date,
        ("requests-left", "0"),
        ("requests-reset", "2026-11-20T10:00:05Z"),
        ("tokens-left", "0"),
        ("tokens-reset", "2026-11-20T10:00:30Z"),
    ];
    assert_eq!(wait(&both), Some(Duration::from_secs(30)), "the last of them counts");
    both.push(("retry-after", "7"));
    assert_eq!(wait(&both), Some(Duration::from_secs(7)), "what is asked for in so many words counts first");
    let headers = [("requests-left", "0"), ("requests-reset", "1s")];
    let headers = headers.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
    assert_eq!(asked_for(500, &headers.into_iter().collect(), &LIMITS), None, "a failure is no limit");
}
