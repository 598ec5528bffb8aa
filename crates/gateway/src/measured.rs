//! Parts that have no door of their own, opened for `dev/bench` alone: their cost is counted there, and what they answer is compared with
//! the reference.

use std::{net::IpAddr, sync::Arc, time::Duration};

use http::{HeaderMap, HeaderName, HeaderValue};
use openclaw_auth::{AuthMethod, Principal, limits::Limiter};
use openclaw_protocol::{
    Dialect, Scope,
    event::{Event, View},
    frame,
};
use serde_json::value::RawValue;

use crate::{
    access::{Guard, Wanted},
    connection::{Attribution, Door},
    hub::{Hub, Joining, Published, ResumeLimits},
    listener,
    metrics::Metrics,
    network,
    outbox::{Frame, Outbox},
    rpc,
};

const VIEW: View = View { dialect: Dialect::V4, ui: false };
/// Bytes that may wait in the outboxes that are measured; more than any measurement queues.
const WAITING_BYTES: usize = 1 << 20;

/// Nobody comes back here.
const UNUSED: ResumeLimits = ResumeLimits { events: 0, bytes: 0, age: Duration::ZERO };

/// The way from a method's name to the answer whether this caller may call it.
#[must_use]
pub fn may_call(principal: &Principal, method: &str) -> bool {
    rpc::find(method).is_some_and(|row| rpc::may_call(principal, row))
}

/// The names of all methods.
pub fn methods() -> impl Iterator<Item = &'static str> {
    crate::methods::table().iter().map(|row| row.name)
}

/// What stands between an operator and a call: the scope that is missing, or why it is none of an operator's; `None` when nothing does.
#[must_use]
pub fn lacking(principal: &Principal, method: &str, params: Option<&RawValue>) -> Option<String> {
    let Some(row) = rpc::find(method) else {
        return (!principal.may(Scope::Admin)).then(|| Scope::Admin.to_string());
    };
    let error = rpc::permitted(principal, row, params).err()?;
    let scope = error.details.members.iter().find(|(name, _)| *name == "missingScope");
    Some(scope.and_then(|(_, scope)| scope.as_str()).map_or(error.message.into_owned(), str::to_owned))
}

/// Whom a request on the main port comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asker {
    /// The peer of the socket.
    Peer,
    /// Whom a trusted proxy names.
    Client(IpAddr),
    /// Nobody can say, so it is refused.
    Unknown,
}

/// Whom a request comes from, by the peer of its socket, its headers and `gateway.trustedProxies`.
///
/// # Errors
/// A header that no request can have.
pub fn asker(ip: IpAddr, headers: &[(String, String)], trusted: &[String]) -> Result<Asker, http::Error> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(HeaderName::try_from(name)?, HeaderValue::from_bytes(value.as_bytes())?);
    }
    let attribution = listener::attribution(&map, ip, Door::Main, |ip| network::listed(trusted, ip));
    Ok(match attribution {
        Attribution::Direct => Asker::Peer,
        Attribution::Proxied(client) => Asker::Client(client),
        Attribution::Unknown => Asker::Unknown,
    })
}

/// Scopes, roles and rates, as a call meets them on its way to the handler.
pub struct Checks {
    guard: Guard,
    limiter: Limiter,
}

impl Checks {
    /// Those that a configuration asks for.
    ///
    /// # Errors
    /// It asks for none, or for such as there are not.
    pub fn of(config: serde_json::Value) -> Result<Self, String> {
        let config: openclaw_config::Config = serde_json::from_value(config).map_err(|error| error.to_string())?;
        let guard = Guard::of(&config).map_err(|error| error.to_string())?;
        let guard = guard.ok_or("neither roles nor rates are configured")?;
        Ok(Self { guard, limiter: Limiter::new() })
    }

    /// Whether a call is let through at this time, and then counted.
    pub fn admit(&mut self, principal: &Principal, method: &str, params: &RawValue, now_ms: i64) -> bool {
        let Some(row) = rpc::find(method).filter(|row| rpc::may_call(principal, row)) else { return false };
        let wanted = Wanted { method: row.name, needs: row.access.least(), cost: row.cost, params: Some(params) };
        self.guard.permit(principal, &wanted).is_ok()
            && self.limiter.take(&self.guard.charges(principal, &wanted), now_ms).is_ok()
    }
}

/// Connections that get events.
pub struct Members {
    hub: Hub,
    outboxes: Vec<Arc<Outbox>>,
}

impl Members {
    /// So many, all of the same principal.
    #[must_use]
    pub fn new(count: usize, principal: &Arc<Principal>) -> Self {
        let hub = Hub::new("measured", UNUSED, Metrics::new());
        let outboxes: Vec<_> = (0..count).map(|_| Outbox::new(WAITING_BYTES)).collect();
        for outbox in &outboxes {
            let joining = Joining {
                outbox: Arc::clone(outbox),
                principal: Arc::clone(principal),
                method: AuthMethod::Token,
                view: VIEW,
                tool_events: false,
                reviews: crate::hub::Reviews::default(),
                resume: None,
            };
            hub.join(joining, UNUSED);
        }
        Self { hub, outboxes }
    }

    /// Publishes an event and writes what each of them is sent into `out`.
    pub fn tell(&self, event: Event, out: &mut Vec<u8>) {
        self.hub.publish(event);
        for (seq, outbox) in (1..).zip(&self.outboxes) {
            while let Some(Frame::Event(body, _) | Frame::Whole(body)) = outbox.take() {
                out.extend_from_slice(&body);
                out.extend_from_slice(frame::event_tail(Some(seq), None).as_bytes());
            }
        }
    }
}

/// A connection that does not read.
pub struct Unread(Arc<Outbox>);

impl Default for Unread {
    fn default() -> Self {
        Self(Outbox::new(WAITING_BYTES))
    }
}

impl Unread {
    /// Queues an event, or merges it with the one that waits.
    pub fn queue(&self, event: Event) {
        self.0.publish(&Published::new(event), VIEW, 1);
    }

    /// Bytes that wait.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.0.bytes()
    }
}
