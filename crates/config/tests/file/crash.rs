//! What is left when the process dies in the middle of a change. It dies in child processes: this test binary, started anew with
//! only `child` selected.

use std::{
    env, fs,
    io::{BufRead, BufReader, Write},
    path::PathBuf,
};

use openclaw_config::{Attempt, ChangeError, WriteStep, hash};

use crate::support::*;

/// How many rounds the random kills run, instead of a few.
const ROUNDS: &str = "OPENCLAW_CONFIG_TEST_ROUNDS";

fn say(text: &str) {
    std::io::stdout().lock().write_all(format!("{text}\n").as_bytes()).unwrap();
}

/// Not a test: what the child processes do.
#[test]
#[ignore = "runs only as a child of the other tests"]
fn child() {
    let Ok(task) = env::var(TASK) else { return };
    let file = file_at(&PathBuf::from(env::var(CONFIG).unwrap()), &PathBuf::from(env::var(STATE).unwrap()));
    match task.split(' ').collect::<Vec<_>>()[..] {
        ["set", number, base] => {
            let based = Attempt { base_hash: Some(base), ..attempt() };
            match file.change(&[set("gateway.port", number.parse::<u16>().unwrap())], &based) {
                Ok(_) => say("made"),
                Err(ChangeError::Conflict { .. }) => say("conflict"),
                Err(error) => say(&error.to_string()),
            }
        }
        ["die", step] => {
            let step = WriteStep::ALL[step.parse::<usize>().unwrap()];
            // Ends at once, without any clean-up, as a kill does.
            let dying = file.probed(move |reached| if reached == step { std::process::abort() } else { Ok(()) });
            let _ = dying.change(&[set("gateway.port", 1)], &attempt());
        }
        _ => {
            for number in 1..=60_000_u16 {
                let changed = file.change(&[set("gateway.port", number)], &attempt()).unwrap();
                say(&format!("{number} {}", changed.after_hash));
            }
        }
    }
}

/// The file is whole and the history fits it; the next change works and clears what was left.
fn check(home: &Home) -> String {
    let text = home.text();
    let loaded = home.file().load().unwrap();
    let kept = home.file().history(200).unwrap();
    assert_eq!(kept[0].hash, loaded.hash, "the newest entry is what is on disk");
    for pair in kept.windows(2) {
        assert_eq!(pair[0].parent.as_ref(), Some(&pair[1].hash), "each entry follows the one before");
    }
    text
}

#[test]
fn wherever_it_dies_the_file_is_old_or_new_and_the_history_fits() {
    for (number, step) in WriteStep::ALL.into_iter().enumerate() {
        let home = Home::new(TEXT);
        home.file().record(&home.file().load().unwrap(), NOW).unwrap();
        let status = home.child(&format!("die {number}")).status().unwrap();
        assert!(!status.success(), "{step:?}");
        let text = check(&home);
        let new = matches!(step, WriteStep::SyncFolder | WriteStep::Confirm);
        assert_eq!(text, if new { TEXT.replace("18789", "1") } else { TEXT.to_owned() }, "{step:?}");
        assert_eq!(home.file().history(10).unwrap().len(), if new { 2 } else { 1 }, "{step:?}");
        home.file().change(&[set("gateway.port", 2)], &attempt()).unwrap();
        check(&home);
        let names: Vec<String> = fs::read_dir(home.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        assert!(!names.iter().any(|name| name.ends_with(".new")), "{names:?}");
    }
}

#[test]
fn nothing_that_was_answered_is_lost_by_kills() {
    let rounds = env::var(ROUNDS).ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(12);
    let home = Home::new(TEXT);
    home.file().record(&home.file().load().unwrap(), NOW).unwrap();
    for round in 0..rounds {
        let mut child = home.child("forever").spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut answered = lines.filter(|line| line.len() > 64);
        for _ in 0..=round % 7 {
            answered.next().unwrap();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // What it still said before it died counts as well.
        let last = answered.last();
        let text = check(&home);
        if let Some((number, told)) = last.as_deref().and_then(|line| line.split_once(' ')) {
            let number: u16 = number.parse().unwrap();
            let next = TEXT.replace("18789", &(number + 1).to_string());
            assert!(hash(text.as_bytes()) == told || text == next, "answered {number}, found {text}");
        }
    }
}
