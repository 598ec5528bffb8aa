//! Requests that two programs in a row could read in two ways (T26): none does anything, and what hides in one is never answered.

use std::{fmt::Write, time::Duration};

use futures_util::future::join_all;
use openclaw_testkit::gateway::{TOKEN, TestGateway};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Sockets at the same time; fewer than there may be before authentication.
const AT_ONCE: usize = 40;
/// How long nothing must come before an answer counts as all there is.
const QUIET: Duration = Duration::from_millis(400);

/// What must become of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// Its head cannot be trusted: refused before anything looks at it.
    Refused,
    /// It may be answered as what it is, and ends its connection.
    Last,
    /// Its body goes on, so what hides behind it is a part of that: nothing is said before the rest has come.
    Unfinished,
}

#[derive(Debug)]
struct Attack {
    bytes: Vec<u8>,
    fate: Fate,
}

/// A change that a credential of the gateway would make.
fn change(label: &str) -> (String, String) {
    let body = json!({ "key": "main", "label": label }).to_string();
    let head = format!("Host: HOST\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\n");
    (head, body)
}

/// What hides behind, or within, the first request.
fn hidden() -> String {
    let (head, body) = change("smuggled");
    format!("POST /rpc/sessions.patch HTTP/1.1\r\n{head}Content-Length: {}\r\n\r\n{body}", body.len())
}

/// Lines about the length of a body that contradict each other or the grammar, given the length that the body has.
fn lengths(len: usize) -> Vec<(Fate, String)> {
    let (mut all, mut last) = (Vec::new(), Vec::new());
    let chunked = [
        "Transfer-Encoding: chunked",
        "transfer-encoding: chunked",
        "TRANSFER-ENCODING: CHUNKED",
        "Transfer-Encoding:chunked",
        "Transfer-Encoding:\tchunked",
        "Transfer-Encoding:  chunked  ",
        "Transfer-Encoding: chunked\t",
        "Transfer-Encoding: Chunked",
    ];
    // Both ways to say how long it is, in both orders.
    for coding in chunked {
        for length in [format!("Content-Length: {len}"), "Content-Length: 0".to_owned(), "content-length: 6".to_owned()]
        {
            // The library forgets a length beside a coding; what the coding says holds then, and nothing may follow (RFC 9112 §6.3).
            last.push(format!("{length}\r\n{coding}\r\n"));
            last.push(format!("{coding}\r\n{length}\r\n"));
        }
    }
    // Codings that are none, or not the last, or hidden from one reader.
    for coding in [
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunkedx",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: identity",
        "Transfer-Encoding: identity, chunked",
        "Transfer-Encoding: gzip",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: chunked, chunked",
        "Transfer-Encoding: chunked;q=1",
        "Transfer-Encoding: \"chunked\"",
        "Transfer-Encoding: ,chunked",
        "Transfer-Encoding: chunked,",
        "Transfer-Encoding:",
        "Transfer-Encoding: \u{b}chunked",
        "Transfer-Encoding: \u{0}chunked",
        "Transfer-Encoding: chun\u{0}ked",
        "Transfer-Encoding: chunked\u{0}",
        "Transfer-Encoding: ch\u{fc}nked",
        "Transfer-Encoding : chunked",
        "Transfer-Encoding\t: chunked",
        "\u{0}Transfer-Encoding: chunked",
        "Transfer\u{0}-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding:\r\n chunked",
        "Transfer-Encoding: chunked\r\n , identity",
        "X: 1\r\n Transfer-Encoding: chunked",
        " Transfer-Encoding: chunked",
        "\tTransfer-Encoding: chunked",
        "Transfer-Encoding",
        ": chunked",
        "X: a\rTransfer-Encoding: chunked",
    ] {
        all.push(format!("Content-Length: {len}\r\n{coding}\r\n"));
        all.push(format!("{coding}\r\nContent-Length: {len}\r\n"));
    }
    // Lengths that are none, or two.
    for length in [
        "-1",
        "+5",
        "0x5",
        "5.0",
        "5e0",
        "5 5",
        "5, 5",
        "5,6",
        "0, 5",
        "five",
        "",
        " ",
        "1_0",
        "0b1",
        "5;",
        "\"5\"",
        "5\u{0}",
        "\u{b}5",
        "5 \u{b}",
        "18446744073709551616",
        "99999999999999999999999999",
        "-0",
        "٥",
        "５",
        "5\r\n 6",
        "5\r6",
    ] {
        all.push(format!("Content-Length: {length}\r\n"));
    }
    for (one, other) in [("0", "200"), ("200", "0"), ("5", "6"), ("1", "2"), ("0", "1"), ("10", "-10"), ("3", "")] {
        all.push(format!("Content-Length: {one}\r\nContent-Length: {other}\r\n"));
        all.push(format!("content-length: {one}\r\nContent-Length: {other}\r\n"));
    }
    for name in [
        "Content-Length ",
        "Content-Length\t",
        " Content-Length",
        "\tContent-Length",
        "Content-Length\u{0}",
        "Content Length",
    ] {
        all.push(format!("{name}: {len}\r\n"));
    }
    let fated = |fate: Fate| move |lines: String| (fate, lines);
    all.into_iter().map(fated(Fate::Refused)).chain(last.into_iter().map(fated(Fate::Last))).collect()
}

/// Heads that are wrong elsewhere: line, `Host`, names of headers, folded lines.
fn heads() -> Vec<String> {
    let (head, body) = change("outer");
    let len = format!("Content-Length: {}\r\n", body.len());
    let mut all = Vec::new();
    for line in [
        "POST /rpc/sessions.patch HTTP/1.1 ",
        "POST  /rpc/sessions.patch HTTP/1.1",
        "POST /rpc/sessions.patch  HTTP/1.1",
        "POST /rpc/sessions.patch HTTP/1.1\u{0}",
        "POST /rpc/sessions.patch\u{0} HTTP/1.1",
        "POST\t/rpc/sessions.patch HTTP/1.1",
        "POST /rpc/sessions.patch HTTP/9.9",
        "POST /rpc/sessions.patch HTTP/1.10",
        "POST /rpc/sessions.patch http/1.1",
        "POST /rpc/sessions.patch HTTP/2.0",
        "POST /rpc/sessions.patch",
        "P\u{0}ST /rpc/sessions.patch HTTP/1.1",
        "PO(ST /rpc/sessions.patch HTTP/1.1",
        "POST /rpc/sessions.patch HTTP /1.1",
        "POST /rpc/sessions.patch HTTP/1.1 X: 1",
        " POST /rpc/sessions.patch HTTP/1.1",
        "POST /rpc/sessions.patch\r HTTP/1.1",
        "POST http://evil.example/rpc/sessions.patch HTTP/1.1",
        "POST http://HOST@evil.example/rpc/sessions.patch HTTP/1.1",
        "POST http://evil.example@HOST/rpc/sessions.patch HTTP/1.1",
    ] {
        all.push(format!("{line}\r\n{head}{len}\r\n{body}"));
    }
    let line = "POST /rpc/sessions.patch HTTP/1.1\r\n";
    let plain = head.replace("Host: HOST\r\n", "");
    for host in [
        "Host: HOST\r\nHost: HOST\r\n",
        "Host: HOST\r\nHost: evil.example\r\n",
        "Host: evil.example\r\nHost: HOST\r\n",
        "Host: HOST\r\nhost: 127.0.0.1\r\n",
        "",
        "Host : HOST\r\n",
        "Host: HOST, evil.example\r\n",
        "Host: evil.example@HOST\r\n",
        "Host: HOST/evil\r\n",
        "Host: HOST evil.example\r\n",
        "Host: HOST\u{0}\r\n",
        "Host:\r\n",
        "Host:\r\n HOST\r\n",
    ] {
        all.push(format!("{line}{host}{plain}{len}\r\n{body}"));
    }
    for bad in [
        "X: a\r\n folded\r\n",
        "X: a\r\n\tfolded\r\n",
        "X-Forwarded-For: 1.2.3.4\r\n , 127.0.0.1\r\n",
        "X\u{0}: a\r\n",
        "X: a\u{0}b\r\n",
        "X: a\rb\r\n",
        "X : a\r\n",
        "X\t: a\r\n",
        "X Y: a\r\n",
        "(X): a\r\n",
        "X@Y: a\r\n",
        "X\u{fc}: a\r\n",
        ": a\r\n",
        "no colon\r\n",
        "\r X: a\r\n",
        "X: \u{7f}\r\n",
        "X: \u{1}\r\n",
        "X: \u{8}\r\n",
    ] {
        all.push(format!("{line}{bad}{head}{len}\r\n{body}"));
        all.push(format!("{line}{head}{len}{bad}\r\n{body}"));
    }
    all
}

/// Bodies whose chunks are none.
fn chunks() -> Vec<String> {
    let body = json!({ "key": "main", "label": "outer" }).to_string();
    let (size, hidden) = (body.len(), hidden());
    let whole = format!("{size:x}\r\n{body}\r\n");
    vec![
        format!("0x{size:x}\r\n{body}\r\n0\r\n\r\n"),
        format!("+{size:x}\r\n{body}\r\n0\r\n\r\n"),
        format!("-{size:x}\r\n{body}\r\n0\r\n\r\n"),
        format!(" {size:x}\r\n{body}\r\n0\r\n\r\n"),
        format!("\r\n{size:x}\r\n{body}\r\n0\r\n\r\n"),
        format!("{size:x}\r{body}\r\n0\r\n\r\n"),
        format!("{size:x}\u{0}\r\n{body}\r\n0\r\n\r\n"),
        format!("zz\r\n{body}\r\n0\r\n\r\n"),
        format!("\r\n{body}\r\n0\r\n\r\n"),
        format!("FFFFFFFFFFFFFFFFF\r\n{body}\r\n0\r\n\r\n"),
        format!("10000000000000000{size:x}\r\n{body}\r\n0\r\n\r\n"),
        format!("{size:x}\r\n{body}0\r\n\r\n"),
        format!("{size:x}\r\n{body}XX0\r\n\r\n"),
        format!("{:x}\r\n{body}\r\n0\r\n\r\n", size - 1),
        format!("{:x}\r\n{body}\r\n0\r\n\r\n", size + 1),
        format!("{size:x},5\r\n{body}\r\n0\r\n\r\n"),
        format!("{size:x} 5\r\n{body}\r\n0\r\n\r\n"),
        format!("{whole}-1\r\n\r\n{hidden}"),
        format!("{whole}\r\n\r\n{hidden}"),
        format!("{whole}0 0\r\n\r\n{hidden}"),
        format!("{whole}0x0\r\n\r\n{hidden}"),
        format!("{whole}zz\r\n\r\n{hidden}"),
        format!("{whole}0\r\nX\u{0}: 1\r\n\r\n{hidden}"),
        format!("{size:x}\r\n{body}\r\n{hidden}"),
    ]
}

fn attacks(host: &str) -> Vec<Attack> {
    let mut all = Vec::new();
    let mut add = |fate, text: String| {
        // Latin-1, so that a byte above 0x7f is one byte on the wire, unless it is a letter of a longer alphabet.
        let latin = text.replace("HOST", host).chars().try_fold(Vec::new(), |mut bytes, c| {
            bytes.push(u8::try_from(u32::from(c)).ok()?);
            Some(bytes)
        });
        all.push(Attack { bytes: latin.unwrap_or_else(|| text.replace("HOST", host).into_bytes()), fate });
    };
    let (head, body) = change("outer");
    let hidden = hidden();
    for target in ["POST /rpc/sessions.patch", "GET /health"] {
        for (fate, lines) in lengths(body.len()) {
            add(fate, format!("{target} HTTP/1.1\r\n{head}{lines}\r\n{body}{hidden}"));
        }
    }
    for (fate, lines) in
        lengths(body.len()).into_iter().filter(|(_, lines)| lines.to_ascii_lowercase().contains("chunked"))
    {
        add(fate, format!("POST /rpc/sessions.patch HTTP/1.1\r\n{head}{lines}\r\n0\r\n\r\n{hidden}"));
    }
    for text in heads() {
        add(Fate::Refused, format!("{text}{hidden}"));
    }
    for body in chunks() {
        let start = format!("POST /rpc/sessions.patch HTTP/1.1\r\n{head}Transfer-Encoding: chunked\r\n\r\n");
        add(Fate::Refused, format!("{start}{body}{hidden}"));
    }
    // As large a chunk as there can be.
    let start = format!("POST /rpc/sessions.patch HTTP/1.1\r\n{head}Transfer-Encoding: chunked\r\n\r\n");
    add(Fate::Unfinished, format!("{start}FFFFFFFFFFFFFFFF\r\n{body}\r\n0\r\n\r\n{hidden}"));
    // Chunks that are right: whoever counts in another way is served nothing behind them.
    for end in [
        "0\r\n\r\n",
        "0;a=b\r\n\r\n",
        "00000\r\n\r\n",
        "0\r\nContent-Length: 500\r\n\r\n",
        "0\r\nHost: evil.example\r\n\r\n",
    ] {
        for target in ["GET /health", "POST /rpc/health"] {
            let start = format!("{target} HTTP/1.1\r\n{head}Transfer-Encoding: chunked\r\n\r\n");
            add(Fate::Last, format!("{start}2\r\n{{}}\r\n{end}{hidden}"));
        }
    }
    for version in ["HTTP/1.0", "HTTP/1.1"] {
        let start = format!("POST /rpc/health {version}\r\n{head}Transfer-Encoding: chunked\r\n\r\n");
        add(if version == "HTTP/1.0" { Fate::Refused } else { Fate::Last }, format!("{start}0\r\n\r\n{hidden}"));
    }
    all
}

/// How a connection stands once nothing more comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The gateway ended it.
    Closed,
    /// It is open, and nothing was said for [`QUIET`]: whatever follows may still be served.
    Silent,
}

/// Everything that is said in answer, until it is over or quiet for a while.
async fn said(authority: &str, bytes: &[u8]) -> (String, End) {
    let mut stream = TcpStream::connect(authority).await.unwrap();
    // It may close before everything is written.
    let _ = stream.write_all(bytes).await;
    let mut all = Vec::new();
    let mut chunk = [0; 4096];
    let end = loop {
        match tokio::time::timeout(QUIET, stream.read(&mut chunk)).await {
            Ok(Ok(read @ 1..)) => all.extend_from_slice(&chunk[..read]),
            Ok(_) => break End::Closed,
            Err(_) => break End::Silent,
        }
    };
    (String::from_utf8_lossy(&all).into_owned(), end)
}

async fn label(gateway: &TestGateway) -> Value {
    let described: Value = gateway.connect().await.call("sessions.describe", json!({ "key": "main" })).await.unwrap();
    described["session"]["label"].clone()
}

#[tokio::test]
async fn t26_what_can_be_read_in_two_ways_is_refused_and_nothing_in_it_is_done() {
    let gateway = TestGateway::start().await;
    let authority = gateway.authority();
    // The hidden request does what it says when it stands alone: otherwise this test would prove nothing.
    let (alone, end) = said(&authority, hidden().replace("HOST", &authority).as_bytes()).await;
    assert!(alone.starts_with("HTTP/1.1 200"), "{alone}");
    assert_eq!(end, End::Silent, "a connection whose requests are clear goes on, so that an end says something");
    assert_eq!(label(&gateway).await, "smuggled");
    let undone: Value =
        gateway.connect().await.call("sessions.patch", json!({ "key": "main", "label": null })).await.unwrap();
    assert_eq!(undone["ok"], true, "{undone}");

    let attacks = attacks(&authority);
    assert!(attacks.len() > 500, "{} requests", attacks.len());
    let mut wrong = String::new();
    for some in attacks.chunks(AT_ONCE) {
        let answers = join_all(some.iter().map(|attack| said(&authority, &attack.bytes))).await;
        for (attack, (answer, end)) in some.iter().zip(answers) {
            let count = (1..=5).map(|class| answer.matches(&format!("HTTP/1.1 {class}")).count()).sum::<usize>();
            let status = answer.split(' ').nth(1).unwrap_or_default();
            let refused = answer.is_empty() || status.starts_with('4') || status.starts_with('5');
            let fated = match attack.fate {
                Fate::Refused => refused && end == End::Closed,
                Fate::Last => end == End::Closed,
                Fate::Unfinished => answer.is_empty() && end == End::Silent,
            };
            if count > 1 || answer.contains("smuggled") || !fated {
                let request = String::from_utf8_lossy(&attack.bytes);
                let _ = write!(wrong, "\n{:?} {request:?}\n  was answered {answer:?}, {end:?}\n", attack.fate);
            }
        }
        assert_eq!(label(&gateway).await, Value::Null, "one of these was carried out: {some:#?}");
    }
    assert!(wrong.is_empty(), "{wrong}");
}
