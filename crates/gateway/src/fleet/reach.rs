//! The one way in which another gateway is connected to: judged addresses, its certificates, our device's key.

use std::{io, sync::Arc, time::Duration};

use openclaw_client::{
    ClientInfo, ConnectError, Credentials, Deadlines, Dial, Fingerprint, Handles, Options, Protocol, Tls, Transport,
};
use openclaw_core::Secret;
use openclaw_protocol::{Scope, Scopes};
use tokio::net::TcpStream;

use super::{Kept, Problem, clip, kept, place};
use crate::{
    egress::{self, Barred, Near},
    state::State,
};

/// As long as somebody waits who looks at a form.
const PATIENCE: Deadlines = Deadlines {
    connect: Duration::from_secs(10),
    challenge: Duration::from_secs(10),
    request: Duration::from_secs(30),
};

/// What a connection is for.
pub(super) struct Purpose {
    /// What it asks for.
    pub(super) scopes: Scopes,
    /// `ui` where people look, else `backend`.
    pub(super) mode: &'static str,
    /// Features of whoever it is for.
    pub(super) caps: Vec<String>,
    /// Whom that gateway's people see.
    pub(super) shown_as: String,
}

impl Purpose {
    /// Looks at how the gateway is, and no more.
    pub(super) fn watch(state: &State) -> Self {
        let scopes = [Scope::Read].into_iter().collect();
        Self { scopes, mode: "backend", caps: Vec::new(), shown_as: shown_as(state, None) }
    }

    /// Asks for all that anybody here could use there, so that its owner decides once.
    pub(super) fn introduce(state: &State) -> Self {
        Self { scopes: everything(), ..Self::watch(state) }
    }
}

/// The scopes that this gateway asks another's owner for.
pub(super) fn everything() -> Scopes {
    [Scope::Admin, Scope::Read, Scope::Write, Scope::Approvals, Scope::Pairing, Scope::Questions].into_iter().collect()
}

/// How the other gateway's people see us.
pub(super) fn shown_as(state: &State, caller: Option<&str>) -> String {
    let host = if state.host.is_empty() { "another gateway" } else { &state.host };
    match caller {
        Some(caller) => clip(&format!("{host} ({caller})"), 120),
        None => clip(host, 120),
    }
}

/// How to connect to a gateway. `token` is one that is not kept yet.
///
/// # Errors
/// When its token does not open, or what is kept of it no longer reads.
pub(super) async fn options(
    state: &State,
    id: &str,
    kept: &Kept,
    token: Option<Secret>,
    purpose: Purpose,
) -> Result<Options, Problem> {
    let unusable = |what: String| Problem::new("UNUSABLE", &what, None);
    let url = kept.address().ok_or_else(|| unusable("its address no longer reads; enter it again".to_owned()))?;
    let own = state.fleet.own(state).await.map_err(|error| unusable(error.message.to_string()))?;
    let token = match (token, &kept.token) {
        (Some(token), _) => Some(token),
        (None, None) => None,
        (None, Some(sealed)) => {
            let opened = own.sealer.open(&place(id, &kept.url), sealed);
            let opened =
                opened.map_err(|error| unusable(format!("its token does not open ({error}); enter it again")))?;
            Some(Secret::new(opened.as_str()))
        }
    };
    let handles = Handles { clock: state.clock.clone(), ids: state.ids.clone(), tasks: state.tasks.clone() };
    let mut client = ClientInfo::new("gateway-client", purpose.mode);
    client.display_name = Some(purpose.shown_as);
    let mut options = Options::new(url, client, handles);
    options.credentials = Credentials { token, ..Credentials::default() };
    options.identity = Some(own.identity);
    options.scopes = purpose.scopes.words().into_iter().map(str::to_owned).collect();
    options.caps = purpose.caps;
    // Pages speak these two, and what they are told must be what they would be told there.
    options.protocol = Protocol { min: 3, max: 4, fallback: None };
    options.tls = tls(kept).map_err(unusable)?;
    options.deadlines = PATIENCE;
    options.dial = dial(if kept.allow_private_network { Near::Allowed } else { Near::Refused });
    options.event_buffer = 1024;
    Ok(options)
}

fn tls(kept: &Kept) -> Result<Tls, String> {
    Ok(match (&kept.tls_fingerprint, kept.allow_self_signed, &kept.ca_certificate) {
        (Some(pin), ..) => {
            let pin = pin.parse::<Fingerprint>();
            Tls::Fingerprint(
                pin.map_err(|error| format!("its pinned fingerprint no longer reads ({error}); enter it again"))?,
            )
        }
        (None, true, _) => Tls::AllowSelfSigned,
        (None, false, Some(pem)) => {
            Tls::Platform { extra: kept::authorities(pem).map_err(|error| error.message.to_string())? }
        }
        (None, false, None) => Tls::default(),
    })
}

/// TCP to addresses that were judged: what the name leads to is looked up once for each attempt.
fn dial(near: Near) -> Dial {
    Dial::from_fn(move |url| async move {
        let addresses = egress::addresses(url.host(), url.port(), near).await.map_err(io::Error::other)?;
        let stream = TcpStream::connect(&addresses[..]).await?;
        stream.set_nodelay(true)?;
        Ok(Box::new(stream) as Box<dyn Transport>)
    })
}

/// Why a connection did not come up, and what people can do.
pub(super) fn problem(error: &ConnectError, own_device: &str) -> Problem {
    let barred = match error {
        ConnectError::Unreachable { source, .. } => source.get_ref().and_then(|inner| inner.downcast_ref::<Barred>()),
        _ => None,
    };
    if let Some(barred) = barred {
        let (code, fix) = match barred {
            Barred::Private { .. } => {
                ("PRIVATE_ADDRESS", Some("if that is where the gateway is, allow private networks for it".to_owned()))
            }
            Barred::Never { .. } => ("FORBIDDEN_ADDRESS", Some("enter the gateway's own address".to_owned())),
            Barred::Unknown { .. } => ("UNREACHABLE", Some("check the name".to_owned())),
        };
        return Problem::new(code, &barred.to_string(), fix);
    }
    let (code, fingerprint) = match error {
        ConnectError::BadUrl(_) => ("BAD_URL", None),
        ConnectError::Unreachable { .. } => ("UNREACHABLE", None),
        ConnectError::Tls { fingerprint, .. } => ("TLS", *fingerprint),
        ConnectError::NotAGateway { .. } => ("NOT_A_GATEWAY", None),
        ConnectError::Refused { refusal, .. } => (refusal.reason(), None),
        ConnectError::ProtocolMismatch { .. } => ("PROTOCOL_MISMATCH", None),
        ConnectError::Timeout { .. } => ("TIMEOUT", None),
        ConnectError::Ended { .. } => ("ENDED", None),
        ConnectError::Stopped => ("STOPPED", None),
    };
    let fix = match error {
        ConnectError::Tls { fingerprint: Some(_), .. } => Some(
            "give the authority that signed its certificate, or trust the one certificate with this fingerprint once its owner confirms it"
                .to_owned(),
        ),
        ConnectError::Refused { refusal, .. } if refusal.pairing_request().is_some() => Some(format!(
            "on that gateway, run: openclaw devices approve {} (it asks as device {})",
            refusal.pairing_request().unwrap_or_default(),
            own_device.get(..12).unwrap_or(own_device),
        )),
        _ => error.next_step(),
    };
    Problem { fingerprint: fingerprint.map(|seen| seen.to_string()), ..Problem::new(code, &error.to_string(), fix) }
}

/// What that gateway's owner has approved of us, when we asked for more than that.
pub(super) fn approved(error: &ConnectError) -> Option<Vec<String>> {
    let details = &error.refusal().filter(|refusal| refusal.pairing_request().is_some())?.details;
    let approved: Vec<String> = details
        .get("approvedScopes")?
        .as_array()?
        .iter()
        .filter_map(|scope| scope.as_str().map(str::to_owned))
        .collect();
    (!approved.is_empty()).then_some(approved)
}

/// The device that other gateways know this one by.
pub(super) async fn own_device(state: &Arc<State>) -> String {
    state.fleet.own(state).await.map(|own| own.identity.device_id().to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_that_does_not_read_trusts_nobody() {
        let kept = |pin: &str| {
            let doc = serde_json::json!({ "name": "a", "url": "wss://h:1/", "tlsFingerprint": pin, "createdAtMs": 1 });
            serde_json::from_value::<Kept>(doc).unwrap()
        };
        assert!(matches!(tls(&kept(&"ab".repeat(32))), Ok(Tls::Fingerprint(_))));
        assert!(tls(&kept("abc")).unwrap_err().contains("no longer reads"));
    }
}
