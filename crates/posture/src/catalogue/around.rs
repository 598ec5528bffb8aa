//! Checks of what is around the agents: files, the gateway itself, hooks and nodes.

use super::{Check, Origin, checks};

pub(super) const FILES: &[Check] = checks! {
    "fs.state_dir.symlink" Reference: "The state directory is a link",
        "Make it a real folder, or set OPENCLAW_STATE_DIR to where the link leads.";
    "fs.state_dir.perms_world_writable" Reference: "Everybody can write into the state directory",
        "chmod 700 on it, or openclaw security audit --fix";
    "fs.state_dir.perms_group_writable" Reference: "A group can write into the state directory",
        "chmod 700 on it, or openclaw security audit --fix";
    "fs.state_dir.perms_readable" Reference: "Others can look into the state directory",
        "chmod 700 on it, or openclaw security audit --fix";
    "fs.config.symlink" Reference: "The configuration is a link",
        "Put the file there itself, or set OPENCLAW_CONFIG_PATH to where the link leads.";
    "fs.config.perms_writable" Reference: "Others can change the configuration",
        "chmod 600 on it, or openclaw security audit --fix; then look whether somebody did: openclaw config diff";
    "fs.config.perms_world_readable" Reference: "Everybody can read the configuration",
        "chmod 600 on it, or openclaw security audit --fix; then rotate the secrets in it";
    "fs.config.perms_group_readable" Reference: "A group can read the configuration",
        "chmod 600 on it, or openclaw security audit --fix";
    "fs.config_include.perms_writable" Reference: "Others can change a file that the configuration includes",
        "chmod 600 on it, or openclaw security audit --fix";
    "fs.config_include.perms_world_readable" Reference: "Everybody can read a file that the configuration includes",
        "chmod 600 on it, or openclaw security audit --fix";
    "fs.config_include.perms_group_readable" Reference: "A group can read a file that the configuration includes",
        "chmod 600 on it, or openclaw security audit --fix";
    "fs.credentials_dir.perms_writable" Reference: "Others can write into the folder of credentials",
        "chmod 700 on it, or openclaw security audit --fix";
    "fs.credentials_dir.perms_readable" Reference: "Others can look into the folder of credentials",
        "chmod 700 on it, or openclaw security audit --fix";
    "fs.auth_profiles.perms_writable" Reference: "Others can change credentials of model providers",
        "chmod 600 on it, or openclaw security audit --fix";
    "fs.auth_profiles.perms_readable" Reference: "Others can read credentials of model providers",
        "chmod 600 on it, or openclaw security audit --fix; then renew the keys in it";
    "fs.sessions_store.perms_readable" Reference: "Others can read conversations",
        "chmod 600 on it, or openclaw security audit --fix";
    "fs.log_file.perms_readable" Reference: "Others can read the log",
        "chmod 600 on it, or openclaw security audit --fix";
    "fs.synced_dir" Reference: "State lies in a folder that is copied to a cloud",
        "Move it out of that folder, and set OPENCLAW_STATE_DIR.";
};

pub(super) const GATEWAY: &[Check] = checks! {
    "summary.attack_surface" Reference: "What can be attacked", "";
    "gateway.bind_no_auth" Reference: "The network can reach the gateway, and nobody is asked for a credential",
        "openclaw config set gateway.bind loopback, or give it a token: openclaw config set gateway.auth.token \"$(openssl rand -hex 32)\"";
    "gateway.loopback_no_auth" Reference: "Whoever reaches this machine's gateway is let in",
        "Give it a token: start it once with openclaw gateway, or set gateway.auth.token.";
    "gateway.trusted_proxies_missing" Reference: "No reverse proxy is trusted",
        "Nothing to do without a proxy. With one, list its addresses in gateway.trustedProxies.";
    "gateway.http.no_auth" Reference: "HTTP is answered without a credential",
        "Set gateway.auth.mode to token or password, with a secret.";
    "gateway.http.session_key_override_enabled" Reference: "Callers over HTTP name the session they speak in",
        "Turn off gateway.http.endpoints that nobody uses, and treat whoever has the token as an operator.";
    "gateway.tools_invoke_http.dangerous_allow" Reference: "Dangerous tools can be called over HTTP",
        "Take them out of gateway.tools.allow.";
    "gateway.tailscale_funnel" Reference: "The gateway is published to the internet",
        "openclaw config set gateway.tailscale.mode serve, or off";
    "gateway.tailscale_serve" Reference: "The gateway is published to the tailnet",
        "Keep the tailnet's members and rules under review.";
    "gateway.control_ui.allowed_origins_required" Reference: "No origin is listed for the interface, and the network can reach it",
        "List the addresses at which people open it in gateway.controlUi.allowedOrigins.";
    "gateway.control_ui.allowed_origins_wildcard" Reference: "Any page in a browser may speak to the gateway",
        "Replace * in gateway.controlUi.allowedOrigins by the origins that are meant.";
    "gateway.control_ui.host_header_origin_fallback" Reference: "The Host header decides which origin is allowed",
        "Remove dangerouslyAllowHostHeaderOriginFallback, and list origins in gateway.controlUi.allowedOrigins.";
    "gateway.control_ui.insecure_auth" Elsewhere: "The interface is let in by the secret alone",
        "Remove gateway.controlUi.allowInsecureAuth and approve devices; it is followed on loopback and over TLS only.";
    "gateway.control_ui.device_auth_disabled" Elsewhere: "A retired key turns device identities off",
        "Remove gateway.controlUi.dangerouslyDisableDeviceAuth; it does nothing here.";
    "gateway.passkeys_required_none" Ours: "Passkeys are required, and none is registered",
        "Register one in Mission Control (Devices & access), or set gateway.auth.passkeys.mode to optional.";
    "gateway.real_ip_fallback_enabled" Reference: "A header that clients can write decides their address",
        "Remove gateway.allowRealIpFallback.";
    "gateway.token_placeholder_value" Reference: "The token is blank or a published example",
        "openclaw config set gateway.auth.token \"$(openssl rand -hex 32)\"";
    "gateway.password_placeholder_value" Reference: "The password is blank or a published example",
        "Set gateway.auth.password to a passphrase of at least 24 characters.";
    "gateway.token_too_short" Reference: "The token is short",
        "openclaw config set gateway.auth.token \"$(openssl rand -hex 32)\"";
    "gateway.password_too_short" Reference: "The password is short",
        "Use a passphrase of at least 24 characters.";
    "gateway.auth_no_rate_limit" Reference: "Nobody chose how often a secret may be tried",
        "Set gateway.auth.rateLimit; the default lock-out is 10 failures in 60 s for 300 s.";
    "gateway.env_token_overrides_config" Elsewhere: "The environment's token wins over the configuration's",
        "Keep one of them.";
    "gateway.bind_network_accessible" Elsewhere: "The network can reach the gateway",
        "Prefer loopback with a tunnel or Tailscale. Else allow known addresses only: openclaw security runbook";
    "gateway.trusted_proxy_auth" Reference: "A proxy decides who is let in",
        "Let nothing but the proxy reach the port, and let it overwrite identity headers.";
    "gateway.trusted_proxy_no_proxies" Reference: "A proxy decides who is let in, and none is trusted",
        "List the proxy's addresses in gateway.trustedProxies.";
    "gateway.trusted_proxy_no_user_header" Reference: "No header names the user",
        "Set gateway.auth.trustedProxy.userHeader to the header that the proxy writes.";
    "gateway.trusted_proxy_no_allowlist" Reference: "Everybody whom the proxy vouches for is let in",
        "List the expected users in gateway.auth.trustedProxy.allowUsers.";
    "gateway.trusted_proxy_allow_loopback" Reference: "Programs on this machine can pose as the proxy",
        "Remove gateway.auth.trustedProxy.allowLoopback unless every local program is trusted.";
    "gateway.trusted_proxy_device_auto_approve" Elsewhere: "Devices behind the proxy are approved without asking",
        "Set gateway.auth.trustedProxy.deviceAutoApprove.enabled to false.";
    "gateway.trusted_proxy_device_auto_approve_admin" Elsewhere: "Devices behind the proxy become administrators without asking",
        "Take operator.admin out of gateway.auth.trustedProxy.deviceAutoApprove.scopes.";
    "gateway.probe_failed" Reference: "The running gateway could not be asked",
        "openclaw gateway status";
    "gateway.probe_auth_secretref_unavailable" Reference: "No credential was there to ask the running gateway with",
        "Pass --token, or set the variable that the configuration names.";
    "discovery.mdns_full_mode" Reference: "The local network is told where the program lies",
        "Set discovery.mdns.mode to minimal or off.";
    "config.insecure_or_dangerous_flags" Reference: "A dangerous switch is on",
        "Turn it off when it is not needed any more.";
    "config.secrets.gateway_password_in_config" Reference: "The gateway's password stands in the configuration",
        "Write ${OPENCLAW_GATEWAY_PASSWORD} there and set the variable.";
    "config.secrets.hooks_token_in_config" Reference: "The hooks' token stands in the configuration",
        "Write it as ${NAME} and set the variable.";
    "config.unknown_security_key" Ours: "A key about security does not do what it says",
        "openclaw security validate-config";
    "logging.redact_off" Elsewhere: "A key asks for secrets in the log, and is not followed",
        "Remove logging.redactSensitive; secrets are masked in any case.";
    "security.audit.suppressions.active" Reference: "Some findings are hidden by the configuration", "";
    "gateway.tls_missing_nonloopback" Ours: "Secrets cross the network in the clear",
        "Set gateway.tls, or put a proxy with TLS in front and list it in gateway.trustedProxies.";
    "gateway.tls_key_perms" Ours: "Others can read the private key of the listener",
        "chmod 600 on it, or openclaw security audit --fix; then renew the certificate";
    "gateway.metrics_exposed" Ours: "The network can read the metrics without a credential",
        "openclaw config set metrics.bind 127.0.0.1, and scrape over the main port with a token";
    "auth.rotated_token_in_backup" Ours: "A replaced token still stands in a backup",
        "openclaw security audit --fix, which masks it there";
    "audit_log.chain_broken" Ours: "The audit log was changed",
        "Stop the gateway, keep a copy of the state directory, and find out who had access.";
    "device.stale_token" Ours: "A device token is not used any more",
        "openclaw devices revoke <id>";
};

pub(super) const HOOKS: &[Check] = checks! {
    "hooks.token_reuse_gateway_token" Reference: "The hooks' token is the gateway's credential",
        "Give hooks a token of their own.";
    "hooks.token_too_short" Reference: "The hooks' token is short", "Use at least 24 random characters.";
    "hooks.path_root" Reference: "Hooks take the whole address space", "Set hooks.path to a folder, such as /hooks.";
    "hooks.default_session_key_unset" Reference: "Each hook request makes a session of its own",
        "Set hooks.defaultSessionKey.";
    "hooks.allowed_agent_ids_unrestricted" Reference: "Hooks may give work to any agent",
        "List agents in hooks.allowedAgentIds.";
    "hooks.request_session_key_enabled" Reference: "Senders of hooks choose the session",
        "Set hooks.allowRequestSessionKey to false.";
    "hooks.request_session_key_prefixes_missing" Reference: "Senders of hooks reach any session",
        "Set hooks.allowedSessionKeyPrefixes, for example to [\"hook:\"].";
};

pub(super) const NODES: &[Check] = checks! {
    "gateway.nodes.deny_commands_ineffective" Reference: "Denied node commands that name no command",
        "Write exact names such as system.run; patterns match nothing.";
    "gateway.nodes.allow_commands_dangerous" Reference: "Nodes may offer commands that watch or act for their owner",
        "Take them out of the list, or keep the gateway on loopback.";
};
