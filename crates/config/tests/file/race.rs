//! Many editors at once.

use std::{sync::Barrier, thread};

use openclaw_config::{Attempt, ChangeError};

use crate::support::*;

#[test]
fn of_two_hundred_changes_with_one_hash_one_wins() {
    let home = Home::new(TEXT);
    let hash = home.file().hash().unwrap();
    let start = Barrier::new(200);
    let results: Vec<Result<(), ChangeError>> = thread::scope(|scope| {
        let editors: Vec<_> = (0..200)
            .map(|number| {
                let (home, hash, start) = (&home, &hash, &start);
                scope.spawn(move || {
                    let file = home.file();
                    start.wait();
                    file.change(&[set("gateway.port", number)], &Attempt { base_hash: Some(hash), ..attempt() })
                        .map(drop)
                })
            })
            .collect();
        editors.into_iter().map(|editor| editor.join().unwrap()).collect()
    });
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    assert!(results.iter().all(|result| matches!(result, Ok(()) | Err(ChangeError::Conflict { .. }))), "{results:?}");
    assert_eq!(home.file().history(10).unwrap().len(), 2);
    home.file().load().unwrap();
}

#[test]
fn of_many_processes_with_one_hash_one_wins() {
    let home = Home::new(TEXT);
    let hash = home.file().hash().unwrap();
    let children: Vec<_> = (0..20).map(|number| home.child(&format!("set {number} {hash}")).spawn().unwrap()).collect();
    let said: Vec<String> = children
        .into_iter()
        .map(|child| String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap())
        .collect();
    let count = |word: &str| said.iter().filter(|text| text.contains(word)).count();
    assert_eq!((count("made"), count("conflict")), (1, 19), "{said:?}");
    // The children ran with umask 000.
    assert_eq!(
        (mode(&home.config), mode(&home.state()), mode(&home.state().join("config-history"))),
        (0o600, 0o700, 0o700)
    );
}
