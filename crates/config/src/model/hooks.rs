//! `hooks.*` and `gateway.http.*`: what other programs may ask over HTTP.

use openclaw_core::Secret;

section! {
    /// What is served over plain HTTP beside the gateway's own interface.
    Http {
        /// Interfaces that other programs know.
        endpoints: HttpEndpoints = HttpEndpoints::default(),
        /// Headers of every answer besides those that are always there.
        security_headers: SecurityHeaders = SecurityHeaders::default(),
    }

    /// Headers of every answer.
    SecurityHeaders {
        /// Value of `Strict-Transport-Security`, such as `max-age=31536000; includeSubDomains`. Sent over TLS only. Unset: not sent.
        strict_transport_security: Option<String> = None,
    }

    /// Interfaces that other programs know. Whoever shows the gateway's credential can use those that are on.
    HttpEndpoints {
        /// `POST /v1/chat/completions`, and `/v1/models`.
        chat_completions: HttpEndpoint = HttpEndpoint::default(),
        /// `POST /v1/responses`, and `/v1/models`.
        responses: HttpEndpoint = HttpEndpoint::default(),
    }

    /// One of them.
    HttpEndpoint {
        /// Serve it. Default false.
        enabled: bool = false,
    }

    /// Inbound web hooks: addresses at which other programs wake an agent or give it work. What they say reaches a model only
    /// wrapped and marked as text from outside.
    Hooks {
        /// Serve them. Needs `token` or `signature.secret`. Default false.
        enabled: bool = false,
        /// What a sender shows as `Authorization: Bearer …` or `X-OpenClaw-Token`. It must not be the gateway's own credential.
        token: Option<Secret> = None,
        /// Signed requests, for senders that cannot show a token.
        signature: HookSignature = HookSignature::default(),
        /// Where they are; not `/`. Default `/hooks`.
        path: String = "/hooks".to_owned(),
        /// Longest body, in bytes; a longer one is answered 413. Default 1048576 (1 MiB).
        #[schemars(range(min = 1024, max = 26_214_400))]
        max_body_bytes: u64 = 1_048_576,
        /// Requests of one address in a minute; the next one is answered 429. Default 60.
        #[schemars(range(min = 1, max = 10_000))]
        rate_per_minute: u32 = 60,
        /// How long a delivery is remembered, so that it does nothing when it comes again, and how old its timestamp may be, in
        /// seconds. Default 300.
        #[schemars(range(min = 10, max = 86_400))]
        replay_window_seconds: u64 = 300,
        /// Session of agent hooks that name none. Unset: a session for each request.
        default_session_key: Option<String> = None,
        /// Whether a request may name its session. Default false.
        allow_request_session_key: bool = false,
        /// How session keys of hooks must begin. Empty: anyhow.
        allowed_session_key_prefixes: Vec<String> = Vec::new(),
        /// Agents that hooks may give work to; `*` is all. Unset: all.
        allowed_agent_ids: Option<Vec<String>> = None,
        /// Further addresses below `path`, the first one that fits decides.
        mappings: Vec<HookMapping> = Vec::new(),
    }

    /// Requests signed with HMAC-SHA256 over their body, as `sha256=<hex>` or `<hex>` in `X-Hub-Signature-256` or
    /// `X-Webhook-Signature`.
    HookSignature {
        /// The key that both sides know.
        secret: Option<Secret> = None,
        /// Another header with the signature.
        header: Option<String> = None,
    }

    /// An address of its own, and what a request there does.
    HookMapping {
        /// Names it in the log.
        id: Option<String> = None,
        /// Which requests are meant.
        r#match: HookMatch = HookMatch::default(),
        /// `agent` gives an agent work, `wake` tells the main session something. Default `agent`.
        action: HookAction = HookAction::Agent,
        /// When a `wake` is looked at. Default `now`.
        wake_mode: HookWakeMode = HookWakeMode::Now,
        /// Name of the sender, for the model and the log.
        name: Option<String> = None,
        /// Which agent. Default: the default agent.
        agent_id: Option<String> = None,
        /// In which session. May hold `{{…}}` with `hooks.allowRequestSessionKey`.
        session_key: Option<String> = None,
        /// What the agent is told: text in which `{{a.b[0].c}}` stands for that part of the request's body. At most 16 KiB.
        message_template: Option<String> = None,
        /// The same for `wake`.
        text_template: Option<String> = None,
        /// `provider/model` for this work.
        model: Option<String> = None,
        /// Thinking level for this work.
        thinking: Option<String> = None,
        /// How long the work may take, in seconds.
        #[schemars(range(min = 1, max = 86_400))]
        timeout_seconds: Option<u64> = None,
    }

    /// Which requests a mapping means: all that it says must fit.
    HookMatch {
        /// What follows `hooks.path` in the address, such as `github`.
        path: Option<String> = None,
        /// Value of the member `source` of the body.
        source: Option<String> = None,
    }
}

words! {
    /// What a mapped hook does.
    HookAction {
        /// Gives an agent work.
        Agent = "agent",
        /// Tells the main session something.
        Wake = "wake",
    }

    /// When something that was told is looked at.
    HookWakeMode {
        /// At once.
        Now = "now",
        /// With the next heartbeat.
        NextHeartbeat = "next-heartbeat",
    }
}
