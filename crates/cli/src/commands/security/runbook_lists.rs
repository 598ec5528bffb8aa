//! The checklists of specs 002 and 004, in our own words. What a gateway can tell by itself is filled in by the runbook.

/// What to run before anything is opened.
pub(super) const BASELINE: &[&str] =
    &["openclaw doctor", "openclaw security audit", "openclaw security audit --deep", "openclaw health"];

/// What to check after each single change.
pub(super) const AFTER: &[&str] = &[
    "run openclaw security audit --deep again",
    "connect once as somebody who may: openclaw gateway probe --url <url> --token <token>",
    "try once as somebody who may not, sender and browser, and see it refused",
    "look into openclaw logs: no token, password or key is in it",
    "write to each channel and group, and see that only the meant agent answers",
    "ask for something with consequences, and see it asked about or denied",
    "write down which warnings are accepted, and why: security.audit.suppressions",
];

/// What to do when too much is open, in this order.
pub(super) const ROLLBACK: &[&str] = &[
    "the first four at once: openclaw security lockdown; later openclaw security lockdown --undo",
    "back to this machine alone: openclaw config set gateway.bind loopback",
    "stop ways from outside: tailscale serve reset, tailscale funnel reset, the proxy's route, the router's port",
    "close channels: set dmPolicy to disabled for each",
    "stop commands: openclaw config set tools.exec.mode deny, openclaw config set tools.elevated.enabled false",
    "rotate: openclaw gateway rotate-token, then the credentials that agents could reach",
    "take * and unknown senders out of every allowFrom and groupAllowFrom",
    "read what happened: openclaw logs, openclaw approvals history, openclaw config history, sessions and their tools",
    "run openclaw security audit --deep again",
    "open again what is needed, by the narrowest pattern",
];

/// What a reviewer signs.
pub(super) const REVIEW: &[&str] = &[
    "the gateway is on loopback, or it is written down why not",
    "what is beyond loopback has a credential, a firewall, and no public way past it",
    "a trusted proxy is listed by its address and overwrites headers",
    "direct messages are paired or listed",
    "groups want a mention or are listed",
    "shared channels reach no personal credentials",
    "every session but the main one runs in a sandbox",
    "commands and elevated tools are denied or asked about",
    "logs hold no secrets",
    "nothing critical is left of the audit",
    "going back was tried and is written down",
];

/// Once, before the first use.
pub(super) const SETUP: &[&str] = &[
    "the token is random and of this gateway alone: openclaw gateway generate-token --write",
    "the bind is as narrow as it can be: openclaw security status",
    "authentication is on, and devices are approved one by one: openclaw devices list",
    "people have the least role or scope that does",
    "agents run in a sandbox: agents.defaults.sandbox.mode",
    "the audit log is kept and somebody reads it: logging.audit",
];

/// Again and again.
pub(super) const MAINTENANCE: &[&str] = &[
    "monthly: update, then openclaw security check-vulnerabilities",
    "every 90 days: openclaw gateway rotate-token, and the keys of model providers",
    "monthly: who has access, openclaw devices list and openclaw security check-permissions",
    "weekly: openclaw logs, and the refusals in it",
    "weekly: openclaw security scan",
    "monthly: restore a backup somewhere else and start it",
];

/// When something happened.
pub(super) const INCIDENT: &[&str] = &[
    "who decides, and who stands in for them: ______________________",
    "how they are reached at night: ______________________",
    "first close, then look: the way back above; keep a copy of the state directory before changing it",
    "which data is where, and from which backup it comes back: ______________________",
    "who is told, by whom, and when: ______________________",
    "afterwards: what happened, why it could, and which check finds it next time",
];

/// Where a proxy logs people in.
pub(super) const PROXY: &[&str] = &[
    "it logs people in before it passes anything on",
    "a firewall lets nobody but it reach the gateway's port",
    "gateway.trustedProxies lists its addresses and nothing wider",
    "it overwrites identity and forwarding headers that clients send",
    "gateway.auth.trustedProxy.allowUsers lists the people, when it serves others as well",
    "allowLoopback only where every local program is trusted",
];

/// Every list, to check what it says.
#[cfg(test)]
pub(crate) fn texts() -> impl Iterator<Item = &'static str> {
    [BASELINE, AFTER, ROLLBACK, REVIEW, SETUP, MAINTENANCE, INCIDENT, PROXY].into_iter().flatten().copied()
}
