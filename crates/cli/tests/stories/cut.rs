//! The line to the gateway breaks in the middle.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Stdio},
    time::Duration,
};

use openclaw_testkit::{
    cutter::Cutter,
    llm::{FakeLlm, Pace, Say, Script, Wire},
};
use rustix::process::{Pid, Signal, kill_process};

use crate::home::Home;

const TOKEN: &str = "cut-token-0123456789abcdef0123456789";
/// Bytes of the gateway's after which one connection after another breaks, each some way behind its hello.
const BUDGETS: [usize; 4] = [9_000, 12_000, 16_000, 22_000];

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_that_is_cut_again_and_again_is_printed_whole_and_once() {
    let words: Vec<String> = (0..80).map(|number| format!("word{number} ")).collect();
    let model = FakeLlm::start().await;
    model.always(Script {
        deltas: words.iter().cloned().map(Say::Text).collect(),
        pace: Pace { delay: Duration::from_millis(20) },
        ..Script::default()
    });
    let mut home = Home::new();
    let base = model.base_url(Wire::OpenAiCompletions);
    home.write_config(&format!(
        r#"{{
            gateway: {{auth: {{token: "{TOKEN}"}}}},
            agents: {{defaults: {{model: "story/tale"}}}},
            models: {{providers: {{story: {{baseUrl: "{base}", api: "openai-completions", apiKey: "sk-story", models: [{{id: "tale"}}]}}}}}},
        }}"#
    ));
    let _gateway = home.gateway(&[]);
    let cutter = Cutter::before(format!("127.0.0.1:{}", home.port), BUDGETS.to_vec()).await;
    home.set("OPENCLAW_GATEWAY_URL", cutter.url());
    home.set("OPENCLAW_GATEWAY_TOKEN", TOKEN);
    let ran = tokio::task::spawn_blocking(move || home.run(&["agent", "-m", "Tell me a tale"])).await.unwrap();
    assert_eq!(ran.code, Some(0), "{}", ran.told());
    assert_eq!(ran.out.trim_end(), words.concat().trim_end());
    assert_eq!(model.requests().len(), 1, "the model was asked once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_followed_over_a_bad_line_has_each_line_once() {
    let mut home = Home::new();
    home.write_config(&format!(r#"{{gateway: {{auth: {{token: "{TOKEN}"}}}}}}"#));
    let _gateway = home.gateway(&[]);
    let cutter = Cutter::before(format!("127.0.0.1:{}", home.port), BUDGETS.to_vec()).await;
    let mut follow = home.command(&["logs", "--follow", "--json", "--url", cutter.url(), "--token", TOKEN]);
    let mut follower = Follower(follow.stdout(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(follower.0.stdout.take().unwrap()).lines();
    let (said, heard) = std::sync::mpsc::channel();
    std::thread::spawn(move || while lines.next().and_then(Result::ok).is_some_and(|line| said.send(line).is_ok()) {});
    home.set("OPENCLAW_GATEWAY_TOKEN", TOKEN);
    // Each command leaves a line.
    for _ in 0..20 {
        assert_eq!(home.run(&["health"]).code, Some(0));
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let until = home.run(&["logs", "--json", "-n", "5000"]);
    let expected: Vec<&str> = until.out.lines().filter(|line| line.contains(CONNECTED)).collect();
    assert!(expected.len() > 20, "{}", until.told());
    let mut followed: Vec<String> = Vec::new();
    while followed.last().map(String::as_str) != expected.last().copied() {
        let line = tokio::task::block_in_place(|| heard.recv_timeout(Duration::from_secs(20)));
        followed.extend(Some(line.expect("the follower goes on")).filter(|line| line.contains(CONNECTED)));
    }
    // From its first line on it has what there is, and each once.
    let from = expected.iter().position(|line| *line == followed[0]).expect("it began with a line of the log");
    assert_eq!(followed, expected[from..]);
    kill_process(Pid::from_child(&follower.0), Signal::INT).unwrap();
    assert_eq!(follower.0.wait().unwrap().code(), Some(0));
}

/// What is logged of every connection.
const CONNECTED: &str = "WebSocket connection established";

/// Somebody who follows the log until the end of the story.
struct Follower(Child);

impl Drop for Follower {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
