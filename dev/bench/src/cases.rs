//! What is counted: the steps of a request, and those of an event.

use std::{
    hint::black_box,
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use anyhow::{Context, Result, bail};
use openclaw_auth::{
    Attempt, Carrier, Client, Credentials, Decision, Devices, Interface, Locality, Policy, Principal, Security,
    Surface, Transport, TrustedProxy, Voucher, decide,
};
use openclaw_core::{Secret, record::Device};
use openclaw_gateway::measured::{Checks, Members, Unread, may_call};
use openclaw_protocol::{
    AgentId, Dialect, RunId, Scope, SessionKey,
    event::{ChatDelta, ChatEnd, ChatState, Event},
    frame::{Mirror, Request, ok, write_json},
    params,
};
use serde::{Deserialize, Serialize};
use serde_json::{json, value::RawValue};

use crate::region::count;

/// Prepares, checks that what it will count is right, and counts.
type Benchmark = fn() -> Result<()>;

/// Every benchmark by its name in the file of limits.
pub(crate) const ALL: &[(&str, Benchmark)] = &[
    ("frame-decode", frame_decode),
    ("dispatch", dispatch),
    ("authorise", authorise),
    ("admit", admit),
    ("typed-params", typed_params),
    ("reply-encode", reply_encode),
    ("event-to-100", event_to_100),
    ("outbox-merge", outbox_merge),
];

/// A call as clients send it.
const CALL: &str = r#"{"type":"req","id":"6f1f3f9e-0f5c-4d0a-9d55-3f2b8d1f7a10","method":"chat.send","params":{"sessionKey":"agent:main:main","message":"What is the weather in Oslo, and should I take an umbrella?","idempotencyKey":"0a9f2f8e-6f57-4c7d-8a1b-59a3b4f0c001"}}"#;
const SECRET: &str = "0123456789abcdef0123456789abcdef0123456789a";

fn frame_decode() -> Result<()> {
    Request::parse(CALL).ok().context("the frame is no request")?;
    count(|| drop(black_box(Request::parse(black_box(CALL)))));
    Ok(())
}

/// The lookup in the table, and whether role and scopes allow it.
fn dispatch() -> Result<()> {
    let principal = principal()?;
    if !may_call(&principal, "sessions.list") || may_call(&principal, "sessions.lists") {
        bail!("the table does not know what it should");
    }
    count(|| {
        black_box(may_call(black_box(&principal), black_box("sessions.list")));
    });
    Ok(())
}

/// The decision over a client that shows the shared secret on loopback. A signature is not part of it: verifying one is a
/// hundred times as much, and all of it a library's.
fn authorise() -> Result<()> {
    let policy = Policy::token(Secret::new(SECRET.to_owned()));
    let scopes = scopes();
    principal()?;
    count(|| drop(black_box(decide(black_box(&attempt(&scopes)), &policy, &Nobody, 1_764_000_000_000))));
    Ok(())
}

/// What each request costs besides its work where everything is configured: its method, scope, role, and five limits of rate.
fn admit() -> Result<()> {
    let often = json!({ "windowMs": 60_000, "maxRequests": 1_000_000_000 });
    let mut checks = Checks::of(json!({ "security": {
        "authorization": {
            "enabled": true,
            "roles": {
                "admin": { "permissions": ["*"] },
                "user": { "permissions": ["read", "write", "sessions.*"], "channels": ["webchat", "telegram"], "commands": ["ask", "status"] },
                "readonly": { "permissions": ["read"] },
            },
            "users": { "ann": { "role": "user", "channels": ["webchat"] }, "bob": { "role": "readonly" }, "eve": { "role": "admin" } },
        },
        "rateLimit": {
            "global": often, "perUser": often, "perChannel": often,
            "roleLimits": { "user": often }, "commandLimits": { "ask": often, "config": often },
        },
    } }))
    .map_err(anyhow::Error::msg)?;
    let request = Request::parse(CALL).ok().context("the frame is no request")?;
    let params = request.params.context("the frame has parameters")?;
    let ann = user("ann")?;
    if !checks.admit(&ann, "chat.send", params, 0) || checks.admit(&user("bob")?, "chat.send", params, 0) {
        bail!("the roles do not say what they should");
    }
    let mut now = 1_764_000_000_000;
    count(|| {
        now += 1;
        black_box(checks.admit(black_box(&ann), black_box("chat.send"), black_box(params), now));
    });
    Ok(())
}

fn typed_params() -> Result<()> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    #[expect(dead_code, reason = "reading them is what is measured")]
    struct Params {
        session_key: SessionKey,
        message: String,
        idempotency_key: String,
        #[serde(default)]
        thinking: Option<String>,
    }
    let request = Request::parse(CALL).ok().context("the frame is no request")?;
    let given: Option<&RawValue> = request.params;
    if let Err(problem) = params::read::<Params>(given) {
        bail!("the parameters are not what they should be: {problem}");
    }
    count(|| drop(black_box(params::read::<Params>(black_box(given)))));
    Ok(())
}

fn reply_encode() -> Result<()> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Reply<'a> {
        ok: bool,
        run_id: &'a str,
        status: &'a str,
        ts: i64,
    }
    let reply =
        Reply { ok: true, run_id: "0a9f2f8e-6f57-4c7d-8a1b-59a3b4f0c001", status: "started", ts: 1_764_000_000_000 };
    count(|| {
        let mut payload = Vec::new();
        write_json(&mut payload, black_box(&reply));
        drop(black_box(ok("6f1f3f9e-0f5c-4d0a-9d55-3f2b8d1f7a10", &payload, Mirror::No)));
    });
    Ok(())
}

/// One event, serialised once, and the bytes of a hundred connections.
fn event_to_100() -> Result<()> {
    let members = Members::new(100, &Arc::new(principal()?));
    let message = Arc::new(json!({
        "role": "assistant", "content": [{ "type": "text", "text": "An event for everybody" }], "timestamp": 1_764_000_000_000_i64,
    }));
    let end = ChatEnd {
        run_id: RunId::new("0a9f2f8e")?,
        session_key: SessionKey::new("agent:main:main")?,
        agent_id: AgentId::new("main")?,
        seq: 1,
        state: ChatState::Final,
        message: Some(message),
        stop_reason: None,
        error_message: None,
        error_kind: None,
        error_detail: None,
        usage: None,
    };
    let mut out = Vec::new();
    members.tell(Event::ChatEnd(end.clone()), &mut out);
    if out.len() < 100 * 100 {
        bail!("a hundred connections were told {} bytes", out.len());
    }
    count(|| {
        out.clear();
        members.tell(Event::ChatEnd(end.clone()), &mut out);
        black_box(&out);
    });
    Ok(())
}

/// A delta that finds an older one of the same run still waiting.
fn outbox_merge() -> Result<()> {
    let text: Arc<str> = "All that the model has said so far, which is one sentence.".into();
    let delta = ChatDelta {
        run_id: RunId::new("0a9f2f8e")?,
        session_key: SessionKey::new("agent:main:main")?,
        agent_id: AgentId::new("main")?,
        seq: 1,
        from: text.len() - 10,
        text,
        ts: 1_764_000_000_000,
    };
    let unread = Unread::default();
    unread.queue(Event::ChatDelta(delta.clone()));
    let before = unread.bytes();
    unread.queue(Event::ChatDelta(delta.clone()));
    if unread.bytes() != before {
        bail!("two deltas wait instead of one that was widened");
    }
    count(|| unread.queue(black_box(Event::ChatDelta(delta.clone()))));
    Ok(())
}

/// No device is known.
struct Nobody;

impl Devices for Nobody {
    fn device(&self, _: &str) -> Option<Device> {
        None
    }

    fn count_for_owner(&self, _: &str) -> usize {
        0
    }

    fn device_by_token(&self, _: &str) -> Option<Device> {
        None
    }
}

fn scopes() -> [String; 2] {
    ["operator.read", "operator.write"].map(str::to_owned)
}

/// The command line beside the gateway, with the right secret.
fn attempt(scopes: &[String]) -> Attempt<'_> {
    Attempt {
        transport: Transport {
            peer_ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
            locality: Locality::DirectLoopback,
            surface: Surface::WebSocket,
            security: Security::Plain,
            origin: None,
            host: Some("127.0.0.1:18789"),
            voucher: Voucher::Nobody,
        },
        dialect: Dialect::V4,
        client: Client {
            id: "cli",
            mode: "cli",
            version: None,
            display_name: None,
            platform: Some("linux"),
            device_family: None,
        },
        role: None,
        scopes: Some(scopes),
        device: None,
        credentials: Credentials { token: Some(SECRET), ..Credentials::default() },
        nonce: "11111111-2222-4333-8444-555555555555",
    }
}

fn principal() -> Result<Principal> {
    accepted(&attempt(&scopes()), &Policy::token(Secret::new(SECRET.to_owned())))
}

/// Somebody at a page for whom a proxy vouches.
fn user(login: &str) -> Result<Principal> {
    const PAGE: &str = "https://mc.example.com";
    let scopes = scopes();
    let headers = [("x-user".to_owned(), login.to_owned())];
    let mut attempt = attempt(&scopes);
    attempt.client = Client { id: "openclaw-control-ui", mode: "webchat", ..attempt.client };
    attempt.credentials = Credentials::default();
    attempt.transport.locality = Locality::Remote;
    attempt.transport.origin = Some(PAGE);
    attempt.transport.voucher = Voucher::Carrier(Carrier {
        socket_ip: IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1)),
        listed: true,
        interface: Interface::Elsewhere,
        attributed: true,
        headers: &headers,
    });
    let mut policy =
        Policy::trusted_proxy(TrustedProxy { user_header: "x-user".to_owned(), ..TrustedProxy::default() });
    policy.control_ui.allowed_origins = vec![PAGE.to_owned()];
    policy.identity_scopes = vec![(login.to_owned(), [Scope::Write].into_iter().collect())];
    accepted(&attempt, &policy)
}

fn accepted(attempt: &Attempt<'_>, policy: &Policy) -> Result<Principal> {
    match decide(attempt, policy, &Nobody, 1_764_000_000_000) {
        Decision::Accept(admission) => Ok(admission.principal),
        _ => bail!("who should come in was refused"),
    }
}
