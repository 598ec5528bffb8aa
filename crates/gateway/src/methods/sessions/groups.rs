//! Groups of sessions, as people make them in their lists: `sessions.groups.*`. A session belongs to the group that its
//! `category` names.

use openclaw_store::{Change, MAX_LABEL_BYTES, Reader, SessionPatch, SessionQuery, Transaction};

use crate::{methods::prelude::*, state::State};

/// The name under which the store keeps them.
const SETTING: &str = "sessions.groups";
/// Groups there may be, and sections.
const GROUPS: usize = 200;
/// Sessions that one transaction changes.
const CHANGES: usize = 200;

/// What is kept.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Kept {
    groups: Vec<Group>,
    section_order: Vec<String>,
}

/// A group.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Group {
    name: String,
    cwd: Option<String>,
    worktree: bool,
}

/// A group in its place.
#[derive(Serialize, JsonSchema)]
struct Placed {
    name: String,
    /// From 0.
    position: usize,
}

/// Where sessions of a group begin; clients send it along when they make one.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Defaults {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cwd: Option<String>,
    worktree: bool,
}

impl Kept {
    async fn read(state: &State) -> Result<Self, WireError> {
        let read = state.store.read(|reader: &Reader| reader.setting(SETTING)).await;
        let kept = read.map_err(|error| fault::store(&error))?;
        Ok(kept.and_then(|kept| serde_json::from_value(kept).ok()).unwrap_or_default())
    }

    async fn write<M: Method>(&self, call: &Call) -> Result<(), WireError> {
        let value = serde_json::to_value(self).map_err(|error| WireError::params(error.to_string()))?;
        let changes = vec![Change::PutSetting { name: SETTING.to_owned(), value }];
        let audit = call.audit("sessions.groups", M::NAME, None, json!({ "groups": self.groups.len() }));
        let written = call.state().store.write(Transaction { changes, audit, idempotency: None }).await;
        written.map(drop).map_err(|error| fault::store(&error))
    }

    fn placed(&self) -> Vec<Placed> {
        let placed = |(position, group): (usize, &Group)| Placed { name: group.name.clone(), position };
        self.groups.iter().enumerate().map(placed).collect()
    }

    fn defaults(&self) -> Vec<Defaults> {
        let set = self.groups.iter().filter(|group| group.cwd.is_some() || group.worktree);
        set.map(|group| Defaults { name: group.name.clone(), cwd: group.cwd.clone(), worktree: group.worktree })
            .collect()
    }

    fn find(&self, name: &str) -> Result<usize, WireError> {
        self.groups
            .iter()
            .position(|group| group.name == name)
            .ok_or_else(|| WireError::not_found(format!("there is no group {}", Value::from(name))))
    }
}

fn check<M: Method>(place: &str, name: &str) -> Result<(), WireError> {
    if name.trim().is_empty() || name.len() > MAX_LABEL_BYTES || name.chars().any(char::is_control) {
        let text = format!(
            "invalid {} params: at /{place}: must have 1 to {MAX_LABEL_BYTES} bytes and no control characters",
            M::NAME
        );
        return Err(WireError::params(text).with("path", format!("params.{place}")));
    }
    Ok(())
}

/// Gives the sessions of a group another one, or none; how many there were.
async fn moved<M: Method>(call: &Call, from: &str, to: Option<&str>) -> Result<usize, WireError> {
    let state = call.state();
    let (mut before_revision, mut count) = (None, 0);
    loop {
        let query = SessionQuery { limit: CHANGES, before_revision, ..SessionQuery::default() };
        let page = state.store.read(move |reader| reader.list_sessions(&query)).await;
        let page = page.map_err(|error| fault::store(&error))?;
        let category = |session: &openclaw_core::record::Session| {
            session.settings.extra.get("category").and_then(Value::as_str) == Some(from)
        };
        let keys: Vec<SessionKey> =
            page.sessions.iter().filter(|session| category(session)).map(|session| session.key.clone()).collect();
        for keys in keys.chunks(CHANGES) {
            let change = |key: &SessionKey| {
                let extra = [("category".to_owned(), json!(to))].into_iter().collect();
                let patch = SessionPatch { extra, ..SessionPatch::default() };
                Change::PatchSession { key: key.clone(), patch, create: None }
            };
            let audit = call.audit("session.patched", M::NAME, None, json!({ "sessions": keys.len() }));
            let changes = keys.iter().map(change).collect();
            let written = state.store.write(Transaction { changes, audit, idempotency: None }).await;
            written.map_err(|error| fault::store(&error))?;
        }
        count += keys.len();
        match page.next {
            Some(next) => before_revision = Some(next),
            None => return Ok(count),
        }
    }
}

/// The groups after a change.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Changed {
    ok: bool,
    groups: Vec<Placed>,
    section_order: Vec<String>,
    /// Sessions that belong to another group now.
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_sessions: Option<usize>,
}

impl Changed {
    fn of(kept: Kept, updated_sessions: Option<usize>) -> Self {
        Self { ok: true, groups: kept.placed(), section_order: kept.section_order, updated_sessions }
    }
}

pub(crate) mod list {
    //! `sessions.groups.list`

    use super::*;

    params! {
        /// Nothing is needed.
        {} understood {}
    }

    /// The groups.
    #[derive(Serialize, JsonSchema)]
    #[serde(rename_all = "camelCase")]
    pub(crate) struct Reply {
        groups: Vec<Placed>,
        section_order: Vec<String>,
    }

    pub(crate) struct List;

    impl Method for List {
        const NAME: &'static str = "sessions.groups.list";
        const ABOUT: &'static str = "Groups of sessions, in their order.";
        const ACCESS: Access = Access::Scope(Scope::Read);
        const COST: u32 = 1;
        const AUDIT: Audit = Audit::None;
        const REPEAT: Repeat = Repeat::Harmless;
        type Params = Params;
        type Reply = Reply;

        async fn call(call: Call, _: Params) -> Result<Reply, WireError> {
            let kept = Kept::read(call.state()).await?;
            Ok(Reply { groups: kept.placed(), section_order: kept.section_order })
        }
    }
}

pub(crate) mod defaults {
    //! `sessions.groups.defaults`

    use super::*;

    params! {
        /// Nothing is needed.
        {} understood {}
    }

    /// Where sessions of groups begin.
    #[derive(Serialize, JsonSchema)]
    pub(crate) struct Reply {
        pub(super) defaults: Vec<Defaults>,
    }

    pub(crate) struct List;

    impl Method for List {
        const NAME: &'static str = "sessions.groups.defaults";
        const ABOUT: &'static str = "Where sessions of groups begin, as people set it for them.";
        const ACCESS: Access = Access::Scope(Scope::Write);
        const COST: u32 = 1;
        const AUDIT: Audit = Audit::None;
        const REPEAT: Repeat = Repeat::Harmless;
        type Params = Params;
        type Reply = Reply;

        async fn call(call: Call, _: Params) -> Result<Reply, WireError> {
            Ok(Reply { defaults: Kept::read(call.state()).await?.defaults() })
        }
    }
}

pub(crate) mod put {
    //! `sessions.groups.put`

    use super::*;

    params! {
        /// All groups, in their order.
        {
            /// At most 200 names; a group that is not named is gone.
            names: Vec<String>,
            /// Names of sections, in their order; as they were when absent.
            #[serde(default)]
            section_order: Option<Vec<String>>,
        } understood {}
    }

    pub(crate) struct Put;

    impl Method for Put {
        const NAME: &'static str = "sessions.groups.put";
        const ABOUT: &'static str = "Sets the groups of sessions and their order.";
        const ACCESS: Access = Access::Scope(Scope::Write);
        const COST: u32 = 5;
        const AUDIT: Audit = Audit::Change("sessions.groups");
        const REPEAT: Repeat = Repeat::Harmless;
        type Params = Params;
        type Reply = Changed;

        async fn call(call: Call, params: Params) -> Result<Changed, WireError> {
            let sections = params.section_order.as_deref().unwrap_or_default();
            for (place, names) in [("names", params.names.as_slice()), ("sectionOrder", sections)] {
                if names.len() > GROUPS {
                    let text =
                        format!("invalid {} params: at /{place}: must not have more than {GROUPS} entries", Self::NAME);
                    return Err(WireError::params(text).with("path", format!("params.{place}")));
                }
                for (at, name) in names.iter().enumerate() {
                    check::<Self>(&format!("{place}/{at}"), name)?;
                    if names[..at].contains(name) {
                        let text = format!("invalid {} params: at /{place}/{at}: stands twice", Self::NAME);
                        return Err(WireError::params(text).with("path", format!("params.{place}[{at}]")));
                    }
                }
            }
            let mut kept = Kept::read(call.state()).await?;
            let known = std::mem::take(&mut kept.groups);
            let group = |name: String| {
                let known = known.iter().find(|group| group.name == name).cloned();
                known.unwrap_or(Group { name, ..Group::default() })
            };
            kept.groups = params.names.into_iter().map(group).collect();
            if let Some(sections) = params.section_order {
                kept.section_order = sections;
            }
            kept.write::<Self>(&call).await?;
            Ok(Changed::of(kept, None))
        }
    }
}

pub(crate) mod rename {
    //! `sessions.groups.rename`

    use super::*;

    params! {
        /// Which group.
        {
            name: String,
            /// Its new name.
            to: String,
        } understood {}
    }

    pub(crate) struct Rename;

    impl Method for Rename {
        const NAME: &'static str = "sessions.groups.rename";
        const ABOUT: &'static str = "Gives a group of sessions another name.";
        const ACCESS: Access = Access::Scope(Scope::Write);
        const COST: u32 = 10;
        const AUDIT: Audit = Audit::Change("sessions.groups");
        const REPEAT: Repeat = Repeat::Harmless;
        type Params = Params;
        type Reply = Changed;

        async fn call(call: Call, params: Params) -> Result<Changed, WireError> {
            check::<Self>("to", &params.to)?;
            let mut kept = Kept::read(call.state()).await?;
            let at = kept.find(&params.name)?;
            if params.to != params.name && kept.find(&params.to).is_ok() {
                let text = format!("group {} already exists", Value::from(params.to.as_str()));
                return Err(WireError::invalid(detail::CONFLICT, text));
            }
            kept.groups[at].name.clone_from(&params.to);
            for section in kept.section_order.iter_mut().filter(|section| **section == params.name) {
                section.clone_from(&params.to);
            }
            kept.write::<Self>(&call).await?;
            let updated = moved::<Self>(&call, &params.name, Some(&params.to)).await?;
            Ok(Changed::of(kept, Some(updated)))
        }
    }
}

pub(crate) mod update {
    //! `sessions.groups.update`

    use super::*;

    params! {
        /// Which group, and where its sessions begin.
        {
            name: String,
            /// A folder; `null` for none.
            #[serde(deserialize_with = "clearable")]
            cwd: Option<Option<String>>,
            /// Whether each gets a working tree of its own.
            worktree: bool,
        } understood {}
    }

    /// Where sessions of groups begin.
    #[derive(Serialize, JsonSchema)]
    pub(crate) struct Reply {
        ok: bool,
        defaults: Vec<Defaults>,
    }

    pub(crate) struct Update;

    impl Method for Update {
        const NAME: &'static str = "sessions.groups.update";
        const ABOUT: &'static str = "Keeps for clients where sessions of a group begin.";
        const ACCESS: Access = Access::Scope(Scope::Write);
        const COST: u32 = 5;
        const AUDIT: Audit = Audit::Change("sessions.groups");
        const REPEAT: Repeat = Repeat::Harmless;
        type Params = Params;
        type Reply = Reply;

        async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
            let cwd = params.cwd.flatten();
            if let Some(cwd) = &cwd {
                check::<Self>("cwd", cwd)?;
            }
            let mut kept = Kept::read(call.state()).await?;
            let at = kept.find(&params.name)?;
            (kept.groups[at].cwd, kept.groups[at].worktree) = (cwd, params.worktree);
            kept.write::<Self>(&call).await?;
            Ok(Reply { ok: true, defaults: kept.defaults() })
        }
    }
}

pub(crate) mod delete {
    //! `sessions.groups.delete`

    use super::*;

    params! {
        /// Which group.
        { name: String, } understood {}
    }

    pub(crate) struct Delete;

    impl Method for Delete {
        const NAME: &'static str = "sessions.groups.delete";
        const ABOUT: &'static str = "Removes a group; its sessions belong to none then.";
        const ACCESS: Access = Access::Scope(Scope::Write);
        const COST: u32 = 10;
        const AUDIT: Audit = Audit::Change("sessions.groups");
        const REPEAT: Repeat = Repeat::Harmless;
        type Params = Params;
        type Reply = Changed;

        async fn call(call: Call, params: Params) -> Result<Changed, WireError> {
            let mut kept = Kept::read(call.state()).await?;
            let at = kept.find(&params.name)?;
            kept.groups.remove(at);
            kept.section_order.retain(|section| *section != params.name);
            kept.write::<Self>(&call).await?;
            let updated = moved::<Self>(&call, &params.name, None).await?;
            Ok(Changed::of(kept, Some(updated)))
        }
    }
}
