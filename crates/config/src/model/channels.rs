//! `channels.*` and `tools.*`. They load now, so that what they restrict is restricted from its first day.

use std::collections::BTreeMap;

use openclaw_core::Secret;
use serde_json::Value;

section! {
    /// One chat channel.
    Channel {
        /// Connect it. Default: true once it has credentials.
        enabled: Option<bool> = None,
        /// Who may send direct messages. Default `pairing`.
        dm_policy: DmPolicy = DmPolicy::Pairing,
        /// Senders that are let in by id; `*` is everyone.
        allow_from: Vec<SenderId> = Vec::new(),
        /// Which groups are answered. Default `allowlist`.
        group_policy: GroupPolicy = GroupPolicy::Allowlist,
        /// Senders that are let in within groups.
        group_allow_from: Vec<SenderId> = Vec::new(),
        /// Groups by id, kept as written.
        groups: BTreeMap<String, Value> = BTreeMap::new(),
        /// Answer in groups only when mentioned. Default true.
        require_mention: bool = true,
        /// What users and roles may do on it.
        permissions: ChannelPermissions = ChannelPermissions::default(),
        /// Credential of the bot.
        token: Option<Secret> = None,
        /// Credential of the bot.
        bot_token: Option<Secret> = None,
        /// Credential of the app.
        app_token: Option<Secret> = None,
        /// Key that proves incoming calls.
        signing_secret: Option<Secret> = None,
        /// Key that proves incoming webhooks.
        webhook_secret: Option<Secret> = None,
        /// Several accounts of one channel, kept as written.
        accounts: BTreeMap<String, Value> = BTreeMap::new(),
        /// What periodic wake-ups show, kept as written.
        heartbeat: Option<Value> = None,
    }

    /// What users and roles may do on a channel. Blocked beats allowed.
    ChannelPermissions {
        /// Users that are let in, beside those with an allowed role. Both lists empty: all that the policy lets in.
        allowed_users: Vec<String> = Vec::new(),
        /// Roles that are let in, beside the allowed users.
        allowed_roles: Vec<String> = Vec::new(),
        /// Users that are never let in.
        blocked_users: Vec<String> = Vec::new(),
        /// Which commands may be given.
        commands: CommandPermissions = CommandPermissions::default(),
    }

    /// Which commands may be given on a channel.
    CommandPermissions {
        /// Allowed ones; empty means all.
        allowed: Vec<String> = Vec::new(),
        /// Blocked ones.
        blocked: Vec<String> = Vec::new(),
    }

    /// What agents may do.
    Tools {
        /// A ready set of tools. Default: no filter.
        profile: Option<ToolProfile> = None,
        /// Tools or `group:` names that are allowed; empty means the profile's.
        allow: Vec<String> = Vec::new(),
        /// Tools or `group:` names added to the profile's.
        also_allow: Vec<String> = Vec::new(),
        /// Tools or `group:` names that are never allowed.
        deny: Vec<String> = Vec::new(),
        /// Running commands.
        exec: ExecTool = ExecTool::default(),
        /// Leaving the sandbox.
        elevated: ElevatedTool = ElevatedTool::default(),
        /// Policies for single model providers, kept as written.
        by_provider: Option<Value> = None,
        /// What sandboxed sessions may use, kept as written.
        sandbox: Option<Value> = None,
        /// What agents that other agents start may use, kept as written.
        subagents: Option<Value> = None,
        /// Which agents may talk to each other, kept as written.
        agent_to_agent: Option<Value> = None,
        /// Files, kept as written.
        fs: Option<Value> = None,
        /// The web, kept as written.
        web: Option<Value> = None,
    }

    /// Running commands. Write either `mode`, or the older pair `security` and `ask`. Where the policy file
    /// (`openclaw approvals get`) says something else, the stricter holds.
    ExecTool {
        /// Where commands run. Default `auto`.
        host: Option<ExecHost> = None,
        /// The policy. Default: what the policy file says, and `ask` where it says nothing.
        mode: Option<ExecMode> = None,
        /// The older half of the policy: what may run.
        security: Option<ExecSecurity> = None,
        /// The older half of the policy: when to ask.
        ask: Option<ExecAsk> = None,
        /// Longest command, in seconds. Default 1800.
        #[schemars(range(min = 1, max = 86_400))]
        timeout_seconds: Option<u64> = None,
        /// Programs that may filter standard input without asking.
        safe_bins: Vec<String> = Vec::new(),
        /// Ask people about code given on the command line (`python -c …`), whatever the policy says. Default false.
        strict_inline_eval: Option<bool> = None,
        /// Days after which a command that people allowed for good is asked about again, unless they say otherwise.
        /// Default: never. What was allowed before keeps its days.
        #[schemars(range(min = 1, max = 3650))]
        grant_expiry_days: Option<u32> = None,
        /// The node that runs commands for `host: "node"`.
        node: Option<String> = None,
    }

    /// Leaving the sandbox.
    ElevatedTool {
        /// Default false.
        enabled: bool = false,
        /// Senders that may, by channel.
        allow_from: BTreeMap<String, Vec<SenderId>> = BTreeMap::new(),
    }
}

words! {
    /// Who may send direct messages.
    DmPolicy {
        /// Unknown senders get a code that the owner approves.
        Pairing = "pairing",
        /// Only `allowFrom`.
        Allowlist = "allowlist",
        /// Everyone; needs `*` in `allowFrom`.
        Open = "open",
        /// Nobody.
        Disabled = "disabled",
    }

    /// Which groups are answered.
    GroupPolicy {
        /// All.
        Open = "open",
        /// Those in `groups`.
        Allowlist = "allowlist",
        /// None.
        Disabled = "disabled",
    }

    /// A ready set of tools.
    ToolProfile {
        /// Session status only.
        Minimal = "minimal",
        /// Files, commands, web, sessions, memory.
        Coding = "coding",
        /// Messages and sessions.
        Messaging = "messaging",
        /// Everything.
        Full = "full",
    }

    /// Where commands run.
    ExecHost {
        /// In the sandbox when there is one, else on the gateway.
        Auto = "auto",
        /// In the sandbox.
        Sandbox = "sandbox",
        /// On the gateway's machine.
        Gateway = "gateway",
        /// On a node.
        Node = "node",
    }

    /// The policy of running commands.
    ExecMode {
        /// Never.
        Deny = "deny",
        /// Only what is on the list.
        Allowlist = "allowlist",
        /// Ask for what is not on the list.
        Ask = "ask",
        /// A reviewer decides.
        Auto = "auto",
        /// Everything.
        Full = "full",
    }

    /// What may run.
    ExecSecurity {
        /// Nothing.
        Deny = "deny",
        /// What is on the list.
        Allowlist = "allowlist",
        /// Everything.
        Full = "full",
    }

    /// When to ask.
    ExecAsk {
        /// Never.
        Off = "off",
        /// When a command is not on the list.
        OnMiss = "on-miss",
        /// Always.
        Always = "always",
    }
}

/// A sender's stable id on a channel: text, or the bare number that some channels use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SenderId(pub String);

impl<'de> serde::Deserialize<'de> for SenderId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Self(text)),
            Value::Number(number) => Ok(Self(number.to_string())),
            _ => Err(serde::de::Error::custom("expected a sender id: text or a number")),
        }
    }
}

impl schemars::JsonSchema for SenderId {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "SenderId".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": ["string", "integer"] })
    }
}
