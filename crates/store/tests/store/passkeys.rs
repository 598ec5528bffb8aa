use openclaw_core::record::{MAX_PASSKEYS, Passkey};
use openclaw_protocol::Scopes;
use openclaw_store::{Change, Error, Outcome, PasskeyChange, Reader};

use crate::support::*;

fn passkey(number: usize) -> Passkey {
    Passkey {
        id: format!("pk-{number}"),
        name: "Ann's key".to_owned(),
        credential_id: format!("credential-{number}"),
        public_key: "key".to_owned(),
        user_handle: "handle".to_owned(),
        rp_id: "localhost".to_owned(),
        transports: vec!["usb".to_owned()],
        scopes: Scopes::NONE,
        created_by: "token".to_owned(),
        created_at: START,
        last_used_at: None,
        sign_count: 0,
    }
}

async fn change(world: &World, change: PasskeyChange) -> Result<Passkey, Error> {
    match world.change(Change::Passkey(change)).await? {
        Outcome::Passkey(passkey) => Ok(passkey),
        other => panic!("{other:?}"),
    }
}

fn used(sign_count: u32, at: i64) -> PasskeyChange {
    PasskeyChange::Used { id: "pk-1".to_owned(), sign_count, at }
}

#[tokio::test]
async fn a_passkey_is_kept_renamed_used_and_forgotten() {
    let world = World::new();
    assert_eq!(change(&world, PasskeyChange::Add { passkey: passkey(1) }).await.unwrap(), passkey(1));
    let again = PasskeyChange::Add { passkey: Passkey { id: "another".to_owned(), ..passkey(1) } };
    assert!(matches!(change(&world, again).await, Err(Error::Conflict { .. })), "the same authenticator twice");
    let renamed = PasskeyChange::Rename { id: "pk-1".to_owned(), name: "blue".to_owned() };
    assert_eq!(change(&world, renamed).await.unwrap().name, "blue");
    // An authenticator that does not count is fine until it does.
    assert_eq!(change(&world, used(0, START + 1)).await.unwrap().last_used_at, Some(START + 1));
    assert_eq!(change(&world, used(7, START + 2)).await.unwrap().sign_count, 7);
    for count in [7, 6, 0] {
        assert!(matches!(change(&world, used(count, START + 3)).await, Err(Error::Conflict { .. })), "{count}");
    }
    let kept = world.store.read(Reader::passkeys).await.unwrap();
    assert_eq!((kept.len(), kept[0].sign_count, kept[0].last_used_at), (1, 7, Some(START + 2)));
    let remove = || PasskeyChange::Remove { id: "pk-1".to_owned() };
    assert_eq!(change(&world, remove()).await.unwrap().name, "blue");
    assert!(matches!(change(&world, remove()).await, Err(Error::NotFound { .. })));
    assert!(matches!(change(&world, used(8, START)).await, Err(Error::NotFound { .. })));
}

#[tokio::test]
async fn there_are_so_many_passkeys_and_not_one_more() {
    let world = World::new();
    for number in 0..MAX_PASSKEYS {
        change(&world, PasskeyChange::Add { passkey: passkey(number) }).await.unwrap();
    }
    let refused = change(&world, PasskeyChange::Add { passkey: passkey(MAX_PASSKEYS) }).await;
    assert!(matches!(refused, Err(Error::Limit { max: MAX_PASSKEYS, .. })), "{refused:?}");
}
