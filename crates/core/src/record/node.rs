//! Nodes: machines that offer commands, what an owner approved of each, and work that waits for those that sleep.

use std::collections::BTreeMap;

use openclaw_protocol::NodeId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a node offers: features, commands, and what its operating system allows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct NodeSurface {
    /// Features, sorted, each once.
    pub caps: Vec<String>,
    /// Commands, sorted, each once.
    pub commands: Vec<String>,
    /// Whether the node has a permission of its operating system.
    pub permissions: BTreeMap<String, bool>,
}

impl NodeSurface {
    /// Whether everything here is in `approved`, so that an owner has nothing to decide. Offering less asks for nothing.
    #[must_use]
    pub fn is_within(&self, approved: &Self) -> bool {
        let has = |list: &[String], word: &String| list.binary_search(word).is_ok();
        self.caps.iter().all(|cap| has(&approved.caps, cap))
            && self.commands.iter().all(|command| has(&approved.commands, command))
            && self.permissions.iter().all(|(name, held)| !held || approved.permissions.get(name) == Some(&true))
    }
}

/// What a node says about itself. Nothing of it is proof, but for what its device signed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct NodeAbout {
    /// Name for people.
    pub display_name: Option<String>,
    /// For example `linux`.
    pub platform: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// Version of its core.
    pub core_version: Option<String>,
    /// Version of its interface.
    pub ui_version: Option<String>,
    /// For example `iPhone`.
    pub device_family: Option<String>,
    /// For example `MacBookPro18,3`.
    pub model_identifier: Option<String>,
    /// `client.id`.
    pub client_id: Option<String>,
    /// `client.mode`.
    pub client_mode: Option<String>,
    /// Where it connects from.
    pub remote_ip: Option<String>,
}

/// What an owner approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovedSurface {
    /// What.
    pub surface: NodeSurface,
    /// When.
    pub at: i64,
}

/// A node that has connected, or was announced, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// Its identifier.
    pub node_id: NodeId,
    /// What it said last about itself.
    pub about: NodeAbout,
    /// The name that an operator gave it; it wins over its own.
    pub name: Option<String>,
    /// What it may do; `None` before the first approval.
    pub approved: Option<ApprovedSurface>,
    /// When it was first heard of.
    pub created_at: i64,
    /// When it last connected.
    pub last_connected_at: Option<i64>,
    /// When it last gave a sign of life that was kept.
    pub last_seen_at: Option<i64>,
    /// Which one: `connect`, `background`, `silent_push`, …
    pub last_seen_reason: Option<String>,
    /// SHA-256 (hex) of the token that an approval of `node.pair.request` gave out.
    pub token_hash: Option<String>,
}

impl Node {
    /// A node that nothing is known of but its name.
    #[must_use]
    pub const fn new(node_id: NodeId, about: NodeAbout, now: i64) -> Self {
        Self {
            node_id,
            about,
            name: None,
            approved: None,
            created_at: now,
            last_connected_at: None,
            last_seen_at: None,
            last_seen_reason: None,
            token_hash: None,
        }
    }

    /// The name to show.
    #[must_use]
    pub fn display_name(&self) -> Option<&str> {
        self.name.as_deref().or(self.about.display_name.as_deref())
    }
}

/// How a request came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NodeAsk {
    /// A node that is connected declared more than is approved.
    Declared,
    /// Somebody announced a node with `node.pair.request`; its approval gives out a token.
    Announced,
}

/// A surface that an owner has to decide about. A node has at most one, the last that it asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeRequest {
    /// Names the request for its approval.
    pub request_id: Uuid,
    /// Whose.
    pub node_id: NodeId,
    /// How it came about.
    pub ask: NodeAsk,
    /// What the node says about itself.
    pub about: NodeAbout,
    /// What it wants to offer.
    pub surface: NodeSurface,
    /// Whether nobody needs to be disturbed for it.
    pub silent: bool,
    /// When it asked.
    pub ts: i64,
}

/// Everything that is kept about one node identifier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeState {
    /// Which.
    pub node_id: NodeId,
    /// The node; absent while it was only announced, and after its removal.
    pub node: Option<Node>,
    /// What waits for an owner.
    pub request: Option<NodeRequest>,
}

/// What a sleeping node is to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum NodeTask {
    /// Say how it is.
    Status,
    /// Say where it is.
    Location,
    /// Run a command once it is in the foreground.
    Command {
        /// Which.
        command: String,
        /// Its parameters as JSON text.
        params_json: Option<String>,
        /// The key of the request that asked for it.
        key: String,
    },
}

/// How urgent work is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NodePriority {
    /// Before everything else.
    High,
    /// As it comes.
    Normal,
}

/// Work that waits for a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeWork {
    /// Names it.
    pub id: Uuid,
    /// For whom.
    pub node_id: NodeId,
    /// What to do.
    pub task: NodeTask,
    /// How urgent.
    pub priority: NodePriority,
    /// Since when it waits.
    pub created_at: i64,
    /// When it is given up.
    pub expires_at: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surface(caps: &[&str], commands: &[&str], permissions: &[(&str, bool)]) -> NodeSurface {
        let words = |list: &[&str]| list.iter().map(ToString::to_string).collect();
        NodeSurface {
            caps: words(caps),
            commands: words(commands),
            permissions: permissions.iter().map(|(name, held)| ((*name).to_owned(), *held)).collect(),
        }
    }

    #[test]
    fn offering_less_asks_for_nothing_and_any_more_does() {
        let approved = surface(&["camera", "system"], &["system.run", "system.which"], &[("screen", true)]);
        assert!(approved.is_within(&approved));
        assert!(surface(&["system"], &["system.which"], &[("screen", false), ("mic", false)]).is_within(&approved));
        assert!(surface(&[], &[], &[]).is_within(&approved));
        for wider in
            [surface(&["talk"], &[], &[]), surface(&[], &["system.notify"], &[]), surface(&[], &[], &[("mic", true)])]
        {
            assert!(!wider.is_within(&approved), "{wider:?}");
        }
    }
}
