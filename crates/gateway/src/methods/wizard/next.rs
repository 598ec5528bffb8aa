//! `wizard.next`: answers a step of a guided setup and shows the next.

use openclaw_protocol::Scope;

use crate::rpc::{Access, Later};

pub(crate) struct Next;

impl Later for Next {
    const NAME: &'static str = "wizard.next";
    const ABOUT: &'static str = "Answers a step of a guided setup and shows the next.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const WHY: &'static str = "this gateway has no guided setup yet; openclaw config set changes each key, and openclaw doctor says what is missing";
}
