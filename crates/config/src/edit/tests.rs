use proptest::prelude::*;
use serde_json::{Map, json};

use super::*;

fn set(path: &str, value: Value) -> Edit {
    Edit::Set { path: path.parse().unwrap(), value }
}

fn unset(path: &str) -> Edit {
    Edit::Unset { path: path.parse().unwrap() }
}

fn merge(patch: Value) -> Edit {
    Edit::Merge { path: None, patch }
}

fn json5(text: &str, edits: &[Edit]) -> String {
    edit(text, Format::Json5, edits).unwrap()
}

#[track_caller]
fn yaml(text: &str, edits: &[Edit]) -> String {
    edit(text, Format::Yaml, edits).unwrap()
}

const JSON5: &str = r#"// Top.
{
  gateway: { // why
    port: 18789, // the port
    /* before */ bind: 'loopback',
    auth: { mode: "token", token: "old\
 secret" },
  },
  agents: {
    list: [
      { id: "a" }, // first
      // between
      { id: "b", },
      { id: "c" } // last
    ]
  },
  hex: +0x10, frac: .5,
}
// End.
"#;

const YAML: &str = "# Top.
gateway: # why
  port: 18789 # the port
  bind: loopback

  # about auth
  auth:
    mode: token
    token: 'old'
agents:
  list:
    - id: a # first
      name: A
    # between
    - id: b
    - id: c
flow: {x: 1, y: [1, 2]} # flow
text: |
  one
  two

empty:
# End.
";

#[test]
fn json5_values_are_replaced_where_they_stand() {
    insta::assert_snapshot!(json5(
        JSON5,
        &[
            set("gateway.port", json!(1)),
            set("gateway.auth.token", json!("new")),
            set("agents.list[1].id", json!("B")),
            set("hex", json!({ "a": [1, { "b": null }] }))
        ]
    ));
}

#[test]
fn json5_members_come_and_go_with_their_lines() {
    insta::assert_snapshot!(json5(
        JSON5,
        &[
            unset("gateway.bind"),
            unset("gateway.auth.token"),
            unset("agents.list[2]"),
            unset("hex"),
            set("gateway.limits.maxPayload", json!(70_000)),
            set("agents.list[2]", json!({ "id": "d", "tools": ["x"] })),
            set("agents.defaults", json!({ "timeoutSeconds": 5 })),
            set("frac2", json!(0.25))
        ]
    ));
}

#[test]
fn strict_json_stays_strict() {
    let text = "{\n    \"a\": {},\n    \"b\": [],\n    \"c\": { \"d\": 1 }\n}\n";
    let new = json5(
        text,
        &[set("a.x", json!({ "y": 1 })), set("b[0]", json!("z")), unset("c"), set("e", json!(["long ".repeat(20)]))],
    );
    insta::assert_snapshot!(new, @r#"
    {
        "a": {
            "x": {
                "y": 1
            }
        },
        "b": [
            "z"
        ],
        "e": [
            "long long long long long long long long long long long long long long long long long long long long "
        ]
    }
    "#);
    serde_json::from_str::<Value>(&new).unwrap();
    assert_eq!(json5("{\"a\": 1, \"b\": 2}", &[unset("b")]), "{\"a\": 1}");
    assert_eq!(json5("{\"a\": 1, \"b\": 2}", &[unset("a")]), "{\"b\": 2}");
    assert_eq!(json5("{a: 1, b: 2, c: 3}", &[unset("b"), unset("c")]), "{a: 1}");
    assert_eq!(json5("{a: 1}", &[unset("a"), set("b", json!(2))]), "{\n  b: 2,\n}");
}

#[test]
fn yaml_values_are_replaced_where_they_stand() {
    insta::assert_snapshot!(yaml(
        YAML,
        &[
            set("gateway.port", json!(1)),
            set("gateway.auth.token", json!("a: b")),
            set("agents.list[1].id", json!("B")),
            set("text", json!("three")),
            set("empty", json!({ "a": [1, { "b": "on" }] })),
            set("flow.y[1]", json!(3))
        ]
    ));
}

#[test]
fn yaml_members_come_and_go_with_their_lines() {
    insta::assert_snapshot!(yaml(
        YAML,
        &[
            unset("gateway.bind"),
            set("gateway.limits.maxPayload", json!(70_000)),
            unset("agents.list[0].id"),
            unset("agents.list[1]"),
            set("agents.list[2]", json!({ "id": "d", "tools": ["x"] })),
            set("flow.z", json!({ "q": 1 })),
            unset("flow.x"),
            unset("text"),
            set("last", json!([{ "a": 1, "b": { "c": 2 } }, "x"]))
        ]
    ));
    insta::assert_snapshot!(yaml(YAML, &[unset("gateway"), set("agents", json!("none"))]));
    assert_eq!(yaml("a:\n  b: 1\n  c: 2\n", &[unset("a.b"), unset("a.c")]), "a: {}\n");
    assert_eq!(yaml("a: 1\n", &[unset("a")]), "");
    assert_eq!(yaml("", &[set("a.b", json!(1))]), "a:\n  b: 1\n");
    assert_eq!(yaml("# only\n", &[set("a", json!("no"))]), "# only\na: \"no\"\n");
    assert_eq!(yaml("a: 1\r\nb: 2\r\n", &[set("c", json!(3)), unset("a")]), "b: 2\r\nc: 3\r\n");
}

#[test]
fn yaml_in_other_hands_is_edited_too() {
    let flush = "a: # c
- x
- y # why
b:
    c: 1
    d:
    - e: 1
      f: 2
...
";
    assert_eq!(
        yaml(&yaml(flush, &[set("a[2]", json!("z"))]), &[unset("a[0]")]),
        flush.replace("- x\n", "").replace("# why\n", "# why\n- z\n")
    );
    assert_eq!(yaml(flush, &[set("a", json!("z"))]), flush.replace("a: # c\n- x\n- y # why", "a: z # c # why"));
    assert_eq!(
        yaml(flush, &[set("b.d[0].g", json!({ "h": 1 })), set("b.i", json!([]))]),
        flush.replace("f: 2\n", "f: 2\n      g:\n        h: 1\n    i: []\n")
    );
    assert_eq!(yaml(flush, &[unset("b.d[0]"), unset("a")]), "b:\n    c: 1\n    d: []\n...\n");
    assert_eq!(yaml("---\n# c\n", &[set("a", json!(1))]), "---\n# c\na: 1\n");
    assert_eq!(yaml("\u{feff}a: 1\n", &[set("a", json!(2))]), "\u{feff}a: 2\n");
    assert_eq!(
        yaml(
            "a: >-\n  folded\n  text\nb: 'it''s'\nc: \"x\"\n",
            &[set("a", json!("x y")), set("b", json!("it's")), set("c", json!("y"))]
        ),
        "a: x y\nb: 'it''s'\nc: \"y\"\n"
    );
    assert_eq!(
        yaml("a: {b: 1,\n  c: 2, # why\n  d: 3}\n", &[unset("a.c"), set("a.e", json!("f g"))]),
        "a: {b: 1,\n  d: 3, e: f g}\n"
    );
    assert_eq!(
        yaml("a: &my-list !!seq\n- -1\n- -2\n", &[set("a[1]", json!(-3)), set("a[2]", json!(-4))]),
        "a: &my-list !!seq\n- -1\n- -3\n- -4\n"
    );
    assert_eq!(yaml("a: [1, 2]\n", &[set("a", json!([])), set("b", json!({}))]), "a: []\nb: {}\n");
    assert_eq!(yaml("a: [1, 2] # c\n", &[set("a[1]", json!({ "b": 1 }))]), "a: [1, { b: 1 }] # c\n");
}

#[test]
fn a_patch_merges_as_rfc_7396_has_it() {
    let text = "{ a: { b: 1, c: 2 }, d: 'x' }";
    let patched = |patch| json5(text, &[merge(patch)]);
    assert_eq!(patched(json!({ "a": { "b": null, "e": 3 } })), "{ a: { c: 2, e: 3 }, d: 'x' }");
    assert_eq!(
        patched(json!({ "d": { "f": null, "g": 1 } })),
        "{ a: { b: 1, c: 2 }, d: { g: 1 } }".replace("{ g: 1 }", "{\n  g: 1,\n}")
    );
    assert_eq!(patched(json!({ "a": [1] })), "{ a: [1], d: 'x' }");
    assert_eq!(patched(json!({ "nothing": null, "a": {} })), text);
    assert_eq!(
        json5(text, &[Edit::Merge { path: Some("a".parse().unwrap()), patch: json!({ "b": 9 }) }]),
        "{ a: { b: 9, c: 2 }, d: 'x' }"
    );
}

#[test]
fn a_replaced_text_is_the_one_that_was_given() {
    let text = "{ b: 1 } // mine";
    assert_eq!(json5(JSON5, &[Edit::Replace { text: text.into() }]), text);
    assert!(matches!(edit("{}", Format::Json5, &[Edit::Replace { text: "{".into() }]), Err(EditError::Unreadable(_))));
    // Nothing changes: not a byte does.
    assert_eq!(json5(JSON5, &[set("gateway.port", json!(18789)), unset("nothing.there")]), JSON5);
}

#[test]
fn edits_that_cannot_be_made_say_why() {
    let refusal = |text, format, edits: &[Edit]| edit(text, format, edits).unwrap_err().to_string();
    let j = Format::Json5;
    insta::assert_snapshot!(refusal(JSON5, j, &[set("gateway.port.x", json!(1))]), @"gateway.port.x: cannot be set, because `gateway.port` is a number; set `gateway.port` itself, or unset it first");
    insta::assert_snapshot!(refusal(JSON5, j, &[set("agents.list.first", json!(1))]), @"agents.list.first: cannot be set, because `agents.list` is a list; set `agents.list` itself, or unset it first");
    insta::assert_snapshot!(refusal(JSON5, j, &[set("agents.list[7]", json!(1))]), @"agents.list[7]: the list has 3 items; the next one has the number 3");
    insta::assert_snapshot!(refusal("{", j, &[unset("a")]), @"config syntax error at 1:1: EOF parsing object");
    let anchors = "base: &b\n  port: 1\nother: *b\nmerged:\n  <<: *b\n  bind: lan\n";
    let y = Format::Yaml;
    insta::assert_snapshot!(refusal(anchors, y, &[set("other.port", json!(2))]), @"other: is written through a YAML alias or merge key; edit it where its anchor is, or write it out by hand first");
    insta::assert_snapshot!(refusal(anchors, y, &[unset("merged.port")]), @"merged.port: is written through a YAML alias or merge key; edit it where its anchor is, or write it out by hand first");
    insta::assert_snapshot!(refusal(anchors, y, &[set("base.port", json!(2))]), @"base.port: the text around it is written in a way that cannot be edited safely; change the file by hand");
    insta::assert_snapshot!(refusal("? a\n: b\n", y, &[set("a", json!(2))]), @"a: the text around it is written in a way that cannot be edited safely; change the file by hand");
    assert_eq!(edit(anchors, y, &[set("merged.bind", json!("loopback"))]).unwrap(), anchors.replace("lan", "loopback"));
    assert!(matches!(edit("{}", j, &vec![unset("a"); MAX_EDITS + 1]), Err(EditError::TooMany)));
    let deep = "a.".repeat(60) + "b";
    assert!(matches!(edit("{}", j, &[set(&deep, json!([[[[[[1]]]]]]))]), Err(EditError::TooDeep)));
    assert!(matches!(
        edit("{}", j, &[set("a", json!("x".repeat(crate::MAX_BYTES)))]),
        Err(EditError::Unreadable(ConfigError::TooLarge))
    ));
    assert!(!format!("{:?}", set("a.b", json!("hidden"))).contains("hidden"));
}

/// Any value of a configuration.
fn values() -> impl Strategy<Value = Value> {
    let leaves = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e9f64..1e9).prop_map(Value::from),
        "[a-z: #,\\[\\]{}'\"\\\\\n-]{0,10}".prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaves.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec(("[ab]{1,2}|[a-z .\"-]{0,5}", inner), 0..4)
                .prop_map(|entries| Value::Object(entries.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn objects() -> impl Strategy<Value = Value> {
    prop::collection::vec(("[ab]{1,2}|[a-z .\"-]{1,5}", values()), 0..5)
        .prop_map(|entries| Value::Object(entries.into_iter().collect::<Map<_, _>>()))
}

/// The value as somebody might write it, with a comment behind every line.
fn written(value: &Value, format: Format, bare_keys: bool) -> String {
    let style = tree::Style { format, bare_keys, unit: 2, eol: "\n" };
    let text = match (format, value.as_object()) {
        (Format::Yaml, Some(object)) => {
            object.iter().map(|(key, value)| render::block_entry(key, value, 0, style) + "\n").collect()
        }
        _ => render::lines(value, "", style),
    };
    let mark = if format == Format::Yaml { "#" } else { "//" };
    text.lines().enumerate().map(|(number, line)| format!("{line} {mark} note {number}.\n")).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Whatever is edited: the text means what was meant, and no comment is there twice.
    #[test]
    fn the_text_follows_the_value(before in objects(), patch in objects(), bare in any::<bool>(), yaml in any::<bool>()) {
        let format = if yaml { Format::Yaml } else { Format::Json5 };
        let text = written(&before, format, bare);
        prop_assert_eq!(&document::parse(&text, format).unwrap(), &before);
        let mut after = before.clone();
        for op in leaves(None, &patch) {
            apply(&mut after, &op).unwrap();
        }
        let new = match edit(&text, format, &[merge(patch)]) {
            Ok(new) => new,
            // A refusal is no corruption; that it is rare is what the other tests show.
            Err(EditError::Unsafe { .. }) => return Ok(()),
            Err(other) => return Err(TestCaseError::fail(other.to_string())),
        };
        prop_assert_eq!(document::parse(&new, format).unwrap(), after);
        for number in 0..text.lines().count() {
            prop_assert!(new.matches(&format!(" note {number}.\n")).count() <= 1, "{}", new);
        }
    }

    /// A new key leaves every comment, and taking it out again leaves every byte.
    #[test]
    fn a_new_key_can_be_taken_back(before in objects(), value in values(), yaml in any::<bool>()) {
        prop_assume!(before.get("zz").is_none(), "it is new");
        let format = if yaml { Format::Yaml } else { Format::Json5 };
        let text = written(&before, format, true);
        let new = edit(&text, format, &[set("zz", value)]).unwrap();
        for number in 0..text.lines().count() {
            prop_assert!(new.contains(&format!(" note {number}.\n")), "{}", new);
        }
        let back = edit(&new, format, &[unset("zz")]).unwrap();
        if before != json!({}) {
            prop_assert_eq!(back, text);
        }
    }

    #[test]
    fn any_text_is_edited_or_refused(text in "[a-z{}\\[\\]:,'\"\\n &*<$!|>#/\\\\0-9.?-]{0,60}", yaml in any::<bool>(), patch in objects()) {
        let format = if yaml { Format::Yaml } else { Format::Json5 };
        if let Ok(new) = edit(&text, format, &[merge(patch.clone())]) {
            let mut after = document::parse(&text, format).unwrap();
            leaves(None, &patch).iter().for_each(|op| apply(&mut after, op).unwrap());
            prop_assert_eq!(document::parse(&new, format).unwrap(), after);
        }
    }
}
