//! `environments.status`: one place where sessions can run.

use super::{Environment, GATEWAY};
use crate::methods::prelude::*;

params! {
    /// Which.
    {
        /// `id` of `environments.list`.
        environment_id: String,
    } understood {}
}

pub(crate) struct Status;

impl Method for Status {
    const NAME: &'static str = "environments.status";
    const ABOUT: &'static str = "One place where sessions can run.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Environment;

    async fn call(call: Call, params: Params) -> Result<Environment, WireError> {
        if params.environment_id != GATEWAY {
            return Err(WireError::not_found("unknown environmentId; environments.list names them"));
        }
        Ok(super::gateway(call.state()))
    }
}
