//! Skills that people share, search for and let agents propose: none of that is there.

use super::{Empty, read};
use crate::methods::prelude::*;

read! {
    "Skills that people keep: none; those of agents are in skills.status."
    library "skills.library.list" Read
    params { uses {} checks {} understood { session_key scope } }
    reply {
        entries: Empty = [],
        /// Whose they would be.
        profile_id: &'static str = "gateway-owner",
        multiple_profiles: bool = false,
        default_target: &'static str = "personal",
        can_manage_workspace: bool = false,
        default_selection_limit: u32 = 0,
    }
}

read! {
    "Skills that agents propose: none."
    proposals "skills.proposals.list" Read
    params { uses {} checks {} understood { agent_id } }
    reply {
        schema: &'static str = "openclaw.skill-workshop.proposals-manifest.v1",
        /// Nothing was ever proposed.
        updated_at: &'static str = "1970-01-01T00:00:00.000Z",
        proposals: Empty = [],
        /// Skills that were installed for proposals to begin from.
        installed_skills: Empty = [],
    }
}

read! {
    "Skills that could be installed from elsewhere: the gateway asks nobody."
    search "skills.search" Read
    params { uses {} checks {} understood { query limit } }
    reply { results: Empty = [], }
}
