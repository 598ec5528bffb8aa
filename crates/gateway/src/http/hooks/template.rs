//! Text with `{{a.b[0].c}}` in it, which stands for that part of a request's body. No code, no loops, no conditions.

use serde_json::Value;

/// Places in one template.
const PLACES: usize = 64;
/// Steps of one place.
const STEPS: usize = 16;
/// Bytes of what comes of a template.
const RESULT: usize = 256 * 1024;

/// Fills a template in. What is not there is empty; what is no text is JSON. The result is cut at its bound.
pub(super) fn filled(template: &str, body: &Value) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    for _ in 0..PLACES {
        let Some((before, after)) = rest.split_once("{{") else { break };
        let Some((place, after)) = after.split_once("}}") else { break };
        push(&mut out, before);
        match found(place.trim(), body) {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => push(&mut out, text),
            Some(other) => push(&mut out, &other.to_string()),
        }
        rest = after;
    }
    push(&mut out, rest);
    out
}

fn push(out: &mut String, text: &str) {
    let room = RESULT.saturating_sub(out.len());
    let end = if text.len() <= room {
        text.len()
    } else {
        (0..=room).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
    };
    out.push_str(&text[..end]);
}

/// The part of the body that a place names; `payload.` before it is the body itself.
fn found<'a>(place: &str, body: &'a Value) -> Option<&'a Value> {
    let place = place.strip_prefix("payload.").unwrap_or(place);
    let mut at = body;
    let mut steps = 0;
    for word in place.split('.') {
        let (name, mut indexes) = word.split_once('[').map_or((word, ""), |(name, rest)| (name, rest));
        if !name.is_empty() {
            at = at.get(name)?;
            steps += 1;
        }
        while !indexes.is_empty() {
            let (index, rest) = indexes.split_once(']')?;
            at = at.get(index.parse::<usize>().ok()?)?;
            indexes = rest.strip_prefix('[').unwrap_or("");
            if !rest.is_empty() && !rest.starts_with('[') {
                return None;
            }
            steps += 1;
        }
        if steps > STEPS {
            return None;
        }
    }
    (steps > 0).then_some(at)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn places_are_filled_in() {
        let body = json!({ "a": { "b": [{ "c": "x" }, 2] }, "n": 1.5, "t": true, "list": [[7]] });
        for (template, expected) in [
            ("{{a.b[0].c}}", "x"),
            ("<{{ payload.a.b[0].c }}>", "<x>"),
            ("{{n}} {{t}}", "1.5 true"),
            ("{{a.b}}", "[{\"c\":\"x\"},2]"),
            ("{{list[0][0]}}", "7"),
            ("{{missing}}|{{a.b[9]}}|{{a.b[x]}}|{{}}", "|||"),
            ("{{a.b[0]c}}", ""),
            ("no end {{a", "no end {{a"),
            ("}} {{n}}", "}} 1.5"),
            ("{{n}}{{n}}", "1.51.5"),
        ] {
            assert_eq!(filled(template, &body), expected, "{template}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_template_over_any_body_is_survived(template in ".*", word in "[a-z0-9\\[\\].{} ]*", text in ".*") {
            let body = json!({ "a": [text, { "b": [1, null] }], word.clone(): template });
            proptest::prop_assert!(filled(&template, &body).len() <= RESULT);
            let place = ["{{", &word, "}}"].concat();
            proptest::prop_assert!(filled(&place, &body).len() <= RESULT);
        }
    }

    #[test]
    fn what_comes_of_it_is_bounded_and_filled_in_once() {
        let body = json!({ "x": "{{y}}", "y": "secret", "big": "ä".repeat(100_000) });
        assert_eq!(filled("{{x}}", &body), "{{y}}");
        assert!(filled(&"{{big}}".repeat(64), &body).len() <= RESULT);
        assert_eq!(filled(&"{{y}}".repeat(PLACES + 1), &body).matches("secret").count(), PLACES);
        let deep = format!("{{{{{}}}}}", ["a"; 40].join("."));
        assert_eq!(filled(&deep, &body), "");
    }
}
