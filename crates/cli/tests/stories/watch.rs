//! Somebody looks on while things move.

use std::{
    io::{BufRead, BufReader},
    process::Stdio,
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::home::{Home, Terminal};

#[test]
fn a_program_gets_one_document_a_line_until_the_gateway_comes_back() {
    let home = Home::new();
    let mut gateway = home.gateway(&[]);
    let mut watch = home.command(&["health", "--watch", "1", "--json"]);
    let mut watch = watch.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(watch.stdout.take().unwrap()).lines();
    let mut documents = lines.map_while(Result::ok).map(|line| serde_json::from_str::<Value>(&line).unwrap());
    assert_eq!(documents.next().unwrap()["ok"], json!(true));
    gateway.kill();
    // The socket may tell of the end once before it is known that nobody listens any more.
    let away = documents.by_ref().find(|document| document["ok"] == json!(false)).unwrap();
    assert!(matches!(away["error"]["code"].as_str(), Some("UNREACHABLE" | "CONNECTION_ENDED")), "{away}");
    let _gateway = home.gateway(&[]);
    assert!(documents.by_ref().any(|document| document["ok"] == json!(true)));
    kill_process(Pid::from_child(&watch), Signal::INT).unwrap();
    assert_eq!(watch.wait().unwrap().code(), Some(0));
}

#[test]
fn a_person_sees_it_in_place() {
    let home = Home::new();
    let _gateway = home.gateway(&[]);
    let terminal = Terminal::new(80);
    let mut lines = terminal.lines().map_while(Result::ok);
    let mut watch = home.command(&["status", "--watch", "1"]);
    let mut watch = watch.env("TERM", "xterm").env("NO_COLOR", "1").stdout(terminal.slave()).spawn().unwrap();
    // Five facts, then the cursor goes up five rows and what is below it is cleared.
    assert!(lines.any(|line| line.contains("Sessions")));
    let again = lines.next().unwrap();
    assert!(again.starts_with("\u{1b}[5A\r\u{1b}[JGateway"), "{again:?}");
    kill_process(Pid::from_child(&watch), Signal::INT).unwrap();
    assert_eq!(watch.wait().unwrap().code(), Some(0));
}

#[test]
fn a_gateway_that_never_answered_is_not_waited_for() {
    let mut home = Home::new();
    home.set("OPENCLAW_GATEWAY_PORT", &home.port.to_string());
    assert_eq!(home.run(&["health", "--watch"]).code, Some(3));
    let refused = home.run(&["health", "--watch", "0"]);
    assert_eq!(refused.code, Some(2), "{}", refused.told());
}
