//! A gateway that listens on its own machine alone is probed through ssh.

use std::os::unix::fs::PermissionsExt;

use crate::home::Home;

/// Puts a program in the place of ssh that notes its arguments and its environment, and does this.
fn with_ssh(home: &mut Home, does: &str) {
    let folder = home.path().join("bin");
    std::fs::create_dir_all(&folder).unwrap();
    let notes = home.path().join("ssh");
    let script = format!(
        "#!/bin/bash\nprintf '%s\\n' \"$@\" > '{0}.arguments'\nenv > '{0}.environment'\n{does}\n",
        notes.display()
    );
    let file = folder.join("ssh");
    std::fs::write(&file, script).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
    home.set("PATH", &format!("{}:/usr/bin:/bin", folder.display()));
}

fn noted(home: &Home, what: &str) -> String {
    std::fs::read_to_string(home.path().join(format!("ssh.{what}"))).unwrap_or_default()
}

/// What carries bytes to the gateway, as ssh does.
fn forwards(port: u16) -> String {
    format!("exec 3<>/dev/tcp/127.0.0.1/{port}; cat <&3 & cat >&3; wait")
}

const TOKEN: &str = "a-token-for-this-story-0123456789";

#[test]
fn a_gateway_on_the_far_side_is_reached_and_gets_what_was_given_for_it() {
    let far = Home::new();
    far.write_config(&format!(r#"{{gateway: {{auth: {{token: "{TOKEN}"}}}}}}"#));
    let _gateway = far.gateway(&[]);
    let mut here = Home::new();
    with_ssh(&mut here, &forwards(far.port));
    let ran = here.run(&["gateway", "probe", "--ssh", "me@far.example:2222", "--token", TOKEN, "--json"]);
    let told = ran.json();
    assert_eq!(
        (ran.code, &told["ok"], &told["tunnel"]),
        (Some(0), &true.into(), &"me@far.example:2222".into()),
        "{told}"
    );
    assert_eq!((&told["source"], &told["url"]), (&"ssh".into(), &"ws://127.0.0.1:18789".into()), "{told}");
    let arguments = noted(&here, "arguments");
    let lines: Vec<&str> = arguments.lines().collect();
    assert!(lines.windows(2).any(|pair| pair == ["-W", "127.0.0.1:18789"]), "{arguments}");
    assert!(lines.windows(2).any(|pair| pair == ["-p", "2222"]), "{arguments}");
    assert_eq!(&lines[lines.len() - 2..], ["--", "me@far.example"], "{arguments}");
}

#[test]
fn no_secret_of_this_machine_goes_through() {
    let far = Home::new();
    far.write_config(&format!(r#"{{gateway: {{auth: {{token: "{TOKEN}"}}}}}}"#));
    let _gateway = far.gateway(&[]);
    let mut here = Home::new();
    // The same secret, at a place that is looked into for other gateways.
    here.write_config(&format!(r#"{{gateway: {{port: 18789, auth: {{token: "{TOKEN}"}}}}}}"#));
    here.set("OPENCLAW_GATEWAY_TOKEN", TOKEN);
    with_ssh(&mut here, &forwards(far.port));
    let ran = here.run(&["gateway", "probe", "--ssh", "far.example", "--json"]);
    let told = ran.json();
    assert_eq!((ran.code, &told["reachable"], &told["admitted"]), (Some(4), &true.into(), &false.into()), "{told}");
    assert!(told["error"]["hint"].as_str().is_some_and(|hint| hint.starts_with("pass --token or")), "{told}");
    let environment = noted(&here, "environment");
    assert!(environment.contains("PATH=") && !environment.contains("OPENCLAW_"), "{environment}");
}

#[test]
fn why_ssh_does_not_get_there_is_told() {
    let mut here = Home::new();
    with_ssh(&mut here, "echo 'me@far.example: Permission denied (publickey).' >&2; exit 255");
    let ran = here.run(&["gateway", "probe", "--ssh", "me@far.example"]);
    assert_eq!(ran.code, Some(3), "{}", ran.told());
    assert!(ran.err.contains("ssh me@far.example: me@far.example: Permission denied (publickey)."), "{}", ran.told());
    let mut without = Home::new();
    without.set("PATH", "/nonexistent");
    let ran = without.run(&["gateway", "probe", "--ssh", "me@far.example"]);
    assert_eq!(ran.code, Some(3), "{}", ran.told());
    assert!(ran.err.contains("there is no program ssh here") && ran.err.contains("ssh itself"), "{}", ran.told());
}

#[test]
fn t43_nothing_but_a_destination_is_taken_for_one() {
    let mut here = Home::new();
    with_ssh(&mut here, "exit 255");
    for destination in ["-oProxyCommand=touch pwned", "me@-oProxyCommand=x", "host;id", "$(id)@host", "a b", ""] {
        let flag = format!("--ssh={destination}");
        let ran = here.run(&["gateway", "probe", &flag]);
        assert_eq!(ran.code, Some(2), "{destination}: {}", ran.told());
    }
    assert_eq!(noted(&here, "arguments"), "", "ssh was never started");
}
