//! Somebody who is in vouches for nobody else, wherever they come from.

use openclaw_testkit::gateway::{TestGateway, connect_params};
use serde_json::json;

#[tokio::test]
async fn a48_whoever_comes_from_the_address_of_somebody_who_is_in_is_a_stranger() {
    let gateway = TestGateway::start().await;
    let mut params = connect_params(&[]);
    (params["role"], params["client"]["id"], params["client"]["mode"]) =
        (json!("node"), json!("node-host"), json!("node"));
    (params["minProtocol"], params["maxProtocol"]) = (json!(3), json!(3));
    let mut node = gateway.raw().await;
    let hello = node.shake(&params).await;
    assert_eq!(hello["ok"], true, "{hello}");
    let mut owner = gateway.raw().await;
    assert_eq!(owner.shake(&connect_params(&["operator.admin"])).await["ok"], true);
    for path in ["/metrics", "/events", "/openapi.json", "/v1/models", "/sessions/main/history"] {
        let answer = gateway.get(path, "").await;
        assert!(answer.starts_with("HTTP/1.1 401") || answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
    }
    let host = gateway.authority();
    for path in ["/rpc/health", "/rpc/config.get", "/tools/invoke"] {
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}"
        );
        let answer = gateway.tcp(request.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 401"), "{path}: {answer}");
    }
    let mut stranger = connect_params(&["operator.admin"]);
    stranger["auth"] = json!({});
    let answer = gateway.raw().await.shake(&stranger).await;
    assert_eq!(answer["ok"], false, "{answer}");
    // Nor does a node speak for an operator.
    let refused = node.call("1", "config.get", json!({})).await;
    assert_eq!(refused["ok"], false, "{refused}");
}
