//! Closing from this side (Autobahn group 7), over a stream that can be full.

use super::wire::*;
use crate::{CLOSE_PATIENCE, Error, LINGER_BYTES, LINGER_PATIENCE, WebSocket};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, duplex},
    time::Instant,
};

fn output(act: impl FnOnce(&mut WebSocket<&mut Wire>)) -> Vec<u8> {
    let mut wire = Wire::new([], Then::WaitsForEver);
    let mut socket = WebSocket::server(&mut wire, &[], LIMIT);
    act(&mut socket);
    assert!(poll(socket.flush()).is_ready());
    drop(socket);
    wire.output
}

fn close_frame(code: u16, reason: &str) -> Vec<u8> {
    sent(CLOSE, &[&code.to_be_bytes()[..], reason.as_bytes()].concat())
}

#[test]
fn the_close_frame_carries_code_and_reason() {
    assert_eq!(output(|s| s.queue_close(1000, "bye")), close_frame(1000, "bye"));
    assert_eq!(output(|s| s.queue_close(1000, "")), close_frame(1000, ""));
    for code in [0, 999, 1004, 1005, 1006, 1015, 2999, 5000] {
        assert_eq!(output(|s| s.queue_close(code, "must not be sent")), sent(CLOSE, b""), "{code}");
    }
}

#[test]
fn a_long_reason_is_cut_between_characters() {
    let exact = "x".repeat(123);
    assert_eq!(output(|s| s.queue_close(1008, &exact)), close_frame(1008, &exact));
    let long = "x".repeat(122) + "é and more";
    assert_eq!(output(|s| s.queue_close(1008, &long)), close_frame(1008, &"x".repeat(122)));
}

#[test]
fn nothing_follows_a_close_frame() {
    let said = output(|s| {
        s.queue_text(&[b"before"]);
        s.queue_close(1000, "");
        s.queue_close(1011, "again");
        s.queue_text(&[b"after"]);
        s.queue_binary(&[b"after"]);
        s.queue_ping(b"after");
    });
    assert_eq!(said, [sent(TEXT, b"before"), close_frame(1000, "")].concat());
    let mut wire = Wire::new([frame(FIN | PING, b"late")], Then::Leaves);
    let mut socket = WebSocket::server(&mut wire, &[], LIMIT);
    socket.queue_close(1000, "");
    assert!(matches!(recv(&mut socket), Err(Error::Eof)));
    drop(socket);
    assert_eq!(wire.output, close_frame(1000, ""));
}

#[test]
fn a_long_ping_is_cut() {
    assert_eq!(output(|s| s.queue_ping(&[7; 300])), sent(PING, &[7; 125]));
    assert_eq!(output(|s| s.queue_binary(&[b"a", b"", b"bc"])), sent(BINARY, b"abc"));
}

#[tokio::test]
async fn close_writes_everything_and_ends_the_stream() {
    let (mut client, server) = duplex(16);
    let mut socket = WebSocket::server(server, &[], LIMIT);
    socket.queue_text(&[&[b'x'; 100]]);
    let mut seen = Vec::new();
    let ((), read) = tokio::join!(socket.close(1001, "restart"), client.read_to_end(&mut seen));
    read.expect("a clean end");
    assert_eq!(seen, [sent(TEXT, &[b'x'; 100]), close_frame(1001, "restart")].concat());
}

#[tokio::test(start_paused = true)]
async fn close_gives_up_on_a_peer_that_does_not_read() {
    let (_client, server) = duplex(16);
    let mut socket = WebSocket::server(server, &[], LIMIT);
    socket.queue_text(&[&[b'x'; 100]]);
    let start = Instant::now();
    socket.close(1008, "slow consumer").await;
    assert_eq!(start.elapsed(), CLOSE_PATIENCE);
}

#[tokio::test(start_paused = true)]
async fn linger_waits_for_a_silent_peer_only_so_long() {
    let (_client, server) = duplex(16);
    let mut socket = WebSocket::server(server, &[], LIMIT);
    let start = Instant::now();
    socket.linger().await;
    assert_eq!(start.elapsed(), LINGER_PATIENCE);
    assert!(matches!(socket.recv().await, Err(Error::Eof)));
}

#[tokio::test(start_paused = true)]
async fn linger_takes_what_is_under_way_but_not_for_ever() {
    let (mut client, server) = duplex(4096);
    let mut socket = WebSocket::server(server, &[], LIMIT);
    let all = async {
        let result = client.write_all(&vec![0; 100_000]).await;
        drop(client);
        result
    };
    let start = Instant::now();
    let (written, ()) = tokio::join!(all, socket.linger());
    written.expect("the peer could say everything");
    assert_eq!(start.elapsed().as_millis(), 0, "the peer ended its side");

    let (mut client, server) = duplex(4096);
    let mut socket = WebSocket::server(server, &[], LIMIT);
    let mut taken = 0;
    let endless = async {
        while client.write_all(&[0; 4096]).await.is_ok() {
            taken += 4096;
        }
    };
    tokio::select! {
        () = endless => {}
        () = socket.linger() => {}
    }
    assert!((LINGER_BYTES..=LINGER_BYTES + 3 * 4096).contains(&taken), "{taken}");
}
