//! `node.pluginTools.update`: a node publishes tools.

use openclaw_protocol::NodeId;

use super::{own, tell};
use crate::methods::prelude::*;

/// Tools of one node.
const TOOLS: usize = 128;
/// Bytes of one, as JSON.
const TOOL_BYTES: usize = 64 * 1024;
/// Bytes of all of them.
const ALL_BYTES: usize = 1 << 20;

params! {
    /// All its tools; those of before are forgotten.
    { tools: Vec<Tool>, } understood {}
}

/// A tool that runs one of the node's commands.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Tool {
    /// Which plugin it belongs to.
    plugin_id: String,
    /// A letter, then letters, digits, `_` or `-`; at most 64.
    name: String,
    /// What it does.
    description: String,
    /// JSON Schema of what it takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parameters: Option<serde_json::Map<String, Value>>,
    /// The command that it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    command: Option<String>,
    /// The tool of an MCP server that it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mcp: Option<Mcp>,
}

/// A tool of an MCP server.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mcp {
    /// Which server.
    server: String,
    /// Which of its tools.
    tool: String,
}

/// What is kept.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    node_id: NodeId,
    tools: Vec<Tool>,
}

pub(crate) struct PluginToolsUpdate;

impl Method for PluginToolsUpdate {
    const NAME: &'static str = "node.pluginTools.update";
    const ABOUT: &'static str = "A node publishes its tools, for as long as it is connected; node.describe shows them.";
    const ACCESS: Access = Access::Node;
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let node_id = own(&call, None)?;
        if params.tools.len() > TOOLS {
            let text = format!("a node publishes at most {TOOLS} tools");
            return Err(WireError::params(text).with("path", "params.tools"));
        }
        let shown: Vec<Value> = params.tools.iter().map(|tool| json!(tool)).collect();
        let mut all = 0;
        for (at, (tool, shown)) in params.tools.iter().zip(&shown).enumerate() {
            let name = tool.name.as_bytes();
            let word = name.first().is_some_and(u8::is_ascii_alphabetic)
                && name.len() <= 64
                && name.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
            if !word {
                let text = format!("tool {at}: name must be a letter, then letters, digits, _ or -, at most 64");
                return Err(WireError::params(text).with("path", format!("params.tools[{at}].name")));
            }
            let bytes = shown.to_string().len();
            all += bytes;
            if bytes > TOOL_BYTES || all > ALL_BYTES {
                let text = format!("tool {at}: one has at most {TOOL_BYTES} bytes, all together {ALL_BYTES}");
                return Err(WireError::params(text).with("path", format!("params.tools[{at}]")));
            }
        }
        tell(&call, |session| session.told.plugin_tools = shown)?;
        Ok(Reply { node_id, tools: params.tools })
    }
}
