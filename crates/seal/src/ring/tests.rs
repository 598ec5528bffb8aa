use std::{fs, os::unix::fs::PermissionsExt};

use super::*;
use crate::{Cipher, Sealer, Use};

const CHEAP: Derivation = Derivation::Argon2id { memory_kib: 8_192, passes: 1 };

struct World {
    folder: tempfile::TempDir,
    ids: Ids,
}

impl World {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), ids: Ids::seeded(1) }
    }

    fn ring(&self) -> KeyRing {
        KeyRing::of(self.folder.path())
    }

    fn ensure(&self, means: &Means, wish: &Protection) -> Result<DataKeys, KeyError> {
        self.ring().ensure(means, wish, CHEAP, &self.ids, 5)
    }

    fn seal(&self, keys: &DataKeys) -> String {
        Sealer::new(keys, &self.ids, Use::Config, Cipher::Gcm).seal("a", "kept")
    }

    fn opens(&self, means: &Means, sealed: &str) -> bool {
        let keys = self.ring().open(means).unwrap().unwrap();
        Sealer::new(&keys, &self.ids, Use::Config, Cipher::Gcm).open("a", sealed).is_ok()
    }

    fn files(&self) -> Vec<(String, Vec<u8>)> {
        let entries = fs::read_dir(self.folder.path().join("keys")).unwrap();
        let mut files: Vec<_> = entries
            .map(|entry| entry.unwrap())
            .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()))
            .collect();
        files.sort();
        files
    }
}

fn passphrase(text: &str) -> Means {
    Means { passphrase: Some(Secret::new(text)), ..Means::default() }
}

#[test]
fn a_first_key_is_made_once_and_its_files_are_private() {
    let world = World::new();
    assert!(world.ring().open(&Means::default()).unwrap().is_none());
    let sealed = world.seal(&world.ensure(&Means::default(), &Protection::Usual).unwrap());
    let again = world.ensure(&Means::default(), &Protection::Usual).unwrap();
    assert_eq!(world.ring().standing().unwrap().unwrap().kids, [again.kid().to_owned()]);
    assert!(world.opens(&Means::default(), &sealed));
    let folder = world.folder.path().join("keys");
    assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    for (name, _) in world.files() {
        assert_eq!(fs::metadata(folder.join(&name)).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
    }
}

#[test]
fn a_passphrase_wraps_by_either_derivation_and_a_wrong_one_changes_nothing() {
    for derivation in [CHEAP, Derivation::Pbkdf2 { iterations: 100_000 }] {
        let world = World::new();
        let right = passphrase("correct horse battery");
        let keys = world.ring().ensure(&right, &Protection::Usual, derivation, &world.ids, 5).unwrap();
        let sealed = world.seal(&keys);
        let before = world.files();
        assert!(!before.iter().any(|(name, _)| name == MASTER), "no key lies beside the envelope");
        let wrong = world.ring().open(&passphrase("correct horse batterz")).unwrap_err();
        assert!(matches!(wrong, KeyError::WrongKey { .. }), "{wrong}");
        assert!(matches!(world.ring().open(&Means::default()), Err(KeyError::NeedsPassphrase)));
        let rewrapped = world.ring().rewrap(&passphrase("another one"), &Protection::Generated, CHEAP, &world.ids, 6);
        assert!(matches!(rewrapped, Err(KeyError::WrongKey { .. })));
        assert_eq!(
            world.files().iter().filter(|(name, _)| name != "lock").cloned().collect::<Vec<_>>(),
            before.iter().filter(|(name, _)| name != "lock").cloned().collect::<Vec<_>>()
        );
        assert!(world.opens(&right, &sealed));
    }
}

#[test]
fn keys_are_wrapped_anew_in_every_way_and_open_what_was_sealed() {
    let world = World::new();
    let file = world.folder.path().join("own.key");
    let phrase = passphrase("correct horse battery");
    let sealed = world.seal(&world.ensure(&Means::default(), &Protection::Usual).unwrap());
    let master = fs::read(world.ring().master()).unwrap();
    let steps = [
        (Means::default(), Protection::Usual, Means::default()),
        (Means::default(), Protection::KeyFile(file.clone()), Means::default()),
        (phrase.clone(), Protection::Passphrase, phrase.clone()),
        (phrase.clone(), Protection::Usual, phrase.clone()),
        (phrase, Protection::Generated, Means::default()),
    ];
    for (number, (with, wish, after)) in steps.into_iter().enumerate() {
        let standing = world.ring().rewrap(&with, &wish, CHEAP, &world.ids, 10).unwrap();
        assert_eq!(standing.wrapped_at, 10);
        assert!(world.opens(&after, &sealed), "step {number}");
        let generated = standing.guard == Guard::Generated;
        assert_eq!(world.ring().master().exists(), generated, "a key that wraps nothing more is gone");
    }
    assert_ne!(fs::read(world.ring().master()).unwrap(), master);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_passphrase_is_changed_with_both_at_hand() {
    let world = World::new();
    let sealed = world.seal(&world.ensure(&passphrase("correct horse battery"), &Protection::Usual).unwrap());
    let both =
        Means { next_passphrase: Some(Secret::new("another horse battery")), ..passphrase("correct horse battery") };
    world.ring().rewrap(&both, &Protection::Usual, CHEAP, &world.ids, 6).unwrap();
    assert!(world.opens(&passphrase("another horse battery"), &sealed));
    assert!(world.ring().open(&passphrase("correct horse battery")).is_err());
}

#[test]
fn a_crash_between_envelope_and_key_loses_neither() {
    let world = World::new();
    let sealed = world.seal(&world.ensure(&Means::default(), &Protection::Usual).unwrap());
    let folder = world.folder.path().join("keys");
    // The envelope was written, and the new key has its first name yet.
    let old = fs::read_to_string(folder.join(MASTER)).unwrap();
    world.ring().rewrap(&Means::default(), &Protection::Usual, CHEAP, &world.ids, 6).unwrap();
    fs::rename(folder.join(MASTER), folder.join(NEXT_MASTER)).unwrap();
    file::write(&folder.join(MASTER), &old).unwrap();
    assert!(world.opens(&Means::default(), &sealed));
    // The next one does not overwrite the only key that opens.
    world.ring().rewrap(&Means::default(), &Protection::Usual, CHEAP, &world.ids, 7).unwrap();
    assert!(world.opens(&Means::default(), &sealed));
    assert!(!folder.join(NEXT_MASTER).exists());
    // The new key was written, and the envelope was not.
    make_key(&folder.join(NEXT_MASTER), &world.ids).unwrap();
    assert!(world.opens(&Means::default(), &sealed));
}

#[test]
fn files_that_others_can_read_links_and_nonsense_are_refused_by_name() {
    let world = World::new();
    world.ensure(&Means::default(), &Protection::Usual).unwrap();
    let envelope = world.folder.path().join("keys").join(ENVELOPE);
    let master = world.ring().master();
    fs::set_permissions(&master, fs::Permissions::from_mode(0o640)).unwrap();
    let error = world.ring().open(&Means::default()).unwrap_err();
    assert!(matches!(error, KeyError::TooOpen { mode: 0o640, .. }), "{error}");
    fs::remove_file(&master).unwrap();
    assert!(matches!(world.ring().open(&Means::default()), Err(KeyError::Missing { .. })));
    std::os::unix::fs::symlink("/dev/zero", &master).unwrap();
    assert!(matches!(world.ring().open(&Means::default()), Err(KeyError::Io { .. })));
    fs::remove_file(&master).unwrap();
    file::write(&master, "short\n").unwrap();
    assert!(matches!(world.ring().open(&Means::default()), Err(KeyError::NotAKey { .. })));
    let text = fs::read_to_string(&envelope).unwrap();
    for bad in ["", "{}", &text.replace("\"version\": 1", "\"version\": 2"), &text.replace("generated", "elsewhere")] {
        file::write(&envelope, bad).unwrap();
        let error = world.ring().open(&Means::default()).unwrap_err();
        assert!(matches!(error, KeyError::Damaged { .. }), "{error}");
    }
}

#[test]
fn a_flipped_bit_of_the_envelope_never_gives_another_key() {
    let world = World::new();
    let keys = world.ensure(&Means::default(), &Protection::Usual).unwrap();
    let sealed = world.seal(&keys);
    let envelope = world.folder.path().join("keys").join(ENVELOPE);
    let whole = fs::read(&envelope).unwrap();
    for at in 0..whole.len() {
        let mut other = whole.clone();
        other[at] ^= 1;
        fs::write(&envelope, &other).unwrap();
        if let Ok(Some(_)) = world.ring().open(&Means::default()) {
            // Only what is not secret was touched: a time, or white space.
            assert!(world.opens(&Means::default(), &sealed), "byte {at}");
        }
    }
}

#[test]
fn keys_wrapped_otherwise_than_asked_for_are_left_alone() {
    let world = World::new();
    world.ensure(&Means::default(), &Protection::Usual).unwrap();
    let wanted = world.folder.path().join("own.key");
    let error = world.ensure(&Means::default(), &Protection::KeyFile(wanted.clone())).unwrap_err().to_string();
    assert!(error.contains("openclaw security rotate-keys"), "{error}");
    assert!(!wanted.exists());
    let short = World::new().ensure(&passphrase("short"), &Protection::Usual).unwrap_err().to_string();
    assert!(short.contains("can be guessed"), "{short}");
}

#[test]
fn only_who_changes_the_passphrase_looks_at_the_next_one() {
    let environment: Environment = [
        ("OPENCLAW_STATE_PASSPHRASE", "correct horse battery"),
        ("OPENCLAW_STATE_PASSPHRASE_NEW", "another horse battery"),
    ]
    .into_iter()
    .collect();
    let world = World::new();
    let sealed = world.seal(&world.ensure(&Means::of(&environment), &Protection::Usual).unwrap());
    assert!(world.opens(&passphrase("correct horse battery"), &sealed), "the first one counts");
    world.ring().rewrap(&Means::of(&environment), &Protection::Usual, CHEAP, &world.ids, 6).unwrap();
    assert!(world.opens(&passphrase("correct horse battery"), &sealed));
    world.ring().rewrap(&Means::for_change(&environment), &Protection::Usual, CHEAP, &world.ids, 7).unwrap();
    assert!(world.opens(&passphrase("another horse battery"), &sealed));
}

#[test]
fn a_backup_takes_no_passphrase_that_can_be_guessed() {
    let world = World::new();
    for wish in [Protection::Usual, Protection::Passphrase] {
        let weak = alone(&world.ring(), &passphrase("short"), &wish, CHEAP, &world.ids, 5);
        assert!(matches!(weak, Err(KeyError::Refused(why)) if why.contains("fewer than")));
    }
    assert!(
        alone(&world.ring(), &passphrase("correct horse battery"), &Protection::Usual, CHEAP, &world.ids, 5).is_ok()
    );
}
