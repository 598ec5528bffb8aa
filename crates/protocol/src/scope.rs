//! Roles and scopes: who a connection is and what it may do.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The part a connection plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// A person's client.
    Operator,
    /// A machine that offers commands.
    Node,
}

impl Role {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Node => "node",
        }
    }

    /// Reads the word; `None` for a role that does not exist.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "operator" => Some(Self::Operator),
            "node" => Some(Self::Node),
            _ => None,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

macro_rules! scopes {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// A right of an operator.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum Scope {
            $($(#[$doc])* #[serde(rename = $word)] $name,)*
        }

        impl Scope {
            /// Every scope, in the order of the enum.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The word on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// Reads the word; `None` for a scope that does not exist, which therefore grants nothing.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$name),)* _ => None }
            }
        }
    };
}

scopes! {
    /// Everything.
    Admin = "operator.admin",
    /// Look.
    Read = "operator.read",
    /// Look and act.
    Write = "operator.write",
    /// Decide about commands that ask first.
    Approvals = "operator.approvals",
    /// Admit devices and nodes.
    Pairing = "operator.pairing",
    /// Answer questions that agents ask.
    Questions = "operator.questions",
    /// Speak with agents.
    Talk = "operator.talk",
    /// Read the keys of speech services.
    TalkSecrets = "operator.talk.secrets",
    /// Look at sessions only.
    SessionsRead = "operator.sessions.read",
    /// Act in sessions only.
    SessionsWrite = "operator.sessions.write",
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A set of scopes that knows which scope implies which (PROTOCOL §4.4).
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Scopes(u16);

impl Scopes {
    /// No scope.
    pub const NONE: Self = Self(0);

    /// Adds one scope.
    pub fn insert(&mut self, scope: Scope) {
        self.0 |= 1 << scope as u16;
    }

    /// Whether the scope itself is in the set.
    #[must_use]
    pub const fn contains(self, scope: Scope) -> bool {
        self.0 & (1 << scope as u16) != 0
    }

    /// Whether the set grants `scope`: admin grants all, write grants read, talk and the session scopes, read grants reading sessions.
    #[must_use]
    pub const fn grants(self, scope: Scope) -> bool {
        self.contains(scope)
            || self.contains(Scope::Admin)
            || match scope {
                Scope::Read | Scope::Talk | Scope::SessionsWrite => self.contains(Scope::Write),
                Scope::SessionsRead => {
                    self.contains(Scope::Write) || self.contains(Scope::Read) || self.contains(Scope::SessionsWrite)
                }
                _ => false,
            }
    }

    /// Whether every scope of `asked` is granted.
    #[must_use]
    pub fn covers(self, asked: Self) -> bool {
        asked.iter().all(|scope| self.grants(scope))
    }

    /// What is asked for and granted.
    #[must_use]
    pub fn granted(self, asked: Self) -> Self {
        asked.iter().filter(|scope| self.grants(*scope)).collect()
    }

    /// Both sets together.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The scopes in the order of [`Scope::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.iter().copied().filter(move |scope| self.contains(*scope))
    }

    /// Whether the set is empty.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Reads words, ignoring those that name no scope.
    #[must_use]
    pub fn parse<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        words.into_iter().filter_map(Scope::parse).collect()
    }

    /// The words on the wire.
    #[must_use]
    pub fn words(self) -> Vec<&'static str> {
        self.iter().map(Scope::as_str).collect()
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        let mut set = Self::NONE;
        scopes.into_iter().for_each(|scope| set.insert(scope));
        set
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl Serialize for Scopes {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Scopes {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::parse(Vec::<String>::deserialize(deserializer)?.iter().map(String::as_str)))
    }
}

impl JsonSchema for Scopes {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Scopes".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Vec::<Scope>::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn admin_grants_all_and_write_grants_read() {
        let admin = Scopes::parse(["operator.admin"]);
        assert!(Scope::ALL.iter().all(|scope| admin.grants(*scope)));
        let write = Scopes::parse(["operator.write"]);
        assert!(write.grants(Scope::Read) && !write.grants(Scope::Admin) && !write.grants(Scope::Pairing));
        let read = Scopes::parse(["operator.read"]);
        assert!(!read.grants(Scope::Write) && read.grants(Scope::SessionsRead));
    }

    #[test]
    fn unknown_words_grant_nothing() {
        assert!(Scopes::parse(["operator.root", "*", ""]).is_empty());
        assert!(!Scopes::parse(["operator.root", "operator.read"]).is_empty());
    }

    #[test]
    fn each_word_is_one_scope_and_back() {
        let words: Vec<&str> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
        assert_eq!(Scopes::parse(words.iter().copied()).words(), words, "in the order of all");
        assert_eq!(Scopes::NONE.words(), Vec::<&str>::new());
        let some = Scopes::parse(["operator.write", "operator.admin"]);
        assert_eq!(format!("{some:?}"), "{Admin, Write}");
        let json = serde_json::to_string(&some).unwrap();
        assert_eq!(json, r#"["operator.admin","operator.write"]"#);
        assert_eq!(serde_json::from_str::<Scopes>(r#"["operator.write","x","operator.admin"]"#).unwrap(), some);
        assert!(serde_json::from_str::<Scopes>(r#""operator.admin""#).is_err());
        let schema = serde_json::to_value(schemars::schema_for!(Scopes)).unwrap();
        assert_eq!(schema["type"], "array");
    }

    #[test]
    fn a_set_covers_what_it_grants_and_grants_no_more_of_what_is_asked_for() {
        let write = Scopes::parse(["operator.write"]);
        let read_and_pair = Scopes::parse(["operator.read", "operator.pairing"]);
        assert!(write.covers(Scopes::parse(["operator.read", "operator.talk"])) && write.covers(Scopes::NONE));
        assert!(!write.covers(read_and_pair) && !Scopes::NONE.covers(write));
        assert_eq!(write.granted(read_and_pair), Scopes::parse(["operator.read"]));
        let both = write.union(read_and_pair);
        assert_eq!(both, Scopes::parse(["operator.read", "operator.write", "operator.pairing"]));
        assert_eq!(both.union(write), both);
    }

    #[test]
    fn there_are_two_roles() {
        for (role, word) in [(Role::Operator, "operator"), (Role::Node, "node")] {
            assert_eq!((role.as_str(), role.to_string().as_str()), (word, word));
            assert_eq!(Role::parse(word), Some(role));
        }
        for other in ["", "Operator", "admin", "node "] {
            assert_eq!(Role::parse(other), None, "{other}");
        }
    }
}
