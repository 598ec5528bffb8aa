//! What the browser says: for which page, for which challenge, for what.

use serde::Deserialize;
use subtle::ConstantTimeEq;

use super::{Expected, Problem, decode};

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ceremony {
    Create,
    Get,
}

impl Ceremony {
    const fn word(self) -> &'static str {
        match self {
            Self::Create => "webauthn.create",
            Self::Get => "webauthn.get",
        }
    }
}

/// Browsers may say more, and more in the future.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    r#type: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: Option<bool>,
    #[serde(default)]
    token_binding: Option<TokenBinding>,
}

#[derive(Deserialize)]
struct TokenBinding {
    status: String,
}

fn read(bytes: &[u8]) -> Result<ClientData, Problem> {
    // The specification decodes UTF-8 and drops a byte order mark first.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    serde_json::from_slice(bytes).map_err(|_| Problem::Malformed("clientDataJSON"))
}

/// The challenge that an answer names, so that it can be looked up. Nothing is checked by this.
///
/// # Errors
/// When the answer cannot be read.
pub fn challenge_of(client_data: &str) -> Result<String, Problem> {
    read(&decode(client_data, "clientDataJSON")?).map(|read| read.challenge)
}

pub(super) fn check(bytes: &[u8], ceremony: Ceremony, expected: &Expected<'_>) -> Result<(), Problem> {
    let said = read(bytes)?;
    if said.r#type != ceremony.word() {
        return Err(Problem::Type);
    }
    if !bool::from(said.challenge.as_bytes().ct_eq(expected.challenge.as_bytes())) {
        return Err(Problem::Challenge);
    }
    // A page that is shown inside of somebody else's is not the one that people think they look at.
    if !said.origin.eq_ignore_ascii_case(expected.origin) || said.cross_origin == Some(true) {
        return Err(Problem::Origin);
    }
    // Nothing here binds tokens to connections, so that none can be right.
    match said.token_binding {
        Some(binding) if binding.status == "present" => Err(Problem::Malformed("clientDataJSON")),
        _ => Ok(()),
    }
}
