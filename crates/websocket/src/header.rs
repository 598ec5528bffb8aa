//! Frame headers (RFC 6455 §5.2) and masking (§5.3).

use crate::Error;

#[cfg(test)]
mod tests;

/// Longest header of an inbound frame: two bytes, eight of length, four of masking key.
pub(crate) const LONGEST_INBOUND: usize = 14;
/// Longest payload of a control frame.
pub(crate) const LONGEST_CONTROL: usize = 125;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opcode {
    Continuation = 0,
    Text = 1,
    Binary = 2,
    Close = 8,
    Ping = 9,
    Pong = 10,
}

impl Opcode {
    fn from_bits(bits: u8) -> Result<Self, Error> {
        Ok(match bits {
            0 => Self::Continuation,
            1 => Self::Text,
            2 => Self::Binary,
            8 => Self::Close,
            9 => Self::Ping,
            10 => Self::Pong,
            _ => return Err(Error::malformed("reserved opcode")),
        })
    }

    /// Control frames may stand between the fragments of a message.
    pub(crate) fn is_control(self) -> bool {
        matches!(self, Self::Close | Self::Ping | Self::Pong)
    }
}

/// Header of a frame from the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) opcode: Opcode,
    /// This frame ends its message.
    pub(crate) last: bool,
    pub(crate) mask: [u8; 4],
    /// Claimed length of the payload, in bytes; not to be trusted before it was held against the limit.
    pub(crate) payload: u64,
    /// Length of this header, in bytes.
    pub(crate) size: usize,
}

impl Header {
    /// Reads the header at the start of `bytes`; `None` while it is not whole.
    ///
    /// What the first two bytes already make wrong is refused then: a peer cannot stall inside a bad header.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Option<Self>, Error> {
        let &[first, second, ref rest @ ..] = bytes else { return Ok(None) };
        if first & 0x70 != 0 {
            return Err(Error::malformed("reserved bits set"));
        }
        let opcode = Opcode::from_bits(first & 0x0f)?;
        let last = first & 0x80 != 0;
        if second & 0x80 == 0 {
            return Err(Error::malformed("frame from the client is not masked"));
        }
        let short = second & 0x7f;
        if opcode.is_control() && (!last || usize::from(short) > LONGEST_CONTROL) {
            return Err(Error::malformed("control frame is fragmented or over 125 bytes"));
        }
        let (payload, size) = match short {
            126 => match rest {
                &[a, b, ..] => (u64::from(u16::from_be_bytes([a, b])), 8),
                _ => return Ok(None),
            },
            127 => match rest.first_chunk() {
                Some(length) => (u64::from_be_bytes(*length), 14),
                None => return Ok(None),
            },
            short => (u64::from(short), 6),
        };
        if (size == 8 && payload < 126) || (size == 14 && payload <= u64::from(u16::MAX)) {
            return Err(Error::malformed("payload length is not encoded in the fewest bytes"));
        }
        let Some(mask) = bytes.get(size - 4..).and_then(|mask| mask.first_chunk()) else { return Ok(None) };
        Ok(Some(Self { opcode, last, mask: *mask, payload, size }))
    }
}

/// Header of an unmasked, unfragmented frame to the client: the bytes, and how many of them count.
pub(crate) fn outbound(opcode: Opcode, payload: usize) -> ([u8; 10], usize) {
    let mut header = [0; 10];
    header[0] = 0x80 | opcode as u8;
    if let Ok(short @ 0..126) = u8::try_from(payload) {
        header[1] = short;
        (header, 2)
    } else if let Ok(medium) = u16::try_from(payload) {
        header[1] = 126;
        header[2..4].copy_from_slice(&medium.to_be_bytes());
        (header, 4)
    } else {
        header[1] = 127;
        header[2..].copy_from_slice(&(payload as u64).to_be_bytes());
        (header, 10)
    }
}

/// Removes (or applies) the mask in place, eight bytes at a time; `mask[0]` belongs to `bytes[0]`.
pub(crate) fn unmask(bytes: &mut [u8], mask: [u8; 4]) {
    let [a, b, c, d] = mask;
    let wide = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let (words, tail) = bytes.as_chunks_mut::<8>();
    for word in words {
        *word = (u64::from_ne_bytes(*word) ^ wide).to_ne_bytes();
    }
    for (byte, key) in tail.iter_mut().zip([a, b, c, d, a, b, c]) {
        *byte ^= key;
    }
}
