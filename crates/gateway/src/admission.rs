//! Between a connection and the verifier: asks it, keeps what follows from its decision, tells who must know.

use std::{sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use openclaw_auth::{
    Admission, Attempt, AuthMethod, Carrier, Client, Credentials, Decision, DeviceProof, Hashed, Identity, Interface,
    Locality, Mode, Pairing, PairingNeeded, PasskeyMode, PasskeyWord, Policy, Principal, Refusal, Security, Surface,
    TailscaleProblem, TokenAction, Transport, Voucher, decide, decide_access, tokens::hash_token, webauthn::Problem,
};
use openclaw_core::{
    Secret,
    record::{AuditEvent, DeviceToken, PairingRequest},
};
use openclaw_protocol::{
    AgentId, Dialect, WireError,
    connect::{self, ConnectParams},
    detail,
    event::{DevicePairResolved, Event},
};
use openclaw_store::{
    AccessTokenChange, Change, FormerSecrets, MAX_PAIRING_REQUESTS_OF_ADDRESS, Outcome, PasskeyChange, Reader,
    Transaction,
};
use serde_json::{Value, json};
use tracing::warn;

use crate::{
    access_tokens,
    active::Active,
    agent_tokens::Shown,
    connection::{Attribution, Door, Peer},
    fault, network,
    passkeys::{self, Verified},
    password::Outcome as Computed,
    setup_codes::{AtTheDoor, Redeeming},
    state::State,
    tailscale,
};

/// How much longer a token must become before that is worth a write, milliseconds.
const WORTH_KEEPING_MS: i64 = 10 * 60 * 1000;
/// What the audit calls the handshake.
const CONNECT: &str = "connect";

/// Decisions about one connect request, when its device is changed meanwhile.
const DECISIONS: usize = 8;

/// Somebody who was let in.
pub(crate) struct Admitted {
    pub(crate) principal: Arc<Principal>,
    /// A device token for the client, and when it was issued.
    pub(crate) device_token: Option<(Secret, i64)>,
    /// Tokens for its other roles, when a setup code let it in.
    pub(crate) handoff: Vec<(DeviceToken, Secret)>,
    /// Whether the device's signature was verified.
    pub(crate) signed: bool,
    /// Revision of the device that was let in.
    pub(crate) revision: Option<i64>,
    /// What let it in.
    pub(crate) method: AuthMethod,
    /// Hash of the access token that let it in.
    pub(crate) secret: Option<String>,
    /// The configuration by which that was decided.
    pub(crate) active: Arc<Active>,
}

/// Somebody who was turned away.
pub(crate) struct Refused {
    pub(crate) error: WireError,
    pub(crate) code: u16,
    pub(crate) reason: String,
    /// How long to wait before telling.
    pub(crate) delay: Option<Duration>,
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self { error: refusal.error, code: refusal.close_code, reason: refusal.close_reason.into_owned(), delay: None }
    }
}

/// Decides about a connect request.
pub(crate) async fn admit(
    state: &Arc<State>,
    params: &ConnectParams,
    dialect: Dialect,
    peer: &Peer,
    nonce: &str,
) -> Result<Admitted, Refused> {
    let auth = params.auth.clone().unwrap_or_default();
    let word = tailscale::word(state, peer).await;
    let mut attempt = Attempt {
        transport: transport(state, peer, Surface::WebSocket, word.as_ref()),
        dialect,
        client: Client {
            id: &params.client.id,
            mode: params.mode(),
            version: params.client.version.as_deref(),
            display_name: params.client.display_name.as_deref(),
            platform: params.client.platform.as_deref(),
            device_family: params.client.device_family.as_deref(),
        },
        role: params.role.as_deref(),
        scopes: params.scopes.as_deref(),
        device: params.device.as_ref().map(|device| DeviceProof {
            id: &device.id,
            public_key: &device.public_key,
            signature: &device.signature,
            signed_at: device.signed_at,
            nonce: device.nonce.as_deref(),
        }),
        credentials: Credentials {
            token: auth.token.as_deref(),
            password: auth.password.as_deref(),
            device_token: auth.device_token.as_deref(),
            bootstrap_token: auth.bootstrap_token.as_deref(),
            cached_device_token: params.device_token.as_deref(),
            hashed: Hashed::Unproven,
            passkey: PasskeyWord::None,
        },
        nonce,
    };
    attempt.credentials.hashed = hashed(state, &attempt).await?;
    let now = state.clock.now_ms();
    let active = state.active.load_full();
    let passkey = shown_passkey(state, &active, &attempt, auth.passkey.as_ref(), peer);
    attempt.credentials.passkey = match &passkey {
        None => PasskeyWord::None,
        Some(Ok(verified)) => PasskeyWord::Verified(&verified.shown),
        Some(Err(problem)) => PasskeyWord::Wrong(*problem),
    };
    let mut changes = state.devices.changes();
    let (mut decision, mut delay) = judge(state, &active.policy, &attempt, now);
    if let (Decision::Accept(admission), Some(Ok(verified))) = (&decision, &passkey)
        && admission.principal.passkey().is_some()
        && let Err(problem) = used(state, &attempt, &admission.principal, verified, now).await?
    {
        decision = Decision::Refuse(Refusal::passkey(&attempt, problem));
    }
    for _ in 0..DECISIONS {
        let Decision::Accept(admission) = decision else { break };
        if let Some(admitted) = accept(state, &attempt, admission, &active, (now, changes)).await? {
            return Ok(admitted);
        }
        // Something was withdrawn from the device, or given to it, while this was on its way.
        changes = state.devices.changes();
        (decision, delay) = judge(state, &active.policy, &attempt, now);
    }
    match decision {
        Decision::Accept(_) => Err(overtaken()),
        Decision::Pair(needed) => {
            let mut refused = Refused { delay, ..ask_owner(state, &attempt, &needed, now).await };
            if needed.passkey_helps {
                refused.error = passkeys::offer(state, &active, peer, refused.error);
            }
            Err(refused)
        }
        Decision::Refuse(refusal) => {
            audit_refusal(state, &attempt, CONNECT, &refusal);
            let mut refused = Refused { delay, ..refusal.into() };
            if refused.error.details.code == "PASSKEY_REQUIRED" {
                refused.error = passkeys::offer(state, &active, peer, refused.error);
            }
            Err(refused)
        }
    }
}

/// What became of the passkey that somebody shows. Whoever is locked out gets no answer about one, and uses no challenge up.
fn shown_passkey(
    state: &State,
    active: &Active,
    attempt: &Attempt<'_>,
    sent: Option<&connect::Passkey>,
    peer: &Peer,
) -> Option<Result<Verified, Problem>> {
    let sent = sent.filter(|_| active.policy.passkeys != PasskeyMode::Off)?;
    let credentials = Credentials { passkey: PasskeyWord::Wrong(Problem::Unknown), ..attempt.credentials };
    let claimed = Attempt { credentials, ..*attempt };
    let stopped = state.throttle().gate(&claimed, state.clock.now_ms()).is_some();
    let foreign = openclaw_auth::check_origin(attempt, &active.policy).is_some();
    Some(if stopped || foreign { Err(Problem::Unknown) } else { passkeys::verify(state, active, sent, peer) })
}

/// Keeps that a passkey was shown, and how often its authenticator signed by now, before anything follows from it.
async fn used(
    state: &State,
    attempt: &Attempt<'_>,
    principal: &Principal,
    verified: &Verified,
    now: i64,
) -> Result<Result<(), Problem>, Refused> {
    let id = verified.shown.id.clone();
    let audit = AuditEvent {
        actor: principal.audit_name(),
        ip: Some(attempt.transport.peer_ip.to_string()),
        method: Some(CONNECT.to_owned()),
        target: Some(format!("passkey:{id}")),
        ..crate::audit::gateway_audit("passkey.used", Value::Null)
    };
    let changes = vec![Change::Passkey(PasskeyChange::Used { id, sign_count: verified.sign_count, at: now })];
    match state.store.write(Transaction { changes, audit, idempotency: None }).await {
        Ok(committed) => {
            for outcome in committed.outcomes {
                if let Outcome::Passkey(passkey) = outcome {
                    state.passkeys.update(passkey, committed.seq);
                }
            }
            Ok(Ok(()))
        }
        Err(openclaw_store::Error::Conflict { .. }) => Ok(Err(Problem::Cloned)),
        Err(openclaw_store::Error::NotFound { .. }) => Ok(Err(Problem::Unknown)),
        Err(error) => {
            warn!(%error, "the use of a passkey could not be kept");
            let error = fault::store(&error);
            let reason = error.message.to_string();
            Err(Refused { reason, error, code: openclaw_protocol::close::POLICY, delay: None })
        }
    }
}

/// Decides about an HTTP request by its bearer token. `route` names it for the audit.
pub(crate) async fn admit_bearer(
    state: &State,
    peer: &Peer,
    bearer: Option<&str>,
    scopes: Option<&[String]>,
    route: &'static str,
) -> Result<(Principal, AuthMethod), Box<Refused>> {
    let mut attempt = http_attempt(state, peer, bearer, scopes);
    attempt.credentials.hashed = hashed(state, &attempt).await.map_err(Box::new)?;
    let (decision, delay) = judge(state, &state.active().policy, &attempt, state.clock.now_ms());
    let refusal = match decision {
        Decision::Accept(admission) => return Ok((admission.principal, admission.auth_method)),
        Decision::Pair(_) => Refusal::needs_device(&attempt),
        Decision::Refuse(refusal) => refusal,
    };
    audit_refusal(state, &attempt, route, &refusal);
    Err(Box::new(Refused { delay, ..refusal.into() }))
}

/// Decides about an HTTP request by the token of an agent. What is logged of a wrong one is the agent, the address and the
/// reason, and nothing of the token (SPEC-NOTES 28).
pub(crate) fn admit_agent(
    state: &State,
    peer: &Peer,
    token: &str,
    claimed: Option<&str>,
    route: &'static str,
) -> Result<Principal, Box<Refused>> {
    let (now, attempt) = (state.clock.now_ms(), http_attempt(state, peer, None, None));
    if let Some(refusal) = openclaw_auth::check_origin(&attempt, &state.active().policy) {
        audit_refusal(state, &attempt, route, &refusal);
        return Err(Box::new(refusal.into()));
    }
    if let Some(text) = state.lockdown.refusal(peer.direct_loopback, AuthMethod::AgentToken) {
        let refusal = Refusal::locked_down(&attempt, text);
        audit_refusal(state, &attempt, route, &refusal);
        return Err(Box::new(refusal.into()));
    }
    if let Some(wait) = state.agent_tokens.wait(peer.ip, now) {
        let refusal = Refusal::rate_limited(&attempt, wait);
        audit_refusal(state, &attempt, route, &refusal);
        return Err(Box::new(refusal.into()));
    }
    let (agent, reason) = match state.agent_tokens.look_up(token) {
        Shown::Live(agent) if state.agent(&agent).is_ok() => return Ok(Principal::agent(agent)),
        Shown::Live(agent) => (Some(agent), "agent_gone"),
        Shown::Former(agent, reason) => (Some(agent), reason),
        Shown::Unknown => {
            let claimed = claimed.and_then(|claimed| AgentId::new(claimed).ok());
            (claimed.filter(|claimed| state.agent(claimed).is_ok()), "agent_token_unknown")
        }
    };
    state.agent_tokens.failed(peer.ip, now);
    let agent = agent.map(|agent| agent.to_string());
    let named = agent.as_deref().unwrap_or("unknown");
    warn!(agent = named, reason, ip = %peer.ip, "Agent token refused");
    if state.refusals.should_record(&format!("{}:auth.failure:{reason}", peer.ip), now) {
        state.audit_detached(refusal_audit(&attempt, route, "auth.failure", reason, agent));
    }
    let error = WireError::invalid("AUTH_AGENT_TOKEN_MISMATCH", "unauthorized: agent token mismatch");
    Err(Box::new(Refused { error, code: openclaw_protocol::close::POLICY, reason: reason.to_owned(), delay: None }))
}

fn http_attempt<'a>(
    state: &State,
    peer: &'a Peer,
    bearer: Option<&'a str>,
    scopes: Option<&'a [String]>,
) -> Attempt<'a> {
    Attempt {
        transport: transport(state, peer, Surface::Http, None),
        dialect: Dialect::V4,
        client: Client {
            id: "http",
            mode: "http",
            version: None,
            display_name: None,
            platform: None,
            device_family: None,
        },
        role: None,
        scopes,
        device: None,
        credentials: Credentials { token: bearer, ..Credentials::default() },
        nonce: "",
    }
}

/// The decision, and how long to wait before telling it.
fn judge(state: &State, policy: &Policy, attempt: &Attempt<'_>, now: i64) -> (Decision, Option<Duration>) {
    if let Some(refusal) = state.throttle().gate(attempt, now) {
        return (Decision::Refuse(refusal), None);
    }
    let decision = match attempt.access_token() {
        Some(token) => decide_access(attempt, policy, state.access_tokens.look_up(token, now)),
        None => decide(attempt, policy, &AtTheDoor(state), now),
    };
    let delay = state.throttle().settle(attempt, &decision, now);
    let decision = narrowed(state, attempt, decision);
    (decision, (delay > 0).then(|| Duration::from_millis(delay)))
}

/// While the gateway is locked down, only the owner of its host gets in, and no device may ask to.
fn narrowed(state: &State, attempt: &Attempt<'_>, decision: Decision) -> Decision {
    let method = match &decision {
        Decision::Accept(admission) => admission.auth_method,
        Decision::Pair(_) => AuthMethod::DeviceSignature,
        Decision::Refuse(_) => return decision,
    };
    match state.lockdown.refusal(peer_is_direct(attempt), method) {
        Some(text) => Decision::Refuse(Refusal::locked_down(attempt, text)),
        None => decision,
    }
}

/// Computes the hash of a sent secret, where only the hash of the right one is known. It takes long on purpose, so that nobody who
/// is locked out gets that far, and only a few are computed at once.
fn hashed<'a>(state: &'a State, attempt: &Attempt<'_>) -> BoxFuture<'a, Result<Hashed, Refused>> {
    let asked = to_compute(state, attempt);
    Box::pin(async move {
        let Some((hash, candidate)) = asked else { return Ok(Hashed::Unproven) };
        match state.passwords.check(&hash, candidate.expose()).await {
            Computed::Right => Ok(Hashed::Fits),
            Computed::Wrong => Ok(Hashed::Unproven),
            Computed::Busy => {
                let text = "too many passwords are being checked at this moment; try again";
                let error = WireError::unavailable(detail::QUEUE_FULL, text).retryable(Some(1000));
                Err(Refused { error, code: openclaw_protocol::close::POLICY, reason: text.to_owned(), delay: None })
            }
        }
    })
}

/// The hash, and what was sent, when that is worth computing.
fn to_compute(state: &State, attempt: &Attempt<'_>) -> Option<(Secret, Secret)> {
    let active = state.active();
    let (policy, sent) = (&active.policy, &attempt.credentials);
    let hash = policy.secret.clone().filter(|_| policy.secret_is_hashed())?;
    if policy.mode == Mode::TrustedProxy && !peer_is_direct(attempt) {
        return None;
    }
    if attempt.access_token().is_some() {
        return None;
    }
    // Official clients repeat their device token in the place of the secret: that is no guess at it.
    let guess = |text: &&str| !text.is_empty() && sent.device_token != Some(*text);
    let candidate = [sent.password, sent.token].into_iter().flatten().find(guess)?;
    let stopped = state.throttle().gate(attempt, state.clock.now_ms()).is_some();
    let foreign = openclaw_auth::check_origin(attempt, policy).is_some();
    (!stopped && !foreign).then(|| (hash, Secret::new(candidate)))
}

fn peer_is_direct(attempt: &Attempt<'_>) -> bool {
    attempt.transport.locality == Locality::DirectLoopback
}

/// Who may speak for the user.
fn voucher<'a>(state: &State, peer: &'a Peer, tailscale: Option<&'a Result<String, TailscaleProblem>>) -> Voucher<'a> {
    match tailscale {
        Some(Ok(login)) => return Voucher::Tailscale { login },
        Some(Err(problem)) => return Voucher::TailscaleRefused(*problem),
        None => {}
    }
    // What comes to Tailscale's door carries whatever headers its client wrote.
    let carried = peer.carried.as_deref().filter(|carried| carried.door == Door::Main);
    let Some(carried) = carried else { return Voucher::Nobody };
    let listed = state.is_trusted_proxy(carried.socket_ip);
    let interface = if listed && !carried.socket_ip.is_loopback() {
        network::interface(carried.socket_ip)
    } else {
        Interface::Elsewhere
    };
    Voucher::Carrier(Carrier {
        socket_ip: carried.socket_ip,
        listed,
        interface,
        attributed: matches!(peer.attribution, Attribution::Proxied(_)),
        headers: &carried.headers,
    })
}

fn transport<'a>(
    state: &State,
    peer: &'a Peer,
    surface: Surface,
    tailscale: Option<&'a Result<String, TailscaleProblem>>,
) -> Transport<'a> {
    Transport {
        peer_ip: peer.ip,
        locality: if peer.direct_loopback { Locality::DirectLoopback } else { Locality::Remote },
        surface,
        security: if peer.secure { Security::Tls } else { Security::Plain },
        origin: peer.origin.as_deref(),
        host: peer.host.as_deref(),
        voucher: voucher(state, peer, tailscale),
    }
}

/// Devices were changed again and again while this one connected.
fn overtaken() -> Refused {
    let text = "devices are being changed at this moment; connect again";
    let error = WireError::unavailable(detail::CONFLICT, text).retryable(Some(1000));
    Refused { error, code: openclaw_protocol::close::POLICY, reason: text.to_owned(), delay: None }
}

/// Lets somebody in. `None` when the decision was about a device that is another one since; `changes` is from before it.
async fn accept(
    state: &Arc<State>,
    attempt: &Attempt<'_>,
    admission: Admission,
    active: &Arc<Active>,
    (now, changes): (i64, u64),
) -> Result<Option<Admitted>, Refused> {
    let (principal, method) = (Arc::new(admission.principal), admission.auth_method);
    let signed = attempt.device.is_some() && principal.device_id().is_some();
    let mut audit = AuditEvent {
        event: "auth.success".to_owned(),
        severity: "info".to_owned(),
        actor: principal.audit_name(),
        ip: Some(attempt.transport.peer_ip.to_string()),
        method: Some(CONNECT.to_owned()),
        target: principal.device_id().map(ToString::to_string),
        outcome: "ok".to_owned(),
        reason: None,
        detail: json!({
            "authMethod": method.as_str(), "role": principal.role(), "scopes": principal.scopes(),
            "user": principal.user(),
        }),
    };
    if let Some(passkey) = principal.passkey() {
        audit.detail["passkey"] = passkey.into();
    }
    let Some(device_id) = principal.device_id().cloned() else {
        state.audit_detached(audit);
        let active = Arc::clone(active);
        let secret = attempt.access_token().map(hash_token);
        let device_token = match &secret {
            Some(secret) => refreshed(state, attempt, secret, &principal, &active, now).await,
            None => None,
        };
        return Ok(Some(Admitted {
            principal,
            device_token,
            signed,
            method,
            secret,
            active,
            revision: None,
            handoff: Vec::new(),
        }));
    };
    let known = state.devices.get(device_id.as_str());
    if state.devices.changes() != changes {
        return Ok(None);
    }
    let mut revision = known.as_ref().map(|device| device.revision);
    let old: Option<&DeviceToken> =
        known.as_ref().and_then(|device| device.tokens.iter().find(|token| token.role == principal.role()));
    let fresh = state.ids.token();
    let record = admission.token.record(principal.role(), old, &fresh, now);
    let (device_token, worth) = match (&admission.token, &record) {
        (TokenAction::None, _) | (_, None) => (None, false),
        (TokenAction::Keep { .. }, Some(record)) => {
            let sent = attempt
                .credentials
                .device_token
                .or(attempt.credentials.token)
                .or(attempt.credentials.cached_device_token);
            let gained = old.map_or(i64::MAX, |old| record.expires_at - old.expires_at);
            let issued_at = record.rotated_at.unwrap_or(record.created_at);
            (sent.map(|token| (Secret::new(token), issued_at)), gained > WORTH_KEEPING_MS)
        }
        (TokenAction::Issue { .. } | TokenAction::Rotate { .. }, Some(_)) => (Some((fresh, now)), true),
    };
    let paired = admission.pairing != Pairing::None;
    let mut writes = Vec::new();
    let mut setup = None;
    match admission.pairing {
        Pairing::Silent(device) => {
            let mut device = *device;
            device.tokens.extend(record);
            writes.push(Change::PutDevice { device, over: revision });
        }
        Pairing::Setup { device, setup_id } => {
            let Some(redeeming) = Redeeming::begin(state, *device, &setup_id, record, &admission.handoff, now) else {
                return Ok(None);
            };
            writes.extend(redeeming.changes(revision));
            setup = Some(redeeming);
        }
        Pairing::None => {
            if let Some(token) = record.filter(|_| worth) {
                let revision = revision.unwrap_or_default();
                writes.push(Change::PutDeviceToken { device_id: device_id.clone(), token, revision });
            }
        }
    }
    if writes.is_empty() {
        state.audit_detached(audit);
        let active = Arc::clone(active);
        return Ok(Some(Admitted {
            principal,
            device_token,
            signed,
            method,
            secret: None,
            active,
            revision,
            handoff: Vec::new(),
        }));
    }
    let mut audit = if paired { AuditEvent { event: "device.approved".to_owned(), ..audit } } else { audit };
    if let Some(redeeming) = &setup {
        redeeming.tell(&mut audit.detail);
    }
    let committed = match state.store.write(Transaction { changes: writes, audit, idempotency: None }).await {
        Ok(committed) => committed,
        Err(openclaw_store::Error::Conflict { .. } | openclaw_store::Error::NotFound { .. }) => return Ok(None),
        Err(error) => {
            warn!(%error, "a device could not be kept");
            let error = fault::store(&error);
            let reason = error.message.to_string();
            return Err(Refused { reason, error, code: openclaw_protocol::close::POLICY, delay: None });
        }
    };
    for outcome in committed.outcomes {
        if let Outcome::Device(device) = outcome {
            revision = Some(device.revision);
            state.devices.put(device, committed.seq);
        }
    }
    if paired {
        told_resolved(state, state.ids.uuid(), device_id.as_str(), "approved");
    }
    let handoff = setup.map(|redeeming| redeeming.kept(state)).unwrap_or_default();
    let active = Arc::clone(active);
    Ok(Some(Admitted { principal, device_token, signed, method, secret: None, active, revision, handoff }))
}

/// A fresh secret for the holder of an access token whose own ends soon, where that is wanted. The old one goes on holding
/// until its end, because whoever loses this hello comes back with it, and others may share it.
async fn refreshed(
    state: &State,
    attempt: &Attempt<'_>,
    shown: &str,
    principal: &Principal,
    active: &Active,
    now: i64,
) -> Option<(Secret, i64)> {
    let config = &active.loaded.config;
    let settings = access_tokens::settings(config);
    let Identity::Named { id, name } = principal.identity() else { return None };
    if !settings.refresh_enabled || !state.access_tokens.ends_soon(id, shown, now) {
        return None;
    }
    let (secret, record) = access_tokens::fresh(config, &state.ids, now);
    let audit = AuditEvent {
        actor: principal.audit_name(),
        ip: Some(attempt.transport.peer_ip.to_string()),
        method: Some(CONNECT.to_owned()),
        target: Some(format!("access:{name}")),
        ..crate::audit::gateway_audit("auth.token.refreshed", Value::Null)
    };
    let former = FormerSecrets::Stay { shown: shown.to_owned() };
    let most = settings.max_tokens as usize;
    let change = AccessTokenChange::Issue { id: id.clone(), secret: record, former, most };
    let changes = vec![Change::AccessToken(change)];
    match state.store.write(Transaction { changes, audit, idempotency: None }).await {
        Ok(committed) => {
            for outcome in committed.outcomes {
                if let Outcome::AccessToken(token) = outcome {
                    state.access_tokens.put(token, committed.seq);
                }
            }
            Some((secret, now))
        }
        Err(error) => {
            // While the present one holds, the next connection tries again.
            warn!(%error, "an access token could not be refreshed");
            None
        }
    }
}

/// Keeps a request that an owner has to approve, one per device, and tells those who may approve.
async fn ask_owner(state: &Arc<State>, attempt: &Attempt<'_>, needed: &PairingNeeded, now: i64) -> Refused {
    let waiting = state.store.read(Reader::pairing_requests).await.unwrap_or_default();
    let mine = waiting.into_iter().find(|request| {
        request.device_id == needed.wanted.device_id
            && request.public_key == needed.wanted.public_key
            && request.role == needed.role
    });
    if let Some(request) = mine.as_ref().filter(|request| request.scopes == needed.scopes) {
        let refusal = needed.with_request_id(request.request_id);
        audit_refusal(state, attempt, CONNECT, &refusal);
        return refusal.into();
    }
    let request = needed.request(state.ids.uuid(), now);
    let refusal = needed.with_request_id(request.request_id);
    let audit =
        refusal_audit(attempt, CONNECT, refusal.audit.event, refusal.audit.reason, Some(request.device_id.to_string()));
    // What an owner approves is what the device asked for last, under an id that nobody has seen with other scopes.
    let replaced = mine.map(|request| Change::DropPairingRequest { request_id: request.request_id });
    let changes: Vec<Change> =
        replaced.into_iter().chain([Change::PutPairingRequest { request: request.clone() }]).collect();
    match state.store.write(Transaction { changes, audit, idempotency: None }).await {
        Ok(_) => {
            state.hub.publish(Event::DevicePairRequested(Arc::new(shown_request(&request))));
            refusal.into()
        }
        Err(openclaw_store::Error::Limit { max: MAX_PAIRING_REQUESTS_OF_ADDRESS, .. }) => {
            too_many_wait(state, attempt, now)
        }
        Err(error) => {
            let error = fault::store(&error);
            Refused { reason: error.message.to_string(), error, code: openclaw_protocol::close::POLICY, delay: None }
        }
    }
}

/// Refuses one device more from an address from which enough wait: the places are for others, too.
fn too_many_wait(state: &State, attempt: &Attempt<'_>, now: i64) -> Refused {
    let ip = attempt.transport.peer_ip;
    let reason = "too_many_wait";
    warn!(reason, %ip, "Connection refused");
    if state.refusals.should_record(&format!("{ip}:pairing.requested:{reason}"), now) {
        state.audit_detached(refusal_audit(attempt, CONNECT, "pairing.requested", reason, None));
    }
    let text = format!(
        "{MAX_PAIRING_REQUESTS_OF_ADDRESS} devices from {ip} wait for an owner, which is as many as may; decide about them \
         (openclaw devices list), or wait five minutes"
    );
    let error = WireError::unavailable(detail::QUEUE_FULL, text.clone()).retryable(Some(60_000));
    Refused { error, code: openclaw_protocol::close::POLICY, reason: text, delay: None }
}

/// A request as `device.pair.list` and `device.pair.requested` show it.
pub(crate) fn shown_request(request: &PairingRequest) -> Value {
    let mut shown = json!({
        "requestId": request.request_id, "deviceId": request.device_id, "publicKey": request.public_key, "role": request.role,
        "roles": [request.role], "scopes": request.scopes, "isRepair": request.is_repair, "silent": false, "ts": request.ts,
    });
    for (name, value) in [
        ("displayName", &request.display_name),
        ("platform", &request.platform),
        ("deviceFamily", &request.device_family),
        ("clientId", &request.client_id),
        ("clientMode", &request.client_mode),
        ("remoteIp", &request.remote_ip),
    ] {
        if let Some(value) = value {
            shown[name] = json!(value);
        }
    }
    shown
}

/// Tells that a device was admitted or turned away.
pub(crate) fn told_resolved(state: &State, request_id: uuid::Uuid, device_id: &str, decision: &'static str) {
    let resolved =
        DevicePairResolved { request_id, device_id: device_id.to_owned(), decision, ts: state.clock.now_ms() };
    state.hub.publish(Event::DevicePairResolved(resolved));
}

fn refusal_audit(attempt: &Attempt<'_>, method: &str, event: &str, reason: &str, target: Option<String>) -> AuditEvent {
    AuditEvent {
        event: event.to_owned(),
        severity: "warn".to_owned(),
        actor: "anonymous".to_owned(),
        ip: Some(attempt.transport.peer_ip.to_string()),
        method: Some(method.to_owned()),
        target,
        outcome: "denied".to_owned(),
        reason: Some(reason.to_owned()),
        detail: Value::Null,
    }
}

fn audit_refusal(state: &State, attempt: &Attempt<'_>, method: &str, refusal: &Refusal) {
    let (event, reason) = (refusal.audit.event, refusal.audit.reason);
    warn!(reason, ip = %attempt.transport.peer_ip, "Connection refused");
    let source = format!("{}:{event}:{reason}", attempt.transport.peer_ip);
    if state.refusals.should_record(&source, state.clock.now_ms()) {
        state.audit_detached(refusal_audit(attempt, method, event, reason, None));
    }
}
