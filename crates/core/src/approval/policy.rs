//! Which commands may run: the policy file, and the one decision that follows from it.
//!
//! The same document is known to the reference as `exec-approvals.json`; its words mean the same here. What it does not
//! say is cautious: nothing runs unless it is listed, and what is not listed is asked about.

use std::{collections::BTreeMap, path::Path};

use serde::{Deserialize, Serialize};

use super::{Plan, analyse, split};

/// What may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Security {
    /// Nothing.
    Deny,
    /// What is listed or was allowed for good.
    Allowlist,
    /// Everything.
    Full,
}

/// When people are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Ask {
    /// Never.
    Off,
    /// About what is not listed.
    OnMiss,
    /// About everything.
    Always,
}

impl Security {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deny => "deny",
            Self::Allowlist => "allowlist",
            Self::Full => "full",
        }
    }
}

impl Ask {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::OnMiss => "on-miss",
            Self::Always => "always",
        }
    }
}

/// The policy file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Policy {
    /// Always 1.
    pub version: u32,
    /// A socket of other implementations; kept, not used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub socket: Option<SocketPlace>,
    /// What holds for every agent that says nothing else.
    #[serde(default)]
    pub defaults: Defaults,
    /// By agent; `*` is every agent.
    #[serde(default)]
    pub agents: BTreeMap<String, AgentPolicy>,
}

/// A socket of other implementations.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SocketPlace {
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Its secret. Never shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

/// What holds unless something else is said.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Defaults {
    /// What may run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security: Option<Security>,
    /// When people are asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ask: Option<Ask>,
    /// What holds when somebody should be asked and nobody is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ask_fallback: Option<Security>,
    /// Allow programs that skills name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_allow_skills: Option<bool>,
}

/// What holds for one agent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AgentPolicy {
    /// What may run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security: Option<Security>,
    /// When people are asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ask: Option<Ask>,
    /// What holds when somebody should be asked and nobody is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ask_fallback: Option<Security>,
    /// Allow programs that skills name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_allow_skills: Option<bool>,
    /// What may run without asking.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowlist: Vec<AllowlistEntry>,
    /// Tools of MCP servers that were allowed for good; kept for other implementations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mcp_tools: Vec<McpToolGrant>,
}

/// A program that may run without asking.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AllowlistEntry {
    /// Names the entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The program: a path with `*`, `?` and `**`, or a bare name for what was called by that name alone.
    pub pattern: String,
    /// A regular expression that its arguments, joined by spaces, must fit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arg_pattern: Option<String>,
    /// `allow-always` when another implementation made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Of other implementations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command_text: Option<String>,
    /// Of other implementations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<f64>,
    /// Of other implementations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_command: Option<String>,
    /// Of other implementations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_resolved_path: Option<String>,
}

/// A tool of an MCP server that was allowed for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct McpToolGrant {
    /// Which server.
    pub server: String,
    /// Which tool.
    pub tool: String,
    /// `allow-always`.
    pub source: String,
    /// When.
    pub added_at: f64,
    /// When it was last used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<f64>,
}

/// What is wrong with a policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at {at}: {what}")]
pub struct PolicyProblem {
    /// Where, as `agents.main.allowlist[0].pattern`.
    pub at: String,
    /// What.
    pub what: String,
}

/// Most entries of one agent's list.
const ENTRIES: usize = 1000;
/// Most agents.
const AGENTS: usize = 1000;
/// Most bytes of a pattern.
const PATTERN: usize = 1024;

impl Default for Policy {
    fn default() -> Self {
        Self { version: 1, socket: None, defaults: Defaults::default(), agents: BTreeMap::new() }
    }
}

impl Policy {
    /// Looks for what the types do not refuse.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self) -> Result<(), PolicyProblem> {
        let bad = |at: String, what: String| Err(PolicyProblem { at, what });
        if self.version != 1 {
            return bad("version".to_owned(), format!("must be 1, not {}", self.version));
        }
        if self.agents.len() > AGENTS {
            return bad("agents".to_owned(), format!("at most {AGENTS} agents can be listed"));
        }
        for (agent, policy) in &self.agents {
            let agent: String = agent.chars().filter(|c| !c.is_control()).take(64).collect();
            if policy.allowlist.len() > ENTRIES {
                return bad(format!("agents.{agent}.allowlist"), format!("at most {ENTRIES} entries can be listed"));
            }
            for (at, entry) in policy.allowlist.iter().enumerate() {
                let place = |member: &str| format!("agents.{agent}.allowlist[{at}].{member}");
                if entry.pattern.trim().is_empty() || entry.pattern.len() > PATTERN {
                    return bad(place("pattern"), format!("must have 1 to {PATTERN} bytes"));
                }
                let Some(arguments) = entry.arg_pattern.as_deref().filter(|text| !is_generated(text)) else { continue };
                if arguments.len() > PATTERN {
                    return bad(place("argPattern"), format!("must have at most {PATTERN} bytes"));
                }
                if let Err(error) = expression(arguments) {
                    return bad(place("argPattern"), format!("is no regular expression: {error}"));
                }
            }
        }
        Ok(())
    }

    /// What holds for an agent, under what the configuration says besides: where both say something, the stricter.
    #[must_use]
    pub fn effective(&self, agent: Option<&str>, configured: Wanted) -> Effective<'_> {
        let named = agent.filter(|agent| *agent != "*").and_then(|agent| self.agents.get(agent));
        let every = self.agents.get("*");
        let both = || named.into_iter().chain(every);
        let security = both().find_map(|policy| policy.security).or(self.defaults.security);
        let ask = both().find_map(|policy| policy.ask).or(self.defaults.ask);
        let fallback = both().find_map(|policy| policy.ask_fallback).or(self.defaults.ask_fallback);
        let skills = both().find_map(|policy| policy.auto_allow_skills).or(self.defaults.auto_allow_skills);
        Effective {
            security: stricter(security, configured.security, Ord::min).unwrap_or(Security::Allowlist),
            ask: stricter(ask, configured.ask, Ord::max).unwrap_or(Ask::OnMiss),
            ask_fallback: fallback.unwrap_or(Security::Deny),
            auto_allow_skills: skills.unwrap_or(false),
            allowlist: both().flat_map(|policy| &policy.allowlist).collect(),
            strict_inline_eval: false,
        }
    }
}

fn stricter<T: Copy>(one: Option<T>, other: Option<T>, pick: fn(T, T) -> T) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => Some(pick(one, other)),
        (one, other) => one.or(other),
    }
}

/// What somebody else wants: the configuration, or the asker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// What may run.
    pub security: Option<Security>,
    /// When people are asked.
    pub ask: Option<Ask>,
}

/// The policy as it holds for one agent.
#[derive(Clone, Debug, PartialEq)]
pub struct Effective<'a> {
    /// What may run.
    pub security: Security,
    /// When people are asked.
    pub ask: Ask,
    /// What holds when somebody should be asked and nobody is there.
    pub ask_fallback: Security,
    /// Allow programs that skills name.
    pub auto_allow_skills: bool,
    /// What may run without asking.
    pub allowlist: Vec<&'a AllowlistEntry>,
    /// Ask about code that stands in the command, whatever else holds.
    pub strict_inline_eval: bool,
}

impl Effective<'_> {
    /// Asks about code that stands in the command, or does not.
    #[must_use]
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict_inline_eval = strict;
        self
    }

    /// With what the asker wants besides; that can only be stricter.
    #[must_use]
    pub fn with(mut self, wanted: Wanted) -> Self {
        self.security = wanted.security.map_or(self.security, |wanted| self.security.min(wanted));
        self.ask = wanted.ask.map_or(self.ask, |wanted| self.ask.max(wanted));
        self
    }

    /// What holds now that somebody should be asked and nobody is there.
    #[must_use]
    pub fn without_people(&self, plan: &Plan<'_>, granted: bool, home: Option<&Path>) -> Verdict {
        let fallback = Self { security: self.security.min(self.ask_fallback), ask: Ask::Off, ..self.clone() };
        match decide(&fallback, plan, granted && self.ask != Ask::Always, home) {
            Verdict::Ask => Verdict::Deny(Reason::Unlisted),
            verdict => verdict,
        }
    }
}

/// What the policy says about a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may run.
    Allow(Reason),
    /// Ask people.
    Ask,
    /// It may not run.
    Deny(Reason),
}

/// Why the policy says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Everything may run.
    Full,
    /// The list has it.
    Listed,
    /// People allowed exactly this for good.
    Granted,
    /// Nothing may run.
    Security,
    /// The list does not have it, and nobody is asked.
    Unlisted,
}

impl Reason {
    /// For people.
    #[must_use]
    pub const fn about(self) -> &'static str {
        match self {
            Self::Full => "the exec policy lets everything run (security full)",
            Self::Listed => "the exec policy's allowlist has it",
            Self::Granted => "it was allowed for good before",
            Self::Security => "the exec policy lets nothing run (security deny)",
            Self::Unlisted => "the exec policy's allowlist does not have it and nobody is asked (ask off)",
        }
    }
}

/// Whether a command may run, must be asked about, or may not. `granted`: people allowed exactly this plan for good.
#[must_use]
pub fn decide(policy: &Effective<'_>, plan: &Plan<'_>, granted: bool, home: Option<&Path>) -> Verdict {
    let verdict = match (policy.security, policy.ask) {
        (Security::Deny, _) => Verdict::Deny(Reason::Security),
        (_, Ask::Always) => Verdict::Ask,
        _ if granted => Verdict::Allow(Reason::Granted),
        (Security::Full, _) => Verdict::Allow(Reason::Full),
        (Security::Allowlist, _) if is_listed(policy, plan, home) => Verdict::Allow(Reason::Listed),
        (Security::Allowlist, Ask::OnMiss) => Verdict::Ask,
        (Security::Allowlist, Ask::Off) => Verdict::Deny(Reason::Unlisted),
    };
    let asked_anyway = policy.strict_inline_eval
        && matches!(verdict, Verdict::Allow(_))
        && analyse(plan.command, plan.argv).has("inline-eval");
    if asked_anyway { Verdict::Ask } else { verdict }
}

/// Whether the list has every command of the line.
fn is_listed(policy: &Effective<'_>, plan: &Plan<'_>, home: Option<&Path>) -> bool {
    let fits = |words: &[String], resolved: Option<&str>| {
        policy.allowlist.iter().any(|entry| entry_fits(entry, words, resolved, home))
    };
    match plan.argv {
        Some(argv) => fits(argv, plan.resolved_path),
        None => split(plan.command).is_some_and(|commands| {
            // Where the first program was found is known; of the others only what is written.
            let resolved = plan.resolved_path.filter(|_| commands.len() == 1);
            commands.iter().all(|words| fits(words, resolved))
        }),
    }
}

fn entry_fits(entry: &AllowlistEntry, words: &[String], resolved: Option<&str>, home: Option<&Path>) -> bool {
    let Some((program, arguments)) = words.split_first() else { return false };
    let by_path = entry.pattern.contains('/');
    let program_fits = if by_path {
        let target = resolved.or_else(|| program.starts_with('/').then_some(program.as_str()));
        let plain = target.is_some_and(|target| !target.split('/').any(|part| part == ".." || part == "."));
        plain && target.is_some_and(|target| glob(&entry.pattern, home).is_some_and(|glob| glob.is_match(target)))
    } else {
        !program.contains('/') && glob(&entry.pattern, None).is_some_and(|glob| glob.is_match(program))
    };
    program_fits
        && match entry.arg_pattern.as_deref() {
            None => entry.source.is_none(),
            // Made by another implementation, for a folder that only it knows.
            Some(pattern) if is_generated(pattern) => false,
            Some(pattern) => expression(pattern).is_ok_and(|pattern| pattern.is_match(&arguments.join(" "))),
        }
}

fn is_generated(pattern: &str) -> bool {
    pattern.starts_with("sha256:") || pattern.contains('\0')
}

fn expression(text: &str) -> Result<regex_lite::Regex, regex_lite::Error> {
    regex_lite::RegexBuilder::new(text).size_limit(1 << 18).build()
}

/// A pattern of paths: `*` and `?` stay inside a folder, `**` does not.
fn glob(pattern: &str, home: Option<&Path>) -> Option<regex_lite::Regex> {
    let pattern = match pattern.strip_prefix("~/") {
        Some(rest) => format!("{}/{rest}", home?.to_str()?.trim_end_matches('/')),
        None => pattern.to_owned(),
    };
    let mut text = String::from("^");
    let mut rest = pattern.as_str();
    while let Some(c) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("**/") {
            text.push_str("(?:.*/)?");
            rest = after;
        } else if let Some(after) = rest.strip_prefix("**") {
            text.push_str(".*");
            rest = after;
        } else {
            match c {
                '*' => text.push_str("[^/]*"),
                '?' => text.push_str("[^/]"),
                c => text.push_str(&regex_lite::escape(c.encode_utf8(&mut [0; 4]))),
            }
            rest = &rest[c.len_utf8()..];
        }
    }
    text.push('$');
    expression(&text).ok()
}
