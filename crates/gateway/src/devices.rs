//! The admitted devices, in memory beside the store, so that a handshake reads no disk.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use openclaw_core::record::Device;
use openclaw_protocol::DeviceId;

/// The table. Whoever changes a device in the store puts the outcome here.
#[derive(Debug, Default)]
pub(crate) struct DeviceTable(Mutex<HashMap<String, Device>>);

impl DeviceTable {
    /// The devices that the store holds.
    pub(crate) fn new(devices: Vec<Device>) -> Self {
        Self(Mutex::new(devices.into_iter().map(|device| (device.device_id.to_string(), device)).collect()))
    }

    fn table(&self) -> MutexGuard<'_, HashMap<String, Device>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes over what the store says about a device.
    pub(crate) fn put(&self, device: Device) {
        self.table().insert(device.device_id.to_string(), device);
    }

    /// Forgets a device.
    pub(crate) fn remove(&self, device_id: &DeviceId) {
        self.table().remove(device_id.as_str());
    }

    /// All devices, by id.
    pub(crate) fn list(&self) -> Vec<Device> {
        let mut devices: Vec<Device> = self.table().values().cloned().collect();
        devices.sort_by(|left, right| left.device_id.cmp(&right.device_id));
        devices
    }

    /// The device with this id.
    pub(crate) fn get(&self, device_id: &str) -> Option<Device> {
        self.table().get(device_id).cloned()
    }
}

impl openclaw_auth::Devices for DeviceTable {
    fn device(&self, id: &str) -> Option<Device> {
        self.get(id)
    }

    fn count_for_owner(&self, owner: &str) -> usize {
        self.table().values().filter(|device| device.owner == owner).count()
    }

    fn device_by_token(&self, hash: &str) -> Option<Device> {
        self.table().values().find(|device| device.tokens.iter().any(|token| token.hash == hash)).cloned()
    }
}
