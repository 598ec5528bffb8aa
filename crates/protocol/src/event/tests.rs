use super::*;

fn delta(text: &str, from: usize) -> Event {
    Event::ChatDelta(ChatDelta {
        run_id: RunId::new("r1").unwrap(),
        session_key: SessionKey::new("agent:main:main").unwrap(),
        agent_id: AgentId::new("main").unwrap(),
        seq: 2,
        text: text.into(),
        from,
        ts: 1,
    })
}

fn text(event: &Event, dialect: Dialect, ui: bool) -> String {
    let mut body = event.body(View { dialect, ui }).unwrap();
    body.push(b'}');
    String::from_utf8(body).unwrap()
}

#[test]
fn a_delta_has_the_shape_of_each_dialect() {
    let event = delta("Hello from", 5);
    insta::assert_snapshot!(text(&event, Dialect::V4, false), @r#"{"type":"event","event":"chat","payload":{"runId":"r1","sessionKey":"agent:main:main","agentId":"main","seq":2,"state":"delta","deltaText":" from","message":{"role":"assistant","content":[{"type":"text","text":"Hello from"}],"timestamp":1}}}"#);
    insta::assert_snapshot!(text(&event, Dialect::V1, false), @r#"{"type":"event","event":"chat.delta","payload":{"delta":" from","runId":"r1","sessionId":"agent:main:main"}}"#);
}

#[test]
fn a_merged_delta_says_everything_that_was_not_sent() {
    let mut newer = delta("one two three", 7);
    newer.absorb(&delta("one two", 3));
    assert!(text(&newer, Dialect::V4, false).contains(r#""deltaText":" two three""#));
}

#[test]
fn a_fallback_is_for_those_who_read_and_follow_the_session() {
    let event = Event::ModelFallback(ModelFallback {
        run_id: RunId::new("r1").unwrap(),
        session_key: SessionKey::new("agent:main:main").unwrap(),
        agent_id: AgentId::new("main").unwrap(),
        from: "p/m".to_owned(),
        to: "q/n".to_owned(),
        reason: "rate_limit",
        attempt: 2,
        cooldown_until: Some(5),
    });
    insta::assert_snapshot!(text(&event, Dialect::V4, false), @r#"{"type":"event","event":"model.fallback","payload":{"runId":"r1","sessionKey":"agent:main:main","agentId":"main","from":"p/m","to":"q/n","reason":"rate_limit","attempt":2,"cooldownUntil":5}}"#);
    let key = SessionKey::new("agent:main:main").unwrap();
    assert_eq!((event.scope(), event.audience()), (Some(Scope::Read), Audience::MessageSubscribersAndUi(&key)));
}

#[test]
fn views_of_the_same_shape_of_an_event_get_the_same_bytes() {
    let views =
        [(Dialect::V1, false), (Dialect::V1, true), (Dialect::V3, false), (Dialect::V4, false), (Dialect::V4, true)];
    let events = [
        delta("Hello", 2),
        Event::Tick { ts: 5, sessions: Arc::new([]) },
        Event::Presence { presence: Arc::new([]), version: StateVersion::default() },
        Event::Log(LogEntry {
            id: "1".to_owned(),
            timestamp: 1,
            level: "info",
            source: "test".to_owned(),
            session: None,
            message: "m".to_owned(),
            extra: None,
        }),
    ];
    for event in &events {
        for (one, ui_one) in views {
            for (other, ui_other) in views {
                let shape = |dialect, ui| event.shape(View { dialect, ui });
                let same = text(event, one, ui_one) == text(event, other, ui_other);
                assert_eq!(
                    shape(one, ui_one) == shape(other, ui_other),
                    same,
                    "{event:?} {one:?} {ui_one} {other:?} {ui_other}"
                );
            }
        }
    }
}

#[test]
fn only_ui_connections_get_sessions_in_the_tick() {
    let event = Event::Tick { ts: 5, sessions: Arc::new([]) };
    assert_eq!(text(&event, Dialect::V4, false), r#"{"type":"event","event":"tick","payload":{"ts":5}}"#);
    assert_eq!(
        text(&event, Dialect::V3, true),
        r#"{"type":"event","event":"tick","payload":{"snapshot":{"sessions":[]},"ts":5}}"#
    );
}

#[test]
fn a_finished_run_is_told_in_each_dialect() {
    let event = Event::ChatEnd(ChatEnd {
        run_id: RunId::new("r1").unwrap(),
        session_key: SessionKey::new("agent:main:main").unwrap(),
        agent_id: AgentId::new("main").unwrap(),
        seq: 9,
        state: ChatState::Error,
        message: None,
        stop_reason: None,
        error_message: Some("no model".to_owned()),
        error_kind: Some("unknown"),
        error_detail: None,
        usage: None,
    });
    insta::assert_snapshot!(text(&event, Dialect::V3, false), @r#"{"type":"event","event":"chat","payload":{"agentId":"main","errorKind":"unknown","errorMessage":"no model","runId":"r1","seq":9,"sessionKey":"agent:main:main","state":"error"}}"#);
    assert!(text(&event, Dialect::V1, false).starts_with(r#"{"type":"event","event":"chat.error","#));
}
