use openclaw_core::approval::{Approval, Decision, Ending, Grant, How, Kind, Person, PluginRequest, Subject};
use openclaw_store::{
    APPROVAL_RETENTION_MS, ApprovalChange, ApprovalOutcome, ApprovalQuery, Change, Error, MAX_GRANTS,
    MAX_PENDING_APPROVALS, Outcome, Reader,
};

use crate::support::*;

fn approval(id: &str) -> Approval {
    Approval {
        id: id.to_owned(),
        subject: Subject::Plugin(PluginRequest {
            title: "title".to_owned(),
            description: "text".to_owned(),
            detail: None,
            severity: "info".to_owned(),
            plugin_id: None,
            tool_name: None,
            tool_call_id: None,
            allowed: Decision::ALL.to_vec(),
        }),
        asked_by: Person { principal: "token".to_owned(), device_id: None, name: "cli".to_owned() },
        agent_id: None,
        session_key: None,
        run_id: None,
        created_at: START,
        expires_at: START + 1000,
        ending: None,
        reviewers: Vec::new(),
        quiet: false,
        redeemed_at: None,
    }
}

fn ending(at: i64) -> Ending {
    Ending { at, how: How::Decided(Decision::Deny), by: None }
}

fn ask(approval: Approval) -> Change {
    Change::Approval(ApprovalChange::Ask(Box::new(approval)))
}

fn end(id: &str, at: i64) -> Change {
    Change::Approval(ApprovalChange::End { id: id.to_owned(), ending: Box::new(ending(at)) })
}

fn grant(id: &str, plan: &str) -> Grant {
    Grant {
        id: id.to_owned(),
        approval_id: "a".to_owned(),
        plan: plan.to_owned(),
        agent_id: None,
        job_id: None,
        command: "ls".to_owned(),
        cwd: None,
        created_at: START,
        expires_at: None,
        revoked_at: None,
        revoked_by: None,
        last_used_at: None,
        uses: 0,
    }
}

fn keep(grant: Grant) -> Change {
    Change::Approval(ApprovalChange::Grant(Box::new(grant)))
}

fn revoke(id: &str) -> Change {
    Change::Approval(ApprovalChange::RevokeGrant { id: id.to_owned(), at: START, by: "me".to_owned() })
}

async fn history(world: &World, limit: usize, before: Option<(i64, i64)>) -> (Vec<String>, Option<(i64, i64)>) {
    let query = ApprovalQuery { kinds: &[Kind::Exec, Kind::Plugin], limit, before };
    let page = world.store.read(move |reader| reader.ended_approvals(query)).await.unwrap();
    (page.approvals.into_iter().map(|approval| approval.id).collect(), page.next)
}

#[tokio::test]
async fn an_approval_ends_once() {
    let world = World::new();
    world.change(ask(approval("a"))).await.unwrap();
    assert!(matches!(world.change(ask(approval("a"))).await, Err(Error::Conflict { .. })));
    let Outcome::Approval(ApprovalOutcome::Approval(ended)) = world.change(end("a", START + 1)).await.unwrap() else {
        panic!()
    };
    assert_eq!(ended.ending, Some(ending(START + 1)));
    // With whatever else is in the transaction.
    let refused = world.write(vec![keep(grant("g", "p")), end("a", START + 2)]).await;
    assert!(matches!(refused, Err(Error::Conflict { .. })), "{refused:?}");
    assert!(matches!(world.change(end("b", START)).await, Err(Error::NotFound { .. })));
    let kept = world.store.read(|reader| Ok((reader.approval("a")?, reader.pending_approvals()?, reader.grants(10)?)));
    let (known, pending, grants) = kept.await.unwrap();
    assert_eq!((known, pending.len(), grants.len()), (Some(*ended), 0, 0));
}

#[tokio::test]
async fn what_waits_is_bounded_and_what_is_over_is_forgotten_in_time() {
    let world = World::new();
    for at in 0..MAX_PENDING_APPROVALS {
        world.change(ask(approval(&format!("p{at}")))).await.unwrap();
    }
    assert!(matches!(world.change(ask(approval("more"))).await, Err(Error::Limit { .. })));
    // What is over from the start takes no place.
    world.change(ask(Approval { ending: Some(ending(START)), ..approval("over") })).await.unwrap();
    world.change(end("p0", START + 1)).await.unwrap();
    world.change(ask(approval("more"))).await.unwrap();
    assert_eq!(history(&world, 10, None).await, (vec!["p0".to_owned(), "over".to_owned()], None));
    world.clock.advance_ms(APPROVAL_RETENTION_MS + 1);
    world.change(end("p1", START + APPROVAL_RETENTION_MS)).await.unwrap();
    world.change(ask(approval("later"))).await.unwrap();
    assert_eq!(history(&world, 10, None).await.0, ["p1", "p0"], "older than thirty days");
}

#[tokio::test]
async fn the_history_is_read_page_by_page() {
    let world = World::new();
    for at in 0..5 {
        // Two end at the same moment.
        world
            .change(ask(Approval { ending: Some(ending(START + at / 2)), ..approval(&format!("a{at}")) }))
            .await
            .unwrap();
    }
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let (ids, next) = history(&world, 2, before).await;
        seen.extend(ids);
        before = next;
        if next.is_none() {
            break;
        }
    }
    assert_eq!(seen, ["a4", "a3", "a2", "a1", "a0"]);
    let none = ApprovalQuery { kinds: &[], limit: 10, before: None };
    assert_eq!(world.store.read(move |reader| reader.ended_approvals(none)).await.unwrap().approvals, []);
}

#[tokio::test]
async fn one_permission_holds_for_a_plan_and_counts_its_uses() {
    let world = World::new();
    world.change(keep(grant("g1", "p"))).await.unwrap();
    let count = |id: &str, at| Change::Approval(ApprovalChange::UseGrant { id: id.to_owned(), at });
    for uses in 1..3 {
        let Outcome::Approval(ApprovalOutcome::Grant(used)) = world.change(count("g1", START + uses)).await.unwrap()
        else {
            panic!()
        };
        assert_eq!((used.uses, used.last_used_at), (u64::try_from(uses).unwrap(), Some(START + uses)));
    }
    world.change(keep(Grant { expires_at: Some(START + 10), ..grant("g2", "p") })).await.unwrap();
    assert!(matches!(world.change(count("g1", START)).await, Err(Error::Conflict { .. })), "it was replaced");
    assert!(matches!(world.change(count("g2", START + 10)).await, Err(Error::Conflict { .. })), "it is over");
    let current = |reader: &Reader| reader.grant_for("p");
    assert_eq!(world.store.read(current).await.unwrap().unwrap().id, "g2");
    let Outcome::Approval(outcome) = world.change(revoke("g2")).await.unwrap() else { panic!() };
    assert!(matches!(outcome, ApprovalOutcome::Grant(grant) if grant.revoked_by.as_deref() == Some("me")));
    let Outcome::Approval(outcome) = world.change(revoke("g2")).await.unwrap() else { panic!() };
    assert!(matches!(outcome, ApprovalOutcome::AlreadyRevoked(_)));
    assert_eq!(world.change(revoke("g3")).await.unwrap(), Outcome::Approval(ApprovalOutcome::NoGrant));
    assert_eq!(world.store.read(current).await.unwrap(), None);
    assert_eq!(world.store.read(|reader| reader.grants(10)).await.unwrap().len(), 2);
}

#[tokio::test]
async fn permissions_are_bounded_and_those_taken_back_make_way() {
    let world = World::new();
    for begin in (0..MAX_GRANTS).step_by(250) {
        let grants = (begin..begin + 250).map(|at| keep(grant(&format!("g{at}"), &format!("p{at}"))));
        world.write(grants.collect()).await.unwrap();
    }
    assert!(matches!(world.change(keep(grant("more", "more"))).await, Err(Error::Limit { .. })));
    for begin in (0..600).step_by(200) {
        world.write((begin..begin + 200).map(|at| revoke(&format!("g{at}"))).collect()).await.unwrap();
    }
    world.change(keep(grant("more", "more"))).await.unwrap();
    let kept = world.store.read(|reader| reader.grants(1000)).await.unwrap();
    assert!(kept.iter().any(|grant| grant.id == "g999") && !kept.iter().any(|grant| grant.id == "g0"));
}
