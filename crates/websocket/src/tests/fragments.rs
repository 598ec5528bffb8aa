//! Fragmented messages (Autobahn groups 5 and 10).

use super::wire::*;

#[test]
fn fragments_make_one_message() {
    let input = [frame(TEXT, b"frag"), frame(FIN | CONTINUATION, b"ment")].concat();
    expect("two", &input, &[text("fragment")], End::Eof, &[]);
    let input = [frame(BINARY, b""), frame(CONTINUATION, b""), frame(FIN | CONTINUATION, b"")].concat();
    expect("all empty", &input, &[binary(b"")], End::Eof, &[]);
    let input = [frame(TEXT, b""), frame(CONTINUATION, b"middle"), frame(FIN | CONTINUATION, b"")].concat();
    expect("empty ends", &input, &[text("middle")], End::Eof, &[]);
}

#[test]
fn control_frames_may_stand_between_fragments() {
    let input = [
        frame(TEXT, b"a"),
        frame(FIN | PING, b"1"),
        frame(CONTINUATION, b"b"),
        frame(FIN | PONG, b"2"),
        frame(CONTINUATION, b"c"),
        frame(FIN | PING, b"3"),
        frame(FIN | CONTINUATION, b"d"),
        frame(FIN | BINARY, b"next"),
    ];
    let output = [sent(PONG, b"1"), sent(PONG, b"3")].concat();
    expect("interleaved", &input.concat(), &[text("abcd"), binary(b"next")], End::Eof, &output);
}

#[test]
fn continuation_of_nothing_is_refused() {
    for first in [CONTINUATION, FIN | CONTINUATION] {
        expect("alone", &frame(first, b"lost"), &[], End::Refused(1002), &[]);
        let input = [frame(FIN | TEXT, b"whole"), frame(first, b"lost")].concat();
        expect("after a message", &input, &[text("whole")], End::Refused(1002), &[]);
        let input = [frame(TEXT, b"a"), frame(FIN | CONTINUATION, b"b"), frame(first, b"lost")].concat();
        expect("after fragments", &input, &[text("ab")], End::Refused(1002), &[]);
    }
}

#[test]
fn a_new_message_inside_a_fragmented_one_is_refused() {
    for first in [TEXT, BINARY, FIN | TEXT, FIN | BINARY] {
        let input = [frame(TEXT, b"open"), frame(first, b"new")].concat();
        expect("new message", &input, &[], End::Refused(1002), &[]);
    }
}

#[test]
fn a_message_cut_by_the_sender_into_1300_byte_fragments() {
    let whole = "0123456789abcdef".repeat(4096);
    let mut input = Vec::new();
    let pieces: Vec<&[u8]> = whole.as_bytes().chunks(1300).collect();
    for (i, piece) in pieces.iter().enumerate() {
        let fin = if i + 1 == pieces.len() { FIN } else { 0 };
        input.extend(frame(fin | if i == 0 { TEXT } else { CONTINUATION }, piece));
    }
    expect("auto-fragmentation", &input, &[text(&whole)], End::Eof, &[]);
}
