//! A gateway that speaks TLS with a certificate of its own.

use crate::home::Home;

#[test]
fn the_command_line_beside_it_pins_its_certificate_and_others_are_told_the_fingerprint() {
    let home = Home::new();
    home.write_config(
        r#"{gateway: {tls: {enabled: true, autoGenerate: true}, auth: {token: "tls-token-0123456789abcdef0123456789"}}, metrics: {enabled: false}}"#,
    );
    let mut gateway = home.gateway(&[]);
    let ran = home.run(&["health", "--json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.told());

    let url = format!("wss://127.0.0.1:{}", home.port);
    let ran = home.run(&["health", "--url", &url]);
    assert_eq!(ran.code, Some(3), "{}", ran.told());
    let (_, fingerprint) = ran.err.split_once("--tls-fingerprint ").unwrap_or_else(|| panic!("{}", ran.told()));
    let ran = home.run(&["health", "--url", &url, "--tls-fingerprint", fingerprint.trim()]);
    assert_eq!(ran.code, Some(0), "{}", ran.told());
    let ran = home.run(&["gateway", "stop"]);
    assert_eq!(ran.code, Some(0), "{}", ran.told());
    gateway.wait();
}
