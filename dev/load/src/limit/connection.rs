//! One connection of the bare server.

use std::{cell::RefCell, convert::Infallible, io, pin::pin, rc::Rc, time::Duration};

use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn, upgrade::OnUpgrade};
use hyper_util::rt::{TokioIo, TokioTimer};
use openclaw_protocol::{
    frame::{Mirror, Request as Call, event_open, event_tail, ok},
    limits::MAX_PAYLOAD_BYTES,
};
use openclaw_websocket::{Error, Message, WebSocket, handshake};
use serde_json::json;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};

use super::Shared;
use crate::turn::{Turn, now_us};

/// HTTP until the upgrade, then messages until the peer leaves.
pub(super) async fn serve(stream: TcpStream, shared: Rc<Shared>) {
    // Without it, replies wait for the acknowledgement of earlier ones.
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let Some(upgrade) = Box::pin(until_upgrade(stream)).await else { return };
    if let Ok(upgraded) = upgrade.await {
        let socket = WebSocket::server(TokioIo::new(upgraded), &[], MAX_PAYLOAD_BYTES);
        // The only failure is a connection that is gone already.
        let _ = Box::pin(converse(socket, shared)).await;
    }
}

async fn until_upgrade(stream: TcpStream) -> Option<OnUpgrade> {
    let upgrade = RefCell::new(None);
    let service = service_fn(async |request| Ok::<_, Infallible>(answer(request, &upgrade)));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(10))
        .max_buf_size(16 * 1024)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    pin!(connection).await.ok()?;
    upgrade.take()
}

fn answer(mut request: Request<Incoming>, upgrade: &RefCell<Option<OnUpgrade>>) -> Response<String> {
    match handshake::check(&request) {
        Ok(accept) => {
            upgrade.replace(Some(hyper::upgrade::on(&mut request)));
            handshake::response(accept).map(|()| String::new())
        }
        Err(refusal) => refusal.response().map(|()| format!("{refusal}\n")),
    }
}

async fn converse<S: AsyncRead + AsyncWrite + Unpin>(mut socket: WebSocket<S>, shared: Rc<Shared>) -> io::Result<()> {
    let nonce = "00000000-0000-4000-8000-000000000000";
    let challenge = event_open("connect.challenge", &json!({ "nonce": nonce, "ts": now_us() / 1000 }), None);
    socket.queue_text(&[&challenge, event_tail(None, None).as_bytes()]);
    socket.flush().await?;
    match socket.recv().await {
        Ok(Message::Text(text)) => reply(&mut socket, &shared, &text),
        _ => return Ok(()),
    }
    socket.flush().await?;
    let (number, inbox) = shared.subscribe();
    let mut seq = 0;
    let ended = loop {
        socket.release_memory();
        tokio::select! {
            biased;
            message = socket.recv() => match message {
                Ok(Message::Text(text)) => {
                    reply(&mut socket, &shared, &text);
                    if !socket.has_complete_frame() && let Err(error) = socket.flush().await {
                        break Err(error);
                    }
                }
                Ok(_) | Err(Error::Eof) => break Ok(()),
                Err(Error::Protocol { code, reason }) => {
                    socket.close(code, reason).await;
                    break Ok(());
                }
                Err(Error::Io(error)) => break Err(error),
            },
            () = inbox.filled.notified() => {
                while let Some(event) = inbox.events.borrow_mut().pop_front() {
                    seq += 1;
                    socket.queue_text(&[&event, event_tail(Some(seq), None).as_bytes()]);
                }
                if let Err(error) = socket.flush().await {
                    break Err(error);
                }
            }
        }
    };
    shared.unsubscribe(number);
    ended
}

/// Queues the answer to one request.
fn reply<S: AsyncRead + AsyncWrite + Unpin>(socket: &mut WebSocket<S>, shared: &Rc<Shared>, text: &[u8]) {
    let Some(call) = std::str::from_utf8(text).ok().and_then(|text| Call::parse(text).ok()) else { return };
    let payload = match &*call.method {
        "connect" => &shared.hello,
        "health" => &shared.health,
        "sessions.list" => &shared.list,
        "chat.inject" => {
            shared.inject(call.params.map_or(0, |params| params.get().len()));
            &shared.ping
        }
        "chat.send" => {
            if let Some(turn) = call.params.and_then(|params| Turn::find(params.get())) {
                shared.begin_turn(turn);
            }
            &shared.ping
        }
        _ => &shared.ping,
    };
    socket.queue_text(&[&ok(&call.id, payload.as_bytes(), Mirror::No)]);
}
