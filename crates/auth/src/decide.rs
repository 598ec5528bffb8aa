//! The decision itself, in the order of PROTOCOL §3.3.

use openclaw_core::record::Device;
use openclaw_protocol::{Dialect, Role, Scope, Scopes, device_payload::normalise};

use crate::{
    attempt::{Attempt, CredentialClass, DeviceProof, Hashed, Security, Surface},
    device::{self, ProvenDevice},
    method::AuthMethod,
    origin::{self, OriginProblem},
    pairing::{Pairing, PairingNeeded, PairingReason, proven_device},
    policy::{Devices, Mode, Policy},
    principal::{Identity, Principal},
    refusal::Refusal,
    setup_code::SetupWord,
    tokens::{self, TokenAction, TokenCheck, same_secret},
    vouch::{self, Word},
};
use users::capped;

/// Somebody is let in.
#[derive(Clone, Debug, PartialEq)]
pub struct Admission {
    /// Who.
    pub principal: Principal,
    /// By what.
    pub auth_method: AuthMethod,
    /// Whether a device record is to be made.
    pub pairing: Pairing,
    /// What happens to the device's token.
    pub token: TokenAction,
    /// Roles besides this one for which the device gets a token now, and the scopes of each.
    pub handoff: Vec<(Role, Scopes)>,
    /// Set when a wrong credential came along with the right one: it counts all the same ([`crate::Throttle::settle`]).
    pub counts_as_failure: Option<CredentialClass>,
}

/// The outcome of an attempt.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// Let in.
    Accept(Admission),
    /// Proven, but an owner has to approve first.
    Pair(PairingNeeded),
    /// Turned away.
    Refuse(Refusal),
}

impl Decision {
    /// The class of the credential that was wrong, when one was. Missing credentials are not wrong.
    #[must_use]
    pub const fn counts_as_failure(&self) -> Option<CredentialClass> {
        match self {
            Self::Accept(admission) => admission.counts_as_failure,
            Self::Pair(needed) => needed.counts_as_failure,
            Self::Refuse(refusal) => refusal.counts_as_failure,
        }
    }

    fn counting(mut self, class: CredentialClass) -> Self {
        let counted = match &mut self {
            Self::Accept(admission) => &mut admission.counts_as_failure,
            Self::Pair(needed) => &mut needed.counts_as_failure,
            Self::Refuse(refusal) => &mut refusal.counts_as_failure,
        };
        counted.get_or_insert(class);
        self
    }
}

/// Decides an attempt. Ask [`crate::Throttle::gate`] first and tell [`crate::Throttle::settle`] the result.
#[must_use]
pub fn decide(attempt: &Attempt<'_>, policy: &Policy, devices: &dyn Devices, now_ms: i64) -> Decision {
    let word = vouch::look(attempt, policy);
    Case { attempt, policy, devices, now_ms, word }.decide().unwrap_or_else(|refusal| Decision::Refuse(*refusal))
}

/// The refusal of a page that may not speak to the gateway; part of every decision, and all of it where another credential is
/// looked at than [`decide`] knows.
#[must_use]
pub fn check_origin(attempt: &Attempt<'_>, policy: &Policy) -> Option<Refusal> {
    let transport = &attempt.transport;
    let outcome = match transport.origin {
        Some(origin) => origin::check(origin, transport.host, transport.locality, &policy.control_ui.allowed_origins),
        None if transport.surface == Surface::WebSocket && attempt.lives_in_browser() => {
            Err(OriginProblem::MissingOrInvalid)
        }
        None => Ok(()),
    };
    outcome.err().map(|problem| Refusal::origin(attempt, problem))
}

/// What the shared secret of an attempt turned out to be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shared {
    Right(AuthMethod),
    Wrong,
    Missing,
    NotConfigured,
}

/// A refusal ends the way through the checks.
type Outcome<T> = Result<T, Box<Refusal>>;

struct Case<'a> {
    attempt: &'a Attempt<'a>,
    policy: &'a Policy,
    devices: &'a dyn Devices,
    now_ms: i64,
    word: Word<'a>,
}

impl Case<'_> {
    fn decide(&self) -> Outcome<Decision> {
        let role = Role::parse(self.attempt.role_word()).ok_or_else(|| Refusal::invalid_role(self.attempt))?;
        self.check_origin()?;
        if let Word::Proxy(problem) = &self.word {
            return Err(Refusal::proxy(self.attempt, problem).into());
        }
        let shared = self.shared();
        let decision = self.by_credentials(role, shared).unwrap_or_else(|refusal| Decision::Refuse(*refusal));
        let decision = self.with_second_factor(role, shared, decision);
        if shared == Shared::Wrong && !self.sent_secrets_are_device_tokens() {
            return Ok(decision.counting(CredentialClass::SharedSecret));
        }
        Ok(decision)
    }

    fn by_credentials(&self, role: Role, shared: Shared) -> Outcome<Decision> {
        let attempt = self.attempt;
        if attempt.transport.surface == Surface::Http {
            return self.by_bearer(role, shared);
        }
        let device_auth = &self.policy.device_auth;
        let looked_at = |proof: &DeviceProof<'_>| {
            device_auth.enabled && (device_auth.require_signature || !proof.signature.is_empty())
        };
        let Some(proof) = attempt.device.filter(looked_at) else { return self.without_signature(role, shared) };
        let known = self.devices.device(proof.id);
        let proven = device::verify(attempt, &proof, known.as_ref(), self.policy, self.now_ms)
            .map_err(|problem| Refusal::device(attempt, problem))?;
        match known {
            Some(known) => self.known_device(role, shared, proven, &known),
            None => self.new_device(role, shared, proven),
        }
    }

    /// Whether what stands in the places of the shared secret is the device's own token, so that nothing was guessed.
    fn sent_secrets_are_device_tokens(&self) -> bool {
        let Some(proof) = self.attempt.device else {
            return self.sent_secrets().all(|sent| self.devices.device_by_token(&tokens::hash_token(sent)).is_some());
        };
        let known = self.devices.device(proof.id);
        let is_own = |sent: &str| {
            let checks =
                [Role::Operator, Role::Node].map(|role| known.as_ref().map(|known| self.check(known, role, sent)));
            checks.into_iter().flatten().any(|check| check != TokenCheck::Wrong)
        };
        self.sent_secrets().all(is_own)
    }

    fn sent_secrets(&self) -> impl Iterator<Item = &str> {
        let sent = &self.attempt.credentials;
        [sent.token, sent.password].into_iter().flatten().filter(|text| !text.is_empty())
    }

    fn check(&self, device: &Device, role: Role, token: &str) -> TokenCheck {
        tokens::check(device, role, token, self.now_ms)
    }

    fn check_origin(&self) -> Outcome<()> {
        check_origin(self.attempt, self.policy).map_or(Ok(()), |refusal| Err(refusal.into()))
    }

    fn shared(&self) -> Shared {
        let method = match self.policy.mode {
            Mode::Token => AuthMethod::Token,
            Mode::Password => AuthMethod::Password,
            Mode::None => return Shared::Right(AuthMethod::None),
            Mode::TrustedProxy => match &self.word {
                Word::User(vouched) => return Shared::Right(vouched.by),
                // Beside the gateway a password may stand for the proxy.
                _ if self.attempt.is_direct() => AuthMethod::Password,
                _ => return Shared::NotConfigured,
            },
        };
        let shared = self.secret(method);
        match &self.word {
            // Only whoever has shown nothing wrong is taken at Tailscale's word, and only where people sit.
            Word::User(vouched)
                if shared == Shared::Missing && self.attempt.transport.surface == Surface::WebSocket =>
            {
                Shared::Right(vouched.by)
            }
            _ => shared,
        }
    }

    /// What the sent secret is, in a mode that has one.
    fn secret(&self, method: AuthMethod) -> Shared {
        let Some(secret) = self.policy.secret.as_ref().filter(|secret| !secret.expose().trim().is_empty()) else {
            return Shared::NotConfigured;
        };
        let mut candidates = self.sent_secrets().peekable();
        if candidates.peek().is_none() {
            return Shared::Missing;
        }
        // Both are compared always, so that the time does not tell which one was right.
        let right = if self.policy.secret_is_hashed() {
            self.attempt.credentials.hashed == Hashed::Fits
        } else {
            candidates.fold(false, |right, candidate| right | same_secret(secret, candidate))
        };
        // Official clients repeat their device token in the place of the shared secret: that is no guess at it.
        let repeats = self.sent_secrets().all(|sent| self.attempt.credentials.device_token == Some(sent));
        match (right, repeats) {
            (true, _) => Shared::Right(method),
            (false, true) => Shared::Missing,
            (false, false) => Shared::Wrong,
        }
    }

    /// Spec 003's rule for local requests. Attribution never yields a loopback address behind a proxy, so that direct loopback
    /// is the whole of it.
    fn bypasses(&self) -> bool {
        let transport = &self.attempt.transport;
        self.policy.local_bypass && self.attempt.is_direct() && transport.host.is_some_and(origin::host_is_003_local)
    }

    /// On HTTP a right secret is an operator with full rights; there is no device.
    fn by_bearer(&self, role: Role, shared: Shared) -> Outcome<Decision> {
        if let Some(device) = self.token_alone(role) {
            return self.by_token_alone(role, &device);
        }
        let (method, identity) = self.shared_identity(shared)?;
        let whole = || Scopes::from_iter([Scope::Admin]);
        let scopes = match &self.word {
            // Where the operator says what users hold, whoever is not named holds nothing.
            Word::User(vouched) if self.policy.identity_scopes.is_empty() => capped(whole(), vouched.cap),
            Word::User(vouched) => capped(self.policy.scopes_of(vouched.user), vouched.cap),
            _ => self.attempt.scopes.map_or_else(whole, parse),
        };
        Ok(self.accept(role, scopes, identity, method))
    }

    /// A connection that has no device, or whose device is not looked at.
    fn without_signature(&self, role: Role, shared: Shared) -> Outcome<Decision> {
        let attempt = self.attempt;
        if let Some(device) = self.token_alone(role) {
            return self.by_token_alone(role, &device);
        }
        if let Shared::Right(method @ (AuthMethod::TrustedProxy | AuthMethod::Tailscale)) = shared {
            return self.vouched_without_device(role, method);
        }
        // These two do not look at the secret, so that their answers do not tell whether it was right.
        if self.ui_must_sign() {
            return Err(Refusal::ui_needs_device(attempt).into());
        }
        if role == Role::Node {
            return self.node_without_device(shared);
        }
        if attempt.dialect == Dialect::V1 && !attempt.is_direct() && !self.secret_suffices() {
            return Err(Refusal::needs_device(attempt).into());
        }
        if let Word::Tailscale(problem) = self.word
            && shared == Shared::Missing
        {
            return Err(Refusal::tailscale(attempt, problem).into());
        }
        if shared == Shared::Missing && !self.bypasses() {
            // A code admits devices alone, and without one it is not looked at.
            let setup = attempt.credentials.bootstrap_token;
            let refusal = |_| Refusal::setup_code(attempt, &SetupWord::Unknown);
            return Err(setup.map_or_else(|| Refusal::needs_device(attempt), refusal).into());
        }
        let (method, identity) = self.shared_identity(shared)?;
        let keeps = method == AuthMethod::LocalBypass || self.secret_suffices() || self.keeps_scopes();
        let keeps = keeps && !self.lacks_passkey();
        let scopes = if keeps { self.requested(role, shared) } else { Scopes::NONE };
        Ok(self.accept(role, scopes, identity, method))
    }

    /// A machine that offers commands. Before dialect 4 such programs had no key; beside the gateway the right secret is as
    /// good, because whoever reads it there could run the commands anyway.
    fn node_without_device(&self, shared: Shared) -> Outcome<Decision> {
        let attempt = self.attempt;
        let beside = attempt.dialect != Dialect::V4 && attempt.is_direct() && attempt.transport.origin.is_none();
        match shared {
            Shared::Right(method @ (AuthMethod::Token | AuthMethod::Password)) if beside => {
                Ok(self.accept(Role::Node, Scopes::NONE, Identity::SharedSecret, method))
            }
            Shared::Wrong if beside => Err(Refusal::secret_wrong(attempt, self.policy.mode).into()),
            _ => Err(Refusal::needs_device(attempt).into()),
        }
    }

    /// Whether the operator lets a shared secret replace the signature.
    const fn secret_suffices(&self) -> bool {
        !self.policy.device_auth.require_signature
    }

    fn ui_must_sign(&self) -> bool {
        let rules = &self.policy.control_ui;
        if rules.require_device_auth && self.attempt.is_any_ui() {
            return true;
        }
        let transport = &self.attempt.transport;
        let insecure_is_fine =
            rules.allow_insecure_auth && (self.attempt.is_direct() || transport.security == Security::Tls);
        self.attempt.is_control_ui() && !insecure_is_fine && !self.secret_suffices()
    }

    /// Clients that keep the scopes they ask for though nothing binds them to a device (PROTOCOL §4.3, SPEC-NOTES 3).
    fn keeps_scopes(&self) -> bool {
        let attempt = self.attempt;
        let program =
            matches!((attempt.client.id, attempt.client.mode), ("gateway-client", "backend") | ("cli", "cli"));
        let exempt = (program && attempt.transport.origin.is_none()) || attempt.dialect == Dialect::V1;
        // The Control UI only comes this far where `allowInsecureAuth` lets it.
        (attempt.is_direct() && exempt) || attempt.is_control_ui()
    }

    fn shared_identity(&self, shared: Shared) -> Outcome<(AuthMethod, Identity)> {
        let (attempt, mode) = (self.attempt, self.policy.mode);
        match shared {
            Shared::Right(AuthMethod::None) => Ok((AuthMethod::None, Identity::Anonymous)),
            Shared::Right(method @ (AuthMethod::TrustedProxy | AuthMethod::Tailscale)) => Ok((method, Identity::User)),
            Shared::Right(method) => Ok((method, Identity::SharedSecret)),
            _ if self.bypasses() => Ok((AuthMethod::LocalBypass, Identity::LocalCli)),
            Shared::Missing => Err(Refusal::secret_missing(attempt, mode).into()),
            Shared::Wrong => Err(Refusal::secret_wrong(attempt, mode).into()),
            Shared::NotConfigured => Err(Refusal::secret_not_configured(attempt, mode).into()),
        }
    }

    /// The device whose token was sent without a signature, where that is allowed.
    fn token_alone(&self, role: Role) -> Option<Device> {
        let device_auth = &self.policy.device_auth;
        (device_auth.enabled && device_auth.allow_token_only && role == Role::Operator).then_some(())?;
        let sent = &self.attempt.credentials;
        [sent.device_token, sent.cached_device_token, sent.token].into_iter().flatten().find_map(|token| {
            let device = self.devices.device_by_token(&tokens::hash_token(token))?;
            (self.check(&device, role, token) == TokenCheck::Good).then_some(device)
        })
    }

    fn by_token_alone(&self, role: Role, device: &Device) -> Outcome<Decision> {
        let requested = self.attempt.scopes.map_or(Scopes::NONE, parse);
        let Some(kept) = tokens::token_for(device, role).filter(|kept| kept.scopes.covers(requested)) else {
            return Err(Refusal::token_scopes(self.attempt).into());
        };
        let granted = device.scopes.granted(requested);
        let method = AuthMethod::DeviceToken;
        let principal = self.device_principal(role, granted, device, method);
        // Without a signature the token is not renewed: it ends when it was to end.
        let token = TokenAction::Keep { expires_at: kept.expires_at };
        Ok(Decision::Accept(Admission {
            principal,
            auth_method: method,
            pairing: Pairing::None,
            token,
            handoff: Vec::new(),
            counts_as_failure: None,
        }))
    }

    /// What is asked for: nothing when nothing is said, except spec 003's client beside the gateway with a right secret.
    fn requested(&self, role: Role, shared: Shared) -> Scopes {
        match self.attempt.scopes {
            _ if role == Role::Node => Scopes::NONE,
            Some(words) => parse(words),
            None if self.defaults_scopes(shared) => [Scope::Read, Scope::Write].into_iter().collect(),
            None => Scopes::NONE,
        }
    }

    fn defaults_scopes(&self, shared: Shared) -> bool {
        self.attempt.dialect == Dialect::V1 && self.attempt.is_direct() && (shared.is_right() || self.bypasses())
    }

    fn new_device(&self, role: Role, shared: Shared, proven: ProvenDevice) -> Outcome<Decision> {
        let attempt = self.attempt;
        let scopes = self.requested(role, shared);
        let sent = &attempt.credentials;
        let silent = shared.is_right() && attempt.is_direct() && self.pairs_silently();
        if sent.bootstrap_token.is_some() && shared != Shared::Wrong && !silent {
            return self.by_setup_code(role, scopes, proven, None);
        }
        match shared {
            Shared::Right(_) => {}
            // The bypass is no credential, and only a credential admits a device for later.
            _ if self.bypasses() && role == Role::Operator => {
                return Ok(self.accept(role, scopes, Identity::LocalCli, AuthMethod::LocalBypass));
            }
            Shared::Wrong => return Err(Refusal::secret_wrong(attempt, self.policy.mode).into()),
            Shared::Missing | Shared::NotConfigured if sent.device_token.is_some() => {
                return Err(Refusal::device_token(attempt).into());
            }
            Shared::Missing | Shared::NotConfigured => {}
        }
        let limit = self.policy.device_auth.max_devices_per_user;
        if self.devices.count_for_owner(self.owner()) >= limit {
            return Err(Refusal::device_limit(attempt, limit).into());
        }
        let wanted = proven_device(attempt, proven.id, proven.public_key, role, scopes, self.now_ms);
        let device = Device { owner: self.owner().to_owned(), ..wanted };
        if let Shared::Right(method) = shared
            && let Some(shown) = self.passkey().filter(|_| role == Role::Operator && !silent)
        {
            return Ok(self.by_passkey(method, scopes, device, shown));
        }
        match shared {
            Shared::Right(AuthMethod::TrustedProxy) if role == Role::Operator && attempt.is_any_ui() => {
                match self.policy.trusted_proxy.auto_approve.filter(|_| !self.lacks_passkey()) {
                    Some(most) => Ok(self.by_proxys_approval(most, device)),
                    None => Ok(needs_owner(device, role, scopes)),
                }
            }
            Shared::Right(auth_method) if silent => {
                let principal = self.device_principal(role, scopes, &device, auth_method);
                let token = TokenAction::Issue { scopes: device.scopes, expires_at: self.new_expiry() };
                Ok(Decision::Accept(Admission {
                    principal,
                    auth_method,
                    pairing: Pairing::Silent(Box::new(device)),
                    token,
                    handoff: Vec::new(),
                    counts_as_failure: None,
                }))
            }
            _ => Ok(needs_owner(device, role, scopes)),
        }
    }

    /// A page that is no user interface does not bring its own device in.
    fn pairs_silently(&self) -> bool {
        self.attempt.transport.origin.is_none() || self.attempt.is_any_ui()
    }

    fn known_device(&self, role: Role, shared: Shared, proven: ProvenDevice, known: &Device) -> Outcome<Decision> {
        let requested = self.requested(role, shared);
        if self.comes_with_setup_code(role, shared, known) {
            return self.by_setup_code(role, requested, proven, Some(known));
        }
        let (presented, auth_method) = self.authenticate_device(role, shared, known)?;
        if !known.roles.contains(&role) || tokens::is_revoked(known, role) {
            return Ok(self.upgrade(PairingReason::RoleUpgrade, role, requested, proven, known));
        }
        if self.metadata_changed(known) || self.changes_hands(known) {
            return Ok(self.upgrade(PairingReason::MetadataUpgrade, role, requested, proven, known));
        }
        // Scopes that nobody named are cut to what is approved; scopes that were asked for are not.
        let asked_for = if self.attempt.scopes.is_some() { requested } else { Scopes::NONE };
        if role == Role::Operator && !known.scopes.union(self.identity_scopes()).covers(asked_for) {
            if auth_method == AuthMethod::DeviceToken {
                return Err(Refusal::token_scopes(self.attempt).into());
            }
            return Ok(self.upgrade(PairingReason::ScopeUpgrade, role, requested, proven, known));
        }
        let granted = capped(known.scopes.granted(requested), self.cap());
        let token = self.token_action(role, granted, shared, presented, known);
        // What the user holds goes with the session, never into the device or its token.
        let principal = self.device_principal(role, granted.union(self.identity_scopes()), known, auth_method);
        Ok(Decision::Accept(Admission {
            principal,
            auth_method,
            pairing: Pairing::None,
            token,
            handoff: Vec::new(),
            counts_as_failure: None,
        }))
    }

    /// By what an admitted device that proved its key gets in, and what the token turned out to be that it presented.
    fn authenticate_device(
        &self,
        role: Role,
        shared: Shared,
        known: &Device,
    ) -> Outcome<(Option<TokenCheck>, AuthMethod)> {
        let sent = &self.attempt.credentials;
        let check = |token: Option<&str>| token.map(|token| self.check(known, role, token));
        let explicit = check(sent.device_token);
        // What is no device token stands there as the shared secret.
        let in_token = check(sent.token).filter(|check| *check != TokenCheck::Wrong);
        let all = [explicit, check(sent.cached_device_token), in_token];
        let presented = all.into_iter().flatten().min();
        let method = match (shared, presented) {
            (Shared::Right(method), _) => method,
            (_, Some(TokenCheck::Good)) => AuthMethod::DeviceToken,
            // A token that is over leaves the signature, which is a credential by itself.
            (_, Some(TokenCheck::Expired | TokenCheck::Revoked)) => AuthMethod::DeviceSignature,
            (Shared::Wrong, _) if self.bypasses() => AuthMethod::LocalBypass,
            (Shared::Wrong, _) => return Err(Refusal::secret_wrong(self.attempt, self.policy.mode).into()),
            (Shared::Missing | Shared::NotConfigured, _) if explicit == Some(TokenCheck::Wrong) => {
                return Err(Refusal::device_token(self.attempt).into());
            }
            // So does spec 001's top-level hint when it is stale.
            (Shared::Missing | Shared::NotConfigured, _) => AuthMethod::DeviceSignature,
        };
        Ok((presented, method))
    }

    fn metadata_changed(&self, known: &Device) -> bool {
        let changed = |approved: &Option<String>, declared: Option<&str>| {
            let (approved, declared) = (normalise(approved.as_deref()), normalise(declared));
            // Dialect 1 may leave these words out.
            !(approved.is_empty() || declared.is_empty() && self.attempt.dialect == Dialect::V1) && approved != declared
        };
        let client = &self.attempt.client;
        changed(&known.platform, client.platform) || changed(&known.device_family, client.device_family)
    }

    fn upgrade(
        &self,
        reason: PairingReason,
        role: Role,
        scopes: Scopes,
        proven: ProvenDevice,
        known: &Device,
    ) -> Decision {
        let wanted = proven_device(self.attempt, proven.id, proven.public_key, role, scopes, self.now_ms);
        Decision::Pair(PairingNeeded {
            reason,
            wanted: Box::new(Device { owner: self.user().unwrap_or(&known.owner).to_owned(), ..wanted }),
            role,
            scopes,
            approved: Some((known.roles.clone(), known.scopes)),
            counts_as_failure: None,
            passkey_helps: false,
        })
    }

    fn token_action(
        &self,
        role: Role,
        granted: Scopes,
        shared: Shared,
        presented: Option<TokenCheck>,
        known: &Device,
    ) -> TokenAction {
        let expires_at = self.new_expiry();
        let Some(kept) = tokens::token_for(known, role) else {
            return TokenAction::Issue { scopes: granted, expires_at };
        };
        let is_live = kept.expires_at > self.now_ms && kept.scopes.covers(granted);
        match presented {
            Some(TokenCheck::Good) if is_live => TokenAction::Keep { expires_at: kept.expires_at.max(expires_at) },
            // Whoever comes with the shared secret needs no token, and a new one would end the one that the same device uses
            // elsewhere. Programs that open a connection per call never read it (CLIENTS §1.1, §1.2).
            // Whoever shows a passkey does so to be asked for nothing the next time.
            None if is_live
                && self.passkey().is_none()
                && (shared.is_right() || self.attempt.client.mode == "backend") =>
            {
                TokenAction::None
            }
            _ => TokenAction::Rotate { scopes: known.scopes.granted(kept.scopes).union(granted), expires_at },
        }
    }

    fn new_expiry(&self) -> i64 {
        self.now_ms.saturating_add(self.policy.device_auth.token_ttl_ms)
    }

    fn device_principal(&self, role: Role, scopes: Scopes, device: &Device, method: AuthMethod) -> Principal {
        Principal::verified(
            self.attempt,
            role,
            scopes,
            Identity::Device { id: device.device_id.clone() },
            self.user().unwrap_or(&device.owner),
        )
        .admitted_by(method)
        .vouched_for(self.user())
        .labelled(device.display_name.as_deref())
    }

    fn accept(&self, role: Role, scopes: Scopes, identity: Identity, auth_method: AuthMethod) -> Decision {
        // In mode `none` a proxy beside the gateway would otherwise hand its rights to the world.
        let from_afar = identity == Identity::Anonymous && !self.attempt.is_direct();
        let scopes = if from_afar { Scopes::NONE } else { scopes };
        let principal =
            Principal::verified(self.attempt, role, scopes, identity, self.owner()).vouched_for(self.user());
        Decision::Accept(Admission {
            principal,
            auth_method,
            pairing: Pairing::None,
            token: TokenAction::None,
            handoff: Vec::new(),
            counts_as_failure: None,
        })
    }
}

impl Shared {
    const fn is_right(self) -> bool {
        matches!(self, Self::Right(_))
    }
}

fn needs_owner(device: Device, role: Role, scopes: Scopes) -> Decision {
    Decision::Pair(PairingNeeded {
        reason: PairingReason::NotPaired,
        wanted: Box::new(device),
        role,
        scopes,
        approved: None,
        counts_as_failure: None,
        passkey_helps: false,
    })
}

fn parse(words: &[String]) -> Scopes {
    Scopes::parse(words.iter().map(String::as_str))
}

mod passkey;
mod setup_code;
mod users;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod vouched;
