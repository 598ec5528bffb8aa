//! A device asks to be admitted, is admitted, and loses that again.

use std::sync::Arc;

use openclaw_client::{
    ClientInfo, ConnectError, Connection, DeviceIdentity, End, GatewayUrl, Handles, Options, connect,
};
use openclaw_core::{Clock, Ids};
use serde_json::json;

use crate::home::Home;

/// A device that knows no secret but its own key.
fn device(home: &Home) -> Options {
    let handles = Handles::system();
    let mut options = Options::new(GatewayUrl::local(home.port), ClientInfo::new("cli", "cli"), handles);
    options.identity = Some(Arc::new(DeviceIdentity::generate(&Ids::system(), &Clock::system())));
    options
}

async fn asks(options: &Options) -> String {
    match connect(options).await.unwrap_err() {
        ConnectError::Refused { refusal, .. } => refusal.pairing_request().expect("a pairing request").to_owned(),
        other => panic!("{other}"),
    }
}

async fn connected(options: &Options) -> Connection {
    connect(options).await.unwrap_or_else(|error| panic!("{error}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_admitted_and_removed() {
    let home = Home::new();
    let _gateway = home.gateway(&[]);
    let options = device(&home);
    let id = options.identity.as_ref().unwrap().device_id().to_owned();
    let request = asks(&options).await;

    let list = home.run(&["devices", "list"]);
    assert!(list.out.contains(&request[..8]) && list.out.contains(&id[..8]), "{}", list.told());
    let approved = home.run(&["devices", "approve", &request[..8]]);
    assert_eq!((approved.code, approved.out), (Some(0), format!("{request} admitted\n")));
    let connection = connected(&options).await;
    assert!(connection.hello().device_token.is_some());

    let paired = home.run(&["devices", "list", "--json"]).json();
    assert_eq!(paired["paired"][0]["deviceId"], json!(id), "{paired}");
    let rotated = home.run(&["devices", "rotate", "--device", &id[..8]]);
    assert_eq!(rotated.code, Some(0), "{}", rotated.told());
    assert!(matches!(connection.ended().await, End::Closed { code: 4001, .. }));

    let connection = connected(&options).await;
    let removed = home.run(&["devices", "remove", &id[..8], "--json"]);
    assert_eq!(removed.json()["deviceId"], json!(id), "{}", removed.told());
    assert!(matches!(connection.ended().await, End::Closed { code: 4001, .. }));
    assert_eq!(home.run(&["devices"]).out, "no devices are admitted\n");
    asks(&options).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_turned_away() {
    let home = Home::new();
    let _gateway = home.gateway(&[]);
    let options = device(&home);
    let request = asks(&options).await;
    let rejected = home.run(&["devices", "reject", "--latest"]);
    assert_eq!((rejected.code, rejected.out), (Some(0), format!("{request} turned away\n")));
    let none = home.run(&["devices", "approve", "--latest"]);
    assert_eq!((none.code, none.err.contains("no device asks")), (Some(1), true), "{}", none.told());
}
