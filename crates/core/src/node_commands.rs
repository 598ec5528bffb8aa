//! Commands of nodes by what they reach (PROTOCOL §8).

/// Commands of a machine that runs programs (PROTOCOL §8).
pub const SYSTEM: &[&str] = &[
    "browser.proxy",
    "system.execApprovals.get",
    "system.execApprovals.set",
    "system.notify",
    "system.run",
    "system.which",
];
/// Commands of a hosted page.
pub const CANVAS: &[&str] = &[
    "canvas.a2ui.push",
    "canvas.a2ui.pushJSONL",
    "canvas.a2ui.reset",
    "canvas.eval",
    "canvas.hide",
    "canvas.navigate",
    "canvas.present",
    "canvas.snapshot",
];
/// Commands of every machine with a place.
pub const PLACE: &[&str] = &["camera.list", "location.get"];
/// Commands of a person's own device.
pub const PERSONAL: &[&str] = &[
    "calendar.events",
    "contacts.search",
    "device.info",
    "device.status",
    "motion.activity",
    "motion.pedometer",
    "photos.latest",
    "reminders.list",
];
/// What today's desktop nodes offer besides; an owner approves each of them.
pub const REVIEWED_DESKTOP: &[&str] = &[
    "agent.cli.claude.run.v1",
    "browser.proxy.upload.v1",
    "computer.act",
    "desktop.stream",
    "fs.listDir",
    "mcp.tools.call.v1",
    "screen.snapshot",
    "system.run.prepare",
    "terminal.upload",
];
/// What today's phones offer besides; an owner approves each of them.
pub const REVIEWED_PHONE: &[&str] = &[
    "callLog.search",
    "device.apps",
    "device.health",
    "device.permissions",
    "mobile.ui.act",
    "mobile.ui.observe",
    "notifications.actions",
    "notifications.list",
    "system.notify",
    "watch.notify",
    "watch.status",
];
/// What every node with a microphone may offer; an owner approves it.
pub const REVIEWED_TALK: &[&str] = &["talk.ptt.cancel", "talk.ptt.once", "talk.ptt.start", "talk.ptt.stop"];
/// Commands that watch their owner, or act in the owner's name.
pub const DANGEROUS: &[&str] = &[
    "calendar.add",
    "camera.clip",
    "camera.ptz.control",
    "camera.snap",
    "computer.act",
    "contacts.add",
    "health.summary",
    "reminders.add",
    "screen.record",
    "sms.search",
    "sms.send",
];

/// Whether a node of some kind offers a command of this name.
pub fn all() -> impl Iterator<Item = &'static str> {
    [SYSTEM, CANVAS, PLACE, PERSONAL, REVIEWED_DESKTOP, REVIEWED_PHONE, REVIEWED_TALK, DANGEROUS]
        .into_iter()
        .flatten()
        .copied()
}
