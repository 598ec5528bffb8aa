//! The text that a device signs to prove that it holds its key (PROTOCOL §3.5).

use std::borrow::Cow;

/// Which text was signed. These numbers have nothing to do with the versions of the wire protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayloadVersion {
    /// Has no nonce of its own: replayable unless the nonce takes the token's place, as spec 003 prints it.
    V1,
    /// Bound to the connection's nonce.
    V2,
    /// Bound to the nonce and to platform and device family.
    V3,
}

/// What the text holds. Every word is the one that the client sent in `connect`, unchanged.
#[derive(Clone, Copy, Debug)]
pub struct DevicePayload<'a> {
    /// `device.id`.
    pub device_id: &'a str,
    /// `client.id`.
    pub client_id: &'a str,
    /// `client.mode`, empty when absent.
    pub client_mode: &'a str,
    /// `role`, `operator` when absent.
    pub role: &'a str,
    /// `scopes` in the order sent, empty when absent.
    pub scopes: &'a [String],
    /// `device.signedAt`, milliseconds since the epoch.
    pub signed_at_ms: i64,
    /// The credential beside the signature ([`token_slot`]), or the nonce in spec 003's v1.
    pub token: &'a str,
    /// Nonce of the challenge; not part of v1.
    pub nonce: &'a str,
    /// `client.platform`; only in v3, where it is normalised.
    pub platform: Option<&'a str>,
    /// `client.deviceFamily`; only in v3, where it is normalised.
    pub device_family: Option<&'a str>,
}

impl DevicePayload<'_> {
    /// The text to sign, as UTF-8 bytes without a line end.
    #[must_use]
    pub fn text(&self, version: PayloadVersion) -> String {
        let label = match version {
            PayloadVersion::V1 => "v1",
            PayloadVersion::V2 => "v2",
            PayloadVersion::V3 => "v3",
        };
        let (scopes, signed_at) = (self.scopes.join(","), self.signed_at_ms.to_string());
        let (platform, family) = (normalise(self.platform), normalise(self.device_family));
        let parts = [
            label,
            self.device_id,
            self.client_id,
            self.client_mode,
            self.role,
            &scopes,
            &signed_at,
            self.token,
            self.nonce,
            &platform,
            &family,
        ];
        let length = match version {
            PayloadVersion::V1 => 8,
            PayloadVersion::V2 => 9,
            PayloadVersion::V3 => 11,
        };
        parts[..length].join("|")
    }
}

/// Platform and device family as v3 has them: trimmed, ASCII letters in lower case, empty when absent.
#[must_use]
pub fn normalise(word: Option<&str>) -> Cow<'_, str> {
    let word = word.unwrap_or_default().trim();
    if word.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(word.to_ascii_lowercase())
    } else {
        Cow::Borrowed(word)
    }
}

/// The credential that goes into the text: the first that is present, even when it is empty. A password never does.
#[must_use]
pub fn token_slot<'a>(credentials: &[Option<&'a str>]) -> &'a str {
    credentials.iter().copied().flatten().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payload(scopes: &[String]) -> DevicePayload<'_> {
        DevicePayload {
            device_id: "d",
            client_id: "cli",
            client_mode: "cli",
            role: "operator",
            scopes,
            signed_at_ms: 17,
            token: "t",
            nonce: "n",
            platform: Some(" Linux "),
            device_family: None,
        }
    }

    #[test]
    fn each_version_prints_its_own_parts() {
        let scopes = ["operator.write".to_owned(), "operator.read".to_owned()];
        let payload = payload(&scopes);
        assert_eq!(payload.text(PayloadVersion::V1), "v1|d|cli|cli|operator|operator.write,operator.read|17|t");
        assert_eq!(payload.text(PayloadVersion::V2), "v2|d|cli|cli|operator|operator.write,operator.read|17|t|n");
        assert_eq!(
            payload.text(PayloadVersion::V3),
            "v3|d|cli|cli|operator|operator.write,operator.read|17|t|n|linux|"
        );
    }

    #[test]
    fn absent_scopes_leave_an_empty_place() {
        assert_eq!(payload(&[]).text(PayloadVersion::V2), "v2|d|cli|cli|operator||17|t|n");
    }

    #[test]
    fn the_first_credential_present_takes_the_slot() {
        assert_eq!(token_slot(&[None, Some("b"), Some("c")]), "b");
        assert_eq!(token_slot(&[Some(""), Some("b")]), "");
        assert_eq!(token_slot(&[None, None]), "");
    }

    #[test]
    fn only_ascii_letters_change_case() {
        assert_eq!(normalise(Some("\tMacOS Ä ")), "macos Ä");
        assert_eq!(normalise(None), "");
    }
}
