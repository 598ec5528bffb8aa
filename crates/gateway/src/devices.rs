//! The admitted devices, in memory beside the store, so that a handshake reads no disk.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use openclaw_core::record::Device;
use openclaw_protocol::DeviceId;

/// Removals that are remembered, so that what was committed before one of them does not undo it.
const REMOVED: usize = 1024;

/// The table. Whoever changes a device in the store puts the outcome here, with the number of its transaction: outcomes may
/// arrive in another order than they were committed in.
#[derive(Debug, Default)]
pub(crate) struct DeviceTable(Mutex<Table>);

#[derive(Debug, Default)]
struct Table {
    devices: HashMap<String, Kept>,
    removed: HashMap<String, i64>,
    /// Grows with each change of a device's revision.
    changes: u64,
}

#[derive(Debug)]
struct Kept {
    device: Device,
    /// Number of the transaction that left it like this.
    seq: i64,
}

impl DeviceTable {
    /// The devices that the store holds.
    pub(crate) fn new(devices: Vec<Device>) -> Self {
        let devices =
            devices.into_iter().map(|device| (device.device_id.to_string(), Kept { device, seq: 0 })).collect();
        Self(Mutex::new(Table { devices, ..Table::default() }))
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes over what the store says about a device after this transaction.
    pub(crate) fn put(&self, device: Device, seq: i64) {
        let mut table = self.table();
        let id = device.device_id.as_str();
        let newest = table.devices.get(id).map(|kept| kept.seq).max(table.removed.get(id).copied());
        if newest.is_some_and(|newest| newest > seq) {
            return;
        }
        if table.devices.get(id).is_none_or(|kept| kept.device.revision != device.revision) {
            table.changes += 1;
        }
        table.devices.insert(id.to_owned(), Kept { device, seq });
    }

    /// Forgets a device that this transaction removed.
    pub(crate) fn remove(&self, device_id: &DeviceId, seq: i64) {
        let mut table = self.table();
        if table.devices.get(device_id.as_str()).is_some_and(|kept| kept.seq > seq) {
            return;
        }
        table.devices.remove(device_id.as_str());
        table.changes += 1;
        if table.removed.len() >= REMOVED
            && let Some(oldest) = table.removed.iter().min_by_key(|(_, seq)| **seq).map(|(id, _)| id.clone())
        {
            table.removed.remove(&oldest);
        }
        table.removed.insert(device_id.to_string(), seq);
    }

    /// Grows whenever a device is admitted, removed or loses something. What was read between two equal values belongs together.
    pub(crate) fn changes(&self) -> u64 {
        self.table().changes
    }

    /// All devices, by id.
    pub(crate) fn list(&self) -> Vec<Device> {
        let mut devices: Vec<Device> = self.table().devices.values().map(|kept| kept.device.clone()).collect();
        devices.sort_by(|left, right| left.device_id.cmp(&right.device_id));
        devices
    }

    /// The device with this id.
    pub(crate) fn get(&self, device_id: &str) -> Option<Device> {
        self.table().devices.get(device_id).map(|kept| kept.device.clone())
    }
}

impl openclaw_auth::Devices for DeviceTable {
    fn device(&self, id: &str) -> Option<Device> {
        self.get(id)
    }

    fn count_for_owner(&self, owner: &str) -> usize {
        self.table().devices.values().filter(|kept| kept.device.owner == owner).count()
    }

    fn device_by_token(&self, hash: &str) -> Option<Device> {
        let table = self.table();
        let mut devices = table.devices.values().map(|kept| &kept.device);
        devices.find(|device| device.tokens.iter().any(|token| token.hash == hash)).cloned()
    }
}

#[cfg(test)]
mod tests {
    use openclaw_protocol::Scopes;

    use super::*;

    fn device(revision: i64) -> Device {
        Device {
            device_id: DeviceId::new("d1").unwrap(),
            public_key: "key".to_owned(),
            display_name: None,
            platform: None,
            device_family: None,
            client_id: None,
            client_mode: None,
            roles: Vec::new(),
            scopes: Scopes::NONE,
            remote_ip: None,
            owner: "operator".to_owned(),
            approved_via: "silent".to_owned(),
            created_at: 1,
            approved_at: 1,
            last_seen_at: None,
            tokens: Vec::new(),
            revision,
        }
    }

    #[test]
    fn outcomes_that_arrive_late_undo_nothing() {
        let table = DeviceTable::new(vec![device(1)]);
        let revision = || table.get("d1").map(|device| device.revision);
        table.put(device(1), 5);
        assert_eq!(table.changes(), 0, "a token of its own is no change");
        table.put(device(7), 7);
        table.put(device(1), 6);
        assert_eq!((revision(), table.changes()), (Some(7), 1));
        table.remove(&device(7).device_id, 9);
        table.put(device(7), 8);
        assert_eq!((revision(), table.changes()), (None, 2));
        table.put(device(10), 10);
        table.remove(&device(7).device_id, 9);
        assert_eq!(revision(), Some(10));
    }

    #[test]
    fn the_number_of_removals_that_are_remembered_is_bounded() {
        let table = DeviceTable::default();
        for number in 0..2 * REMOVED {
            table.remove(&DeviceId::new(format!("d{number}")).unwrap(), i64::try_from(number).unwrap());
        }
        assert_eq!(table.table().removed.len(), REMOVED);
    }
}
