//! Signatures of thoughts, tagged with the wire that made them: a conversation may move from one provider to another,
//! and every vendor refuses the signatures of others.

/// The text that [`own`] recognises.
pub(super) fn tagged(wire: &str, payload: &str) -> String {
    format!("{wire}:{payload}")
}

/// The payload of a signature of this wire.
pub(super) fn own<'a>(wire: &str, signature: Option<&'a str>) -> Option<&'a str> {
    signature?.strip_prefix(wire)?.strip_prefix(':')
}
