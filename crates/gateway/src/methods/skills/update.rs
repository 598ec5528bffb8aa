//! `skills.update`: changes how a skill is used.

use openclaw_protocol::Scope;

use crate::rpc::{Access, Later};

pub(crate) struct Update;

impl Later for Update {
    const NAME: &'static str = "skills.update";
    const ABOUT: &'static str = "Changes how a skill is used.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const WHY: &'static str = "no skill can be installed or changed by this gateway yet";
}
