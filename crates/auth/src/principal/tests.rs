use openclaw_protocol::device_payload::PayloadVersion;

use super::*;
use crate::{
    Locality, Policy,
    testing::{Knock, Known, SECRET, approved, key, policy},
};

fn admitted(knock: &Knock, policy: &Policy) -> Principal {
    knock.admitted(policy, &Known(vec![approved(&key(1), &["operator.read"])])).principal
}

#[test]
fn the_host_is_owned_by_its_secret_on_it_and_by_the_gateway_itself() {
    let knock = Knock::cli().token(SECRET);
    assert!(admitted(&knock, &policy()).owns_the_host());
    assert!(!admitted(&knock.clone().remote(), &policy()).owns_the_host(), "the secret elsewhere");
    let behind = Knock { locality: Locality::Remote, ..knock.clone() };
    assert!(!admitted(&behind, &policy()).owns_the_host(), "a proxy on the host");
    let open = Policy { local_bypass: true, ..policy() };
    assert!(admitted(&Knock::cli(), &open).owns_the_host());
    let device = Knock::cli().scopes(&["operator.read"]).signed(&key(1), PayloadVersion::V3);
    assert!(!admitted(&device, &policy()).owns_the_host(), "a device on the host");
    assert!(!admitted(&Knock::cli(), &Policy::none()).owns_the_host(), "anybody on the host");
    assert!(Principal::internal("cron", Scopes::NONE).owns_the_host());
    assert!(!Principal::hook().owns_the_host());
    assert!(!Principal::agent(AgentId::new("main").unwrap()).owns_the_host());
}

#[test]
fn only_an_agents_own_program_speaks_for_it() {
    let id = AgentId::new("main").unwrap();
    let agent = Principal::agent(id.clone());
    assert_eq!((agent.agent_id(), agent.device_id()), (Some(&id), None));
    assert_eq!(Principal::hook().agent_id(), None);
    assert_eq!(admitted(&Knock::cli().token(SECRET), &policy()).agent_id(), None);
}

#[test]
fn what_a_client_calls_itself_is_kept_for_show() {
    let principal = admitted(&Knock::cli().token(SECRET), &policy());
    assert_eq!((principal.client_id(), principal.client_mode()), ("cli", "cli"));
    assert_eq!((principal.dialect(), principal.owner(), principal.label()), (Dialect::V4, SHARED_OWNER, None));
    assert_eq!(principal.labelled(Some("laptop")).label(), Some("laptop"));
    assert_eq!((Principal::hook().client_mode(), Principal::hook().owner()), ("hook", "hook"));
    let internal = Principal::internal("cron", Scopes::NONE);
    assert_eq!((internal.client_id(), internal.client_mode()), ("gateway", "internal"));
}
