//! Limits, sizes and memory (Autobahn group 9).

use super::wire::*;
use crate::{Error, Message, STEPS_PER_POLL, WebSocket};
use std::task::Poll;

const MIB: usize = 1024 * 1024;

#[test]
fn messages_up_to_16_mib_in_frames_and_in_fragments() {
    for size in [64 * 1024, 256 * 1024, MIB, 4 * MIB, 16 * MIB] {
        let payload = "0123456789abcdef".repeat(size / 16);
        let heard = hear([frame(FIN | TEXT, payload.as_bytes())], 25 * MIB);
        assert!(heard.messages == [text(&payload)], "{size} in one frame");
    }
    let payload = vec![0xfe; 4 * MIB];
    for size in [64, 1024, 64 * 1024, MIB, 4 * MIB] {
        let pieces = payload.chunks(size).enumerate();
        let first =
            |i, n: usize| if (i + 1) * size >= 4 * MIB { FIN } else { 0 } | if n == 0 { BINARY } else { CONTINUATION };
        let input: Vec<u8> = pieces.flat_map(|(i, piece)| frame(first(i, i), piece)).collect();
        let heard = hear([input], 25 * MIB);
        assert!(heard.messages == [binary(&payload)], "fragments of {size}");
    }
}

#[test]
fn a_message_of_the_limit_passes_and_one_more_byte_does_not() {
    for limit in [0, 1, 125, 126, 65_535, 65_536, 100_000] {
        let payload = "x".repeat(limit);
        let heard = hear([frame(FIN | TEXT, payload.as_bytes())], limit);
        assert!(heard.messages == [text(&payload)], "{limit}");
        let heard = hear([frame(FIN | TEXT, &vec![b'x'; limit + 1])], limit);
        assert_eq!((heard.messages.len(), heard.end), (0, End::Refused(1009)), "{limit} + 1");
    }
}

#[test]
fn oversize_is_refused_from_its_header() {
    let claims = [LIMIT as u64 + 1, 100 << 20, i64::MAX as u64, 1 << 63, u64::MAX];
    for claimed in claims {
        for opcode in [TEXT, BINARY] {
            for fin in [0, FIN] {
                let mut wire = Wire::new([claim(fin | opcode, claimed, [1; 4])], Then::WaitsForEver);
                let mut socket = WebSocket::server(&mut wire, &[], LIMIT);
                let Poll::Ready(Err(Error::Protocol { code: 1009, .. })) = poll(socket.recv()) else {
                    panic!("a frame of {claimed} bytes was let in");
                };
                assert_eq!(socket.memory(), 0);
            }
        }
    }
}

#[test]
fn fragments_are_refused_by_their_sum() {
    let half = frame(BINARY, &vec![0; LIMIT / 2]);
    let rest = claim(FIN | CONTINUATION, LIMIT as u64 / 2 + 1, [1; 4]);
    let mut wire = Wire::new([half.clone(), rest], Then::WaitsForEver);
    let mut socket = WebSocket::server(&mut wire, &[], LIMIT);
    assert!(matches!(poll(socket.recv()), Poll::Ready(Err(Error::Protocol { code: 1009, .. }))));
    assert_eq!(socket.memory(), 0, "what came before is dropped");
    for claimed in [u64::MAX, u64::MAX - LIMIT as u64 / 2] {
        let mut wire = Wire::new([half.clone(), claim(CONTINUATION, claimed, [1; 4])], Then::WaitsForEver);
        let mut socket = WebSocket::server(&mut wire, &[], LIMIT);
        assert!(matches!(poll(socket.recv()), Poll::Ready(Err(Error::Protocol { code: 1009, .. }))));
    }
    let exact = [half, frame(FIN | CONTINUATION, &vec![0; LIMIT / 2])];
    assert_eq!(hear(exact, LIMIT).messages, [binary(&vec![0; LIMIT])]);
}

#[test]
fn the_limit_changes_between_messages() {
    let big = vec![b'x'; 1000];
    let mut wire = Wire::new([frame(FIN | TEXT, b"hello"), frame(FIN | BINARY, &big)], Then::Leaves);
    let mut socket = WebSocket::server(&mut wire, &[], 10);
    assert_eq!(recv(&mut socket).expect("short"), text("hello"));
    socket.set_limit(1000);
    assert_eq!(recv(&mut socket).expect("the limit was raised"), binary(&big));
    let both = [frame(FIN | TEXT, b"hello"), frame(FIN | BINARY, &big)].concat();
    let mut wire = Wire::new([both], Then::Leaves);
    let mut socket = WebSocket::server(&mut wire, &[], 1000);
    assert_eq!(recv(&mut socket).expect("short"), text("hello"));
    socket.set_limit(999);
    assert!(matches!(recv(&mut socket), Err(Error::Protocol { code: 1009, .. })));
}

#[test]
fn a_claimed_length_takes_no_memory() {
    let limit = 25 * MIB;
    let header = claim(FIN | BINARY, limit as u64, [1; 4]);
    let mut wire = Wire::new([header.clone()], Then::WaitsForEver);
    let mut socket = WebSocket::server(&mut wire, &[], limit);
    assert!(poll(socket.recv()).is_pending());
    assert_eq!(socket.memory(), 0);
    let mut wire = Wire::new([header, vec![0; 1]], Then::WaitsForEver);
    let mut socket = WebSocket::server(&mut wire, &[], limit);
    assert!(poll(socket.recv()).is_pending());
    assert!(socket.memory() <= 64 * 1024, "{}", socket.memory());
}

#[test]
fn memory_follows_what_arrived_and_leaves_with_the_message() {
    let limit = 25 * MIB;
    let input = frame(FIN | BINARY, &vec![7; limit]);
    let mut wire = Wire::new([], Then::WaitsForEver);
    let mut socket = WebSocket::server(&mut wire, &[], limit);
    let mut received = 0;
    let mut message = None;
    for piece in input.chunks(100_000) {
        received += piece.len();
        socket.io_mut().input.push_back(piece.to_vec());
        if let Poll::Ready(result) = poll(socket.recv()) {
            message = Some(result.expect("a whole message"));
        }
        assert!(socket.memory() <= (2 * received).min(limit) + 64 * 1024, "{} after {received}", socket.memory());
    }
    assert_eq!(socket.memory(), 0, "nothing is pinned after a big message");
    let Some(Message::Binary(bytes)) = message else { panic!("no message after {received} bytes") };
    let owned = bytes.try_into_mut().expect("the message shares its memory with nothing");
    assert_eq!((owned.len(), owned.capacity()), (limit, limit));
}

#[test]
fn a_small_message_behind_others_owns_only_itself() {
    let input: Vec<u8> = (0..100).flat_map(|_| frame(FIN | TEXT, &[b'x'; 100])).collect();
    let mut wire = Wire::new([input], Then::WaitsForEver);
    let mut socket = WebSocket::server(&mut wire, &[], LIMIT);
    for _ in 0..100 {
        let Ok(Message::Text(bytes)) = recv(&mut socket) else { panic!("100 messages were sent") };
        assert_eq!(bytes.try_into_mut().expect("unshared").capacity(), 100);
    }
    assert_eq!(socket.memory(), 0);
}

#[test]
fn fragments_never_hold_more_than_the_limit() {
    let limit = 300_000;
    let mut wire = Wire::new([], Then::WaitsForEver);
    let mut socket = WebSocket::server(&mut wire, &[], limit);
    for i in 0..299_000 / 1000 {
        socket.io_mut().input.push_back(frame(if i == 0 { BINARY } else { CONTINUATION }, &[1; 1000]));
        assert!(poll(socket.recv()).is_pending());
        assert!(socket.memory() <= limit + 64 * 1024, "{}", socket.memory());
    }
}

#[test]
fn a_flood_of_tiny_frames_lets_other_tasks_run() {
    let flood = frame(FIN | PONG, b"").repeat(10 * STEPS_PER_POLL);
    let mut wire = Wire::new(flood.chunks(16 * 1024).map(<[u8]>::to_vec), Then::WaitsForEver);
    let mut socket = WebSocket::server(&mut wire, &[], LIMIT);
    for polls in 1..=10 {
        assert!(poll(socket.recv()).is_pending());
        let most = (polls * STEPS_PER_POLL) as u64;
        let frames = socket.frames_received();
        assert!(frames <= most && frames > most - STEPS_PER_POLL as u64, "{frames} frames after {polls} polls");
    }
}

#[tokio::test]
async fn a_socket_that_gave_way_is_polled_again() {
    let (client, server) = tokio::io::duplex(1024 * 1024);
    let mut client = client;
    let flood = [frame(FIN | PONG, b"").repeat(10 * STEPS_PER_POLL), frame(FIN | TEXT, b"end")].concat();
    tokio::io::AsyncWriteExt::write_all(&mut client, &flood).await.expect("room for the flood");
    let mut socket = WebSocket::server(server, &[], LIMIT);
    assert_eq!(socket.recv().await.expect("the message behind the flood"), text("end"));
}

#[test]
fn empty_fragments_are_bounded() {
    let flood = |n| [frame(TEXT, b"a"), frame(CONTINUATION, b"").repeat(n), frame(FIN | CONTINUATION, b"b")].concat();
    assert_eq!(hear([flood(1000)], LIMIT).messages, [text("ab")]);
    assert_eq!(hear([flood(5000)], LIMIT).end, End::Refused(1008));
}

#[test]
fn idle_connections_own_no_memory() {
    let mut wire = Wire::new([frame(FIN | TEXT, b"hello"), frame(FIN | PING, b"ping")], Then::WaitsForEver);
    let mut socket = WebSocket::server(&mut wire, &[], LIMIT);
    assert_eq!(recv(&mut socket).expect("hello"), text("hello"));
    socket.queue_text(&[&[b'x'; 15_000]]);
    assert!(poll(socket.flush()).is_ready());
    assert_eq!(socket.memory(), 0, "a big write buffer is given back");
    assert!(poll(socket.recv()).is_pending());
    assert!(socket.memory() <= 4096, "a small one is kept");
    socket.release_memory();
    assert_eq!(socket.memory(), 0);
}

#[test]
fn sockets_and_their_futures_are_small() {
    let (_client, server) = tokio::io::duplex(1);
    let mut socket = WebSocket::server(server, &[], LIMIT);
    let sizes = [
        {
            let future = socket.recv();
            size_of_val(&future)
        },
        {
            let future = socket.flush();
            size_of_val(&future)
        },
        {
            let future = socket.close(1000, "");
            size_of_val(&future)
        },
        {
            let future = socket.linger();
            size_of_val(&future)
        },
    ];
    assert!(sizes.iter().all(|size| *size < 1024), "{sizes:?}");
    assert!(size_of_val(&socket) < 512, "{}", size_of_val(&socket));
}
