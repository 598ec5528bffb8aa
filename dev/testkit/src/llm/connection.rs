//! One HTTP/1.1 connection, spoken by hand: only so can it break off in the middle of a chunk.

use bytes::{Buf, BytesMut};
use serde_json::{Value, json};
use std::{io, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};

use super::{
    check,
    fake::{Recorded, State},
    plan::{Act, Plan},
    script::Wire,
};

/// The most bytes of a request's head.
const MAX_HEAD: usize = 64 * 1024;
/// The most bytes of a request's body.
const MAX_BODY: usize = 64 * 1024 * 1024;
/// Bytes that are gathered before they are sent, when nothing waits in between.
const GATHERED: usize = 64 * 1024;

/// How a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// Between requests, or by the fake itself.
    Quiet,
    /// By the client, in the middle of an answer.
    Abandoned,
}

pub(super) async fn serve(stream: TcpStream, state: &State, connection: u64) -> Ended {
    let _ = stream.set_nodelay(true);
    let (mut reading, mut writing) = stream.into_split();
    let mut buffer = BytesMut::new();
    loop {
        let Ok(Some(request)) = request(&mut reading, &mut buffer, connection).await else { return Ended::Quiet };
        let plan = answer(state, &request);
        state.record(request);
        tokio::select! {
            sent = send(&mut writing, plan) => match sent {
                Ok(Next::Another) => {}
                Ok(Next::Close) => return Ended::Quiet,
                Err(_) => return Ended::Abandoned,
            },
            () = closed(&mut reading, &mut buffer) => return Ended::Abandoned,
        }
    }
}

/// Resolves when the client closes; what it sends meanwhile is kept for later.
async fn closed(reading: &mut OwnedReadHalf, buffer: &mut BytesMut) {
    while matches!(reading.read_buf(buffer).await, Ok(read) if read > 0) {}
}

async fn request(reading: &mut OwnedReadHalf, buffer: &mut BytesMut, connection: u64) -> io::Result<Option<Recorded>> {
    let end = loop {
        if let Some(end) = buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            break end;
        }
        if buffer.len() > MAX_HEAD || reading.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    };
    let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
    buffer.advance(end + 4);
    let mut lines = head.split("\r\n");
    let mut first = lines.next().unwrap_or_default().split(' ');
    let target = first.nth(1).unwrap_or_default().to_owned();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length: usize = length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
    if length > MAX_BODY {
        return Ok(None);
    }
    while buffer.len() < length {
        if reading.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    }
    let body = serde_json::from_slice(&buffer.split_to(length)).unwrap_or(Value::Null);
    let wire = Wire::at(target.split('?').next().unwrap_or_default());
    Ok(Some(Recorded { wire, connection, target, headers, body }))
}

fn answer(state: &State, request: &Recorded) -> Plan {
    let names = || state.models().into_iter();
    let Some(wire) = request.wire else {
        return match request.target.as_str() {
            "/api/tags" => {
                Plan::json(200, &json!({"models": names().map(|name| json!({"name": name})).collect::<Vec<_>>()}))
            }
            "/v1/models" => {
                let data: Vec<Value> = names().map(|id| json!({"id": id, "object": "model"})).collect();
                Plan::json(200, &json!({"object": "list", "data": data}))
            }
            _ => Plan::json(404, &json!({"error": {"message": "no such path", "type": "not_found_error"}})),
        };
    };
    if let Err(what) = check::key(wire, request, state.required_key().as_deref()) {
        return Plan::refuse(wire, 401, &what);
    }
    if let Err(what) = check::request(wire, request) {
        state.violated(format!("{wire:?}: {what}"));
        return Plan::refuse(wire, 400, &what);
    }
    match state.next_script() {
        Some(script) => Plan::script(wire, &script, request),
        None => Plan::echo(wire, state.settings, request),
    }
}

enum Next {
    Another,
    Close,
}

async fn send(writing: &mut OwnedWriteHalf, plan: Plan) -> io::Result<Next> {
    let mut out = plan.head.into_bytes();
    for act in plan.acts {
        match act {
            Act::Chunk(bytes) => {
                out.extend_from_slice(format!("{:x}\r\n", bytes.len()).as_bytes());
                out.extend_from_slice(&bytes);
                out.extend_from_slice(b"\r\n");
                if out.len() >= GATHERED {
                    flush(writing, &mut out).await?;
                }
            }
            Act::Raw(bytes) => out.extend_from_slice(&bytes),
            Act::Wait(delay) => {
                flush(writing, &mut out).await?;
                tokio::time::sleep(delay).await;
            }
            Act::Stall => {
                flush(writing, &mut out).await?;
                std::future::pending::<()>().await;
            }
            Act::Cut => {
                // Half a chunk.
                out.extend_from_slice(b"ff\r\nda");
                flush(writing, &mut out).await?;
                return Ok(Next::Close);
            }
            Act::Repeat(bytes, every) => loop {
                out.extend_from_slice(format!("{:x}\r\n", bytes.len()).as_bytes());
                out.extend_from_slice(&bytes);
                out.extend_from_slice(b"\r\n");
                flush(writing, &mut out).await?;
                tokio::time::sleep(every.max(Duration::from_millis(1))).await;
            },
        }
    }
    flush(writing, &mut out).await?;
    Ok(Next::Another)
}

async fn flush(writing: &mut OwnedWriteHalf, out: &mut Vec<u8>) -> io::Result<()> {
    writing.write_all(out).await?;
    out.clear();
    Ok(())
}
