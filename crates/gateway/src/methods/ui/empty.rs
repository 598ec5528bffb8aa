//! Views of things that this gateway has none of.

use super::{Empty, Nothing, read};
use crate::methods::prelude::*;

read! {
    "Files that runs made for people: none are kept."
    artifacts "artifacts.list" Read
    params { uses {} checks {} understood { session_key run_id task_id agent_id r#type limit } }
    reply { artifacts: Empty = [], }
}

read! {
    "The board of a session: it is empty."
    board "board.get" Read
    params {
        uses {
            /// Which session.
            session_key: SessionKey,
        }
        checks {} understood { agent_id }
    }
    reply |call, params| {
        /// Its canonical key.
        session_key: SessionKey = call.canonical(&params.session_key),
        /// Changes so far.
        revision: u64 = 0,
        tabs: Empty = [],
        widgets: Empty = [],
    }
}

read! {
    "Senders on chat channels that ask to be admitted: no channel is there yet."
    channel_pairing "channels.pairing.list" Pairing
    params { uses {} checks {} understood { channel account_id } }
    reply {
        accounts: Empty = [],
        requests: Empty = [],
        /// Whether somebody may give commands over a channel.
        command_owner_configured: bool = false,
        limits: PairingLimits = PairingLimits { pending_per_account: 0, ttl_ms: 0 },
    }
}

/// How many senders may ask, and for how long.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PairingLimits {
    pending_per_account: u32,
    ttl_ms: u64,
}

read! {
    "Whether a session is discussed elsewhere: it is not."
    discussion "session.discussion.info" Read
    params {
        uses {}
        checks {
            /// Which session.
            session_key: SessionKey,
        }
        understood { agent_id }
    }
    reply { state: &'static str = "none", }
}

read! {
    "Whether an agent's memory can be searched: it cannot yet."
    memory "doctor.memory.status" Read
    params {
        uses {
            /// Which agent; the default one when absent.
            #[serde(default)]
            agent_id: Option<AgentId>,
        }
        checks {} understood { probe deep }
    }
    reply |call, params| {
        agent_id: AgentId = call.state().agent(&params.agent_id.unwrap_or_else(|| call.state().default_agent()))?.id,
        search_runtime_registered: bool = false,
        embedding: Embedding = Embedding { ok: false, error: "searching memory is not part of this gateway yet" },
    }
}

/// Whether text can be compared by meaning.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Embedding {
    ok: bool,
    error: &'static str,
}

read! {
    "What an agent dreamed: agents do not dream here."
    dream_diary "doctor.memory.dreamDiary" Read
    params {
        uses {
            /// Which agent; the default one when absent.
            #[serde(default)]
            agent_id: Option<AgentId>,
        }
        checks {} understood { limit cursor }
    }
    reply |call, params| {
        agent_id: AgentId = call.state().agent(&params.agent_id.unwrap_or_else(|| call.state().default_agent()))?.id,
        found: bool = false,
    }
}

read! {
    "Places where somebody was mentioned: none."
    mentions "mentions.list" Read
    params { uses {} checks {} understood { limit cursor } }
    reply |call, _params| {
        /// Names this start of the gateway.
        gateway_instance_id: String = call.state().boot_id.clone(),
        revision: u64 = 0,
        items: Empty = [],
    }
}

read! {
    "A person's own accounts at model providers: the gateway's are in its configuration."
    model_accounts "users.listModelAccounts" Read
    params {
        uses {
            /// Whose.
            #[serde(default)]
            profile_id: Option<String>,
        }
        checks {} understood { cursor limit }
    }
    reply |_call, params| {
        profile_id: String = params.profile_id.map_or_else(|| "gateway-owner".to_owned(), |id| id.chars().take(128).collect()),
        accounts: Empty = [],
        links: Empty = [],
    }
}

read! {
    "Plugins that could be installed: plugins are not part of this gateway."
    plugin_catalog "plugins.catalog.browse" Read
    params { uses {} checks {} understood { intent page_size cursor query category sort agent_id } }
    reply { items: Empty = [], }
}

read! {
    "What plugins add to views: there are no plugins."
    plugin_descriptors "plugins.uiDescriptors" Read
    params { uses {} checks {} understood {} }
    reply { ok: bool = true, descriptors: Empty = [], }
}

read! {
    "Views that plugins bring: there are no plugins."
    plugin_interfaces "plugins.controlUi.list" Read
    params { uses {} checks {} understood {} }
    reply { revision: &'static str = "0", plugins: Empty = [], diagnostics: Empty = [], }
}

read! {
    "Plugins: there are none."
    plugins "plugins.list" Read
    params { uses {} checks {} understood { agent_id } }
    reply {
        plugins: Empty = [],
        diagnostics: Empty = [],
        /// Whether plugins can be installed.
        mutation_allowed: bool = false,
    }
}

read! {
    "Local servers that are shown to others: none."
    portals "portal.list" Read
    params { uses {} checks {} understood {} }
    reply { portals: Empty = [], }
}

read! {
    "The plan that a run shows while it works: none."
    progress_card "progressCard.get" Read
    params {
        uses {}
        checks {
            /// Which session.
            session_key: SessionKey,
        }
        understood { agent_id }
    }
    reply { card: Option<Nothing> = None, }
}

read! {
    "Follows the pull requests of sessions: there are none."
    pull_requests "controlUi.sessionPullRequests.subscribe" Read
    params { uses {} checks {} understood { session_keys } }
    reply { subscribed: bool = true, }
}

read! {
    "Secrets that people keep in the gateway: its own are in its configuration."
    secrets "secrets.store.list" Admin
    params { uses {} checks {} understood {} }
    reply { entries: Empty = [], }
}

read! {
    "Tasks that a run suggests: none."
    task_suggestions "taskSuggestions.list" Read
    params { uses {} checks {} understood { session_key agent_id } }
    reply { suggestions: Empty = [], }
}

read! {
    "Work that runs beside conversations: none."
    tasks "tasks.list" Read
    params { uses {} checks {} understood { status agent_id session_key limit cursor sort_by sort_dir } }
    reply { tasks: Empty = [], }
}

read! {
    "Branches of a repository: the gateway does not look at repositories."
    worktree_branches "worktrees.branches" Write
    params {
        uses {}
        checks {
            /// Where it is.
            repo_root: String,
        }
        understood { include_repository_status agent_id }
    }
    reply { branches: Empty = [], repository_status: &'static str = "unavailable", }
}

read! {
    "Working copies that the gateway made of repositories: none."
    worktrees "worktrees.list" Read
    params { uses {} checks {} understood {} }
    reply { worktrees: Empty = [], }
}
