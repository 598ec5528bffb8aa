//! A configuration as the checks ask about it.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::Facts;

/// The configuration and the facts.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    written: &'a Value,
    resolved: &'a Value,
    pub(crate) facts: &'a Facts,
}

/// From where the gateway can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reachable {
    /// From this machine alone.
    Locally,
    /// From beyond it.
    Remotely,
}

/// One agent, or what holds for agents that say nothing else.
pub(crate) struct Scope<'a> {
    /// Its id, or `defaults`.
    pub(crate) id: &'a str,
    /// Where it stands.
    pub(crate) path: String,
    /// Its own part.
    pub(crate) own: &'a Value,
}

/// One channel, or one account of it.
pub(crate) struct Account<'a> {
    /// The channel's id.
    pub(crate) channel: &'a str,
    /// Where it stands.
    pub(crate) path: String,
    /// Its part.
    pub(crate) own: &'a Map<String, Value>,
    /// The channel's part, when this is an account.
    pub(crate) outer: Option<&'a Map<String, Value>>,
    /// What holds for all channels.
    pub(crate) defaults: Option<&'a Map<String, Value>>,
}

impl<'a> View<'a> {
    /// A view of a document as written, of the same with canonical names, and of what was looked up.
    #[must_use]
    pub const fn new(written: &'a Value, resolved: &'a Value, facts: &'a Facts) -> Self {
        Self { written, resolved, facts }
    }

    /// The value at a path of plain keys.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&'a Value> {
        at(self.resolved, path)
    }

    /// The text at a path.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<&'a str> {
        self.get(path).and_then(Value::as_str)
    }

    /// Whether a switch is on.
    #[must_use]
    pub fn is_on(&self, path: &str) -> bool {
        self.get(path) == Some(&Value::Bool(true))
    }

    pub(crate) fn is_off(&self, path: &str) -> bool {
        self.get(path) == Some(&Value::Bool(false))
    }

    /// The texts of a list.
    #[must_use]
    pub fn list(&self, path: &str) -> Vec<String> {
        self.get(path).map(texts).unwrap_or_default()
    }

    /// Whether a secret stands at a path as it is: not as a reference to a variable, sealed, or as a hash.
    pub(crate) fn is_literal(&self, path: &str) -> bool {
        at(self.written, path).and_then(Value::as_str).is_some_and(|text| {
            !text.trim().is_empty()
                && !text.contains("${")
                && !text.starts_with("enc:v1:")
                && !text.starts_with("$argon2")
        })
    }

    /// Whether only this machine can connect directly.
    #[must_use]
    pub fn binds_loopback(&self) -> bool {
        match self.text("gateway.bind").unwrap_or("loopback") {
            "loopback" | "auto" | "localhost" => true,
            "custom" => self.text("gateway.customBindHost").is_some_and(is_loopback),
            word => is_loopback(word),
        }
    }

    /// From where it can be reached, publication through Tailscale counted.
    #[must_use]
    pub fn reachable(&self) -> Reachable {
        let published = matches!(self.text("gateway.tailscale.mode"), Some("serve" | "funnel"));
        if self.binds_loopback() && !published { Reachable::Locally } else { Reachable::Remotely }
    }

    pub(crate) fn interface_is_on(&self) -> bool {
        !self.is_off("gateway.controlUi.enabled")
    }

    pub(crate) fn token(&self) -> Option<&'a str> {
        self.facts.token.as_deref().or_else(|| self.text("gateway.auth.token"))
    }

    pub(crate) fn password(&self) -> Option<&'a str> {
        self.facts.password.as_deref().or_else(|| self.text("gateway.auth.password"))
    }

    /// The mode of authentication in force.
    #[must_use]
    pub fn mode(&self) -> &'a str {
        let named = self.facts.mode.as_deref().or_else(|| self.text("gateway.auth.mode"));
        named.unwrap_or(if self.token().is_none() && self.password().is_some() { "password" } else { "token" })
    }

    /// Whether somebody must show something to be let in.
    #[must_use]
    pub fn asks_for_a_credential(&self) -> bool {
        let there = |secret: Option<&str>| secret.is_some_and(|secret| !secret.trim().is_empty());
        match self.mode() {
            "token" => there(self.token()),
            "password" => there(self.password()),
            "trusted-proxy" => true,
            _ => false,
        }
    }

    /// The defaults and every agent.
    pub(crate) fn scopes(&self) -> Vec<Scope<'a>> {
        static NOTHING: Value = Value::Null;
        let defaults = self.get("agents.defaults").unwrap_or(&NOTHING);
        let mut scopes = vec![Scope { id: "defaults", path: "agents.defaults".to_owned(), own: defaults }];
        for (index, agent) in self.get("agents.list").and_then(Value::as_array).into_iter().flatten().enumerate() {
            let id = agent.get("id").and_then(Value::as_str).unwrap_or("?");
            scopes.push(Scope { id, path: format!("agents.list[{index}]"), own: agent });
        }
        scopes
    }

    /// The sandbox mode of a scope.
    pub(crate) fn sandbox_mode(&self, scope: &Scope<'a>) -> &'a str {
        let own = at(scope.own, "sandbox.mode").and_then(Value::as_str);
        let everywhere = if self.is_on("security.sandboxing.enabled") { "all" } else { "off" };
        own.or_else(|| self.text("agents.defaults.sandbox.mode")).unwrap_or(everywhere)
    }

    /// Every channel and every account.
    pub(crate) fn accounts(&self) -> Vec<Account<'a>> {
        let channels = self.get("channels").and_then(Value::as_object);
        let defaults = channels.and_then(|channels| channels.get("defaults")).and_then(Value::as_object);
        let mut all = Vec::new();
        for (id, channel) in channels.into_iter().flatten() {
            let Some(own) = channel.as_object().filter(|_| id != "defaults") else { continue };
            if own.get("enabled") == Some(&Value::Bool(false)) {
                continue;
            }
            let path = format!("channels.{id}");
            for (name, account) in own.get("accounts").and_then(Value::as_object).into_iter().flatten() {
                let Some(inner) = account.as_object() else { continue };
                let path = format!("{path}.accounts.{name}");
                all.push(Account { channel: id, path, own: inner, outer: Some(own), defaults });
            }
            all.push(Account { channel: id, path, own, outer: None, defaults });
        }
        all
    }

    /// Where strangers can speak to agents: paths of policies that say `open`.
    pub(crate) fn open_policies(&self) -> Vec<String> {
        let mut open = BTreeSet::new();
        for account in self.accounts() {
            for key in ["dmPolicy", "groupPolicy"] {
                if account.policy(key) == Some("open") {
                    open.insert(format!("{}.{key}", account.path));
                }
            }
        }
        open.into_iter().collect()
    }

    /// The policy of running commands in a scope: `deny` where nobody wrote one.
    pub(crate) fn exec_policy(&self, scope: &Scope<'a>) -> Exec {
        let own = at(scope.own, "tools.exec");
        let global = self.get("tools.exec");
        let word = |value: Option<&'a Value>, key| value.and_then(|value| value.get(key)).and_then(Value::as_str);
        let mode = word(own, "mode").or_else(|| word(own, "security"));
        Exec::of(mode.or_else(|| word(global, "mode")).or_else(|| word(global, "security")))
    }
}

/// What may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exec {
    /// Nothing.
    Denied,
    /// Nobody wrote a policy, so people are asked.
    Unwritten,
    /// Some commands, or those that people allow.
    Some,
    /// Everything.
    Everything,
}

impl Exec {
    fn of(word: Option<&str>) -> Self {
        match word {
            Some("deny") => Self::Denied,
            Some("full") => Self::Everything,
            Some(_) => Self::Some,
            None => Self::Unwritten,
        }
    }
}

impl Account<'_> {
    /// A policy, its own or inherited.
    pub(crate) fn policy(&self, key: &str) -> Option<&str> {
        let nested = |map: &Map<String, Value>| match key {
            "dmPolicy" => map.get("dm").and_then(|dm| dm.get("policy")).is_some(),
            _ => false,
        };
        let read = |map: &'_ Map<String, Value>| -> Option<String> {
            let value = if nested(map) { map["dm"].get("policy") } else { map.get(key) };
            value.and_then(Value::as_str).map(str::to_owned)
        };
        let word = read(self.own).or_else(|| self.outer.and_then(read)).or_else(|| self.defaults.and_then(read));
        // The words are few, and owned texts would have to be kept by somebody.
        ["open", "pairing", "allowlist", "disabled"].into_iter().find(|known| word.as_deref() == Some(*known))
    }

    /// A list, its own or inherited.
    pub(crate) fn list(&self, key: &str) -> Vec<String> {
        let own = self.own.get(key).or_else(|| self.outer.and_then(|outer| outer.get(key)));
        own.or_else(|| self.defaults.and_then(|defaults| defaults.get(key))).map(texts).unwrap_or_default()
    }

    /// A value, its own or inherited.
    pub(crate) fn value(&self, key: &str) -> Option<&Value> {
        self.own.get(key).or_else(|| self.outer.and_then(|outer| outer.get(key)))
    }
}

/// The value at a path of plain keys.
pub(crate) fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, key| value.get(key)).filter(|value| !value.is_null())
}

/// The texts of a list; numbers, which some channels use as ids, count as text.
pub(crate) fn texts(value: &Value) -> Vec<String> {
    let text = |item: &Value| match item {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    value.as_array().into_iter().flatten().filter_map(text).collect()
}

/// Whether a text is an address of this machine alone.
pub(crate) fn is_loopback(text: &str) -> bool {
    let address = text.split('/').next().unwrap_or(text);
    address == "localhost" || address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Whether an address or a range holds addresses of this machine alone.
pub(crate) fn is_loopback_range(text: &str) -> bool {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, bits.trim().parse::<u8>().ok()),
        None => (text, Some(u8::MAX)),
    };
    let Ok(address) = address.trim().parse::<std::net::IpAddr>() else { return false };
    let least = if address.is_ipv4() { 8 } else { 128 };
    address.is_loopback() && bits.is_some_and(|bits| bits >= least)
}
