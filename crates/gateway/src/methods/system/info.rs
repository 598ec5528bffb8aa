//! `system.info`: the machine that the gateway runs on.

use crate::{machine, methods::prelude::*};

params! {
    /// Nothing is needed.
    {} understood {}
}

/// The machine, and the gateway's process on it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    /// Name for people.
    machine_name: String,
    hostname: String,
    /// `linux` or `macos`.
    platform: &'static str,
    /// Release of the kernel.
    release: String,
    /// Such as `x86_64`.
    arch: &'static str,
    /// System, release and architecture in one line.
    os_label: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<u16>,
    /// Clients show the runtime here; this gateway needs none.
    node_version: &'static str,
    /// Process id of the gateway.
    pid: u32,
    /// Names this start of the gateway.
    process_instance_id: String,
    /// How long the gateway has been running, milliseconds.
    uptime_ms: u64,
    cpu_count: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    cpu_model: Option<String>,
    /// Over one, five and fifteen minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    load_average: Option<[f64; 3]>,
    memory_total_bytes: u64,
    /// What programs could still get, caches included.
    memory_free_bytes: u64,
    /// Of the file system that holds the state directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    disk_total_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disk_available_bytes: Option<u64>,
    /// The state directory; told to administrators.
    #[serde(skip_serializing_if = "Option::is_none")]
    disk_path: Option<String>,
}

pub(crate) struct Info;

impl Method for Info {
    const NAME: &'static str = "system.info";
    const ABOUT: &'static str = "The machine that the gateway runs on: processors, memory, disk, uptime.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, _: Params) -> Result<Reply, WireError> {
        let state = call.state();
        let machine = machine::look(&state.state_dir).await?;
        let port = state.active().loaded.config.gateway.listening_port();
        Ok(Reply {
            machine_name: state.host.clone(),
            hostname: state.host.clone(),
            platform: std::env::consts::OS,
            os_label: format!("{} {} ({})", machine.system, machine.release, std::env::consts::ARCH),
            release: machine.release,
            arch: std::env::consts::ARCH,
            port: (port != 0).then_some(port),
            node_version: "none",
            pid: std::process::id(),
            process_instance_id: state.boot_id.clone(),
            uptime_ms: state.uptime_ms(),
            cpu_count: machine.processors,
            cpu_model: machine.processor,
            load_average: machine.load,
            memory_total_bytes: machine.memory_total,
            memory_free_bytes: machine.memory_available,
            disk_total_bytes: machine.disk.map(|disk| disk.total),
            disk_available_bytes: machine.disk.map(|disk| disk.available),
            disk_path: call.principal().may(Scope::Admin).then(|| state.state_dir()),
        })
    }
}
