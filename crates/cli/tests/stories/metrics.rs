//! Somebody wants to know how busy it was.

use insta::assert_snapshot;

use crate::home::Home;

#[test]
fn a_gateway_that_just_started_says_when_there_will_be_figures() {
    let home = Home::new();
    let _gateway = home.gateway(&[]);
    let shown = home.run(&["metrics"]);
    assert!(shown.out.starts_with("nothing is measured yet: the gateway runs for "), "{}", shown.told());
    let told = home.run(&["metrics", "--since", "24h", "--json"]).json();
    assert_eq!((&told["stepMs"], &told["samples"]["at"]), (&60_000.into(), &serde_json::json!([])), "{told}");
    assert_snapshot!(home.run(&["metrics", "--since", "2d"]).told(), @r#"
    exit 2
    --- err
    error: invalid value '2d' for '--since <PERIOD>': figures are kept for a day; expected 1m to 24h
      help: openclaw --help, or --help after a command
    "#);
}

#[test]
fn without_a_gateway_there_are_none() {
    let home = Home::new();
    assert_eq!(home.run(&["metrics"]).code, Some(3));
}
