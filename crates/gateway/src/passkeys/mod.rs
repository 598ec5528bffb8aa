//! Passkeys, in memory beside the store, and what somebody showed who connects.

pub(crate) mod challenges;

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use openclaw_auth::{
    PasskeyMode, ShownPasskey,
    webauthn::{self, Assertion, CHALLENGE_BYTES, Expected, Known, Problem},
};
use openclaw_core::record::Passkey;
use openclaw_protocol::{WireError, connect};
use serde_json::{Value, json};

use crate::{active::Active, connection::Peer, state::State};
use challenges::{Challenges, LIFE_MS, Purpose};

/// The table. Whoever changes a passkey in the store puts the outcome here, with the number of its transaction.
#[derive(Debug, Default)]
pub(crate) struct Passkeys {
    table: Mutex<HashMap<String, (Passkey, i64)>>,
    pub(crate) challenges: Challenges,
}

impl Passkeys {
    /// The passkeys that the store holds.
    pub(crate) fn new(passkeys: Vec<Passkey>) -> Self {
        let table = passkeys.into_iter().map(|passkey| (passkey.id.clone(), (passkey, 0))).collect();
        Self { table: Mutex::new(table), challenges: Challenges::default() }
    }

    fn table(&self) -> MutexGuard<'_, HashMap<String, (Passkey, i64)>> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes over a new one.
    pub(crate) fn add(&self, passkey: Passkey, seq: i64) {
        self.table().insert(passkey.id.clone(), (passkey, seq));
    }

    /// Takes over what the store says about one after this transaction. One that is gone stays so.
    pub(crate) fn update(&self, passkey: Passkey, seq: i64) {
        if let Some(kept) = self.table().get_mut(&passkey.id)
            && kept.1 < seq
        {
            *kept = (passkey, seq);
        }
    }

    /// Forgets one.
    pub(crate) fn remove(&self, id: &str) {
        self.table().remove(id);
    }

    /// All of them, the oldest first.
    pub(crate) fn list(&self) -> Vec<Passkey> {
        let mut list: Vec<Passkey> = self.table().values().map(|(passkey, _)| passkey.clone()).collect();
        list.sort_by(|left, right| (left.created_at, &left.id).cmp(&(right.created_at, &right.id)));
        list
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.table().is_empty()
    }

    /// The passkey with this id.
    pub(crate) fn get(&self, id: &str) -> Option<Passkey> {
        self.table().get(id).map(|(passkey, _)| passkey.clone())
    }
}

/// The host for which passkeys of a page work.
pub(crate) fn rp_id(active: &Active, origin: Option<&str>) -> Option<String> {
    let configured = active.loaded.config.gateway.auth.passkeys.rp_id.clone();
    configured.map(|host| host.to_ascii_lowercase()).or_else(|| webauthn::host_of(origin?))
}

/// A challenge that nobody has seen.
pub(crate) fn fresh(state: &State) -> String {
    URL_SAFE_NO_PAD.encode(state.ids.random(CHALLENGE_BYTES))
}

/// A passkey that was shown and counts.
#[derive(Debug)]
pub(crate) struct Verified {
    pub(crate) shown: ShownPasskey,
    pub(crate) sign_count: u32,
}

/// Looks at the passkey that somebody shows who connects. Its challenge is used up by that.
pub(crate) fn verify(
    state: &State,
    active: &Active,
    sent: &connect::Passkey,
    peer: &Peer,
) -> Result<Verified, Problem> {
    let now = state.clock.now_ms();
    let origin = peer.origin.as_deref().ok_or(Problem::Origin)?;
    let challenge = webauthn::challenge_of(&sent.response.client_data)?;
    match state.passkeys.challenges.take(&challenge, now) {
        Some(Purpose::SignIn { origin: asked }) if asked == origin => {}
        Some(Purpose::SignIn { .. }) => return Err(Problem::Origin),
        Some(Purpose::Register { .. }) | None => return Err(Problem::Challenge),
    }
    let rp_id = rp_id(active, Some(origin)).ok_or(Problem::Origin)?;
    let list = state.passkeys.list();
    let passkey = list.iter().find(|passkey| passkey.credential_id == sent.id.trim_end_matches('='));
    let passkey = passkey.ok_or(Problem::Unknown)?;
    if passkey.rp_id != rp_id {
        return Err(Problem::RpId);
    }
    let response = &sent.response;
    let assertion = Assertion {
        client_data: &response.client_data,
        authenticator_data: &response.authenticator_data,
        signature: &response.signature,
        user_handle: response.user_handle.as_deref(),
    };
    let known =
        Known { public_key: &passkey.public_key, user_handle: &passkey.user_handle, sign_count: passkey.sign_count };
    let expected = Expected { challenge: &challenge, origin, rp_id: &rp_id };
    let sign_count = webauthn::authenticate(&assertion, &known, &expected)?;
    Ok(Verified { shown: ShownPasskey { id: passkey.id.clone(), scopes: passkey.scopes }, sign_count })
}

/// Adds to a refusal what the page has to ask its authenticator, where one is registered for its host; and for which hosts there are
/// any, so that somebody who came by another name learns where to go.
pub(crate) fn offer(state: &State, active: &Active, peer: &Peer, error: WireError) -> WireError {
    let Some(origin) = peer.origin.as_deref().filter(|_| active.policy.passkeys != PasskeyMode::Off) else {
        return error;
    };
    let list = state.passkeys.list();
    let mut hosts: Vec<&str> = list.iter().map(|passkey| passkey.rp_id.as_str()).collect();
    hosts.sort_unstable();
    hosts.dedup();
    let error = error.with("passkeyHosts", hosts);
    let Some(rp_id) = rp_id(active, Some(origin)) else { return error };
    let allowed: Vec<Value> = list.iter().filter(|passkey| passkey.rp_id == rp_id).map(descriptor).collect();
    if allowed.is_empty() {
        return error;
    }
    let challenge = fresh(state);
    let purpose = Purpose::SignIn { origin: origin.to_owned() };
    state.passkeys.challenges.put(challenge.clone(), purpose, peer.ip, state.clock.now_ms());
    let options = json!({
        "challenge": challenge, "rpId": rp_id, "timeout": LIFE_MS, "userVerification": "required", "allowCredentials": allowed,
    });
    error.with("passkey", json!({ "publicKey": options }))
}

/// A passkey as browsers are told about it.
pub(crate) fn descriptor(passkey: &Passkey) -> Value {
    json!({ "type": "public-key", "id": passkey.credential_id, "transports": passkey.transports })
}

#[cfg(test)]
mod tests {
    use openclaw_protocol::Scopes;

    use super::*;

    fn passkey(name: &str) -> Passkey {
        Passkey {
            id: "pk-1".to_owned(),
            name: name.to_owned(),
            credential_id: "id".to_owned(),
            public_key: "key".to_owned(),
            user_handle: "handle".to_owned(),
            rp_id: "localhost".to_owned(),
            transports: Vec::new(),
            scopes: Scopes::NONE,
            created_by: "token".to_owned(),
            created_at: 1,
            last_used_at: None,
            sign_count: 0,
        }
    }

    #[test]
    fn outcomes_that_arrive_late_undo_nothing() {
        let table = Passkeys::new(Vec::new());
        table.add(passkey("first"), 5);
        table.update(passkey("third"), 7);
        table.update(passkey("second"), 6);
        assert_eq!(table.get("pk-1").unwrap().name, "third");
        table.remove("pk-1");
        table.update(passkey("used before"), 8);
        assert!(table.is_empty());
    }
}
