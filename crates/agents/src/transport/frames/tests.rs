use super::*;

fn frames(framing: Framing, text: &str) -> Vec<Frame> {
    let mut frames = Frames::new(framing, 1_000);
    frames.push(text.as_bytes());
    let mut found = Vec::new();
    while let Some(frame) = frames.next_frame().expect("within bounds") {
        found.push(frame);
    }
    found.extend(frames.end());
    found
}

fn data(text: &str) -> Frame {
    Frame::Data(Bytes::copy_from_slice(text.as_bytes()))
}

#[test]
fn events_follow_the_event_stream_rules() {
    let text = "event: x\nid: 1\nretry: 5\ndata: a\n\n:ping\n\ndata:b\ndata:  c\ndata\n\nevent: empty\n\ndata: cut";
    assert_eq!(frames(Framing::Events, text), [data("a"), Frame::Comment, data("b\n c\n")]);
}

#[test]
fn an_empty_first_data_line_counts() {
    assert_eq!(frames(Framing::Events, "data\ndata: x\n\n"), [data("\nx")]);
}

#[test]
fn json_lines_keep_a_last_line_without_its_end() {
    assert_eq!(frames(Framing::Lines, "{}\n \n[]"), [data("{}"), Frame::Comment, data("[]")]);
}

#[test]
fn an_oversized_event_is_refused_before_it_is_whole() {
    for text in [format!("data: {}", "x".repeat(2_000)), format!("data: {}\n", "x".repeat(600)).repeat(2)] {
        let mut frames = Frames::new(Framing::Events, 1_000);
        frames.push(text.as_bytes());
        let error = frames.next_frame().expect_err("too large");
        assert_eq!(error, Error::Protocol { what: "one event is over 1000 bytes".into() });
    }
}
