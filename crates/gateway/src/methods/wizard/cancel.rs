//! `wizard.cancel`: gives a guided setup up.

use openclaw_protocol::Scope;

use crate::rpc::{Access, Later};

pub(crate) struct Cancel;

impl Later for Cancel {
    const NAME: &'static str = "wizard.cancel";
    const ABOUT: &'static str = "Gives a guided setup up.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const WHY: &'static str = "this gateway has no guided setup yet; openclaw config set changes each key, and openclaw doctor says what is missing";
}
