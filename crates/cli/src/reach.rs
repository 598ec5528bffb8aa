//! Finding a gateway and connecting to it.
//!
//! The address comes from `--url`, else `OPENCLAW_GATEWAY_URL`, else `gateway.remote` of the configuration, else from the
//! gateway of this machine's state directory. Secrets belong to an address: those of this machine's gateway go to no
//! other, so that a mistyped or malicious address cannot collect them.

use std::{sync::Arc, time::Duration};

use clap::Args;
use openclaw_client::{
    ClientInfo, Connection, Credentials, DeviceIdentity, Fingerprint, GatewayUrl, Handles, Options, Supervised, Tls,
    connect, connect_supervised,
};
use openclaw_core::Secret;
use openclaw_protocol::Scope;

use crate::{
    app::Context,
    failure::Failure,
    local::{ClientSettings, Local},
};

/// Port of a gateway that nobody configured.
const DEFAULT_PORT: u16 = 18789;

/// Which gateway a command talks to.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Target {
    /// Address of the gateway, ws://host:port or wss://host:port [default: the one of this machine]
    #[arg(long, value_name = "URL", help_heading = "Gateway")]
    pub(crate) url: Option<String>,
    /// The gateway's token
    #[arg(long, value_name = "TOKEN", help_heading = "Gateway")]
    pub(crate) token: Option<String>,
    /// The gateway's password
    #[arg(long, value_name = "PASSWORD", help_heading = "Gateway")]
    pub(crate) password: Option<String>,
    /// SHA-256 of the gateway's TLS certificate: trust that one alone
    #[arg(long, value_name = "HEX", help_heading = "Gateway")]
    pub(crate) tls_fingerprint: Option<Fingerprint>,
    /// Trust any TLS certificate; anybody in between can read along
    #[arg(long, help_heading = "Gateway")]
    pub(crate) allow_self_signed: bool,
}

/// Where the address came from, which decides what may be shown there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// `--url`.
    Flag,
    /// `OPENCLAW_GATEWAY_URL`.
    Environment,
    /// `gateway.remote.url`.
    Remote,
    /// This machine's state directory.
    Local,
    /// Another machine's, which ssh reaches.
    Tunnel,
}

impl Source {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Flag => "--url",
            Self::Environment => "OPENCLAW_GATEWAY_URL",
            Self::Remote => "gateway.remote.url",
            Self::Local => "local",
            Self::Tunnel => "ssh",
        }
    }
}

/// Whose state a gateway keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    /// That of the state directory which this command line looks at.
    Own,
    /// Another one's.
    Other,
}

/// A gateway's address and the secrets for it.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) url: GatewayUrl,
    pub(crate) source: Source,
    pub(crate) whose: Whose,
    pub(crate) credentials: Credentials,
}

/// Finds the gateway and the secrets that may be shown to it.
pub(crate) fn find(local: &Local, target: &Target) -> Result<Found, Failure> {
    let settings = local.client_settings();
    let own = own_url(local, &settings)?;
    let environment = &local.environment;
    let (url, source) = if let Some(url) = &target.url {
        (url.parse()?, Source::Flag)
    } else if let Some(url) = environment.get("OPENCLAW_GATEWAY_URL") {
        (url.parse()?, Source::Environment)
    } else if let Some(remote) = &settings.remote {
        (remote.url.parse()?, Source::Remote)
    } else {
        (own.clone(), Source::Local)
    };
    let is_own = source == Source::Local || is_same(&url, &own);
    let variable = |name: &str| environment.get(name).map(str::to_owned);
    // Variables belong to the address in the environment, to remote mode and to this machine.
    let from_environment = source != Source::Flag || url.is_loopback();
    let pick = |flag: &Option<String>, name: &str, remote: Option<&String>, own: &Option<String>| {
        flag.clone()
            .or_else(|| remote.filter(|_| source == Source::Remote).cloned())
            .or_else(|| variable(name).filter(|_| from_environment))
            .or_else(|| own.clone().filter(|_| is_own))
            .filter(|text| !text.is_empty())
            .map(Secret::new)
    };
    let remote = settings.remote.as_ref();
    let token =
        pick(&target.token, "OPENCLAW_GATEWAY_TOKEN", remote.and_then(|remote| remote.token.as_ref()), &settings.token);
    let password = pick(
        &target.password,
        "OPENCLAW_GATEWAY_PASSWORD",
        remote.and_then(|remote| remote.password.as_ref()),
        &settings.password,
    );
    let whose = if is_own { Whose::Own } else { Whose::Other };
    Ok(Found { url, source, whose, credentials: Credentials { token, password, ..Credentials::default() } })
}

/// A gateway on the far side of a tunnel, at the place where that side sees it. It gets the secrets that were given on the
/// command line and no others: those of this machine and of its environment belong to other gateways, whatever the address.
pub(crate) fn far(target: &Target) -> Result<Found, Failure> {
    let url = match &target.url {
        Some(url) => url.parse()?,
        None => GatewayUrl::local(DEFAULT_PORT),
    };
    let given = |secret: &Option<String>| secret.clone().filter(|secret| !secret.is_empty()).map(Secret::new);
    let (token, password) = (given(&target.token), given(&target.password));
    let credentials = Credentials { token, password, ..Credentials::default() };
    Ok(Found { url, source: Source::Tunnel, whose: Whose::Other, credentials })
}

fn own_url(local: &Local, settings: &ClientSettings) -> Result<GatewayUrl, Failure> {
    if let Some(url) = local.running().and_then(|running| running.url.parse().ok()) {
        return Ok(url);
    }
    let port = match local.environment.get("OPENCLAW_GATEWAY_PORT") {
        Some(text) => text.trim().parse().map_err(|_| {
            Failure::usage("OPENCLAW_GATEWAY_PORT is not a port").helped("set it to a number from 1 to 65535")
        })?,
        None => settings.port.unwrap_or(DEFAULT_PORT),
    };
    let scheme = if settings.secure { "wss" } else { "ws" };
    Ok(format!("{scheme}://127.0.0.1:{port}").parse()?)
}

fn own_certificate(local: &Local) -> Tls {
    let told = local.running().and_then(|running| running.tls_fingerprint?.parse().ok());
    told.map_or_else(Tls::default, Tls::Fingerprint)
}

fn is_same(one: &GatewayUrl, other: &GatewayUrl) -> bool {
    one.is_loopback() && other.is_loopback() && one.port() == other.port()
}

/// What a connection of the command line looks like.
pub(crate) fn options(
    local: &Local,
    target: &Target,
    found: &Found,
    deadline: Option<Duration>,
) -> Result<Options, Failure> {
    let handles = Handles::system();
    let mut options = Options::new(found.url.clone(), ClientInfo::new("cli", "cli"), handles.clone());
    options.credentials = found.credentials.clone();
    options.scopes = [Scope::Admin, Scope::Read, Scope::Write, Scope::Approvals, Scope::Pairing]
        .map(|scope| scope.as_str().to_owned())
        .to_vec();
    options.tls = match target.tls_fingerprint {
        Some(fingerprint) => Tls::Fingerprint(fingerprint),
        None if target.allow_self_signed => Tls::AllowSelfSigned,
        // This machine's own gateway says which certificate it shows, mostly one of its own making.
        None if found.source == Source::Local && found.url.is_loopback() => own_certificate(local),
        None => Tls::default(),
    };
    if let Some(deadline) = deadline {
        options.deadlines.connect = options.deadlines.connect.min(deadline);
        options.deadlines.challenge = options.deadlines.challenge.min(deadline);
        options.deadlines.request = deadline;
    }
    // Elsewhere a gateway knows devices; on this machine the secret is enough.
    if !found.url.is_loopback() {
        let file = local.paths()?.state_dir.join("identity").join("device.json");
        let identity = DeviceIdentity::load_or_create(&file, &handles.ids, &handles.clock)
            .map_err(|error| Failure::new(crate::failure::Exit::Failed, "IDENTITY", error.to_string()))?;
        options.identity = Some(Arc::new(identity));
    }
    Ok(options)
}

/// As [`gateway`], for commands that outlive a lost connection.
pub(crate) async fn supervised(context: &Context, target: &Target) -> Result<Supervised, Failure> {
    let found = find(&context.local, target)?;
    let options = options(&context.local, target, &found, None)?;
    let sign = context.output.progress(&format!("connecting to {}", found.url));
    Ok(sign.during(connect_supervised(options)).await?)
}

/// Finds the gateway and connects to it.
pub(crate) async fn gateway(
    context: &Context,
    target: &Target,
    deadline: Option<Duration>,
) -> Result<Connection, Failure> {
    let found = find(&context.local, target)?;
    connected(context, target, &found, deadline).await
}

/// Connects to a gateway that was found.
pub(crate) async fn connected(
    context: &Context,
    target: &Target,
    found: &Found,
    deadline: Option<Duration>,
) -> Result<Connection, Failure> {
    let options = options(&context.local, target, found, deadline)?;
    let sign = context.output.progress(&format!("connecting to {}", found.url));
    Ok(sign.during(connect(&options)).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(folder: &std::path::Path, config: &str, variables: &[(&str, &str)]) -> Local {
        let file = folder.join("openclaw.json");
        std::fs::write(&file, config).unwrap();
        std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        let state = folder.to_str().unwrap();
        let variables = variables.iter().copied().chain([("OPENCLAW_STATE_DIR", state)]);
        Local { environment: variables.collect(), home: None }
    }

    fn found(local: &Local, target: &Target) -> (String, Source, Option<String>) {
        let found = find(local, target).unwrap();
        (found.url.to_string(), found.source, found.credentials.token.map(|token| token.expose().to_owned()))
    }

    const OWN: &str = r#"{gateway: {port: 4321, auth: {mode: "token", token: "a-long-enough-local-token-000000"}}}"#;
    const OWN_TOKEN: &str = "a-long-enough-local-token-000000";

    #[test]
    fn the_local_secret_goes_to_the_local_gateway_alone() {
        let folder = tempfile::tempdir().unwrap();
        let url = |url: &str| Target { url: Some(url.to_owned()), ..Target::default() };
        let plain = local(folder.path(), OWN, &[]);
        let own = Some(OWN_TOKEN.to_owned());
        assert_eq!(found(&plain, &Target::default()), ("ws://127.0.0.1:4321".into(), Source::Local, own.clone()));
        assert_eq!(found(&plain, &url("ws://localhost:4321")).2, own);
        // A tunnel to another machine has another port.
        assert_eq!(found(&plain, &url("ws://127.0.0.1:9")).2, None);
        assert_eq!(found(&plain, &url("wss://elsewhere.example:4321")).2, None);

        let variables = [("OPENCLAW_GATEWAY_TOKEN", "env")];
        let with_token = local(folder.path(), OWN, &variables);
        assert_eq!(found(&with_token, &Target::default()).2.as_deref(), Some("env"));
        assert_eq!(found(&with_token, &url("ws://127.0.0.1:9")).2.as_deref(), Some("env"));
        assert_eq!(found(&with_token, &url("wss://elsewhere.example")).2, None);
        let given = Target { token: Some("given".to_owned()), ..url("wss://elsewhere.example") };
        assert_eq!(found(&with_token, &given).2.as_deref(), Some("given"));
    }

    #[test]
    fn the_far_side_of_a_tunnel_gets_what_was_given_for_it_alone() {
        let far_side = |target: &Target| {
            let found = far(target).unwrap();
            (found.url.to_string(), found.whose, found.credentials.token.map(|token| token.expose().to_owned()))
        };
        let expected = "ws://127.0.0.1:18789".to_owned();
        assert_eq!(far_side(&Target::default()), (expected.clone(), Whose::Other, None));
        let given = Target { token: Some("given".to_owned()), ..Target::default() };
        assert_eq!(far_side(&given), (expected, Whose::Other, Some("given".to_owned())));
    }

    #[test]
    fn the_address_comes_from_the_nearest_place() {
        let folder = tempfile::tempdir().unwrap();
        let remote = r#"{gateway: {mode: "remote", remote: {url: "wss://home.example:1", token: "remote-token"}}}"#;
        let plain = local(folder.path(), remote, &[]);
        let expected = ("wss://home.example:1".to_owned(), Source::Remote, Some("remote-token".to_owned()));
        assert_eq!(found(&plain, &Target::default()), expected);
        let elsewhere = local(folder.path(), remote, &[("OPENCLAW_GATEWAY_URL", "ws://env.example:2")]);
        assert_eq!(found(&elsewhere, &Target::default()), ("ws://env.example:2".to_owned(), Source::Environment, None));

        let running = r#"{"url":"ws://127.0.0.1:5555","pid":1,"startedAt":1,"bootId":"b"}"#;
        std::fs::write(folder.path().join("gateway.json"), running).unwrap();
        let own = local(folder.path(), OWN, &[]);
        assert_eq!(found(&own, &Target::default()).0, "ws://127.0.0.1:5555");
        let nonsense = Target { url: Some("nonsense".to_owned()), ..Target::default() };
        assert_eq!(find(&own, &nonsense).unwrap_err().exit, crate::failure::Exit::Usage);
    }

    #[test]
    fn a_configuration_with_mistakes_does_not_hide_a_running_gateway() {
        let folder = tempfile::tempdir().unwrap();
        let broken = OWN.replace("port: 4321", "port: 4321, nonsense: 1");
        let local = local(folder.path(), &broken, &[]);
        assert_eq!(found(&local, &Target::default()).2.as_deref(), Some(OWN_TOKEN));
    }
}
