//! Answers what the gateway would answer: a line of JSON in, a line of JSON out, in the same order. `dev/official/differences.mjs` asks the
//! reference the same and compares.

use std::{
    collections::HashMap,
    io::{BufRead, Write},
    net::{IpAddr, Ipv4Addr},
};

use anyhow::{Context, Result, bail};
use openclaw_auth::{
    Attempt, Client, Credentials, Decision, Devices, Locality, Policy, Principal, Security, Surface, Transport,
    Voucher, decide, origin,
};
use openclaw_core::{Secret, record::Device};
use openclaw_gateway::measured::{self, Asker};
use openclaw_posture::{CATALOGUE, Facts, Origin};
use openclaw_protocol::Dialect;
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};

const SECRET: &str = "0123456789abcdef0123456789abcdef0123456789a";

/// One question.
#[derive(Deserialize)]
#[serde(tag = "subject", rename_all = "lowercase")]
enum Question {
    /// What there is to ask about.
    Known,
    /// May a page of this origin connect?
    Origin { origin: String, host: Option<String>, local: bool, allowed: Vec<String> },
    /// Whom does a request come from?
    Ip { peer: IpAddr, headers: Vec<(String, String)>, trusted: Vec<String> },
    /// Which scope is missing for a call?
    Scope { method: String, scopes: Vec<String>, params: Value },
    /// What is shown of a configuration?
    Redaction { document: Value },
    /// What is wrong with a configuration?
    Audit { document: Value },
}

fn main() -> Result<()> {
    let mut out = std::io::stdout().lock();
    let mut callers = HashMap::new();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let question = serde_json::from_str(&line).with_context(|| format!("no question: {line}"))?;
        serde_json::to_writer(&mut out, &answer(question, &mut callers)?)?;
        out.write_all(b"\n")?;
    }
    Ok(out.flush()?)
}

fn answer(question: Question, callers: &mut HashMap<Vec<String>, Principal>) -> Result<Value> {
    Ok(match question {
        Question::Known => {
            let of_reference = CATALOGUE.iter().copied().flatten().filter(|check| check.origin == Origin::Reference);
            let checks: Vec<&str> = of_reference.map(|check| check.id).collect();
            json!({ "methods": measured::methods().collect::<Vec<_>>(), "checks": checks })
        }
        Question::Origin { origin, host, local, allowed } => {
            let locality = if local { Locality::DirectLoopback } else { Locality::Remote };
            match origin::check(&origin, host.as_deref(), locality, &allowed) {
                Ok(()) => json!("ok"),
                Err(problem) => json!(problem.to_string()),
            }
        }
        Question::Ip { peer, headers, trusted } => {
            // As the listener does with the peer of a socket.
            match measured::asker(peer.to_canonical(), &headers, &trusted)? {
                Asker::Peer => json!(format!("peer {}", peer.to_canonical())),
                Asker::Client(client) => json!(format!("client {client}")),
                Asker::Unknown => json!("unknown"),
            }
        }
        Question::Scope { method, scopes, params } => {
            let params = RawValue::from_string(params.to_string())?;
            if !callers.contains_key(&scopes) {
                callers.insert(scopes.clone(), principal(&scopes)?);
            }
            let caller = callers.get(&scopes).context("the caller was just put there")?;
            json!(measured::lacking(caller, &method, Some(&params)))
        }
        Question::Redaction { document } => openclaw_config::redact(&document),
        Question::Audit { document } => {
            let report = openclaw_posture::audit(&document, &document, &Facts::default());
            let found = report.findings.iter().map(|finding| json!([finding.check_id, finding.severity]));
            Value::Array(found.collect())
        }
    })
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

/// The command line beside the gateway, with the right secret and these scopes.
fn principal(scopes: &[String]) -> Result<Principal> {
    let attempt = Attempt {
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
    };
    match decide(&attempt, &Policy::token(Secret::new(SECRET.to_owned())), &Nobody, 1_764_000_000_000) {
        Decision::Accept(admission) => Ok(admission.principal),
        _ => bail!("somebody with the right secret was refused"),
    }
}
