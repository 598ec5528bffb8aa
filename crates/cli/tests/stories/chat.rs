//! Somebody talks with an agent, at a terminal and without one.

use std::{
    io::{Read, Write},
    process::{Child, Stdio},
    time::Duration,
};

use insta::assert_snapshot;
use openclaw_testkit::llm::{FakeLlm, Fault, Script, Usage, Wire};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::{
    home::{Home, Ran},
    seat::Seat,
};

/// A model, and a home whose agent asks it.
async fn with_model(script: Script) -> (FakeLlm, Home) {
    let model = FakeLlm::start().await;
    model.always(script);
    let home = Home::new();
    let base = model.base_url(Wire::OpenAiCompletions);
    home.write_config(&format!(
        r#"{{
            gateway: {{auth: {{token: "a-token-for-this-story-0123456789"}}}},
            agents: {{defaults: {{model: "story/tale"}}}},
            models: {{providers: {{story: {{baseUrl: "{base}", api: "openai-completions", apiKey: "sk-story",
                models: [{{id: "tale", cost: {{input: 1000, output: 2000}}}}]}}}}}},
        }}"#
    ));
    (model, home)
}

fn tale() -> Script {
    Script { usage: Usage { input: 10, output: 5, ..Usage::default() }, ..Script::text("Once upon a time.") }
}

/// A program that asks for a command and waits for the decision.
fn asks(home: &Home, id: &str) -> Child {
    let params = json!({
        "id": id, "command": "rm -rf build", "cwd": "/srv/site", "host": "gateway", "sessionKey": "main",
        "twoPhase": true, "requireDeliveryRoute": false,
    });
    let params = params.to_string();
    let call =
        ["gateway", "call", "exec.approval.request", "--params", &params, "--expect-final", "--timeout", "60000"];
    home.command(&call).stdout(Stdio::piped()).spawn().unwrap()
}

fn decision(child: Child) -> Value {
    let output = child.wait_with_output().unwrap();
    serde_json::from_slice::<Value>(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))["decision"]
        .clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_says_hello_and_sees_the_reply_and_what_it_cost() {
    let (_model, home) = with_model(tale()).await;
    let _gateway = home.gateway(&[]);
    let mut seat = Seat::take(&home, 60, &["chat"]);
    let begin = seat.reads("Say something");
    assert!(begin.starts_with("agent:main:main  story/tale") && begin.contains("connected"), "{begin}");
    assert!(seat.is_taken());
    seat.press("Hallo\u{1b}[D\u{1b}[D\u{1b}[D\u{7f}e\r");
    let seen = seat.reads("Once upon a time.");
    assert!(seen.contains("> Hello"), "{seen}");
    seat.reads("in 10, out 5, $0.0200");
    seat.resize(40, 12);
    seat.until(|seen| seen.lines().next().is_some_and(|head| head.ends_with("connected") && head.len() <= 40));
    seat.press("/model\r");
    seat.reads("> story/tale");
    seat.press("\u{1b}");
    seat.until(|seen| !seen.contains("Enter takes"));
    seat.press("/new trip\r");
    seat.reads("agent:main:trip");
    seat.press("/sessions\r");
    seat.reads("Conversations");
    seat.press("\u{1b}");
    seat.until(|seen| !seen.contains("Enter takes"));
    seat.press("/nope\r");
    seat.reads("There is no command /nope");
    seat.press("/quit\r");
    assert_eq!(seat.leaves(), Some(0));
    seat.is_given_back();
    let mut again = Seat::take(&home, 60, &["chat", "--message", "And then?"]);
    again.until(|seen| seen.matches("Once upon a time.").count() == 2 && seen.contains("> And then?"));
    again.press("\u{4}");
    assert_eq!(again.leaves(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_shown_whole_and_decided_by_a_key() {
    let (_model, home) = with_model(tale()).await;
    let _gateway = home.gateway(&[]);
    let mut seat = Seat::take(&home, 40, &["chat"]);
    seat.reads("Say something");
    // Of two that wait, the one that is shown is the one that is decided.
    let first = asks(&home, "b-1");
    seat.reads("waits for you");
    let second = asks(&home, "b-2");
    seat.reads("waits for you, 1 of 2");
    std::thread::sleep(Duration::from_millis(800));
    seat.press("d");
    assert_eq!(decision(first), "deny");
    seat.until(|seen| seen.contains("waits for you,") && !seen.contains("1 of 2"));
    std::thread::sleep(Duration::from_millis(800));
    seat.press("a");
    assert_eq!(decision(second), "allow-once");
    for (id, key, expected) in [("a-1", "a", "allow-once"), ("a-2", "d", "deny"), ("a-3", "A", "allow-always")] {
        let asking = asks(&home, id);
        let seen = seat.reads("waits for you");
        assert!(seen.contains("| rm -rf build"), "{seen}");
        seat.reads("| at gateway:/srv/site");
        // A key of the first moment is taken for a letter, because nobody has read it yet.
        std::thread::sleep(Duration::from_millis(800));
        seat.press(key);
        seat.reads(&format!("exec {expected}"));
        assert_eq!(decision(asking), expected);
    }
    kill_process(Pid::from_raw(i32::try_from(seat.pid()).unwrap()).unwrap(), Signal::INT).unwrap();
    assert_eq!(seat.leaves(), Some(130));
    seat.is_given_back();
}

#[tokio::test(flavor = "multi_thread")]
async fn control_c_stops_the_turn_first_and_leaves_second() {
    let (model, home) = with_model(tale().with(Fault::StallMidStream)).await;
    let _gateway = home.gateway(&[]);
    let mut seat = Seat::take(&home, 60, &["chat"]);
    seat.reads("Say something");
    seat.press("Tell me a tale\r");
    seat.reads("replying");
    seat.press("\u{3}");
    model.until(|connections| connections.abandoned == 1).await;
    seat.reads("stopped");
    seat.press("\u{3}");
    assert_eq!(seat.leaves(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_goes_and_comes_back_is_told() {
    let (_model, home) = with_model(tale()).await;
    let mut gateway = home.gateway(&[]);
    let mut seat = Seat::take(&home, 60, &["chat", "-m", "Before"]);
    // Of a turn that is cut, the gateway keeps no reply.
    seat.reads("in 10, out 5, $0.0200");
    gateway.kill();
    seat.reads("reconnecting");
    let _gateway = home.gateway(&[]);
    seat.until(|seen| seen.contains("connected") && !seen.contains("reconnecting"));
    seat.press("After\r");
    seat.until(|seen| seen.matches("Once upon a time.").count() == 2);
    kill_process(Pid::from_raw(i32::try_from(seat.pid()).unwrap()).unwrap(), Signal::TERM).unwrap();
    assert_eq!(seat.leaves(), Some(130));
    seat.is_given_back();
}

/// Runs it without a terminal, with these lines as its input.
fn piped(home: &Home, arguments: &[&str], lines: &str) -> Ran {
    let mut command = home.command(arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    Ran {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_terminal_lines_go_in_and_replies_come_out() {
    let (_model, home) = with_model(tale()).await;
    let _gateway = home.gateway(&[]);
    let ran = piped(&home, &["chat"], "Hello\n\n/session trip\nAnd there?\n/help\n/quit\nnever said\n");
    assert_snapshot!(ran.told(), @r#"
    exit 0
    --- out
    Once upon a time.
    This is agent:main:trip now.
    Once upon a time.
    /help             this
    /stop             stop the turn at work
    /new [name]       begin another conversation
    /model [name]     choose who answers
    /sessions [key]   go to another conversation
    /quit             leave
    "#);
    let ran = piped(&home, &["chat", "--json", "--session", "other", "-m", "Hello"], "not read\n");
    let lines: Vec<Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<&str> = lines.iter().filter_map(|line| line["type"].as_str()).collect();
    assert_eq!(
        (ran.code, kinds.first(), kinds.get(1), kinds.last()),
        (Some(0), Some(&"session"), Some(&"sent"), Some(&"end"))
    );
    assert_eq!(lines[0]["sessionKey"], "agent:main:other");
    let text: String = lines.iter().filter_map(|line| line["delta"].as_str()).collect();
    let end = lines.last().unwrap();
    assert_eq!(
        (text.as_str(), &end["text"], &end["outputTokens"]),
        ("Once upon a time.", &json!("Once upon a time."), &json!(5))
    );
    assert_eq!((&end["status"], &end["cost"]), (&json!("ok"), &json!(0.02)), "{end}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_that_fails_is_told_and_is_the_exit_code() {
    let (_model, home) = with_model(tale().with(Fault::Status(400, None))).await;
    let _gateway = home.gateway(&[]);
    let ran = piped(&home, &["chat"], "Hello\n");
    assert_eq!(ran.code, Some(1), "{}", ran.told());
    assert!(ran.out.contains("error: "), "{}", ran.told());
    let nobody = Home::new();
    let ran = nobody.run(&["chat", "-m", "Hello", "--url", "ws://127.0.0.1:1"]);
    assert_eq!(ran.code, Some(3), "{}", ran.told());
}

/// Reads until this text has come.
fn reads(child: &mut Child, text: &str) -> String {
    let (output, mut read) = (child.stdout.as_mut().unwrap(), Vec::new());
    while !String::from_utf8_lossy(&read).contains(text) {
        let mut byte = [0];
        output.read_exact(&mut byte).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&read)));
        read.push(byte[0]);
    }
    String::from_utf8(read).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_terminal_the_end_that_is_told_is_that_of_the_own_turn() {
    let other = Script::text("There was another tale altogether.").with(Fault::StallMidStream);
    let (model, home) = with_model(other).await;
    model.script(tale());
    let mut gateway = home.gateway(&[]);
    let mut command = home.command(&["chat"]);
    let mut chat = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = chat.stdin.take().unwrap();
    input.write_all(b"Hello\n").unwrap();
    reads(&mut chat, "Once upon a time.\n");
    input.write_all(b"Go on\n").unwrap();
    reads(&mut chat, "There");
    gateway.kill();
    let _gateway = home.gateway(&[]);
    drop(input);
    let rest = reads(&mut chat, "\nerror: ");
    assert!(!rest.contains("Once"), "that is the reply to something else: {rest}");
    assert_eq!(chat.wait().unwrap().code(), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_terminal_what_waits_has_its_own_line_and_control_c_ends_it() {
    let (_model, home) = with_model(tale().with(Fault::StallMidStream)).await;
    let _gateway = home.gateway(&[]);
    let mut command = home.command(&["chat"]);
    let mut chat = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    chat.stdin.as_mut().unwrap().write_all(b"Hello\n").unwrap();
    reads(&mut chat, "Once");
    let mut asking = asks(&home, "a-1");
    let seen = reads(&mut chat, "approvals resolve a-1");
    assert!(seen.contains("\nwaits for people: rm -rf build\n"), "{seen}");
    // The input is still open, and nobody writes any more.
    kill_process(Pid::from_child(&chat), Signal::INT).unwrap();
    assert_eq!(chat.wait().unwrap().code(), Some(130));
    asking.kill().unwrap();
    asking.wait().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_terminal_what_cannot_be_done_is_told_and_is_the_exit_code() {
    let (_model, home) = with_model(tale()).await;
    let _gateway = home.gateway(&[]);
    let ran = piped(&home, &["chat"], "/model nothing\nHello\n");
    assert_eq!(ran.code, Some(1), "{}", ran.told());
    assert!(ran.out.starts_with("error: ") && ran.out.ends_with("Once upon a time.\n"), "{}", ran.told());
    let ran = piped(&home, &["chat", "--json"], "/model nothing\n/nope\n//stop\n");
    let lines: Vec<Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((ran.code, &lines[1]["type"]), (Some(1), &json!("error")), "{}", ran.told());
    assert!(lines[1]["error"]["message"].as_str().is_some_and(|why| why.contains("nothing")), "{}", ran.told());
    assert_eq!(lines.last().unwrap()["type"], "end", "the gateway's own commands need no turn: {}", ran.told());
    let ran = piped(&home, &["chat"], &("x".repeat((1 << 20) + 1) + "\n"));
    assert_eq!(ran.code, Some(1), "{}", ran.told());
    assert!(ran.err.contains("line 1 of the input is longer than 1 MiB"), "{}", ran.told());
}
