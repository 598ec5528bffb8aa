//! `skills.install`: installs a skill.

use openclaw_protocol::Scope;

use crate::rpc::{Access, Later};

pub(crate) struct Install;

impl Later for Install {
    const NAME: &'static str = "skills.install";
    const ABOUT: &'static str = "Installs a skill.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const WHY: &'static str = "no skill can be installed or changed by this gateway yet";
}
