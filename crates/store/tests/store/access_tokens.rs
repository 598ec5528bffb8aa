use openclaw_core::record::{AccessSecret, AccessToken, REMEMBERED_ACCESS_TOKENS};
use openclaw_protocol::Scopes;
use openclaw_store::{AccessTokenChange, Change, Error, FormerSecrets, Outcome, Reader};

use crate::support::*;

const HOUR: i64 = 3_600_000;

fn secret(hash: &str, issued_at: i64) -> AccessSecret {
    AccessSecret { hash: hash.to_owned(), issued_at, expires_at: Some(issued_at + HOUR) }
}

fn created(name: &str, at: i64, most: usize) -> Change {
    let token = AccessToken {
        id: format!("id-of-{name}-{at}"),
        name: name.to_owned(),
        scopes: Scopes::NONE,
        created_by: "token".to_owned(),
        created_at: at,
        revoked_at: None,
        secrets: vec![secret(&format!("first-of-{name}"), at)],
    };
    Change::AccessToken(AccessTokenChange::Create { token, most })
}

fn issued(id: &str, hash: &str, at: i64, former: FormerSecrets, most: usize) -> Change {
    Change::AccessToken(AccessTokenChange::Issue { id: id.to_owned(), secret: secret(hash, at), former, most })
}

fn hashes(outcome: Outcome) -> Vec<String> {
    let Outcome::AccessToken(token) = outcome else { panic!("{outcome:?}") };
    token.secrets.into_iter().map(|secret| secret.hash).collect()
}

fn conflict(result: Result<Outcome, Error>) -> String {
    match result {
        Err(Error::Conflict { what }) => what,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn whoever_shows_a_secret_that_was_replaced_gets_no_other() {
    let world = World::new();
    world.change(created("ci", START, 5)).await.unwrap();
    let id = format!("id-of-ci-{START}");
    let stay = |shown: &str| FormerSecrets::Stay { shown: shown.to_owned() };
    let both = world.change(issued(&id, "second", START + 1, stay("first-of-ci"), 5)).await.unwrap();
    assert_eq!(hashes(both), ["second", "first-of-ci"]);
    let one = world.change(issued(&id, "third", START + 2, FormerSecrets::End, 5)).await.unwrap();
    assert_eq!(hashes(one), ["third"]);
    for shown in ["first-of-ci", "second", "nobody's"] {
        let why = conflict(world.change(issued(&id, "stolen", START + 3, stay(shown), 5)).await);
        assert!(why.contains("holds no more"), "{why}");
    }
    let why = conflict(world.change(issued(&id, "late", START + 2 + HOUR, stay("third"), 5)).await);
    assert!(why.contains("holds no more"), "{why}");
    let kept = world.store.read(Reader::access_tokens).await.unwrap();
    assert_eq!(kept[0].secrets, [secret("third", START + 2)]);
}

#[tokio::test]
async fn a_token_that_is_over_comes_back_only_where_a_new_one_could() {
    let world = World::new();
    world.change(created("ci", START, 2)).await.unwrap();
    let id = format!("id-of-ci-{START}");
    let later = START + HOUR;
    world.change(created("ci", later, 2)).await.unwrap();
    let why = conflict(world.change(issued(&id, "again", later, FormerSecrets::End, 2)).await);
    assert!(why.contains("named \"ci\" is there already"), "{why}");
    world.change(created("other", later + 1, 2)).await.unwrap();
    let later = START + 2 * HOUR;
    world.change(created("third", later, 2)).await.unwrap();
    let why = conflict(world.change(issued(&id, "again", later, FormerSecrets::End, 1)).await);
    assert!(why.contains("maxTokens allows 1") && why.contains("\"other\""), "{why}");
    let revived = world.change(issued(&id, "again", later + 1, FormerSecrets::End, 2)).await.unwrap();
    assert_eq!(hashes(revived), ["again"]);
    // One that holds is rotated however many there are.
    let rotated = world.change(issued(&id, "once more", later + 2, FormerSecrets::End, 1)).await.unwrap();
    assert_eq!(hashes(rotated), ["once more"]);
}

#[tokio::test]
async fn a_token_that_comes_back_is_not_forgotten_for_its_own_sake() {
    let world = World::new();
    world.change(created("ci", START, 2)).await.unwrap();
    let id = format!("id-of-ci-{START}");
    let rounds = i64::try_from(REMEMBERED_ACCESS_TOKENS).unwrap();
    for round in 1..=rounds {
        world.change(created("job", START + round * HOUR, 2)).await.unwrap();
    }
    // It was over before all of the others.
    let now = START + (rounds + 1) * HOUR;
    let revived = world.change(issued(&id, "again", now, FormerSecrets::End, 2)).await.unwrap();
    assert_eq!(hashes(revived), ["again"]);
    let kept = world.store.read(Reader::access_tokens).await.unwrap();
    assert!(kept.iter().any(|token| token.id == id && token.holds(now)), "{}", kept.len());
    assert_eq!(kept.len(), REMEMBERED_ACCESS_TOKENS + 1);
    world.change(created("new", now + 1, 2)).await.unwrap();
    let kept = world.store.read(Reader::access_tokens).await.unwrap();
    assert_eq!(kept.iter().filter(|token| !token.holds(now + 1)).count(), REMEMBERED_ACCESS_TOKENS);
}
