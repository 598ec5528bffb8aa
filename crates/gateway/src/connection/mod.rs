//! One task per socket: handshake, then requests in and frames out until one side ends.

mod handshake;
mod serve;

use std::{net::IpAddr, sync::Arc, time::Duration};

use openclaw_protocol::close;
use openclaw_websocket::WebSocket;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::{listener::Place, state::State};

/// What the HTTP upgrade told about the peer. Nothing of it is proof.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    /// Address the connection is attributed to.
    pub(crate) ip: IpAddr,
    /// The TCP peer is loopback, nothing was forwarded and the Host is local.
    pub(crate) direct_loopback: bool,
    /// Who says where it comes from.
    pub(crate) attribution: Attribution,
    /// `Origin` header.
    pub(crate) origin: Option<String>,
    /// `Host` header.
    pub(crate) host: Option<String>,
    /// Whether the transport is encrypted.
    pub(crate) secure: bool,
    /// What somebody may vouch for its user with; kept only where the configuration or the door makes use of it.
    pub(crate) carried: Option<Arc<Carried>>,
}

/// Which listener was knocked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    /// One of those that clients are told about.
    Main,
    /// The one that only Tailscale on this machine is told about.
    Tailscale,
}

/// What a request came with, as it stood on the wire.
#[derive(Debug)]
pub(crate) struct Carried {
    pub(crate) door: Door,
    /// The TCP peer itself.
    pub(crate) socket_ip: IpAddr,
    /// Header lines: name in lower case, value. A value that is no text stands here empty.
    pub(crate) headers: Vec<(String, String)>,
}

/// Who says where a connection comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attribution {
    /// The TCP peer itself.
    Direct,
    /// A proxy of `gateway.trustedProxies`, for this client.
    Proxied(IpAddr),
    /// Headers of a proxy that is not trusted, or that name nobody.
    Unknown,
}

/// Speaks the protocol on an upgraded connection until it ends.
pub(crate) async fn run<S: AsyncRead + AsyncWrite + Unpin>(io: S, state: Arc<State>, peer: Peer, place: Option<Place>) {
    let limits = state.limits();
    let mut socket = WebSocket::server(io, &[], limits.preauth_frame_bytes);
    let handshake = Box::pin(handshake::shake(&mut socket, &state, &peer));
    let outcome = tokio::select! {
        biased;
        () = state.tasks.stopping() => Err(handshake::End::close(close::RESTART, "service restart")),
        outcome = tokio::time::timeout(Duration::from_millis(limits.handshake_timeout_ms), handshake) => {
            outcome.unwrap_or_else(|_| Err(handshake::End::close(close::POLICY, "handshake timeout")))
        }
    };
    match outcome {
        Ok(ready) => {
            // Whoever has authenticated no longer counts among the strangers.
            drop(place);
            socket.set_limit(limits.max_payload);
            Box::pin(serve::serve(&mut socket, &state, ready)).await;
        }
        Err(end) => Box::pin(end.tell(&mut socket, Duration::from_millis(limits.close_timeout_ms))).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size<A, B, C, F: Future>(_: impl Fn(A, B, C) -> F) -> usize {
        size_of::<F>()
    }

    #[test]
    fn an_idle_connection_keeps_less_than_two_kibibytes_of_futures() {
        let whole = size(|io: tokio::io::DuplexStream, (state, peer), place| run(io, state, peer, place));
        let serving = serve::future_size();
        assert!(whole + serving <= 2048, "{whole} + {serving} bytes");
    }
}
