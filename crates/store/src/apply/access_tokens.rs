//! Named access tokens.

use openclaw_core::record::{AccessToken, MAX_ACCESS_SECRETS};
use rusqlite::params;

use super::Applying;
use crate::{
    change::{AccessTokenChange, FormerSecrets, MAX_SETTING_BYTES},
    error::{Error, Fail},
    rows,
};

pub(super) fn apply(at: &Applying<'_>, change: &AccessTokenChange) -> Result<AccessToken, Fail> {
    let token = match change {
        AccessTokenChange::Create { token, most } => {
            make_room(at, token, *most, token.created_at)?;
            token.clone()
        }
        AccessTokenChange::Issue { id, secret, former, most } => {
            let mut token = kept(at, id)?;
            let now = secret.issued_at;
            if let FormerSecrets::Stay { shown } = former
                && !token.lets_in(shown, now)
            {
                let text = format!("the secret of access token \"{}\" that was shown holds no more", token.name);
                return Err(Error::conflict(text).into());
            }
            // One that is over comes back as a new one would come.
            if !token.holds(now) {
                make_room(at, &token, *most, now)?;
            }
            match former {
                FormerSecrets::End => token.secrets.clear(),
                FormerSecrets::Stay { .. } => token.secrets.retain(|former| !former.is_over(now)),
            }
            if token.secrets.len() >= MAX_ACCESS_SECRETS {
                let text = format!("access token \"{}\" has {MAX_ACCESS_SECRETS} secrets that hold", token.name);
                return Err(Error::conflict(text).into());
            }
            token.secrets.insert(0, secret.clone());
            token
        }
        AccessTokenChange::Revoke { id, at: when } => AccessToken { revoked_at: Some(*when), ..kept(at, id)? },
    };
    let doc = rows::text(&token, "access token", MAX_SETTING_BYTES)?;
    at.connection
        .prepare_cached(
            "INSERT INTO access_tokens(id, doc) VALUES(?1, sealed('access_tokens.doc', ?1, ?2))
             ON CONFLICT(id) DO UPDATE SET doc = excluded.doc",
        )?
        .execute(params![token.id, doc])?;
    Ok(token)
}

/// Refuses a token too many, and forgets those that were over longest. `new` is the one that is to hold.
fn make_room(at: &Applying<'_>, new: &AccessToken, most: usize, now: i64) -> Result<(), Fail> {
    let mut statement =
        at.connection.prepare_cached("SELECT opened('access_tokens.doc', id, doc) FROM access_tokens")?;
    let mut all = Vec::new();
    let mut found = statement.query([])?;
    while let Some(row) = found.next()? {
        all.push(rows::json::<AccessToken>(row, 0, "access token")?);
    }
    all.retain(|token| token.id != new.id);
    let mut live: Vec<&AccessToken> = all.iter().filter(|token| token.holds(now)).collect();
    live.sort_by_key(|token| token.created_at);
    if live.iter().any(|token| token.name == new.name) {
        let text = format!("an access token named \"{}\" is there already; rotate it, or revoke it first", new.name);
        return Err(Error::conflict(text).into());
    }
    if let Some(oldest) = live.first().filter(|_| live.len() >= most) {
        let text = format!(
            "gateway.auth.tokenConfig.maxTokens allows {most} access tokens; the oldest is \"{}\": revoke it, or raise that key",
            oldest.name
        );
        return Err(Error::conflict(text).into());
    }
    for id in AccessToken::forgotten(&all, now) {
        at.connection.prepare_cached("DELETE FROM access_tokens WHERE id = ?1")?.execute([id])?;
    }
    Ok(())
}

fn kept(at: &Applying<'_>, id: &str) -> Result<AccessToken, Fail> {
    let found: Option<AccessToken> = rows::one(
        at.connection,
        "SELECT opened('access_tokens.doc', id, doc) FROM access_tokens WHERE id = ?1",
        [id],
        |row| rows::json(row, 0, "access token"),
    )??;
    Ok(found.filter(|token| token.revoked_at.is_none()).ok_or_else(|| Error::not_found("access token", id))?)
}
