use std::io::Cursor;

use openclaw_core::Secret;

use super::*;

const CHEAP: Derivation = Derivation::Argon2id { memory_kib: 8_192, passes: 1 };

fn sealed(ring: &KeyRing, means: &Means, plain: &[u8]) -> Vec<u8> {
    let wish = Protection::Usual;
    let mut sealer = StreamSealer::begin(Vec::new(), (ring, means, &wish), CHEAP, &Ids::seeded(3), 1).unwrap();
    sealer.write_all(plain).unwrap();
    sealer.finish().unwrap()
}

fn opened(ring: &KeyRing, means: &Means, bytes: &[u8]) -> Result<Vec<u8>, String> {
    let path = Path::new("backup");
    let mut from = Cursor::new(bytes);
    let top = StreamTop::read(&mut from, path).map_err(|error| error.to_string())?.map_err(|_| "not sealed")?;
    let mut opener = StreamOpener::open(from, &top, ring, means, path).map_err(|error| error.to_string())?;
    let mut plain = Vec::new();
    opener.read_to_end(&mut plain).map_err(|error| error.to_string())?;
    Ok(plain)
}

#[test]
fn streams_of_every_length_around_a_chunk_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let ring = KeyRing::of(folder.path());
    for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 17] {
        let plain: Vec<u8> = (0..length).map(|n| u8::try_from(n % 251).unwrap()).collect();
        let bytes = sealed(&ring, &Means::default(), &plain);
        assert!(opened(&ring, &Means::default(), &bytes).unwrap() == plain, "{length}");
    }
}

#[test]
fn a_flipped_bit_and_a_cut_anywhere_are_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let ring = KeyRing::of(folder.path());
    let bytes = sealed(&ring, &Means::default(), &vec![7; 2 * CHUNK + 100]);
    let places = (0..bytes.len()).filter(|at| *at < 600 || at % 997 == 0 || bytes.len() - at < 200);
    for at in places {
        let mut other = bytes.clone();
        other[at] ^= 0x10;
        assert!(opened(&ring, &Means::default(), &other).is_err(), "byte {at}");
        assert!(opened(&ring, &Means::default(), &bytes[..at]).is_err(), "cut at {at}");
    }
    let longer = [&bytes[..], b"x"].concat();
    assert!(opened(&ring, &Means::default(), &longer).is_err());
}

#[test]
fn chunks_that_change_places_or_streams_are_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let ring = KeyRing::of(folder.path());
    let bytes = sealed(&ring, &Means::default(), &vec![7; 3 * CHUNK]);
    let top = bytes.len() - (3 * (CHUNK + TAG));
    let mut other = bytes.clone();
    other[top..top + 2 * (CHUNK + TAG)].rotate_left(CHUNK + TAG);
    assert!(opened(&ring, &Means::default(), &other).is_err());
    assert!(opened(&ring, &Means::default(), &bytes[..top + CHUNK + TAG]).is_err(), "whole chunks are missing");
}

#[test]
fn a_stream_opens_with_its_passphrase_alone_and_anywhere() {
    let (here, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (ring, other) = (KeyRing::of(here.path()), KeyRing::of(elsewhere.path()));
    let phrase = |text: &str| Means { passphrase: Some(Secret::new(text)), ..Means::default() };
    let bytes = sealed(&ring, &phrase("correct horse battery"), b"kept");
    assert_eq!(opened(&other, &phrase("correct horse battery"), &bytes).unwrap(), b"kept");
    assert!(opened(&other, &phrase("correct horse batterx"), &bytes).unwrap_err().contains("does not open"));
    assert!(opened(&other, &Means::default(), &bytes).unwrap_err().contains("OPENCLAW_STATE_PASSPHRASE"));
    // One that the generated key wraps needs that key, under whatever name it was kept.
    let bytes = sealed(&ring, &Means::default(), b"kept");
    assert!(opened(&other, &Means::default(), &bytes).is_err());
    let copy = Means { key_file: Some(ring.backup_key()), ..Means::default() };
    assert_eq!(opened(&other, &copy, &bytes).unwrap(), b"kept");
}
