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

#[test]
fn a_file_is_read_up_to_its_bound_and_keeps_its_mode() {
    use std::os::unix::fs::PermissionsExt;
    let ground = Ground::new();
    let folder = ground.folder();
    let mode = |name: &str| fs::metadata(ground.workspace().join(name)).unwrap().permissions().mode() & 0o7777;
    folder.write(&inside("new"), &vec![b'x'; 1024], "a").unwrap();
    assert_eq!((folder.read(&inside("new"), MAX).unwrap().unwrap().0.len(), mode("new")), (1024, 0o600));
    folder.write(&inside("new"), &vec![b'x'; 1025], "a").unwrap();
    assert!(matches!(folder.read(&inside("new"), MAX), Err(Refused::TooLarge { size: 1025, max: MAX, .. })));
    for kept in [0o640, 0o604, 0o755] {
        fs::set_permissions(ground.workspace().join("new"), fs::Permissions::from_mode(kept)).unwrap();
        folder.write(&inside("new"), b"other", "a").unwrap();
        assert_eq!(mode("new"), kept);
    }
}

#[test]
fn a_draft_that_somebody_laid_is_neither_written_to_nor_followed() {
    let ground = Ground::new();
    let folder = ground.folder();
    let draft = ground.workspace().join(".openclaw.a.new");
    fs::write(&draft, "laid").unwrap();
    assert!(folder.write(&inside("file"), b"text", "a").is_err());
    assert_eq!(fs::read_to_string(&draft).unwrap(), "laid");
    fs::remove_file(&draft).unwrap();
    symlink(ground.dir.path().join("elsewhere"), &draft).unwrap();
    assert!(folder.write(&inside("file"), b"text", "a").is_err());
    assert!(!ground.dir.path().join("elsewhere").exists());
}

#[test]
fn bounds_of_paths_are_where_they_are_said_to_be() {
    let whole = vec!["x".repeat(255); 15].join("/") + "/" + &"y".repeat(254) + "/z";
    assert_eq!(whole.len(), 4096);
    assert!(Inside::parse(&whole).is_ok() && Inside::parse(&format!("{whole}z")).unwrap_err().contains("4096"));
    assert!(Inside::parse(&"x".repeat(255)).is_ok() && Inside::parse(&"x".repeat(256)).is_err());
    let deep = |depth: usize| vec!["a"; depth].join("/");
    assert!(Inside::parse(&deep(64)).is_ok() && Inside::parse(&deep(65)).unwrap_err().contains("64"));
    assert_eq!((inside("a/b").join("c"), Inside::HERE.join("c")), ("a/b/c".to_owned(), "c".to_owned()));
    assert_eq!(expanded("~", Some(Path::new("/home/me"))), Path::new("/home/me"));
    assert_eq!(expanded("~/a", Some(Path::new("/home/me"))), Path::new("/home/me/a"));
    assert_eq!(expanded("~", None), Path::new("~"));
}

#[test]
fn a_workspace_is_not_where_the_configuration_lies_and_its_path_has_a_bound() {
    let dir = tempfile::tempdir().unwrap();
    let (etc, state) = (dir.path().join("etc"), dir.path().join("state"));
    fs::create_dir_all(&etc).unwrap();
    fs::create_dir_all(&state).unwrap();
    let grounds = Grounds {
        state_dir: state.clone(),
        config: etc.join("openclaw.json"),
        home: None,
        shared: state.join("workspace"),
    };
    let refused = grounds.place(&etc.display().to_string()).unwrap_err().to_string();
    assert!(refused.contains("must not hold the gateway's configuration"), "{refused}");
    assert!(grounds.place(&etc.join("below").display().to_string()).is_ok());
    let long = |length: usize| format!("/{}", "x/".repeat(600)).chars().take(length).collect::<String>();
    assert!(grounds.place(&long(1024)).is_ok());
    assert!(grounds.place(&long(1025)).unwrap_err().to_string().contains("1024 bytes"));
}

#[test]
fn the_home_is_no_workspace_by_whichever_name() {
    let dir = tempfile::tempdir().unwrap();
    let (real, link, state) = (dir.path().join("real"), dir.path().join("link"), dir.path().join("state"));
    fs::create_dir(&real).unwrap();
    symlink(&real, &link).unwrap();
    for home in [&real, &link] {
        let grounds = Grounds {
            state_dir: state.clone(),
            config: state.join("openclaw.json"),
            home: Some(home.clone()),
            shared: state.join("workspace"),
        };
        for path in [&real, &link] {
            let refused = grounds.place(&path.display().to_string()).unwrap_err().to_string();
            assert!(refused.contains("whole home"), "{refused}");
        }
        assert!(grounds.place(&dir.path().join("other").display().to_string()).is_ok());
    }
}
