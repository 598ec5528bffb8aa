use clap::builder::StyledStr;

use super::*;
use crate::commands::security::runbook_texts;

#[test]
fn the_command_line_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn the_name_gateway_means_the_command() {
    let words = |words: &[&str]| named(words.iter().map(OsString::from).collect());
    assert_eq!(words(&["/opt/bin/gateway", "--config", "g.yml"]), ["/opt/bin/gateway", "gateway", "--config", "g.yml"]);
    assert_eq!(words(&["/opt/bin/openclaw", "health"]), ["/opt/bin/openclaw", "health"]);
    for line in [&["gateway", "--config", "g.yml", "--port", "1"][..], &["gateway", "run", "--port", "1"], &["gateway"]]
    {
        let parsed = Cli::try_parse_from(words(line)).unwrap();
        assert!(matches!(parsed.command, Command::Gateway(_)));
    }
}

/// Every command that does something, with its words.
fn commands<'a>(command: &'a clap::Command, name: &str, into: &mut Vec<(String, &'a clap::Command)>) {
    for child in command.get_subcommands().filter(|child| !child.is_hide_set()) {
        let name = format!("{name} {}", child.get_name());
        into.push((name.clone(), child));
        commands(child, &name, into);
    }
}

#[test]
fn every_command_says_what_it_does_in_one_line_and_shows_an_example() {
    let cli = Cli::command();
    let mut all = Vec::new();
    commands(&cli, "openclaw", &mut all);
    assert!(all.len() > 30, "{}", all.len());
    let mut without = Vec::new();
    for (name, command) in all {
        let about = command.get_about().map(StyledStr::to_string).unwrap_or_default();
        assert!(!about.is_empty() && !about.contains('\n') && about.len() <= 100, "{name}: {about:?}");
        let after = command.get_after_help().map(StyledStr::to_string).unwrap_or_default();
        if !after.starts_with("Example") {
            without.push(name);
            continue;
        }
        assert!(after.contains(&name), "{name} is not among its own examples: {after}");
        for line in after.lines().filter_map(|line| line.trim().strip_prefix("openclaw ")) {
            let words = shell_words(line);
            let parsed = Cli::try_parse_from(std::iter::once("openclaw".to_owned()).chain(words));
            assert!(parsed.is_ok(), "{name}: `openclaw {line}` is not understood: {}", parsed.unwrap_err());
        }
    }
    assert_eq!(without, Vec::<String>::new(), "these show no example");
}

#[test]
fn every_command_that_helps_against_a_finding_is_there() {
    let cli = Cli::command();
    let remedies = openclaw_posture::CATALOGUE.iter().copied().flatten().map(|check| check.remedy);
    let mut named = 0;
    for text in remedies.chain(runbook_texts()) {
        for command in text.split("openclaw ").skip(1) {
            let mut at = &cli;
            for word in command.split(' ').take_while(|word| !word.starts_with(['-', '<'])) {
                if !at.has_subcommands() {
                    break;
                }
                let name = word.trim_end_matches([',', ';', ':', '.', ')']);
                at = at.find_subcommand(name).unwrap_or_else(|| panic!("{text}: there is no `{name}`"));
                if name != word {
                    break;
                }
            }
            named += 1;
        }
    }
    assert!(named > 40, "{named}");
}

/// An example's words, up to what explains it.
fn shell_words(line: &str) -> Vec<String> {
    let line = line.split("  ").next().unwrap_or_default();
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in line.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '|' | '<' | '>') => break,
            (None, ' ') => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}
