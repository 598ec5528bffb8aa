use super::*;
use crate::Phase;

fn in_band(kind: &str, message: &str) -> Error {
    Error::InBand { kind: kind.into(), message: message.into() }
}

#[test]
fn every_error_has_its_reason() {
    let message = String::new;
    for (error, reason) in [
        (Error::Timeout { phase: Phase::Idle }, Reason::Timeout),
        (Error::Connect { host: message(), cause: message() }, Reason::Network),
        (Error::Cut { cause: None }, Reason::Network),
        (Error::Auth { status: 401, message: message() }, Reason::Auth),
        (Error::Forbidden { message: message() }, Reason::Forbidden),
        (Error::Billing { status: 402, message: message() }, Reason::Billing),
        (Error::NotFound { message: message() }, Reason::ModelNotFound),
        (Error::RateLimited { retry_after: None, message: message() }, Reason::RateLimit),
        (Error::Upstream { status: 500, message: message(), retry_after: None }, Reason::ServerError),
        (Error::Upstream { status: 503, message: message(), retry_after: None }, Reason::Overloaded),
        (Error::Upstream { status: 504, message: message(), retry_after: None }, Reason::Timeout),
        (Error::Upstream { status: 529, message: message(), retry_after: None }, Reason::Overloaded),
        (Error::BadRequest { status: 302, message: message() }, Reason::InvalidAnswer),
        (Error::BadRequest { status: 400, message: message() }, Reason::Format),
        (Error::BadRequest { status: 408, message: message() }, Reason::Timeout),
        (Error::BadRequest { status: 413, message: message() }, Reason::Format),
        (Error::Protocol { what: message() }, Reason::InvalidAnswer),
        (Error::Settings { key: message(), what: message() }, Reason::Settings),
        (in_band("overloaded_error", ""), Reason::Overloaded),
        (in_band("UNAVAILABLE", ""), Reason::Overloaded),
        (in_band("RESOURCE_EXHAUSTED", ""), Reason::RateLimit),
        (in_band("insufficient_quota", ""), Reason::Billing),
        (in_band("invalid_request_error", "Your credit balance is too low"), Reason::Billing),
        (in_band("invalid_request_error", ""), Reason::Format),
        (in_band("server_error", ""), Reason::ServerError),
        (in_band("content_policy_violation", ""), Reason::Refusal),
        (in_band("429", ""), Reason::RateLimit),
        (in_band("99999", ""), Reason::Unknown),
        (in_band("error", ""), Reason::Unknown),
    ] {
        assert_eq!(Reason::of(&error), reason, "{error:?}");
    }
}

#[test]
fn what_follows_is_the_table() {
    let table: Vec<String> = Reason::ALL
        .into_iter()
        .map(|reason| {
            let Rule { then, scope, cooling } = reason.rule();
            let cooling = cooling.map(|cooling| (cooling.first.as_secs(), cooling.longest.as_secs()));
            format!("{reason}: {then:?} {scope:?} {cooling:?}")
        })
        .collect();
    insta::assert_snapshot!(table.join("\n"), @r"
    auth: Next Key Some((600, 21600))
    forbidden: Next KeyAndModel Some((600, 21600))
    billing: Next Key Some((18000, 86400))
    rate_limit: Next KeyAndModel Some((30, 900))
    overloaded: Again Model Some((5, 120))
    server_error: Again Model Some((5, 120))
    timeout: Next Model Some((15, 300))
    network: Again Provider Some((5, 120))
    model_not_found: Next KeyAndModel Some((600, 3600))
    format: Next Model None
    invalid_answer: Next Model Some((5, 120))
    refusal: Stop Model None
    settings: Next Model None
    unknown: Next Model Some((5, 120))
    ");
}

#[test]
fn words_on_the_wire_are_the_words_of_the_store() {
    for reason in Reason::ALL {
        assert_eq!(serde_json::to_string(&reason).unwrap(), format!("{:?}", reason.word()));
    }
}
