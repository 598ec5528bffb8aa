use ed25519_dalek::{Signature, Verifier, VerifyingKey};

use super::*;

/// Written by Node's crypto module: a file of the kind that existing clients keep.
const FOREIGN: &str = r#"{
  "version": 1,
  "deviceId": "0f7d9d3a0e6c7c5f3a86e8e6ca7dbb0f0a6fd4e9a8e3b8d9f2f9f6c3b4a59687",
  "publicKeyPem": "x",
  "privateKeyPem": "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n",
  "createdAtMs": 1700000000000
}"#;
/// Public key of RFC 8032 §7.1 test 1, whose private key stands above.
const RFC_PUBLIC: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

fn write(path: &Path, text: &str, mode: u32) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
}

#[test]
fn an_identity_is_made_once_and_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("identity/device.json");
    let (clock, _) = Clock::manual(1_700_000_000_000);
    let made = DeviceIdentity::load_or_create(&path, &Ids::seeded(1), &clock).unwrap();
    let read = DeviceIdentity::load_or_create(&path, &Ids::seeded(2), &clock).unwrap();
    assert_eq!((made.device_id(), made.public_key()), (read.device_id(), read.public_key()));
    assert_eq!(made.device_id().len(), 64);
    let mode =
        |path: &Path| std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).unwrap().permissions()) & 0o777;
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    let names: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["device.json"], "no temporary file stays");
    let text = fs::read_to_string(&path).unwrap();
    for member in
        ["\"version\": 1", "deviceId", "BEGIN PUBLIC KEY", "BEGIN PRIVATE KEY", "\"createdAtMs\": 1700000000000"]
    {
        assert!(text.contains(member), "{text}");
    }
}

#[test]
fn a_key_that_another_program_made_gives_its_public_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("device.json");
    let public: Vec<u8> = (0..32).map(|at| u8::from_str_radix(&RFC_PUBLIC[at * 2..at * 2 + 2], 16).unwrap()).collect();
    let id = hex(&Sha256::digest(&public));
    write(&path, &FOREIGN.replace("0f7d9d3a0e6c7c5f3a86e8e6ca7dbb0f0a6fd4e9a8e3b8d9f2f9f6c3b4a59687", &id), 0o600);
    let identity = DeviceIdentity::load(&path).unwrap();
    assert_eq!((identity.device_id(), identity.public_key()), (id.as_str(), URL_SAFE_NO_PAD.encode(&public)));
    assert_eq!(identity.created_at_ms, 1_700_000_000_000);
}

#[test]
fn damaged_and_exposed_files_are_refused_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("device.json");
    let clock = Clock::system();
    for (text, mode, what) in [
        ("nonsense", 0o600, "line 1 column 2"),
        ("{}", 0o600, "is not what belongs there"),
        (FOREIGN, 0o600, "deviceId does not belong to the key"),
        (&FOREIGN.replace("\"version\": 1", "\"version\": 2"), 0o600, "version is not 1"),
        (&FOREIGN.replace("MC4C", "MC5C"), 0o600, "privateKeyPem"),
        (FOREIGN, 0o644, "chmod 600"),
        (&" ".repeat(70_000), 0o600, "too large"),
    ] {
        write(&path, text, mode);
        let error = DeviceIdentity::load_or_create(&path, &Ids::seeded(1), &clock).unwrap_err().to_string();
        assert!(error.contains(what), "{error}");
        assert!(!error.contains("J1hsZ3v"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
}

#[test]
fn signatures_verify_and_nothing_shows_the_key() {
    let identity = DeviceIdentity::generate(&Ids::seeded(1), &Clock::system());
    let public: [u8; 32] = URL_SAFE_NO_PAD.decode(identity.public_key()).unwrap().try_into().unwrap();
    let signature = Signature::from_slice(&URL_SAFE_NO_PAD.decode(identity.sign("text")).unwrap()).unwrap();
    let public = VerifyingKey::from_bytes(&public).unwrap();
    assert!(public.verify(b"text", &signature).is_ok());
    assert!(public.verify(b"texts", &signature).is_err());
    assert_eq!(format!("{identity:?}"), format!("DeviceIdentity({})", identity.device_id()));
}
