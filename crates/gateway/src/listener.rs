//! Accepts sockets, bounds them before anybody has authenticated, speaks HTTP and hands upgrades to the connection task.
//! Generic over the listener, so that the simulated network runs the same code.

mod patient;

use std::{
    collections::HashMap,
    future::Future,
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::body::Body;
use http::{HeaderMap, Request, Response, header};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use openclaw_auth::origin::host_is_loopback;
use openclaw_websocket::handshake;
use tokio::io::{AsyncRead, AsyncWrite};
use tower::ServiceExt;
use tracing::{debug, warn};

use crate::{
    connection::{self, Attribution, Carried, Door, Peer},
    http as pages,
    settings::Limits,
    state::State,
};
use patient::Patient;

/// Where connections come from.
pub trait Listen: Send + 'static {
    /// A connection.
    type Io: AsyncRead + AsyncWrite + Unpin + Send + 'static;
    /// The next connection. Errors that concern only one connection are the listener's own business.
    fn accept(&mut self) -> impl Future<Output = io::Result<(Self::Io, SocketAddr)>> + Send;
}

impl Listen for tokio::net::TcpListener {
    type Io = tokio::net::TcpStream;

    async fn accept(&mut self) -> io::Result<(Self::Io, SocketAddr)> {
        let (stream, peer) = tokio::net::TcpListener::accept(self).await?;
        // A frame must not wait for the next one.
        let _ = stream.set_nodelay(true);
        Ok((stream, peer))
    }
}

/// Counts sockets that have not authenticated yet, on all listeners together.
#[derive(Debug, Default)]
pub(crate) struct Doorkeeper(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    total: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// A place before authentication; dropping it gives the place back.
#[derive(Debug)]
pub(crate) struct Place {
    doorkeeper: Arc<Doorkeeper>,
    ip: IpAddr,
}

impl Doorkeeper {
    fn enter(self: &Arc<Self>, ip: IpAddr, limits: &Limits) -> Option<Place> {
        // This machine has two loopback addresses and one set of places.
        let ip = if ip.is_loopback() { Ipv4Addr::LOCALHOST.into() } else { ip };
        let most = if ip.is_loopback() { limits.preauth_loopback } else { limits.preauth_per_address };
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let here = counts.by_address.get(&ip).copied().unwrap_or(0);
        if counts.total >= limits.preauth_total || here >= most {
            return None;
        }
        counts.total += 1;
        counts.by_address.insert(ip, here + 1);
        Some(Place { doorkeeper: Arc::clone(self), ip })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.doorkeeper.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.total -= 1;
        if let Some(here) = counts.by_address.get_mut(&self.ip) {
            *here -= 1;
            if *here == 0 {
                counts.by_address.remove(&self.ip);
            }
        }
    }
}

/// Accepts until the gateway stops.
pub(crate) async fn listen<L: Listen>(mut listener: L, door: Door, doorkeeper: Arc<Doorkeeper>, state: Arc<State>) {
    let pages = pages::router(&state);
    loop {
        let accepted = tokio::select! {
            () = state.tasks.stopping() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((io, peer)) => {
                let ip = peer.ip().to_canonical();
                if state.lockdown.keeps_out(ip) {
                    debug!(%ip, "kept out: the gateway is locked down");
                    continue;
                }
                let Some(place) = doorkeeper.enter(ip, &state.limits()) else {
                    state.metrics.preauth_refused.inc();
                    debug!(%ip, "too many sockets before authentication");
                    continue;
                };
                let (serving, pages) = (Arc::clone(&state), pages.clone());
                state.tasks.spawn("http", async move {
                    // Tailscale speaks plain HTTP to its door, and TLS to the world.
                    let tls = serving.tls.as_ref().filter(|_| door == Door::Main);
                    let Some(tls) = tls else { return serve_http(io, (ip, door), place, serving, pages).await };
                    let patience = Duration::from_millis(serving.limits().header_timeout_ms);
                    // Boxed: the state of its handshake is large, and most of a connection's life comes after it.
                    if let Some(stream) = Box::pin(tls.accept(io, patience)).await {
                        Box::pin(serve_http(stream, (ip, door), place, Arc::clone(&serving), pages)).await;
                    }
                });
            }
            Err(error) => {
                // Out of file descriptors, for example: others may end and free some.
                warn!(%error, "could not accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

async fn serve_http<S>(io: S, from: (IpAddr, Door), place: Place, state: Arc<State>, pages: axum::Router)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let place = Arc::new(Mutex::new(Some(place)));
    let stop = state.tasks.stop_token();
    let limits = state.limits();
    let header_timeout = Duration::from_millis(limits.header_timeout_ms);
    // Later than a WebSocket gives up by itself, which says why.
    let io = Patient::new(io, Duration::from_millis(limits.slow_consumer_ms + 5000));
    let service = service_fn(move |request| {
        let (state, pages, place) = (Arc::clone(&state), pages.clone(), Arc::clone(&place));
        async move { answer(request, from, &place, state, pages).await }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(header_timeout)
        .max_buf_size(16 * 1024)
        .max_headers(64)
        .keep_alive(true)
        .half_close(false)
        .serve_connection(TokioIo::new(io), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        result = connection.as_mut() => {
            if let Err(error) = result {
                debug!(%error, "HTTP connection ended");
            }
        }
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            let _ = tokio::time::timeout(Duration::from_secs(2), connection).await;
        }
    }
}

async fn answer(
    mut request: Request<Incoming>,
    (ip, door): (IpAddr, Door),
    place: &Mutex<Option<Place>>,
    state: Arc<State>,
    pages: axum::Router,
) -> Result<Response<Body>, std::convert::Infallible> {
    let peer = peer_of(&request, ip, door, &state);
    let secured = {
        let hsts = state.strict_transport_security(peer.secure);
        move |response| pages::secured_with(response, hsts.as_ref())
    };
    let framing = match pages::framing(&request) {
        Ok(framing) => framing,
        Err(refusal) => return Ok(secured(*refusal)),
    };
    let secured = move |response| framing.over(secured(response));
    if let Err(refusal) = pages::check(&request, &peer) {
        return Ok(secured(*refusal));
    }
    if let Some(why) = state.lockdown.refuses(&peer) {
        return Ok(secured(pages::locked_down(&why)));
    }
    if !handshake::is_wanted(&request) {
        request.extensions_mut().insert(peer);
        let answered = pages.oneshot(request.map(Body::new)).await;
        return Ok(secured(answered.unwrap_or_else(|never| match never {})));
    }
    let accept = match handshake::check(&request) {
        Ok(accept) => accept,
        Err(refusal) => return Ok(secured(refusal.response().map(|()| Body::from(refusal.to_string())))),
    };
    // The place before authentication goes with the socket.
    let place = place.lock().unwrap_or_else(PoisonError::into_inner).take();
    let upgrade = hyper::upgrade::on(&mut request);
    drop(request);
    let serving = Arc::clone(&state);
    state.tasks.spawn("connection", async move {
        match upgrade.await {
            Ok(upgraded) => Box::pin(connection::run(TokioIo::new(upgraded), serving, peer, place)).await,
            Err(error) => debug!(%error, "upgrade failed"),
        }
    });
    Ok(handshake::response(accept).map(|()| Body::empty()))
}

/// Whether a proxy adds this header. One of them without a trusted proxy behind it is as good as a proxy that nobody named.
fn is_of_proxy(name: &str) -> bool {
    matches!(name, "forwarded" | "x-real-ip") || name.starts_with("x-forwarded-") || name.starts_with("tailscale-")
}

/// Whom a request comes from: the socket's peer, or whom the headers of a trusted proxy name.
pub(crate) fn attribution(
    headers: &HeaderMap,
    ip: IpAddr,
    door: Door,
    is_trusted: impl Fn(IpAddr) -> bool,
) -> Attribution {
    let forwarded = headers.keys().any(|name| is_of_proxy(name.as_str()));
    // Tailscale names its client at its own door, and nowhere else.
    let believed = match door {
        Door::Main => is_trusted(ip),
        Door::Tailscale => ip.is_loopback(),
    };
    let named = || {
        let lines = headers.get_all("x-forwarded-for").iter().map(header::HeaderValue::as_bytes);
        openclaw_auth::forwarded::client(lines, &is_trusted)
    };
    match (forwarded, believed) {
        (false, _) if door == Door::Tailscale => Attribution::Unknown,
        (false, _) => Attribution::Direct,
        (true, false) => Attribution::Unknown,
        (true, true) => named().map_or(Attribution::Unknown, Attribution::Proxied),
    }
}

fn peer_of<B>(request: &Request<B>, ip: IpAddr, door: Door, state: &State) -> Peer {
    let text =
        |name: header::HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let host = text(header::HOST);
    let attribution = attribution(request.headers(), ip, door, |ip| state.is_trusted_proxy(ip));
    let direct_loopback =
        ip.is_loopback() && attribution == Attribution::Direct && host.as_deref().is_some_and(host_is_loopback);
    let (attributed, secure) = match attribution {
        Attribution::Proxied(client) => (client, is_forwarded_tls(request)),
        Attribution::Direct | Attribution::Unknown => (ip, state.tls.is_some()),
    };
    let vouches = door == Door::Tailscale || state.active().policy.mode == openclaw_auth::Mode::TrustedProxy;
    let carried = vouches.then(|| {
        let line = |(name, value): (&header::HeaderName, &header::HeaderValue)| {
            let value = std::str::from_utf8(value.as_bytes()).unwrap_or_default();
            // Nothing that authenticates is kept longer than it takes to look at it.
            (*name != header::AUTHORIZATION && *name != header::COOKIE)
                .then(|| (name.as_str().to_owned(), value.to_owned()))
        };
        Arc::new(Carried { door, socket_ip: ip, headers: request.headers().iter().filter_map(line).collect() })
    });
    Peer { ip: attributed, direct_loopback, attribution, origin: origin_of(request), host, secure, carried }
}

/// The page that a request comes from. One that cannot be read, or several, are no allowed page, and never none.
fn origin_of<B>(request: &Request<B>) -> Option<String> {
    let origins = request.headers().get_all(header::ORIGIN).iter();
    let origins: Vec<_> = origins.map(|origin| String::from_utf8_lossy(origin.as_bytes())).collect();
    (!origins.is_empty()).then(|| origins.join(", "))
}

/// Whether a trusted proxy says that the client came to it over TLS.
fn is_forwarded_tls<B>(request: &Request<B>) -> bool {
    let protocol = request.headers().get_all("x-forwarded-proto").iter().next_back();
    let protocol = protocol.and_then(|value| value.to_str().ok()?.rsplit(',').next());
    protocol.is_some_and(|word| ["https", "wss"].iter().any(|tls| word.trim().eq_ignore_ascii_case(tls)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_header_of_a_proxy_asks_for_a_proxy_that_is_trusted() {
        let from = |header: &'static str, ip: &str| {
            let headers =
                HeaderMap::from_iter([(header::HeaderName::from_static(header), "203.0.113.9".parse().unwrap())]);
            attribution(&headers, ip.parse().unwrap(), Door::Main, |ip| ip == IpAddr::from([10, 0, 0, 1]))
        };
        let named = [
            "forwarded",
            "x-real-ip",
            "x-forwarded-for",
            "x-forwarded-host",
            "x-forwarded-port",
            "x-forwarded-user",
            "tailscale-user-login",
        ];
        for header in named {
            assert_eq!(from(header, "127.0.0.1"), Attribution::Unknown, "{header}");
            let client = if header == "x-forwarded-for" {
                Attribution::Proxied([203, 0, 113, 9].into())
            } else {
                Attribution::Unknown
            };
            assert_eq!(from(header, "10.0.0.1"), client, "{header}");
        }
        for header in ["via", "x-forward", "x-real", "user-agent"] {
            assert_eq!(from(header, "127.0.0.1"), Attribution::Direct, "{header}");
        }
    }

    #[test]
    fn both_loopback_addresses_share_their_places() {
        let limits = Limits { preauth_loopback: 2, ..Limits::of(&openclaw_config::Config::default()) };
        let doorkeeper = Arc::new(Doorkeeper::default());
        let [v4, v6, other] = ["127.0.0.1", "::1", "192.0.2.1"].map(|ip| ip.parse::<IpAddr>().unwrap());
        let first = doorkeeper.enter(v4, &limits).unwrap();
        let _second = doorkeeper.enter(v6, &limits).unwrap();
        assert!(doorkeeper.enter(v4, &limits).is_none() && doorkeeper.enter(v6, &limits).is_none());
        let _elsewhere = doorkeeper.enter(other, &limits).unwrap();
        drop(first);
        let _third = doorkeeper.enter(v6, &limits).unwrap();
    }
}
