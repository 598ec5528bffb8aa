//! The text that a device signs (PROTOCOL §3.5).

use std::fmt::Write;

/// What the signature vouches for: the words of `connect`, unchanged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Proof<'a> {
    pub(crate) device_id: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) client_mode: &'a str,
    pub(crate) role: &'a str,
    pub(crate) scopes: &'a [String],
    pub(crate) signed_at_ms: i64,
    pub(crate) token: &'a str,
    pub(crate) nonce: &'a str,
    pub(crate) platform: &'a str,
    pub(crate) device_family: &'a str,
}

/// Which text is signed; not a version of the wire protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Generation {
    /// Understood by gateways of every generation.
    Second,
    /// Vouches for platform and device family too.
    Third,
}

impl Proof<'_> {
    pub(crate) fn text(&self, generation: Generation) -> String {
        let version = if generation == Generation::Third { "v3" } else { "v2" };
        let mut text = format!(
            "{version}|{}|{}|{}|{}|{}|{}|{}|{}",
            self.device_id,
            self.client_id,
            self.client_mode,
            self.role,
            self.scopes.join(","),
            self.signed_at_ms,
            self.token,
            self.nonce,
        );
        if generation == Generation::Third {
            for word in [self.platform, self.device_family] {
                let _ = write!(text, "|{}", word.trim().to_ascii_lowercase());
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_generations_have_the_printed_form() {
        let scopes = ["operator.read".to_owned(), "operator.admin".to_owned()];
        let proof = Proof {
            device_id: "d",
            client_id: "cli",
            client_mode: "cli",
            role: "operator",
            scopes: &scopes,
            signed_at_ms: 17,
            token: "t",
            nonce: "n",
            platform: " Linux ",
            device_family: "",
        };
        assert_eq!(proof.text(Generation::Second), "v2|d|cli|cli|operator|operator.read,operator.admin|17|t|n");
        assert_eq!(proof.text(Generation::Third), "v3|d|cli|cli|operator|operator.read,operator.admin|17|t|n|linux|");
        assert_eq!(Proof { scopes: &[], token: "", ..proof }.text(Generation::Second), "v2|d|cli|cli|operator||17||n");
    }
}
