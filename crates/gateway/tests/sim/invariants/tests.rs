//! Each invariant notices a history in which it does not hold, and lets one pass in which it does.

use serde_json::{Value, json};

use super::Invariants;
use crate::history::{Entry, Found, What};

const DEVICE: &str = "0123456789abcdef";

/// What is wrong with a history: pairs of a connection and what happened on it, a second apart.
fn wrong(history: &[(u32, What)]) -> Vec<String> {
    let mut invariants = Invariants::default();
    let entry = |at: usize, (conn, what): &(u32, What)| Entry {
        at_ms: at as u64 * 1_000,
        client: *conn as usize,
        conn: *conn,
        what: what.clone(),
    };
    let noted = history.iter().enumerate().flat_map(|(at, one)| invariants.note(at, &entry(at, one)));
    let mut wrong: Vec<String> = noted.collect();
    wrong.extend(invariants.end());
    // These histories are short: that they have no end is no news.
    wrong.retain(|what| !what.contains("nobody looked") && !what.contains("has no end"));
    wrong
}

/// Asserts that what is wrong with a history is this alone.
#[track_caller]
fn notices(history: &[(u32, What)], what: &str) {
    let wrong = wrong(history);
    assert!(wrong.len() == 1 && wrong[0].contains(what), "{what:?} was expected: {wrong:?}");
}

#[track_caller]
fn holds(history: &[(u32, What)]) {
    assert_eq!(wrong(history), Vec::<String>::new());
}

fn hello(scopes: &[&str]) -> What {
    What::Hello { scopes: scopes.iter().map(ToString::to_string).collect(), token: None, resumes: None }
}

fn admin() -> What {
    hello(&["operator.admin"])
}

fn resumes(conn: u32) -> What {
    What::Hello { scopes: vec!["operator.admin".to_owned()], token: None, resumes: Some(conn) }
}

fn asks(token: Option<&str>) -> What {
    What::Asks { device: Some(DEVICE.to_owned()), token: token.map(str::to_owned) }
}

fn sent(id: &str, method: &str, about: &str, value: &str) -> What {
    let [id, method, about, value] = [id, method, about, value].map(str::to_owned);
    What::Sent { id, method, about, value }
}

fn ok(id: &str, payload: Value) -> What {
    What::Answer { id: id.to_owned(), ok: true, payload }
}

fn refused(id: &str) -> What {
    What::Answer { id: id.to_owned(), ok: false, payload: json!({}) }
}

fn event(name: &str, seq: u64, payload: Value) -> What {
    What::Event { name: name.to_owned(), seq: Some(seq), payload }
}

fn line(seq: u64, number: u64, text: &str) -> What {
    event("session.message", seq, json!({ "sessionKey": "main", "messageSeq": number, "message": text }))
}

fn over(seq: u64, decision: &str) -> What {
    event("exec.approval.resolved", seq, json!({ "id": "a", "decision": decision }))
}

fn asked(seq: u64) -> What {
    event("exec.approval.requested", seq, json!({ "id": "a" }))
}

fn found(change: impl FnOnce(&mut Found)) -> What {
    let mut found = Found { trail: "whole".to_owned(), ..Found::default() };
    change(&mut found);
    What::Found(Box::new(found))
}

#[test]
fn a_gap_or_a_repetition_in_the_numbers_is_noticed() {
    let tick = |seq| (1, event("tick", seq, json!({})));
    holds(&[tick(1), tick(2), (2, event("tick", 1, json!({})))]);
    notices(&[tick(1), tick(3)], "has the number Some(3), not 2");
    notices(&[tick(1), tick(1)], "has the number Some(1), not 2");
    notices(&[tick(2)], "has the number Some(2), not 1");
}

#[test]
fn a_line_that_is_missing_or_doubled_is_noticed_over_all_connections_of_a_client() {
    let flushed = |conn| (conn, What::Flushed);
    let first = [(1, admin()), (1, line(1, 5, "a"))];
    let then = |more: &[(u32, What)]| [first.as_slice(), more].concat();
    holds(&then(&[(2, resumes(1)), (2, line(1, 6, "b")), flushed(2)]));
    holds(&then(&[(1, line(2, 7, "c")), (1, line(3, 6, "b")), flushed(1)]));
    holds(&then(&[(2, admin()), (2, line(1, 9, "b")), flushed(2), flushed(1)]));
    notices(&then(&[(2, resumes(1)), (2, line(1, 7, "b")), flushed(2)]), "line 6 of main is missing between 5 and 7");
    notices(&then(&[(1, line(2, 6, "a"))]), "is told twice");
    notices(&then(&[(1, line(2, 5, "b"))]), "line 5 of main is told twice");
}

#[test]
fn an_answer_that_nobody_asked_for_comes_again_or_never_comes_is_noticed() {
    let ping = (1, sent("r1", "ping", "", ""));
    holds(&[(1, admin()), ping.clone(), (1, ok("r1", json!({}))), (1, What::Flushed)]);
    notices(&[(1, admin()), ping.clone(), (2, ok("r1", json!({})))], "which it did not ask");
    notices(&[(1, admin()), ping.clone(), (1, refused("r1")), (1, refused("r1"))], "once more");
    notices(&[(1, admin()), ping, (1, What::Flushed)], "is never answered");
    let accepted = (1, ok("r1", json!({ "status": "accepted" })));
    let ask = [(1, admin()), (1, sent("r1", "exec.approval.request", "a", "")), accepted.clone()];
    notices(&[ask.as_slice(), &[accepted]].concat(), "once more");
}

#[test]
fn a_withdrawn_device_that_is_answered_is_noticed() {
    let withdrawn = |method: &str| {
        let device = [(1, asks(None)), (1, admin()), (2, admin())];
        let withdraw = [(2, sent("w", method, DEVICE, "")), (2, ok("w", json!({})))];
        [device.as_slice(), &withdraw].concat()
    };
    let ping = [(1, sent("r1", "ping", "", "")), (1, ok("r1", json!({})))];
    for method in ["device.token.revoke", "device.pair.remove", "device.token.rotate"] {
        notices(&[withdrawn(method).as_slice(), &ping].concat(), "was withdrawn");
        // Refused, or sent before, it is well.
        holds(&[withdrawn(method).as_slice(), &[ping[0].clone(), (1, refused("r1"))]].concat());
        let mut before = withdrawn(method);
        before.insert(before.len() - 1, ping[0].clone());
        before.push(ping[1].clone());
        holds(&before);
    }
    let again = [(3, asks(None)), (3, admin())];
    notices(&[withdrawn("device.token.revoke").as_slice(), &again].concat(), "is let in");
    holds(&[withdrawn("device.token.rotate").as_slice(), &again].concat());
    let approve = [(2, sent("p", "device.pair.approve", DEVICE, "")), (2, ok("p", json!({})))];
    holds(&[withdrawn("device.token.revoke").as_slice(), &approve, &again].concat());
    let turned_down = [approve[0].clone(), (2, refused("p"))];
    notices(&[withdrawn("device.token.revoke").as_slice(), &turned_down, &again].concat(), "is let in");
}

#[test]
fn a_token_that_was_replaced_and_lets_in_is_noticed() {
    let with = |token: &str| What::Hello { scopes: vec![], token: Some(token.to_owned()), resumes: None };
    let rotate = [(2, admin()), (2, sent("w", "device.token.rotate", DEVICE, "")), (2, ok("w", json!({})))];
    let begin = [[(1, asks(None)), (1, with("old"))].as_slice(), &rotate].concat();
    notices(
        &[begin.as_slice(), &[(3, asks(Some("old"))), (3, with("old"))]].concat(),
        "with a token that was replaced",
    );
    holds(&[begin.as_slice(), &[(3, asks(None)), (3, with("new")), (4, asks(Some("new"))), (4, with("new"))]].concat());
}

#[test]
fn two_decisions_about_one_approval_are_noticed() {
    let decide = |conn, id: &str, how: &str| {
        [(conn, sent(id, "exec.approval.resolve", "a", how)), (conn, ok(id, json!({ "ok": true })))]
    };
    let both = [(1, admin()), (2, admin())];
    holds(&[both.as_slice(), &decide(1, "x", "deny"), &decide(2, "y", "deny")].concat());
    notices(&[both.as_slice(), &decide(1, "x", "deny"), &decide(2, "y", "allow-once")].concat(), "ended with deny");
    let apply = |conn, id: &str| {
        let payload = json!({ "applied": true, "approval": { "decision": "deny", "reason": "user" } });
        [(conn, sent(id, "approval.resolve", "a", "deny")), (conn, ok(id, payload))]
    };
    notices(&[both.as_slice(), &apply(1, "x"), &apply(2, "y")].concat(), "a was decided twice");
}

#[test]
fn an_ending_that_is_told_twice_never_or_differently_is_noticed() {
    let begin = [(1, admin()), (2, admin()), (1, asked(1))];
    holds(&[begin.as_slice(), &[(1, over(2, "deny")), (2, over(1, "deny")), (1, What::Flushed)]].concat());
    notices(&[begin.as_slice(), &[(1, over(2, "deny")), (1, over(3, "deny"))]].concat(), "told twice");
    notices(&[begin.as_slice(), &[(1, over(2, "deny")), (3, resumes(1)), (3, over(1, "deny"))]].concat(), "told twice");
    notices(
        &[begin.as_slice(), &[(1, over(2, "deny")), (2, over(1, "allow-once"))]].concat(),
        "an event says allow-once",
    );
    notices(&[begin.as_slice(), &[(1, What::Flushed)]].concat(), "never told that it is over");
    let ask =
        [(1, admin()), (1, sent("r", "exec.approval.request", "a", "")), (1, ok("r", json!({ "status": "accepted" })))];
    let ended = |records: usize| {
        found(|found| {
            found.approvals.push(("a".to_owned(), "deny".to_owned()));
            found.records.extend((0..records).map(|_| ("approval.resolved".to_owned(), "a".to_owned())));
        })
    };
    holds(&[ask.as_slice(), &[(1, ended(1))]].concat());
    notices(&[ask.as_slice(), &[(1, ended(2))]].concat(), "has 2 records of the end of a");
    notices(&[ask.as_slice(), &[(1, found(|_| {}))]].concat(), "is not in the history");
}

#[test]
fn what_scopes_do_not_allow_is_noticed() {
    let read = (1, hello(&["operator.read"]));
    holds(&[read.clone(), (1, event("presence", 1, json!({}))), (1, event("tick", 2, json!({})))]);
    notices(&[read.clone(), (1, asked(1))], "without operator.approvals");
    notices(&[read.clone(), (1, event("device.pair.requested", 1, json!({})))], "without operator.pairing");
    notices(&[(1, hello(&["operator.approvals"])), (1, line(1, 1, "a"))], "without operator.read");
    notices(&[read.clone(), (1, event("secrets", 1, json!({})))], "does not know");
    let list = [(1, sent("r", "device.pair.list", "", "")), (1, ok("r", json!({})))];
    notices(&[[read].as_slice(), &list].concat(), "is answered on connection 1 without operator.pairing");
}

#[test]
fn what_was_acknowledged_and_is_not_there_or_twice_is_noticed() {
    let patch = |id: &str, label: &str| [(1, sent(id, "sessions.patch", "main", label)), (1, ok(id, json!({})))];
    let is = |label: &str, records: usize| {
        let label = ("main".to_owned(), label.to_owned());
        let record = || ("session.patched".to_owned(), "main".to_owned());
        (
            1,
            found(|found| {
                found.labels.push(label);
                found.records.extend((0..records).map(|_| record()));
            }),
        )
    };
    let begin = [[(1, admin())].as_slice(), &patch("a", "one"), &patch("b", "two")].concat();
    holds(&[begin.as_slice(), &[is("two", 2)]].concat());
    notices(&[begin.as_slice(), &[is("one", 2)]].concat(), r#"named "two", and is named "one""#);
    notices(&[begin.as_slice(), &[is("two", 1)]].concat(), "1 records session.patched of main, not 2 to 2");
    // What was not answered may have been done.
    let open = [(1, sent("c", "sessions.patch", "main", "three"))];
    holds(&[begin.as_slice(), &open, &[is("three", 3)]].concat());

    let said = |times: usize| {
        (1, found(|found| found.texts.extend((0..times).map(|_| ("main".to_owned(), "hello".to_owned())))))
    };
    let say = [(1, admin()), (1, sent("s", "chat.send", "main", "hello"))];
    holds(&[say.as_slice(), &[said(0)]].concat());
    holds(&[say.as_slice(), &[(1, ok("s", json!({}))), said(1)]].concat());
    notices(&[say.as_slice(), &[(1, ok("s", json!({}))), said(0)]].concat(), "is 0 times in main, not 1 to 1");
    notices(&[say.as_slice(), &[(1, ok("s", json!({}))), said(2)]].concat(), "is 2 times in main, not 1 to 1");
    notices(&[say.as_slice(), &[(1, refused("s")), said(1)]].concat(), "is 1 times in main, not 0 to 0");

    let approve = [(1, admin()), (1, sent("p", "device.pair.approve", DEVICE, "")), (1, ok("p", json!({})))];
    let record = ("device.approved".to_owned(), DEVICE.to_owned());
    let stays = |device: bool| {
        (
            1,
            found(|found| {
                found.records.push(record.clone());
                found.devices.extend(device.then(|| DEVICE.to_owned()));
            }),
        )
    };
    holds(&[approve.as_slice(), &[stays(true)]].concat());
    notices(&[approve.as_slice(), &[stays(false)]].concat(), "may not come in");
    notices(&[(1, found(|found| found.trail = "broken".to_owned()))], "the audit trail is broken");
}

#[test]
fn a_client_that_is_served_late_or_never_and_an_end_in_calm_weather_are_noticed() {
    // Mended for the clients 0 and 1.
    let mended = (9, What::Mended { clients: 2 });
    let served = [(0, What::Served), (1, What::Served)];
    let calm = [(9, What::Calm)];
    holds(&[[mended.clone()].as_slice(), &served, &calm].concat());
    notices(&[[mended.clone()].as_slice(), &served[..1], &calm].concat(), "client 1 is not served");
    let wait: Vec<(u32, What)> = (0..60).map(|_| (5, What::Refused { code: String::new() })).collect();
    notices(&[[mended.clone()].as_slice(), &wait, &served[..1]].concat(), "is served only at 61000 ms");
    let closed = (3, What::Closed { why: "no reason".to_owned() });
    notices(
        &[[mended.clone()].as_slice(), &served, &calm, std::slice::from_ref(&closed)].concat(),
        "ends in calm weather",
    );
    holds(&[[mended].as_slice(), &served, &calm, &[(3, What::Flushed), closed]].concat());
}
