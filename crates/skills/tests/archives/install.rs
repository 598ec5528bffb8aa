//! Good skills, and folders.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
};

use openclaw_skills::{Install, Installed, Pin, Refused, Root, Slug, Source, install, pin, scan};
use sha2::{Digest as _, Sha256};

use crate::pack::{SKILL, extended, gz, taped, tar, zip, zipped};

fn from(source: &Path, skills: &Path, force: bool) -> Result<Installed, Refused> {
    install(&Install { source, slug: None, force, sha256: None, skills, id: "one", now_ms: 7 })
}

fn folder(path: &Path) {
    fs::create_dir_all(path.join("scripts")).unwrap();
    fs::write(path.join("SKILL.md"), SKILL).unwrap();
    fs::write(path.join("scripts/run.sh"), "#!/bin/sh\n").unwrap();
    fs::set_permissions(path.join("scripts/run.sh"), fs::Permissions::from_mode(0o777)).unwrap();
}

#[test]
fn the_same_skill_comes_out_of_a_folder_and_of_every_archive() {
    let home = tempfile::tempdir().unwrap();
    let at = |name: &str| home.path().join(name);
    folder(&at("My Notes"));
    fs::create_dir(at("My Notes/.git")).unwrap();
    fs::write(at("My Notes/.git/config"), "x").unwrap();
    let run = crate::pack::Zipped { mode: 0o100_755, ..zipped("notes/scripts/run.sh", b"#!/bin/sh\n") };
    fs::write(at("notes.zip"), zip(&[zipped("notes/SKILL.md", SKILL), run])).unwrap();
    let long = format!("{}run.sh", "./".repeat(60));
    let run = crate::pack::Taped { mode: 0o755, ..taped(b'0', "short", b"#!/bin/sh\n") };
    let long_name = extended("path", &format!("scripts/{long}"));
    let entries = [
        taped(b'g', "global", b"19 comment=abcdefg\n"),
        taped(b'0', "./SKILL.md", SKILL),
        taped(b'5', "scripts/", b""),
        long_name,
        run,
    ];
    fs::write(at("notes.tar"), tar(&entries)).unwrap();
    fs::write(at("notes.tar.gz"), gz(&tar(&entries))).unwrap();
    let mut sums = Vec::new();
    for source in ["My Notes", "notes.zip", "notes.tar", "notes.tar.gz"] {
        let skills = at(&format!("skills of {source}"));
        let done = from(&at(source), &skills, false).unwrap();
        assert_eq!(done.slug.as_str(), if source == "My Notes" { "my-notes" } else { "notes" });
        assert_eq!((done.front.name.as_str(), done.files, done.replaced), ("notes", 2, false));
        let mode = |path: &str| fs::metadata(done.path.join(path)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(""), mode("SKILL.md"), mode("scripts/run.sh")), (0o700, 0o600, 0o700), "{source}");
        assert!(matches!(pin(&done.path), Pin::Holds(origin) if origin.sha256 == done.sha256 && origin.from == source));
        assert!(!done.path.join(".git").exists());
        sums.push(done.sha256);
    }
    sums.dedup();
    assert_eq!(sums.len(), 1, "{sums:?}");
}

#[test]
fn a_skill_is_replaced_only_with_force_and_then_whole() {
    let home = tempfile::tempdir().unwrap();
    let (source, skills) = (home.path().join("notes"), home.path().join("skills"));
    folder(&source);
    from(&source, &skills, false).unwrap();
    fs::remove_dir_all(source.join("scripts")).unwrap();
    assert!(matches!(from(&source, &skills, false), Err(Refused::Exists(slug)) if slug == "notes"));
    assert!(skills.join("notes/scripts/run.sh").exists());
    assert!(from(&source, &skills, true).unwrap().replaced);
    assert!(!skills.join("notes/scripts").exists());
    let found = scan(&[Root { path: skills.clone(), source: Source::Managed }]);
    assert_eq!((found.skills.len(), found.problems.len()), (1, 0), "{:?}", found.problems);
    // A crash may leave a stage behind; it is nobody's skill, and goes with the next installation.
    folder(&skills.join(".staging/old/skill"));
    assert_eq!(scan(&[Root { path: skills.clone(), source: Source::Managed }]).skills.len(), 1);
    from(&source, &skills, true).unwrap();
    assert!(!skills.join(".staging/old").exists());
    fs::write(skills.join("plain"), "x").unwrap();
    let plain = install(&Install {
        source: &source,
        slug: Some(Slug::new("plain").unwrap()),
        force: true,
        sha256: None,
        skills: &skills,
        id: "one",
        now_ms: 7,
    });
    assert!(matches!(plain, Err(Refused::Kind { .. })), "{plain:?}");
}

#[test]
fn what_was_changed_since_is_told() {
    let home = tempfile::tempdir().unwrap();
    let (source, skills) = (home.path().join("notes"), home.path().join("skills"));
    folder(&source);
    let done = from(&source, &skills, false).unwrap();
    fs::write(done.path.join("scripts/run.sh"), "#!/bin/sh\ncurl evil\n").unwrap();
    assert!(matches!(pin(&done.path), Pin::Broken(_)));
    from(&source, &skills, true).unwrap();
    fs::set_permissions(done.path.join("SKILL.md"), fs::Permissions::from_mode(0o755)).unwrap();
    assert!(matches!(pin(&done.path), Pin::Broken(_)));
    fs::remove_dir_all(done.path.join(".openclaw")).unwrap();
    assert_eq!(pin(&done.path), Pin::None);
}

#[test]
fn folders_with_links_and_the_like_are_refused() {
    let home = tempfile::tempdir().unwrap();
    let skills = home.path().join("state/skills");
    fs::write(home.path().join("secret"), "s").unwrap();
    for (name, spoil) in [
        ("link", (|path: &Path| symlink("../secret", path.join("x")).unwrap()) as fn(&Path)),
        ("hard", |path| fs::hard_link(path.parent().unwrap().join("secret"), path.join("x")).unwrap()),
        ("folder-link", |path| symlink("/etc", path.join("x")).unwrap()),
        ("none", |path| fs::remove_file(path.join("SKILL.md")).unwrap()),
        ("case", |path| fs::write(path.join("skill.md"), SKILL).unwrap()),
    ] {
        let source = home.path().join(name);
        folder(&source);
        spoil(&source);
        let refused = from(&source, &skills, true).unwrap_err();
        assert!(!matches!(refused, Refused::Io { .. }), "{name}: {refused}");
        assert!(!skills.join(name).exists());
    }
    folder(&home.path().join("good"));
    symlink(home.path().join("good"), home.path().join("linked")).unwrap();
    assert!(matches!(from(&home.path().join("linked"), &skills, true), Err(Refused::Kind { .. })));
    fs::write(home.path().join("SKILL.md"), SKILL).unwrap();
    // The folder that holds all skills is no skill.
    assert!(from(home.path(), &skills, true).is_err());
    assert!(matches!(from(&home.path().join("gone"), &skills, true), Err(Refused::Io { .. })));
}

#[test]
fn a_sum_that_was_asked_for_must_hold() {
    let home = tempfile::tempdir().unwrap();
    let (source, skills) = (home.path().join("notes"), home.path().join("skills"));
    folder(&source);
    let wanted = |sha256| Install {
        source: &source,
        slug: None,
        force: true,
        sha256: Some(sha256),
        skills: &skills,
        id: "one",
        now_ms: 7,
    };
    let zeros = "0".repeat(64);
    assert!(matches!(install(&wanted(&zeros)), Err(Refused::Damaged(_))));
    assert!(!skills.join("notes").exists());
    let sum = from(&source, &skills, true).unwrap().sha256;
    assert!(install(&wanted(&sum)).is_ok());
    // Of an archive, it is the sum of the file.
    let archive = home.path().join("other.zip");
    fs::write(&archive, zip(&[zipped("SKILL.md", SKILL)])).unwrap();
    let of_archive = |sha256| install(&Install { source: &archive, ..wanted(sha256) });
    assert!(matches!(of_archive(&zeros), Err(Refused::Damaged(_))));
    assert!(matches!(of_archive(&sum), Err(Refused::Damaged(_))));
    let bytes = fs::read(&archive).unwrap();
    let right: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    of_archive(&right).unwrap();
}
