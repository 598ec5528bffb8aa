//! The ways to misbehave.

use super::{Kind, Stage, Then};
use Stage::{Admitted, Tcp, Upgraded};
use Then::{Finishes, Reads, Stalls, Vanishes};

const fn kind(name: &'static str, stage: Stage, then: Then, bytes: fn() -> Vec<u8>) -> Kind {
    Kind { name, stage, bytes, drips: false, then }
}

const fn slow(name: &'static str, stage: Stage, bytes: fn() -> Vec<u8>) -> Kind {
    Kind { name, stage, bytes, drips: true, then: Reads }
}

/// All of them.
pub const KINDS: &[Kind] = &[
    // Before HTTP, and HTTP.
    kind("noise", Tcp, Reads, || {
        (0..2048_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 13).to_le_bytes()[0]).collect()
    }),
    kind("nothing, and half-closed", Tcp, Finishes, Vec::new),
    kind("nothing, and gone", Tcp, Vanishes, Vec::new),
    kind("nothing, and stays", Tcp, Reads, Vec::new),
    kind("a TLS hello", Tcp, Reads, || [&[22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3][..], &[7; 505]].concat()),
    kind("another protocol's banner", Tcp, Reads, || b"SSH-2.0-OpenSSH_9.9\r\n".to_vec()),
    kind("HTTP 0.9", Tcp, Reads, || b"GET /\r\n\r\n".to_vec()),
    kind("HTTP 2", Tcp, Reads, || b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00".to_vec()),
    kind("a version that is none", Tcp, Reads, || b"GET / HTTP/9.7\r\nHost: localhost\r\n\r\n".to_vec()),
    kind("a method that is none", Tcp, Reads, || request("G\u{7f}T / HTTP/1.1", "Host: localhost\r\n", "")),
    kind("a header without a colon", Tcp, Reads, || request("GET / HTTP/1.1", "Host: localhost\r\nnonsense\r\n", "")),
    kind("a header with a zero", Tcp, Reads, || request("GET / HTTP/1.1", "Host: localhost\r\nX: a\0b\r\n", "")),
    kind("lone carriage returns", Tcp, Reads, || b"GET / HTTP/1.1\rHost: localhost\r\r".to_vec()),
    kind("a folded header", Tcp, Reads, || request("GET / HTTP/1.1", "Host: localhost\r\nX: a\r\n b\r\n", "")),
    kind("two hosts", Tcp, Reads, || request("GET / HTTP/1.1", "Host: localhost\r\nHost: evil.example\r\n", "")),
    kind("no host", Tcp, Reads, || request("GET / HTTP/1.1", "", "")),
    kind("another's host", Tcp, Reads, || request("GET / HTTP/1.1", "Host: evil.example\r\n", "")),
    kind("another's address", Tcp, Reads, || {
        request("GET http://evil.example/ HTTP/1.1", "Host: evil.example\r\n", "")
    }),
    kind("two lengths", Tcp, Reads, || {
        request("POST /rpc/health HTTP/1.1", "Host: localhost\r\nContent-Length: 2\r\nContent-Length: 3\r\n", "{}")
    }),
    kind("a length and chunks", Tcp, Reads, || {
        request(
            "POST /rpc/health HTTP/1.1",
            "Host: localhost\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n",
            "0\r\n\r\n",
        )
    }),
    kind("a length below zero", Tcp, Reads, || {
        request("POST /rpc/health HTTP/1.1", "Host: localhost\r\nContent-Length: -1\r\n", "{}")
    }),
    kind("chunks of no size", Tcp, Reads, || {
        request("POST /rpc/health HTTP/1.1", "Host: localhost\r\nTransfer-Encoding: chunked\r\n", "zz\r\n{}\r\n")
    }),
    kind("a thousand headers", Tcp, Reads, || {
        let many: String = (0..1000).map(|at| format!("X-{at}: y\r\n")).collect();
        request("GET / HTTP/1.1", &format!("Host: localhost\r\n{many}"), "")
    }),
    kind("a header of 64 KiB", Tcp, Reads, || {
        request("GET / HTTP/1.1", &format!("Host: localhost\r\nX: {}\r\n", "y".repeat(65_536)), "")
    }),
    kind("a path of 64 KiB", Tcp, Reads, || {
        request(&format!("GET /{} HTTP/1.1", "y".repeat(65_536)), "Host: localhost\r\n", "")
    }),
    kind("a path that leads out", Tcp, Reads, || {
        request("GET /../../../../etc/passwd HTTP/1.1", "Host: localhost\r\nConnection: close\r\n", "")
    }),
    kind("a forged origin of the request", Tcp, Reads, || {
        request("GET / HTTP/1.1", "Host: localhost\r\nX-Forwarded-For: 127.0.0.1\r\nConnection: close\r\n", "")
    }),
    kind("a call of a stranger", Tcp, Reads, || {
        request("POST /rpc/health HTTP/1.1", "Host: localhost\r\nContent-Length: 2\r\nConnection: close\r\n", "{}")
    }),
    kind("a call with a wrong token", Tcp, Reads, || {
        let head = "Host: localhost\r\nAuthorization: Bearer guessed-guessed-guessed\r\nContent-Length: 2\r\nConnection: close\r\n";
        request("POST /rpc/health HTTP/1.1", head, "{}")
    }),
    kind("a body that does not come", Tcp, Finishes, || {
        request("POST /rpc/health HTTP/1.1", "Host: localhost\r\nContent-Length: 104857600\r\n", "{")
    }),
    kind("a request cut in the middle", Tcp, Finishes, || b"GET / HTTP/1.1\r\nHost: loc".to_vec()),
    kind("a head without an end", Tcp, Stalls, || b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ".to_vec()),
    slow("a head that drips", Tcp, || b"GET / HTTP/1.1\r\nHost: localhost\r\n".to_vec()),
    kind("a thousand requests at once", Tcp, Vanishes, || {
        request("GET /health HTTP/1.1", "Host: localhost\r\n", "").repeat(1000)
    }),
    // Upgrades that are none.
    kind("an upgrade without a key", Tcp, Reads, || {
        request(
            "GET / HTTP/1.1",
            "Host: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n",
            "",
        )
    }),
    kind("an upgrade of an old version", Tcp, Reads, || {
        let head = "Host: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        request("GET / HTTP/1.1", head, "")
    }),
    kind("an upgrade with a key that is none", Tcp, Reads, || {
        let head = "Host: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ???\r\n";
        request("GET / HTTP/1.1", head, "")
    }),
    kind("an upgrade from a page elsewhere", Tcp, Reads, || upgrade("localhost", "Origin: https://evil.example\r\n")),
    kind("an upgrade, and gone", Tcp, Vanishes, || upgrade("localhost", "")),
    // Frames of nobody.
    kind("a frame without a mask", Upgraded, Reads, || vec![0x81, 2, b'{', b'}']),
    kind("a frame of no kind", Upgraded, Reads, || frame(0x83, b"{}")),
    kind("a control frame of no kind", Upgraded, Reads, || frame(0x8b, b"")),
    kind("a reserved bit", Upgraded, Reads, || frame(0xc1, b"{}")),
    kind("a frame of eight exbibytes", Upgraded, Reads, || {
        [&[0x81, 0xff][..], &[0x7f], &[0xff; 7], &[1, 2, 3, 4]].concat()
    }),
    kind("a length with its highest bit", Upgraded, Reads, || [&[0x81, 0xff][..], &[0xff; 8], &[1, 2, 3, 4]].concat()),
    kind("a frame too long for a stranger", Upgraded, Reads, || text(&"x".repeat(65_537))),
    kind("a continuation of nothing", Upgraded, Reads, || frame(0x80, b"{}")),
    kind("a message within a message", Upgraded, Reads, || [frame(0x01, b"{"), frame(0x81, b"{}")].concat()),
    kind("a ping in parts", Upgraded, Reads, || frame(0x09, b"x")),
    kind("a ping too long", Upgraded, Reads, || frame(0x89, &[b'x'; 126])),
    kind("a text that is none", Upgraded, Reads, || frame(0x81, &[0xff, 0xfe, 0xc0, 0x80])),
    kind("a close of one byte", Upgraded, Reads, || frame(0x88, &[3])),
    kind("a close with a code that is none", Upgraded, Reads, || frame(0x88, &999_u16.to_be_bytes())),
    kind("ten thousand fragments", Upgraded, Reads, || [frame(0x01, b"{"), frame(0x00, b" ").repeat(10_000)].concat()),
    kind("a flood of pings", Upgraded, Vanishes, || frame(0x89, b"x").repeat(2000)),
    kind("what is no JSON", Upgraded, Reads, || text("hello?")),
    kind("JSON that is no frame", Upgraded, Reads, || text("[1,2,3]")),
    kind("sixty thousand brackets", Upgraded, Reads, || text(&"[".repeat(60_000))),
    kind("deep objects", Upgraded, Reads, || text(&r#"{"a":"#.repeat(9_000))),
    kind("ten thousand keys", Upgraded, Reads, || {
        let many: String = (0..5_000).map(|at| format!(r#""k{at}":1,"#)).collect();
        text(&format!(r#"{{"type":"req",{many}"id":"1","method":"connect"}}"#))
    }),
    kind("bytes in the place of text", Upgraded, Reads, || frame(0x82, &[0, 1, 2, 3])),
    kind("a call before it is anybody", Upgraded, Reads, || text(r#"{"type":"req","id":"1","method":"health"}"#)),
    kind("a wrong token", Upgraded, Reads, || text(&connect("guessed-guessed-guessed-guessed"))),
    kind("no credential", Upgraded, Reads, || text(&connect("x").replace(r#","auth":{"token":"x"}"#, ""))),
    kind("a version that nobody speaks", Upgraded, Reads, || text(&connect("x").replace(":4", ":400"))),
    kind("a number that is none", Upgraded, Reads, || text(&connect("x").replace(":4", ":1e400"))),
    kind("half of a character", Upgraded, Reads, || text(&connect(r"\ud800"))),
    kind("a key with a meaning elsewhere", Upgraded, Reads, || {
        text(&connect("x").replace(r#""role""#, r#""__proto__":{"admin":true},"role""#))
    }),
    kind("silence", Upgraded, Stalls, Vec::new),
    kind("half a frame, and half-closed", Upgraded, Finishes, || text(&connect("x"))[..40].to_vec()),
    slow("a frame that drips", Upgraded, || text(r#"{"type":"req"}"#)),
    // Those who got in.
    kind("a second connect", Admitted, Reads, || text(&connect("x"))),
    kind("a frame too long for anybody", Admitted, Reads, || {
        [&[0x81, 0xff][..], &26_214_401_u64.to_be_bytes(), &[1, 2, 3, 4]].concat()
    }),
    kind("a megabyte without an end", Admitted, Vanishes, || text(&"x".repeat(1 << 20))[..1 << 19].to_vec()),
    kind("methods that are none", Admitted, Reads, || {
        (0..50).flat_map(|at| text(&format!(r#"{{"type":"req","id":"{at}","method":"no.such.{at}"}}"#))).collect()
    }),
    kind("a thousand calls at once", Admitted, Vanishes, || {
        (0..1000).flat_map(|at| text(&format!(r#"{{"type":"req","id":"{at}","method":"health"}}"#))).collect()
    }),
    kind("one id for everything", Admitted, Reads, || {
        text(r#"{"type":"req","id":"1","method":"agent.wait","params":{"runId":"none","timeoutMs":60000}}"#).repeat(20)
    }),
    kind("asks much and reads nothing", Admitted, Stalls, || {
        (0..200).flat_map(|at| text(&format!(r#"{{"type":"req","id":"{at}","method":"config.schema"}}"#))).collect()
    }),
    kind("parameters of every wrong kind", Admitted, Reads, || {
        ["null", "[]", "1", "\"x\"", r#"{"key":[]}"#, r#"{"key":"../../x"}"#, r#"{"key":"\u0000"}"#]
            .iter()
            .flat_map(|params| text(&format!(r#"{{"type":"req","id":"1","method":"chat.history","params":{params}}}"#)))
            .collect()
    }),
    kind("an answer to nothing", Admitted, Reads, || text(r#"{"type":"res","id":"1","ok":true,"payload":{}}"#)),
    kind("an event of its own", Admitted, Reads, || text(r#"{"type":"event","event":"shutdown","payload":{}}"#)),
    kind("gone without a goodbye", Admitted, Vanishes, Vec::new),
];

fn request(line: &str, head: &str, body: &str) -> Vec<u8> {
    format!("{line}\r\n{head}\r\n{body}").into_bytes()
}

/// A request for an upgrade.
pub(super) fn upgrade(host: &str, more: &str) -> Vec<u8> {
    let head = format!(
        "Host: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{more}"
    );
    request("GET / HTTP/1.1", &head, "")
}

/// The frame that begins a session.
pub(super) fn connect(token: &str) -> String {
    format!(
        r#"{{"type":"req","id":"connect","method":"connect","params":{{"minProtocol":4,"maxProtocol":4,"client":{{"id":"cli","version":"1.0.0","platform":"linux","mode":"cli"}},"role":"operator","scopes":["operator.admin"],"auth":{{"token":"{token}"}}}}}}"#
    )
}

/// A text as clients send it.
pub(super) fn text(text: &str) -> Vec<u8> {
    frame(0x81, text.as_bytes())
}

/// A frame that begins with this byte, masked.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    const MASK: [u8; 4] = [0x5a, 0xc3, 0x17, 0xe9];
    let mut bytes = vec![first];
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(length), _) if length < 126 => bytes.push(0x80 | length),
        (_, Ok(length)) => {
            bytes.push(0xfe);
            bytes.extend(length.to_be_bytes());
        }
        _ => {
            bytes.push(0xff);
            bytes.extend(u64::try_from(payload.len()).unwrap_or(u64::MAX).to_be_bytes());
        }
    }
    bytes.extend(MASK);
    bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}
