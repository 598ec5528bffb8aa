use std::os::unix::fs::symlink;

use openclaw_core::{Secret, record::AuditEvent};
use serde_json::{Value, json};

use super::*;
use crate::audit_file::{check, files};

const NOON: i64 = 1_800_000_000_000;

fn key() -> AuditKey {
    AuditKey::new(&Secret::new("a key of the tests, long enough"))
}

fn settings(folder: &Path) -> Settings {
    Settings {
        state_dir: folder.to_owned(),
        path: folder.join("logs/audit.jsonl"),
        form: Form::Json,
        encryption: false,
        compression: false,
        retention_ms: None,
        max_bytes: 1 << 20,
    }
}

fn record(seq: i64, ts: i64, target: &str) -> AuditRecord {
    let hash = |n: i64| format!("{n:064x}");
    let event = AuditEvent {
        event: "run.accepted".to_owned(),
        severity: "info".to_owned(),
        actor: "device:ab12".to_owned(),
        ip: Some("127.0.0.1".to_owned()),
        method: Some("chat.send".to_owned()),
        target: Some(target.to_owned()),
        outcome: "ok".to_owned(),
        reason: None,
        detail: json!({ "bytes": 3 }),
    };
    AuditRecord { seq, ts, event, prev: hash(seq - 1), hash: hash(seq) }
}

fn open(settings: &Settings) -> (Appender, Vec<Found>) {
    Appender::open(settings.clone(), &key(), Ids::seeded(1)).unwrap()
}

fn write(settings: &Settings, seqs: std::ops::RangeInclusive<i64>) {
    let (mut appender, _) = open(settings);
    appender.append(seqs.map(|seq| record(seq, NOON, "x")).collect(), NOON).unwrap();
}

/// Numbers of the records in all files.
fn numbers(settings: &Settings) -> Result<Vec<i64>, crate::audit_file::BadLine> {
    let mut seqs = Vec::new();
    let found = files(&settings.path).unwrap();
    check(&key(), &found, |seq, _| {
        seqs.push(seq);
        Ok(())
    })?;
    Ok(seqs)
}

#[test]
fn a_line_is_the_record_with_the_name_of_the_specification() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(folder.path());
    write(&settings, 1..=1);
    let line: Value = serde_json::from_str(&fs::read_to_string(&settings.path).unwrap()).unwrap();
    assert_eq!(line["event"], "message.received");
    assert_eq!((&line["recorded"], &line["actor"]["deviceId"]), (&json!("run.accepted"), &json!("ab12")));
    assert_eq!(fs::metadata(&settings.path).unwrap().mode() & 0o777, 0o600);
    let text = Settings { form: Form::Text, path: folder.path().join("text.log"), ..settings };
    write(&text, 1..=2);
    let lines = fs::read_to_string(&text.path).unwrap();
    assert!(
        lines.starts_with("2027-01-15T08:00:00.000Z #1 info  message.received actor=device:ab12 outcome=ok"),
        "{lines}"
    );
    assert_eq!(numbers(&text).unwrap(), [1, 2]);
}

#[test]
fn every_flipped_bit_of_a_file_is_found_and_named() {
    let folder = tempfile::tempdir().unwrap();
    for (form, encryption) in [(Form::Json, false), (Form::Text, false), (Form::Json, true)] {
        let settings = Settings { form, encryption, ..settings(folder.path()) };
        let _ = fs::remove_file(&settings.path);
        let _ = fs::remove_file(settings.state_dir.join(ANCHOR));
        write(&settings, 1..=3);
        let whole = fs::read(&settings.path).unwrap();
        let ends: Vec<usize> = whole.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at).collect();
        for at in 0..whole.len() - 1 {
            for bit in 0..8 {
                let mut bytes = whole.clone();
                bytes[at] ^= 1 << bit;
                fs::write(&settings.path, &bytes).unwrap();
                let bad = numbers(&settings).unwrap_err();
                let line = ends.iter().filter(|end| **end < at).count() as u64 + 1;
                // A broken end of a line makes one bad line of two.
                assert!(bad.line == line, "{form:?} byte {at} bit {bit}: {bad}");
            }
        }
    }
}

#[test]
fn removed_moved_repeated_and_foreign_lines_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(folder.path());
    write(&settings, 1..=5);
    let whole = fs::read_to_string(&settings.path).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    let verify = |order: &[usize]| {
        fs::write(&settings.path, order.iter().fold(String::new(), |text, at| text + lines[*at] + "\n")).unwrap();
        numbers(&settings).unwrap_err()
    };
    for (order, line) in [(vec![0, 1, 3, 4], 3), (vec![0, 2, 1, 3, 4], 2), (vec![0, 1, 1, 2], 3), (vec![4, 0], 2)] {
        let bad = verify(&order);
        assert_eq!((bad.line, bad.why.contains("does not follow")), (line, true), "{order:?} {bad}");
    }
    // The beginning is gone: each line follows the one before, but the first follows one that is not there.
    fs::write(&settings.path, lines[2..].join("\n") + "\n").unwrap();
    assert!(!check(&key(), std::slice::from_ref(&settings.path), |_, _| Ok(())).unwrap().whole);
    let other = AuditKey::new(&Secret::new("somebody else's key, also long enough"));
    assert_eq!(check(&other, &[settings.path], |_, _| Ok(())).unwrap_err().line, 1);
}

#[test]
fn a_torn_last_line_is_cut_and_written_anew_wherever_it_was_torn() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(folder.path());
    write(&settings, 1..=3);
    let whole = fs::read(&settings.path).unwrap();
    for at in 0..whole.len() {
        fs::write(&settings.path, &whole[..at]).unwrap();
        let (mut appender, found) = open(&settings);
        let position = appender.position();
        assert_eq!(found.contains(&Found::Gone { from: position, to: 3 }), position < 3, "{found:?}");
        appender.append((1..=4).map(|seq| record(seq, NOON, "x")).collect(), NOON).unwrap();
        assert_eq!(numbers(&settings).unwrap(), [1, 2, 3, 4], "torn at {at}");
        fs::remove_file(&settings.path).unwrap();
        fs::remove_file(settings.state_dir.join(ANCHOR)).unwrap();
        write(&settings, 1..=3);
    }
}

#[test]
fn files_are_rotated_by_day_and_size_compressed_and_forgotten_and_stay_one_chain() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings {
        compression: true,
        encryption: true,
        max_bytes: 3000,
        retention_ms: Some(3 * DAY_MS),
        ..settings(folder.path())
    };
    let day = |n: i64| NOON + n * DAY_MS;
    let (mut appender, _) = open(&settings);
    appender.append((1..=20).map(|seq| record(seq, day(0), "x")).collect(), day(0)).unwrap();
    assert!(files(&settings.path).unwrap().len() > 3);
    appender.append(vec![record(21, day(1), "x")], day(1)).unwrap();
    let found = files(&settings.path).unwrap();
    let last = found[found.len() - 2].file_name().unwrap().to_string_lossy().into_owned();
    assert_eq!(last, "audit.jsonl.20270115-000000000020.gz");
    assert_eq!(numbers(&settings).unwrap(), (1..=21).collect::<Vec<_>>());
    for file in &found {
        assert_eq!(fs::metadata(file).unwrap().mode() & 0o777, 0o600, "{}", file.display());
    }
    // Opened again right after a rotation, when the file itself is empty.
    drop(appender);
    let (mut appender, found) = open(&settings);
    assert_eq!((appender.position(), found), (21, Vec::new()));
    appender.append(vec![record(22, day(6), "x")], day(6)).unwrap();
    let left = numbers(&settings).unwrap();
    assert_eq!(left, [21, 22], "what is older than three days is gone");
}

#[test]
fn a_file_that_vanished_was_replaced_or_cut_is_told_and_its_records_are_written_again() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(folder.path());
    let (mut appender, _) = open(&settings);
    appender.append(vec![record(1, NOON, "x"), record(2, NOON, "x")], NOON).unwrap();
    fs::remove_file(&settings.path).unwrap();
    let error = appender.append(vec![record(3, NOON, "x")], NOON).unwrap_err();
    assert!(error.to_string().ends_with("the file was removed"), "{error}");
    let (mut appender, found) = open(&settings);
    assert_eq!(found, [Found::Gone { from: 0, to: 2 }]);
    appender.append((1..=3).map(|seq| record(seq, NOON, "x")).collect(), NOON).unwrap();
    fs::write(folder.path().join("other"), "").unwrap();
    fs::rename(folder.path().join("other"), &settings.path).unwrap();
    let error = appender.append(vec![record(4, NOON, "x")], NOON).unwrap_err();
    assert!(error.to_string().ends_with("another file took its place"), "{error}");
    // A last line that somebody wrote is set aside with its file.
    fs::write(&settings.path, "{\"seq\":99}\n").unwrap();
    let (mut appender, found) = open(&settings);
    assert!(matches!(&found[0], Found::Changed { .. }), "{found:?}");
    appender.append((1..=4).map(|seq| record(seq, NOON, "x")).collect(), NOON).unwrap();
    assert_eq!(numbers(&settings).unwrap(), [1, 2, 3, 4]);
    assert!(folder.path().join("logs/audit.jsonl.changed-1").exists());
}

#[test]
fn a_link_a_folder_and_a_file_with_another_name_are_not_written_to() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("target");
    fs::write(&target, "mine").unwrap();
    let refused = |path: &Path| {
        let settings = Settings { path: path.to_owned(), ..settings(folder.path()) };
        Appender::open(settings, &key(), Ids::seeded(1)).unwrap_err().to_string()
    };
    let (link, hard) = (folder.path().join("link"), folder.path().join("hard"));
    symlink(&target, &link).unwrap();
    assert!(refused(&link).contains("it is a link"));
    fs::hard_link(&target, &hard).unwrap();
    assert!(refused(&hard).contains("other names"));
    assert!(refused(folder.path()).contains("it is no file"));
    assert!(refused(&target.join("below")).contains("directory"));
    assert_eq!(fs::read_to_string(&target).unwrap(), "mine");
}

#[test]
fn nothing_in_a_record_begins_a_line_or_steers_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let evil = [
        "\r\n{\"level\":\"info\",\"seq\":1}",
        "\u{1b}[2J\u{1b}]0;title\u{7}",
        "\u{202e}desrever\u{2066}",
        "\u{85}next\u{2028}line\u{feff}\u{9b}31m",
        " link=0000 before=0000",
        "\0\u{7f}",
    ];
    let long = "x".repeat(15 << 10);
    for (n, form) in [Form::Json, Form::Text].into_iter().enumerate() {
        let settings = Settings { form, path: folder.path().join(n.to_string()), ..settings(folder.path()) };
        let (mut appender, _) = open(&settings);
        let texts = evil.iter().copied().chain([long.as_str()]).enumerate();
        let records = texts.map(|(n, text)| record(i64::try_from(n).unwrap() + 1, NOON, text)).collect();
        appender.append(records, NOON).unwrap();
        let text = fs::read_to_string(&settings.path).unwrap();
        assert_eq!(text.lines().count(), evil.len() + 1);
        let bad =
            |c: &char| c.is_control() && *c != '\n' || matches!(c, '\u{202e}' | '\u{2066}' | '\u{2028}' | '\u{feff}');
        assert_eq!(text.chars().find(bad), None, "{form:?}");
        assert_eq!(numbers(&settings).unwrap().len(), evil.len() + 1);
        if form == Form::Json {
            let second: Value = serde_json::from_str(text.lines().nth(2).unwrap()).unwrap();
            assert_eq!(second["target"], evil[2], "nothing of it is lost");
        }
    }
}

#[test]
fn a_file_of_somebody_else_is_set_aside_whole_and_a_torn_first_line_of_ours_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(folder.path());
    fs::create_dir(folder.path().join("logs")).unwrap();
    for (n, foreign) in
        ["a diary without an end of line", "one line\nand a piece", "{\"seq\":1}\n{\"se"].iter().enumerate()
    {
        fs::write(&settings.path, foreign).unwrap();
        let (appender, found) = open(&settings);
        assert!(matches!(&found[..], [Found::Changed { .. }]), "{foreign}: {found:?}");
        assert_eq!(appender.position(), 0);
        let aside = folder.path().join(format!("logs/audit.jsonl.changed-{}", n + 1));
        assert_eq!(fs::read_to_string(aside).unwrap(), *foreign, "nothing of it is cut");
        fs::remove_file(&settings.path).unwrap();
    }
    for ours in ["{\"se", "{\"seq\":1,\"ts\"", "2026-11-2"] {
        fs::write(&settings.path, ours).unwrap();
        assert_eq!(open(&settings).1, [Found::Torn], "{ours}");
    }
}

#[test]
fn a_file_of_another_trail_is_begun_anew_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings { max_bytes: 900, ..settings(folder.path()) };
    write(&settings, 1..=6);
    let before = files(&settings.path).unwrap().len();
    let (appender, found) = open(&settings);
    assert_eq!((appender.last().map(|(seq, _)| seq), found), (Some(6), Vec::new()));
    let (mut appender, found) = appender.begin_anew("it is of another store").unwrap();
    assert!(matches!(found, Found::Changed { why, .. } if why.contains("another store")));
    assert_eq!((appender.last(), appender.position()), (None, 0));
    appender.append(vec![record(1, NOON, "y"), record(2, NOON, "y")], NOON).unwrap();
    assert_eq!(numbers(&settings).unwrap(), [1, 2]);
    let kept = fs::read_dir(folder.path().join("logs")).unwrap().flatten();
    let kept = kept.filter(|entry| entry.file_name().to_string_lossy().contains(".changed-")).count();
    assert_eq!(kept, before, "each file of the other trail is kept");
}

#[test]
fn an_anchor_is_written_only_for_new_records() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(folder.path());
    let (mut appender, _) = open(&settings);
    appender.append(vec![record(1, NOON, "x")], NOON).unwrap();
    fs::remove_file(folder.path().join(ANCHOR)).unwrap();
    appender.append(vec![record(1, NOON, "x")], NOON).unwrap();
    assert!(!folder.path().join(ANCHOR).exists());
}
