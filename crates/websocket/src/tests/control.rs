//! Pings, pongs and inbound close frames (Autobahn groups 2 and 7).

use super::wire::*;
use crate::{Message, WebSocket};

#[test]
fn pings_are_answered_with_their_payload() {
    for payload in [&b""[..], b"Hello", &[0, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0], &[0xfe; 125]] {
        expect("ping", &frame(FIN | PING, payload), &[], End::Eof, &sent(PONG, payload));
    }
}

#[test]
fn ten_pings_at_once_get_ten_pongs_in_order() {
    let input: Vec<u8> = (0..10).flat_map(|i| frame(FIN | PING, format!("payload-{i}").as_bytes())).collect();
    let output: Vec<u8> = (0..10).flat_map(|i| sent(PONG, format!("payload-{i}").as_bytes())).collect();
    expect("ten pings", &input, &[], End::Eof, &output);
}

#[test]
fn pongs_are_never_answered() {
    let input = [frame(FIN | PONG, b""), frame(FIN | PONG, b"unasked"), frame(FIN | PING, b"ping")].concat();
    expect("pongs", &input, &[], End::Eof, &sent(PONG, b"ping"));
}

#[test]
fn control_frames_over_125_bytes_or_in_fragments_are_refused() {
    for opcode in [CLOSE, PING, PONG] {
        for length in [126, 65_536] {
            expect("long", &claim(FIN | opcode, length, [0; 4]), &[], End::Refused(1002), &[]);
        }
        let input = [frame(opcode, b"frag"), frame(FIN | CONTINUATION, b"ment")].concat();
        expect("fragmented", &input, &[], End::Refused(1002), &[]);
    }
}

#[test]
fn pings_between_fragments_are_answered_at_once() {
    let mut wire = Wire::new([frame(TEXT, b"frag"), frame(FIN | PING, b"now")], Then::WaitsForEver);
    let mut socket = WebSocket::server(&mut wire, &[], LIMIT);
    assert!(poll(socket.recv()).is_pending());
    drop(socket);
    assert_eq!(wire.output, sent(PONG, b"now"));
}

#[test]
fn close_ends_the_conversation() {
    let after = [frame(FIN | TEXT, b"after"), frame(FIN | PING, b"after"), frame(FIN | CLOSE, b"")].concat();
    let input = [frame(FIN | TEXT, b"before"), frame(FIN | CLOSE, b""), after.clone()].concat();
    expect("no code", &input, &[text("before"), Message::Close(None)], End::Closed, &[]);
    let input = [frame(FIN | CLOSE, b"\x03\xe8bye"), after].concat();
    expect("code and reason", &input, &[closed(1000, "bye")], End::Closed, &[]);
    let input = [frame(TEXT, b"unfinished"), frame(FIN | CLOSE, b"\x03\xe9")].concat();
    expect("inside a message", &input, &[closed(1001, "")], End::Closed, &[]);
}

#[test]
fn only_close_codes_that_may_be_sent_are_taken() {
    let good = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999];
    for code in good {
        expect("good code", &frame(FIN | CLOSE, &u16::to_be_bytes(code)), &[closed(code, "")], End::Closed, &[]);
    }
    for code in [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535] {
        expect("bad code", &frame(FIN | CLOSE, &u16::to_be_bytes(code)), &[], End::Refused(1002), &[]);
    }
}

#[test]
fn malformed_close_frames_are_refused() {
    expect("half a code", &frame(FIN | CLOSE, &[3]), &[], End::Refused(1002), &[]);
    expect("reason not UTF-8", &frame(FIN | CLOSE, b"\x03\xe8\xce\xba\xff"), &[], End::Refused(1007), &[]);
    expect("reason cut", &frame(FIN | CLOSE, b"\x03\xe8\xce"), &[], End::Refused(1007), &[]);
    let longest = "r".repeat(123);
    let payload = [&[3, 0xe8], longest.as_bytes()].concat();
    expect("longest reason", &frame(FIN | CLOSE, &payload), &[closed(1000, &longest)], End::Closed, &[]);
}

#[test]
fn a_peer_that_only_pings_cannot_fill_the_write_buffer() {
    let flood: Vec<Vec<u8>> =
        (0..100_000_u32).map(|i| frame(FIN | PING, &[&i.to_be_bytes()[..], &[7; 100]].concat())).collect();
    let newest = [&99_999_u32.to_be_bytes()[..], &[7; 100]].concat();
    let mut wire = Wire::new(flood, Then::WaitsForEver);
    wire.room = 10;
    let mut socket = WebSocket::server(&mut wire, &[], LIMIT);
    socket.queue_text(&[&[b'x'; 1_000]]);
    while poll(socket.recv()).is_pending() && socket.frames_received() < 100_000 {
        assert!(socket.queued() < 6_000 && socket.memory() < 32 * 1024, "{} {}", socket.queued(), socket.memory());
    }
    drop(socket);
    assert_eq!(wire.output.len(), 10);
    // Once it reads again, the newest ping is answered.
    let mut wire = Wire::new(
        (0..100).map(|i| frame(FIN | PING, &[i; 125])).chain([frame(FIN | PING, &newest)]),
        Then::WaitsForEver,
    );
    wire.room = 0;
    let mut socket = WebSocket::server(&mut wire, &[], LIMIT);
    assert!(poll(socket.recv()).is_pending());
    socket.io_mut().room = usize::MAX;
    assert!(poll(socket.flush()).is_ready());
    assert!(wire.output.ends_with(&sent(PONG, &newest)));
    assert!(wire.output.starts_with(&sent(PONG, &[0; 125])));
    assert!(wire.output.len() < 5_000, "{}", wire.output.len());
}
