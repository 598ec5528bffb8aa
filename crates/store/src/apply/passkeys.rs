//! Passkeys.

use openclaw_core::record::{MAX_PASSKEYS, Passkey};
use rusqlite::params;

use super::Applying;
use crate::{
    change::{MAX_SETTING_BYTES, PasskeyChange},
    error::{Error, Fail},
    rows,
};

pub(super) fn apply(at: &Applying<'_>, change: &PasskeyChange) -> Result<Passkey, Fail> {
    let passkey = match change {
        PasskeyChange::Add { passkey } => {
            make_room(at, passkey)?;
            passkey.clone()
        }
        PasskeyChange::Rename { id, name } => Passkey { name: name.clone(), ..kept(at, id)? },
        PasskeyChange::Used { id, sign_count, at: when } => {
            let kept = kept(at, id)?;
            if !kept.counts_on(*sign_count) {
                let text = format!("passkey \"{}\" was shown with a count that does not follow the last one", kept.id);
                return Err(Error::conflict(text).into());
            }
            Passkey { sign_count: *sign_count, last_used_at: Some(*when), ..kept }
        }
        PasskeyChange::Remove { id } => {
            let kept = kept(at, id)?;
            at.connection.prepare_cached("DELETE FROM passkeys WHERE id = ?1")?.execute([id])?;
            return Ok(kept);
        }
    };
    let doc = rows::text(&passkey, "passkey", MAX_SETTING_BYTES)?;
    at.connection
        .prepare_cached(
            "INSERT INTO passkeys(id, doc) VALUES(?1, sealed('passkeys.doc', ?1, ?2))
             ON CONFLICT(id) DO UPDATE SET doc = excluded.doc",
        )?
        .execute(params![passkey.id, doc])?;
    Ok(passkey)
}

/// Refuses one that is there already, and one too many.
fn make_room(at: &Applying<'_>, new: &Passkey) -> Result<(), Fail> {
    let mut statement = at.connection.prepare_cached("SELECT opened('passkeys.doc', id, doc) FROM passkeys")?;
    let mut found = statement.query([])?;
    let mut count = 0;
    while let Some(row) = found.next()? {
        let known: Passkey = rows::json(row, 0, "passkey")?;
        count += 1;
        if known.id == new.id || known.credential_id == new.credential_id {
            return Err(Error::conflict("this authenticator's passkey is registered already").into());
        }
    }
    if count >= MAX_PASSKEYS {
        return Err(Error::Limit { what: "passkeys", max: MAX_PASSKEYS }.into());
    }
    Ok(())
}

fn kept(at: &Applying<'_>, id: &str) -> Result<Passkey, Fail> {
    let found: Option<Passkey> =
        rows::one(at.connection, "SELECT opened('passkeys.doc', id, doc) FROM passkeys WHERE id = ?1", [id], |row| {
            rows::json(row, 0, "passkey")
        })??;
    Ok(found.ok_or_else(|| Error::not_found("passkey", id))?)
}
