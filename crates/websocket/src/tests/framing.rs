//! Data frames, reserved bits and opcodes (Autobahn groups 1, 3 and 4).

use super::wire::*;
use crate::{Message, WebSocket};

/// Payload lengths around every change of header form.
const LENGTHS: [usize; 12] = [0, 1, 2, 124, 125, 126, 127, 128, 65_535, 65_536, 65_537, 200_000];

#[test]
fn text_and_binary_of_every_header_form() {
    for length in LENGTHS {
        let payload = "*".repeat(length);
        expect("text", &frame(FIN | TEXT, payload.as_bytes()), &[text(&payload)], End::Eof, &[]);
        let payload: Vec<u8> = (0..length).map(|i| (i % 251) as u8).collect();
        expect("binary", &frame(FIN | BINARY, &payload), &[binary(&payload)], End::Eof, &[]);
    }
}

#[test]
fn many_frames_in_one_read() {
    let input: Vec<u8> = (0..300).flat_map(|i| frame(FIN | TEXT, i.to_string().as_bytes())).collect();
    let messages: Vec<Message> = (0..300).map(|i| text(&i.to_string())).collect();
    expect("300 frames", &input, &messages, End::Eof, &[]);
}

#[test]
fn reserved_bits_are_refused_and_what_came_before_is_kept() {
    for bits in 1..8_u8 {
        for opcode in [TEXT, BINARY, CLOSE, PING, PONG] {
            let mut input = frame(FIN | TEXT, b"before");
            input.extend(frame(FIN | bits << 4 | opcode, b""));
            input.extend(frame(FIN | TEXT, b"after"));
            expect("reserved bits", &input, &[text("before")], End::Refused(1002), &[]);
        }
    }
}

#[test]
fn reserved_opcodes_are_refused() {
    for opcode in [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] {
        for payload in [&b""[..], b"payload"] {
            let mut input = frame(FIN | TEXT, b"before");
            input.extend(frame(FIN | opcode, payload));
            expect("reserved opcode", &input, &[text("before")], End::Refused(1002), &[]);
        }
    }
}

#[test]
fn unmasked_frames_are_refused() {
    for opcode in [TEXT, BINARY, CLOSE, PING, PONG] {
        expect("unmasked", &sent(opcode, b""), &[], End::Refused(1002), &[]);
        expect("unmasked", &sent(opcode, b"payload"), &[], End::Refused(1002), &[]);
    }
}

#[test]
fn the_first_two_bytes_of_a_bad_frame_suffice() {
    for bad in [[FIN | TEXT, 5], [FIN | 0x40 | TEXT, 0x85], [FIN | 3, 0x85], [PING, 0x85], [FIN | PING, 0x80 | 126]] {
        let mut wire = Wire::new([bad.to_vec()], Then::WaitsForEver);
        let mut socket = WebSocket::server(&mut wire, &[], LIMIT);
        assert!(poll(socket.recv()).is_ready(), "{bad:?}");
    }
}

#[test]
fn a_stream_cut_anywhere_ends_without_a_message() {
    let whole = frame(FIN | TEXT, &[b'*'; 200]);
    for end in 0..whole.len() {
        let heard = hear([whole[..end].to_vec()], LIMIT);
        assert_eq!((heard.messages.len(), heard.end), (0, End::Eof), "cut after {end} bytes");
    }
}

#[test]
fn whole_frames_in_memory_are_announced() {
    let big = vec![0; 9_000];
    for (second, expected) in [
        (frame(FIN | TEXT, b"short"), true),
        (frame(FIN | BINARY, &big), true),
        (frame(FIN | PING, b""), true),
        (frame(FIN | TEXT, b""), true),
        (frame(FIN | TEXT, b"short")[..10].to_vec(), false),
        (frame(FIN | BINARY, &big)[..8_000].to_vec(), false),
        (frame(FIN | BINARY, &big)[..3].to_vec(), false),
        // Certainly refused: waiting for more would be in vain.
        (claim(FIN | BINARY, LIMIT as u64 + 1, [0; 4]), true),
        (sent(TEXT, b"unmasked"), true),
        (frame(FIN | CONTINUATION, b"of nothing"), true),
        (Vec::new(), false),
    ] {
        let mut wire = Wire::new([[frame(FIN | TEXT, b"first"), second.clone()].concat()], Then::WaitsForEver);
        let mut socket = WebSocket::server(&mut wire, &[], LIMIT);
        assert!(!socket.has_complete_frame());
        assert_eq!(recv(&mut socket).expect("the first frame is whole"), text("first"));
        assert_eq!(socket.has_complete_frame(), expected, "{} bytes", second.len());
    }
}

#[test]
fn life_is_counted_by_frame_and_by_byte() {
    let input = [frame(TEXT, b"a"), frame(FIN | PONG, b"b"), frame(FIN | PING, b"c"), frame(FIN | CONTINUATION, b"d")];
    let begun = frame(FIN | BINARY, &[0; 50_000]);
    let mut wire = Wire::new([input.concat(), begun[..20_000].to_vec()], Then::WaitsForEver);
    let mut socket = WebSocket::server(&mut wire, &[], LIMIT);
    assert_eq!(recv(&mut socket).expect("two fragments"), text("ad"));
    assert_eq!((socket.frames_received(), socket.pongs_received()), (4, 1));
    let before = socket.bytes_received();
    assert!(poll(socket.recv()).is_pending());
    assert_eq!(socket.frames_received(), 4);
    assert_eq!(socket.bytes_received() - before, 20_000);
}

#[test]
fn output_frames_are_what_a_client_expects() {
    for length in LENGTHS {
        let mut wire = Wire::new([], Then::WaitsForEver);
        let mut socket = WebSocket::server(&mut wire, &[], LIMIT);
        let body = "x".repeat(length);
        socket.queue_text(&[body.as_bytes(), b",", b"\"seq\":1}"]);
        let queued = socket.queued();
        assert!(poll(socket.flush()).is_ready());
        assert_eq!(socket.queued(), 0);
        assert_eq!(wire.output.len(), queued);
        let expected = format!("{body},\"seq\":1}}");
        assert!(wire.output.ends_with(expected.as_bytes()));
        let header = &wire.output[..wire.output.len() - expected.len()];
        assert_eq!(header[0], FIN | TEXT);
        match expected.len() {
            n @ 0..126 => assert_eq!(header[1..], [n as u8]),
            n @ 126..65_536 => assert_eq!(header[1..], [&[126][..], &(n as u16).to_be_bytes()].concat()),
            n => assert_eq!(header[1..], [&[127][..], &(n as u64).to_be_bytes()].concat()),
        }
    }
}

#[test]
fn receiving_finishes_a_flush_that_the_stream_held_up() {
    let mut wire = Wire::new([], Then::WaitsForEver);
    wire.flush_blocked = true;
    let mut socket = WebSocket::server(&mut wire, &[], LIMIT);
    socket.queue_text(&[b"held up"]);
    assert!(poll(socket.flush()).is_pending());
    assert_eq!(socket.queued(), 0);
    socket.io_mut().flush_blocked = false;
    assert!(poll(socket.recv()).is_pending());
    assert_eq!(wire.flushes, 1);
}

#[test]
fn debug_output_shows_no_content() {
    assert_eq!(format!("{:?}", text("hunter2")), "Text(7 bytes)");
    assert_eq!(format!("{:?}", binary(b"hunter2")), "Binary(7 bytes)");
    assert_eq!(format!("{:?}", closed(1000, "hunter2")), "Close(Some(CloseFrame(1000, 7 bytes)))");
}
