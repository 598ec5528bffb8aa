//! What differs between the dialects in requests and errors; hello and events have their own mapping beside their types.

use std::borrow::Cow;

use serde_json::{Value, value::RawValue};

use crate::{Dialect, ErrorCode, WireError, params};

/// Methods that need an idempotency key; dialect 1 clients do not send one.
const KEYED: &[&str] = &["agent", "chat.send", "send", "node.invoke"];

/// Parameters as the handlers know them.
///
/// Dialect 1 names a session by `sessionId` and leaves out idempotency keys (SPEC-NOTES 3).
#[must_use]
pub fn params<'a>(
    dialect: Dialect,
    method: &str,
    params: Option<&'a RawValue>,
    new_key: impl FnOnce() -> String,
) -> Option<Cow<'a, RawValue>> {
    if dialect != Dialect::V1 {
        return params.map(Cow::Borrowed);
    }
    let Ok(Value::Object(mut members)) = serde_json::from_str::<Value>(params.map_or("{}", RawValue::get)) else {
        return params.map(Cow::Borrowed);
    };
    let keyed = KEYED.contains(&method);
    let named = if method.starts_with("sessions.") { "key" } else { "sessionKey" };
    let names_session =
        keyed && method != "node.invoke" || method.starts_with("chat.") || method.starts_with("sessions.");
    if names_session
        && !members.contains_key(named)
        && let Some(id) = members.remove("sessionId")
    {
        members.insert(named.to_owned(), id);
    }
    if method == "node.invoke.result"
        && let Some(id) = members.remove("requestId")
    {
        members.entry("id").or_insert(id);
    }
    if keyed && !members.contains_key("idempotencyKey") {
        members.insert("idempotencyKey".to_owned(), Value::String(new_key()));
    }
    serde_json::value::to_raw_value(&members).ok().map(Cow::Owned)
}

/// Most characters of an error's text. What was sent may be much longer, and texts repeat it.
const LONGEST_MESSAGE: usize = 2_000;

/// The error as this dialect spells it: `FORBIDDEN` is a word of dialect 4. What its text repeats of what was sent cannot
/// steer a terminal, and is not repeated without end.
#[must_use]
pub fn error(dialect: Dialect, mut error: WireError) -> WireError {
    if error.message.len() > LONGEST_MESSAGE || error.message.chars().any(params::steers) {
        error.message = Cow::Owned(params::readable(&error.message, LONGEST_MESSAGE));
    }
    if dialect != Dialect::V4 && matches!(error.code, ErrorCode::Forbidden | ErrorCode::ApprovalNotFound) {
        error.code = ErrorCode::InvalidRequest;
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(dialect: Dialect, method: &str, text: &str) -> Value {
        let raw: Box<RawValue> = serde_json::from_str(text).unwrap();
        let mapped = params(dialect, method, Some(&raw), || "made".to_owned()).unwrap();
        serde_json::from_str(mapped.get()).unwrap()
    }

    #[test]
    fn dialect_1_names_sessions_by_session_id_and_gets_keys() {
        assert_eq!(
            map(Dialect::V1, "chat.send", r#"{"sessionId":"abc-123","message":"hi"}"#),
            serde_json::json!({ "message": "hi", "sessionKey": "abc-123", "idempotencyKey": "made" })
        );
        assert_eq!(map(Dialect::V1, "sessions.preview", r#"{"keys":["a"]}"#), serde_json::json!({"keys":["a"]}));
        assert_eq!(
            map(Dialect::V1, "node.invoke.result", r#"{"requestId":"x","ok":true}"#),
            serde_json::json!({"ok":true,"id":"x"})
        );
    }

    #[test]
    fn later_dialects_pass_unchanged() {
        let text = r#"{"sessionId":"abc","message":"hi"}"#;
        let same: Value = serde_json::from_str(text).unwrap();
        assert_eq!(map(Dialect::V4, "agent", text), same);
        assert_eq!(map(Dialect::V3, "agent", text), same);
    }

    #[test]
    fn no_error_repeats_without_end_or_steers_a_terminal() {
        let long = WireError::params(format!("found \"{}\"", "x".repeat(1 << 20)));
        assert_eq!(error(Dialect::V4, long).message.chars().count(), LONGEST_MESSAGE + 1);
        let steering = WireError::params("found \"a\u{1b}[31m\u{202e}b\"\nnext");
        assert_eq!(error(Dialect::V1, steering).message, "found \"a[31mb\"\nnext");
    }

    #[test]
    fn forbidden_is_a_word_of_dialect_4() {
        let missing = WireError::missing_scope(crate::Scope::Admin);
        assert_eq!(error(Dialect::V4, missing.clone()).code, ErrorCode::Forbidden);
        assert_eq!(error(Dialect::V3, missing).code, ErrorCode::InvalidRequest);
    }
}
