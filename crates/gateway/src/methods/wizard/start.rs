//! `wizard.start`: begins a guided setup.

use openclaw_protocol::Scope;

use crate::rpc::{Access, Later};

pub(crate) struct Start;

impl Later for Start {
    const NAME: &'static str = "wizard.start";
    const ABOUT: &'static str = "Begins a guided setup.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const WHY: &'static str = "this gateway has no guided setup yet; openclaw config set changes each key, and openclaw doctor says what is missing";
}
