use std::{collections::BTreeMap, path::Path};

use proptest::prelude::*;

use super::*;

fn person(name: &str) -> Person {
    Person { principal: "token".to_owned(), device_id: None, name: name.to_owned() }
}

fn exec(allowed: &[Decision]) -> Subject {
    Subject::Exec(Box::new(ExecRequest {
        command: "ls".to_owned(),
        argv: None,
        cwd: None,
        host: None,
        node_id: None,
        resolved_path: None,
        env: Vec::new(),
        security: None,
        ask: None,
        warning: None,
        analysis: Analysis::default(),
        allowed: allowed.to_vec(),
        plan: String::new(),
        session_id: None,
        tool_call_id: None,
    }))
}

fn question() -> Question {
    Question {
        question_id: "colour".to_owned(),
        header: "Colour".to_owned(),
        question: "Which?".to_owned(),
        options: vec![
            QuestionOption { label: "red".to_owned(), description: None },
            QuestionOption { label: "green".to_owned(), description: None },
        ],
        multi_select: false,
        is_other: false,
        is_secret: false,
    }
}

fn approval(subject: Subject) -> Approval {
    Approval {
        id: "a".to_owned(),
        subject,
        asked_by: person("asker"),
        agent_id: None,
        session_key: None,
        run_id: None,
        created_at: 1000,
        expires_at: 2000,
        ending: None,
        reviewers: Vec::new(),
        quiet: false,
        redeemed_at: None,
    }
}

fn input() -> impl Strategy<Value = Input> {
    let name = prop::sample::select(vec!["one", "other"]);
    prop_oneof![
        (prop::sample::select(Decision::ALL.to_vec()), name.clone())
            .prop_map(|(decision, name)| Input::Decide(decision, person(name))),
        name.clone()
            .prop_map(|name| Input::Answer(Answers::from([("colour".into(), vec!["red".into()])]), person(name))),
        name.prop_map(|name| Input::Withdraw(person(name))),
        Just(Input::Abort),
        Just(Input::NoRoute),
        Just(Input::Tick),
    ]
}

/// What happens to an approval in a gateway that may be started anew at any time.
#[derive(Clone, Debug)]
enum Event {
    Input(Input),
    Restart,
}

fn events() -> impl Strategy<Value = Vec<(i64, Event)>> {
    let event = prop_oneof![5 => input().prop_map(Event::Input), 1 => Just(Event::Restart)];
    prop::collection::vec((0_i64..600, event), 1..24)
}

proptest! {
    #[test]
    fn whatever_comes_in_whatever_order_there_is_one_ending_and_everybody_sees_the_same(
        events in events(),
        subject in prop::sample::select(vec![
            exec(&Decision::ALL),
            exec(&[Decision::AllowOnce, Decision::Deny]),
            Subject::Question(Questions { questions: vec![question()] }),
        ]),
    ) {
        let mut kept = approval(subject);
        let mut stored = serde_json::to_string(&kept).unwrap();
        let mut now = 1000;
        let mut told: Vec<Ending> = Vec::new();
        for (later, event) in events {
            now += later;
            let input = match event {
                Event::Restart => {
                    kept = serde_json::from_str(&stored).unwrap();
                    continue;
                }
                Event::Input(input) => input,
            };
            let before = kept.ending.clone();
            match kept.step(&input, now) {
                Step::Ends(ending) | Step::Late(ending) => {
                    prop_assert!(before.is_none(), "it ended twice: {before:?}, {ending:?}");
                    prop_assert_eq!(matches!(ending.how, How::Expired), now >= kept.expires_at, "{:?}", ending);
                    prop_assert!(ending.at <= now && ending.at <= kept.expires_at);
                    if let How::Decided(decision) = ending.how {
                        prop_assert!(kept.subject.allowed().contains(&decision));
                        prop_assert_eq!(&input, &Input::Decide(decision, ending.by.clone().unwrap()));
                    }
                    kept.ending = Some(ending.clone());
                    stored = serde_json::to_string(&kept).unwrap();
                    told.push(ending);
                }
                Step::Repeated | Step::Over => prop_assert!(before.is_some()),
                Step::NotOffered | Step::OtherKind => prop_assert!(before.is_none()),
                Step::Waits => prop_assert_eq!(&input, &Input::Tick),
            }
        }
        prop_assert!(told.len() <= 1);
        let read: Approval = serde_json::from_str(&stored).unwrap();
        prop_assert_eq!(&read, &kept, "what is stored is what is known");
        prop_assert_eq!(told.first(), kept.ending.as_ref(), "what was told is what is known");
        if now >= kept.expires_at {
            prop_assert!(kept.ending.is_some() || matches!(kept.step(&Input::Tick, now), Step::Ends(_)));
        }
    }

    #[test]
    fn no_command_line_makes_it_panic_or_shows_what_steers(text in "\\PC{0,60}|[\\x00-\\x7f\u{202e}\u{200b}]{0,60}") {
        let seen = shown(&text);
        prop_assert!(!seen.chars().any(|c| c.is_control() && c != '\n' && c != '\t'), "{:?}", seen);
        let _ = analyse(&text, None);
        if let Some(commands) = split(&text) {
            for words in &commands {
                let line = quoted(words);
                prop_assert_eq!(same_command(&line, words), Ok(()));
            }
        }
    }
}

#[test]
fn the_first_word_wins_and_the_same_word_again_is_no_conflict() {
    let mut asked = approval(exec(&Decision::ALL));
    let Step::Ends(ending) = asked.step(&Input::Decide(Decision::AllowOnce, person("one")), 1500) else { panic!() };
    asked.ending = Some(ending);
    assert_eq!(asked.step(&Input::Decide(Decision::AllowOnce, person("two")), 1600), Step::Repeated);
    assert_eq!(asked.step(&Input::Decide(Decision::Deny, person("two")), 1600), Step::Over);
    assert_eq!(asked.step(&Input::Abort, 1600), Step::Over);
    assert_eq!(asked.step(&Input::Tick, 9999), Step::Waits);
    assert_eq!(asked.decision(), Some(Decision::AllowOnce));
}

#[test]
fn a_word_at_the_last_moment_counts_and_one_after_it_does_not() {
    let asked = approval(exec(&Decision::ALL));
    let word = Input::Decide(Decision::Deny, person("one"));
    assert!(matches!(asked.step(&word, 1999), Step::Ends(Ending { how: How::Decided(Decision::Deny), .. })));
    assert_eq!(asked.step(&word, 2000), Step::Late(Ending { at: 2000, how: How::Expired, by: None }));
}

fn list(text: &str) -> Policy {
    serde_json::from_value(serde_json::json!({ "version": 1, "agents": { "main": { "allowlist": serde_json::from_str::<serde_json::Value>(text).unwrap() } } })).unwrap()
}

fn words(line: &str) -> Vec<String> {
    line.split(' ').map(str::to_owned).collect()
}

fn verdict(policy: &Policy, command: &str, resolved: Option<&str>) -> Verdict {
    let env = BTreeMap::new();
    let plan = Plan {
        agent_id: Some("main"),
        host: None,
        node_id: None,
        command,
        argv: None,
        cwd: None,
        resolved_path: resolved,
        env: &env,
    };
    decide(&policy.effective(Some("main"), Wanted::default()), &plan, false, Some(Path::new("/home/me")))
}

#[test]
fn nothing_is_listed_and_everything_is_asked_about_at_first() {
    let policy = Policy::default();
    let effective = policy.effective(Some("main"), Wanted::default());
    assert_eq!(
        (effective.security, effective.ask, effective.ask_fallback),
        (Security::Allowlist, Ask::OnMiss, Security::Deny)
    );
    assert_eq!(verdict(&policy, "ls", Some("/bin/ls")), Verdict::Ask);
}

#[test]
fn the_list_is_about_programs_as_they_are_called_or_found() {
    let rg = Verdict::Allow(Reason::Listed);
    let cases = [
        (r#"[{"pattern":"rg"}]"#, "rg foo", Some("/usr/bin/rg"), rg),
        (r#"[{"pattern":"rg"}]"#, "./rg foo", Some("/tmp/rg"), Verdict::Ask),
        (r#"[{"pattern":"rg"}]"#, "/tmp/rg", None, Verdict::Ask),
        (r#"[{"pattern":"/usr/bin/*"}]"#, "rg foo", Some("/usr/bin/rg"), rg),
        (r#"[{"pattern":"/usr/bin/*"}]"#, "rg foo", Some("/usr/bin/deep/rg"), Verdict::Ask),
        (r#"[{"pattern":"/usr/bin/*"}]"#, "rg foo", Some("/usr/bin/../../tmp/rg"), Verdict::Ask),
        (r#"[{"pattern":"/usr/bin/*"}]"#, "rg foo", None, Verdict::Ask),
        (r#"[{"pattern":"/usr/**"}]"#, "rg foo", Some("/usr/bin/rg"), rg),
        (r#"[{"pattern":"/usr/**"}]"#, "rg foo", Some("/usr/../tmp/rg"), Verdict::Ask),
        (r#"[{"pattern":"/usr/**"}]"#, "rg foo", Some("/usr/./rg"), Verdict::Ask),
        (r#"[{"pattern":"~/tools/**/rg"}]"#, "rg", Some("/home/me/tools/a/b/rg"), rg),
        (r#"[{"pattern":"~/tools/**/rg"}]"#, "rg", Some("/home/me/tools/rg"), rg),
        (r#"[{"pattern":"~/tools/**/rg"}]"#, "rg", Some("/home/you/tools/rg"), Verdict::Ask),
        (r#"[{"pattern":"rg"},{"pattern":"wc"}]"#, "rg foo | wc -l", Some("/usr/bin/rg"), rg),
        (r#"[{"pattern":"rg"}]"#, "rg foo && rm -rf /", Some("/usr/bin/rg"), Verdict::Ask),
        (r#"[{"pattern":"rg"}]"#, "rg foo; rm -rf /", None, Verdict::Ask),
        (r#"[{"pattern":"rg"}]"#, "rg $(rm -rf /)", None, Verdict::Ask),
        (r#"[{"pattern":"rg"}]"#, "rg `rm -rf /`", None, Verdict::Ask),
        (r#"[{"pattern":"rg"}]"#, "rg foo > /etc/passwd", None, Verdict::Ask),
        (r#"[{"pattern":"rg"}]"#, "rg foo &", None, Verdict::Ask),
        (r#"[{"pattern":"rg"}]"#, "rg foo\nrm -rf /", None, Verdict::Ask),
        (r#"[{"pattern":"rg"}]"#, "PATH=/tmp rg", None, Verdict::Ask),
        (r#"[{"pattern":"python3","argPattern":"^safe\\.py$"}]"#, "python3 safe.py", None, rg),
        (r#"[{"pattern":"python3","argPattern":"^safe\\.py$"}]"#, "python3 other.py", None, Verdict::Ask),
        (r#"[{"pattern":"rg","source":"allow-always"}]"#, "rg", None, Verdict::Ask),
        (r#"[{"pattern":"rg","argPattern":"sha256:x"}]"#, "rg sha256:x", None, Verdict::Ask),
        (r#"[{"pattern":"rg","source":"allow-always","argPattern":"sha256:argv:00"}]"#, "rg", None, Verdict::Ask),
    ];
    for (entries, command, resolved, expected) in cases {
        assert_eq!(verdict(&list(entries), command, resolved), expected, "{entries} {command} {resolved:?}");
    }
}

#[test]
fn the_stricter_of_two_words_holds() {
    let policy: Policy = serde_json::from_str(r#"{"version":1,"defaults":{"security":"full","ask":"off"},"agents":{"careful":{"ask":"always"},"*":{"askFallback":"allowlist"}}}"#).unwrap();
    let of = |agent, security, ask| {
        let effective = policy.effective(Some(agent), Wanted::default()).with(Wanted { security, ask });
        let env = BTreeMap::new();
        let plan = Plan {
            agent_id: None,
            host: None,
            node_id: None,
            command: "ls",
            argv: None,
            cwd: None,
            resolved_path: None,
            env: &env,
        };
        (
            decide(&effective, &plan, false, None),
            decide(&effective, &plan, true, None),
            effective.without_people(&plan, true, None),
        )
    };
    let deny = Verdict::Deny(Reason::Unlisted);
    assert_eq!(of("main", None, None).0, Verdict::Allow(Reason::Full));
    assert_eq!(of("main", Some(Security::Allowlist), None).0, deny);
    assert_eq!(of("main", Some(Security::Allowlist), Some(Ask::OnMiss)).0, Verdict::Ask);
    assert_eq!(of("main", Some(Security::Deny), Some(Ask::Always)).1, Verdict::Deny(Reason::Security));
    // What was allowed for good is asked about all the same where everything is.
    assert_eq!(of("careful", None, None), (Verdict::Ask, Verdict::Ask, deny));
    let configured = Wanted { security: Some(Security::Deny), ask: None };
    assert_eq!(policy.effective(Some("main"), configured).security, Security::Deny);
    assert_eq!(
        Policy::default().effective(None, Wanted { security: Some(Security::Full), ask: Some(Ask::Off) }).ask,
        Ask::Off
    );
}

#[test]
fn a_policy_that_means_nothing_is_refused_by_place() {
    for (text, place) in [
        (r#"{"version":2}"#, "version"),
        (r#"{"version":1,"agents":{"main":{"allowlist":[{"pattern":" "}]}}}"#, "agents.main.allowlist[0].pattern"),
        (
            r#"{"version":1,"agents":{"main":{"allowlist":[{"pattern":"rg"},{"pattern":"rg","argPattern":"("}]}}}"#,
            "agents.main.allowlist[1].argPattern",
        ),
    ] {
        assert_eq!(serde_json::from_str::<Policy>(text).unwrap().check().unwrap_err().at, place, "{text}");
    }
    for text in [r#"{"version":1,"defaults":{"security":"everything"}}"#, r#"{"version":1,"agent":{}}"#, r#"{}"#] {
        assert!(serde_json::from_str::<Policy>(text).is_err(), "{text}");
    }
}

#[test]
fn risks_are_named() {
    let kinds = |line: &str| analyse(line, None).risk_kinds.join(" ");
    assert_eq!(kinds("ls -la"), "");
    assert_eq!(kinds("python3 -c 'import os'"), "inline-eval");
    assert_eq!(kinds("perl -pe s/a/b/"), "inline-eval");
    assert_eq!(kinds("sudo rm -rf /"), "privilege destructive");
    assert_eq!(kinds("env A=1 nohup python3.11 -c x"), "command-carrier inline-eval");
    assert_eq!(kinds("bash -lc 'curl x | sh && node --eval=1'"), "shell-wrapper inline-eval");
    assert_eq!(kinds("echo $(id)"), "unparsed");
    assert_eq!(kinds("ls a\u{202e}b"), "hidden-characters");
    let nested = analyse("bash -c 'ls && id'", None);
    assert_eq!((nested.command_count, nested.nested_command_count), (1, 2));
    let hidden = analyse("ls", Some(&["ls".to_owned(), "\u{200b}".to_owned()]));
    assert!(hidden.has("hidden-characters"));
}

#[test]
fn what_is_shown_is_what_runs() {
    let argv = words("rm -rf /");
    assert!(same_command("rm -rf /", &argv).is_ok());
    assert!(same_command("'rm' -rf  /", &argv).is_ok());
    assert!(same_command("ls", &argv).is_err());
    assert!(same_command("rm -rf / && ls", &argv).is_err());
    let shell = ["/bin/sh".to_owned(), "-lc".to_owned(), "ls | wc".to_owned()];
    assert!(same_command("ls | wc", &shell).is_ok());
    assert!(same_command("ls", &shell).is_err());
    // Words with blanks are not several words.
    assert!(same_command("rm a b", &["rm".to_owned(), "a b".to_owned()]).is_err());
    assert_eq!(quoted(&["a b".to_owned(), "it's".to_owned(), String::new()]), r"'a b' 'it'\''s' ''");
    assert_eq!(shown("ls \u{1b}[2J\u{202e}x\u{200b}\r\n"), "ls \\u{1B}[2J\\u{202E}x\\u{200B}\\u{D}\n");
}

#[test]
fn plans_that_differ_in_anything_have_other_names() {
    let (env, other) = (BTreeMap::new(), BTreeMap::from([("A".to_owned(), "1".to_owned())]));
    let argv = words("ls -la");
    let split = ["ls -la".to_owned()];
    let plan = Plan {
        agent_id: Some("main"),
        host: Some("gateway"),
        node_id: None,
        command: "ls -la",
        argv: Some(&argv),
        cwd: Some("/tmp"),
        resolved_path: Some("/bin/ls"),
        env: &env,
    };
    let hashes: std::collections::BTreeSet<String> = [
        plan,
        Plan { agent_id: Some("other"), ..plan },
        Plan { host: None, ..plan },
        Plan { node_id: Some("gateway"), host: None, ..plan },
        Plan { command: "ls -l", ..plan },
        Plan { argv: None, ..plan },
        Plan { argv: Some(&split), ..plan },
        Plan { cwd: None, ..plan },
        Plan { resolved_path: Some("/tmp/ls"), ..plan },
        Plan { env: &other, ..plan },
    ]
    .iter()
    .map(plan_hash)
    .collect();
    assert_eq!(hashes.len(), 10);
}

#[test]
fn answers_fit_their_questions() {
    let one = [question()];
    let given = |name: &str, answers: &[&str]| {
        Answers::from([(name.to_owned(), answers.iter().map(ToString::to_string).collect())])
    };
    assert_eq!(check_questions(&one), Ok(()));
    assert_eq!(check_answers(&one, &given("colour", &["red"])), Ok(()));
    for (answers, place) in [
        (given("colour", &["blue"]), "answers/answers/colour"),
        (given("colour", &["red", "green"]), "answers/answers/colour"),
        (given("colour", &[]), "answers/answers/colour"),
        (given("size", &["red"]), "answers/answers/size"),
        (Answers::new(), "answers/answers/colour"),
    ] {
        assert_eq!(check_answers(&one, &answers).unwrap_err().at, place);
    }
    let free = [Question { is_other: true, multi_select: true, ..question() }];
    assert_eq!(check_answers(&free, &given("colour", &["red", "something else"])), Ok(()));
    for bad in [
        vec![],
        vec![question(), question()],
        vec![Question { question_id: "Colour".to_owned(), ..question() }],
        vec![Question { header: "a header that is too long".to_owned(), ..question() }],
        vec![Question { options: Vec::new(), ..question() }],
    ] {
        assert!(check_questions(&bad).is_err(), "{bad:?}");
    }
}

#[test]
fn code_in_the_command_is_asked_about_where_that_is_wanted() {
    let policy: Policy =
        serde_json::from_str(r#"{"version":1,"defaults":{"security":"full","ask":"off","askFallback":"full"}}"#)
            .unwrap();
    let env = BTreeMap::new();
    let decided = |command: &str, strict: bool| {
        let plan = Plan {
            agent_id: None,
            host: None,
            node_id: None,
            command,
            argv: None,
            cwd: None,
            resolved_path: None,
            env: &env,
        };
        let effective = policy.effective(None, Wanted::default()).strict(strict);
        (decide(&effective, &plan, false, None), effective.without_people(&plan, false, None))
    };
    let full = Verdict::Allow(Reason::Full);
    assert_eq!(decided("python3 -c 'x'", false), (full, full));
    assert_eq!(decided("python3 -c 'x'", true), (Verdict::Ask, Verdict::Deny(Reason::Unlisted)));
    assert_eq!(decided("python3 x.py", true), (full, full));
}

/// Whatever is changed about what was allowed, it is something else; and it runs once, for a while.
#[test]
fn an_allowed_run_is_exactly_what_was_asked() {
    let argv = ["ls".to_owned(), "-l".to_owned()];
    let other = ["ls".to_owned(), "-a".to_owned()];
    let env = BTreeMap::from([("A".to_owned(), "1".to_owned())]);
    let none = BTreeMap::new();
    let plan = Plan {
        agent_id: Some("main"),
        host: Some("node"),
        node_id: Some("n"),
        command: "ls -l",
        argv: Some(&argv),
        cwd: Some("/tmp"),
        resolved_path: Some("/bin/ls"),
        env: &env,
    };
    let subject = match exec(&Decision::ALL) {
        Subject::Exec(request) => Subject::Exec(Box::new(ExecRequest { plan: plan_hash(&plan), ..(*request).clone() })),
        other => other,
    };
    let session_key = Some("agent:main:main".to_owned());
    let asked = Approval { session_key, ..approval(subject) };
    let run = Redeeming { plan, session_key: Some("agent:main:main") };
    assert_eq!(asked.redeem(&run, 1100), Err(NotRedeemed::Pending));
    let ended = |how| Approval { ending: Some(Ending { at: 1100, how, by: None }), ..asked.clone() };
    for how in [How::Decided(Decision::Deny), How::Expired, How::NoRoute, How::RunAborted] {
        assert_eq!(ended(how).redeem(&run, 1200), Err(NotRedeemed::NotAllowed));
    }
    let allowed = ended(How::Decided(Decision::AllowOnce));
    assert_eq!(allowed.redeem(&run, 1200), Ok(()));
    for plan in [
        Plan { agent_id: None, ..plan },
        Plan { host: Some("gateway"), ..plan },
        Plan { node_id: Some("m"), ..plan },
        Plan { command: "ls -a", ..plan },
        Plan { argv: Some(&other), ..plan },
        Plan { argv: None, ..plan },
        Plan { cwd: Some("/"), ..plan },
        Plan { cwd: None, ..plan },
        Plan { resolved_path: Some("/tmp/ls"), ..plan },
        Plan { env: &none, ..plan },
    ] {
        assert_eq!(allowed.redeem(&Redeeming { plan, ..run }, 1200), Err(NotRedeemed::OtherPlan), "{plan:?}");
    }
    for session_key in [None, Some("agent:main:other")] {
        assert_eq!(allowed.redeem(&Redeeming { session_key, ..run }, 1200), Err(NotRedeemed::OtherPlan));
    }
    assert_eq!(allowed.redeem(&run, 1100 + REDEEM_WITHIN_MS), Err(NotRedeemed::Late));
    let used = Approval { redeemed_at: Some(1200), ..allowed };
    assert_eq!(used.redeem(&run, 1201), Err(NotRedeemed::Used));
}

#[test]
fn words_of_decisions_and_kinds_are_those_of_the_wire() {
    for (decision, word) in Decision::ALL.into_iter().zip(["allow-once", "allow-always", "deny"]) {
        assert_eq!((decision.as_str(), Decision::parse(word)), (word, Some(decision)));
    }
    assert_eq!(Decision::parse("allow"), None);
    let kinds = [Kind::Exec, Kind::Plugin, Kind::Question].map(Kind::as_str);
    assert_eq!(kinds, ["exec", "plugin", "question"]);
    assert_eq!(REDEEM_WITHIN_MS, 600_000);
}

#[test]
fn whoever_is_named_is_asked_and_everybody_where_nobody_is() {
    let mut approval = approval(exec(&Decision::ALL));
    assert!(approval.asks(None) && approval.asks(Some("any")));
    approval.reviewers = vec!["one".to_owned(), "other".to_owned()];
    assert!(approval.asks(Some("one")) && approval.asks(Some("other")));
    assert!(!approval.asks(Some("any")) && !approval.asks(None));
    assert!(approval.is_pending());
    approval.ending = Some(Ending { at: 1500, how: How::RunAborted, by: None });
    assert!(!approval.is_pending());
}

#[test]
fn each_kind_takes_its_own_answers_and_the_same_again_is_no_conflict() {
    let answers = |word: &str| Answers::from([("colour".to_owned(), vec![word.to_owned()])]);
    let (red, green) = (Input::Answer(answers("red"), person("one")), Input::Answer(answers("green"), person("one")));
    let withdraw = Input::Withdraw(person("one"));
    let allow = Input::Decide(Decision::AllowOnce, person("one"));
    let command = approval(exec(&Decision::ALL));
    assert_eq!(command.step(&red, 1500), Step::OtherKind);
    assert_eq!(command.step(&withdraw, 1500), Step::OtherKind);
    assert!(matches!(command.step(&allow, 1500), Step::Ends(_)));
    let asked = || approval(Subject::Question(Questions { questions: vec![question()] }));
    assert_eq!(asked().step(&allow, 1500), Step::OtherKind);
    let ended = |input: &Input| {
        let Step::Ends(ending) = asked().step(input, 1500) else { panic!("{input:?}") };
        Approval { ending: Some(ending), ..asked() }
    };
    let all = [&red, &green, &withdraw, &Input::Abort];
    for first in all {
        for second in all {
            let expected = if first == second { Step::Repeated } else { Step::Over };
            assert_eq!(ended(first).step(second, 1600), expected, "{first:?}, then {second:?}");
        }
        assert_eq!(ended(first).step(&Input::Tick, 1600), Step::Waits);
    }
}

#[test]
fn a_shell_is_told_something_by_the_flags_that_tell_it() {
    let told = |line: &str| {
        let argv = words(line);
        let text = argv.last().cloned().unwrap_or_default();
        same_command(&text, &argv).is_ok()
    };
    for line in ["bash -c ls", "sh -lc ls", "cmd.exe /c ls", "cmd /C ls", "pwsh -command ls", "powershell -Command ls"]
    {
        assert!(told(line), "{line}");
    }
    for line in ["bash --rc ls", "bash c ls", "bash -x ls", "ls -c ls2", "echo /c ls", "bash ls"] {
        assert!(!told(line), "{line}");
    }
    assert!(analyse("bash -c 'rm x'", None).has("shell-wrapper"));
}

#[test]
fn what_is_not_looked_into_is_said() {
    for line in ["ls \u{7}", "ls &", "& ls", "ls 'a", "a=b ls", "ls $(x)"] {
        assert!(split(line).is_none() && analyse(line, None).has("unparsed"), "{line:?}");
    }
    for (line, commands) in [("a && b", 2), ("a || b; c", 3), ("a | b", 2), ("a", 1)] {
        assert_eq!(split(line).map(|found| found.len()), Some(commands), "{line}");
    }
    assert_eq!(quoted(&["".to_owned(), "a b".to_owned(), "it's".to_owned(), "x".to_owned()]), r"'' 'a b' 'it'\''s' x");
}

#[test]
fn code_in_a_command_is_found_by_its_flag_alone_joined_and_with_a_value() {
    for line in ["python3 -c x", "python -Ic x", "node -e x", "node --eval=x", "node --eval x", "perl -ne x"] {
        assert!(analyse(line, None).has("inline-eval"), "{line}");
    }
    for line in ["python3 c", "python3 --check x", "node --evaluate x", "node e.js", "perl n"] {
        assert!(!analyse(line, None).has("inline-eval"), "{line}");
    }
}

#[test]
fn programs_within_programs_are_counted_to_the_depth_that_is_looked_into() {
    let nested = |line: &str| analyse(line, None).nested_command_count;
    assert_eq!(nested("ls"), 0);
    assert_eq!(nested("env ls"), 1);
    assert_eq!(nested("bash -c 'ls; rm x'"), 2);
    assert_eq!(nested("env env env env rm"), 4);
    assert!(analyse("env env env env rm", None).has("destructive"));
    assert_eq!(nested("env env env env env env rm"), 4, "and no further");
}

#[test]
fn a_grant_stands_for_its_own_plan_until_it_is_taken_back_or_over() {
    let grant = Grant {
        id: "g".to_owned(),
        approval_id: "a".to_owned(),
        plan: "plan".to_owned(),
        agent_id: None,
        job_id: None,
        command: "ls".to_owned(),
        cwd: None,
        created_at: 1,
        expires_at: Some(1000),
        revoked_at: None,
        revoked_by: None,
        last_used_at: None,
        uses: 0,
    };
    assert!(grant.stands_for("plan") && !grant.stands_for("other"));
    assert_eq!((grant.state(999), grant.state(1000)), (GrantState::Active, GrantState::Expired));
    assert_eq!(Grant { expires_at: None, ..grant.clone() }.state(i64::MAX), GrantState::Active);
    let back = Grant { revoked_at: Some(2), ..grant };
    assert!(!back.stands_for("plan") && !back.stands_for("other"));
    assert_eq!((back.state(999), back.state(1000)), (GrantState::Revoked, GrantState::Revoked));
}

#[test]
fn words_of_a_policy_are_those_of_its_file() {
    let security = [Security::Deny, Security::Allowlist, Security::Full];
    assert_eq!(security.map(Security::as_str), ["deny", "allowlist", "full"]);
    assert_eq!([Ask::Off, Ask::OnMiss, Ask::Always].map(Ask::as_str), ["off", "on-miss", "always"]);
    for word in security {
        assert_eq!(serde_json::to_value(word).unwrap(), word.as_str());
    }
    for (reason, about) in [
        (Reason::Full, "security full"),
        (Reason::Listed, "allowlist has it"),
        (Reason::Granted, "allowed for good"),
        (Reason::Security, "security deny"),
        (Reason::Unlisted, "does not have it"),
    ] {
        assert!(reason.about().contains(about), "{}", reason.about());
    }
}

#[test]
fn a_policy_has_bounds() {
    let entry = |pattern: &str, arguments: Option<&str>| {
        let text = serde_json::json!({ "pattern": pattern, "argPattern": arguments });
        serde_json::from_value::<AllowlistEntry>(text).unwrap()
    };
    let with = |agents: usize, entry: &AllowlistEntry, entries: usize| {
        let agent = AgentPolicy { allowlist: vec![entry.clone(); entries], ..AgentPolicy::default() };
        let agents = (0..agents).map(|number| (format!("a{number}"), agent.clone())).collect();
        Policy { agents, ..Policy::default() }.check().map_err(|problem| problem.at)
    };
    let rg = entry("rg", None);
    assert_eq!((with(1000, &rg, 0), with(1001, &rg, 0)), (Ok(()), Err("agents".to_owned())));
    assert_eq!((with(1002, &rg, 0), with(1, &rg, 1000)), (Err("agents".to_owned()), Ok(())));
    for entries in [1001, 1002] {
        assert_eq!(with(1, &rg, entries), Err("agents.a0.allowlist".to_owned()));
    }
    assert_eq!(with(1, &entry(&"x".repeat(1024), Some(&"x".repeat(1024))), 1), Ok(()));
    for length in [1025, 1026] {
        assert_eq!(with(1, &entry(&"x".repeat(length), None), 1), Err("agents.a0.allowlist[0].pattern".to_owned()));
        let arguments = "x".repeat(length);
        assert_eq!(with(1, &entry("rg", Some(&arguments)), 1), Err("agents.a0.allowlist[0].argPattern".to_owned()));
    }
}

#[test]
fn where_nobody_is_there_to_be_asked_the_fallback_says_what_runs() {
    let text = r#"{"version":1,"defaults":{"security":"full","ask":"always","askFallback":"full"}}"#;
    let policy: Policy = serde_json::from_str(text).unwrap();
    let env = BTreeMap::new();
    let plan = Plan {
        agent_id: None,
        host: None,
        node_id: None,
        command: "ls",
        argv: None,
        cwd: None,
        resolved_path: None,
        env: &env,
    };
    let effective = policy.effective(None, Wanted::default());
    assert_eq!(decide(&effective, &plan, false, None), Verdict::Ask);
    assert_eq!(effective.without_people(&plan, false, None), Verdict::Allow(Reason::Full));
}

#[test]
fn questions_have_bounds() {
    let with = |change: &dyn Fn(&mut Question)| {
        let mut question = question();
        change(&mut question);
        check_questions(&[question]).map_err(|problem| problem.at)
    };
    let refused = |member: &str| Err(format!("questions/0/{member}"));
    let many = |count: usize| {
        let named = |number: usize| Question { question_id: format!("q{number}"), ..question() };
        check_questions(&(0..count).map(named).collect::<Vec<_>>()).is_ok()
    };
    let most = (1..100).take_while(|count| many(*count)).count();
    assert!(many(most) && !many(most + 1) && !many(most + 2) && most > 1, "{most}");
    for name in ["q", "q_1", &format!("q{}", "x".repeat(63))] {
        assert_eq!(with(&|question| question.question_id = name.to_owned()), Ok(()), "{name}");
    }
    for name in ["", "1q", "_q", "Q", "q-1", "qQ", "q 1", &format!("q{}", "x".repeat(64))] {
        assert_eq!(with(&|question| question.question_id = name.to_owned()), refused("questionId"), "{name}");
    }
    let text = |length: usize| "x".repeat(length);
    let header = |length| with(&|question| question.header = text(length));
    let asked = |length| with(&|question| question.question = text(length));
    let label = |length| with(&|question| question.options[0].label = text(length));
    let about = |length| with(&|question| question.options[0].description = Some(text(length)));
    let bound = |of: &dyn Fn(usize) -> Result<(), String>| (1..20_000).find(|length| of(*length).is_err()).unwrap() - 1;
    for (member, of) in [
        ("header", &header as &dyn Fn(usize) -> Result<(), String>),
        ("question", &asked),
        ("options", &label),
        ("options", &about),
    ] {
        let most = bound(of);
        assert_eq!((of(most), of(most + 1), of(most + 2)), (Ok(()), refused(member), refused(member)), "{member}");
    }
    assert_eq!((asked(0), label(0)), (refused("question"), refused("options")));
    assert_eq!(bound(&header), 12);
    assert_eq!((bound(&asked), bound(&label), bound(&about)), (4096, 4096, 4096));
    let options = |count: usize| {
        let option = |number: usize| QuestionOption { label: format!("o{number}"), description: None };
        with(&|question| question.options = (0..count).map(option).collect())
    };
    assert_eq!((options(4), options(5), options(6)), (Ok(()), refused("options"), refused("options")));
}

#[test]
fn what_was_allowed_for_good_is_not_asked_about_again() {
    let policy = Policy::default();
    let env = BTreeMap::new();
    let plan = Plan {
        agent_id: None,
        host: None,
        node_id: None,
        command: "ls",
        argv: None,
        cwd: None,
        resolved_path: None,
        env: &env,
    };
    let effective = policy.effective(None, Wanted::default());
    assert_eq!(decide(&effective, &plan, false, None), Verdict::Ask);
    assert_eq!(decide(&effective, &plan, true, None), Verdict::Allow(Reason::Granted));
}

#[test]
fn answers_have_bounds() {
    let free = [Question { is_other: true, multi_select: true, ..question() }];
    let given = |answers: Vec<String>| check_answers(&free, &Answers::from([("colour".to_owned(), answers)]));
    let many = |count: usize| given((0..count).map(|number| format!("a{number}")).collect()).is_ok();
    assert!(many(16) && !many(17) && !many(18));
    let long = |length: usize| given(vec!["x".repeat(length)]).is_ok();
    assert!(long(4096) && !long(4097) && !long(4098));
    let any = |question: Question| {
        check_answers(&[question], &Answers::from([("colour".to_owned(), vec!["blue".to_owned()])])).is_ok()
    };
    assert!(any(Question { is_other: true, ..question() }) && any(Question { is_secret: true, ..question() }));
    assert!(any(Question { options: Vec::new(), ..question() }) && !any(question()));
}
