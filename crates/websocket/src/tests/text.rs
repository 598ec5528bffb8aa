//! Text must be UTF-8 (Autobahn group 6).

use super::wire::*;
use crate::{Error, WebSocket};
use proptest::prelude::*;
use std::task::Poll;

/// Byte strings at every edge of the encoding; whether each is valid is asked of the standard library.
const EDGES: [&[u8]; 44] = [
    b"",
    "Hello-µ@ßöäüàá-UTF-8!!".as_bytes(),
    "κόσμε".as_bytes(),
    "𐍈😀".as_bytes(),
    b"\x00",
    b"\x7f",
    b"\xc2\x80",
    b"\xdf\xbf",
    b"\xe0\xa0\x80",
    b"\xed\x9f\xbf",
    b"\xee\x80\x80",
    b"\xef\xbf\xbd",
    b"\xef\xbf\xbe",
    b"\xef\xbf\xbf",
    b"\xf0\x90\x80\x80",
    b"\xf4\x8f\xbf\xbf",
    // Beyond U+10FFFF, and lengths that no longer exist.
    b"\xf4\x90\x80\x80",
    b"\xf5\x80\x80\x80",
    b"\xf7\xbf\xbf\xbf",
    b"\xf8\x88\x80\x80\x80",
    b"\xfb\xbf\xbf\xbf\xbf",
    b"\xfc\x84\x80\x80\x80\x80",
    b"\xfd\xbf\xbf\xbf\xbf\xbf",
    b"\xfe",
    b"\xff",
    // Continuation bytes without a start.
    b"\x80",
    b"\xbf",
    b"\x80\xbf\x80\xbf",
    // Starts without their continuation.
    b"\xc2",
    b"\xe0\xa0",
    b"\xf0\x90\x80",
    b"\xc2 \xc3 ",
    b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce",
    // Longer than needed.
    b"\xc0\xaf",
    b"\xc1\xbf",
    b"\xe0\x80\xaf",
    b"\xe0\x9f\xbf",
    b"\xf0\x80\x80\xaf",
    b"\xf0\x8f\xbf\xbf",
    // Surrogates, alone and in pairs.
    b"\xed\xa0\x80",
    b"\xed\xbf\xbf",
    b"\xed\xa0\x80\xed\xb0\x80",
    b"good \xed\xae\x80 good",
    b"good until here \xff",
];

/// The bytes as one frame, and as one fragment per byte.
fn forms(bytes: &[u8]) -> [Vec<u8>; 2] {
    let mut fragments = frame(TEXT, b"");
    bytes.iter().for_each(|byte| fragments.extend(frame(CONTINUATION, &[*byte])));
    fragments.extend(frame(FIN | CONTINUATION, b""));
    [frame(FIN | TEXT, bytes), fragments]
}

#[test]
fn every_edge_of_the_encoding() {
    for bytes in EDGES {
        for input in forms(bytes) {
            match str::from_utf8(bytes) {
                Ok(valid) => expect("valid", &input, &[text(valid)], End::Eof, &[]),
                Err(_) => expect("invalid", &input, &[], End::Refused(1007), &[]),
            }
        }
    }
}

#[test]
fn binary_may_be_anything() {
    for bytes in EDGES {
        expect("binary", &frame(FIN | BINARY, bytes), &[binary(bytes)], End::Eof, &[]);
    }
}

#[test]
fn wrong_text_is_refused_before_the_rest_of_its_frame_arrives() {
    let wrong = b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xf4\x90";
    let whole = frame(FIN | TEXT, &[&wrong[..], &[b'*'; 100]].concat());
    let mut wire = Wire::new([whole[..6 + wrong.len()].to_vec()], Then::WaitsForEver);
    let mut socket = WebSocket::server(&mut wire, &[], LIMIT);
    assert!(matches!(poll(socket.recv()), Poll::Ready(Err(Error::Protocol { code: 1007, .. }))));
    // A character that is only cut must be waited for.
    let mut wire = Wire::new([whole[..6 + 3].to_vec()], Then::WaitsForEver);
    let mut socket = WebSocket::server(&mut wire, &[], LIMIT);
    assert!(poll(socket.recv()).is_pending());
}

proptest! {
    #[test]
    fn agrees_with_the_standard_library(
        bytes in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..12),
            any::<String>().prop_map(String::into_bytes),
            (any::<String>(), any::<u8>(), any::<prop::sample::Index>()).prop_map(|(s, byte, at)| {
                let mut bytes = s.into_bytes();
                bytes.insert(at.index(bytes.len() + 1), byte);
                bytes
            }),
        ],
        size in 1..20_usize,
    ) {
        for input in forms(&bytes) {
            let heard = hear(input.chunks(size).map(<[u8]>::to_vec), LIMIT);
            match str::from_utf8(&bytes) {
                Ok(valid) => prop_assert!(heard.messages == [text(valid)]),
                Err(_) => prop_assert_eq!(heard.end, End::Refused(1007)),
            }
        }
    }
}
