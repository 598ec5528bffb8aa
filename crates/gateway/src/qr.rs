//! QR codes, as a picture for pages and as characters for terminals.

use std::io::Write;

use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::{Compression, Crc, write::ZlibEncoder};
use qrcodegen::{QrCode, QrCodeEcc};

/// Modules of white around a code, as the standard asks.
const QUIET: i32 = 4;
/// Pixels of a module.
const SCALE: i32 = 6;

fn encode(text: &str) -> Option<QrCode> {
    QrCode::encode_text(text, QrCodeEcc::Medium).ok()
}

/// A PNG as a `data:` address. `None` for text that is longer than such a code holds.
pub(crate) fn data_url(text: &str) -> Option<String> {
    let png = png(&encode(text)?)?;
    Some(format!("data:image/png;base64,{}", STANDARD.encode(png)))
}

/// Lines of half blocks, two rows of modules in each, for a terminal of any colours: what is light is drawn. `None` for text that is
/// longer than such a code holds.
#[must_use]
pub fn lines(text: &str) -> Option<Vec<String>> {
    let code = encode(text)?;
    let end = code.size() + 2;
    let light = |x: i32, y: i32| y < end && !code.get_module(x, y);
    let pair = |x: i32, y: i32| match (light(x, y), light(x, y + 1)) {
        (true, true) => '█',
        (true, false) => '▀',
        (false, true) => '▄',
        (false, false) => ' ',
    };
    Some((-2..end).step_by(2).map(|y| (-2..end).map(|x| pair(x, y)).collect()).collect())
}

/// A picture of one bit for each pixel: no colours, no filters, one compressed stream.
fn png(code: &QrCode) -> Option<Vec<u8>> {
    let width = (code.size() + 2 * QUIET) * SCALE;
    let mut rows = ZlibEncoder::new(Vec::new(), Compression::best());
    for y in 0..width {
        let mut row = vec![0_u8; 1 + usize::try_from(width.unsigned_abs().div_ceil(8)).ok()?];
        for x in (0..width).filter(|x| !code.get_module(x / SCALE - QUIET, y / SCALE - QUIET)) {
            let at = x.unsigned_abs();
            row[1 + usize::try_from(at / 8).ok()?] |= 0x80 >> (at % 8);
        }
        rows.write_all(&row).ok()?;
    }
    let side = width.unsigned_abs().to_be_bytes();
    let head = [&side[..], &side[..], &[1, 0, 0, 0, 0]].concat();
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut png, *b"IHDR", &head)?;
    chunk(&mut png, *b"IDAT", &rows.finish().ok()?)?;
    chunk(&mut png, *b"IEND", &[])?;
    Some(png)
}

fn chunk(png: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) -> Option<()> {
    let mut sum = Crc::new();
    sum.update(&kind);
    sum.update(data);
    png.extend(u32::try_from(data.len()).ok()?.to_be_bytes());
    png.extend(kind);
    png.extend(data);
    png.extend(sum.sum().to_be_bytes());
    Some(())
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    /// The size of a picture and its rows, as a reader takes them out.
    fn unpacked(png: &[u8]) -> (usize, Vec<u8>) {
        assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
        let side = u32::from_be_bytes(png[16..20].try_into().unwrap());
        assert_eq!((&png[12..16], &png[24..29]), (&b"IHDR"[..], &[1, 0, 0, 0, 0][..]));
        let data = &png[33..];
        let length = u32::from_be_bytes(data[..4].try_into().unwrap()) as usize;
        assert_eq!(&data[4..8], b"IDAT");
        let mut rows = Vec::new();
        flate2::read::ZlibDecoder::new(&data[8..8 + length]).read_to_end(&mut rows).unwrap();
        (side as usize, rows)
    }

    #[test]
    fn the_picture_has_each_module_where_the_code_has_it() {
        let text = "a setup code of the usual length: ".repeat(5);
        let code = encode(&text).unwrap();
        let (side, rows) = unpacked(&png(&code).unwrap());
        let bytes = side.div_ceil(8) + 1;
        assert_eq!((rows.len(), side), (side * bytes, usize::try_from((code.size() + 8) * SCALE).unwrap()));
        for (y, x) in [(0, 0), (3, 3), (30, 30), (24, 24), (25, 60), (101, 77), (side - 1, side - 1)] {
            let white = rows[y * bytes + 1 + x / 8] & (0x80 >> (x % 8)) != 0;
            let module = |at: usize| i32::try_from(at).unwrap() / SCALE - QUIET;
            assert_eq!(white, !code.get_module(module(x), module(y)), "{x} {y}");
        }
        let url = data_url(&text).unwrap();
        assert!(url.starts_with("data:image/png;base64,iVBORw0KGgo") && url.len() < 16_384, "{}", url.len());
    }

    #[test]
    fn lines_hold_two_rows_each_and_too_much_text_is_no_code() {
        let code = encode("short").unwrap();
        let lines = lines("short").unwrap();
        let across = usize::try_from(code.size() + 4).unwrap();
        assert_eq!((lines.len(), lines[0].chars().count()), (across.div_ceil(2), across));
        assert!(lines[0].chars().all(|c| c == '█'), "the quiet zone is light: {}", lines[0]);
        let long = "x".repeat(4000);
        assert!(super::lines(&long).is_none() && data_url(&long).is_none());
    }
}
