//! `node.skills.update`: a node publishes skills.

use openclaw_protocol::NodeId;

use super::{own, tell};
use crate::methods::prelude::*;

/// Skills of one node.
const SKILLS: usize = 64;
/// Characters of a name, a description and a text.
const MOST: [(&str, usize); 3] = [("name", 64), ("description", 1024), ("content", 65_536)];

params! {
    /// All its skills; those of before are forgotten.
    { skills: Vec<Skill>, } understood {}
}

/// A skill.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Skill {
    /// Small letters, digits and single `-`; at most 64.
    name: String,
    /// What it is good for, at most 1,024 characters.
    description: String,
    /// The text, at most 65,536 characters.
    content: String,
}

/// What is kept.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    node_id: NodeId,
    skills: Vec<Skill>,
}

pub(crate) struct SkillsUpdate;

impl Method for SkillsUpdate {
    const NAME: &'static str = "node.skills.update";
    const ABOUT: &'static str =
        "A node publishes its skills, for as long as it is connected; node.describe names them.";
    const ACCESS: Access = Access::Node;
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let node_id = own(&call, None)?;
        if params.skills.len() > SKILLS {
            let text = format!("a node publishes at most {SKILLS} skills");
            return Err(WireError::params(text).with("path", "params.skills"));
        }
        for (at, skill) in params.skills.iter().enumerate() {
            for ((part, most), text) in MOST.iter().zip([&skill.name, &skill.description, &skill.content]) {
                if text.is_empty() || text.chars().count() > *most {
                    let text = format!("skill {at}: {part} must have between 1 and {most} characters");
                    return Err(WireError::params(text).with("path", format!("params.skills[{at}].{part}")));
                }
            }
            let name = skill.name.as_str();
            let letters = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
            if !letters || name.starts_with('-') || name.ends_with('-') || name.contains("--") {
                let text = format!("skill {at}: name must be small letters, digits and single -");
                return Err(WireError::params(text).with("path", format!("params.skills[{at}].name")));
            }
        }
        // Nothing reads their texts yet, so none is kept.
        let shown = params.skills.iter().map(|skill| json!({ "name": skill.name, "description": skill.description }));
        tell(&call, |session| session.told.skills = shown.collect())?;
        Ok(Reply { node_id, skills: params.skills })
    }
}
