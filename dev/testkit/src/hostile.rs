//! Connections that misbehave, each in one of many ways, and a storm of them.

mod kinds;

use std::{
    collections::BTreeMap,
    io,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use futures_util::{StreamExt, stream};
use openclaw_core::Secret;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

pub use kinds::KINDS;

/// How far a connection goes before it misbehaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It is connected.
    Tcp,
    /// It is a WebSocket, and nobody yet.
    Upgraded,
    /// It has authenticated.
    Admitted,
}

/// What it does after it has sent something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// Reads what comes, as long as it has patience.
    Reads,
    /// Ends its half and reads.
    Finishes,
    /// Goes away without a word.
    Vanishes,
    /// Reads nothing, as long as it has patience.
    Stalls,
}

/// One way to misbehave.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// What it is called.
    pub name: &'static str,
    /// How far it goes first.
    pub stage: Stage,
    /// What it sends.
    pub bytes: fn() -> Vec<u8>,
    /// Whether it sends byte by byte.
    pub drips: bool,
    /// And then.
    pub then: Then,
}

/// Who is stormed.
#[derive(Clone, Debug)]
pub struct Against {
    /// Where it listens.
    pub address: SocketAddr,
    /// The shared token, for those that get in first.
    pub token: Secret,
    /// How long one of them waits for an end.
    pub patience: Duration,
}

/// How it ended for one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// It was turned away before it could begin.
    TurnedAway,
    /// The other side ended it.
    Closed,
    /// It went by itself.
    Left,
    /// It lost its patience; the other side still waited.
    Held,
}

/// How a storm went: of each kind, how often it ended how.
pub type Told = BTreeMap<&'static str, BTreeMap<End, usize>>;

/// So many connections, so many of them at a time, of all kinds in turn.
pub async fn storm(against: &Against, connections: usize, at_once: usize) -> Told {
    let one = |number: usize| async move {
        let kind = &KINDS[number % KINDS.len()];
        (kind.name, misbehave(kind, against, number).await)
    };
    stream::iter((0..connections).map(one))
        .buffer_unordered(at_once)
        .fold(Told::new(), |mut told, (name, end)| async move {
            *told.entry(name).or_default().entry(end).or_default() += 1;
            told
        })
        .await
}

/// One connection that misbehaves in this way. `number` chooses the address of this machine that it comes from.
pub async fn misbehave(kind: &Kind, against: &Against, number: usize) -> End {
    // Whatever goes wrong once it has begun is the other side's end of it.
    match timeout(against.patience * 4, begun(kind.stage, against, number)).await {
        Ok(Ok(stream)) => go_on(kind, stream, against.patience).await.unwrap_or(End::Closed),
        Ok(Err(_)) | Err(_) => End::TurnedAway,
    }
}

async fn begun(stage: Stage, against: &Against, number: usize) -> io::Result<TcpStream> {
    let mut stream = connected(against.address, number).await?;
    if stage == Stage::Tcp {
        return Ok(stream);
    }
    stream.write_all(&kinds::upgrade(&against.address.to_string(), "")).await?;
    let head = until(&mut stream, b"\r\n\r\n").await?;
    if !head.starts_with(b"HTTP/1.1 101 ") {
        return Err(io::ErrorKind::ConnectionRefused.into());
    }
    if stage == Stage::Admitted {
        stream.write_all(&kinds::text(&kinds::connect(against.token.expose()))).await?;
        until(&mut stream, br#""ok":true"#).await?;
    }
    Ok(stream)
}

async fn connected(address: SocketAddr, number: usize) -> io::Result<TcpStream> {
    let part = |number: usize| u8::try_from(number % 250).unwrap_or_default();
    let from = Ipv4Addr::new(127, 1 + part(number / 62_500), part(number / 250), 1 + part(number));
    let socket = TcpSocket::new_v4()?;
    // Only Linux has all of these addresses; elsewhere they come from one.
    if socket.bind(SocketAddr::from((from, 0))).is_err() {
        return TcpStream::connect(address).await;
    }
    socket.connect(address).await
}

/// Reads up to and with this.
async fn until(stream: &mut TcpStream, end: &[u8]) -> io::Result<Vec<u8>> {
    let mut read = Vec::new();
    while !read.windows(end.len()).any(|part| part == end) {
        if read.len() > 256 * 1024 || stream.read_buf(&mut read).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(read)
}

async fn go_on(kind: &Kind, mut stream: TcpStream, patience: Duration) -> io::Result<End> {
    let bytes = (kind.bytes)();
    let sent = async {
        if kind.drips {
            for byte in &bytes {
                stream.write_all(&[*byte]).await?;
                tokio::time::sleep(patience / 10).await;
            }
            Ok(())
        } else {
            stream.write_all(&bytes).await
        }
    };
    match timeout(patience, sent).await {
        Ok(sent) => sent?,
        Err(_) => return Ok(End::Held),
    }
    match kind.then {
        Then::Vanishes => return Ok(End::Left),
        Then::Stalls => {
            tokio::time::sleep(patience).await;
            return Ok(End::Held);
        }
        Then::Finishes => stream.shutdown().await?,
        Then::Reads => {}
    }
    let mut buffer = vec![0; 16 * 1024];
    let read = async { while stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {} };
    Ok(timeout(patience, read).await.map_or(End::Held, |()| End::Closed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_many_kinds_at_every_stage_and_each_is_one_of_its_own() {
        let names: std::collections::BTreeSet<_> = KINDS.iter().map(|kind| kind.name).collect();
        assert!(names.len() == KINDS.len() && names.len() >= 60, "{}", names.len());
        for stage in [Stage::Tcp, Stage::Upgraded, Stage::Admitted] {
            assert!(KINDS.iter().filter(|kind| kind.stage == stage).count() >= 8, "{stage:?}");
        }
    }
}
