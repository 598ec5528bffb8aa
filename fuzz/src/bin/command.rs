//! Any command line, and any words of one, as an agent asks for them.
//!
//! Never panics; what is shown hides nothing and can be told from what it shows; words without a quotation mark
//! that are quoted are read back as the same words; and a text that is taken for some words is read as these words.
#![no_main]

use libfuzzer_sys::fuzz_target;
use openclaw_core::approval::{analyse, quoted, same_command, shown, split};

fuzz_target!(|text: &str| {
    let (line, words) = text.split_once('\n').unwrap_or((text, ""));
    let argv: Vec<String> = words.split('\u{1f}').map(str::to_owned).collect();

    let told = shown(line);
    assert!(told.len() >= line.len() || told.contains("\\u{"), "nothing is left out");
    assert_eq!(shown(&told), told, "what is shown has nothing hidden");
    assert!(!told.chars().any(|c| c.is_control() && c != '\n' && c != '\t'));

    let found = analyse(line, None);
    assert_eq!(found.risk_kinds.len(), found.warning_lines.len());
    assert_eq!(found.has("unparsed") || split(line).is_some(), true, "{line:?}");
    if told != line {
        assert!(found.has("hidden-characters"), "{line:?}");
    }
    let _ = analyse(&quoted(&argv), Some(&argv));

    // A quotation mark within one needs a backslash, which is not looked into.
    let plain = argv.iter().all(|word| !word.chars().any(|c| c.is_control() || c == '\'')) && !argv[0].is_empty();
    if plain && !argv[0].contains('=') {
        let line = quoted(&argv);
        assert_eq!(split(&line), Some(vec![argv.clone()]), "{line:?}");
    }
    assert_eq!(same_command(&quoted(&argv), &argv), Ok(()));
    if same_command(line, &argv).is_ok() && split(line).is_some_and(|commands| commands.len() > 1) {
        // Several commands are one only for a shell that is told them.
        assert!(argv.last().is_some_and(|last| last == line) || quoted(&argv) == line, "{line:?} {argv:?}");
    }
});
