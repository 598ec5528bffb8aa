//! Which conversation somebody means.

use openclaw_client::Connection;
use serde::{Deserialize, Serialize};

use super::list::{Asked, Page};
use crate::{
    ask::ask,
    failure::Failure,
    ids::{self, Candidate},
};

/// Most conversations that are looked at.
const LOOKED_AT: u32 = 1000;
const LIST: &str = "openclaw sessions list";

/// What is asked of `sessions.resolve`: one of the three.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Named<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<&'a str>,
    allow_missing: bool,
}

#[derive(Deserialize)]
struct Resolved {
    #[serde(default)]
    key: Option<String>,
}

/// The key of the conversation with this key, identifier or label, or of the only one whose key or identifier begins so.
/// Keys may leave their agent out.
pub(super) async fn session(gateway: &Connection, word: &str) -> Result<String, Failure> {
    let names = [
        Named { key: Some(word), allow_missing: true, ..Named::default() },
        Named { session_id: Some(word), allow_missing: true, ..Named::default() },
        Named { label: Some(word), allow_missing: true, ..Named::default() },
    ];
    for named in names {
        if let Some(key) = ask::<Resolved>(gateway, "sessions.resolve", named).await?.read.key {
            return Ok(key);
        }
    }
    // The gateway searches keys; identifiers are compared here, among the newest.
    let mut matches: Vec<Candidate> = Vec::new();
    for search in [Some(word), None] {
        let asked = Asked { limit: LOOKED_AT, search, archived: Some("all"), ..Asked::default() };
        let page = ask::<Page>(gateway, "sessions.list", asked).await?.read;
        for row in page.sessions {
            let short = row.key.strip_prefix("agent:").and_then(|rest| rest.split_once(':')).map(|(_, rest)| rest);
            let begins = |text: &str| !word.is_empty() && text.starts_with(word);
            let meant = begins(&row.key) || short.is_some_and(begins) || begins(&row.session_id);
            if meant && matches.iter().all(|known| known.id != row.key) {
                matches.push(Candidate::new(row.key, row.label.unwrap_or_default()));
            }
        }
    }
    ids::one(&matches.iter().collect::<Vec<_>>(), word, "conversation", LIST).map(|found| found.id.clone())
}
