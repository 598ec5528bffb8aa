//! Checks of what agents can do, and of who can make them do it.

use super::{Check, Origin, checks};

pub(super) const EXEC: &[Check] = checks! {
    "tools.exec.host_sandbox_no_sandbox_defaults" Reference: "Commands should run in a sandbox, and there is none",
        "Set agents.defaults.sandbox.mode to non-main or all, or tools.exec.host to gateway.";
    "tools.exec.host_sandbox_no_sandbox_agents" Reference: "An agent's commands should run in a sandbox, and it has none",
        "Set the agent's sandbox.mode, or its tools.exec.host to gateway.";
    "tools.exec.security_full_configured" Reference: "Every command runs without asking",
        "Set tools.exec.mode to ask or allowlist.";
    "security.exposure.open_channels_with_exec" Reference: "Strangers can reach an agent that runs commands",
        "Set the policy of those channels to pairing or allowlist, or tools.exec.mode to deny.";
    "tools.exec.fs_tools_disabled_but_exec_enabled" Reference: "Writing files is denied, but commands can write them",
        "Deny exec too, or run it in a sandbox with workspaceAccess ro or none.";
    "tools.exec.auto_allow_skills_enabled" Reference: "Programs of skills run without asking",
        "Set autoAllowSkills to false: openclaw approvals set";
    "tools.exec.allowlist_interpreter_without_strict_inline_eval" Reference: "An interpreter may run any code on its command line",
        "Set tools.exec.strictInlineEval to true, or take the interpreter off the list.";
    "tools.exec.safe_bins_interpreter_unprofiled" Reference: "An interpreter counts as a harmless filter",
        "Take it out of tools.exec.safeBins.";
    "tools.exec.safe_bins_broad_behavior" Reference: "A program that can do more than filter counts as harmless",
        "Take it out of tools.exec.safeBins, or allow exact commands instead.";
    "tools.exec.safe_bin_trusted_dirs_risky" Reference: "Programs are trusted in folders that others can fill",
        "List only folders that the system's administrator owns.";
    "exec.legacy_policy_pair" Ours: "The policy of commands is written in its older form",
        "Write tools.exec.mode instead of security and ask; both hold the same.";
    "tools.elevated.allowFrom.*.wildcard" Reference: "Everybody on a channel may leave the sandbox",
        "List senders by id.";
    "tools.elevated.allowFrom.*.large" Reference: "Many people may leave the sandbox",
        "Keep the list to those who need it.";
    "tools.profile_minimal_overridden" Reference: "Agents have more tools than the common profile",
        "Set their tools.profile to minimal too, or choose another common one.";
};

pub(super) const ISOLATION: &[Check] = checks! {
    "sandbox.docker_config_mode_off" Reference: "A container is described, and nothing runs in it",
        "Set agents.defaults.sandbox.mode to non-main or all.";
    "sandbox.bind_mount_non_absolute" Reference: "A mounted folder is not written as an absolute path",
        "Write the absolute path on the host.";
    "sandbox.dangerous_bind_mount" Reference: "A mounted folder opens the host to the sandbox",
        "Mount a folder that holds nothing but the work.";
    "sandbox.dangerous_network_mode" Reference: "The sandbox shares a network that reaches the host",
        "Set its network to none or bridge.";
    "sandbox.dangerous_seccomp_profile" Reference: "The sandbox may make any system call",
        "Take seccomp=unconfined out.";
    "sandbox.dangerous_apparmor_profile" Reference: "The sandbox has no AppArmor profile",
        "Take apparmor=unconfined out.";
};

pub(super) const EXPOSURE: &[Check] = checks! {
    "security.exposure.open_groups_with_elevated" Reference: "Strangers can reach an agent that may leave its sandbox",
        "Set those policies to allowlist, or tools.elevated.enabled to false.";
    "security.exposure.open_groups_with_runtime_or_fs" Reference: "Strangers can reach commands or files",
        "Set those policies to allowlist, choose tools.profile messaging, or run every session in a sandbox.";
    "security.exposure.open_groups_with_control_plane_tools" Reference: "Strangers can reach tools that change the gateway",
        "Deny gateway, automations, plugins and nodes in tools.deny, or close those policies.";
    "security.trust_model.multi_user_heuristic" Reference: "Several people can speak to one agent",
        "Whoever speaks to an agent shares its rights. Use a gateway, or a system user, for each circle of trust.";
    "security.trust_model.group_scope_main" Elsewhere: "Groups speak in the owner's own session",
        "Give groups their own sessions.";
    "security.trust_model.cross_agent_session_access_default" Reference: "Agents can read each other's sessions",
        "Set tools.sessions.visibility, or limit tools.agentToAgent.allow.";
};

pub(super) const CHANNELS: &[Check] = checks! {
    "channels.*.dm.open" Reference: "Anybody can send direct messages",
        "Set dmPolicy to pairing.";
    "channels.*.dm.open_invalid" Reference: "Direct messages are open, but nobody is let in",
        "Set dmPolicy to pairing, or put * into allowFrom.";
    "channels.*.dm.disabled" Elsewhere: "Direct messages are off", "";
    "channels.*.dm.locked" Elsewhere: "Nobody may send direct messages", "List senders in allowFrom, or set dmPolicy to pairing.";
    "channels.dm.session_collision.*" Elsewhere: "Several people share one conversation",
        "openclaw config set session.dmScope per-channel-peer";
    "channels.*.groups.open" Elsewhere: "Every group is answered",
        "Set groupPolicy to allowlist; --fix does.";
    "channels.*.groups.allowFrom.wildcard" Elsewhere: "Everybody in the groups is answered",
        "List senders in groupAllowFrom.";
    "channels.*.groups.allowFrom.missing" Elsewhere: "Groups are listed, and nobody in them is",
        "List senders in groupAllowFrom.";
    "channels.*.allowlisted_groups.broad_members" Reference: "Every member of a listed group is answered",
        "Add users or roles to the groups.";
    "channels.*.allowFrom.mutable_entries_inert" Reference: "Senders are listed by names that they can change",
        "List their stable ids; such names let nobody in.";
    "channels.*.allowFrom.dangerous_name_matching_enabled" Reference: "Senders are let in by names that they can change",
        "List their stable ids and remove dangerouslyAllowNameMatching.";
    "channels.*.account.read_only_resolution" Reference: "A channel is on, and has no credential that can be read here",
        "Write its credential, or set the variable that it names.";
};

pub(super) const SKILLS: &[Check] = checks! {
    "skills.workspace.symlink_escape" Reference: "A skill lies outside of its workspace",
        "Replace the link by the skill itself.";
    "skills.workspace.scan_truncated" Reference: "Not all skills were looked at",
        "Remove what is no skill from the skills folders.";
    "skills.code_safety" Reference: "A skill's text looks dangerous",
        "Read it before any agent uses it, or remove it.";
    "skills.code_safety.scan_failed" Reference: "A skill's file could not be read whole",
        "See why, and run it again.";
};
