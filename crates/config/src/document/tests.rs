use serde_json::json;

use super::*;

fn error(text: &str, format: Format) -> String {
    parse(text, format).unwrap_err().to_string()
}

#[test]
fn both_formats_give_the_same_value() {
    let expected = json!({ "a": { "b": [1, -2, 0.5, "x", true, null] } });
    assert_eq!(parse("// c\n{ a: { b: [1, -2, .5, 'x', true, null,], }, }", Format::Json5).unwrap(), expected);
    assert_eq!(parse("# c\na:\n  b: [1, -2, 0.5, x, true, null]\n", Format::Yaml).unwrap(), expected);
}

#[test]
fn blank_text_is_an_empty_object() {
    for text in ["", "  \n", "// only a comment\n", "\u{feff}"] {
        assert_eq!(parse(text, Format::Json5).unwrap(), json!({}), "{text:?}");
    }
    for text in ["", "# only a comment\n", "\u{feff}{}"] {
        assert_eq!(parse(text, Format::Yaml).unwrap(), json!({}), "{text:?}");
    }
}

#[test]
fn yaml_words_stay_words() {
    assert_eq!(
        parse("mode: off\nother: no\nflag: true", Format::Yaml).unwrap(),
        json!({ "mode": "off", "other": "no", "flag": true })
    );
}

#[test]
fn syntax_errors_give_the_place_and_never_the_text() {
    insta::assert_snapshot!(error("{ gateway: { token: hunter2 } }", Format::Json5), @"config syntax error at 1:21: expected value");
    insta::assert_snapshot!(error("{\n  a: 'hunter2\n", Format::Json5), @"config syntax error at 2:14: line terminator in string");
    insta::assert_snapshot!(error("{} hunter2", Format::Json5), @"config syntax error at 1:4: trailing characters");
    insta::assert_snapshot!(error("a: 'hunter2\nb: [", Format::Yaml), @"config syntax error at 2:1: not well-formed YAML");
    insta::assert_snapshot!(error("a: 1\n---\nb: hunter2\n", Format::Yaml), @"config syntax error at 3:1: more than one document (`---`)");
    insta::assert_snapshot!(error("[1]", Format::Json5), @"config syntax error at 1:1: the outermost value must be an object, found a list");
    insta::assert_snapshot!(error("hunter2", Format::Yaml), @"config syntax error at 1:1: the outermost value must be an object, found text");
    insta::assert_snapshot!(error("{ a: 'x\0' }", Format::Json5), @"config syntax error at 1:8: the text holds a NUL character");
    insta::assert_snapshot!(error("{ a: NaN }", Format::Json5), @"config syntax error at 1:6: a number must be finite");
}

#[test]
fn a_key_written_twice_is_refused_with_its_path() {
    insta::assert_snapshot!(error("{ gateway: { port: 1, bind: 'lan', port: 2 } }", Format::Json5), @"config syntax error at 1:12: the key `gateway.port` is written twice");
    insta::assert_snapshot!(error("gateway:\n  port: 1\n  port: 2\n", Format::Yaml), @"config syntax error at 3:3: a key is written twice in the same place");
}

#[test]
fn depth_is_bounded() {
    let nested = |depth: usize| format!("{{ a: {}{} }}", "[".repeat(depth), "]".repeat(depth));
    for format in [Format::Json5, Format::Yaml] {
        parse(&nested(MAX_DEPTH - 1), format).unwrap();
        assert!(parse(&nested(MAX_DEPTH), format).is_err());
        assert!(parse(&nested(200_000), format).is_err());
        assert!(parse(&"{a:".repeat(100_000), format).is_err());
    }
    assert!(error(&nested(MAX_DEPTH), Format::Json5).contains("nested deeper than 64 levels"));
    let block: String = (0..5000).map(|depth| format!("{}a:\n", " ".repeat(depth % 1000))).collect();
    assert!(parse(&block, Format::Yaml).is_err());
}

#[test]
fn size_and_count_are_bounded() {
    assert!(matches!(parse(&" ".repeat(MAX_BYTES + 1), Format::Json5), Err(ConfigError::TooLarge)));
    assert!(error(&format!("{{ a: [{}] }}", "0,".repeat(MAX_NODES)), Format::Json5).contains("values"));
}

#[test]
fn aliases_work_and_cannot_explode() {
    let shared = "base: &base { port: 1 }\nother: *base\nmerged:\n  <<: *base\n  bind: lan\n";
    assert_eq!(parse(shared, Format::Yaml).unwrap()["merged"], json!({ "port": 1, "bind": "lan" }));
    let mut bomb = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
    for level in 1..12 {
        let list = vec![format!("*a{}", level - 1); 10].join(",");
        bomb.push_str(&format!("a{level}: &a{level} [{list}]\n"));
    }
    assert!(parse(&bomb, Format::Yaml).is_err());
    let long = format!("a: &a {}\nb: [{}]\n", "x".repeat(100_000), vec!["*a"; 900].join(","));
    assert!(parse(&long, Format::Yaml).is_err());
    assert!(parse("a: &a [*a]\n", Format::Yaml).is_err());
}
