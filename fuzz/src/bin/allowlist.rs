//! Any entry of the list of programs that run unasked, against any command.
//!
//! The input is a pattern, an expression for arguments, where the program was found, its words and a home folder, a line each; words
//! that are one are read as a line for a shell. Never panics, never runs anything for an empty list or where nothing may run; what is
//! listed fits the pattern by a plain reading of it, and has no way up in its path.
#![no_main]

use std::{collections::BTreeMap, path::Path};

use libfuzzer_sys::fuzz_target;
use openclaw_core::approval::{
    AgentPolicy, AllowlistEntry, Ask, Plan, Policy, Reason, Security, Verdict, Wanted, decide, split,
};

fuzz_target!(|text: &str| {
    let mut lines = text.splitn(5, '\n');
    let mut line = || lines.next().unwrap_or_default();
    let (pattern, arguments, resolved, command, home) = (line(), line(), line(), line(), line());
    let argv: Option<Vec<String>> =
        command.contains('\u{1f}').then(|| command.split('\u{1f}').map(str::to_owned).collect());
    let entry = AllowlistEntry {
        id: None,
        pattern: pattern.to_owned(),
        arg_pattern: Some(arguments.to_owned()).filter(|arguments| !arguments.is_empty()),
        source: None,
        command_text: None,
        last_used_at: None,
        last_used_command: None,
        last_resolved_path: None,
    };
    let agent = AgentPolicy {
        security: Some(Security::Allowlist),
        ask: Some(Ask::OnMiss),
        allowlist: vec![entry],
        ..AgentPolicy::default()
    };
    let policy = Policy { agents: [("main".to_owned(), agent)].into(), ..Policy::default() };
    if policy.check().is_err() {
        return;
    }
    let environment = BTreeMap::new();
    let plan = Plan {
        agent_id: Some("main"),
        host: None,
        node_id: None,
        command,
        argv: argv.as_deref(),
        cwd: None,
        env: &environment,
        resolved_path: Some(resolved).filter(|path| !path.is_empty()),
    };
    let home = Some(Path::new(home)).filter(|home| !home.as_os_str().is_empty());

    let judged = |agent, wanted| decide(&policy.effective(Some(agent), wanted), &plan, false, home);
    assert_eq!(judged("other", Wanted::default()), Verdict::Ask, "an empty list has nothing");
    let nothing = Wanted { security: Some(Security::Deny), ask: None };
    assert_eq!(judged("main", nothing), Verdict::Deny(Reason::Security));
    let always = Wanted { security: None, ask: Some(Ask::Always) };
    assert_eq!(judged("main", always), Verdict::Ask);
    let unasked = Wanted { security: None, ask: Some(Ask::Off) };
    let listed = judged("main", Wanted::default()) == Verdict::Allow(Reason::Listed);
    assert_eq!(judged("main", unasked) == Verdict::Allow(Reason::Listed), listed, "who is asked changes no list");
    if !listed {
        return;
    }
    let commands = argv.map_or_else(|| split(command).expect("what is listed was read"), |argv| vec![argv]);
    assert!(!commands.is_empty());
    for words in &commands {
        let found = Some(resolved).filter(|path| !path.is_empty() && commands.len() == 1);
        let program = if pattern.contains('/') { found.unwrap_or(&words[0]) } else { &words[0] };
        assert!(!program.split('/').any(|part| part == ".."), "{program:?}");
        let whole = match pattern.strip_prefix("~/") {
            Some(rest) => format!("{}/{rest}", home.unwrap().display().to_string().trim_end_matches('/')),
            None => pattern.to_owned(),
        };
        let (whole, program): (Vec<char>, Vec<char>) = (whole.chars().collect(), program.chars().collect());
        assert!(fits(&whole, &program), "{pattern:?} has no {program:?}");
    }
});

/// A plain reading of a pattern, from all places that its beginning can lead to.
fn fits(pattern: &[char], text: &[char]) -> bool {
    let mut at = vec![false; text.len() + 1];
    at[0] = true;
    let mut rest = pattern;
    while let Some((first, after)) = rest.split_first() {
        let mut next = vec![false; text.len() + 1];
        if rest.starts_with(&['*', '*', '/']) {
            for from in (0..=text.len()).filter(|from| at[*from]) {
                next[from] = true;
                for to in from..text.len() {
                    next[to + 1] |= text[to] == '/';
                }
            }
            rest = &rest[3..];
        } else if rest.starts_with(&['*', '*']) {
            let first = at.iter().position(|here| *here).unwrap_or(at.len());
            next.iter_mut().skip(first).for_each(|here| *here = true);
            rest = &rest[2..];
        } else {
            for from in 0..=text.len() {
                match first {
                    '*' => next[from] |= at[from] || (from > 0 && next[from - 1] && text[from - 1] != '/'),
                    '?' => next[from] |= from > 0 && at[from - 1] && text[from - 1] != '/',
                    c => next[from] |= from > 0 && at[from - 1] && text[from - 1] == *c,
                }
            }
            rest = after;
        }
        at = next;
    }
    at[text.len()]
}
