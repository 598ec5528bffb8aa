//! The client's end of a WebSocket connection, made to cost less than the server's end.
//!
//! Requests are masked with a fixed key and leave in batches; replies are cut out of one buffer. Loopback only: nothing
//! here defends itself against a hostile server beyond a bound on the frame length.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use bytes::{Buf, Bytes, BytesMut};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// Longest a server may take for any one answer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// Longest frame that is read, bytes.
const LONGEST_FRAME: usize = 32 * 1024 * 1024;
/// Longest answer to the upgrade request, bytes.
const LONGEST_HEAD: usize = 16 * 1024;
/// Room made before each read, bytes.
const READ: usize = 8 * 1024;
/// Masking is asked of clients to confuse proxies; on loopback any key does.
const MASK: [u8; 4] = [0x5a, 0xc3, 0x17, 0xe9];

/// An open connection.
pub(crate) struct Wire {
    stream: TcpStream,
    input: BytesMut,
    output: Vec<u8>,
}

impl Wire {
    /// Upgrades a connection.
    pub(crate) async fn open(stream: TcpStream) -> Result<Self> {
        stream.set_nodelay(true)?;
        let address = stream.peer_addr()?;
        let mut wire = Self { stream, input: BytesMut::new(), output: Vec::new() };
        let request = format!(
            "GET / HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: bG9hZC10b29sLWNsaWVudA==\r\n\r\n"
        );
        wire.output.extend_from_slice(request.as_bytes());
        wire.flush().await?;
        loop {
            if let Some(end) = wire.input.windows(4).position(|four| four == b"\r\n\r\n") {
                let head = wire.input.split_to(end + 4);
                let status =
                    String::from_utf8_lossy(head.as_ref().split(|&byte| byte == b'\r').next().unwrap_or_default());
                ensure!(status.starts_with("HTTP/1.1 101"), "the server refused the upgrade: {status}");
                return Ok(wire);
            }
            ensure!(wire.input.len() < LONGEST_HEAD, "the answer to the upgrade has no end");
            wire.read().await.context("while waiting for the answer to the upgrade")?;
        }
    }

    /// Adds one text frame to what [`flush`](Self::flush) sends.
    pub(crate) fn queue(&mut self, text: &[u8]) {
        self.queue_frame(0x81, text);
    }

    fn queue_frame(&mut self, first: u8, payload: &[u8]) {
        self.output.push(first);
        match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
            (Ok(length), _) if length < 126 => self.output.push(0x80 | length),
            (_, Ok(length)) => {
                self.output.push(0x80 | 126);
                self.output.extend_from_slice(&length.to_be_bytes());
            }
            _ => {
                self.output.push(0x80 | 127);
                self.output.extend_from_slice(&(payload.len() as u64).to_be_bytes());
            }
        }
        self.output.extend_from_slice(&MASK);
        let start = self.output.len();
        self.output.extend_from_slice(payload);
        for (index, byte) in self.output[start..].iter_mut().enumerate() {
            *byte ^= MASK[index % 4];
        }
    }

    /// Sends everything queued with one write.
    pub(crate) async fn flush(&mut self) -> Result<()> {
        self.stream.write_all(&self.output).await?;
        self.output.clear();
        Ok(())
    }

    /// Queues and sends one text frame.
    pub(crate) async fn send(&mut self, text: &[u8]) -> Result<()> {
        self.queue(text);
        self.flush().await
    }

    /// The next text frame, however long it takes.
    pub(crate) async fn next(&mut self) -> Result<Bytes> {
        loop {
            if let Some(frame) = self.buffered()? {
                return Ok(frame);
            }
            if !self.output.is_empty() {
                self.flush().await?;
            }
            self.read().await?;
        }
    }

    /// The next text frame, within [`PATIENCE`].
    pub(crate) async fn next_soon(&mut self) -> Result<Bytes> {
        timeout(PATIENCE, self.next()).await.context("the server did not answer in time")?
    }

    /// The next text frame if it has arrived already.
    pub(crate) fn buffered(&mut self) -> Result<Option<Bytes>> {
        loop {
            let Some((header, length)) = self.frame_size()? else { return Ok(None) };
            if self.input.len() < header + length {
                return Ok(None);
            }
            let first = self.input[0];
            self.input.advance(header);
            let payload = self.input.split_to(length).freeze();
            match first {
                0x81 => return Ok(Some(payload)),
                // Pings are answered, because a silent connection is closed; the answer leaves with the next write.
                0x89 => self.queue_frame(0x8a, &payload),
                0x8a => {}
                0x88 => {
                    let code = payload.get(..2).map_or(1005, |code| u16::from_be_bytes([code[0], code[1]]));
                    let reason = String::from_utf8_lossy(payload.get(2..).unwrap_or_default()).into_owned();
                    bail!("the server closed the connection: {code} {reason}");
                }
                other => bail!("the server sent a frame that begins with {other:#04x}"),
            }
        }
    }

    /// Lengths of header and payload of the first frame in the buffer, once its header is there.
    fn frame_size(&self) -> Result<Option<(usize, usize)>> {
        let input = &self.input[..];
        let Some(&second) = input.get(1) else { return Ok(None) };
        let size = match second {
            0..=125 => (2, usize::from(second)),
            126 => match input.get(2..4) {
                Some(length) => (4, usize::from(u16::from_be_bytes([length[0], length[1]]))),
                None => return Ok(None),
            },
            127 => match input.get(2..10).and_then(|length| length.try_into().ok()) {
                Some(length) => (10, usize::try_from(u64::from_be_bytes(length))?),
                None => return Ok(None),
            },
            _ => bail!("the server masked a frame"),
        };
        ensure!(size.1 <= LONGEST_FRAME, "the server sent a frame of {} bytes", size.1);
        Ok(Some(size))
    }

    async fn read(&mut self) -> Result<()> {
        self.input.reserve(READ);
        let read = self.stream.read_buf(&mut self.input).await?;
        ensure!(read > 0, "the server ended the connection");
        Ok(())
    }

    /// Gives back the buffers of a connection that will be idle.
    pub(crate) fn idle(&mut self) {
        if self.input.is_empty() {
            self.input = BytesMut::new();
        }
        self.output = Vec::new();
    }
}

/// The number a reply answers to, when the frame is a reply to a numbered request.
pub(crate) fn reply_to(frame: &[u8]) -> Option<u64> {
    let rest = frame.strip_prefix(br#"{"type":"res","id":""#)?;
    let end = rest.iter().position(|&byte| byte == b'"')?;
    std::str::from_utf8(&rest[..end]).ok()?.parse().ok()
}

/// Whether the frame is an event of this name.
pub(crate) fn is_event(frame: &[u8], name: &str) -> bool {
    frame
        .strip_prefix(br#"{"type":"event","event":""#)
        .and_then(|rest| rest.strip_prefix(name.as_bytes()))
        .is_some_and(|rest| rest.first() == Some(&b'"'))
}

/// Whether a reply says that it went well; only the members before the payload are looked at.
pub(crate) fn is_ok(frame: &[u8]) -> bool {
    frame[..frame.len().min(320)].windows(9).any(|nine| nine == br#""ok":true"#)
}

#[cfg(test)]
mod tests;
