use std::{fs, os::unix::fs::symlink, path::Path};

use proptest::prelude::*;

use super::*;

const MAX: u64 = 1024;

fn inside(text: &str) -> Inside {
    Inside::parse(text).unwrap()
}

struct Ground {
    dir: tempfile::TempDir,
}

impl Ground {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("ws")).unwrap();
        fs::write(dir.path().join("secret"), "outside").unwrap();
        Self { dir }
    }

    fn workspace(&self) -> PathBuf {
        self.dir.path().join("ws")
    }

    fn folder(&self) -> Folder {
        Folder::open(&self.workspace()).unwrap().unwrap()
    }
}

#[test]
fn a_file_is_written_whole_read_and_removed() {
    let ground = Ground::new();
    let folder = ground.folder();
    let name = inside("SOUL.md");
    assert_eq!(folder.look(&name).unwrap(), None);
    let seen = folder.write(&name, b"one", "a").unwrap();
    assert_eq!(seen.size, 3);
    folder.write(&name, b"three", "a").unwrap();
    assert_eq!(folder.read(&name, MAX).unwrap().unwrap().0, b"three");
    assert_eq!(fs::read_dir(ground.workspace()).unwrap().count(), 1, "no draft is left");
    assert!(matches!(folder.read(&name, 4), Err(Refused::TooLarge { size: 5, max: 4, .. })));
    assert!(folder.remove(&name).unwrap());
    assert!(!folder.remove(&name).unwrap());
}

#[test]
fn links_of_every_kind_are_refused_and_what_they_lead_to_stays() {
    let ground = Ground::new();
    let (folder, ws, secret) = (ground.folder(), ground.workspace(), ground.dir.path().join("secret"));
    symlink(&secret, ws.join("AGENTS.md")).unwrap();
    symlink(ground.dir.path().join("new"), ws.join("SOUL.md")).unwrap();
    symlink(ground.dir.path(), ws.join("up")).unwrap();
    fs::hard_link(&secret, ws.join("USER.md")).unwrap();
    for name in ["AGENTS.md", "SOUL.md", "up/secret", "USER.md", "up"] {
        let refused = |what: Result<(), Refused>| {
            assert!(matches!(what, Err(Refused::Link { .. } | Refused::Shared { .. })), "{name}: {what:?}");
        };
        refused(folder.read(&inside(name), MAX).map(drop));
        refused(folder.look(&inside(name)).map(drop));
        refused(folder.write(&inside(name), b"x", "d").map(drop));
        refused(folder.remove(&inside(name)).map(drop));
    }
    refused_list(&folder);
    assert_eq!(fs::read_to_string(&secret).unwrap(), "outside");
    assert!(!ground.dir.path().join("new").exists());
    let listed = folder.list(&Inside::HERE).unwrap().unwrap();
    assert_eq!(listed.iter().map(|entry| entry.name.as_str()).collect::<Vec<_>>(), ["USER.md"], "links are not listed");
}

fn refused_list(folder: &Folder) {
    assert!(matches!(folder.list(&inside("up")), Err(Refused::Link { .. })));
}

#[test]
fn pipes_folders_and_sockets_are_no_files() {
    let ground = Ground::new();
    let (folder, ws) = (ground.folder(), ground.workspace());
    fs::create_dir(ws.join("TOOLS.md")).unwrap();
    let socket = std::os::unix::net::UnixListener::bind(ws.join("USER.md")).unwrap();
    let pipe = std::process::Command::new("mkfifo").arg(ws.join("SOUL.md")).status();
    let mut names = vec!["TOOLS.md", "USER.md"];
    if pipe.is_ok_and(|status| status.success()) {
        names.push("SOUL.md");
    }
    for name in names {
        assert!(matches!(folder.read(&inside(name), MAX), Err(Refused::Kind { .. })), "{name}");
        assert!(matches!(folder.write(&inside(name), b"x", "d"), Err(Refused::Kind { .. })), "{name}");
    }
    drop(socket);
}

#[test]
fn a_listing_is_sorted_and_goes_down() {
    let ground = Ground::new();
    let (folder, ws) = (ground.folder(), ground.workspace());
    fs::create_dir_all(ws.join("notes/deep")).unwrap();
    fs::write(ws.join("b.txt"), "bb").unwrap();
    fs::write(ws.join("a.txt"), "a").unwrap();
    fs::write(ws.join("notes/n.md"), "n").unwrap();
    let names = |at: &str| -> Vec<String> {
        folder.list(&inside(at)).unwrap().unwrap().into_iter().map(|entry| entry.name).collect()
    };
    assert_eq!(names(""), ["notes", "a.txt", "b.txt"]);
    assert_eq!(names("notes"), ["deep", "n.md"]);
    assert_eq!(folder.list(&inside("nowhere")).unwrap(), None);
    assert_eq!(folder.read(&inside("notes/n.md"), MAX).unwrap().unwrap().0, b"n");
}

#[test]
fn paths_that_leave_are_no_paths() {
    for text in [
        "..",
        "../x",
        "a/../b",
        "a/..",
        "./a",
        "/etc/passwd",
        "a//b",
        "//a",
        "a\\b",
        "a\0b",
        "a\nb",
        "a/./b",
        &"x".repeat(256),
        &"a/".repeat(65),
        &"a".repeat(5000),
    ] {
        assert!(Inside::parse(text).is_err(), "{text:?}");
    }
    for text in ["a", "a/b", "a/b/", "..a", "a..", "%2e%2e", "．．", ".hidden"] {
        assert!(Inside::parse(text).is_ok(), "{text:?}");
    }
    assert_eq!(inside("a/b/").to_string(), "a/b");
    assert_eq!((inside("a").parent(), Inside::HERE.parent()), (Some(Inside::HERE), None));
}

#[test]
fn a_workspace_lies_nowhere_where_it_would_show_the_gateway() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("home");
    let state = home.join(".openclaw");
    fs::create_dir_all(&state).unwrap();
    symlink(&state, home.join("link")).unwrap();
    let grounds = Grounds {
        state_dir: state.clone(),
        config: state.join("openclaw.json"),
        home: Some(home.clone()),
        shared: state.join("workspace"),
    };
    let text = |path: &Path| path.display().to_string();
    for bad in [
        String::new(),
        "/".to_owned(),
        "relative".to_owned(),
        "~".to_owned(),
        text(&home),
        text(&state),
        text(dir.path()),
        text(&state.join("agents")),
        text(&state.join("workspace/../gateway.sqlite")),
        text(&home.join("link")),
        text(&home.join("link/agents")),
        "/tmp/a\nb".to_owned(),
        format!("/{}", "x".repeat(1100)),
    ] {
        assert!(grounds.place(&bad).is_err(), "{bad:?}");
    }
    for (good, usual) in [
        (text(&state.join("workspace-a")), true),
        ("~/.openclaw/workspaces/a".to_owned(), true),
        (text(&state.join("workspace/sub")), true),
        (text(&home.join("projects/a")), false),
        (text(&home.join("link/workspace-b")), false),
    ] {
        let placed = grounds.place(&good).unwrap();
        assert_eq!(grounds.is_usual(&placed), usual, "{good}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever text somebody sends, nothing outside of the folder is read, written or removed.
    #[test]
    fn no_text_leaves_the_folder(text in prop_oneof![
        "\\PC{0,40}",
        "[./\\\\a-cA-C~%0-9\\x00 ]{0,24}",
        prop::collection::vec(prop_oneof![Just(".."), Just("."), Just(""), Just("up"), Just("ws"), Just("secret"), Just("a"), Just("..\\")], 0..6)
            .prop_map(|parts| parts.join("/")),
    ]) {
        let ground = Ground::new();
        symlink(ground.dir.path(), ground.workspace().join("up")).unwrap();
        if let Ok(path) = Inside::parse(&text) {
            let folder = ground.folder();
            let _ = folder.write(&path, b"written", "draft");
            if let Ok(Some((bytes, _))) = folder.read(&path, MAX) {
                prop_assert_eq!(bytes, b"written".to_vec());
            }
            let _ = folder.list(&path);
            let _ = folder.remove(&path);
        }
        let mut outside: Vec<String> = fs::read_dir(ground.dir.path()).unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        outside.sort();
        prop_assert_eq!(outside, ["secret", "ws"]);
        prop_assert_eq!(fs::read_to_string(ground.dir.path().join("secret")).unwrap(), "outside");
    }
}

#[test]
fn folders_overlap_when_one_lies_in_the_other() {
    let overlap = |one: &str, other: &str| overlap(Path::new(one), Path::new(other));
    assert!(overlap("/a/b", "/a/b") && overlap("/a/b/c", "/a/b") && overlap("/a/b", "/a/b/c"));
    assert!(!overlap("/a/b", "/a/bc") && !overlap("/a/b", "/a/c") && !overlap("/a/b/c", "/a/c"));
}

#[test]
fn what_is_refused_is_named_by_its_whole_path() {
    let ground = Ground::new();
    fs::create_dir_all(ground.workspace().join("a/b")).unwrap();
    symlink("/etc", ground.workspace().join("a/link")).unwrap();
    let said = |name: &str| ground.folder().read(&inside(name), MAX).unwrap_err().to_string();
    for (name, at) in [("a/b", "ws/a/b"), ("a/link/passwd", "ws/a/link")] {
        assert!(said(name).contains(&ground.dir.path().join(at).display().to_string()), "{}", said(name));
    }
}
