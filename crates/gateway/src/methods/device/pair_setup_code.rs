//! `device.pair.setupCode`: makes a code by which one device that is not known yet comes in.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use openclaw_auth::{Mode, tokens::hash_token};
use openclaw_core::record::{SetupCode, setup_access};
use openclaw_protocol::{Role, Scopes};
use openclaw_store::Transaction;

use crate::{
    methods::prelude::*,
    qr,
    reachable::{self, Way},
    setup_codes::{self, LIFE_MS, LIVE, LIVES_MS},
};

/// Letters of a label.
const LABEL: usize = 64;

/// The reference's profiles. Without one a code gives everything but what the way there forbids.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Profile {
    /// A node, and an operator that is no administrator.
    Limited,
    /// A node alone.
    Node,
}

params! {
    /// What the code gives, and how its device gets here.
    {
        /// Address under which the device reaches the gateway. Otherwise the gateway's own.
        #[serde(default)]
        public_url: Option<String>,
        /// Rather `gateway.remote.url` or what Tailscale publishes than the gateway's own address.
        #[serde(default)]
        prefer_remote_url: bool,
        /// Whether the reply holds the code as a picture. Default true.
        #[serde(default)]
        include_qr: Option<bool>,
        /// `limited` or `node`.
        #[serde(default)]
        bootstrap_profile: Option<Profile>,
        /// Scopes as an operator, at most the caller's, instead of those of a profile.
        #[serde(default)]
        scopes: Option<Vec<Scope>>,
        /// Roles, beside `scopes`. Default `operator`.
        #[serde(default)]
        roles: Option<Vec<Role>>,
        /// How long it works, in milliseconds, from a minute to an hour. Default ten minutes.
        #[serde(default)]
        expires_in_ms: Option<i64>,
        /// What the device is to be called.
        #[serde(default)]
        label: Option<String>,
        /// A join link, which this gateway does not make.
        #[serde(default)]
        join_url: Option<bool>,
    } understood {}
}

/// The code, shown this once.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    /// Names the code in `device.pair.setupStatus` and `device.pair.setupRevoke`.
    setup_id: String,
    /// What the device is given: an address and a token that works once.
    setup_code: String,
    /// The same as a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    qr_data_url: Option<String>,
    /// Where the device connects to.
    gateway_url: String,
    /// What lets in others, `token` or `password`; never in the code.
    auth: &'static str,
    /// What names the address.
    url_source: &'static str,
    /// `full`, `limited` or `node`.
    access: &'static str,
    /// That it is limited because others could listen on the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    access_downgraded: Option<bool>,
    /// When it ends.
    expires_at_ms: i64,
}

/// What a code holds.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Payload<'a> {
    url: &'a str,
    bootstrap_token: &'a str,
}

/// What is to be given.
struct Gift {
    roles: Vec<Role>,
    scopes: Scopes,
    downgraded: bool,
}

/// What a companion may do as an operator that is no administrator.
const LIMITED: [Scope; 4] = [Scope::Approvals, Scope::Read, Scope::TalkSecrets, Scope::Write];

fn gift(params: &Params, way: Way) -> Result<Gift, WireError> {
    let wrong = |path: &'static str, text: &str| WireError::params(format!("{path}: {text}")).with("path", path);
    let both = vec![Role::Node, Role::Operator];
    let limited: Scopes = LIMITED.into_iter().collect();
    if params.scopes.is_some() || params.roles.is_some() {
        if params.bootstrap_profile.is_some() {
            return Err(wrong("params.bootstrapProfile", "name a profile, or scopes and roles, not both"));
        }
        let mut roles = params.roles.clone().unwrap_or_else(|| vec![Role::Operator]);
        roles.sort_by_key(|role| role.as_str());
        roles.dedup();
        let scopes: Scopes = params.scopes.iter().flatten().copied().collect();
        if roles.is_empty() {
            return Err(wrong("params.roles", "name operator, node or both"));
        }
        match (roles.contains(&Role::Operator), scopes.is_empty()) {
            (true, true) => return Err(wrong("params.scopes", "name what an operator may do, such as operator.read")),
            (false, false) => {
                return Err(wrong("params.scopes", "a node has none; leave them out, or add the role operator"));
            }
            _ => {}
        }
        if scopes.contains(Scope::Admin) && way == Way::LocalNetwork {
            let text = "operator.admin is not given over a network in the clear, where others could use the code first; \
                        use wss:// (gateway.tls, a proxy, or gateway.tailscale.mode: serve), or leave that scope out";
            return Err(wrong("params.scopes", text));
        }
        return Ok(Gift { roles, scopes, downgraded: false });
    }
    Ok(match (params.bootstrap_profile, way) {
        (Some(Profile::Node), _) => Gift { roles: vec![Role::Node], scopes: Scopes::NONE, downgraded: false },
        (Some(Profile::Limited), _) => Gift { roles: both, scopes: limited, downgraded: false },
        (None, Way::Private) => {
            Gift { roles: both, scopes: limited.union(Scopes::from_iter([Scope::Admin])), downgraded: false }
        }
        (None, Way::LocalNetwork) => Gift { roles: both, scopes: limited, downgraded: true },
    })
}

pub(crate) struct PairSetupCode;

impl Method for PairSetupCode {
    const NAME: &'static str = "device.pair.setupCode";
    const ABOUT: &'static str =
        "Makes a code by which one device comes in, once and soon, with no more than the caller has.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::Change("device.setup_code.issued");
    const REPEAT: Repeat = Repeat::Fresh;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let wrong = |path: &'static str, text: String| WireError::params(format!("{path}: {text}")).with("path", path);
        if params.join_url == Some(true) {
            let text = "params.joinUrl: this gateway makes no join links; give the setup code itself to the device";
            return Err(WireError::unavailable(detail::NOT_IMPLEMENTED, text).with("path", "params.joinUrl"));
        }
        let life = params.expires_in_ms.unwrap_or(LIFE_MS);
        if !LIVES_MS.contains(&life) {
            let text = format!("from {} to {} milliseconds", LIVES_MS.start(), LIVES_MS.end());
            return Err(wrong("params.expiresInMs", text));
        }
        let label = params.label.as_deref().map(str::trim).filter(|label| !label.is_empty());
        if label.is_some_and(|label| label.chars().count() > LABEL || label.chars().any(char::is_control)) {
            return Err(wrong("params.label", format!("one line of at most {LABEL} letters")));
        }
        let (state, principal) = (call.state(), call.principal());
        let reachable = reachable::address(state, params.public_url.as_deref(), params.prefer_remote_url)?;
        let gift = gift(&params, reachable.way)?;
        // Nobody gives away more than they have, neither scopes nor what roles would make of a name.
        if let Some(missing) = gift.scopes.iter().find(|scope| !principal.may(*scope)) {
            return Err(WireError::missing_scope(missing));
        }
        let active = state.active.load_full();
        if let (Some(label), Some(guard)) = (label, &active.guard) {
            guard.may_make(principal, label)?;
        }
        let (now, setup_id, secret) = (call.now_ms(), state.ids.uuid().to_string(), state.ids.token());
        let Some(issuer) = setup_codes::issuer(&active.policy, principal, &setup_id) else {
            let text = "setup codes are made by people and their programs, not by agents, hooks or the gateway itself";
            return Err(WireError::new(openclaw_protocol::ErrorCode::Forbidden, detail::ACCESS_DENIED, text));
        };
        let code = SetupCode {
            setup_id: setup_id.clone(),
            hash: hash_token(secret.expose()),
            roles: gift.roles,
            scopes: gift.scopes,
            label: label.map(str::to_owned),
            owner: principal.owner().to_owned(),
            issued_by: principal.audit_name(),
            issuer,
            created_at: now,
            expires_at: now.saturating_add(life),
            used: None,
        };
        let turn = state.setup_codes.one_by_one().await;
        let (change, gone) = state.setup_codes.issue(&code, now).map_err(|first_ends| too_many(first_ends, now))?;
        let told = json!({
            "setupId": setup_id, "roles": code.roles, "scopes": code.scopes, "expiresAtMs": code.expires_at,
            "url": reachable.url,
        });
        let audit = call.audit("device.setup_code.issued", Self::NAME, Some(format!("setup:{setup_id}")), told);
        let written = state.store.write(Transaction { changes: vec![change], audit, idempotency: None }).await;
        written.map_err(|error| match error {
            openclaw_store::Error::Limit { .. } => too_many(now.saturating_add(LIFE_MS), now),
            error => fault::store(&error),
        })?;
        state.setup_codes.forget(&gone);
        let access = setup_access(&code.roles, code.scopes);
        let expires_at_ms = code.expires_at;
        state.setup_codes.put(code);
        drop(turn);
        let payload = Payload { url: &reachable.url, bootstrap_token: secret.expose() };
        let text = serde_json::to_string(&payload)
            .map_err(|error| WireError::unavailable(detail::INTERNAL, error.to_string()))?;
        let setup_code = URL_SAFE_NO_PAD.encode(text);
        let wants_picture = params.include_qr.unwrap_or(true);
        Ok(Reply {
            setup_id,
            qr_data_url: wants_picture.then(|| qr::data_url(&setup_code)).flatten(),
            setup_code,
            gateway_url: reachable.url,
            auth: match active.policy.mode {
                Mode::Password => "password",
                Mode::Token | Mode::None | Mode::TrustedProxy => "token",
            },
            url_source: reachable.source,
            access,
            access_downgraded: gift.downgraded.then_some(true),
            expires_at_ms,
        })
    }
}

fn too_many(first_ends: i64, now: i64) -> WireError {
    let text = format!(
        "{LIVE} setup codes work at this moment, which is as many as may; wait until one ends, or take one back with \
         device.pair.setupRevoke"
    );
    let wait = u64::try_from(first_ends.saturating_sub(now)).unwrap_or_default();
    WireError::unavailable(detail::QUEUE_FULL, text).retryable(Some(wait.max(1000)))
}
