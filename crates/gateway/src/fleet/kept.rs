//! What is kept of another gateway, and what may be.

use openclaw_client::{Fingerprint, GatewayUrl};
use openclaw_protocol::WireError;
use rustls::pki_types::{CertificateDer, pem::PemObject};
use serde::{Deserialize, Serialize};

/// Most gateways.
pub(crate) const MAX_GATEWAYS: usize = 64;
const LONGEST_NAME: usize = 64;
const LONGEST_URL: usize = 2048;
const LONGEST_TOKEN: usize = 4096;
const LONGEST_FOLDER: usize = 1024;
/// Together with the rest well below what one setting may have.
const LONGEST_CERTIFICATE: usize = 10 << 10;

/// A gateway as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Kept {
    pub(crate) name: String,
    /// Without a query: nothing secret is in it.
    pub(crate) url: String,
    /// Sealed, whatever else of the store is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) token: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) workspace_root: Option<String>,
    #[serde(default)]
    pub(crate) allow_self_signed: bool,
    #[serde(default)]
    pub(crate) allow_private_network: bool,
    /// An authority beside those of the system, PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ca_certificate: Option<String>,
    /// SHA-256 of the one certificate that is trusted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) tls_fingerprint: Option<String>,
    #[serde(default)]
    pub(crate) primary: bool,
    pub(crate) created_at_ms: i64,
}

/// The same as somebody sends it: the token as it is, and nothing decided.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    pub(crate) name: String,
    pub(crate) url: String,
    pub(crate) workspace_root: Option<String>,
    pub(crate) allow_self_signed: bool,
    pub(crate) allow_private_network: bool,
    pub(crate) ca_certificate: Option<String>,
    pub(crate) tls_fingerprint: Option<String>,
    pub(crate) primary: bool,
}

impl Kept {
    /// Where it listens. What is kept was checked.
    pub(crate) fn address(&self) -> Option<GatewayUrl> {
        self.url.parse().ok()
    }

    /// Whether a connection to the one is a connection to the other.
    pub(crate) fn reaches_as(&self, other: &Self) -> bool {
        let how = |kept: &Self| {
            (
                kept.url.clone(),
                kept.token.clone(),
                kept.allow_self_signed,
                kept.allow_private_network,
                kept.ca_certificate.clone(),
                kept.tls_fingerprint.clone(),
            )
        };
        how(self) == how(other)
    }

    /// As somebody would send it to change nothing.
    pub(crate) fn draft(&self) -> Draft {
        Draft {
            name: self.name.clone(),
            url: self.url.clone(),
            workspace_root: self.workspace_root.clone(),
            allow_self_signed: self.allow_self_signed,
            allow_private_network: self.allow_private_network,
            ca_certificate: self.ca_certificate.clone(),
            tls_fingerprint: self.tls_fingerprint.clone(),
            primary: self.primary,
        }
    }
}

impl Draft {
    /// What is to be kept, without a token.
    ///
    /// # Errors
    /// What is wrong, with its path.
    pub(crate) fn checked(self, created_at_ms: i64) -> Result<Kept, WireError> {
        let name = self.name.trim().to_owned();
        if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
            return Err(wrong(
                "name",
                &format!("must have 1 to {LONGEST_NAME} letters, none of them a control character"),
            ));
        }
        let url = address(&self.url)?;
        let secure = url.is_secure();
        let mut trusted = [
            ("allowSelfSigned", self.allow_self_signed),
            ("caCertificate", self.ca_certificate.is_some()),
            ("tlsFingerprint", self.tls_fingerprint.is_some()),
        ]
        .into_iter()
        .filter_map(|(path, set)| set.then_some(path));
        if let Some(path) = trusted.next() {
            if !secure {
                return Err(wrong(path, "is about certificates, which a ws:// address has none of: write wss://"));
            }
            // One of them would be without an effect, and nobody would know which.
            if let Some(other) = trusted.next() {
                return Err(wrong(other, &format!("and {path} each say which certificates are trusted: choose one")));
            }
        }
        if let Some(pem) = &self.ca_certificate {
            authorities(pem)?;
        }
        let tls_fingerprint = self.tls_fingerprint.map(|text| {
            let parsed =
                text.parse::<Fingerprint>().map_err(|error| wrong("tlsFingerprint", &format!("is none: {error}")));
            parsed.map(|pin| pin.to_string())
        });
        Ok(Kept {
            name,
            url: url.to_string(),
            token: None,
            workspace_root: self.workspace_root.map(|root| folder(&root)).transpose()?,
            allow_self_signed: self.allow_self_signed,
            allow_private_network: self.allow_private_network,
            ca_certificate: self.ca_certificate,
            tls_fingerprint: tls_fingerprint.transpose()?,
            primary: self.primary,
            created_at_ms,
        })
    }
}

fn wrong(path: &'static str, why: &str) -> WireError {
    WireError::params(format!("invalid gateway: {path} {why}")).with("path", path)
}

fn address(text: &str) -> Result<GatewayUrl, WireError> {
    let text = text.trim();
    if text.len() > LONGEST_URL {
        return Err(wrong("url", &format!("has more than {LONGEST_URL} bytes")));
    }
    // A token in an address would be shown wherever the address is.
    if text.contains(['?', '#']) {
        return Err(wrong("url", "must have neither a query nor a fragment; a token belongs into token"));
    }
    text.parse::<GatewayUrl>().map_err(|error| wrong("url", &format!("is none: {}", error.why)))
}

impl Draft {
    /// A token as it may be kept.
    ///
    /// # Errors
    /// What is wrong with it; never the token.
    pub(crate) fn token(text: &str) -> Result<String, WireError> {
        let text = text.trim();
        if text.is_empty() || text.len() > LONGEST_TOKEN || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(wrong("token", &format!("must have 1 to {LONGEST_TOKEN} bytes without spaces")));
        }
        Ok(text.to_owned())
    }
}

/// The certificates in a text.
///
/// # Errors
/// When it holds none.
pub(super) fn authorities(pem: &str) -> Result<Vec<CertificateDer<'static>>, WireError> {
    if pem.len() > LONGEST_CERTIFICATE {
        return Err(wrong(
            "caCertificate",
            &format!("has more than {LONGEST_CERTIFICATE} bytes; give the authority alone"),
        ));
    }
    if pem.contains("PRIVATE KEY") {
        return Err(wrong(
            "caCertificate",
            "holds a private key; give the certificate alone, and take that key for stolen",
        ));
    }
    let found: Vec<_> = CertificateDer::pem_slice_iter(pem.as_bytes()).filter_map(Result::ok).collect();
    if found.is_empty() {
        return Err(wrong("caCertificate", "holds no certificate; it begins with -----BEGIN CERTIFICATE-----"));
    }
    Ok(found)
}

fn folder(root: &str) -> Result<String, WireError> {
    let root = root.trim().trim_end_matches('/');
    let rooted = root.starts_with('/') || root == "~" || root.starts_with("~/");
    let steps_up = root.split('/').any(|part| part == "..");
    if !rooted || steps_up || root.len() > LONGEST_FOLDER || root.chars().any(char::is_control) {
        return Err(wrong("workspaceRoot", "must be a path from / or ~ without .., as that gateway's machine has it"));
    }
    Ok(root.to_owned())
}

/// The id of a gateway with this name, which nobody else has.
pub(crate) fn id_of(name: &str, taken: impl Fn(&str) -> bool) -> String {
    let mut plain = String::new();
    for letter in name.to_lowercase().chars() {
        match letter {
            'a'..='z' | '0'..='9' => plain.push(letter),
            _ if !plain.is_empty() && !plain.ends_with('-') => plain.push('-'),
            _ => {}
        }
    }
    plain.truncate(40);
    let plain = plain.trim_end_matches('-');
    let plain = if plain.is_empty() { "gateway" } else { plain };
    let mut id = plain.to_owned();
    let mut count = 2;
    while taken(&id) {
        id = format!("{plain}-{count}");
        count += 1;
    }
    id
}

/// Where an agent that is made through a gateway works: below the gateway's workspace root (SPEC-NOTES 30).
///
/// # Errors
/// When the caller names a folder elsewhere.
pub(crate) fn workspace_under(root: &str, name: &str, wanted: Option<&str>) -> Result<String, WireError> {
    let wanted = wanted.map(|wanted| wanted.trim().trim_end_matches('/')).filter(|wanted| !wanted.is_empty());
    let Some(below) = wanted else { return Ok(format!("{root}/{}", id_of(name, |_| false))) };
    let outside = || {
        WireError::params(format!("workspace: agents of this gateway work below {root}; name a folder there, or none"))
            .with("path", "params.workspace")
    };
    if below.split('/').any(|part| part == "..") {
        return Err(outside());
    }
    match below.strip_prefix(root) {
        Some(rest) if rest.starts_with('/') => Ok(below.to_owned()),
        _ if below.starts_with(['/', '~']) => Err(outside()),
        _ => Ok(format!("{root}/{below}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(url: &str) -> Draft {
        Draft { name: "Office".to_owned(), url: url.to_owned(), ..Draft::default() }
    }

    #[test]
    fn an_address_is_kept_without_anything_secret_and_bad_ones_are_named() {
        let kept = draft("wss://office.example/gw").checked(1).unwrap();
        assert_eq!(kept.url, "wss://office.example:443/gw");
        for (url, says) in [
            ("ws://h:1/?token=hunter2", "neither a query nor a fragment"),
            ("ws://h:1/#token=hunter2", "neither a query nor a fragment"),
            ("ws://u:hunter2@h:1", "user and password"),
            ("ftp://h", "neither ws nor wss"),
            ("", "url is none"),
        ] {
            let error = draft(url).checked(1).unwrap_err();
            assert!(error.message.contains(says), "{url}: {error}");
            assert!(!error.message.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn what_has_no_effect_is_refused() {
        for change in [
            |draft: &mut Draft| draft.allow_self_signed = true,
            |draft: &mut Draft| draft.tls_fingerprint = Some("00".repeat(32)),
        ] {
            let mut plain = draft("ws://h:1");
            change(&mut plain);
            assert!(plain.checked(1).unwrap_err().message.contains("write wss://"));
        }
        let (pin, authority) = (|| Some("00".repeat(32)), || Some("an authority".to_owned()));
        for both in [
            Draft { allow_self_signed: true, tls_fingerprint: pin(), ..draft("wss://h") },
            Draft { allow_self_signed: true, ca_certificate: authority(), ..draft("wss://h") },
            Draft { ca_certificate: authority(), tls_fingerprint: pin(), ..draft("wss://h") },
        ] {
            let error = both.clone().checked(1).unwrap_err();
            assert!(error.message.contains("choose one"), "{both:?}: {error}");
        }
        let key = Draft { ca_certificate: Some("-----BEGIN PRIVATE KEY-----".to_owned()), ..draft("wss://h") };
        assert!(key.checked(1).unwrap_err().message.contains("private key"));
        let none = Draft { ca_certificate: Some("nonsense".to_owned()), ..draft("wss://h") };
        assert!(none.checked(1).unwrap_err().message.contains("no certificate"));
    }

    #[test]
    fn tokens_and_names_are_bounded() {
        assert_eq!(Draft::token(" abc ").unwrap(), "abc");
        for bad in ["", "  ", "a b", "a\nb", &"x".repeat(5000)] {
            let error = Draft::token(bad).unwrap_err();
            assert!(bad.trim().is_empty() || !error.message.contains(bad), "{error}");
        }
        for name in ["", " ", "a\u{7}b", &"x".repeat(65)] {
            assert!(Draft { name: name.to_owned(), ..draft("ws://h") }.checked(1).is_err());
        }
    }

    #[test]
    fn ids_are_plain_and_nobodys_else() {
        assert_eq!(id_of("Büro (Köln)", |_| false), "b-ro-k-ln");
        assert_eq!(id_of("日本", |_| false), "gateway");
        assert_eq!(id_of("Office", |id| id == "office"), "office-2");
    }

    #[test]
    fn agents_work_below_the_workspace_root() {
        let under = |wanted| workspace_under("~/work", "Ada L", wanted).map_err(|error| error.message.to_string());
        assert_eq!(under(None).unwrap(), "~/work/ada-l");
        assert_eq!(under(Some("ada/notes")).unwrap(), "~/work/ada/notes");
        assert_eq!(under(Some("~/work/x")).unwrap(), "~/work/x");
        for bad in ["/etc", "~/worker", "../x", "~/work/../x", "~/work"] {
            assert!(under(Some(bad)).unwrap_err().contains("below ~/work"), "{bad}");
        }
        assert!(Draft { workspace_root: Some("work".to_owned()), ..draft("ws://h") }.checked(1).is_err());
    }
}
