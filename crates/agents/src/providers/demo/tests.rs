use super::*;
use crate::provider::Message;

async fn say(demo: &Demo, text: &str) -> Vec<Delta> {
    let request = Request { messages: vec![Message::text(Role::User, text)], ..Request::default() };
    demo.stream(request).await.unwrap().map(Result::unwrap).collect().await
}

fn text(deltas: &[Delta]) -> String {
    deltas.iter().filter_map(|delta| if let Delta::Text(text) = delta { Some(text.as_str()) } else { None }).collect()
}

#[tokio::test]
async fn the_demo_says_what_it_is_and_how_to_get_a_model() {
    let deltas = say(&Demo::new("demo"), "What is\n  the weather?").await;
    let text = text(&deltas);
    for part in ["not a language model", "“What is the weather?”", "ANTHROPIC_API_KEY", "OPENAI_API_KEY"] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
    assert_eq!(deltas.first(), Some(&Delta::Started { request_id: None }));
    assert_eq!(deltas.last(), Some(&Delta::Done(Stop::EndTurn)));
    let Some(Delta::Usage(usage)) = deltas.iter().rev().nth(1) else { panic!("no usage in {deltas:?}") };
    assert_eq!((usage.input, usage.output), (6, (text.len() as u64).div_ceil(4)));
    assert!(deltas.len() > 50, "it streams in {} pieces", deltas.len());
}

#[tokio::test]
async fn a_long_message_is_quoted_briefly_and_an_empty_one_not_at_all() {
    let long = text(&say(&Demo::new("demo"), &"ä".repeat(5_000)).await);
    assert!(long.contains(&format!("“{}…”", "ä".repeat(MAX_QUOTE))));
    assert!(!text(&say(&Demo::new("demo"), "  ").await).contains("You said"));
}

#[tokio::test(start_paused = true)]
async fn tokens_wait_when_told_to() {
    let start = tokio::time::Instant::now();
    let deltas = say(&Demo::new("demo").with_token_delay(Duration::from_millis(10)), "hi").await;
    let tokens = deltas.iter().filter(|delta| matches!(delta, Delta::Text(_))).count();
    assert!(start.elapsed() >= Duration::from_millis(10) * u32::try_from(tokens).unwrap());
}
