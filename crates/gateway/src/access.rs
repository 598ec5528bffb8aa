//! Roles and rates, between the check of scopes and the handler (DESIGN §3). Where neither is configured there is no guard, and
//! a call costs one look at a pointer.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use openclaw_auth::{
    Principal, authorization,
    authorization::{
        Action, Asked, Authorization, ChannelRules, Decision, Permission, Rule, User, Who, command_of, decide,
    },
    limits::{Charge, Key, Rate},
};
use openclaw_config::{self as config, Config};
use openclaw_protocol::{ErrorCode, Role, Scope, Scopes, WireError, detail};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    RunError,
    rpc::{self, Row},
    state::State,
};

/// Channel of messages that name none.
const NO_CHANNEL: &str = "webchat";
/// Spec 004's words for commands.
pub(crate) const COMMANDS: [&str; 5] = ["admin", "ask", "config", "help", "status"];

/// What is configured about roles and rates.
#[derive(Debug)]
pub(crate) struct Guard {
    authorization: Authorization,
    rates: Rates,
}

#[derive(Debug, Default)]
struct Rates {
    /// Channels that there are. A name that a caller made up is none.
    channels: BTreeSet<String>,
    global: Option<Rate>,
    per_user: Option<Rate>,
    per_channel: Option<Rate>,
    roles: BTreeMap<Arc<str>, Rate>,
    commands: BTreeMap<Arc<str>, Rate>,
}

impl Rates {
    fn is_empty(&self) -> bool {
        self.global.is_none()
            && self.per_user.is_none()
            && self.per_channel.is_none()
            && self.roles.is_empty()
            && self.commands.is_empty()
    }
}

/// What a call is, as rules see it.
pub(crate) struct Wanted<'a> {
    pub(crate) method: &'a str,
    /// The scope that this call needs.
    pub(crate) needs: Option<Scope>,
    /// 0 where what it calls is counted instead; then only limits that name it count.
    pub(crate) cost: u32,
    pub(crate) params: Option<&'a RawValue>,
}

impl Guard {
    /// What the configuration says; `None` when it says nothing.
    ///
    /// # Errors
    /// A word that is no permission, or names no method.
    pub(crate) fn of(config: &Config) -> Result<Option<Self>, RunError> {
        let guard = Self { authorization: authorization_of(config)?, rates: rates(config)? };
        Ok((!guard.authorization.is_empty() || !guard.rates.is_empty()).then_some(guard))
    }

    /// Which events somebody may be told; `None` where roles do not narrow it.
    pub(crate) fn hears(&self, principal: &Principal) -> Option<Scopes> {
        // Machines are no users: what they hear follows from their role.
        (principal.role() == Role::Operator).then(|| self.authorization.hears(&Who::of(principal)))?
    }

    /// Whether roles count.
    pub(crate) const fn has_roles(&self) -> bool {
        self.authorization.enabled
    }

    /// Whether rules say anything about somebody of this name.
    pub(crate) fn knows(&self, name: &str) -> bool {
        self.authorization.enabled && self.authorization.user_of(&Who::named(name)).is_some()
    }

    /// Whether roles let somebody call a method in the plainest case.
    pub(crate) fn shows(&self, principal: &Principal, row: &Row) -> bool {
        let asked = Asked::Method { name: row.name, needs: row.access.least() };
        self.decide(principal, &Action { asked, channel: None }).allowed
    }

    fn decide(&self, principal: &Principal, action: &Action<'_>) -> Decision<'_> {
        if principal.role() != Role::Operator {
            return Decision { allowed: true, user: None, role: None, rule: Rule::Everybody };
        }
        decide(&self.authorization, &Who::of(principal), action)
    }

    /// The rule by which somebody may call a method, for the record of what was done with it. `None` while roles do not count.
    pub(crate) fn rule(&self, principal: &Principal, row: &Row) -> Option<String> {
        let asked = Asked::Method { name: row.name, needs: row.access.least() };
        let decision = self.decide(principal, &Action { asked, channel: None });
        self.authorization.enabled.then(|| decision.rule.to_string())
    }

    /// Refuses what no role allows.
    ///
    /// # Errors
    /// The rule that forbids it.
    pub(crate) fn permit(&self, principal: &Principal, wanted: &Wanted<'_>) -> Result<(), WireError> {
        let channel = channel(wanted.params);
        let asked = Asked::Method { name: wanted.method, needs: wanted.needs };
        let decision = self.decide(principal, &Action { asked, channel: channel.as_deref() });
        if decision.allowed { Ok(()) } else { Err(denied(&decision)) }
    }

    /// A method that roles would let somebody of this name call and the caller not, if there is one: nobody makes another who may
    /// more than they themselves.
    ///
    /// # Errors
    /// That there is one, and the rule that forbids it to the caller.
    pub(crate) fn may_make(&self, principal: &Principal, name: &str) -> Result<(), WireError> {
        if !self.authorization.enabled {
            return Ok(());
        }
        let made = Who::named(name);
        for row in crate::methods::table() {
            let asked = Asked::Method { name: row.name, needs: row.access.least() };
            let action = Action { asked, channel: None };
            let own = self.decide(principal, &action);
            if !own.allowed && decide(&self.authorization, &made, &action).allowed {
                let text =
                    format!("access denied: \"{name}\" could call {}, which you may not: {}", row.name, own.rule);
                return Err(WireError::new(ErrorCode::Forbidden, detail::ACCESS_DENIED, text)
                    .with("rule", own.rule.to_string())
                    .with("method", row.name));
            }
        }
        Ok(())
    }

    /// Counts a call against every limit that it falls under.
    fn charge(&self, state: &Arc<State>, principal: &Principal, wanted: &Wanted<'_>) -> Result<Counted, WireError> {
        let charges = self.charges(principal, wanted);
        if charges.is_empty() {
            return Ok(Counted::default());
        }
        let taken = state.limiter().take(&charges, state.clock.now_ms());
        match taken {
            Ok(ends) => Ok(Counted { state: Some(Arc::clone(state)), charges, ends, began: false }),
            Err(over) => Err(too_many(&charges[over.at], over.retry_after_ms)),
        }
    }

    pub(crate) fn charges(&self, principal: &Principal, wanted: &Wanted<'_>) -> Vec<Charge> {
        if principal.role() != Role::Operator || principal_is_internal(principal) {
            return Vec::new();
        }
        let who = Who::of(principal);
        let (user, role) = (self.authorization.user_of(&who), self.authorization.role_of(&who));
        let name = user.map_or_else(|| Key::name(&user_name(principal)), |(name, _)| Key::name(name));
        let name = || Arc::clone(&name);
        let role = match role {
            Some((role, _)) => Some(role),
            None if self.authorization.enabled && !who.owns() => None,
            None => role_by_scopes(principal),
        };
        let command = command_of(wanted.method, wanted.needs).filter(|_| wanted.cost > 0);
        let asks = command == Some("ask") || begins_with_a_message(wanted);
        let is_message = asks || wanted.method == "send";
        let named = channel(wanted.params).filter(|name| self.rates.channels.contains(name.as_ref()));
        // What is asked comes in here, whatever its answer is for: a name in a parameter takes nobody out of this count.
        let came_by = asks || (is_message && named.is_none());
        let channels =
            [came_by.then_some(Cow::Borrowed(NO_CHANNEL)), named.filter(|name| !came_by || name != NO_CHANNEL)];
        let rates = &self.rates;
        let mut charges = Vec::with_capacity(6);
        let mut add = |key, rate: Option<Rate>, cost| {
            charges.extend(rate.filter(|_| cost > 0).map(|rate| Charge { key, rate, cost }));
        };
        add(Key::Global, rates.global, wanted.cost);
        add(Key::User(name()), rates.per_user, wanted.cost);
        for channel in channels.into_iter().flatten() {
            add(Key::Channel(Key::name(&channel)), rates.per_channel, wanted.cost);
        }
        if let Some((role, rate)) = role.and_then(|role| rates.roles.get_key_value(role)) {
            add(Key::Role(Arc::clone(role), name()), Some(*rate), wanted.cost);
        }
        for (word, rate) in &rates.commands {
            let counts = command == Some(word.as_ref())
                || wanted.method == word.as_ref()
                || word
                    .strip_suffix('*')
                    .is_some_and(|family| family.ends_with('.') && wanted.method.starts_with(family));
            if counts {
                add(Key::Command(Arc::clone(word), name()), Some(*rate), 1);
            }
        }
        if let Some((_, User { messages: Some((most, window_ms)), .. })) = user.filter(|_| is_message) {
            let rate = Rate { window_ms: *window_ms, max_requests: *most, skip_successful: false, skip_failed: false };
            add(Key::Messages(name()), Some(rate), 1);
        }
        charges
    }
}

/// The checks between scope and handler, for whatever way a call came: roles, then rates, then whether what it changes can be
/// recorded. Whoever may not is told so whatever else is wrong, and is not counted; what cannot be recorded is not counted either.
///
/// # Errors
/// The rule that forbids it, the limit that is used up, or that the audit file cannot be written.
pub(crate) fn admit(
    state: &Arc<State>,
    principal: &Principal,
    wanted: &Wanted<'_>,
    changes: Changes,
) -> Result<Counted, WireError> {
    let counted = match &state.active().guard {
        Some(guard) => {
            guard.permit(principal, wanted)?;
            guard.charge(state, principal, wanted)?
        }
        None => Counted::default(),
    };
    if changes == Changes::Something {
        state.audit_export.admit_change()?;
    }
    Ok(counted)
}

/// Whether a call changes anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Changes {
    /// It only looks.
    Nothing,
    /// It must be possible to record it.
    Something,
}

/// What a call was counted for. Dropped before the call began, it counts for nothing; dropped in the middle of it, the call failed.
#[derive(Default)]
#[must_use]
pub(crate) struct Counted {
    state: Option<Arc<State>>,
    charges: Vec<Charge>,
    ends: Vec<i64>,
    began: bool,
}

impl Counted {
    /// Whether nothing is limited, so that nobody need know how the call ends.
    pub(crate) fn is_empty(&self) -> bool {
        self.charges.is_empty()
    }

    /// The call is at work.
    pub(crate) fn begins(&mut self) {
        self.began = true;
    }

    /// Takes back what does not count, now that it is known how the call ended.
    pub(crate) fn ended(mut self, succeeded: bool) {
        self.give_back(|rate| if succeeded { rate.skip_successful } else { rate.skip_failed });
        self.charges.clear();
    }

    fn give_back(&self, skips: impl Fn(&Rate) -> bool) {
        let Some(state) = &self.state else { return };
        let now = state.clock.now_ms();
        let mut limiter = state.limiter();
        for (charge, ends) in self.charges.iter().zip(&self.ends) {
            if skips(&charge.rate) {
                limiter.give_back(charge, *ends, now);
            }
        }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        if !self.charges.is_empty() {
            let began = self.began;
            self.give_back(|rate| !began || rate.skip_failed);
        }
    }
}

/// Whether what is created begins with a message to an agent.
fn begins_with_a_message(wanted: &Wanted<'_>) -> bool {
    #[derive(Deserialize)]
    struct First<'a> {
        #[serde(borrow, default)]
        message: Option<Cow<'a, str>>,
        #[serde(borrow, default)]
        task: Option<Cow<'a, str>>,
    }
    wanted.method == "sessions.create"
        && wanted
            .params
            .and_then(|params| serde_json::from_str::<First<'_>>(params.get()).ok())
            .is_some_and(|first| first.message.or(first.task).is_some_and(|text| !text.trim().is_empty()))
}

fn principal_is_internal(principal: &Principal) -> bool {
    matches!(principal.identity(), openclaw_auth::Identity::Internal { .. })
}

/// Whom `perUser` counts: a login where there is one, else the credential or the device.
fn user_name(principal: &Principal) -> String {
    let owner = Some(principal.owner()).filter(|owner| *owner != openclaw_auth::SHARED_OWNER);
    principal.user().or(owner).map_or_else(|| principal.audit_name(), str::to_owned)
}

/// The role of spec 004 that scopes come to where roles are not configured.
fn role_by_scopes(principal: &Principal) -> Option<&'static str> {
    [(Scope::Admin, "admin"), (Scope::Write, "user"), (Scope::Read, "readonly")]
        .into_iter()
        .find_map(|(scope, role)| principal.may(scope).then_some(role))
}

/// The channel that parameters name.
fn channel(params: Option<&RawValue>) -> Option<Cow<'_, str>> {
    #[derive(Deserialize)]
    struct Named<'a> {
        #[serde(borrow, default)]
        channel: Option<Cow<'a, str>>,
    }
    let text = params?.get();
    // Mostly nothing is named, and then nothing is read.
    if !text.contains("channel") {
        return None;
    }
    serde_json::from_str::<Named<'_>>(text).ok()?.channel.filter(|channel| !channel.is_empty())
}

fn denied(decision: &Decision<'_>) -> WireError {
    let mut error =
        WireError::new(ErrorCode::Forbidden, detail::ACCESS_DENIED, format!("access denied: {}", decision.rule))
            .with("rule", decision.rule.to_string());
    for (name, value) in [("user", decision.user), ("role", decision.role)] {
        if let Some(value) = value {
            error = error.with(name, value);
        }
    }
    error
}

fn too_many(charge: &Charge, retry_after_ms: u64) -> WireError {
    let key = match &charge.key {
        Key::Global => "security.rateLimit.global".to_owned(),
        Key::User(_) => "security.rateLimit.perUser".to_owned(),
        Key::Channel(_) => "security.rateLimit.perChannel".to_owned(),
        Key::Role(role, _) => format!("security.rateLimit.roleLimits.{role}"),
        Key::Command(command, _) => format!("security.rateLimit.commandLimits.{command}"),
        Key::Messages(user) => format!("security.authorization.users.{user}.restrictions"),
    };
    let (most, window, wait) = (charge.rate.max_requests, charge.rate.window_ms, retry_after_ms.div_ceil(1000));
    let text = format!("too many requests: {key} allows {most} in {window} ms; retry in {wait} s");
    WireError::unavailable(detail::RATE_LIMITED, text).with("rule", key).retryable(Some(retry_after_ms))
}

/// The rules as the decision reads them.
fn authorization_of(config: &Config) -> Result<Authorization, RunError> {
    let channels = config.channels.iter().filter_map(|(name, channel)| {
        let rules = &channel.permissions;
        let rules = ChannelRules {
            allowed_users: rules.allowed_users.clone(),
            allowed_roles: rules.allowed_roles.clone(),
            blocked_users: rules.blocked_users.clone(),
            allowed_commands: rules.commands.allowed.clone(),
            blocked_commands: rules.commands.blocked.clone(),
        };
        (rules != ChannelRules::default()).then(|| (name.clone(), rules))
    });
    let mut authorization = Authorization { channels: channels.collect(), ..Authorization::default() };
    let Some(configured) = &config.security.authorization else { return Ok(authorization) };
    authorization.enabled = configured.enabled;
    for (name, role) in &configured.roles {
        let mut permissions = Vec::new();
        for (at, word) in role.permissions.iter().enumerate() {
            let problem = |problem: String| RunError::Rule {
                key: format!("security.authorization.roles.{name}.permissions[{at}]"),
                problem,
            };
            let permission = word.parse::<Permission>().map_err(|unknown| problem(unknown.to_string()))?;
            exists(&permission).map_err(problem)?;
            permissions.push(permission);
        }
        let role =
            authorization::Role { permissions, channels: role.channels.clone(), commands: role.commands.clone() };
        authorization.roles.insert(name.clone(), role);
    }
    for (name, user) in &configured.users {
        let limits = &user.restrictions;
        let window = |period: config::Period| u64::try_from(period.duration().as_millis()).unwrap_or(u64::MAX);
        let user = User {
            role: user.role.clone(),
            channels: user.channels.clone(),
            messages: limits.max_messages.zip(limits.time_window.map(window)),
        };
        authorization.users.insert(name.clone(), user);
    }
    Ok(authorization)
}

/// Whether a permission names methods that there are: a word with a typing error would forbid what it was to allow.
fn exists(permission: &Permission) -> Result<(), String> {
    let names = || crate::methods::table().iter().map(|row| row.name);
    match permission {
        Permission::All | Permission::Scope(_) => Ok(()),
        Permission::Method(method) if rpc::find(method).is_some() => Ok(()),
        Permission::Method(method) => Err(format!(
            "there is no method \"{method}\"; write read, write, admin, approvals, pairing, a method of `openclaw methods`, or a family such as \"config.*\""
        )),
        Permission::Family(family) => {
            let prefix = format!("{family}.");
            let there = names().any(|name| name.starts_with(&prefix));
            if there { Ok(()) } else { Err(format!("there is no method whose name begins with \"{prefix}\"")) }
        }
    }
}

fn rates(config: &Config) -> Result<Rates, RunError> {
    let Some(limits) = config.security.rate_limit.as_ref().filter(|limits| limits.enabled) else {
        return Ok(Rates::default());
    };
    let rate = |rate: &config::Rate| Rate {
        window_ms: rate.window_ms,
        max_requests: rate.max_requests,
        skip_successful: rate.skip_successful_requests,
        skip_failed: rate.skip_failed_requests,
    };
    let mut commands = BTreeMap::new();
    for (word, limit) in &limits.command_limits {
        let is_family = || {
            word.parse::<Permission>().is_ok_and(|permission| match permission {
                Permission::All | Permission::Scope(_) => false,
                named => exists(&named).is_ok(),
            })
        };
        if !COMMANDS.contains(&word.as_str()) && !is_family() {
            let problem = format!(
                "is no command: write one of {}, a method, or a family such as \"cron.*\"",
                COMMANDS.join(", ")
            );
            return Err(RunError::Rule { key: format!("security.rateLimit.commandLimits.{word}"), problem });
        }
        commands.insert(word.as_str().into(), rate(limit));
    }
    let known = config.security.authorization.as_ref().filter(|authorization| authorization.enabled);
    for role in limits.role_limits.keys() {
        let there = match known {
            Some(authorization) => authorization.roles.contains_key(role),
            None => matches!(role.as_str(), "admin" | "user" | "readonly"),
        };
        if !there {
            let problem = "is not one of the roles of security.authorization".to_owned();
            return Err(RunError::Rule { key: format!("security.rateLimit.roleLimits.{role}"), problem });
        }
    }
    Ok(Rates {
        channels: config.channels.keys().cloned().chain([NO_CHANNEL.to_owned()]).collect(),
        global: limits.global.as_ref().map(rate),
        per_user: limits.per_user.as_ref().map(rate),
        per_channel: limits.per_channel.as_ref().map(rate),
        roles: limits.role_limits.iter().map(|(name, limit)| (name.as_str().into(), rate(limit))).collect(),
        commands,
    })
}

/// What a file says about an action, for `security explain`.
#[derive(Debug, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explained {
    /// Whether roles let it happen.
    pub allowed: bool,
    /// The user by its name in the configuration.
    pub user: Option<String>,
    /// Its role.
    pub role: Option<String>,
    /// The rule that decided.
    pub rule: String,
    /// The scope that the caller's credential must grant besides.
    pub scope: Option<&'static str>,
    /// Spec 004's command that the action belongs to.
    pub command: Option<String>,
}

/// Decides about a method, or a command of a chat, by a configuration alone. `user` is a name as `security.authorization.users`
/// has it, or `<channel>:<sender>`.
///
/// # Errors
/// Rules that cannot be used, or an action that there is not.
pub fn explain(config: &Config, user: &str, action: &str, channel: Option<&str>) -> Result<Explained, String> {
    let policy = authorization_of(config).map_err(|error| error.to_string())?;
    let needs = rpc::find(action).map(|row| row.access.least());
    let asked = match needs {
        Some(needs) => Asked::Method { name: action, needs },
        None if COMMANDS.contains(&action) => Asked::Command(action),
        None => {
            let words = COMMANDS.join(", ");
            return Err(format!(
                "there is no method or command \"{action}\"; commands are {words}, and `openclaw methods` lists the methods"
            ));
        }
    };
    let who = match user.split_once(':') {
        Some((place, sender)) if config.channels.contains_key(place) => Who::sender(place, sender),
        _ => Who::named(user),
    };
    let channel = channel
        .or_else(|| user.split_once(':').map(|(place, _)| place).filter(|place| config.channels.contains_key(*place)));
    let decision = decide(&policy, &who, &Action { asked, channel });
    Ok(Explained {
        allowed: decision.allowed,
        user: decision.user.map(str::to_owned),
        role: decision.role.map(str::to_owned),
        rule: decision.rule.to_string(),
        scope: needs.flatten().map(Scope::as_str),
        command: asked.command().map(str::to_owned),
    })
}
