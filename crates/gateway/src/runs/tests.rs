use std::time::Duration;

use openclaw_config::{LoadRequest, load};
use openclaw_core::{Clock, Environment, Ids, Tasks};
use openclaw_store::StateDir;

use super::*;

async fn state() -> (tempfile::TempDir, Arc<State>, crate::Running) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("openclaw.json");
    let text = r#"{ gateway: { port: 0, auth: { mode: "none" } }, metrics: { enabled: false } }"#;
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let environment: Environment = [("OLLAMA_HOST".to_owned(), "127.0.0.1:9".to_owned())].into_iter().collect();
    let clock = Clock::system();
    let request = LoadRequest {
        config_path: Some(path),
        environment: environment.clone(),
        home: Some(folder.path().to_path_buf()),
        ..LoadRequest::default()
    };
    let running = crate::start(crate::Options {
        config: load(&request).unwrap(),
        load: request,
        state_dir: StateDir::claim(&folder.path().join("state")).unwrap(),
        environment,
        clock: clock.clone(),
        ids: Ids::system(),
        tasks: Tasks::new(),
        log: crate::LogRing::new(clock, crate::LogFormat::Off),
        follow_logging: Arc::new(|_| {}),
        guard: None,
        host: "test".to_owned(),
    })
    .await
    .unwrap();
    (folder, Arc::clone(&running.state), running)
}

fn submission(state: &State, key: &SessionKey, run_id: &RunId) -> Submission {
    Submission {
        run_id: run_id.clone(),
        session_key: key.clone(),
        agent: state.agents().remove(0),
        message: user("hello", &[], run_id.as_str(), 0),
        queue_mode: QueueMode::Followup,
        model: None,
        fallbacks: None,
        thinking: None,
        limits: Limits::default(),
        extra_system_prompt: None,
        label: None,
        timeout_ms: None,
        request_hash: String::new(),
        principal: "tester".to_owned(),
        trace: None,
        audit: AuditEvent {
            event: "run.accepted".to_owned(),
            severity: "info".to_owned(),
            actor: "tester".to_owned(),
            ip: None,
            method: None,
            target: None,
            outcome: "ok".to_owned(),
            reason: None,
            detail: Value::Null,
        },
        told: oneshot::channel().1,
        also: Vec::new(),
    }
}

#[tokio::test]
async fn nobody_waits_for_ever_when_the_owner_of_a_session_dies() {
    let (_folder, state, running) = state().await;
    let key = SessionKey::new("agent:main:main").unwrap();
    let (one, two) = (RunId::new("one").unwrap(), RunId::new("two").unwrap());
    let told = [&one, &two].map(|run_id| state.runs.wait(run_id).unwrap());
    // Both are in the mailbox before the owner has begun the first.
    let (first, second) = tokio::join!(Runs::submit(&state, submission(&state, &key, &one)), async {
        let second = Runs::submit(&state, submission(&state, &key, &two));
        Runs::send(&state, &key, Command::Die).unwrap();
        second.await
    });
    assert!(first.is_ok());
    for (told, was_accepted) in told.into_iter().zip([true, second.is_ok()]) {
        if was_accepted {
            let run = tokio::time::timeout(Duration::from_secs(10), told).await.expect("told").unwrap();
            assert!(run.state.ended());
        }
    }
    assert_eq!(state.runs.active_run(&key), None);
    let again = RunId::new("again").unwrap();
    let told = state.runs.wait(&again).unwrap();
    Runs::submit(&state, submission(&state, &key, &again)).await.unwrap();
    let run = tokio::time::timeout(Duration::from_secs(10), told).await.expect("told").unwrap();
    assert_eq!(run.state.as_str(), "final");
    running.stop("stop").await;
}

#[tokio::test]
async fn waiters_are_counted_and_those_who_left_make_room() {
    let runs = Runs::default();
    let run_id = RunId::new("r").unwrap();
    let kept: Vec<_> = (0..WAITERS).map(|_| runs.wait(&run_id).unwrap()).collect();
    assert!(runs.wait(&RunId::new("other").unwrap()).is_err());
    drop(kept);
    runs.forget_waiters(&run_id);
    assert!(runs.wait(&run_id).is_ok());
    assert_eq!(locked(&runs.waiters).count, 1);
}
