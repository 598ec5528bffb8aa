use super::*;
use proptest::prelude::*;

fn decoded(bytes: &[u8]) -> Header {
    Header::decode(bytes).expect("a good header").expect("a whole header")
}

#[test]
fn lengths_in_every_form() {
    for (bytes, payload, size) in [
        (vec![0x81, 0x80, 1, 2, 3, 4], 0, 6),
        (vec![0x81, 0xfd, 1, 2, 3, 4], 125, 6),
        (vec![0x81, 0xfe, 0, 126, 1, 2, 3, 4], 126, 8),
        (vec![0x81, 0xfe, 0xff, 0xff, 1, 2, 3, 4], 65_535, 8),
        (vec![0x81, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4], 65_536, 14),
        (vec![0x81, 0xff, 255, 255, 255, 255, 255, 255, 255, 255, 1, 2, 3, 4], u64::MAX, 14),
    ] {
        let header = decoded(&bytes);
        assert_eq!(header, Header { opcode: Opcode::Text, last: true, mask: [1, 2, 3, 4], payload, size });
        for cut in 0..bytes.len() {
            assert!(matches!(Header::decode(&bytes[..cut]), Ok(None)), "{payload} cut after {cut}");
        }
        let more = [&bytes[..], b"payload"].concat();
        assert_eq!(decoded(&more), header, "what follows does not matter");
    }
}

#[test]
fn lengths_in_more_bytes_than_needed_are_refused() {
    for bytes in [
        vec![0x81, 0xfe, 0, 0, 1, 2, 3, 4],
        vec![0x81, 0xfe, 0, 125, 1, 2, 3, 4],
        vec![0x81, 0xff, 0, 0, 0, 0, 0, 0, 0, 5, 1, 2, 3, 4],
        vec![0x81, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 1, 2, 3, 4],
    ] {
        assert!(matches!(Header::decode(&bytes), Err(Error::Protocol { code: 1002, .. })), "{bytes:?}");
    }
}

#[test]
fn outbound_headers_take_the_fewest_bytes() {
    for (payload, expected) in [
        (0, vec![0x82, 0]),
        (125, vec![0x82, 125]),
        (126, vec![0x82, 126, 0, 126]),
        (65_535, vec![0x82, 126, 0xff, 0xff]),
        (65_536, vec![0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
    ] {
        let (bytes, size) = outbound(Opcode::Binary, payload);
        assert_eq!(bytes[..size], expected);
    }
}

proptest! {
    #[test]
    fn decode_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..20)) {
        if let Ok(Some(header)) = Header::decode(&bytes) {
            prop_assert!(header.size <= bytes.len() && header.size <= LONGEST_INBOUND);
        }
    }

    #[test]
    fn what_outbound_writes_decode_reads(payload in any::<u32>()) {
        let (bytes, size) = outbound(Opcode::Text, payload as usize);
        let mut masked = bytes[..size].to_vec();
        masked[1] |= 0x80;
        masked.extend([9, 8, 7, 6]);
        let header = decoded(&masked);
        prop_assert_eq!((header.payload, header.size, header.mask), (u64::from(payload), size + 4, [9, 8, 7, 6]));
    }

    #[test]
    fn unmask_equals_the_rule_of_the_standard(bytes in prop::collection::vec(any::<u8>(), 0..100), mask in any::<[u8; 4]>()) {
        let mut masked = bytes.clone();
        unmask(&mut masked, mask);
        let expected: Vec<u8> = bytes.iter().enumerate().map(|(i, byte)| byte ^ mask[i % 4]).collect();
        prop_assert_eq!(masked, expected);
    }
}
