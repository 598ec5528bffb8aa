//! Archives of strangers: each is refused with its reason, and nothing of it is anywhere.

use std::{fs, path::Path};

use openclaw_skills::{Install, Refused, Slug, install};

use crate::pack::{SKILL, Taped, Zipped, extended, gz, taped, tar, zip, zipped};

/// A zip archive with a good skill and this besides.
fn with_zipped(entry: Zipped) -> Vec<u8> {
    zip(&[zipped("SKILL.md", SKILL), entry])
}

fn with_taped(entries: Vec<Taped>) -> Vec<u8> {
    let mut all = vec![taped(b'0', "SKILL.md", SKILL)];
    all.extend(entries);
    tar(&all)
}

/// Name, archive, and what the refusal says.
fn archives() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let file = |name: &str| with_zipped(zipped(name, b"x"));
    let moded = |mode| with_zipped(Zipped { mode, ..zipped("thing", b"/etc/passwd") });
    let part = |kind, name: &str| with_taped(vec![taped(kind, name, b"")]);
    let zeros = vec![0; 4 << 20];
    let many: Vec<_> = (0..10_001).map(|at| zipped(format!("f{at}"), b"")).collect();
    let many_taped: Vec<_> = (0..10_001).map(|at| taped(b'0', format!("f{at}"), b"")).collect();
    let leads: Vec<_> = (0..2_000).map(|at| zipped(format!("{at}/a/b/c/d/e/f"), b"")).collect();
    let inner = zip(&[zipped("0.dll", &vec![0; 4 << 20])]);
    let shared = [zipped("SKILL.md", SKILL), Zipped { at_first: true, ..zipped("SKILL.md", SKILL) }];
    let mut cut = with_zipped(zipped("a", b"x"));
    cut.truncate(cut.len() - 30);
    let mut before = b"#!/bin/sh\n".to_vec();
    before.extend(zip(&[zipped("SKILL.md", SKILL)]));
    let mut torn = gz(&with_taped(vec![taped(b'0', "a", &[b'a'; 4000])]));
    torn.truncate(torn.len() - 20);
    let mut broken_sum = gz(&tar(&[taped(b'0', "SKILL.md", SKILL)]));
    let last = broken_sum.len() - 6;
    broken_sum[last] ^= 0xff;
    vec![
        ("zip, absolute", file("/etc/cron.d/x"), "absolute"),
        ("zip, above", file("../x"), "leads out"),
        ("zip, above from inside", file("a/../../x"), "leads out"),
        ("zip, above with backslashes", file("..\\..\\x"), "backslash"),
        ("zip, drive", file("C:/x"), "colon"),
        ("zip, UNC", file("\\\\host\\share\\x"), "backslash"),
        ("zip, UNC with slashes", file("//host/share/x"), "absolute"),
        ("zip, zero byte", with_zipped(zipped(b"a\0.txt", b"x")), "zero byte"),
        ("zip, not UTF-8", with_zipped(zipped(b"a\xff", b"x")), "not UTF-8"),
        ("zip, control character", file("a\u{1b}[2J"), "control character"),
        ("zip, empty name", file(""), "empty"),
        ("zip, same name twice", file("SKILL.md"), "twice"),
        ("zip, other case", file("skill.MD"), "case"),
        ("zip, file and folder", zip(&[zipped("SKILL.md", SKILL), zipped("a", b"x"), zipped("a/b", b"x")]), "\"a/b\""),
        ("zip, too deep", file(&format!("{}x", "d/".repeat(40))), "too deep"),
        ("zip, link", moded(0o120_777), "symbolic link"),
        ("zip, device", moded(0o020_666), "a device"),
        ("zip, pipe", moded(0o010_666), "a pipe"),
        ("zip, encrypted", with_zipped(Zipped { flags: 1, ..zipped("a", b"x") }), "encrypted"),
        ("zip, strange packing", with_zipped(Zipped { method: 12, ..zipped("a", b"x") }), "not read"),
        (
            "zip, two names",
            with_zipped(Zipped { local: Some(b"../evil".to_vec()), ..zipped("safe.md", b"x") }),
            "differ",
        ),
        ("zip, overlapping", zip(&shared), "overlap"),
        ("zip, longer than it says", with_zipped(Zipped { size: Some(1), ..zipped("a", b"xyz") }), "longer"),
        ("zip, shorter than it says", with_zipped(Zipped { size: Some(9), ..zipped("a", b"xyz") }), "shorter"),
        ("zip, wrong sum", with_zipped(Zipped { crc: Some(7), ..zipped("a", b"xyz") }), "sum"),
        ("zip, cut off", cut, "end is missing"),
        ("zip, behind a program", before, "neither a zip"),
        ("zip, bomb", with_zipped(zipped("zeros", &zeros)), "of each byte"),
        ("zip, bomb that lies", with_zipped(Zipped { size: Some(4000), ..zipped("zeros", &zeros) }), "longer"),
        (
            "zip, of zips",
            zip(&(0..16).map(|at| zipped(format!("lib {at}.zip"), &inner)).collect::<Vec<_>>()),
            "no SKILL.md",
        ),
        ("zip, too many", zip(&many), "10000 files"),
        ("zip, no skill", zip(&[zipped("README.md", b"x")]), "no SKILL.md"),
        (
            "zip, name that leads out",
            zip(&[zipped("SKILL.md", b"---\nname: ../../x\ndescription: d\n---\n")]),
            "its name",
        ),
        ("zip, without a head", zip(&[zipped("SKILL.md", b"# Notes\n")]), "does not begin"),
        ("zip, with our notes", file(".openclaw/origin.json"), "notes about a skill"),
        ("tar, absolute", part(b'0', "/etc/x"), "absolute"),
        ("tar, above", part(b'0', "../x"), "leads out"),
        ("tar, link", part(b'2', "link"), "symbolic link"),
        ("tar, hard link", part(b'1', "link"), "hard link"),
        (
            "tar, file through a link",
            with_taped(vec![taped(b'2', "d", b""), taped(b'0', "d/x", b"x")]),
            "symbolic link",
        ),
        ("tar, device", part(b'3', "null"), "a device"),
        ("tar, disk", part(b'4', "sda"), "a device"),
        ("tar, pipe", part(b'6', "pipe"), "a pipe"),
        ("tar, strange kind", part(b'Z', "thing"), "no known kind"),
        (
            "tar, long name above",
            with_taped(vec![taped(b'L', "././@LongLink", b"../../x\0"), taped(b'0', "x", b"")]),
            "leads out",
        ),
        ("tar, extended name above", with_taped(vec![extended("path", "../../x"), taped(b'0', "x", b"")]), "leads out"),
        (
            "tar, two names",
            with_taped(vec![extended("path", "a"), taped(b'L', "l", b"b\0"), taped(b'0', "x", b"")]),
            "two names",
        ),
        ("tar, two sizes", with_taped(vec![extended("size", "0"), taped(b'0', "x", b"xyz")]), "sizes"),
        ("tar, name of nothing", with_taped(vec![extended("path", "a")]), "before the file"),
        (
            "tar, huge name",
            with_taped(vec![taped(b'L', "l", &[b'a'; 9000]), taped(b'0', "x", b"")]),
            "a name or its like",
        ),
        ("tar, huge promise", with_taped(vec![Taped { size: Some(1 << 40), ..taped(b'0', "x", b"") }]), "of each byte"),
        ("tar, other case", with_taped(vec![taped(b'0', "skill.md", SKILL)]), "case"),
        ("tar, too many", tar(&many_taped), "10000 files"),
        ("zip, folders that only names tell of", zip(&leads), "10000 files"),
        ("tar.gz, above", gz(&part(b'0', "../x")), "leads out"),
        ("tar.gz, bomb", gz(&with_taped(vec![taped(b'0', "zeros", &zeros)])), "of each byte"),
        (
            "tar.gz, zeros behind its end",
            gz(&[tar(&[taped(b'0', "SKILL.md", SKILL)]), zeros.clone()].concat()),
            "follows its end",
        ),
        ("tar.gz, cut off", torn, "archive cannot be read"),
        ("tar.gz, wrong sum", broken_sum, "archive cannot be read"),
        ("nothing", Vec::new(), "neither a zip"),
        ("a text", SKILL.to_vec(), "neither a zip"),
    ]
}

/// Everything below a folder, links not followed.
fn below(folder: &Path, into: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        into.push(entry.path().display().to_string());
        if entry.file_type().unwrap().is_dir() {
            below(&entry.path(), into);
        }
    }
}

#[test]
fn every_archive_of_the_corpus_is_refused_and_nothing_of_it_is_left() {
    let archives = archives();
    assert!(archives.len() >= 40, "{}", archives.len());
    for (what, bytes, reason) in archives {
        let home = tempfile::tempdir().unwrap();
        let (archive, skills) = (home.path().join("a.bin"), home.path().join("state/skills"));
        fs::write(&archive, &bytes).unwrap();
        let wanted = Install {
            source: &archive,
            slug: Some(Slug::new("notes").unwrap()),
            force: true,
            sha256: None,
            skills: &skills,
            id: "one",
            now_ms: 1,
        };
        let refused = install(&wanted).map(|installed| installed.path).unwrap_err();
        assert!(!matches!(refused, Refused::Io { .. }), "{what}: {refused}");
        assert!(refused.to_string().contains(reason), "{what}: {refused}");
        let mut left = Vec::new();
        below(home.path(), &mut left);
        left.retain(|path| !["a.bin", "state", "skills", ".staging"].iter().any(|name| path.ends_with(name)));
        assert_eq!(left, [""; 0], "{what}");
    }
}

/// More than three hundred names that lead elsewhere when somebody takes them for a path.
fn wandering() -> Vec<String> {
    let mut names: Vec<String> = [
        "/etc/cron.d/x",
        "//etc/x",
        "C:\\x",
        "C:x",
        "\\\\host\\share\\x",
        "file:///etc/x",
        "~/x",
        "$HOME/x",
        "..",
        ".",
        "./..",
        "a/..",
        "a/../..",
        "a/./../../x",
        "x\0/../../y",
        "con/../../x",
        "SKILL.md/../../x",
    ]
    .map(str::to_owned)
    .into();
    for up in
        ["../", "..\\", "..//", ".././", "..;/", "....//", "..\0/", "．．/", "..\u{2215}", "a/../../", "..\t/", "..\n/"]
    {
        for before in ["", "/", "./", "a/", "notes/", "SKILL.md/"] {
            for steps in 1..=5 {
                names.push(format!("{before}{}x", up.repeat(steps)));
            }
        }
    }
    names
}

#[test]
fn t72_no_spelling_of_a_name_in_an_archive_leads_out_of_its_folder() {
    let percent = |text: &str| text.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>();
    let names = wandering();
    assert!(names.len() >= 300, "{} names", names.len());
    for (number, name) in names.iter().enumerate() {
        let once = percent(name);
        let mut archives = vec![
            (name.clone(), with_zipped(zipped(name, b"planted"))),
            (name.clone(), with_taped(vec![taped(b'0', name, b"planted")])),
        ];
        // These are installed, and wait for the disk.
        if number % 8 == 0 {
            archives.push((once.clone(), with_zipped(zipped(&once, b"planted"))));
            archives.push((percent(&once), with_zipped(zipped(percent(&once), b"planted"))));
        }
        for (name, bytes) in archives {
            let home = tempfile::tempdir().unwrap();
            let (archive, skills) = (home.path().join("a.bin"), home.path().join("state/skills"));
            fs::write(&archive, &bytes).unwrap();
            let wanted = Install {
                source: &archive,
                slug: Some(Slug::new("notes").unwrap()),
                force: false,
                sha256: None,
                skills: &skills,
                id: "one",
                now_ms: 1,
            };
            // Percent signs are letters of a name like others, so such an archive may be a good one.
            let installed = install(&wanted).is_ok();
            let mut left = Vec::new();
            below(home.path(), &mut left);
            let own = format!("{}/notes", skills.display());
            left.retain(|path| !["a.bin", "state", "skills", ".staging"].iter().any(|name| path.ends_with(name)));
            let outside: Vec<_> = left.iter().filter(|path| !installed || !path.starts_with(&own)).collect();
            assert!(outside.is_empty(), "{name:?}: {outside:?}");
        }
    }
}
