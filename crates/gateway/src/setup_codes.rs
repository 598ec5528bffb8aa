//! Setup codes, in memory beside the store: issued for one device, used once, gone soon (SECURITY T71).

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use openclaw_auth::{
    Devices, Identity, Mode, Policy, Principal, SetupGrant, SetupName, SetupWord, TokenAction,
    tokens::{hash_token, is_revoked},
};
use openclaw_core::{
    Secret, hex,
    record::{Device, DeviceToken, SetupCode, SetupIssuer, SetupUse},
};
use openclaw_protocol::{
    Role, Scope, Scopes,
    event::{DevicePairSetupCompleted, Event},
};
use openclaw_store::Change;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use tracing::warn;

use crate::state::State;

/// Where the store keeps them: one member for each, by the name that people know.
pub(crate) const SETTING: &str = "device.setup-codes";
/// How long a code works unless its maker says otherwise, milliseconds.
pub(crate) const LIFE_MS: i64 = 10 * 60 * 1000;
/// The shortest and the longest life that a maker can ask for, milliseconds.
pub(crate) const LIVES_MS: std::ops::RangeInclusive<i64> = 60_000..=60 * 60 * 1000;
/// Codes that work at the same time.
pub(crate) const LIVE: usize = 32;
/// Codes that are remembered, those that are over too.
const REMEMBERED: usize = 64;
/// How long it is told what became of a code that is over, milliseconds.
const REMEMBERED_MS: i64 = 60 * 60 * 1000;

/// The table. Whoever changes a code in the store puts the outcome here.
#[derive(Debug, Default)]
pub(crate) struct SetupCodes {
    table: Mutex<Table>,
    /// Held from the count of those that work until a new one is stored, or several at once would be one too many.
    issuing: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Table {
    codes: HashMap<String, SetupCode>,
    /// Codes by which somebody comes in at this moment.
    held: HashSet<String>,
}

/// Keeps a code for one device until it is stored that it was used, or it is free again.
#[derive(Debug)]
pub(crate) struct Held<'a> {
    codes: &'a SetupCodes,
    code: SetupCode,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.codes.table().held.remove(&self.code.setup_id);
    }
}

fn shown(code: &SetupCode) -> Value {
    serde_json::to_value(code).unwrap_or_default()
}

impl SetupCodes {
    /// The codes that the store holds.
    pub(crate) fn new(kept: Option<Value>) -> Self {
        let codes = match kept {
            Some(Value::Object(members)) => members.into_iter().filter_map(|(id, code)| {
                serde_json::from_value(code)
                    .map_err(|error| warn!(%error, setup_id = id, "A setup code is not readable"))
                    .ok()
            }),
            _ => return Self::default(),
        };
        let codes = codes.map(|code: SetupCode| (code.setup_id.clone(), code)).collect();
        Self { table: Mutex::new(Table { codes, held: HashSet::new() }), issuing: tokio::sync::Mutex::default() }
    }

    /// Codes are made one after the other.
    pub(crate) async fn one_by_one(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.issuing.lock().await
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes over what was stored.
    pub(crate) fn put(&self, code: SetupCode) {
        self.table().codes.insert(code.setup_id.clone(), code);
    }

    /// Forgets what the store forgot.
    pub(crate) fn forget<'a>(&self, ids: impl IntoIterator<Item = &'a String>) {
        let mut table = self.table();
        for id in ids {
            table.codes.remove(id);
        }
    }

    /// Forgets all of them.
    pub(crate) fn clear(&self) {
        self.table().codes.clear();
    }

    /// The code with this name.
    pub(crate) fn named(&self, setup_id: &str) -> Option<SetupCode> {
        self.table().codes.get(setup_id).cloned()
    }

    /// All that are remembered, the oldest first.
    pub(crate) fn list(&self) -> Vec<SetupCode> {
        let mut list: Vec<SetupCode> = self.table().codes.values().cloned().collect();
        list.sort_by(|left, right| (left.created_at, &left.setup_id).cmp(&(right.created_at, &right.setup_id)));
        list
    }

    /// The change that keeps a new code, and the names of those that make room for it. `Err` is when the first of so many that work
    /// ends.
    pub(crate) fn issue(&self, code: &SetupCode, now: i64) -> Result<(Change, Vec<String>), i64> {
        let list = self.list();
        let open: Vec<&SetupCode> = list.iter().filter(|code| code.is_open(now)).collect();
        if open.len() >= LIVE {
            return Err(open.iter().map(|code| code.expires_at).min().unwrap_or(now));
        }
        let over: Vec<&SetupCode> = list.iter().filter(|code| !code.is_open(now)).collect();
        let many = (list.len() + 1).saturating_sub(REMEMBERED);
        let old = |(at, code): &(usize, &&SetupCode)| *at < many || code.expires_at + REMEMBERED_MS <= now;
        let gone: Vec<String> = over.iter().enumerate().filter(old).map(|(_, code)| code.setup_id.clone()).collect();
        let mut entries: Map<String, Value> = gone.iter().map(|id| (id.clone(), Value::Null)).collect();
        entries.insert(code.setup_id.clone(), shown(code));
        let name = SETTING.to_owned();
        Ok((Change::MergeSetting { name, entries, expected: Map::new(), most: REMEMBERED }, gone))
    }

    /// The change that takes a code back which nobody has used.
    pub(crate) fn withdraw(code: &SetupCode) -> Change {
        let entries = Map::from_iter([(code.setup_id.clone(), Value::Null)]);
        let expected = Map::from_iter([(code.setup_id.clone(), shown(code))]);
        Change::MergeSetting { name: SETTING.to_owned(), entries, expected, most: REMEMBERED }
    }

    /// The change that takes all of them back.
    pub(crate) fn withdraw_all() -> Change {
        Change::PutSetting { name: SETTING.to_owned(), value: Value::Null }
    }

    /// Keeps an open code for one device. `None` when another was faster.
    pub(crate) fn hold(&self, setup_id: &str, now: i64) -> Option<Held<'_>> {
        let mut table = self.table();
        let code = table.codes.get(setup_id).filter(|code| code.is_open(now)).cloned()?;
        // Made only when it is needed: what is dropped here would wait for the lock that is held.
        table.held.insert(setup_id.to_owned()).then(|| Held { codes: self, code })
    }

    /// What a shown code is, and its record when it is open. Hashes are compared, so that the time tells nothing about it.
    fn look_up(&self, shown: &str, now: i64) -> Result<SetupCode, SetupWord> {
        let hash = hash_token(shown);
        let table = self.table();
        let code = table.codes.values().find(|code| code.hash == hash).ok_or(SetupWord::Unknown)?;
        if code.used.is_some() || table.held.contains(&code.setup_id) {
            Err(SetupWord::Used)
        } else if code.is_open(now) {
            Ok(code.clone())
        } else {
            Err(SetupWord::Expired)
        }
    }
}

/// Devices and setup codes, as a decision about one attempt reads them.
pub(crate) struct AtTheDoor<'a>(pub(crate) &'a State);

impl Devices for AtTheDoor<'_> {
    fn device(&self, id: &str) -> Option<Device> {
        self.0.devices.device(id)
    }

    fn count_for_owner(&self, owner: &str) -> usize {
        self.0.devices.count_for_owner(owner)
    }

    fn device_by_token(&self, hash: &str) -> Option<Device> {
        self.0.devices.device_by_token(hash)
    }

    fn has_passkeys(&self) -> bool {
        !self.0.passkeys.is_empty()
    }

    fn setup_code(&self, shown: &str, device_id: &str, now_ms: i64) -> SetupWord {
        let state = self.0;
        let code = match state.setup_codes.look_up(shown, now_ms) {
            Ok(code) => code,
            Err(word) => return word,
        };
        if !stands(state, &code, now_ms) {
            return SetupWord::IssuerGone;
        }
        let active = state.active();
        let rules = active.guard.as_deref().filter(|guard| guard.has_roles());
        // Nobody gets a role by what a device calls itself.
        let name = match code.label {
            Some(label) => SetupName::Given(label),
            None if rules.is_some() && code.owner == openclaw_auth::SHARED_OWNER => SetupName::None,
            None => SetupName::Own,
        };
        SetupWord::Holds(SetupGrant {
            setup_id: code.setup_id,
            roles: code.roles,
            scopes: code.scopes,
            owner: code.owner,
            name,
            asks_owner: rules.is_some_and(|rules| rules.knows(&format!("device:{device_id}"))),
        })
    }
}

/// What whoever makes a code was let in by. `None` for those who make none: programs of agents, hooks, and the gateway itself.
pub(crate) fn issuer(policy: &Policy, principal: &Principal, setup_id: &str) -> Option<SetupIssuer> {
    Some(match principal.identity() {
        Identity::Device { id } => SetupIssuer::Device { id: id.clone(), user: principal.user().map(str::to_owned) },
        Identity::Named { id, .. } => SetupIssuer::AccessToken { id: id.clone() },
        Identity::SharedSecret => SetupIssuer::Secret { mark: mark(setup_id, policy.secret.as_ref()?) },
        Identity::User => SetupIssuer::User { login: principal.user()?.to_owned() },
        Identity::LocalCli | Identity::Anonymous => SetupIssuer::Host,
        Identity::Agent { .. } | Identity::Hook | Identity::Internal { .. } => return None,
    })
}

fn mark(setup_id: &str, secret: &Secret) -> String {
    let hash = Sha256::new().chain_update(setup_id).chain_update([0]).chain_update(secret.expose()).finalize();
    hex(&hash[..2])
}

/// Whether whoever made a code may still make one, which administrators may, and give what it gives.
fn stands(state: &State, code: &SetupCode, now: i64) -> bool {
    let could = |scopes: Scopes| scopes.grants(Scope::Admin) && scopes.covers(code.scopes);
    let active = state.active();
    let policy = &active.policy;
    match &code.issuer {
        SetupIssuer::Device { id, user } => state.devices.get(id.as_str()).is_some_and(|device| {
            let besides = user.as_ref().map(|user| policy.scopes_of(user)).unwrap_or_default();
            device.roles.contains(&Role::Operator)
                && !is_revoked(&device, Role::Operator)
                && could(device.scopes.union(besides))
        }),
        SetupIssuer::AccessToken { id } => {
            state.access_tokens.list().iter().any(|token| token.id == *id && token.holds(now) && could(token.scopes))
        }
        SetupIssuer::Secret { mark: known } => {
            policy.secret.as_ref().is_some_and(|secret| mark(&code.setup_id, secret) == *known)
        }
        SetupIssuer::User { login } => {
            let let_in = match policy.mode {
                Mode::TrustedProxy => {
                    let users = &policy.trusted_proxy.allow_users;
                    users.is_empty() || users.contains(login)
                }
                Mode::Token | Mode::Password | Mode::None => policy.allow_tailscale,
            };
            let_in && (policy.identity_scopes.is_empty() || could(policy.scopes_of(login)))
        }
        SetupIssuer::Host => policy.mode == Mode::None || policy.local_bypass,
    }
}

/// What `device.pair.setup.completed` tells of a code that was used.
pub(crate) fn completion(code: &SetupCode) -> Option<DevicePairSetupCompleted> {
    let used = code.used.as_ref()?;
    Some(DevicePairSetupCompleted {
        setup_id: code.setup_id.clone(),
        device_id: used.device_id.to_string(),
        device_name: used.device_name.clone(),
        access: code.access(),
        ts: used.at,
    })
}

/// A device that comes in by a code: what is kept of both, in one transaction.
#[derive(Debug)]
pub(crate) struct Redeeming<'a> {
    held: Held<'a>,
    device: Device,
    after: SetupCode,
    /// Tokens for the roles besides the one in which it comes.
    handoff: Vec<(DeviceToken, Secret)>,
}

impl<'a> Redeeming<'a> {
    /// Keeps the code for this device, which gets `own` and a token for each role of `more`. `None` when another was faster.
    pub(crate) fn begin(
        state: &'a State,
        mut device: Device,
        setup_id: &str,
        own: Option<DeviceToken>,
        more: &[(Role, Scopes)],
        now: i64,
    ) -> Option<Self> {
        let held = state.setup_codes.hold(setup_id, now)?;
        let expires_at = now.saturating_add(state.active().policy.device_auth.token_ttl_ms);
        let make = |(role, scopes): &(Role, Scopes)| {
            let fresh = state.ids.token();
            let issue = TokenAction::Issue { scopes: *scopes, expires_at };
            Some((issue.record(*role, None, &fresh, now)?, fresh))
        };
        let handoff: Vec<(DeviceToken, Secret)> = more.iter().filter_map(make).collect();
        for token in own.into_iter().chain(handoff.iter().map(|(token, _)| token.clone())) {
            device.tokens.retain(|former| former.role != token.role);
            device.tokens.push(token);
        }
        let used = SetupUse { device_id: device.device_id.clone(), device_name: device.display_name.clone(), at: now };
        let after = SetupCode { used: Some(used), ..held.code.clone() };
        Some(Self { held, device, after, handoff })
    }

    /// The changes; void when the store knows the device or the code otherwise by now.
    pub(crate) fn changes(&self, over: Option<i64>) -> [Change; 2] {
        let entries = Map::from_iter([(self.after.setup_id.clone(), shown(&self.after))]);
        let expected = Map::from_iter([(self.after.setup_id.clone(), shown(&self.held.code))]);
        [
            Change::PutDevice { device: self.device.clone(), over },
            Change::MergeSetting { name: SETTING.to_owned(), entries, expected, most: REMEMBERED },
        ]
    }

    /// Adds to an audit record which code it was, and who had made it.
    pub(crate) fn tell(&self, detail: &mut Value) {
        detail["setupId"] = self.after.setup_id.clone().into();
        detail["issuedBy"] = self.after.issued_by.clone().into();
    }

    /// It is stored: tells whoever may know, and gives the tokens for the client.
    pub(crate) fn kept(self, state: &State) -> Vec<(DeviceToken, Secret)> {
        let Self { held, after, handoff, .. } = self;
        let completed = completion(&after);
        state.setup_codes.put(after);
        drop(held);
        if let Some(completed) = completed {
            state.hub.publish(Event::DevicePairSetupCompleted(completed));
        }
        handoff
    }
}

#[cfg(test)]
mod tests {
    use openclaw_protocol::DeviceId;

    use super::*;

    fn code(number: i64) -> SetupCode {
        SetupCode {
            setup_id: format!("setup-{number:03}"),
            hash: hash_token(&format!("code-{number}")),
            roles: vec![Role::Operator],
            scopes: Scopes::NONE,
            label: None,
            owner: "operator".to_owned(),
            issued_by: "token".to_owned(),
            issuer: SetupIssuer::Host,
            created_at: number,
            expires_at: number + LIFE_MS,
            used: None,
        }
    }

    fn issue(codes: &SetupCodes, number: i64, now: i64) -> Result<Vec<String>, i64> {
        let (_, gone) = codes.issue(&code(number), now)?;
        codes.forget(&gone);
        codes.put(code(number));
        Ok(gone)
    }

    #[test]
    fn a_code_that_somebody_comes_in_by_is_used_for_everybody_else() {
        let codes = SetupCodes::new(Some(serde_json::json!({ "setup-001": code(1), "unreadable": 5 })));
        assert_eq!(codes.look_up("code-1", 2), Ok(code(1)));
        let held = codes.hold("setup-001", 2).expect("it is open");
        assert!(codes.hold("setup-001", 2).is_none());
        assert_eq!(codes.look_up("code-1", 2), Err(SetupWord::Used));
        drop(held);
        assert_eq!(codes.look_up("code-1", 2), Ok(code(1)));
        assert_eq!(codes.look_up("code-1", 1 + LIFE_MS), Err(SetupWord::Expired));
        assert_eq!(codes.look_up("code-2", 2), Err(SetupWord::Unknown));
        assert!(codes.hold("setup-001", 1 + LIFE_MS).is_none());
        let device_id = DeviceId::new("d").unwrap();
        codes.put(SetupCode { used: Some(SetupUse { device_id, device_name: None, at: 3 }), ..code(1) });
        assert_eq!(codes.look_up("code-1", 4), Err(SetupWord::Used));
    }

    #[test]
    fn so_many_codes_work_at_once_and_so_many_are_remembered() {
        let codes = SetupCodes::default();
        let live = i64::try_from(LIVE).unwrap();
        for number in 0..live {
            assert_eq!(issue(&codes, number, number), Ok(Vec::new()));
        }
        assert_eq!(issue(&codes, live, live), Err(LIFE_MS), "the first ends then");
        let later = live + LIFE_MS;
        for number in 0..live {
            issue(&codes, later + number, later + number).unwrap();
        }
        assert_eq!(codes.list().len(), REMEMBERED);
        let last = later + 2 * LIFE_MS;
        assert_eq!(issue(&codes, last, last), Ok(vec!["setup-000".to_owned()]), "the oldest makes room");
        let much_later = last + REMEMBERED_MS + 2 * LIFE_MS;
        issue(&codes, much_later, much_later).unwrap();
        assert_eq!(codes.list().len(), 1);
    }

    #[test]
    fn the_mark_of_a_secret_is_short_and_different_for_each_code() {
        let secret = Secret::new("a secret");
        assert_eq!(mark("a", &secret).len(), 4);
        assert_ne!(mark("a", &secret), mark("b", &secret));
        assert_ne!(mark("a", &secret), mark("a", &Secret::new("another")));
    }
}
