//! A person does not wait for a reply to its end.

use std::{io::Read, process::Stdio};

use openclaw_testkit::llm::{FakeLlm, Fault, Script, Wire};
use rustix::process::{Pid, Signal, kill_process};

use crate::home::{Home, Terminal};

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_agent_shows_what_came_and_stops_the_run() {
    let (model, home) = stalled(Fault::StallMidStream).await;
    let _gateway = home.gateway(&[]);
    let mut agent = home.command(&["agent", "-m", "Tell me a tale"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut shown = [0; 4];
    agent.stdout.as_mut().unwrap().read_exact(&mut shown).unwrap();
    assert_eq!(&shown, b"Once");
    assert_eq!(model.connections().open, 1);
    kill_process(Pid::from_child(&agent), Signal::INT).unwrap();
    assert_eq!(agent.wait().unwrap().code(), Some(130));
    // The gateway has let go of the model: the run is over, not only out of sight.
    model.until(|connections| connections.abandoned == 1).await;
}

/// A model that stalls, and a home whose agent asks it.
async fn stalled(fault: Fault) -> (FakeLlm, Home) {
    let model = FakeLlm::start().await;
    model.always(Script::text("Once upon a time there was a gateway").with(fault));
    let home = Home::new();
    let base = model.base_url(Wire::OpenAiCompletions);
    home.write_config(&format!(
        r#"{{
            gateway: {{auth: {{token: "a-token-for-this-story-0123456789"}}}},
            agents: {{defaults: {{model: "story/tale"}}}},
            models: {{providers: {{story: {{baseUrl: "{base}", api: "openai-completions", apiKey: "sk-story", models: [{{id: "tale"}}]}}}}}},
        }}"#
    ));
    (model, home)
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_waits_at_a_terminal_sees_that_something_goes_on() {
    let (_model, home) = stalled(Fault::StallBeforeFirstByte).await;
    let _gateway = home.gateway(&[]);
    let terminal = Terminal::new(80);
    let mut shown = terminal.bytes();
    let mut command = home.command(&["agent", "-m", "Tell me a tale"]);
    command.env("TERM", "xterm").stdout(Stdio::piped()).stderr(terminal.slave());
    let mut agent = command.spawn().unwrap();
    let mut seen = Vec::new();
    while !String::from_utf8_lossy(&seen).contains("waiting for the reply") {
        seen.push(shown.next().unwrap().unwrap());
    }
    kill_process(Pid::from_child(&agent), Signal::INT).unwrap();
    let mut said = String::new();
    agent.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((agent.wait().unwrap().code(), said.as_str()), (Some(130), ""));
    // The sign is taken away, and nobody who reads a pipe ever sees it.
    while !String::from_utf8_lossy(&seen).ends_with("\r\u{1b}[K") {
        seen.push(shown.next().unwrap().unwrap());
    }
}
