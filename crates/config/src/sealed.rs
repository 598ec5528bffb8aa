//! Secrets that are sealed where they stand, as `enc:v1:<key>:<text>`.
//!
//! A value is bound to the canonical place of its key, so that it opens there and nowhere else. An item of a list counts by its `id`;
//! without one the place is the list's, so that items may come and go before it.

use openclaw_core::Environment;
use openclaw_seal::{Cipher, DataKeys, Derivation, KeyRing, Means, OpenError, Sealer, Use, is_sealed};
use serde_json::Value;
use std::path::Path;

use crate::{
    Config, DatabaseEncryption, Issue, KeyDerivation, KeyPath, Step, aim,
    paths::paths,
    redact,
    schema::{self, Node},
    value,
};

/// Most places that are tried to name the one that a moved value was sealed for.
const MAX_TRIED: usize = 4_096;

/// Which secrets are sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kinds {
    api_keys: bool,
    tokens: bool,
}

impl Kinds {
    pub(crate) const ALL: Self = Self { api_keys: true, tokens: true };

    /// What the configuration wants sealed by itself.
    pub(crate) fn wanted(config: &Config) -> Option<Self> {
        let wanted = &config.security.encryption.as_ref()?.config;
        wanted.enabled.then_some(Self { api_keys: wanted.encrypt_api_keys, tokens: wanted.encrypt_tokens })
    }

    /// Keys of model providers are API keys; every other secret counts as a token.
    fn takes(self, place: &str) -> bool {
        let name = place.rsplit('.').next().unwrap_or_default().trim_end_matches("[]");
        let api_key = place.starts_with("security.apiKeys.") || matches!(name, "apiKey" | "apiKeys");
        if api_key { self.api_keys } else { self.tokens }
    }
}

impl DatabaseEncryption {
    /// How a key comes from a passphrase, for everything that one protects.
    #[must_use]
    pub fn derivation(&self) -> Derivation {
        match self.key_derivation {
            KeyDerivation::Argon2id => Derivation::default(),
            KeyDerivation::Pbkdf2 => {
                Derivation::Pbkdf2 { iterations: self.iterations.unwrap_or(Derivation::ITERATIONS) }
            }
        }
    }
}

impl Config {
    /// How a key comes from a passphrase, for everything that one protects.
    #[must_use]
    pub fn key_derivation(&self) -> Derivation {
        self.security
            .encryption
            .as_ref()
            .map_or_else(Derivation::default, |encryption| encryption.database.derivation())
    }
}

/// Opens everything that is sealed in the document, which still has its written names. What does not open stays and is an issue.
pub(crate) fn open(document: &mut Value, environment: &Environment, home: Option<&Path>, issues: &mut Vec<Issue>) {
    let mut sealer = None;
    let mut places: Option<Vec<String>> = None;
    let whole = document.clone();
    each(document, "", "", &mut |path, place, text| {
        if !is_sealed(text) {
            return;
        }
        let sealer: &mut Result<Option<Sealer>, String> = sealer.get_or_insert_with(|| sealer_of(environment, home));
        match sealer {
            Ok(Some(sealer)) => match sealer.open(place, text) {
                Ok(plain) => plain.as_str().clone_into(text),
                Err(error) => {
                    let places = places.get_or_insert_with(|| places_of(&whole));
                    issues.push(Issue::new(path, refusal(&error, sealer, places, text)));
                }
            },
            Ok(None) => {
                issues.push(Issue::new(path, "is sealed, and its key could not be used (see the issue before)"));
            }
            Err(why) => {
                issues.push(Issue::new(path, format!("is sealed and cannot be opened: {why}")));
                // Said once; a wrong passphrase would be said of each key else.
                *sealer = Ok(None);
            }
        }
    });
}

fn sealer_of(environment: &Environment, home: Option<&Path>) -> Result<Option<Sealer>, String> {
    let state_dir = paths(environment, home).map_err(|error| error.to_string())?.state_dir;
    let keys: Option<DataKeys> =
        KeyRing::of(&state_dir).open(&Means::of(environment)).map_err(|error| error.to_string())?;
    let keys = keys.ok_or_else(|| {
        format!("there is no {}; put the folder back from a backup", state_dir.join("keys/envelope.json").display())
    })?;
    // Only opens, so it never needs a random number.
    Ok(Some(Sealer::new(&keys, &openclaw_core::Ids::system(), Use::Config, Cipher::Gcm)))
}

/// Why it does not open, naming the place that it was sealed for when that is among those that are known.
fn refusal(error: &OpenError, sealer: &Sealer, places: &[String], text: &str) -> String {
    let elsewhere = || places.iter().take(MAX_TRIED).find(|place| sealer.open(place, text).is_ok());
    match error {
        OpenError::NotHere => match elsewhere() {
            Some(place) => {
                format!(
                    "holds what was sealed for `{place}` and opens only there; move it back, or write the value anew"
                )
            }
            None => "does not open: it was sealed for another key, or changed; write the value anew".to_owned(),
        },
        error => format!("{error}; put the key back from a backup, or write the value anew"),
    }
}

/// Places that a value may have been sealed for: those of the document, and those of secrets that the schema knows.
fn places_of(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    each(&mut document.clone(), "", "", &mut |_, place, _| found.push(place.to_owned()));
    let schema = schema::schema().to_value();
    schema::visit_keys(Node::new(&schema), "", &mut |path, node| {
        if node.is_secret() && !path.contains(['<', '[']) {
            found.push(path.to_owned());
        }
    });
    // A name in the place of another one: `models.providers.b.apiKey` may have been sealed for a provider that is called otherwise.
    found.sort_unstable();
    found.dedup();
    found
}

/// Visits every text with its path as written and its canonical place.
fn each(value: &mut Value, path: &str, place: &str, visit: &mut impl FnMut(&str, &str, &mut String)) {
    match value {
        Value::String(text) => visit(path, &aim::canonical(place), text),
        Value::Array(items) => {
            for (index, inner) in items.iter_mut().enumerate() {
                let name = inner.get("id").and_then(Value::as_str).unwrap_or_default();
                let place = format!("{place}[{name}]");
                each(inner, &value::item(path, index), &place, visit);
            }
        }
        Value::Object(object) => {
            for (key, inner) in object {
                let place = joined(place, key);
                each(inner, &value::join(path, key), &place, visit);
            }
        }
        _ => {}
    }
}

/// As [`value::join`], and the whole key however long it is.
fn joined(place: &str, key: &str) -> String {
    match (place.is_empty(), value::is_plain(key)) {
        (true, true) => key.to_owned(),
        (false, true) => format!("{place}.{key}"),
        (_, false) => format!("{place}[{}]", Value::from(key)),
    }
}

/// The canonical place of a path in the document.
fn place_of(document: &Value, path: &KeyPath) -> String {
    let (mut at, mut place) = (Some(document), String::new());
    for step in path.steps() {
        let inner = at.and_then(|value| KeyPath::from_steps(vec![step.clone()]).get(value));
        place = match (at, step) {
            (Some(Value::Array(_)), _) | (_, Step::Index(_)) => {
                let name = inner.and_then(|item| item.get("id")).and_then(Value::as_str).unwrap_or_default();
                format!("{place}[{name}]")
            }
            (_, Step::Key(key)) => joined(&place, key),
        };
        at = inner;
    }
    aim::canonical(&place)
}

/// A secret that stands in the open, or sealed.
pub(crate) struct Found {
    /// As written.
    pub(crate) path: KeyPath,
    pub(crate) place: String,
    pub(crate) text: String,
}

/// The texts that count as secrets and stand in the open.
pub(crate) fn in_the_open(document: &Value, kinds: Kinds) -> Vec<Found> {
    found(document).into_iter().filter(|found| !is_sealed(&found.text) && kinds.takes(&found.place)).collect()
}

/// The texts that are sealed.
pub(crate) fn sealed(document: &Value) -> Vec<Found> {
    found(document).into_iter().filter(|found| is_sealed(&found.text)).collect()
}

fn found(document: &Value) -> Vec<Found> {
    redact::secret_texts(document)
        .into_iter()
        .map(|(path, text)| Found { place: place_of(document, &path), path, text })
        .collect()
}
