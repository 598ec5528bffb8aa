//! Runs sslyze against the gateway's own TLS: what Mozilla calls intermediate must hold, whatever a client offers.
//!
//! It lives in `sslyze` below cargo's target folder.

use std::{
    fs,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::{
    checks,
    serving::{self, Serving},
    workspace::Workspace,
};

/// The release that is installed.
const PACKAGE: &str = "sslyze==6.2.0";
/// What may be found, and why: the certificate is made here, so no authority vouches for it. Its key, its signature and its
/// life are judged like any other's.
const EXCEPTED: &[&str] = &["certificate_path_validation"];
/// How long browsers are told to come back by TLS alone.
const HSTS: &str = "max-age=31536000";

/// Looks at every way to shake hands.
///
/// # Errors
/// When Python 3 or the network is missing, and when something is weaker than it must be.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let folder = workspace.target.join("sslyze");
    let python = serving::python(&folder, PACKAGE)?.join("python");
    let gateway = format!(
        "auth: {{ token: 'sslyze-token-0123456789abcdef' }}, tls: {{ enabled: true, autoGenerate: true }}, \
         http: {{ securityHeaders: {{ strictTransportSecurity: '{HSTS}' }} }}"
    );
    let serving = Serving::start(&checks::build_optimised(workspace)?, &folder, &gateway)?;
    let (said, facts) = (folder.join("said.txt"), folder.join("facts.json"));
    let text = fs::File::create(&said)?;
    let mut sslyze = Command::new(&python);
    sslyze.args(["-m", "sslyze", "--mozilla_config=intermediate", "--http_headers"]).arg("--json_out").arg(&facts);
    // It ends with 1 for whatever it finds; what counts is read below.
    sslyze
        .arg(format!("127.0.0.1:{}", serving.port))
        .stdin(Stdio::null())
        .stdout(text.try_clone()?)
        .stderr(text)
        .status()?;
    let facts: Value = serde_json::from_slice(&fs::read(&facts).context("sslyze found nothing out")?)?;
    let found = judged(&fs::read_to_string(&said)?, &facts)?;
    for one in &found {
        println!("{one}");
    }
    if found.is_empty() { Ok(()) } else { bail!("TLS is weaker than it must be; all of it is in {}", said.display()) }
}

/// What is weaker than it must be.
fn judged(said: &str, facts: &Value) -> Result<Vec<String>> {
    let verdict = said.split_once("COMPLIANCE AGAINST").context("sslyze has not judged")?.1;
    let mut found: Vec<String> = verdict
        .lines()
        .filter_map(|line| line.trim().strip_prefix("* "))
        .filter(|line| !EXCEPTED.iter().any(|excepted| line.starts_with(excepted)))
        .map(str::to_owned)
        .collect();
    ensure!(
        verdict.contains("OK - Compliant") || verdict.contains("FAILED - Not compliant"),
        "sslyze has not judged:{verdict}"
    );
    let scan = &facts["server_scan_results"][0]["scan_result"];
    for (what, pointer, wanted) in [
        ("Heartbleed", "/heartbleed/result/is_vulnerable_to_heartbleed", Value::Bool(false)),
        ("CCS injection", "/openssl_ccs_injection/result/is_vulnerable_to_ccs_injection", Value::Bool(false)),
        ("compression", "/tls_compression/result/supports_compression", Value::Bool(false)),
        (
            "renegotiation by clients",
            "/session_renegotiation/result/is_vulnerable_to_client_renegotiation_dos",
            Value::Bool(false),
        ),
        ("HSTS", "/http_headers/result/strict_transport_security_header/max_age", Value::from(31_536_000)),
    ] {
        let seen = scan.pointer(pointer).unwrap_or(&Value::Null);
        if *seen != wanted {
            found.push(format!("{what}: {seen} instead of {wanted}"));
        }
    }
    let robot = scan.pointer("/robot/result/robot_result").and_then(Value::as_str).unwrap_or_default();
    if !robot.starts_with("NOT_VULNERABLE") {
        found.push(format!("ROBOT: {robot}"));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn facts() -> Value {
        let result = |name: &str, value: Value| json!({ "result": { name: value } });
        json!({ "server_scan_results": [{ "scan_result": {
            "heartbleed": result("is_vulnerable_to_heartbleed", json!(false)),
            "openssl_ccs_injection": result("is_vulnerable_to_ccs_injection", json!(false)),
            "tls_compression": result("supports_compression", json!(false)),
            "session_renegotiation": result("is_vulnerable_to_client_renegotiation_dos", json!(false)),
            "http_headers": result("strict_transport_security_header", json!({ "max_age": 31_536_000 })),
            "robot": result("robot_result", json!("NOT_VULNERABLE_NO_ORACLE")),
        } }] })
    }

    #[test]
    fn only_what_is_excepted_may_be_found() {
        let said = |more: &str| {
            format!(
                "COMPLIANCE AGAINST TLS CONFIGURATION\n x: FAILED - Not compliant.\n * certificate_path_validation: no\n{more}"
            )
        };
        assert_eq!(judged(&said(""), &facts()).unwrap(), [""; 0]);
        assert_eq!(judged(&said(" * ciphers: RC4\n"), &facts()).unwrap(), ["ciphers: RC4"]);
        let mut weak = facts();
        weak["server_scan_results"][0]["scan_result"]["heartbleed"]["result"]["is_vulnerable_to_heartbleed"] =
            json!(true);
        assert_eq!(judged(&said(""), &weak).unwrap(), ["Heartbleed: true instead of false"]);
        assert!(judged("nothing at all", &facts()).is_err());
        assert!(judged("COMPLIANCE AGAINST", &facts()).is_err());
    }
}
