//! Transcript lines as clients see them.

use openclaw_core::record::TranscriptMessage;
use serde_json::Value;

/// Bytes of messages in one reply; older ones are left out.
const REPLY_BYTES: usize = 6 * 1024 * 1024;

/// A line with its place in the transcript, its texts cut to `max_chars`.
pub(in crate::methods) fn message(line: &TranscriptMessage, max_chars: Option<usize>) -> Value {
    let mut shown = line.body.clone();
    if let Some(most) = max_chars {
        cut(&mut shown["content"], most);
    }
    crate::runs::message::place(&mut shown, Some(line.id), line.seq, line.run_id.as_ref(), line.ts);
    shown
}

fn cut(content: &mut Value, most: usize) {
    match content {
        Value::String(text) => {
            if let Some((end, _)) = text.char_indices().nth(most) {
                text.truncate(end);
                text.push('…');
            }
        }
        Value::Array(parts) => parts.iter_mut().for_each(|part| {
            if part["text"].is_string() {
                cut(&mut part["text"], most);
            }
        }),
        _ => {}
    }
}

/// The newest messages that fit one reply.
pub(in crate::methods) fn within_bytes(messages: Vec<Value>) -> Vec<Value> {
    let mut bytes = 0;
    let mut kept: Vec<Value> = messages
        .into_iter()
        .rev()
        .take_while(|message| {
            bytes += message.to_string().len();
            bytes <= REPLY_BYTES
        })
        .collect();
    kept.reverse();
    kept
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_are_cut_at_characters() {
        let mut content = json!([{ "type": "text", "text": "äöü" }]);
        cut(&mut content, 2);
        assert_eq!(content[0]["text"], "äö…");
    }
}
