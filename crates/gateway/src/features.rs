//! The method lists that hellos carry, written once for each set of rights.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use openclaw_auth::Principal;
use openclaw_protocol::{Role, Scopes};
use serde_json::value::RawValue;

use crate::{access::Guard, methods, rpc};

/// Sets of rights whose lists are kept; a list for another set is written anew each time.
const KEPT: usize = 64;

/// Lists by the rights of those who read them.
#[derive(Debug, Default)]
pub(crate) struct Features(Mutex<HashMap<(Role, Scopes), Arc<RawValue>>>);

impl Features {
    /// Names of the methods that this caller may call, as a JSON list; without those that only keep views of official
    /// clients from failing.
    pub(crate) fn of(&self, principal: &Principal, guard: Option<&Guard>) -> Arc<RawValue> {
        if let Some(guard) = guard {
            return written(|row| rpc::may_call(principal, row) && guard.shows(principal, row));
        }
        let rights = (principal.role(), principal.scopes());
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(list) = kept.get(&rights) {
            return Arc::clone(list);
        }
        let list = written(|row| rpc::may_call(principal, row));
        if kept.len() < KEPT {
            kept.insert(rights, Arc::clone(&list));
        }
        list
    }
}

fn written(shown: impl Fn(&rpc::Row) -> bool) -> Arc<RawValue> {
    let rows = methods::table().iter().filter(|row| row.listed && shown(row));
    let names: Vec<&str> = rows.map(|row| row.name).collect();
    serde_json::value::to_raw_value(&names).unwrap_or_default().into()
}
