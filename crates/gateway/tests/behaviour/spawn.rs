//! Programs that clients have started (M17, T42, T43, T92; SPEC-NOTES 10).

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use openclaw_testkit::gateway::{Setup, TOKEN, TestGateway, connect_params};
use serde_json::{Value, json};

use tokio::time::Instant;

use crate::{audit, devices::code, talk::Talk};

/// A gateway that may start these, with the PATH of this machine.
async fn gateway(spawn: Value) -> TestGateway {
    TestGateway::with(setup(spawn)).await
}

fn setup(mut spawn: Value) -> Setup {
    if spawn["allow"].is_null() {
        spawn["allow"] = json!(["sh", "python3"]);
    }
    let environment = [("PATH", "/usr/bin:/bin"), ("OPENAI_API_KEY", "sk-must-not-be-seen-0123456789")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
    Setup { config: json!({ "spawn": spawn }), environment, ..Setup::default() }
}

async fn admin(gateway: &TestGateway) -> Talk {
    Talk::with(gateway, connect_params(&["operator.admin"])).await
}

/// A dashboard of an administrator, in the dialect in which one needs no device.
async fn dashboard(gateway: &TestGateway) -> Talk {
    let client = json!({ "id": "control-ui", "mode": "ui", "version": "1", "platform": "web" });
    let params = json!({
        "minProtocol": 1, "maxProtocol": 1, "role": "operator", "scopes": ["operator.admin"], "client": client,
        "auth": { "token": TOKEN },
    });
    Talk::with(gateway, params).await
}

fn sh(script: &str) -> Value {
    json!({ "command": "sh", "args": ["-c", script] })
}

/// The end of the program that this request started.
async fn end(talk: &mut Talk, id: &str) -> Value {
    talk.event("spawn_result", |told| told["id"] == id && told["status"] != "running").await
}

#[tokio::test]
async fn a_program_runs_and_its_end_is_told_in_the_words_of_spec_001() {
    let gateway = gateway(json!({})).await;
    let folder = tempfile::tempdir().unwrap();
    let mut ui = dashboard(&gateway).await;
    let params = json!({
        "command": "sh", "args": ["-c", "echo hi from $AGENT_NAME in $PWD; echo oops >&2; env; exit 7"],
        "env": { "AGENT_NAME": "agent1" }, "cwd": folder.path(),
    });
    let started = ui.named("spawn-1", "spawn", params).await;
    assert_eq!((&started["ok"], &started["payload"]["status"]), (&json!(true), &json!("running")), "{started}");
    let running = ui.event("spawn_result", |_| true).await;
    let pid = &running["pid"];
    assert!(pid.as_u64().unwrap() > 1);
    assert_eq!(
        running,
        json!({ "id": "spawn-1", "status": "running", "pid": pid, "completedAt": null, "result": null, "error": null })
    );
    let line = ui.event("log", |line| line["source"] == "agent1" && line["extra"]["stream"] == "stdout").await;
    let real = folder.path().canonicalize().unwrap();
    assert_eq!(line["message"], format!("hi from agent1 in {}", real.display()));
    assert_eq!((&line["level"], &line["extra"]["pid"]), (&json!("info"), pid), "{line}");
    let done = end(&mut ui, "spawn-1").await;
    assert!(done["completedAt"].as_i64().unwrap() > 0);
    assert_eq!(
        (&done["status"], &done["result"], &done["error"]),
        (&json!("completed"), &json!({ "exitCode": 7 }), &json!(null))
    );

    let spawn_id = started["payload"]["spawnId"].as_str().unwrap();
    let output = ui.ok("spawn.output", json!({ "id": spawn_id })).await;
    let text = output["output"].to_string();
    assert!(text.contains("hi from agent1") && text.contains("oops") && !text.contains("sk-must-not"), "{text}");
    assert_eq!(output["ended"]["status"], "completed");
    let list = ui.ok("spawn.list", json!({})).await;
    let shown = &list["spawns"][0];
    assert_eq!(
        (&shown["spawnId"], &shown["status"], &shown["source"]),
        (&json!(spawn_id), &json!("completed"), &json!("agent1"))
    );
    assert_eq!(shown["args"][0], "-c");
    assert_eq!(ui.ok("spawn.list", json!({ "active": true })).await["spawns"], json!([]));

    let records = audit::records(&gateway).await;
    let of: Vec<&str> =
        records.iter().map(|record| record.event.event.as_str()).filter(|name| name.starts_with("spawn.")).collect();
    assert_eq!(of, ["spawn.requested", "spawn.started", "spawn.exited"]);
    let text = serde_json::to_string(&records.iter().map(|record| &record.event).collect::<Vec<_>>()).unwrap();
    assert!(!text.contains("hi from"), "arguments and output are not kept: {text}");
}

#[tokio::test]
async fn what_cannot_be_started_is_told_as_failed_and_names_why() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("agent.py");
    std::fs::write(&script, "print()").unwrap();
    let script = script.to_str().unwrap();
    let gateway = gateway(json!({ "allow": ["sh", "no-such-program", script], "roots": [folder.path()] })).await;
    let mut admin = admin(&gateway).await;
    let cases = [
        (json!({ "command": "rm" }), "SPAWN_NOT_ALLOWED", "spawn.allow"),
        (json!({ "command": "/bin/sh" }), "SPAWN_NOT_ALLOWED", "spawn.allow"),
        (json!({ "command": "no-such-program" }), "SPAWN_FAILED", "was not found in the gateway's PATH"),
        (json!({ "command": script }), "SPAWN_FAILED", "chmod +x"),
        (json!({ "command": "sh", "cwd": folder.path().join("absent") }), "SPAWN_FAILED", "cwd"),
        (json!({ "command": "sh", "cwd": "/" }), "SPAWN_FAILED", "outside of the allowed folders"),
        (json!({ "command": "sh", "cwd": "here" }), "INVALID_PARAMS", "relative"),
        (json!({ "command": "sh", "args": ["a\0b"] }), "INVALID_PARAMS", "args[0] has a NUL byte"),
        (json!({ "command": "sh", "args": ["x".repeat(200_000)] }), "INVALID_PARAMS", "args[0] is 200000"),
        (json!({ "command": "sh", "args": vec!["x"; 5000] }), "INVALID_PARAMS", "args is 5000"),
        (json!({ "command": "sh", "env": { "LD_PRELOAD": "/x.so" } }), "INVALID_PARAMS", "env.LD_PRELOAD"),
        (json!({ "command": "sh", "env": { "path": "/x" } }), "INVALID_PARAMS", "env.path"),
        (json!({ "command": "sh", "env": { "A=B": "x" } }), "INVALID_PARAMS", "env.A=B"),
    ];
    for (at, (params, reason, words)) in cases.into_iter().enumerate() {
        let id = format!("bad-{at}");
        let answer = admin.named(&id, "spawn", params).await;
        let message = answer["error"]["message"].as_str().unwrap();
        assert_eq!((code(&answer), message.contains(words)), (reason, true), "{message}");
        let told = end(&mut admin, &id).await;
        assert_eq!((&told["status"], &told["pid"]), (&json!("failed"), &json!(null)), "{told}");
        assert_eq!(told["error"], json!(message));
    }
    assert_eq!(admin.ok("spawn.list", json!({})).await["spawns"], json!([]));
}

#[tokio::test]
async fn whoever_may_not_spawn_neither_starts_nor_sees_anything() {
    let gateway = gateway(json!({})).await;
    let mut admin = admin(&gateway).await;
    let mut other =
        Talk::with(&gateway, connect_params(&["operator.write", "operator.approvals", "operator.pairing"])).await;
    admin.named("s", "spawn", sh("true")).await;
    end(&mut admin, "s").await;
    for (method, params) in [
        ("spawn", sh("true")),
        ("spawn.list", json!({})),
        ("spawn.kill", json!({ "id": "s" })),
        ("spawn.output", json!({ "id": "s" })),
    ] {
        let answer = other.named(method, method, params).await;
        assert_eq!(answer["error"]["message"], "missing scope: operator.admin", "{answer}");
    }
    other.call("ping", json!({})).await;
    assert!(!other.has_heard("spawn_result"));
}

#[tokio::test]
async fn a_program_is_killed_with_what_it_started_and_says_by_which_signal() {
    let gateway = gateway(json!({ "limits": { "graceMs": 300 } })).await;
    let mut admin = admin(&gateway).await;
    let stubborn = "trap '' TERM; setsid sleep 3001 & echo $!; while :; do sleep 1; done";
    for (id, script, force, signal) in [
        ("asked", "sleep 3000", false, "SIGTERM"),
        ("stubborn", stubborn, false, "SIGKILL"),
        ("forced", stubborn, true, "SIGKILL"),
    ] {
        let started = admin.named(id, "spawn", sh(&format!("echo ready; {script}"))).await;
        let spawn_id = started["payload"]["spawnId"].as_str().unwrap().to_owned();
        let first = admin.ok("spawn.output", json!({ "id": spawn_id, "waitMs": 10_000 })).await;
        assert!(first["output"][0]["text"].as_str().unwrap().starts_with("ready"), "{first}");
        let killed = admin.ok("spawn.kill", json!({ "id": id, "force": force })).await;
        assert_eq!(
            (&killed["status"], &killed["result"]),
            (&json!("killed"), &json!({ "signal": signal })),
            "{killed}"
        );
        let told = end(&mut admin, id).await;
        assert_eq!(
            (&told["status"], &told["result"], &told["error"]),
            (&json!("killed"), &json!({ "signal": signal }), &json!(null))
        );
        // Killing what is over changes nothing.
        assert_eq!(admin.ok("spawn.kill", json!({ "id": spawn_id })).await["result"], json!({ "signal": signal }));
    }
    let unknown = admin.named("u", "spawn.kill", json!({ "id": "nobody" })).await;
    assert_eq!(code(&unknown), "NOT_FOUND", "{unknown}");
    let left = running("sleep 3001");
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn two_programs_of_one_request_id_are_told_apart() {
    let gateway = gateway(json!({})).await;
    let (mut one, mut two) = (admin(&gateway).await, admin(&gateway).await);
    let first = one.named("spawn-1", "spawn", sh("sleep 3000")).await["payload"]["spawnId"].clone();
    let second = two.named("spawn-1", "spawn", sh("sleep 3000")).await["payload"]["spawnId"].clone();
    let ambiguous = one.named("k", "spawn.kill", json!({ "id": "spawn-1" })).await;
    assert_eq!((code(&ambiguous), &ambiguous["error"]["details"]["spawnIds"]), ("CONFLICT", &json!([first, second])));
    one.ok("spawn.kill", json!({ "id": first })).await;
    let rest = one.ok("spawn.list", json!({ "active": true })).await;
    assert_eq!((&rest["running"], &rest["spawns"][0]["spawnId"]), (&json!(1), &second));
    assert_eq!(one.ok("spawn.kill", json!({ "id": "spawn-1" })).await["spawnId"], second);
}

#[tokio::test]
async fn there_are_no_more_programs_than_allowed() {
    let gateway = gateway(json!({ "maxRunning": 2 })).await;
    let mut admin = admin(&gateway).await;
    for id in ["a", "b"] {
        assert_eq!(admin.named(id, "spawn", sh("sleep 3000")).await["ok"], true);
    }
    let third = admin.named("c", "spawn", sh("true")).await;
    assert_eq!((code(&third), &third["error"]["retryable"]), ("QUEUE_FULL", &json!(true)), "{third}");
    assert!(end(&mut admin, "c").await["error"].as_str().unwrap().contains("spawn.maxRunning"));
    admin.ok("spawn.kill", json!({ "id": "a", "force": true })).await;
    assert_eq!(admin.named("d", "spawn", sh("true")).await["ok"], true);
    assert_eq!(end(&mut admin, "d").await["status"], "completed");
    // The one that still runs ends with it.
    gateway.stop().await;
}

#[tokio::test]
async fn limits_end_a_program_and_say_which() {
    let limits = json!({ "limits": { "timeoutMs": 300, "processes": 15, "memoryBytes": 67_108_864 } });
    let gateway = gateway(limits).await;
    let mut admin = admin(&gateway).await;
    admin.named("slow", "spawn", sh("sleep 3000")).await;
    let told = end(&mut admin, "slow").await;
    assert_eq!(
        (&told["status"], &told["error"]),
        (&json!("killed"), &json!("it ran for longer than it may")),
        "{told}"
    );
    gateway.edit(&json!({ "spawn": { "allow": ["sh"], "limits": { "processes": 15 } } }));
    gateway.reload().await;
    admin.named("bomb", "spawn", sh(BOMB)).await;
    let told = end(&mut admin, "bomb").await;
    assert_eq!(
        (&told["status"], &told["error"]),
        (&json!("killed"), &json!("it started more processes than it may")),
        "{told}"
    );
    admin.call("ping", json!({})).await;
}

#[tokio::test]
async fn bytes_of_any_kind_are_told_as_lines_and_kept_as_they_are() {
    let gateway = gateway(json!({ "limits": { "outputBytesPerSecond": 0 } })).await;
    let mut ui = dashboard(&gateway).await;
    let script = "printf 'a\\377b\\n'; printf '\\000\\n'; head -c 20000 /dev/zero | tr '\\0' x; exec >&-; sleep 0.2";
    let started = ui.named("bytes", "spawn", sh(script)).await;
    let first = ui.event("log", |line| line["source"] == "sh").await;
    assert_eq!(first["message"], "a\u{fffd}b");
    assert_eq!(ui.event("log", |line| line["source"] == "sh").await["message"], "\0");
    let piece = ui.event("log", |line| line["source"] == "sh").await;
    assert_eq!(piece["message"].as_str().unwrap().len(), 8192, "no line is longer");
    assert_eq!(end(&mut ui, "bytes").await["status"], "completed");
    let id = &started["payload"]["spawnId"];
    let (mut bytes, mut cursor) = (Vec::new(), json!(null));
    loop {
        let mut ask = json!({ "id": id, "encoding": "base64", "maxBytes": 1024 });
        if !cursor.is_null() {
            ask["cursor"] = cursor;
        }
        let page = ui.ok("spawn.output", ask).await;
        for run in page["output"].as_array().unwrap() {
            bytes.extend(STANDARD.decode(run["base64"].as_str().unwrap()).unwrap());
        }
        cursor = page["cursor"].clone();
        if page.get("ended").is_some() {
            break;
        }
    }
    assert_eq!((bytes.len(), &bytes[..7]), (20_006, &b"a\xffb\n\0\nx"[..]));
    for (bad, path) in [(json!({ "maxBytes": 1 }), "params.maxBytes"), (json!({ "waitMs": 60_000 }), "params.waitMs")] {
        let mut ask = json!({ "id": id });
        ask.as_object_mut().unwrap().extend(bad.as_object().unwrap().clone());
        let answer = ui.named("x", "spawn.output", ask).await;
        assert_eq!((code(&answer), &answer["error"]["details"]["path"]), ("INVALID_PARAMS", &json!(path)), "{answer}");
    }
}

#[tokio::test]
async fn a_follower_gets_every_byte_of_a_flood() {
    let gateway = gateway(json!({ "limits": { "outputBytesPerSecond": 0 } })).await;
    let mut admin = admin(&gateway).await;
    let mut params = sh("head -c 3000000 /dev/zero; echo end");
    params["follow"] = json!(true);
    let id = admin.named("flood", "spawn", params).await["payload"]["spawnId"].clone();
    // Slower than the program, so that it has to wait.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let (mut got, mut cursor) = (0, json!(null));
    loop {
        let mut ask = json!({ "id": id, "encoding": "base64", "maxBytes": 262_144, "waitMs": 5000 });
        if !cursor.is_null() {
            ask["cursor"] = cursor;
        }
        let page = admin.ok("spawn.output", ask).await;
        assert_eq!(page["lost"], 0, "{}", page["cursor"]);
        for run in page["output"].as_array().unwrap() {
            got += STANDARD.decode(run["base64"].as_str().unwrap()).unwrap().len();
        }
        cursor = page["cursor"].clone();
        if page.get("ended").is_some() {
            break;
        }
    }
    assert_eq!(got, 3_000_004);
}

#[tokio::test]
async fn a_flood_of_lines_is_told_in_part_and_counted() {
    let gateway = gateway(json!({ "limits": { "outputBytesPerSecond": 0 } })).await;
    let mut ui = dashboard(&gateway).await;
    ui.named("flood", "spawn", sh("seq 1 100000")).await;
    let (mut told, mut left_out) = (0, 0);
    let mut last = json!(null);
    while left_out == 0 {
        let line = ui.event("log", |line| line["source"] == "sh").await;
        match line["message"].as_str().unwrap().strip_suffix(" lines more; spawn.output has the newest") {
            Some(number) => left_out = number.parse::<u64>().unwrap(),
            None => told += 1,
        }
        last = line;
    }
    assert_eq!(last["level"], "warn");
    assert!(told >= 50 && told + left_out <= 100_000, "{told} {left_out}");
    assert_eq!(end(&mut ui, "flood").await["status"], "completed");
}

#[tokio::test]
async fn a_stop_ends_programs_and_the_next_start_knows_how_they_ended() {
    let gateway = gateway(json!({})).await;
    let mut admin = admin(&gateway).await;
    admin.named("s", "spawn", sh("sleep 3002")).await;
    let begun = Instant::now();
    let gateway = gateway.restart(setup(json!({}))).await;
    assert!(begun.elapsed() < Duration::from_secs(10));
    assert!(running("sleep 3002").is_empty());
    let mut admin = self::admin(&gateway).await;
    let list = admin.ok("spawn.list", json!({})).await;
    let shown = &list["spawns"][0];
    assert_eq!((&shown["status"], &shown["error"]), (&json!("killed"), &json!("the gateway stops")), "{list}");
    assert_eq!(shown.get("args"), None, "arguments are not stored");
    assert_eq!(list["running"], 0);
}

#[tokio::test]
async fn a_hundred_programs_that_write_a_megabyte_a_second_stay_in_bounded_memory() {
    let gateway = gateway(json!({ "limits": { "outputBytesPerSecond": 1_048_576 } })).await;
    let mut admin = admin(&gateway).await;
    let before = resident();
    for at in 0..100 {
        let started = admin.named(&format!("w{at}"), "spawn", sh("exec cat /dev/zero")).await;
        assert_eq!(started["ok"], true, "{started}");
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(admin.ok("spawn.list", json!({ "active": true })).await["running"], 100);
    // 256 KiB of output is kept of each, and a few pieces are on their way.
    let grown = resident().saturating_sub(before);
    assert!(grown < 120 << 20, "{grown}");
    for at in 0..100 {
        admin.ok("spawn.kill", json!({ "id": format!("w{at}"), "force": true })).await;
    }
}

/// Doubles four times and no more, 47 processes: a test that goes wrong must not take the machine with it.
const BOMB: &str = "f() { if [ $1 -gt 0 ]; then f $(($1 - 1)) & f $(($1 - 1)) & wait; else sleep 30; fi; }; f 4";

/// Bytes that this process has in residence.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

/// Command lines of processes that begin so.
fn running(command: &str) -> Vec<String> {
    let lines = std::fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let line = std::fs::read(entry.ok()?.path().join("cmdline")).ok()?;
        Some(String::from_utf8_lossy(&line).replace('\0', " "))
    });
    lines.filter(|line| line.starts_with(command)).collect()
}
