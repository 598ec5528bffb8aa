//! Errors of the parts below, as clients see them.

use openclaw_protocol::{WireError, detail};

/// An error of the store.
pub(crate) fn store(error: &openclaw_store::Error) -> WireError {
    use openclaw_store::Error;
    match error {
        Error::Conflict { .. } | Error::KeyReused { .. } => WireError::invalid(detail::CONFLICT, error.to_string()),
        Error::NotFound { .. } => WireError::not_found(error.to_string()),
        Error::Invalid { .. } | Error::TooLarge { .. } => WireError::params(error.to_string()),
        Error::Limit { .. } => WireError::unavailable(detail::QUEUE_FULL, error.to_string()),
        Error::Busy { .. } => WireError::unavailable(detail::STORE_UNAVAILABLE, error.to_string()).retryable(Some(250)),
        _ => WireError::unavailable(detail::STORE_UNAVAILABLE, format!("the store cannot take this now: {error}"))
            .retryable(Some(1000)),
    }
}

/// The part of the gateway that would do this does not exist yet.
pub(crate) fn not_yet(what: &str) -> WireError {
    WireError::unavailable(detail::NOT_IMPLEMENTED, format!("{what} is not part of this gateway yet"))
}
