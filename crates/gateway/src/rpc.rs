//! What a method is, and how a call finds it. One file per method declares everything about it; from the table that
//! these declarations make come dispatch, authorisation, features, schemas and documentation.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use openclaw_auth::Principal;
use openclaw_protocol::{Role, Scope, WireError, detail, params};
use schemars::{JsonSchema, Schema};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use crate::{
    access::{self, Changes, Wanted},
    call::Call,
};

/// Who may call a method.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Access {
    /// Any authenticated connection, whatever its role and scopes.
    Exempt,
    /// An operator that was granted this scope.
    Scope(Scope),
    /// An operator whose needed scope depends on the parameters; the first is the least it needs in any case.
    Resolved(Scope, fn(&RawValue) -> Scope),
    /// A machine that offers commands, and nobody else.
    Node,
}

impl Access {
    /// The scope needed in the plainest case; `None` where a scope is not what counts.
    pub(crate) const fn least(self) -> Option<Scope> {
        match self {
            Self::Exempt | Self::Node => None,
            Self::Scope(scope) | Self::Resolved(scope, _) => Some(scope),
        }
    }
}

/// Whether a call changes something, and under which name the audit keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Audit {
    /// Nothing is changed.
    None,
    /// The change is recorded in the transaction that makes it.
    Change(&'static str),
}

/// What a repeated call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// Calling again gives a fresh answer and changes nothing more.
    Harmless,
    /// The `idempotencyKey` names the work; a repeated call with the same key does not do it again.
    Keyed,
    /// Each call is its own change.
    Fresh,
}

/// A method of the gateway. Nothing that decides who may do what has a default, so none of it can be forgotten.
pub(crate) trait Method: 'static {
    /// Name on the wire.
    const NAME: &'static str;
    /// One sentence for the method reference.
    const ABOUT: &'static str;
    /// Who may call it.
    const ACCESS: Access;
    /// Tokens that a call takes from the caller's rate budget; none where what it calls is admitted by itself.
    const COST: u32;
    /// What the audit keeps.
    const AUDIT: Audit;
    /// What a repeated call does.
    const REPEAT: Repeat;
    /// Whether the answer waits for people, machines or runs on purpose, so that its time says nothing about the gateway.
    const WAITS: bool = false;
    /// What it takes.
    type Params: DeserializeOwned + JsonSchema + Send + 'static;
    /// What it answers.
    type Reply: Serialize + JsonSchema + Send;
    /// Does the work.
    fn call(call: Call, params: Self::Params) -> impl Future<Output = Result<Self::Reply, WireError>> + Send + 'static;
}

/// Why a call failed, with the payload that some methods show beside the error.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The error.
    pub(crate) error: WireError,
    /// Serialised payload.
    pub(crate) payload: Option<Vec<u8>>,
}

impl From<WireError> for Failure {
    fn from(error: WireError) -> Self {
        Self { error, payload: None }
    }
}

/// The serialised reply, or why there is none.
pub(crate) type Answer = Result<Vec<u8>, Failure>;
/// A call at work.
pub(crate) type Work = Pin<Box<dyn Future<Output = Answer> + Send>>;

/// A row of the table: what the trait says, with the types erased.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) access: Access,
    pub(crate) cost: u32,
    pub(crate) audit: Audit,
    pub(crate) repeat: Repeat,
    pub(crate) waits: bool,
    pub(crate) params: fn() -> Schema,
    pub(crate) reply: fn() -> Schema,
    /// Why it cannot work yet; `None` for a method that does its work.
    pub(crate) later: Option<&'static str>,
    /// Whether hellos name it. Clients offer views for what a hello names.
    pub(crate) listed: bool,
    start: fn(Call, Option<&RawValue>) -> Result<Work, WireError>,
}

impl Row {
    pub(crate) const fn of<M: Method>() -> Self {
        Self {
            name: M::NAME,
            about: M::ABOUT,
            access: M::ACCESS,
            cost: M::COST,
            audit: M::AUDIT,
            repeat: M::REPEAT,
            waits: M::WAITS,
            params: || schemars::schema_for!(M::Params),
            reply: reply_schema::<M::Reply>,
            later: None,
            listed: true,
            start: start::<M>,
        }
    }

    /// The scope that a call with these parameters needs.
    fn needs(&self, params: Option<&RawValue>) -> Option<Scope> {
        match (self.access, params) {
            (Access::Resolved(_, resolve), Some(params)) => Some(resolve(params)),
            (access, _) => access.least(),
        }
    }

    /// The same, but hellos do not name it.
    pub(crate) const fn unlisted(self) -> Self {
        Self { listed: false, ..self }
    }

    /// The same, but what it would do is missing: it checks its caller and its parameters, and then says so.
    pub(crate) const fn lacking(self, why: &'static str) -> Self {
        Self { later: Some(why), ..self }
    }

    /// A method whose machinery does not exist yet: known, authorised like any other, and answered with the reason.
    pub(crate) const fn later<M: Later>() -> Self {
        Self {
            name: M::NAME,
            about: M::ABOUT,
            access: M::ACCESS,
            cost: 1,
            audit: Audit::None,
            repeat: Repeat::Harmless,
            waits: false,
            params: || schemars::schema_for!(serde_json::Map<String, serde_json::Value>),
            reply: || schemars::schema_for!(()),
            later: Some(M::WHY),
            listed: crate::specified::names(M::NAME),
            start: |_, _| {
                Err(WireError::unavailable(
                    detail::NOT_IMPLEMENTED,
                    format!("{} is not available: {}", M::NAME, M::WHY),
                ))
            },
        }
    }
}

/// A method of the specifications that cannot do its work yet.
pub(crate) trait Later: 'static {
    /// Name on the wire.
    const NAME: &'static str;
    /// One sentence for the method reference.
    const ABOUT: &'static str;
    /// Who may call it.
    const ACCESS: Access;
    /// What is missing, as the caller reads it.
    const WHY: &'static str;
}

/// The schema of what is told: members that may be left out are not required.
pub(crate) fn reply_schema<T: JsonSchema>() -> Schema {
    schemars::generate::SchemaSettings::default().for_serialize().into_generator().into_root_schema_for::<T>()
}

fn start<M: Method>(call: Call, params: Option<&RawValue>) -> Result<Work, WireError> {
    let params = params::read::<M::Params>(params).map_err(|problem| {
        WireError::params(format!("invalid {} params: {problem}", M::NAME)).with("path", problem.path)
    })?;
    Ok(Box::pin(async move {
        let reply = M::call(call, params).await?;
        serde_json::to_vec(&reply).map_err(|error| {
            WireError::unavailable(detail::INTERNAL, format!("the reply of {} does not serialise: {error}", M::NAME))
                .into()
        })
    }))
}

/// Joins the families' lists, sorts them by name and refuses a duplicate, all at compile time.
pub(crate) const fn joined<const N: usize>(families: &[&[Row]], mut table: [Row; N]) -> [Row; N] {
    let (mut family, mut next) = (0, 0);
    while family < families.len() {
        let mut row = 0;
        while row < families[family].len() {
            table[next] = families[family][row];
            // Its place among those that are there: most comparisons would be made for nothing in a walk from the end.
            let (mut from, mut to) = (0, next);
            while from < to {
                let middle = from.midpoint(to);
                match compare(table[middle].name.as_bytes(), table[next].name.as_bytes()) {
                    1 => to = middle,
                    0 => panic!("two methods have the same name"),
                    _ => from = middle + 1,
                }
            }
            let moved = table[next];
            let mut at = next;
            while at > from {
                table[at] = table[at - 1];
                at -= 1;
            }
            table[from] = moved;
            row += 1;
            next += 1;
        }
        family += 1;
    }
    table
}

const fn compare(left: &[u8], right: &[u8]) -> i8 {
    let mut at = 0;
    while at < left.len() && at < right.len() {
        if left[at] != right[at] {
            return if left[at] < right[at] { -1 } else { 1 };
        }
        at += 1;
    }
    match (left.len(), right.len()) {
        (left, right) if left < right => -1,
        (left, right) if left > right => 1,
        _ => 0,
    }
}

/// The row of a method.
pub(crate) fn find(name: &str) -> Option<&'static Row> {
    let table = crate::methods::table();
    table.binary_search_by(|row| row.name.cmp(name)).ok().map(|at| &table[at])
}

/// Whether the principal may call the method at all; parameters may demand more.
pub(crate) fn may_call(principal: &Principal, row: &Row) -> bool {
    match row.access {
        Access::Exempt => true,
        Access::Node => principal.role() == Role::Node,
        Access::Scope(scope) | Access::Resolved(scope, _) => principal.role() == Role::Operator && principal.may(scope),
    }
}

/// The row of a method that the caller may know of: whoever may not call it is told the same as when calling it.
pub(crate) fn known(call: &Call, name: &str) -> Result<&'static Row, WireError> {
    let principal = call.principal();
    let row = find(name).ok_or_else(|| unknown(call, name))?;
    if may_call(principal, row) {
        if let Some(guard) = &call.state().active().guard {
            let needs = row.access.least();
            guard.permit(principal, &Wanted { method: row.name, needs, cost: row.cost, params: None })?;
        }
        return Ok(row);
    }
    Err(match row.access.least() {
        Some(least) if principal.role() == Role::Operator => WireError::missing_scope(least),
        _ => unauthorized_role(principal.role()),
    })
}

/// Why there is no such method. Whoever may not do everything learns nothing about which methods exist.
fn unknown(call: &Call, name: &str) -> WireError {
    let principal = call.principal();
    if principal.role() != Role::Operator {
        unauthorized_role(principal.role())
    } else if principal.may(Scope::Admin) {
        // Whoever's role is not good for everything is told the same as about a method that needs an administrator.
        let wanted = Wanted { method: "", needs: Some(Scope::Admin), cost: 1, params: None };
        if let Some(Err(denied)) = call.state().active().guard.as_ref().map(|guard| guard.permit(principal, &wanted)) {
            return denied;
        }
        WireError::invalid(detail::UNKNOWN_METHOD, format!("unknown method: {}", clip(name)))
    } else {
        WireError::missing_scope(Scope::Admin)
    }
}

/// Whether role and scopes of the caller are good for this call.
pub(crate) fn permitted(principal: &Principal, row: &Row, params: Option<&RawValue>) -> Result<(), WireError> {
    if matches!(row.access, Access::Node) && principal.role() != Role::Node {
        return Err(unauthorized_role(principal.role()));
    }
    if let Some(least) = row.access.least() {
        if principal.role() != Role::Operator {
            return Err(unauthorized_role(principal.role()));
        }
        let needed = row.needs(params).unwrap_or(least);
        if !principal.may(needed) {
            return Err(WireError::missing_scope(needed));
        }
    }
    Ok(())
}

/// Checks the caller and begins the work. Nothing is read from the parameters before the caller is known to be allowed.
pub(crate) fn begin(call: Call, name: &str, params: Option<&RawValue>) -> Result<Work, WireError> {
    let principal = call.principal();
    let row = find(name).ok_or_else(|| unknown(&call, name))?;
    permitted(principal, row, params)?;
    crate::agent_tokens::only_own(call.state(), principal, name, params)?;
    let wanted = Wanted { method: row.name, needs: row.needs(params), cost: row.cost, params };
    // An emergency stop waits for no file, and what is called through a gateway is looked at in [`admit_elsewhere`].
    let recorded = row.audit != Audit::None && row.cost > 0 && row.name != crate::methods::EMERGENCY;
    let changes = if recorded { Changes::Something } else { Changes::Nothing };
    let mut counted = access::admit(call.state(), principal, &wanted, changes)?;
    if counted.is_empty() {
        return (row.start)(call, params);
    }
    match (row.start)(call, params) {
        Ok(work) => Ok(Box::pin(async move {
            counted.begins();
            let answer = work.await;
            counted.ended(answer.is_ok());
            answer
        })),
        Err(error) => {
            counted.ended(false);
            Err(error)
        }
    }
}

/// The scope that a caller needs here for a method of another gateway: the same as for ours of that name. What we do not know, only
/// an administrator may call.
pub(crate) fn needed_elsewhere(name: &str, params: Option<&RawValue>) -> Scope {
    match find(name) {
        Some(row) => row.needs(params).unwrap_or(match row.access {
            Access::Node => Scope::Admin,
            _ => Scope::Read,
        }),
        None => Scope::Admin,
    }
}

/// The checks of [`begin`] for a method that another gateway is to do, but for the scope, which the table has checked.
///
/// # Errors
/// That it is none which can be called there, the rule that forbids it, the limit that is used up, or that the audit file cannot be
/// written.
pub(crate) fn admit_elsewhere(
    call: &Call,
    name: &str,
    params: &RawValue,
) -> Result<(Changes, access::Counted), WireError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | ':');
    if name.is_empty() || name.len() > 128 || !name.chars().all(plain) {
        return Err(
            WireError::params("invalid gateways.call params: method is no method's name").with("path", "params.method")
        );
    }
    // Through two gateways nobody could say any more who called.
    if name == "connect" || name.starts_with("gateways.") {
        return Err(WireError::params(format!(
            "{name} is not called through a gateway; connect to that gateway itself"
        ))
        .with("path", "params.method"));
    }
    let row = find(name);
    if row.is_some_and(|row| matches!(row.access, Access::Node)) {
        return Err(unauthorized_role(call.principal().role()));
    }
    let needed = needed_elsewhere(name, Some(params));
    if !call.principal().may(needed) {
        return Err(WireError::missing_scope(needed));
    }
    let changes = match row {
        Some(row) if row.audit == Audit::None => Changes::Nothing,
        _ => Changes::Something,
    };
    let wanted =
        Wanted { method: name, needs: Some(needed), cost: row.map_or(1, |row| row.cost), params: Some(params) };
    Ok((changes, access::admit(call.state(), call.principal(), &wanted, changes)?))
}

fn unauthorized_role(role: Role) -> WireError {
    WireError::invalid(detail::UNAUTHORIZED_ROLE, format!("unauthorized role: {role}"))
}

fn clip(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(80).collect()
}

/// Polls once without waiting: most methods answer from memory and need no task of their own.
pub(crate) fn poll_once(work: &mut Work) -> Option<Answer> {
    match work.as_mut().poll(&mut Context::from_waker(std::task::Waker::noop())) {
        Poll::Ready(answer) => Some(answer),
        Poll::Pending => None,
    }
}
