//! `methods.list`: the methods that the caller may call.

use crate::{
    methods::prelude::*,
    reference::{self, Summary},
    rpc,
};

params! {
    /// Which methods.
    {
        /// Only those of this family: the first word of their names.
        #[serde(default)]
        family: Option<String>,
    } understood {}
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Reply {
    /// Sorted by name.
    methods: Vec<Summary>,
}

pub(crate) struct List;

impl Method for List {
    const NAME: &'static str = "methods.list";
    const ABOUT: &'static str = "The methods that the caller may call, also those that a hello does not list.";
    const ACCESS: Access = Access::Exempt;
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let guard = call.state().active().guard.clone();
        let shown = |row: &&rpc::Row| guard.as_ref().is_none_or(|guard| guard.shows(call.principal(), row));
        let rows = super::super::table().iter().filter(|row| rpc::may_call(call.principal(), row)).filter(shown);
        let wanted = |name: &str| params.family.as_deref().is_none_or(|family| reference::family(name) == family);
        Ok(Reply { methods: rows.filter(|row| wanted(row.name)).map(Summary::of).collect() })
    }
}
