//! Devices, their tokens, and those that ask to be admitted.

use openclaw_core::record::{Device, DeviceToken, PairingRequest};
use openclaw_protocol::{DeviceId, Role};
use rusqlite::params;
use uuid::Uuid;

use super::Applying;
use crate::{
    change::{MAX_PAIRING_REQUESTS, MAX_PAIRING_REQUESTS_OF_ADDRESS, MAX_SETTING_BYTES},
    error::{Error, Fail},
    rows,
};

pub(super) fn put_request(at: &Applying<'_>, request: &PairingRequest) -> Result<(), Fail> {
    at.connection.prepare_cached("DELETE FROM pairing_requests WHERE ts < ?1")?.execute([at.pairing_since])?;
    let id = request.request_id.to_string();
    let others: usize = at
        .connection
        .prepare_cached("SELECT count(*) FROM pairing_requests WHERE request_id <> ?1")?
        .query_row([&id], |row| row.get(0))?;
    if others >= MAX_PAIRING_REQUESTS {
        return Err(Error::Limit { what: "pairing requests", max: MAX_PAIRING_REQUESTS }.into());
    }
    let neighbours: usize = at
        .connection
        .prepare_cached(
            "SELECT count(*) FROM
                 (SELECT opened('pairing_requests.doc', request_id, doc) AS doc FROM pairing_requests WHERE request_id <> ?1)
             WHERE iif(json_valid(doc), doc ->> '$.remoteIp', NULL) = ?2",
        )?
        .query_row(params![id, request.remote_ip], |row| row.get(0))?;
    if neighbours >= MAX_PAIRING_REQUESTS_OF_ADDRESS {
        let (what, max) = ("pairing requests from one address", MAX_PAIRING_REQUESTS_OF_ADDRESS);
        return Err(Error::Limit { what, max }.into());
    }
    let doc = rows::text(request, "pairing request", MAX_SETTING_BYTES)?;
    at.connection
        .prepare_cached(
            "INSERT INTO pairing_requests(request_id, ts, doc) VALUES(?1, ?2, sealed('pairing_requests.doc', ?1, ?3))
             ON CONFLICT(request_id) DO UPDATE SET ts = excluded.ts, doc = excluded.doc",
        )?
        .execute(params![id, request.ts, doc])?;
    Ok(())
}

pub(super) fn drop_request(at: &Applying<'_>, request_id: Uuid) -> Result<bool, Fail> {
    let removed = at
        .connection
        .prepare_cached("DELETE FROM pairing_requests WHERE request_id = ?1")?
        .execute([request_id.to_string()])?;
    Ok(removed > 0)
}

pub(super) fn replace(at: &Applying<'_>, device: Device, over: Option<i64>) -> Result<Device, Fail> {
    if find(at, &device.device_id)?.map(|known| known.revision) != over {
        return Err(overtaken(&device.device_id));
    }
    put(at, Device { revision: at.seq, ..device })
}

fn overtaken(device_id: &DeviceId) -> Fail {
    Error::conflict(format!("device {device_id} was changed meanwhile")).into()
}

fn put(at: &Applying<'_>, device: Device) -> Result<Device, Fail> {
    let doc = rows::text(&device, "device", MAX_SETTING_BYTES)?;
    at.connection
        .prepare_cached(
            "INSERT INTO devices(device_id, doc) VALUES(?1, sealed('devices.doc', ?1, ?2))
             ON CONFLICT(device_id) DO UPDATE SET doc = excluded.doc",
        )?
        .execute([device.device_id.as_str(), &doc])?;
    Ok(device)
}

pub(super) fn delete(at: &Applying<'_>, device_id: &DeviceId) -> Result<(), Fail> {
    let deleted =
        at.connection.prepare_cached("DELETE FROM devices WHERE device_id = ?1")?.execute([device_id.as_str()])?;
    if deleted == 0 { Err(Error::not_found("device", device_id).into()) } else { Ok(()) }
}

pub(super) fn touch(at: &Applying<'_>, device_id: &DeviceId, role: Role, when: i64) -> Result<Device, Fail> {
    let mut device = load(at, device_id)?;
    device.last_seen_at = Some(when);
    if let Some(token) = device.tokens.iter_mut().find(|token| token.role == role) {
        token.last_used_at = Some(when);
    }
    put(at, device)
}

pub(super) fn rotate_token(
    at: &Applying<'_>,
    device_id: &DeviceId,
    token: &DeviceToken,
    revision: i64,
) -> Result<Device, Fail> {
    let device = put_token(at, device_id, token, revision)?;
    put(at, Device { revision: at.seq, ..device })
}

pub(super) fn put_token(
    at: &Applying<'_>,
    device_id: &DeviceId,
    token: &DeviceToken,
    revision: i64,
) -> Result<Device, Fail> {
    let mut device = load(at, device_id)?;
    if device.revision != revision {
        return Err(overtaken(device_id));
    }
    device.tokens.retain(|other| other.role != token.role);
    device.tokens.push(token.clone());
    put(at, device)
}

pub(super) fn revoke_token(at: &Applying<'_>, device_id: &DeviceId, role: Role, when: i64) -> Result<Device, Fail> {
    let mut device = load(at, device_id)?;
    let Some(token) = device.tokens.iter_mut().find(|token| token.role == role) else {
        return Err(Error::not_found("token of role", format!("{role} of device {device_id}")).into());
    };
    // The first withdrawal counts.
    token.revoked_at.get_or_insert(when);
    put(at, Device { revision: at.seq, ..device })
}

fn load(at: &Applying<'_>, device_id: &DeviceId) -> Result<Device, Fail> {
    Ok(find(at, device_id)?.ok_or_else(|| Error::not_found("device", device_id))?)
}

fn find(at: &Applying<'_>, device_id: &DeviceId) -> Result<Option<Device>, Fail> {
    Ok(rows::one(
        at.connection,
        "SELECT opened('devices.doc', device_id, doc) FROM devices WHERE device_id = ?1",
        [device_id.as_str()],
        |row| rows::json(row, 0, "device"),
    )??)
}
