//! What a gateway can be asked, and what it says about parts that are not there.

use std::path::Path;

use serde_json::json;

use crate::home::{Home, Ran};

/// Holds a run to whether it worked and to words that it prints.
fn says(run: &Ran, works: bool, words: &[&str]) {
    let told = run.told();
    assert_eq!(run.code == Some(0), works, "{told}");
    for word in words {
        assert!(told.contains(word), "{word:?} is not in {told}");
    }
}

#[test]
fn methods_are_told_by_the_gateway_itself() {
    let home = Home::new();
    let _gateway = home.gateway(&[]);
    says(&home.run(&["methods"]), true, &["METHOD", "sessions.preview", "ping"]);
    says(&home.run(&["methods", "update"]), true, &["update.status", "admin"]);
    says(&home.run(&["methods", "send"]), true, &["Sends a message", "Not yet", "idempotencyKey"]);
    says(
        &home.run(&["methods", "sessions.preview"]),
        true,
        &["keys", "yes", "openclaw call sessions.preview --params"],
    );
    says(&home.run(&["methods", "no.such"]), false, &["unknown method: no.such"]);
    let told = home.run(&["methods", "ping", "--json"]).json();
    assert_eq!((&told["name"], &told["scope"]), (&json!("ping"), &json!(null)), "{told}");
}

/// Commands that a text names as `openclaw …`, without flags and placeholders.
fn commands_of(text: &str) -> Vec<Vec<&str>> {
    let mut commands = Vec::new();
    for (at, name) in text.match_indices("openclaw ") {
        let begins = !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '.');
        let is_word = |word: &&str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        let rest = text[at + name.len()..].split(['`', '"', ',', ';', '\n']).next().unwrap_or_default();
        let rest = rest.split(" and ").next().unwrap_or_default();
        let words: Vec<&str> = rest.split(' ').take_while(is_word).take_while(|word| !word.starts_with('-')).collect();
        if begins && !words.is_empty() {
            commands.push(words);
        }
    }
    commands
}

#[test]
fn commands_that_reasons_for_missing_methods_name_are_there() {
    let home = Home::new();
    let text = include_str!("../../../gateway/src/methods/lacking.rs");
    let reasons: String = text.lines().filter(|line| line.contains(", \"")).collect::<Vec<_>>().join("\n");
    let mut commands = commands_of(&reasons);
    commands.sort_unstable();
    commands.dedup();
    assert!(commands.len() >= 2, "{commands:?}");
    for words in commands {
        let ran = home.run(&[&words[..], &["--help"]].concat());
        assert_eq!(ran.code, Some(0), "`openclaw {}` is named in lacking.rs: {}", words.join(" "), ran.told());
    }
}

/// The sources of Mission Control, as one text.
fn page(folder: &Path, text: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            page(&path, text);
        } else if path.extension().is_some_and(|kind| kind == "ts" || kind == "tsx") {
            text.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn commands_that_mission_control_shows_are_there() {
    let home = Home::new();
    let mut text = String::new();
    page(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src"), &mut text);
    let mut commands = Vec::new();
    for quote in ['"', '\'', '`'] {
        // What it offers to be copied is a text of its own, with what changes behind the words.
        for (at, _) in text.match_indices(&format!("{quote}openclaw ")) {
            let rest = text[at + 1..].split([quote, '$', '<', '&', '\n']).next().unwrap_or_default();
            commands.extend(commands_of(rest));
        }
    }
    commands.sort_unstable();
    commands.dedup();
    assert!(commands.len() >= 20, "{commands:?}");
    for words in commands {
        let ran = home.run(&[&words[..], &["--help"]].concat());
        assert_eq!(ran.code, Some(0), "Mission Control shows `openclaw {}`: {}", words.join(" "), ran.told());
    }
}

#[test]
fn call_is_short_for_gateway_call() {
    let home = Home::new();
    let _gateway = home.gateway(&[]);
    let called = home.run(&["call", "environments.list"]);
    assert_eq!(called.json()["environments"][0]["id"], "gateway", "{}", called.told());
    says(&home.run(&["call", "sesions.list"]), false, &["unknown method: sesions.list", "sessions.list"]);
    says(&home.run(&["call", "sessions.preview", "--params", "{}"]), false, &["missing field `keys`"]);
}

#[test]
fn channels_and_messages_say_that_no_channel_is_there() {
    let home = Home::new();
    let _gateway = home.gateway(&[]);
    says(&home.run(&["channels"]), true, &["no chat channel is connected to this gateway"]);
    assert!(home.run(&["channels", "status", "--json"]).json()["channelAccounts"].is_object());
    says(&home.run(&["channels", "logout", "--channel", "telegram"]), false, &["invalid channels.logout channel"]);
    let send = |target: &str, channel: &[&str]| {
        let words = ["message", "send", "-t", target, "-m", "Done"];
        home.run(&[&words[..], channel].concat())
    };
    says(&send("12345", &["--channel", "telegram"]), false, &["unsupported channel: telegram"]);
    assert!(send("12345", &[]).told().contains("no chat channel is connected"));
    says(&send("", &[]), false, &["to must not be empty"]);
}
