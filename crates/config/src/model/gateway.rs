//! `gateway.*` and `metrics.*`.

use std::{collections::BTreeMap, net::IpAddr};

use openclaw_core::Secret;

use super::{hooks::Http, scalar::Period};

/// The authority that is asked unless another is named.
pub const ACME_DIRECTORY: &str = "https://acme-v02.api.letsencrypt.org/directory";

section! {
    /// How clients reach the gateway and prove who they are.
    Gateway {
        /// `local` runs the gateway here; `remote` makes this machine a client of `gateway.remote`.
        mode: GatewayMode = GatewayMode::Local,
        /// Listening port; 0 picks a free one. With TLS on, `gateway.tls.port` wins when set. Default 18789.
        #[schemars(range(min = 0))]
        port: u16 = 18789,
        /// Which addresses the gateway listens on. Anything but `loopback` needs authentication. Default `loopback`.
        bind: Bind = Bind::Loopback,
        /// The address for `bind: "custom"`.
        custom_bind_host: Option<String> = None,
        /// Who is let in.
        auth: Auth = Auth::default(),
        /// The web interface and browsers' origins.
        control_ui: ControlUi = ControlUi::default(),
        /// What is served over plain HTTP.
        http: Http = Http::default(),
        /// Encryption of the listener.
        tls: Tls = Tls::default(),
        /// Addresses or CIDR ranges of reverse proxies whose forwarding headers are believed.
        trusted_proxies: Vec<String> = Vec::new(),
        /// Publishing through Tailscale.
        tailscale: Tailscale = Tailscale::default(),
        /// The gateway that this machine is a client of.
        remote: Remote = Remote::default(),
        /// Time for a connection to complete `connect`, in milliseconds. Default 15000.
        #[schemars(range(min = 100, max = 600_000))]
        handshake_timeout_ms: u64 = 15_000,
        /// Bounds of connections, queues and frames.
        limits: Limits = Limits::default(),
        /// Machines that connect as nodes and offer commands.
        nodes: Nodes = Nodes::default(),
        /// What is kept for connections that come back.
        resume: Resume = Resume::default(),
        /// Interval of `tick` events, in milliseconds. Default 30000.
        #[schemars(range(min = 1000, max = 3_600_000))]
        tick_interval_ms: u64 = 30_000,
        /// Interval of WebSocket pings, in milliseconds; three silent ones close the connection. Default 30000.
        #[schemars(range(min = 1000, max = 3_600_000))]
        ping_interval_ms: u64 = 30_000,
        /// Switches for old clients.
        compat: Compat = Compat::default(),
    }

    /// Who is let in.
    Auth {
        /// The shared credential that is asked for. Default: `password` when only a password is set, else `token`.
        mode: Option<AuthMode> = None,
        /// The shared token. `OPENCLAW_GATEWAY_TOKEN` wins over it. At least 24 random characters.
        token: Option<Secret> = None,
        /// The shared password, or its hash as `openclaw gateway hash-password` prints it. `OPENCLAW_GATEWAY_PASSWORD` wins over it.
        password: Option<Secret> = None,
        /// Accept the login that Tailscale Serve vouches for. Default: true with `tailscale.mode: "serve"`, else false.
        allow_tailscale: Option<bool> = None,
        /// Let direct loopback connections in without a credential. Default false.
        local_bypass: bool = false,
        /// Device identities.
        device_auth: DeviceAuth = DeviceAuth::default(),
        /// Passkeys of people who sign in with a browser.
        passkeys: Passkeys = Passkeys::default(),
        /// Identity headers of a trusted reverse proxy, for `mode: "trusted-proxy"`.
        trusted_proxy: TrustedProxy = TrustedProxy::default(),
        /// Scopes that users hold for whom a trusted proxy or Tailscale vouches, by login: for the session alone, beside what their
        /// device is approved for. A device-less page of such a user holds these and nothing else.
        identity_scopes: BTreeMap<String, Vec<OperatorScope>> = BTreeMap::new(),
        /// Lock-out after failed attempts.
        rate_limit: AuthRateLimit = AuthRateLimit::default(),
        /// Named access tokens beside the shared one.
        token_config: TokenConfig = TokenConfig::default(),
    }

    /// Device identities: Ed25519 keys that clients sign the challenge with.
    DeviceAuth {
        /// Look at device identities; false ignores them. Set explicitly to true it also counts as the
        /// authentication that a non-loopback bind needs. Default true.
        enabled: bool = true,
        /// Whether a device's signature is asked for. Programs on this machine (`cli`, `gateway-client` in mode `backend`) do with
        /// the shared secret in any case; false lets it replace the signature for every client. Default true.
        require_signature: bool = true,
        /// Lifetime of device tokens, in seconds. Default 86400 (24 h).
        #[serde(rename = "tokenTTL")]
        #[schemars(range(min = 60, max = 31_536_000))]
        token_ttl: u64 = 86_400,
        /// Devices that one user may register; one more is refused with `DEVICE_LIMIT`. Default 10.
        #[schemars(range(min = 1, max = 10_000))]
        max_devices_per_user: u32 = 10,
        /// Accept a device token without the device's signature on reconnect. Default false.
        allow_token_only: bool = false,
    }

    /// Passkeys: keys in authenticators (WebAuthn), which people register in Mission Control.
    Passkeys {
        /// `optional`: a passkey admits a new browser that shows the right secret, in the place of an owner. `required`: besides, once
        /// one is registered, the shared secret alone lets no browser in, and counts for nothing from other machines. Default `optional`.
        mode: PasskeyMode = PasskeyMode::Optional,
        /// The host for which passkeys are made, as a domain that every address of the page is or ends with. Default: the host of the
        /// page's own address.
        rp_id: Option<String> = None,
    }

    /// Identity headers of a trusted reverse proxy.
    TrustedProxy {
        /// The header that names the user.
        user_header: Option<String> = None,
        /// Headers that must be present and not blank.
        required_headers: Vec<String> = Vec::new(),
        /// Users that are let in; empty lets in everyone the proxy vouches for.
        allow_users: Vec<String> = Vec::new(),
        /// Believe a proxy on this same host. Every program of this machine can then name any user. Default false.
        allow_loopback: bool = false,
        /// Admit new devices of interfaces without asking an owner, because the proxy knows the user.
        device_auto_approve: DeviceAutoApprove = DeviceAutoApprove::default(),
    }

    /// Admits new devices of interfaces on a proxy's word.
    DeviceAutoApprove {
        /// Do. Default false.
        enabled: bool = false,
        /// The most that such a device may hold. Default: read, write, approvals and questions.
        scopes: Vec<OperatorScope> = vec![OperatorScope::Read, OperatorScope::Write, OperatorScope::Approvals, OperatorScope::Questions],
    }

    /// Lock-out after failed authentication, per source address and kind of credential.
    AuthRateLimit {
        /// Failures within the window before the lock-out. Default 10.
        #[schemars(range(min = 1, max = 100_000))]
        max_attempts: u32 = 10,
        /// The window, in milliseconds. Default 60000.
        #[schemars(range(min = 1000, max = 86_400_000))]
        window_ms: u64 = 60_000,
        /// The lock-out, in milliseconds. Default 300000.
        #[schemars(range(min = 1000, max = 86_400_000))]
        lockout_ms: u64 = 300_000,
        /// Slow direct loopback clients down instead of locking them out. Default true.
        exempt_loopback: bool = true,
    }

    /// Named access tokens.
    TokenConfig {
        /// Lifetime of a token, such as `"24h"`. Unset: it does not expire.
        expiration: Option<Period> = None,
        /// Hand out a fresh token during the last quarter of its life. Default false.
        refresh_enabled: bool = false,
        /// Tokens that may exist at once. Default 5.
        #[schemars(range(min = 1, max = 1000))]
        max_tokens: u32 = 5,
        /// Random bytes in a new token. Default 32.
        #[schemars(range(min = 16, max = 128))]
        token_length: u32 = 32,
    }

    /// The web interface and browsers' origins.
    ControlUi {
        /// Serve the interface. Default true.
        enabled: bool = true,
        /// A folder with another interface, as an absolute path: static files with an `index.html`, for example the official one.
        /// Unset: the built-in page.
        root: Option<String> = None,
        /// Origins that browsers may connect from: scheme, host and port. Empty allows the gateway's own origin only; `*` allows all.
        allowed_origins: Vec<String> = Vec::new(),
        /// Refuse browser interfaces without a device identity. Default false.
        require_device_auth: bool = false,
        /// Accept the shared secret alone from the interface, on loopback or TLS only. Default false.
        allow_insecure_auth: bool = false,
    }

    /// Encryption of the listener.
    Tls {
        /// Serve https and wss. Needs `certPath` and `keyPath`, or `autoGenerate`. Default false.
        enabled: bool = false,
        /// Certificate chain, PEM. It is read again, with its key, when one of the files changes; while they cannot be served together
        /// the former pair stays.
        cert_path: Option<String> = None,
        /// Private key, PEM. A key that others can read is refused.
        key_path: Option<String> = None,
        /// Certificates of the authorities that sign client certificates, PEM. With it, clients without such a certificate are refused.
        ca_path: Option<String> = None,
        /// Listening port while TLS is on. Default: `gateway.port`.
        #[schemars(range(min = 1))]
        port: Option<u16> = None,
        /// When no certificate is named, make a self-signed one at the first start and keep it in the state directory. It is good for a
        /// year and made anew a month before that is over. Default false.
        auto_generate: bool = false,
        /// Certificates that an authority signs when it is asked, in the place of files.
        acme: Acme = Acme::default(),
    }

    /// Certificates by ACME (RFC 8555). The authority connects to port 443 of each name and looks for an answer in the TLS handshake
    /// (`tls-alpn-01`), so that port must lead to the gateway without a proxy that ends TLS.
    Acme {
        /// Names to be certified, such as `"gateway.example.com"`. With any, `certPath` and `keyPath` are not named, and until the first
        /// certificate has come a self-signed one is shown. Default: none.
        domains: Vec<String> = Vec::new(),
        /// Directory of the authority. Default: that of Let's Encrypt.
        directory: String = ACME_DIRECTORY.to_owned(),
        /// Mail address that the authority is told, for warnings.
        email: Option<String> = None,
        /// Says that you agree to the authority's terms. Before that nothing is sent to it. Default false.
        agree_to_terms: bool = false,
        /// Addresses and networks that are not public and may be asked, for an authority of your own, such as `"10.0.0.0/8"`. Default: none.
        allow_private_addresses: Vec<String> = Vec::new(),
    }

    /// Publishing through Tailscale.
    Tailscale {
        /// `serve` for the tailnet, `funnel` for the internet (needs a password). Default `off`.
        mode: TailscaleMode = TailscaleMode::Off,
        /// Take the publication back when the gateway stops. Default false.
        reset_on_exit: bool = false,
    }

    /// The gateway that this machine is a client of.
    Remote {
        /// Its URL, `ws://` or `wss://`. `OPENCLAW_GATEWAY_URL` wins over it.
        url: Option<String> = None,
        /// Its shared token.
        token: Option<Secret> = None,
        /// Its shared password.
        password: Option<Secret> = None,
    }

    /// Bounds of connections, queues and frames.
    Limits {
        /// Connections from one address that have not completed `connect`. Default 32.
        #[schemars(range(min = 1, max = 1_000_000))]
        preauth_per_address: u32 = 32,
        /// The same for direct loopback. Default 512.
        #[schemars(range(min = 1, max = 1_000_000))]
        preauth_loopback: u32 = 512,
        /// The same for all addresses together. Default 512.
        #[schemars(range(min = 1, max = 1_000_000))]
        preauth_total: u32 = 512,
        /// Largest frame before `connect` has succeeded, in bytes. Default 65536.
        #[schemars(range(min = 1024, max = 1_048_576))]
        preauth_frame_bytes: u64 = 65_536,
        /// Largest frame afterwards, in bytes. Default 26214400 (25 MiB).
        #[schemars(range(min = 65_536, max = 268_435_456))]
        max_payload: u64 = 26_214_400,
        /// Bytes that may wait for one slow connection before it is closed. Default 52428800 (50 MiB).
        #[schemars(range(min = 65_536, max = 1_073_741_824))]
        max_buffered_bytes: u64 = 52_428_800,
        /// Bytes of answers that may wait for all connections together: the more wait, the less may wait for one, which is closed when
        /// it has more than is left. Up to 1 MiB may wait for one in any case. At least twice `maxBufferedBytes`. Unset: 268435456
        /// (256 MiB), or twice `maxBufferedBytes` when that is more.
        #[schemars(range(min = 131_072, max = 1_099_511_627_776_u64))]
        max_buffered_bytes_total: Option<u64> = None,
        /// Requests of one connection that may run at once. Default 64.
        #[schemars(range(min = 1, max = 10_000))]
        in_flight_per_connection: u32 = 64,
        /// Connections that one device may have at once; one more is refused with `TOO_MANY_CONNECTIONS`. 0 sets no bound. Default 0.
        #[schemars(range(min = 0, max = 10_000))]
        connections_per_device: u32 = 0,
        /// Time to send the HTTP request head, in milliseconds. Default 10000.
        #[schemars(range(min = 100, max = 600_000))]
        header_timeout_ms: u64 = 10_000,
        /// How long the oldest waiting message may be unsent before a slow connection is closed, in milliseconds. Default 30000.
        #[schemars(range(min = 1000, max = 600_000))]
        slow_consumer_ms: u64 = 30_000,
        /// Time for the peer to answer a close, in milliseconds. Default 2000.
        #[schemars(range(min = 100, max = 600_000))]
        close_timeout_ms: u64 = 2000,
        /// Close a connection that has made no request for this long and has none at work, in milliseconds: 0 never does, else at
        /// least 1000. A connection that only listens to events is idle in this sense. Default 0.
        #[schemars(range(min = 0, max = 604_800_000))]
        idle_timeout_ms: u64 = 0,
        /// Bytes a second that the presence list may cost for all connections together. A list that is long, or goes to many, is told
        /// the more seldom; at most four times a second. Default 16777216 (16 MiB).
        #[schemars(range(min = 65_536, max = 1_073_741_824))]
        presence_bytes_per_second: u64 = 16_777_216,
    }

    /// Machines that connect as nodes and offer commands. What a node offers is cut to what its platform may offer.
    Nodes {
        /// Commands that every node may offer besides, such as `camera.snap`. Exact names.
        allow_commands: Vec<String> = Vec::new(),
        /// Commands that no node may offer, whatever else allows them. Exact names.
        deny_commands: Vec<String> = Vec::new(),
        /// Most time that a caller may give a command, in milliseconds. Default 30000.
        #[schemars(range(min = 100, max = 3_600_000))]
        invoke_timeout_ms: u64 = 30_000,
    }

    /// What is kept for connections that come back: the newest events, for whoever asked for it when it connected. Nothing is kept
    /// while nobody has.
    Resume {
        /// Most events. 0 keeps none: whoever comes back fetches anew. Default 4096.
        #[schemars(range(min = 0, max = 1_000_000))]
        max_events: u32 = 4096,
        /// Most bytes, and at most half of `gateway.limits.maxBufferedBytes`. Default 4194304 (4 MiB).
        #[schemars(range(min = 0, max = 1_073_741_824))]
        max_bytes: u64 = 4_194_304,
        /// How long an event, and what a lost connection followed, is kept, in milliseconds. Default 300000 (5 min).
        #[schemars(range(min = 1000, max = 86_400_000))]
        max_age_ms: u64 = 300_000,
    }

    /// Switches for old clients.
    Compat {
        /// Accept device signatures over the v1 text, which holds no nonce, on direct loopback. Default false.
        #[serde(rename = "signatureV1")]
        #[schemars(rename = "signatureV1")]
        signature_v1: bool = false,
    }

    /// The Prometheus listener, plain text at `/metrics`.
    Metrics {
        /// Serve it. Default true.
        enabled: bool = true,
        /// Address to listen on. Default `127.0.0.1`.
        bind: String = "127.0.0.1".to_owned(),
        /// Port to listen on. Default 9090.
        #[schemars(range(min = 1))]
        port: u16 = 9090,
        /// Refuse to start when the port is taken, instead of running without metrics. Default false.
        required: bool = false,
    }
}

words! {
    /// A right of an operator.
    OperatorScope {
        /// Everything.
        Admin = "operator.admin",
        /// Look.
        Read = "operator.read",
        /// Look and act.
        Write = "operator.write",
        /// Decide about commands that ask first.
        Approvals = "operator.approvals",
        /// Admit devices and nodes.
        Pairing = "operator.pairing",
        /// Answer questions that agents ask.
        Questions = "operator.questions",
        /// Speak with agents.
        Talk = "operator.talk",
        /// Read the keys of speech services.
        TalkSecrets = "operator.talk.secrets",
        /// Look at sessions only.
        SessionsRead = "operator.sessions.read",
        /// Act in sessions only.
        SessionsWrite = "operator.sessions.write",
    }

    /// Where the gateway runs.
    GatewayMode {
        /// Here.
        Local = "local",
        /// Elsewhere; this machine is a client.
        Remote = "remote",
    }

    /// Which addresses the gateway listens on.
    Bind {
        /// 127.0.0.1 only.
        Loopback = "loopback",
        /// All interfaces, 0.0.0.0.
        Lan = "lan",
        /// This machine's Tailscale address.
        Tailnet = "tailnet",
        /// As `loopback`: which networks can reach the gateway is never guessed from where it runs. A container sets `lan`, with
        /// authentication.
        Auto = "auto",
        /// The address in `gateway.customBindHost`.
        Custom = "custom",
    }

    /// The shared credential that clients present.
    AuthMode {
        /// A token.
        Token = "token",
        /// A password.
        Password = "password",
        /// Nothing. Loopback only.
        None = "none",
        /// A reverse proxy vouches for the user.
        TrustedProxy = "trusted-proxy",
    }

    /// What passkeys are for.
    PasskeyMode {
        /// For nothing.
        Off = "off",
        /// A passkey may be shown.
        Optional = "optional",
        /// A passkey has to be shown.
        Required = "required",
    }

    /// Publishing through Tailscale.
    TailscaleMode {
        /// Not published.
        Off = "off",
        /// To the tailnet.
        Serve = "serve",
        /// To the internet.
        Funnel = "funnel",
    }
}

impl Gateway {
    /// Whether only this machine can connect directly.
    #[must_use]
    pub fn is_loopback_only(&self) -> bool {
        match self.bind {
            Bind::Loopback | Bind::Auto => true,
            Bind::Custom => self.custom_bind_address().is_some_and(|address| address.is_loopback()),
            Bind::Lan | Bind::Tailnet => false,
        }
    }

    /// The parsed `customBindHost`.
    #[must_use]
    pub fn custom_bind_address(&self) -> Option<IpAddr> {
        self.custom_bind_host.as_deref()?.parse().ok()
    }

    /// The port in force: `tls.port` while TLS is on, else `port`.
    #[must_use]
    pub fn listening_port(&self) -> u16 {
        self.tls.port.filter(|_| self.tls.enabled).unwrap_or(self.port)
    }
}

impl Gateway {
    /// Whether a login that Tailscale Serve vouches for is accepted.
    #[must_use]
    pub fn allows_tailscale(&self) -> bool {
        self.auth.allow_tailscale.unwrap_or(self.tailscale.mode == TailscaleMode::Serve)
    }
}

impl Auth {
    /// The mode in force when none is written.
    #[must_use]
    pub fn effective_mode(&self) -> AuthMode {
        self.mode.unwrap_or(if self.token.is_none() && self.password.is_some() {
            AuthMode::Password
        } else {
            AuthMode::Token
        })
    }
}

/// Provider headers and the like: names to secret values.
pub type SecretMap = BTreeMap<String, Secret>;
