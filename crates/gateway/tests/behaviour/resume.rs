//! Coming back (W18): over real sockets, cut anywhere.

use std::time::Duration;

use futures_util::FutureExt;
use openclaw_client::{Backoff, Deadline, Delivery, Gap, Options, Supervised, connect_supervised, supervise};
use openclaw_protocol::resume::Reason;
use openclaw_testkit::{
    cutter::Cutter,
    gateway::{Raw, Setup, TestGateway, connect_params},
    llm::{FakeLlm, Wire},
};
use serde_json::{Value, json};

use crate::talk::{Talk, gateway_on, text_of, words};

/// The way to the gateway through a cutter, tried again at once.
fn through(cutter: &Cutter, gateway: &TestGateway) -> Options {
    let mut options = gateway.options();
    options.url = cutter.url().parse().unwrap();
    let wait = Duration::from_millis(1);
    options.backoff = Backoff { steps: vec![wait], cap: wait, jitter_percent: 0 };
    options.event_buffer = 4096;
    options
}

#[tokio::test]
async fn a_streaming_answer_cut_ten_times_arrives_whole() {
    let llm = FakeLlm::start().await;
    let gateway = gateway_on(&llm, Wire::OpenAiCompletions).await;
    llm.script(words(600, 5));
    let cutter = Cutter::before(gateway.authority(), Vec::new()).await;
    let supervised = connect_supervised(through(&cutter, &gateway)).await.unwrap();
    let mut events = supervised.events();
    let ask = json!({ "message": "hello", "idempotencyKey": "r1" });
    let answer = supervised.request_again("agent", ask, Deadline::After(Duration::from_secs(60)), |_| {});
    let reading = async {
        let (mut chat, mut agent, mut cuts, mut fresh) = (String::new(), String::new(), 0, 0);
        loop {
            let event = match events.next().await.unwrap() {
                Delivery::Event(event) => event,
                other => panic!("{other:?} after {cuts} cuts"),
            };
            let payload: Value = event.read().unwrap();
            match (event.name.as_str(), payload["state"].as_str(), payload["stream"].as_str()) {
                ("chat", Some("delta"), _) => {
                    chat.push_str(payload["deltaText"].as_str().unwrap());
                    assert_eq!(text_of(&payload["message"]), chat);
                    fresh += 1;
                }
                ("agent", _, Some("assistant")) => {
                    agent.push_str(payload["data"]["delta"].as_str().unwrap());
                    assert_eq!(payload["data"]["text"].as_str(), Some(agent.as_str()));
                }
                ("chat", Some("final"), _) => return (chat, agent, text_of(&payload["message"]), cuts),
                _ => {}
            }
            if fresh == 3 && cuts < 10 {
                cutter.cut();
                (cuts, fresh) = (cuts + 1, 0);
            }
        }
    };
    let (answer, (chat, agent, whole, cuts)) = tokio::join!(answer, reading);
    let answer: Value = serde_json::from_str(answer.unwrap().get()).unwrap();
    assert_eq!((cuts, &answer["status"]), (10, &json!("ok")));
    assert!(whole.starts_with("word0 ") && whole.ends_with("word599 "), "{whole}");
    assert_eq!((&chat, &agent), (&whole, &whole));
    assert_eq!(answer["result"]["payloads"][0]["text"], json!(whole));
    assert_eq!(llm.request_count(), 1, "the model was asked once");
    supervised.close().await;
}

/// Follows the messages of the main session through a cutter.
async fn follower(cutter: &Cutter, gateway: &TestGateway) -> Supervised {
    let supervised = supervise(through(cutter, gateway), |connection| {
        async move { connection.request("sessions.messages.subscribe", json!({ "key": "main" })).await.map(drop) }
            .boxed()
    });
    supervised.connection().await.unwrap();
    supervised
}

/// What a follower hears of messages that are numbered, and of gaps.
async fn heard(events: &mut openclaw_client::EventStream, last: u64) -> (Vec<u64>, Vec<Gap>) {
    let (mut numbers, mut gaps) = (Vec::new(), Vec::new());
    loop {
        match events.next().await.unwrap() {
            Delivery::Event(event) if event.name == "session.message" => {
                let payload: Value = event.read().unwrap();
                let number = text_of(&payload["message"]).parse().unwrap();
                numbers.push(number);
                if number == last {
                    return (numbers, gaps);
                }
            }
            Delivery::Event(_) => {}
            Delivery::Gap(gap) => gaps.push(gap),
            Delivery::Missed(count) => panic!("{count} missed"),
        }
    }
}

/// Bytes after which connections break, from the middle of a handshake to some events later.
fn budgets(seed: usize) -> Vec<usize> {
    let mut random = seed.wrapping_mul(0x9e37_79b9) + 1;
    (0..25)
        .map(|_| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            100 + (random >> 33) % 9000
        })
        .collect()
}

#[tokio::test]
async fn messages_are_neither_lost_doubled_nor_reordered_wherever_the_connection_breaks() {
    for seed in 0..6 {
        let gateway = TestGateway::start().await;
        let cutter = Cutter::before(gateway.authority(), budgets(seed)).await;
        let supervised = follower(&cutter, &gateway).await;
        let mut events = supervised.events();
        let mut writer = Talk::admin(&gateway).await;
        let writing = async {
            for number in 0..120 {
                writer.ok("chat.inject", json!({ "sessionKey": "main", "message": number.to_string() })).await;
            }
        };
        let ((), (numbers, gaps)) = tokio::join!(writing, heard(&mut events, 119));
        assert_eq!((numbers, gaps), ((0..120).collect(), Vec::new()), "seed {seed}");
        supervised.close().await;
    }
}

#[tokio::test]
async fn what_the_ring_no_longer_holds_is_one_gap_and_never_a_hole_unsaid() {
    let config = json!({ "gateway": { "resume": { "maxEvents": 2 } } });
    let gateway = TestGateway::with_config(config).await;
    let cutter = Cutter::before(gateway.authority(), Vec::new()).await;
    let supervised = follower(&cutter, &gateway).await;
    let mut events = supervised.events();
    let mut writer = Talk::admin(&gateway).await;
    let mut inject = async |number: u64| {
        writer.ok("chat.inject", json!({ "sessionKey": "main", "message": number.to_string() })).await;
    };
    inject(0).await;
    assert_eq!(heard(&mut events, 0).await, (vec![0], vec![]));
    // While it is away more happens than is kept.
    let mut state = supervised.state();
    cutter.cut();
    state.wait_for(|state| !matches!(state, openclaw_client::State::Connected(_))).await.unwrap();
    drop(state);
    for number in 1..20 {
        inject(number).await;
    }
    supervised.connection().await.unwrap();
    inject(20).await;
    let (numbers, gaps) = heard(&mut events, 20).await;
    let whole = numbers == (1..=20).collect::<Vec<_>>() && gaps.is_empty();
    let cut = numbers.windows(2).all(|pair| pair[0] + 1 == pair[1]) && gaps == [Gap::Snapshot(Reason::TooOld)];
    assert!(whole || cut, "{numbers:?} {gaps:?}");
    supervised.close().await;
}

#[tokio::test]
async fn a_restart_is_a_gap() {
    let gateway = TestGateway::start().await;
    let mut raw = gateway.raw().await;
    let hello = raw.shake(&asking(json!({}))).await;
    let place = place(&hello, hello["payload"]["resume"]["position"].as_u64().unwrap());
    let gateway = gateway.restart(Setup::default()).await;
    let mut raw = gateway.raw().await;
    let hello = raw.shake(&asking(json!({ "from": place }))).await;
    let resume = &hello["payload"]["resume"];
    assert_eq!((&resume["status"], &resume["reason"]), (&json!("snapshot"), &json!("restarted")), "{hello}");
}

fn asking(resume: Value) -> Value {
    let mut params = connect_params(&["operator.admin"]);
    params["resume"] = resume;
    params
}

fn place(hello: &Value, position: u64) -> Value {
    let resume = &hello["payload"]["resume"];
    json!({ "epoch": resume["epoch"], "ticket": resume["ticket"], "position": position })
}

async fn inject(raw: &mut Raw, text: &str) {
    let answer = raw.call("i", "chat.inject", json!({ "sessionKey": "main", "message": text })).await;
    assert_eq!(answer["ok"], true, "{answer}");
}

#[tokio::test]
async fn positions_are_for_those_who_ask_and_what_they_followed_goes_on() {
    let gateway = TestGateway::start().await;
    let mut plain = gateway.raw().await;
    let hello = plain.shake(&connect_params(&["operator.admin"])).await;
    assert!(hello["payload"].get("resume").is_none(), "{hello}");
    plain.call("s", "sessions.messages.subscribe", json!({ "key": "main" })).await;
    let mut writer = gateway.raw().await;
    writer.shake(&connect_params(&["operator.admin"])).await;
    let mut client = gateway.raw().await;
    let hello = client.shake(&asking(json!({}))).await;
    assert_eq!(hello["payload"]["resume"]["status"], "new", "{hello}");
    assert_eq!(hello["payload"]["resume"]["epoch"], hello["payload"]["server"]["bootId"], "{hello}");
    client.call("s", "sessions.messages.subscribe", json!({ "key": "main" })).await;
    inject(&mut writer, "one").await;
    let one = client.event("session.message").await;
    let position = one["position"].as_u64().unwrap();
    assert!(position > hello["payload"]["resume"]["position"].as_u64().unwrap(), "{one}");
    drop(client);
    inject(&mut writer, "two").await;
    let mut client = gateway.raw().await;
    let again = client.shake(&asking(json!({ "from": place(&hello, position) }))).await;
    let resume = &again["payload"]["resume"];
    assert_eq!((&resume["status"], &resume["ticket"]), (&json!("resumed"), &hello["payload"]["resume"]["ticket"]));
    inject(&mut writer, "three").await;
    let mut seqs = Vec::new();
    for text in ["two", "three"] {
        let event = loop {
            let frame = client.next().await.frame();
            seqs.push(frame["seq"].as_u64().unwrap());
            if frame["event"] == "session.message" {
                break frame;
            }
        };
        assert!(event.to_string().contains(text) && event["position"].as_u64().unwrap() > position, "{event}");
    }
    assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>());
    // Whoever did not ask is told nothing of it.
    let event = plain.event("session.message").await;
    assert!(event.get("position").is_none() && event.get("behind").is_none(), "{event}");
}

#[tokio::test]
async fn a_place_that_cannot_be_read_is_an_error_that_names_it() {
    let gateway = TestGateway::start().await;
    for (bad, path) in [
        (json!(5), "/resume"),
        (json!({ "from": { "epoch": "x", "ticket": "no uuid", "position": 1 } }), "/resume/from/ticket"),
        (json!({ "from": { "epoch": "x", "ticket": uuid(), "position": -1 } }), "/resume/from/position"),
        (json!({ "from": { "epoch": "x", "ticket": uuid() } }), "/resume/from"),
        (
            json!({ "from": { "epoch": "x", "ticket": uuid(), "position": 1, "behind": ["x"] } }),
            "/resume/from/behind[0]",
        ),
    ] {
        let mut raw = gateway.raw().await;
        let refused = raw.shake(&asking(bad.clone())).await;
        let message = refused["error"]["message"].as_str().unwrap();
        assert!(
            refused["error"]["code"] == "INVALID_REQUEST" && message.contains(&format!("at {path}: ")),
            "{bad}: {refused}"
        );
    }
    let mut raw = gateway.raw().await;
    let from = json!({ "epoch": "x", "ticket": uuid(), "position": u64::MAX, "behind": [0, u64::MAX] });
    let hello = raw.shake(&asking(json!({ "from": from }))).await;
    assert_eq!(hello["payload"]["resume"]["reason"], "restarted", "{hello}");
}

fn uuid() -> &'static str {
    "8d1f4b2e-0000-4000-8000-000000000000"
}
