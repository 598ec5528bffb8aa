//! Echo server over the same layers as the gateway: hyper's upgrade, this crate's handshake and framing.
//!
//! `cargo run -p openclaw-websocket --example echo -- 9001` serves `ws://127.0.0.1:9001`. The Autobahn test suite runs
//! against it.

use hyper::{Request, Response, body::Incoming, service::service_fn, upgrade::OnUpgrade};
use hyper_util::rt::{TokioIo, TokioTimer};
use openclaw_websocket::{Error, Message, WebSocket, handshake};
use std::{convert::Infallible, error, io, pin::pin, sync::Mutex, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

/// Room for the biggest messages of the Autobahn suite (16 MiB).
const LIMIT: usize = 25 * 1024 * 1024;
/// Connections served at once.
const CONNECTIONS: usize = 1024;

#[tokio::main]
async fn main() -> Result<(), Box<dyn error::Error>> {
    let port: u16 = std::env::args().nth(1).ok_or("give the port to listen on")?.parse()?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if connections.len() < CONNECTIONS => {
                connections.spawn(serve(accepted?.0));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Serves one TCP connection: HTTP until the upgrade, then echoes.
async fn serve(stream: TcpStream) {
    let upgrade = Mutex::new(None);
    let service = service_fn(async |request| Ok::<_, Infallible>(answer(request, &upgrade)));
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(10))
        .max_buf_size(16 * 1024)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    if pin!(connection).await.is_err() {
        return;
    }
    let Some(upgrade) = upgrade.into_inner().ok().flatten() else { return };
    if let Ok(upgraded) = upgrade.await {
        // The only failure is a connection that is gone already.
        let _ = echo(WebSocket::server(TokioIo::new(upgraded), &[], LIMIT)).await;
    }
}

fn answer(mut request: Request<Incoming>, upgrade: &Mutex<Option<OnUpgrade>>) -> Response<String> {
    match handshake::check(&request) {
        Ok(accept) => {
            if let Ok(mut slot) = upgrade.lock() {
                *slot = Some(hyper::upgrade::on(&mut request));
            }
            handshake::response(accept).map(|()| String::new())
        }
        Err(refusal) => refusal.response().map(|()| format!("{refusal}\n")),
    }
}

async fn echo<S: AsyncRead + AsyncWrite + Unpin>(mut socket: WebSocket<S>) -> io::Result<()> {
    loop {
        match socket.recv().await {
            Ok(Message::Text(text)) => socket.queue_text(&[&text]),
            Ok(Message::Binary(bytes)) => socket.queue_binary(&[&bytes]),
            Ok(Message::Close(frame)) => {
                socket.close(frame.map_or(1005, |frame| frame.code), "").await;
                return Ok(());
            }
            Err(Error::Protocol { code, reason }) => {
                socket.close(code, reason).await;
                socket.linger().await;
                return Ok(());
            }
            Err(Error::Eof) => return Ok(()),
            Err(Error::Io(error)) => return Err(error),
        }
        if !socket.has_complete_frame() {
            socket.flush().await?;
        }
    }
}
