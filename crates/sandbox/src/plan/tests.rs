use std::os::unix::fs::symlink;

use super::*;

fn rules() -> Rules {
    Rules { base: [("PATH", "/usr/bin:/bin"), ("HOME", "/root")].into_iter().collect(), ..Rules::default() }
}

fn request(command: &str) -> Request {
    Request { command: command.to_owned(), ..Request::default() }
}

fn refused(request: Request, rules: &Rules) -> (String, String) {
    let refusal = Plan::make(request, rules).unwrap_err();
    (refusal.place(), refusal.to_string())
}

#[test]
fn a_name_is_found_in_the_path_and_a_path_is_taken_as_it_is() {
    let plan = Plan::make(request("sh"), &rules()).unwrap();
    assert!(plan.program().ends_with("sh") && plan.program().is_absolute());
    assert_eq!(plan.folder(), Path::new("/"));
    assert_eq!(Plan::make(request("/bin/sh"), &rules()).unwrap().program(), Path::new("/bin/sh"));
}

#[test]
fn where_a_program_is_found_is_not_for_whoever_asks_to_say() {
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("sh");
    fs::write(&other, "#!/bin/false").unwrap();
    fs::set_permissions(&other, fs::Permissions::from_mode(0o755)).unwrap();
    let path = folder.path().display().to_string();
    for name in ["PATH", "path", "Path"] {
        let env = [(name.to_owned(), path.clone())].into_iter().collect();
        let (place, text) = refused(Request { env, ..request("sh") }, &rules());
        assert_eq!(place, format!("env.{name}"), "{text}");
    }
    let cwd = Some(path);
    let plan = Plan::make(Request { cwd, ..request("sh") }, &rules()).unwrap();
    assert_ne!(plan.program(), other, "nor does it lie in the folder where it starts");
    assert_eq!(plan.env.get("PATH").map(String::as_str), Some("/usr/bin:/bin"));
}

#[test]
fn what_is_not_there_or_not_executable_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("agent.py");
    fs::write(&script, "print()").unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o644)).unwrap();
    let path = script.display().to_string();
    let in_path = Rules { base: [("PATH", folder.path().to_str().unwrap())].into_iter().collect(), ..Rules::default() };
    for (command, rules, words) in [
        ("", &rules(), "command is empty"),
        ("no-such-program", &rules(), "was not found in the gateway's PATH (/usr/bin:/bin)"),
        ("/no/such/program", &rules(), "does not exist"),
        ("bin/sh", &rules(), "relative path"),
        ("../sh", &rules(), "relative path"),
        (path.as_str(), &rules(), "chmod +x"),
        ("agent.py", &in_path, "chmod +x"),
        ("/usr", &rules(), "is no file"),
    ] {
        let (place, text) = refused(request(command), rules);
        assert_eq!(place, "command", "{text}");
        assert!(text.contains(words), "{text}");
    }
}

#[test]
fn bytes_that_no_argument_can_hold_and_sizes_are_refused_with_their_place() {
    let with = |args: Vec<String>| Request { args, ..request("sh") };
    let (place, text) = refused(with(vec!["a".into(), "b\0c".into()]), &rules());
    assert_eq!((place.as_str(), text.as_str()), ("args[1]", "args[1] has a NUL byte"));
    assert_eq!(refused(request("sh\0"), &rules()).0, "command");
    assert_eq!(refused(with(vec!["x".repeat(MAX_ARGUMENT_BYTES + 1)]), &rules()).0, "args[0]");
    assert_eq!(refused(with(vec![String::new(); MAX_ARGUMENTS + 1]), &rules()).0, "args");
    assert_eq!(refused(with(vec!["x".repeat(100_000); 11]), &rules()).0, "args and env together");
    assert!(Plan::make(with(vec!["x".repeat(MAX_ARGUMENT_BYTES); 7]), &rules()).is_ok());
    let env = |name: &str, value: &str| Request {
        env: [(name.to_owned(), value.to_owned())].into_iter().collect(),
        ..request("sh")
    };
    for (name, value) in
        [("LD_PRELOAD", "/x.so"), ("path", "/x"), ("A=B", "x"), ("A", "x\0"), ("OPENCLAW_SPAWN_ID", "x")]
    {
        let (place, text) = refused(env(name, value), &rules());
        assert!(place.starts_with("env.") && text.contains(name), "{place}: {text}");
    }
    assert_eq!(refused(Request { cwd: Some("/tmp\0".to_owned()), ..request("sh") }, &rules()).0, "cwd");
}

#[test]
fn a_folder_is_where_its_links_lead_and_must_be_below_a_root() {
    let (inside, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let below = inside.path().join("below");
    fs::create_dir(&below).unwrap();
    symlink(outside.path(), inside.path().join("out")).unwrap();
    symlink(&below, outside.path().join("in")).unwrap();
    let rules = Rules { roots: vec![inside.path().to_owned()], ..rules() };
    let at = |cwd: &Path| Request { cwd: Some(cwd.display().to_string()), ..request("sh") };
    for allowed in [inside.path(), &below, &outside.path().join("in"), &below.join("../below")] {
        Plan::make(at(allowed), &rules).unwrap();
    }
    assert_eq!(Plan::make(request("sh"), &rules).unwrap().folder(), inside.path().canonicalize().unwrap());
    for forbidden in [outside.path(), &inside.path().join("out"), &below.join("../.."), Path::new("/")] {
        let (place, text) = refused(at(forbidden), &rules);
        assert!(place == "cwd" && text.contains("outside of the allowed folders"), "{text}");
    }
    let neighbour = PathBuf::from(format!("{}x", inside.path().display()));
    fs::create_dir(&neighbour).unwrap();
    assert!(refused(at(&neighbour), &rules).1.contains("outside"));
    fs::remove_dir(&neighbour).unwrap();
    assert!(refused(at(&inside.path().join("absent")), &rules).1.contains("No such file"));
    assert!(refused(at(Path::new("/bin/sh")), &rules).1.contains("Not a directory"));
    assert!(refused(at(Path::new("below")), &rules).1.contains("relative"));
}

#[test]
fn a_program_gets_what_the_caller_sets_over_what_it_inherits() {
    let mut wanted = request("sh");
    wanted.env.insert("LANG".to_owned(), "C".to_owned());
    let rules =
        Rules { base: [("PATH", "/bin"), ("LANG", "de"), ("SECRET", "s")].into_iter().collect(), ..Rules::default() };
    let plan = Plan::make(wanted, &rules).unwrap();
    assert_eq!(plan.env.into_iter().collect::<Vec<_>>(), [("LANG".into(), "C".into()), ("PATH".into(), "/bin".into())]);
}
