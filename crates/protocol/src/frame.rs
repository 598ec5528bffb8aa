//! The `connect` request.
