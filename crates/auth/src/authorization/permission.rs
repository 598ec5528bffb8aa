//! The words of `permissions`.

use std::str::FromStr;

use openclaw_protocol::{Scope, Scopes};

/// One word of a role's `permissions`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Permission {
    /// `*`: everything.
    All,
    /// `read`, `write`, `admin`, `approvals`, `pairing` and the other scopes, which imply each other as they do on the wire.
    Scope(Scope),
    /// `config.*`: every method of a family.
    Family(String),
    /// One method by its name.
    Method(String),
}

/// A word that is no permission.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is no permission: write \"*\", read, write, admin, approvals, pairing, a method's name, or a family such as \"config.*\""
)]
pub struct UnknownPermission(pub String);

impl FromStr for Permission {
    type Err = UnknownPermission;

    fn from_str(word: &str) -> Result<Self, UnknownPermission> {
        let scope = || Scope::parse(word).or_else(|| Scope::parse(&format!("operator.{word}")));
        let is_name = |name: &str| {
            !name.is_empty()
                && name.split('.').all(|part| {
                    !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
                })
        };
        match (word, word.strip_suffix(".*")) {
            ("*", _) => Ok(Self::All),
            (_, Some(family)) if is_name(family) => Ok(Self::Family(family.to_owned())),
            _ if scope().is_some() => scope().map(Self::Scope).ok_or_else(|| UnknownPermission(word.to_owned())),
            (name, None) if is_name(name) => Ok(Self::Method(name.to_owned())),
            _ => Err(UnknownPermission(word.to_owned())),
        }
    }
}

impl Permission {
    /// Whether it covers a method that needs this scope.
    pub(super) fn covers(&self, method: &str, needs: Scope) -> bool {
        match self {
            Self::All => true,
            Self::Scope(scope) => Scopes::from_iter([*scope]).grants(needs),
            Self::Family(family) => is_of_family(method, family),
            Self::Method(name) => name == method,
        }
    }

    /// The word.
    #[must_use]
    pub fn word(&self) -> String {
        match self {
            Self::All => "*".to_owned(),
            Self::Scope(scope) => scope.as_str().trim_start_matches("operator.").to_owned(),
            Self::Family(family) => format!("{family}.*"),
            Self::Method(name) => name.clone(),
        }
    }
}

/// Whether a method belongs to a family: `config.set` to `config`.
pub(super) fn is_of_family(method: &str, family: &str) -> bool {
    method.strip_prefix(family).is_some_and(|rest| rest.starts_with('.'))
}
