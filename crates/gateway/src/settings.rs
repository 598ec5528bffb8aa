//! The configuration, as the running parts read it: plain numbers and policies, made anew when the configuration changes.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use openclaw_agents::{Api, ModelInfo, ModelRef, ProviderSettings, catalog};
use openclaw_auth::{ControlUi, DeviceAuth, Mode, Policy, ThrottleSettings, TrustedProxy};
use openclaw_config::{self as config, AuthMode, Bind, Config, OperatorScope, PasskeyMode, TailscaleMode};
use openclaw_protocol::{AgentId, Scopes, limits};

use crate::{RunError, hub::ResumeLimits, password};

/// Bytes of answers that may wait for all connections together, unless the configuration says otherwise.
const UNREAD: u64 = 256 << 20;

/// Sizes and times of connections. Bytes and milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) preauth_per_address: usize,
    pub(crate) preauth_loopback: usize,
    pub(crate) preauth_total: usize,
    pub(crate) preauth_frame_bytes: usize,
    pub(crate) max_payload: usize,
    pub(crate) max_buffered_bytes: usize,
    pub(crate) max_buffered_bytes_total: usize,
    pub(crate) in_flight_per_connection: usize,
    /// 0 is no bound.
    pub(crate) connections_per_device: usize,
    pub(crate) header_timeout_ms: u64,
    pub(crate) handshake_timeout_ms: u64,
    pub(crate) slow_consumer_ms: u64,
    pub(crate) close_timeout_ms: u64,
    pub(crate) ping_interval_ms: u64,
    pub(crate) tick_interval_ms: u64,
    pub(crate) missed_pongs: u32,
    /// 0 is never.
    pub(crate) idle_timeout_ms: u64,
    pub(crate) presence_bytes_per_second: u64,
    pub(crate) resume: ResumeLimits,
}

impl Limits {
    pub(crate) fn of(config: &Config) -> Self {
        let gateway = &config.gateway;
        let limit = &gateway.limits;
        let bytes = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
        let least_total = limit.max_buffered_bytes.saturating_mul(2);
        Self {
            preauth_per_address: limit.preauth_per_address as usize,
            preauth_loopback: limit.preauth_loopback as usize,
            preauth_total: limit.preauth_total as usize,
            preauth_frame_bytes: bytes(limit.preauth_frame_bytes),
            max_payload: bytes(limit.max_payload),
            max_buffered_bytes: bytes(limit.max_buffered_bytes),
            max_buffered_bytes_total: bytes(limit.max_buffered_bytes_total.unwrap_or(least_total.max(UNREAD))),
            in_flight_per_connection: limit.in_flight_per_connection as usize,
            connections_per_device: limit.connections_per_device as usize,
            header_timeout_ms: limit.header_timeout_ms,
            handshake_timeout_ms: gateway.handshake_timeout_ms,
            slow_consumer_ms: limit.slow_consumer_ms,
            close_timeout_ms: limit.close_timeout_ms,
            ping_interval_ms: gateway.ping_interval_ms,
            tick_interval_ms: gateway.tick_interval_ms,
            missed_pongs: limits::MISSED_PONGS,
            idle_timeout_ms: limit.idle_timeout_ms,
            presence_bytes_per_second: limit.presence_bytes_per_second,
            resume: ResumeLimits {
                events: gateway.resume.max_events as usize,
                bytes: bytes(gateway.resume.max_bytes.min(limit.max_buffered_bytes / 2)),
                age: Duration::from_millis(gateway.resume.max_age_ms),
            },
        }
    }
}

/// Whether a gateway can start with this configuration: what it asks for is there, and addresses are addresses.
///
/// # Errors
/// The first key that asks for a part that does not exist yet, or that names no address.
pub(crate) fn supported(config: &Config) -> Result<(), RunError> {
    listening_addresses(config)?;
    metrics_address(config).map(drop)
}

/// Where clients connect: the address, and the second one that belongs to it.
///
/// # Errors
/// The bind asks for a part that does not exist yet, or names no address.
pub(crate) fn listening_addresses(config: &Config) -> Result<(IpAddr, Option<IpAddr>), RunError> {
    let gateway = &config.gateway;
    match gateway.bind {
        Bind::Loopback | Bind::Auto => Ok((Ipv4Addr::LOCALHOST.into(), Some(Ipv6Addr::LOCALHOST.into()))),
        Bind::Lan => Ok((Ipv4Addr::UNSPECIFIED.into(), None)),
        Bind::Tailnet => Err(RunError::Unsupported {
            what: "gateway.bind \"tailnet\"",
            instead: "use \"custom\" with customBindHost set to the address that `tailscale ip -4` prints",
        }),
        Bind::Custom => {
            let address = gateway.custom_bind_address().ok_or_else(|| RunError::Address {
                key: "gateway.customBindHost",
                value: gateway.custom_bind_host.clone().unwrap_or_default(),
            })?;
            let local = (!address.is_loopback() && !address.is_unspecified()).then_some(Ipv4Addr::LOCALHOST.into());
            Ok((address, local))
        }
    }
}

/// Where the figures are served; `None` when they are not.
///
/// # Errors
/// `metrics.bind` is no address.
pub(crate) fn metrics_address(config: &Config) -> Result<Option<SocketAddr>, RunError> {
    let metrics = &config.metrics;
    if !metrics.enabled {
        return Ok(None);
    }
    let ip: IpAddr =
        metrics.bind.parse().map_err(|_| RunError::Address { key: "metrics.bind", value: metrics.bind.clone() })?;
    Ok(Some(SocketAddr::new(ip, metrics.port)))
}

/// Who gets in, as the verifier reads it.
///
/// # Errors
/// A mode whose part does not exist yet.
pub(crate) fn policy(config: &Config) -> Result<Policy, RunError> {
    let auth = &config.gateway.auth;
    let (mode, secret) = match auth.effective_mode() {
        AuthMode::Token => (Mode::Token, auth.token.clone()),
        AuthMode::Password => (Mode::Password, auth.password.clone()),
        AuthMode::None => (Mode::None, None),
        AuthMode::TrustedProxy => (Mode::TrustedProxy, auth.password.clone()),
    };
    if let Some(hash) = secret.as_ref().filter(|secret| openclaw_auth::is_hash(secret.expose())) {
        password::check(hash).map_err(RunError::Password)?;
    }
    let device = &auth.device_auth;
    Ok(Policy {
        mode,
        secret,
        device_auth: DeviceAuth {
            enabled: device.enabled,
            require_signature: device.require_signature,
            allow_token_only: device.allow_token_only,
            token_ttl_ms: i64::try_from(device.token_ttl.saturating_mul(1000)).unwrap_or(i64::MAX),
            max_devices_per_user: device.max_devices_per_user as usize,
        },
        control_ui: ControlUi {
            allowed_origins: config.gateway.control_ui.allowed_origins.clone(),
            require_device_auth: config.gateway.control_ui.require_device_auth,
            allow_insecure_auth: config.gateway.control_ui.allow_insecure_auth,
        },
        local_bypass: auth.local_bypass,
        passkeys: match auth.passkeys.mode {
            PasskeyMode::Off => openclaw_auth::PasskeyMode::Off,
            PasskeyMode::Optional => openclaw_auth::PasskeyMode::Optional,
            PasskeyMode::Required => openclaw_auth::PasskeyMode::Required,
        },
        trusted_proxy: trusted_proxy(config),
        allow_tailscale: config.gateway.tailscale.mode == TailscaleMode::Serve && config.gateway.allows_tailscale(),
        identity_scopes: auth.identity_scopes.iter().map(|(user, words)| (user.clone(), scopes(words))).collect(),
        signature_v1: config.gateway.compat.signature_v1,
    })
}

fn trusted_proxy(config: &Config) -> TrustedProxy {
    let rules = &config.gateway.auth.trusted_proxy;
    let name = |name: &String| name.trim().to_ascii_lowercase();
    let approve = &rules.device_auto_approve;
    TrustedProxy {
        addresses: config.gateway.trusted_proxies.clone(),
        user_header: rules.user_header.as_ref().map(name).unwrap_or_default(),
        required_headers: rules.required_headers.iter().map(name).collect(),
        allow_users: rules.allow_users.clone(),
        allow_loopback: rules.allow_loopback,
        auto_approve: approve.enabled.then(|| scopes(&approve.scopes)),
    }
}

fn scopes(words: &[OperatorScope]) -> Scopes {
    Scopes::parse(words.iter().copied().map(OperatorScope::word))
}

/// When failures lock a source out.
pub(crate) fn throttle(config: &Config) -> ThrottleSettings {
    let rate = &config.gateway.auth.rate_limit;
    ThrottleSettings {
        max_attempts: rate.max_attempts as usize,
        window_ms: i64::try_from(rate.window_ms).unwrap_or(i64::MAX),
        lockout_ms: i64::try_from(rate.lockout_ms).unwrap_or(i64::MAX),
        exempt_loopback: rate.exempt_loopback,
    }
}

/// One agent as it is configured.
#[derive(Clone, Debug)]
pub(crate) struct AgentSettings {
    pub(crate) id: AgentId,
    pub(crate) name: Option<String>,
    pub(crate) emoji: Option<String>,
    pub(crate) avatar: Option<String>,
    pub(crate) theme: Option<String>,
    /// `provider/model`; the discovered default when absent.
    pub(crate) model: Option<String>,
    pub(crate) fallbacks: Vec<String>,
    pub(crate) system_prompt: Option<String>,
    pub(crate) workspace: Option<String>,
    pub(crate) thinking: Option<&'static str>,
}

/// The agents, the default one first. There is always at least `main`.
pub(crate) fn agents(config: &Config) -> Vec<AgentSettings> {
    let defaults = &config.agents.defaults;
    let mut agents: Vec<(bool, AgentSettings)> = config
        .agents
        .list
        .iter()
        .filter_map(|agent| {
            let model = agent.model.as_ref().or(defaults.model.as_ref());
            let settings = AgentSettings {
                id: AgentId::new(agent.id.clone()).ok()?,
                name: agent.identity.name.clone().or_else(|| agent.name.clone()),
                emoji: agent.identity.emoji.clone(),
                avatar: agent.identity.avatar.clone(),
                theme: agent.identity.theme.clone(),
                model: model.map(|choice| choice.primary.clone()),
                fallbacks: model.map(|choice| choice.fallbacks.clone()).unwrap_or_default(),
                system_prompt: agent.system_prompt.clone().or_else(|| defaults.system_prompt.clone()),
                workspace: agent.workspace.clone().or_else(|| defaults.workspace.clone()),
                thinking: agent.thinking_default.or(defaults.thinking_default).map(config::Thinking::word),
            };
            Some((agent.default, settings))
        })
        .collect();
    if agents.is_empty() {
        let model = defaults.model.as_ref();
        let main = AgentSettings {
            id: AgentId::new("main").expect("a valid word"),
            name: None,
            emoji: None,
            avatar: None,
            theme: None,
            model: model.map(|choice| choice.primary.clone()),
            fallbacks: model.map(|choice| choice.fallbacks.clone()).unwrap_or_default(),
            system_prompt: defaults.system_prompt.clone(),
            workspace: defaults.workspace.clone(),
            thinking: defaults.thinking_default.map(config::Thinking::word),
        };
        return vec![main];
    }
    // Stable: the first one marked as default, else the first of the list.
    agents.sort_by_key(|(default, _)| !default);
    agents.into_iter().map(|(_, agent)| agent).collect()
}

/// The providers that are configured; keys of `security.apiKeys` go to the vendors they name.
pub(crate) fn providers(config: &Config) -> Vec<ProviderSettings> {
    let mut providers: BTreeMap<String, ProviderSettings> = BTreeMap::new();
    for (id, provider) in &config.models.providers {
        let api = provider.api.and_then(api).unwrap_or_else(|| Api::usual(id));
        let mut settings = ProviderSettings::new(id.clone(), api);
        settings.base_url.clone_from(&provider.base_url);
        settings.timeout = provider.timeout_seconds.map(Duration::from_secs);
        settings.headers = provider.headers.clone().into_iter().collect();
        settings.models = provider.models.iter().map(|model| model_info(id, model)).collect();
        providers.insert(id.clone(), settings);
    }
    for id in openclaw_agents::discovery::vendors() {
        if !config.provider_keys(id).is_empty() {
            providers.entry(id.to_owned()).or_insert_with(|| ProviderSettings::new(id, Api::usual(id)));
        }
    }
    for (id, settings) in &mut providers {
        settings.api_keys = config.provider_keys(id).into_iter().cloned().collect();
    }
    providers.into_values().collect()
}

/// Both speak the configuration's words.
fn api(api: config::Api) -> Option<Api> {
    api.word().parse().ok()
}

fn model_info(provider: &str, model: &config::Model) -> ModelInfo {
    let mut info = ModelInfo::lookup(provider, &model.id);
    let clamp = |tokens: u64| u32::try_from(tokens).unwrap_or(u32::MAX);
    if let Some(name) = &model.name {
        info.name.clone_from(name);
    }
    if let Some(tokens) = model.context_window {
        info.context_window = clamp(tokens);
    }
    if let Some(tokens) = model.max_tokens {
        info.max_output = clamp(tokens);
    }
    info.reasoning |= model.reasoning;
    info.input = model
        .input
        .iter()
        .map(|input| match input {
            config::Input::Text => catalog::Input::Text,
            config::Input::Image => catalog::Input::Image,
        })
        .collect();
    if let Some(cost) = &model.cost {
        info.cost = Some(catalog::Cost {
            input: cost.input,
            output: cost.output,
            cache_read: cost.cache_read,
            cache_write: cost.cache_write,
        });
    }
    info
}

/// The model that a configured text names.
pub(crate) fn model_ref(text: &str) -> Option<ModelRef> {
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_knows_every_scope() {
        let known: Vec<_> = openclaw_protocol::Scope::ALL.iter().map(|scope| scope.as_str()).collect();
        assert_eq!(OperatorScope::WORDS, known);
    }
}
