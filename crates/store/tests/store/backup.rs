//! Backups: what is in them, that damage is noticed, and the way back.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use openclaw_core::{Clock, Ids, Secret};
use openclaw_seal::{Derivation, Means, Protection};
use openclaw_store::{
    Error, MessageQuery, Settings,
    backup::{self, Key, Past, Plan, Sealed, Whole},
};
use tempfile::TempDir;

use crate::support::*;

const CHEAP: Derivation = Derivation::Argon2id { memory_kib: 8_192, passes: 1 };

struct Place {
    world: World,
    out: TempDir,
}

impl Place {
    /// A state directory with something of everything.
    async fn new() -> Self {
        let world = World::new();
        world.create("a").await;
        world.change(append("a", ["kept".to_owned()])).await.unwrap();
        let state = world.folder.path();
        for (name, text) in [
            ("openclaw.json", "{}"),
            ("exec-approvals.json", "{\"version\":1}"),
            ("identity/device.json", "private"),
            ("keys/envelope.json", "wrapped"),
            ("logs/audit.jsonl", "a line"),
            ("workspace/notes/today.md", "# today"),
            ("workspace/run.sh", "#!/bin/sh"),
            ("server.pem", "private"),
        ] {
            let path = state.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        }
        fs::set_permissions(state.join("workspace/run.sh"), fs::Permissions::from_mode(0o755)).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", state.join("workspace/link")).unwrap();
        Self { world, out: tempfile::tempdir().unwrap() }
    }

    fn state(&self) -> &Path {
        self.world.folder.path()
    }

    fn make(&self, now_ms: i64, means: Option<&Means>) -> Result<Whole, Error> {
        let config = [self.state().join("openclaw.json")];
        backup::create(&Plan {
            state_dir: self.state(),
            config: &config,
            folder: self.out.path(),
            sealed: means.map(|means| Sealed { means, protection: Protection::Usual, derivation: CHEAP }),
            version: "2026.1.1",
            ids: &Ids::system(),
            now_ms,
        })
    }

    fn key(&self) -> Key {
        Key { state_dir: self.state().to_owned(), means: Means::default() }
    }

    fn verify(&self, path: &Path) -> Result<Whole, Error> {
        backup::verify(path, self.out.path(), &self.key())
    }
}

fn names(whole: &Whole) -> Vec<&str> {
    whole.manifest.files.iter().map(|file| file.name.as_str()).collect()
}

fn passphrase(text: &str) -> Means {
    Means { passphrase: Some(Secret::new(text)), ..Means::default() }
}

#[tokio::test]
async fn a_plain_backup_has_everything_but_keys_logs_and_links_and_says_so() {
    let place = Place::new().await;
    let whole = place.make(START, None).unwrap();
    assert_eq!(
        names(&whole),
        [
            "state/gateway.sqlite",
            "state/exec-approvals.json",
            "state/openclaw.json",
            "state/workspace/notes/today.md",
            "state/workspace/run.sh"
        ]
    );
    let left: Vec<&str> = whole.manifest.left_out.iter().map(|left| left.name.as_str()).collect();
    assert_eq!(left, ["audit.key", "identity", "keys", "server.pem", "workspace/link"]);
    assert_eq!(whole.path, place.out.path().join("openclaw-backup-20270115T080000Z.tar.gz"));
    assert_eq!(fs::metadata(&whole.path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(place.verify(&whole.path).unwrap(), whole);
    assert_eq!(whole.proved, None, "the key that proves the trail is not in it");
    assert_eq!(fs::read_dir(place.out.path()).unwrap().count(), 1, "nothing else stays behind");
    let again = place.make(START, None).unwrap_err().to_string();
    assert!(again.contains("nothing is overwritten"), "{again}");
}

#[tokio::test]
async fn an_encrypted_backup_has_the_keys_and_shows_nothing() {
    let place = Place::new().await;
    let means = passphrase("correct horse battery");
    let whole = place.make(START, Some(&means)).unwrap();
    for name in ["state/audit.key", "state/identity/device.json", "state/keys/envelope.json", "state/server.pem"] {
        assert!(names(&whole).contains(&name), "{name}");
    }
    assert_eq!(whole.proved, Some(2));
    let bytes = fs::read(&whole.path).unwrap();
    assert!(!bytes.windows(7).any(|window| window == b"private" || window == b"gateway"));
    let with = |means: Means| backup::verify(&whole.path, place.out.path(), &Key { means, ..place.key() });
    assert_eq!(with(means).unwrap(), whole);
    for (means, says) in
        [(passphrase("correct horse batterx"), "does not open"), (Means::default(), "OPENCLAW_STATE_PASSPHRASE")]
    {
        let error = with(means).unwrap_err();
        assert!(matches!(&error, Error::Keys(_)) && error.to_string().contains(says), "{error}");
    }
}

#[tokio::test]
async fn a_flipped_bit_and_a_cut_anywhere_in_a_backup_are_noticed() {
    let place = Place::new().await;
    for whole in [place.make(START, None).unwrap(), place.make(START + 1000, Some(&Means::default())).unwrap()] {
        let bytes = fs::read(&whole.path).unwrap();
        let bad = place.out.path().join("bad");
        let step = (bytes.len() / 40).max(1);
        let places = (0..bytes.len()).step_by(step).chain(0..24).chain(bytes.len() - 12..bytes.len());
        for at in places {
            let mut other = bytes.clone();
            other[at] ^= 1;
            fs::write(&bad, &other).unwrap();
            // Bits of gzip's own that mean nothing, such as the time in its head, may go unnoticed in a plain one; no content may.
            match place.verify(&bad) {
                Ok(found) => assert!(!whole.manifest.encrypted && found.manifest == whole.manifest, "byte {at}"),
                Err(error) => assert!(matches!(error, Error::Backup { .. } | Error::Keys(_)), "byte {at}: {error}"),
            }
            fs::write(&bad, &bytes[..at]).unwrap();
            place.verify(&bad).unwrap_err();
        }
        fs::write(&bad, [&bytes[..], b"more"].concat()).unwrap();
        place.verify(&bad).unwrap_err();
        fs::remove_file(&bad).unwrap();
    }
    assert_eq!(fs::read_dir(place.out.path()).unwrap().count(), 2, "nothing that was unpacked stays behind");
}

#[tokio::test]
async fn what_was_restored_opens_and_is_as_it_was() {
    let place = Place::new().await;
    let whole = place.make(START, Some(&Means::default())).unwrap();
    // Beside the backup only a copy of the key is left.
    let kept = place.out.path().join("kept.key");
    fs::copy(place.state().join("keys/backup.key"), &kept).unwrap();
    fs::set_permissions(&kept, fs::Permissions::from_mode(0o600)).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let target = elsewhere.path().join("new/state");
    let key = Key { state_dir: target.clone(), means: Means { key_file: Some(kept), ..Means::default() } };
    let restored = backup::restore(&whole.path, &target, &key).unwrap();
    assert_eq!(restored.manifest, whole.manifest);
    assert_eq!(fs::read_to_string(target.join("workspace/notes/today.md")).unwrap(), "# today");
    let mode = |name: &str| fs::metadata(target.join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(
        (mode("workspace/run.sh"), mode("audit.key"), mode("workspace"), mode("")),
        (0o700, 0o600, 0o700, 0o700)
    );
    assert_eq!(fs::read_dir(elsewhere.path().join("new")).unwrap().count(), 1, "nothing else stays behind");
    let (clock, _) = Clock::manual(START);
    let store = open(&target, clock, Settings::default()).unwrap().store;
    let said = store.read(|reader| {
        reader.messages(&crate::support::key("a"), &MessageQuery { limit: 9, ..MessageQuery::default() })
    });
    assert_eq!(said.await.unwrap()[0].body["content"], "kept");
    assert_eq!(store.read(openclaw_store::Reader::verify_chain).await.unwrap().unwrap(), 2);
}

#[tokio::test]
async fn nothing_is_restored_over_anything_and_a_bad_one_leaves_nothing() {
    let place = Place::new().await;
    let whole = place.make(START, None).unwrap();
    let target = tempfile::tempdir().unwrap();
    fs::write(target.path().join("mine"), "x").unwrap();
    let error = backup::restore(&whole.path, target.path(), &place.key()).unwrap_err().to_string();
    assert!(error.contains("empty or not there yet"), "{error}");
    assert_eq!(fs::read_dir(target.path()).unwrap().count(), 1);
    let bad = place.out.path().join("bad");
    let mut bytes = fs::read(&whole.path).unwrap();
    // More than one bit: a single one may be one of gzip's own that mean nothing.
    let middle = bytes.len() / 2;
    bytes[middle..middle + 64].iter_mut().for_each(|byte| *byte ^= 0xff);
    fs::write(&bad, bytes).unwrap();
    let parent = tempfile::tempdir().unwrap();
    backup::restore(&bad, &parent.path().join("state"), &place.key()).unwrap_err();
    assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
    // An empty one is fine.
    fs::remove_file(target.path().join("mine")).unwrap();
    backup::restore(&whole.path, target.path(), &place.key()).unwrap();
    assert!(target.path().join("gateway.sqlite").exists());
}

/// A plain backup with these entries, and a manifest that agrees.
fn forged(path: &Path, entries: &[(&str, tar::EntryType)]) {
    let gzip = flate2::write::GzEncoder::new(fs::File::create(path).unwrap(), flate2::Compression::fast());
    let mut archive = tar::Builder::new(gzip);
    for (name, kind) in entries {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(*kind);
        header.set_size(0);
        header.set_mode(0o600);
        // The name as it is, which the library would refuse to write.
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        if *kind == tar::EntryType::Symlink {
            header.set_link_name("/etc/passwd").unwrap();
        }
        header.set_cksum();
        archive.append(&header, std::io::empty()).unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap();
}

#[tokio::test]
async fn what_a_crash_left_unpacked_is_removed_and_nobody_elses() {
    let place = Place::new().await;
    // No process has that number: it is above what the kernel gives.
    let (left, own) = (place.out.path().join(".backup-999999999"), place.out.path().join(".backup-1"));
    for folder in [&left, &own] {
        fs::create_dir(folder).unwrap();
        fs::write(folder.join("gateway.sqlite"), "in the open").unwrap();
    }
    place.make(START, None).unwrap();
    assert!(!left.exists() && own.exists());
}

#[tokio::test]
async fn names_that_lead_elsewhere_and_links_are_refused_before_anything_is_written() {
    let place = Place::new().await;
    let outside = place.out.path().join("outside");
    for (name, kind) in [
        ("../outside", tar::EntryType::Regular),
        ("state/../../outside", tar::EntryType::Regular),
        ("/tmp/outside", tar::EntryType::Regular),
        ("elsewhere/x", tar::EntryType::Regular),
        ("state", tar::EntryType::Regular),
        ("state/x", tar::EntryType::Symlink),
        ("state/x", tar::EntryType::Link),
        ("state/x", tar::EntryType::Fifo),
    ] {
        let path = place.out.path().join("forged");
        forged(&path, &[(name, kind)]);
        let error = place.verify(&path).unwrap_err();
        assert!(matches!(&error, Error::Backup { why, .. } if why.starts_with("holds")), "{name}: {error}");
        assert!(!outside.exists());
    }
}

#[tokio::test]
async fn old_backups_go_by_age_and_the_newest_never() {
    let place = Place::new().await;
    let day = 24 * 60 * 60 * 1000;
    for n in 0..4 {
        place.make(START + n * day, None).unwrap();
    }
    let strange = place.out.path().join("openclaw-backup-mine.tar.gz");
    fs::write(&strange, "x").unwrap();
    let listed = Past::list(place.out.path()).unwrap();
    let times: Vec<i64> = listed.iter().map(|past| (past.made_at - START) / day).collect();
    assert_eq!(times, [3, 2, 1, 0]);
    let gone: Vec<PathBuf> = backup::prune(place.out.path(), START + 2 * day).unwrap();
    assert_eq!(gone.len(), 2);
    backup::prune(place.out.path(), i64::MAX).unwrap();
    assert_eq!(Past::list(place.out.path()).unwrap().len(), 1, "the newest stays, however old");
    assert!(strange.exists(), "what is no backup is not touched");
}

#[tokio::test]
async fn meanwhile_nothing_lies_open_where_backups_go_and_no_backup_holds_another() {
    let place = Place::new().await;
    // A second name of a folder below the state directory.
    let inside = place.state().join("backups");
    fs::create_dir(&inside).unwrap();
    let config = [place.state().join("openclaw.json")];
    let make = |folder: &Path, now_ms| {
        backup::create(&Plan {
            state_dir: place.state(),
            config: &config,
            folder,
            sealed: None,
            version: "2026.1.1",
            ids: &Ids::system(),
            now_ms,
        })
    };
    let first = make(&inside, START).unwrap();
    let aliased = place.state().join("workspace/../backups");
    let second = make(&aliased, START + 1_000).unwrap();
    for whole in [&first, &second] {
        assert!(!names(whole).iter().any(|name| name.contains("backup")), "{:?}", names(whole));
    }
    let again = make(&inside, START).unwrap_err();
    assert!(again.to_string().contains("nothing is overwritten"), "{again}");
    let left: Vec<_> = fs::read_dir(&inside).unwrap().flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
    let state = fs::read_dir(place.state()).unwrap().flatten();
    assert!(!state.map(|entry| entry.file_name()).any(|name| name.to_string_lossy().starts_with(".backup")));
}

#[tokio::test]
async fn a_pipe_in_the_state_directory_keeps_no_backup_waiting() {
    let place = Place::new().await;
    let path = place.state().join("workspace/pipe");
    rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0).unwrap();
    let whole = place.make(START, None).unwrap();
    assert!(!names(&whole).iter().any(|name| name.ends_with("pipe")));
}
