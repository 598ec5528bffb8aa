//! `wizard.status`: how far a guided setup is.

use openclaw_protocol::Scope;

use crate::rpc::{Access, Later};

pub(crate) struct Status;

impl Later for Status {
    const NAME: &'static str = "wizard.status";
    const ABOUT: &'static str = "How far a guided setup is.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const WHY: &'static str = "this gateway has no guided setup yet; openclaw config set changes each key, and openclaw doctor says what is missing";
}
