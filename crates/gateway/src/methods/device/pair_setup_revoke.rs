//! `device.pair.setupRevoke`: takes a setup code back that nobody has used.

use openclaw_store::Transaction;

use crate::{methods::prelude::*, setup_codes::SetupCodes};

params! {
    /// Which code.
    { setup_id: String, } understood {}
}

pub(crate) struct PairSetupRevoke;

impl Method for PairSetupRevoke {
    const NAME: &'static str = "device.pair.setupRevoke";
    const ABOUT: &'static str = "Takes a setup code back that nobody has used.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::Change("device.setup_code.withdrawn");
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Value;

    async fn call(call: Call, params: Params) -> Result<Value, WireError> {
        let state = call.state();
        let unknown = || {
            WireError::not_found(
                "unknown setupId: it was used, taken back or forgotten; device.pair.setupList names them",
            )
        };
        let code = state.setup_codes.named(&params.setup_id).filter(|code| code.used.is_none()).ok_or_else(unknown)?;
        let target = Some(format!("setup:{}", code.setup_id));
        let audit = call.audit("device.setup_code.withdrawn", Self::NAME, target, Value::Null);
        let changes = vec![SetupCodes::withdraw(&code)];
        match state.store.write(Transaction { changes, audit, idempotency: None }).await {
            Ok(_) => state.setup_codes.forget([&code.setup_id]),
            // Its device was faster.
            Err(openclaw_store::Error::Conflict { .. }) => return Err(unknown()),
            Err(error) => return Err(fault::store(&error)),
        }
        Ok(json!({ "setupId": code.setup_id }))
    }
}
