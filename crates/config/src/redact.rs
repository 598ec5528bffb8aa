//! Showing a configuration without its secrets, and taking one back that was shown so.

use openclaw_core::Secret;
use serde_json::Value;

use crate::{
    Issue, KeyPath, Step, aim, mapping,
    schema::{self, Node},
    substitute, value,
};

/// What stands in the place of a secret.
pub const REDACTED: &str = "__OPENCLAW_REDACTED__";

/// Secrets shorter than this cannot be told from ordinary words in the file's text.
pub(crate) const SHORTEST_FINDABLE: usize = 8;

/// The document with every secret replaced by [`REDACTED`].
///
/// The schema says which leaves are secret; where it says nothing, the key's name decides. A leaf that is only a
/// `${NAME}` reference stays, and so does an empty one.
#[must_use]
pub fn redact(document: &Value) -> Value {
    let mut shown = document.clone();
    let schema = schema::schema().to_value();
    let mut path = Vec::new();
    walk(&mut shown, Some(Node::new(&schema)), Hiding::No, &mut path, &mut |_, secret| *secret = Value::from(REDACTED));
    shown
}

/// The file's text with every secret replaced by [`REDACTED`], or `None` when a secret in it cannot be found there
/// as it stands, for example because it is written with escapes.
#[must_use]
pub fn redact_raw(raw: &str, document: &Value) -> Option<String> {
    let mut secrets = secrets(document);
    // Longest first, so that a secret inside another leaves nothing behind.
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    let mut shown = raw.to_owned();
    for secret in secrets {
        if secret.len() < SHORTEST_FINDABLE || !raw.contains(&secret) {
            return None;
        }
        shown = shown.replace(&secret, REDACTED);
    }
    Some(shown)
}

/// Whether the document itself holds a secret.
pub(crate) fn holds_secret(document: &Value) -> bool {
    !secrets(document).is_empty()
}

fn secrets(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let schema = schema::schema().to_value();
    walk(&mut document.clone(), Some(Node::new(&schema)), Hiding::No, &mut Vec::new(), &mut |_, secret| {
        found.push(secret.as_str().map_or_else(|| secret.to_string(), str::to_owned));
    });
    found
}

/// Every text that is hidden, with its path.
pub(crate) fn secret_texts(document: &Value) -> Vec<(KeyPath, String)> {
    let mut found = Vec::new();
    let schema = schema::schema().to_value();
    walk(&mut document.clone(), Some(Node::new(&schema)), Hiding::No, &mut Vec::new(), &mut |path, secret| {
        if let Value::String(text) = secret {
            found.push((KeyPath::from_steps(path.to_vec()), text.clone()));
        }
    });
    found
}

/// Every secret of a configuration that is in force, with its place.
#[must_use]
pub fn secrets_of(document: &Value) -> Vec<(String, Secret)> {
    secret_texts(document).into_iter().map(|(path, text)| (path.to_string(), Secret::new(text))).collect()
}

/// Puts the stored secrets back into a document that was shown redacted. A key that the stored document has under another
/// name (`gateway.token` for `gateway.auth.token`) is found there.
///
/// # Errors
/// One issue for each [`REDACTED`] that has no stored value at its place, and for each text that merely contains it.
pub fn restore(new: &mut Value, stored: &Value) -> Result<(), Vec<Issue>> {
    let mut canonical = stored.clone();
    mapping::apply(&mut canonical, &mut Vec::new(), &mut Vec::new());
    let mut restoring = Restoring { canonical, issues: Vec::new() };
    restoring.node(new, Some(stored), "");
    if restoring.issues.is_empty() { Ok(()) } else { Err(restoring.issues) }
}

struct Restoring {
    /// The stored document under canonical names.
    canonical: Value,
    issues: Vec<Issue>,
}

impl Restoring {
    fn node(&mut self, new: &mut Value, stored: Option<&Value>, path: &str) {
        match new {
            Value::String(text) if text == REDACTED => {
                let elsewhere = || value::get(&self.canonical, &aim::canonical(path));
                match stored.or_else(elsewhere) {
                    Some(stored) if !stored.is_object() && !stored.is_array() => *new = stored.clone(),
                    _ => {
                        let advice = "there is no stored value to keep here; write the value itself";
                        self.issues.push(Issue::new(path, advice));
                    }
                }
            }
            Value::String(text) if text.contains(REDACTED) => {
                self.issues.push(Issue::new(path, "holds the placeholder of a hidden secret inside other text"));
            }
            Value::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    let stored = stored.and_then(|stored| counterpart(item, index, stored));
                    self.node(item, stored, &value::item(path, index));
                }
            }
            Value::Object(object) => {
                for (key, inner) in object {
                    self.node(inner, stored.and_then(|stored| stored.get(key)), &value::join(path, key));
                }
            }
            _ => {}
        }
    }
}

/// The stored item that means the same: the one with the same id, else the one at the same place.
fn counterpart<'a>(item: &Value, index: usize, stored: &'a Value) -> Option<&'a Value> {
    let stored = stored.as_array()?;
    match item.get("id") {
        Some(id) => stored.iter().find(|other| other.get("id") == Some(id)),
        None => stored.get(index),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Hiding {
    /// Look at each leaf.
    No,
    /// Everything below is secret.
    All,
}

fn walk(
    value: &mut Value,
    node: Option<Node<'_>>,
    hiding: Hiding,
    path: &mut Vec<Step>,
    hide: &mut impl FnMut(&[Step], &mut Value),
) {
    let branches = node.filter(|node| !node.is_open()).map(Node::branches).unwrap_or_default();
    let hiding = if node.is_some_and(Node::is_secret) { Hiding::All } else { hiding };
    match value {
        Value::Object(object) => {
            for (key, inner) in object {
                let known = branches.iter().find_map(|branch| branch.property(key));
                let open = known.is_none_or(Node::is_open);
                let hiding = if open && sounds_secret(key) { Hiding::All } else { hiding };
                path.push(Step::Key(key.clone()));
                walk(inner, known, hiding, path, hide);
                path.pop();
            }
        }
        Value::Array(items) => {
            let node = branches.iter().find_map(|branch| branch.items());
            for (index, inner) in items.iter_mut().enumerate() {
                path.push(Step::Index(index));
                walk(inner, node, hiding, path, hide);
                path.pop();
            }
        }
        Value::String(text) => {
            let secret = hiding == Hiding::All || carries_secret(text) || openclaw_seal::is_sealed(text);
            if secret && !text.is_empty() && !substitute::is_reference(text) {
                hide(path, value);
            }
        }
        Value::Number(_) if hiding == Hiding::All => hide(path, value),
        _ => {}
    }
}

/// Whether a key that the schema does not know holds a secret, to judge by its name.
fn sounds_secret(key: &str) -> bool {
    let name: String = key.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let counted =
        ["maxtokens", "contexttokens", "tokenttl", "tokenlength", "totaltokens", "inputtokens", "outputtokens"];
    let whole = ["headers", "env", "cookie", "cookies", "auth", "authorization", "pin", "pwd", "bearer", "dsn"];
    let parts = [
        "token",
        "password",
        "passwd",
        "passphrase",
        "secret",
        "apikey",
        "privatekey",
        "credential",
        "accesskey",
        "signingkey",
        "encryptkey",
        "encryptionkey",
        "serviceaccount",
        "webhookurl",
    ];
    !counted.contains(&name.as_str())
        && (whole.contains(&name.as_str()) || parts.iter().any(|part| name.contains(part)))
}

/// Whether the text is a URL that carries a secret: a name or password before its host, a parameter whose name says so, or the token of
/// a bot in its path.
fn carries_secret(text: &str) -> bool {
    let Some(rest) = after_scheme(text) else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let path = rest.split(['?', '#']).next().unwrap_or_default();
    let query = rest.split_once(['?', '#']).map_or("", |(_, query)| query);
    let mut names = query.split(['&', ';', '#', '?']).filter_map(|pair| pair.split_once('=').map(|(name, _)| name));
    let whole = ["key", "sig", "signature", "code", "pass"];
    authority.contains('@')
        || path.split('/').any(is_of_bot)
        || names.any(|name| sounds_secret(name) || whole.iter().any(|word| name.eq_ignore_ascii_case(word)))
}

/// What follows the scheme of a URL. Programs that read URLs leniently also take `//host`, and `https:host` without slashes.
fn after_scheme(text: &str) -> Option<&str> {
    let text = text.trim_start();
    if let Some((_, rest)) = text.split_once("://") {
        return Some(rest);
    }
    let short = ["http:", "https:", "ws:", "wss:", "ftp:"].into_iter().find_map(|scheme| {
        let begins = text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
        begins.then(|| text[scheme.len()..].trim_start_matches(['/', '\\']))
    });
    short.or_else(|| text.strip_prefix("//"))
}

/// Whether a part of a path is a number and a token behind the word `bot`.
fn is_of_bot(part: &str) -> bool {
    let Some((number, token)) = part.strip_prefix("bot").and_then(|rest| rest.split_once(':')) else { return false };
    number.len() >= 6 && number.bytes().all(|byte| byte.is_ascii_digit()) && token.len() >= 20
}

#[cfg(test)]
mod tests;
