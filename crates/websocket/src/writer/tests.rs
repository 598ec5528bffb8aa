use super::*;
use crate::tests::wire::{Then, Wire, sent};
use std::task::Waker;

const TEXT: u8 = 1;

fn flush(writer: &mut Writer, wire: &mut Wire) -> Poll<io::Result<()>> {
    writer.poll_flush(&mut &mut *wire, &mut Context::from_waker(Waker::noop()))
}

fn done(writer: &mut Writer, wire: &mut Wire) -> bool {
    matches!(flush(writer, wire), Poll::Ready(Ok(())))
}

#[test]
fn partial_writes_lose_nothing() {
    let mut wire = Wire::new([], Then::WaitsForEver);
    let mut writer = Writer::default();
    let mut expected = Vec::new();
    for i in 0..1000_usize {
        let body = vec![i as u8; i % 120];
        writer.queue(Opcode::Text, &[&body]);
        expected.extend(sent(TEXT, &body));
        wire.room = i % 7;
        assert!(!done(&mut writer, &mut wire));
        assert_eq!(wire.output.len() + writer.queued(), expected.len());
    }
    wire.room = usize::MAX;
    assert!(done(&mut writer, &mut wire));
    assert_eq!(wire.output, expected);
    assert_eq!(writer.memory(), 0);
}

#[test]
fn output_that_never_drains_entirely_does_not_pile_up() {
    let mut wire = Wire::new([], Then::WaitsForEver);
    let mut writer = Writer::default();
    writer.queue(Opcode::Text, &[&[b'x'; 10_000]]);
    for _ in 0..10_000 {
        writer.queue(Opcode::Text, &[&[b'x'; 98]]);
        wire.room = 100;
        wire.output.clear();
        assert!(!done(&mut writer, &mut wire));
    }
    assert!(writer.memory() < 64 * 1024, "{}", writer.memory());
}

#[test]
fn pong_accounting_survives_compaction() {
    let mut wire = Wire::new([], Then::WaitsForEver);
    let mut writer = Writer::default();
    writer.queue(Opcode::Text, &[&[b'x'; 10_000]]);
    for _ in 0..100 {
        writer.queue_pong(vec![1; 125]);
    }
    wire.room = 9_000;
    assert!(!done(&mut writer, &mut wire));
    writer.queue(Opcode::Text, &[b"compacts"]);
    writer.queue_pong(vec![2; 125]);
    wire.room = usize::MAX;
    assert!(done(&mut writer, &mut wire));
    assert!(wire.output.ends_with(&sent(10, &[2; 125])));
    wire.output.clear();
    writer.queue_pong(vec![3; 125]);
    assert!(done(&mut writer, &mut wire));
    assert_eq!(wire.output, sent(10, &[3; 125]), "room for pongs is back");
}

#[test]
fn the_stream_is_flushed_until_it_is_done_and_only_when_needed() {
    let mut wire = Wire::new([], Then::WaitsForEver);
    let mut writer = Writer::default();
    assert!(done(&mut writer, &mut wire));
    assert_eq!(wire.flushes, 0, "nothing was written");
    writer.queue(Opcode::Text, &[b"x"]);
    wire.flush_blocked = true;
    assert!(!done(&mut writer, &mut wire));
    assert!(writer.queued() == 0 && writer.is_waiting(), "the stream still holds it");
    wire.flush_blocked = false;
    assert!(done(&mut writer, &mut wire));
    assert!(wire.flushes == 1 && !writer.is_waiting());
}

#[test]
fn a_stream_that_takes_nothing_is_an_error() {
    struct Full;
    impl AsyncWrite for Full {
        fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
            Poll::Ready(Ok(0))
        }
        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }
    let mut writer = Writer::default();
    writer.queue(Opcode::Text, &[b"x"]);
    let Poll::Ready(Err(error)) = writer.poll_flush(&mut Full, &mut Context::from_waker(Waker::noop())) else {
        panic!("a write of nothing passed for progress");
    };
    assert_eq!(error.kind(), io::ErrorKind::WriteZero);
}
