use serde_json::json;

use super::*;

fn run(mut value: Value) -> (Value, Vec<String>) {
    let environment =
        [("NAME", "Ann"), ("NESTED", "${NAME}"), ("SELF", "${SELF}"), ("EMPTY", ""), ("BIG", &*"x".repeat(1 << 20))]
            .into_iter()
            .collect();
    let mut issues = Vec::new();
    substitute(&mut value, &environment, &mut issues);
    (value, issues.iter().map(ToString::to_string).collect())
}

#[test]
fn references_are_filled_in_once() {
    let (value, issues) =
        run(json!({ "a": ["hi ${NAME}!${NAME}", "$NAME $ {NAME}", "$${NAME}", "${NESTED}", "${SELF}", "é${NAME}é"] }));
    assert_eq!(value["a"], json!(["hi Ann!Ann", "$NAME $ {NAME}", "${NAME}", "${NAME}", "${SELF}", "éAnné"]));
    assert_eq!(issues, Vec::<String>::new());
}

#[test]
fn what_cannot_be_filled_in_is_named() {
    let (value, issues) =
        run(json!({ "a": "${MISSING}", "b": ["${EMPTY}"], "c": "${a-b}", "d": "x${NAME", "e": "${}" }));
    assert_eq!(value["a"], json!("${MISSING}"));
    insta::assert_snapshot!(issues.join("\n"), @r#"
    a: the environment variable MISSING is not set or empty
    b[0]: the environment variable EMPTY is not set or empty
    c: what stands in `${…}` is not the name of an environment variable; write `$${…}` for the characters themselves
    d: a `${` without its `}`; write `$${` for the characters themselves
    e: what stands in `${…}` is not the name of an environment variable; write `$${…}` for the characters themselves
    "#);
}

#[test]
fn growth_is_bounded() {
    let (_, issues) = run(json!({ "a": "${BIG}".repeat(5), "b": "${BIG}${BIG}${BIG}${BIG}${BIG}" }));
    assert!(issues.iter().any(|issue| issue.contains("4 MiB")), "{issues:?}");
}

#[test]
fn only_a_lone_reference_is_one() {
    assert!(is_reference("${TOKEN_1}"));
    for other in ["", "${}", "x${A}", "${A}x", "${A}${B}", "${1A}", "$A"] {
        assert!(!is_reference(other), "{other}");
    }
}
