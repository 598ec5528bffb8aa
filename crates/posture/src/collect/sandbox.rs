//! How tight the sandbox is.

use serde_json::Value;

use crate::{
    Finding, Severity, View,
    catalogue::found,
    view::{at, texts},
};

/// Folders of the host that are never the work.
const SYSTEM: &[&str] = &["/etc", "/proc", "/sys", "/dev", "/root", "/boot", "/run", "/var/run"];
/// Folders and files of a person that hold credentials.
const PERSONAL: &[&str] = &[".aws", ".cargo", ".config", ".docker", ".gnupg", ".netrc", ".npm", ".ssh", ".openclaw"];

/// The settings of a container.
struct Container {
    path: String,
    network: Option<String>,
    options: Vec<String>,
    /// Folders of the host.
    mounts: Vec<String>,
}

pub(super) fn collect(view: &View<'_>, findings: &mut Vec<Finding>) {
    let scopes = view.scopes();
    let mut containers: Vec<Container> = Vec::new();
    let mut described = false;
    for scope in &scopes {
        if let Some(docker) = at(scope.own, "sandbox.docker").filter(|docker| docker.is_object()) {
            described = true;
            containers.push(Container {
                path: format!("{}.sandbox.docker", scope.path),
                network: docker.get("network").and_then(Value::as_str).map(str::to_owned),
                options: options(docker),
                mounts: docker.get("binds").map(texts).unwrap_or_default().iter().map(|bind| source(bind)).collect(),
            });
        }
    }
    if let Some(docker) = view.get("security.sandboxing.docker") {
        let volumes = docker.get("volumes").and_then(Value::as_object);
        containers.push(Container {
            path: "security.sandboxing.docker".to_owned(),
            network: docker.get("network").and_then(Value::as_str).map(str::to_owned),
            options: options(docker),
            mounts: volumes.into_iter().flatten().map(|(source, _)| source.clone()).collect(),
        });
    }
    if described && scopes.iter().all(|scope| view.sandbox_mode(scope) == "off") {
        findings.push(found(
            "sandbox.docker_config_mode_off",
            Severity::Warn,
            "sandbox.docker is written, and the sandbox mode of every agent is off.",
        ));
    }
    for container in &containers {
        judge(view, container, findings);
    }
}

fn judge(view: &View<'_>, container: &Container, findings: &mut Vec<Finding>) {
    let Container { path, network, options, mounts } = container;
    for mount in mounts {
        if !mount.starts_with('/') && !mount.starts_with('~') {
            findings.push(found(
                "sandbox.bind_mount_non_absolute",
                Severity::Warn,
                format!("{path} mounts {mount}; which folder that is depends on where the gateway was started."),
            ));
        } else if let Some(reason) = danger(view, mount) {
            findings.push(found(
                "sandbox.dangerous_bind_mount",
                Severity::Critical,
                format!("{path} mounts {mount}, which {reason}."),
            ));
        }
    }
    if let Some(network) = network.as_deref().filter(|network| *network == "host" || network.starts_with("container:"))
    {
        findings.push(found(
            "sandbox.dangerous_network_mode",
            Severity::Critical,
            format!("{path}.network is {network}."),
        ));
    }
    let unconfined = |name: &str| {
        options.iter().any(|option| {
            option.split_once([':', '=']).is_some_and(|(key, value)| key == name && value == "unconfined")
        })
    };
    for (name, id) in
        [("seccomp", "sandbox.dangerous_seccomp_profile"), ("apparmor", "sandbox.dangerous_apparmor_profile")]
    {
        if unconfined(name) {
            findings.push(found(id, Severity::Critical, format!("{path} sets {name} to unconfined.")));
        }
    }
}

fn options(docker: &Value) -> Vec<String> {
    let mut all = docker.get("securityOpt").map(texts).unwrap_or_default();
    for (key, name) in [("seccompProfile", "seccomp"), ("apparmorProfile", "apparmor")] {
        all.extend(docker.get(key).and_then(Value::as_str).map(|value| format!("{name}={value}")));
    }
    all
}

/// The side of the host in `source:target:mode`.
fn source(bind: &str) -> String {
    bind.split(':').next().unwrap_or(bind).to_owned()
}

/// Why a folder should not be mounted: it is a sensitive one, lies in one, or holds one.
fn danger(view: &View<'_>, mount: &str) -> Option<String> {
    let home = view.facts.home.as_deref().map(|home| home.trim_end_matches('/'));
    let mount = match (mount.strip_prefix('~'), home) {
        (Some(rest), Some(home)) => format!("{home}{rest}"),
        _ => mount.to_owned(),
    };
    let mount = normal(&mount);
    let within = |outer: &str, inner: &str| {
        outer == "/" || inner == outer || inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'))
    };
    if mount.ends_with("/docker.sock") || mount.ends_with("/podman.sock") {
        return Some("lets the sandbox command the host's containers".to_owned());
    }
    let personal = home.into_iter().flat_map(|home| PERSONAL.iter().map(move |name| format!("{home}/{name}")));
    let sensitive = SYSTEM.iter().map(|path| (*path).to_owned()).chain(personal);
    sensitive.into_iter().find_map(|path| {
        if within(&path, &mount) {
            Some(format!("is {path} or lies in it"))
        } else if within(&mount, &path) {
            Some(format!("holds {path}"))
        } else {
            None
        }
    })
}

/// The path without `.`, `..` and doubled slashes.
fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}
