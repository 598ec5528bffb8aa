//! A gateway is set up, by questions and without.

use std::fs;

use insta::assert_snapshot;

use crate::home::Home;

#[test]
fn a_gateway_is_set_up_from_nothing_before_it_runs() {
    let mut home = Home::new();
    home.set("HOUSE_KEY", "sk-house-0123456789");
    let file = home.state().join("openclaw.json");
    assert_snapshot!(home.run(&["onboard"]).told(), @r#"
    exit 2
    --- err
    error: there is no terminal at which questions could be answered
      help: openclaw onboard --non-interactive
    "#);
    assert_snapshot!(home.run(&["onboard", "--non-interactive", "--auth", "keep"]).told(), @r#"
    exit 2
    --- err
    error: Credential must be one of token, password
      help: openclaw onboard --help
    "#);
    assert_snapshot!(home.run(&["onboard", "--non-interactive", "--auth", "password"]).told(), @r#"
    exit 2
    --- err
    error: --auth password needs the password
      help: --secret-env NAME, the variable that holds it
    "#);
    let probe = home.run(&["onboard", "--non-interactive", "--model", "house/big", "--probe"]);
    assert!(probe.code == Some(2) && probe.err.contains("--probe needs a gateway that runs"), "{}", probe.told());
    assert!(!file.exists());
    let workspace = home.path().join("work").display().to_string();
    let arguments = [
        "onboard",
        "--non-interactive",
        "--auth",
        "token",
        "--model",
        "openai/gpt-5.4",
        "--api-key-env",
        "HOUSE_KEY",
        "--agent-name",
        "Ada",
        "--workspace",
        &workspace,
    ];
    assert_snapshot!(home.run(&arguments).told(), @r#"
    exit 0
    --- out
    written to ~/.openclaw/openclaw.json
    Start the gateway: openclaw gateway
    "#);
    let text = fs::read_to_string(&file).unwrap();
    for word in ["sk-house-0123456789", "Ada", "openai/gpt-5.4", "token", "// OpenClaw Gateway"] {
        assert!(text.contains(word), "{word}: {text}");
    }
    let _gateway = home.gateway(&[]);
    let agents = home.run(&["agents", "list", "--json"]).json();
    assert_eq!(
        (&agents["agents"][0]["name"], &agents["agents"][0]["model"]["primary"]),
        (&"Ada".into(), &"openai/gpt-5.4".into())
    );
}

#[test]
fn a_running_gateway_is_set_up_by_itself() {
    let mut home = Home::new();
    let _gateway = home.gateway(&[]);
    let told = home.run(&["onboard", "--non-interactive", "--agent-name", "Bea", "--json"]);
    assert_eq!((told.code, &told.json()["by"], &told.json()["status"]), (Some(0), &"gateway".into(), &"done".into()));
    assert_eq!(home.run(&["agents", "list", "--json"]).json()["agents"][0]["name"], "Bea");
    assert_snapshot!(home.run(&["onboard", "--non-interactive", "--workspace", "/"]).told(), @r#"
    exit 2
    --- err
    error: wizard.next: invalid wizard.next params: at /answer/value: Workspace the workspace must not be the root of the file system; choose a folder of its own
      help: openclaw onboard --help
    "#);
    // What failed is given up, so that the next one may begin.
    let begun = home.run(&["call", "wizard.start"]).json();
    assert_snapshot!(home.run(&["onboard", "--non-interactive"]).told(), @r#"
    exit 1
    --- err
    error: wizard.start: wizard already running; go on with it, or end it with wizard.cancel
      help: openclaw onboard --restart
    "#);
    assert_eq!(
        home.run(&["wizard", "--non-interactive", "--restart"]).out.lines().next(),
        Some("the gateway is set up")
    );
    let params = format!("{{\"sessionId\": {}}}", begun["sessionId"]);
    assert_eq!(home.run(&["call", "wizard.status", "--params", &params]).json()["status"], "cancelled");
    home.set("NEW_SECRET", "quite a long password");
    let told = home.run(&["onboard", "--non-interactive", "--auth", "password", "--secret-env", "NEW_SECRET"]);
    assert_eq!(told.code, Some(0), "{}", told.told());
    assert_eq!(home.run(&["health"]).code, Some(0));
}

#[test]
fn a_person_is_asked_what_no_flag_says() {
    let mut home = Home::new();
    home.set("NEW_TOKEN", "a-token-of-a-person-0123456789");
    let arguments = ["onboard", "--auth", "token", "--secret-env", "NEW_TOKEN"];
    let asked = home.run_answering(&arguments, "9\n1\nskip\nAda\n\nperhaps\ny\n");
    assert_eq!(asked.code, Some(0), "{}", asked.out);
    for words in [
        "From where can clients connect?",
        "  2. From the network, too (every address of this machine)",
        "That is none of the answers.",
        "[main] > ",
        "clients need the new token; the agent's name Ada.",
        "written to ~/.openclaw/openclaw.json",
    ] {
        assert!(asked.out.contains(words), "{words}: {}", asked.out);
    }
    assert!(!asked.out.contains("a-token-of") && !asked.out.contains("How do clients prove"), "{}", asked.out);
    let file = home.state().join("openclaw.json");
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("a-token-of-a-person-0123456789") && text.contains("Ada"), "{text}");
    home.set("GEMINI_API_KEY", "key-of-this-shell");
    let given_up = home.run_answering(&["onboard"], "1\n1\nskip\nBea\n\nn\n");
    assert!(given_up.out.contains("google (its key is known)"), "{}", given_up.out);
    assert!(given_up.code == Some(1) && given_up.out.contains("given up; nothing was changed"), "{}", given_up.out);
    let left = home.run_answering(&["onboard"], "1\n\u{4}");
    assert!(left.code == Some(130) && left.out.contains("nothing was changed"), "{}", left.out);
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
}
