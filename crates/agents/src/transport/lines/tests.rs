use super::*;

fn split(chunks: &[&[u8]]) -> Vec<String> {
    let mut lines = Lines::default();
    let mut found = Vec::new();
    for chunk in chunks {
        lines.push(chunk);
        while let Some(line) = lines.next_line() {
            found.push(String::from_utf8(line.to_vec()).expect("valid UTF-8"));
        }
    }
    found
}

#[test]
fn every_line_end_gives_the_same_lines_wherever_the_chunks_end() {
    for end in ["\n", "\r\n", "\r"] {
        let text = ["\u{feff}eins", "zwei ü", "", "drei", ""].join(end);
        for cut in 0..=text.len() {
            let (head, tail) = text.as_bytes().split_at(cut);
            assert_eq!(split(&[head, tail]), ["eins", "zwei ü", "", "drei"], "{end:?} cut at {cut}");
        }
        let bytes: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
        assert_eq!(split(&bytes), ["eins", "zwei ü", "", "drei"], "{end:?} byte by byte");
    }
}

#[test]
fn only_the_first_mark_is_dropped() {
    assert_eq!(split(&["\u{feff}\u{feff}a\n\u{feff}b\n".as_bytes()]), ["\u{feff}a", "\u{feff}b"]);
}

#[test]
fn the_rest_is_the_line_without_an_end() {
    let mut lines = Lines::default();
    lines.push(b"a\r");
    assert_eq!(lines.next_line().as_deref(), Some(&b"a"[..]));
    lines.push(b"\nb");
    assert_eq!(lines.next_line(), None);
    assert_eq!(&lines.rest()[..], b"b");
    assert_eq!(lines.waiting(), 0);
}
