//! The WebSocket below a connection: dialling, TLS, the upgrade, and reading what comes.

use std::{io, time::Duration};

use futures_util::{Stream, StreamExt};
use http::header::USER_AGENT;
use rustls::pki_types::ServerName;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{
        self, Message, Utf8Bytes,
        client::IntoClientRequest,
        error::ProtocolError,
        protocol::{CloseFrame, WebSocketConfig, frame::coding::CloseCode},
    },
};

use crate::{ConnectError, End, MAX_FRAME_BYTES, Options, Refusal, Stage, Transport, tls};

pub(crate) type Socket = WebSocketStream<Box<dyn Transport>>;

/// How long a closing connection may take to say goodbye.
pub(crate) const GOODBYE: Duration = Duration::from_secs(1);

/// Opens a WebSocket to the gateway, all within `deadlines.connect`.
pub(crate) async fn open(options: &Options) -> Result<Socket, ConnectError> {
    let mut stage = Stage::Dial;
    let after = options.deadlines.connect;
    let opening = open_through(options, &mut stage);
    match timeout(after, opening).await {
        Ok(result) => result,
        Err(_) => Err(ConnectError::Timeout { url: options.url.clone(), stage, after }),
    }
}

async fn open_through(options: &Options, stage: &mut Stage) -> Result<Socket, ConnectError> {
    let url = &options.url;
    let mut stream =
        options.dial.open(url).await.map_err(|source| ConnectError::Unreachable { url: url.clone(), source })?;
    if url.is_secure() {
        *stage = Stage::Tls;
        stream = encrypt(options, stream).await?;
    }
    *stage = Stage::Upgrade;
    let not_a_gateway = |what: String| ConnectError::NotAGateway { url: url.clone(), what };
    let mut request = url
        .request_uri()
        .into_client_request()
        .map_err(|error| not_a_gateway(format!("no request can ask for it: {error}")))?;
    let agent = format!("openclaw-client/{}", openclaw_protocol::VERSION);
    if let Ok(agent) = agent.parse() {
        request.headers_mut().insert(USER_AGENT, agent);
    }
    request.headers_mut().extend(options.headers.clone());
    let config = WebSocketConfig::default()
        // The default of 128 KiB would be most of what an idle connection costs.
        .read_buffer_size(16 * 1024)
        .write_buffer_size(16 * 1024)
        .max_message_size(Some(MAX_FRAME_BYTES))
        .max_frame_size(Some(MAX_FRAME_BYTES));
    match client_async_with_config(request, stream, Some(config)).await {
        Ok((socket, _)) => Ok(socket),
        Err(tungstenite::Error::Http(response)) => {
            let status = response.status();
            let body = response.body().as_deref().unwrap_or_default();
            let body = String::from_utf8_lossy(&body[..body.len().min(200)]);
            let said = format!("HTTP {status} {}", body.lines().next().unwrap_or_default()).trim_end().to_owned();
            Err(match status.as_u16() {
                429 | 502..=504 => ConnectError::Refused {
                    url: url.clone(),
                    refusal: Box::new(Refusal {
                        code: format!("HTTP_{}", status.as_u16()),
                        message: said,
                        retryable: true,
                        ..Refusal::default()
                    }),
                    end: None,
                },
                _ => not_a_gateway(format!("it answered {said}")),
            })
        }
        Err(tungstenite::Error::Io(source)) => {
            Err(ConnectError::Ended { url: url.clone(), stage: Stage::Upgrade, end: broken(&source.into()) })
        }
        Err(error @ tungstenite::Error::Protocol(ProtocolError::HandshakeIncomplete)) => {
            Err(ConnectError::Ended { url: url.clone(), stage: Stage::Upgrade, end: broken(&error) })
        }
        Err(error) => Err(not_a_gateway(format!("it does not answer as a WebSocket server does: {error}"))),
    }
}

async fn encrypt(options: &Options, stream: Box<dyn Transport>) -> Result<Box<dyn Transport>, ConnectError> {
    let url = &options.url;
    let failed = |what: String, fingerprint| ConnectError::Tls { url: url.clone(), what, fingerprint };
    let (config, seen) = tls::configure(&options.tls).map_err(|error| failed(error.to_string(), None))?;
    let name = ServerName::try_from(url.host().to_owned()).map_err(|error| failed(error.to_string(), None))?;
    match TlsConnector::from(config).connect(name, stream).await {
        Ok(stream) => Ok(Box::new(stream)),
        Err(error) => Err(failed(error.to_string(), seen.get().copied())),
    }
}

/// The next frame as text; pings and pongs are answered below and show up only as `None`.
pub(crate) fn text(message: Option<Result<Message, tungstenite::Error>>) -> Result<Option<Utf8Bytes>, End> {
    match message {
        Some(Ok(Message::Text(text))) => Ok(Some(text)),
        Some(Ok(Message::Binary(bytes))) => Ok(Utf8Bytes::try_from(bytes).ok()),
        Some(Ok(Message::Close(frame))) => Err(match frame {
            Some(frame) => End::Closed { code: frame.code.into(), reason: frame.reason.to_string() },
            None => End::Closed { code: 1005, reason: String::new() },
        }),
        Some(Ok(_)) => Ok(None),
        Some(Err(error)) => Err(broken(&error)),
        None => Err(End::Broken { what: "the connection broke off".to_owned() }),
    }
}

/// The next frame of the gateway as text, for the time before the connection has its task.
pub(crate) async fn next_text(
    socket: &mut (impl Stream<Item = Result<Message, tungstenite::Error>> + Unpin),
) -> Result<Utf8Bytes, End> {
    loop {
        if let Some(text) = text(socket.next().await)? {
            return Ok(text);
        }
    }
}

pub(crate) fn broken(error: &tungstenite::Error) -> End {
    let what = match error {
        tungstenite::Error::ConnectionClosed
        | tungstenite::Error::AlreadyClosed
        | tungstenite::Error::Protocol(
            ProtocolError::ResetWithoutClosingHandshake | ProtocolError::HandshakeIncomplete,
        ) => "the connection broke off".to_owned(),
        tungstenite::Error::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            "the connection broke off".to_owned()
        }
        tungstenite::Error::Io(error) => format!("the connection broke: {error}"),
        tungstenite::Error::Capacity(_) => {
            format!("the gateway sent a frame of more than {} MiB", MAX_FRAME_BYTES / 1024 / 1024)
        }
        error => format!("the gateway broke the rules of WebSocket: {error}"),
    };
    End::Broken { what }
}

pub(crate) fn close(code: u16, reason: &'static str) -> Message {
    Message::Close(Some(CloseFrame { code: CloseCode::from(code), reason: reason.into() }))
}
