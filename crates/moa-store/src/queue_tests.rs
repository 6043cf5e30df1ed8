use std::sync::Arc;
use std::thread;

use moa_core::{CallId, LayerIndex, RunId};

use super::*;

const RUN: RunId = RunId::from_u128(1);
const CALL: CallId = CallId { layer: LayerIndex(1), agent: 1 };

fn delta(run: RunId, sequence: u64, text: &str) -> Event {
    Event {
        run,
        sequence,
        at_ms: 0.5,
        kind: EventKind::CallDelta { call: CALL, text: text.to_owned(), tokens: 1 },
    }
}

fn warning(sequence: u64) -> Event {
    Event {
        run: RUN,
        sequence,
        at_ms: 0.5,
        kind: EventKind::CallWarning { call: CALL, message: "hm".to_owned() },
    }
}

fn counts(batch: &Batch) -> Vec<u64> {
    batch.items.iter().map(Item::event_count).collect()
}

#[test]
fn deltas_of_a_run_gather_also_between_those_of_another() {
    let queue = Queue::new(QueueBounds::default());
    for sequence in 0..50 {
        queue.push(&delta(RUN, sequence, "a"));
        queue.push(&delta(RunId::from_u128(2), sequence, "b"));
    }
    assert_eq!(counts(&queue.take().unwrap()), [50, 50]);
}

#[test]
fn deltas_gather_only_while_nothing_comes_between_them() {
    let queue = Queue::new(QueueBounds::default());
    queue.push(&delta(RUN, 0, "a"));
    queue.push(&delta(RUN, 1, "b"));
    queue.push(&warning(2));
    queue.push(&delta(RUN, 3, "c"));
    // A number is missing, so the row cannot go on.
    queue.push(&delta(RUN, 5, "d"));
    assert_eq!(counts(&queue.take().unwrap()), [2, 1, 1, 1]);
}

#[test]
fn thoughts_gather_with_the_answer_that_follows_them() {
    let queue = Queue::new(QueueBounds::default());
    for sequence in 0..30 {
        let kind = EventKind::CallReasoning { call: CALL, text: "hm ".to_owned(), tokens: 1 };
        queue.push(&Event { run: RUN, sequence, at_ms: 0.5, kind });
    }
    queue.push(&delta(RUN, 30, "yes"));
    assert_eq!(counts(&queue.take().unwrap()), [31]);
}

#[test]
fn a_run_goes_on_in_a_block_of_its_own_after_each_write() {
    let queue = Queue::new(QueueBounds::default());
    queue.push(&delta(RUN, 0, "a"));
    assert_eq!(counts(&queue.take().unwrap()), [1]);
    queue.push(&delta(RunId::from_u128(2), 0, "b"));
    queue.push(&delta(RUN, 1, "c"));
    let runs: Vec<RunId> = queue.take().unwrap().items.iter().map(Item::run).collect();
    assert_eq!(runs, [RunId::from_u128(2), RUN]);
}

#[test]
fn a_block_never_holds_a_whole_long_run() {
    let queue = Queue::new(QueueBounds::default());
    for sequence in 0..10_000 {
        queue.push(&delta(RUN, sequence, ""));
    }
    queue.push(&delta(RUN, 10_000, &"long".repeat(100_000)));
    queue.push(&delta(RUN, 10_001, "next"));
    assert_eq!(counts(&queue.take().unwrap()), [4_096, 4_096, 1_809, 1]);
}

#[test]
fn a_full_queue_loses_deltas_first_and_counts_what_it_loses() {
    let queue = Queue::new(QueueBounds { pieces_bytes: 4_000, all_bytes: 8_000 });
    for sequence in 0..1_000 {
        queue.push(&delta(RUN, sequence, "token "));
    }
    let lost = queue.health().lost_events;
    assert!(lost > 500, "{lost}");
    assert!(queue.health().waiting_bytes < 5_000);
    queue.push(&warning(1_000));
    assert_eq!(queue.health().lost_events, lost, "what is no delta still has room");
    for sequence in 1_001..2_000 {
        queue.push(&warning(sequence));
    }
    assert!(queue.health().waiting_bytes < 9_000);
    let all_lost = queue.health().lost_events;
    let failure = queue.health().failure.unwrap();
    assert_eq!(failure.kind(), &StoreErrorKind::Overflow);
    assert!(failure.to_string().contains(&all_lost.to_string()));
    let batch = queue.take().unwrap();
    assert_eq!(batch.lost[&RUN], all_lost);
    assert_eq!(counts(&batch).iter().sum::<u64>(), 2_000 - all_lost);
    // What is being written counts until it is written.
    queue.push(&delta(RUN, 2_000, "late"));
    assert_eq!(queue.health().lost_events, all_lost + 1);
    queue.settle(&batch, 0, None);
    queue.push(&delta(RUN, 2_001, "in time"));
    assert_eq!(queue.health().lost_events, all_lost + 1);
    assert_eq!(counts(&queue.take().unwrap()), [1]);
}

#[test]
fn whatever_is_recorded_while_a_batch_is_written_is_flushed_too() {
    let queue = Arc::new(Queue::new(QueueBounds::default()));
    queue.push(&warning(0));
    let first = queue.take().unwrap();
    queue.push(&warning(1));
    let flushing = Arc::clone(&queue);
    let flush = thread::spawn(move || flushing.flush(Duration::from_mins(2)));
    queue.settle(&first, 0, None);
    let second = queue.take().unwrap();
    assert!(!flush.is_finished(), "the second event is not written yet");
    queue.settle(&second, 0, None);
    flush.join().unwrap().unwrap();
}

#[test]
fn a_queue_without_a_writer_says_so_and_holds_nobody_up() {
    let queue = Queue::new(QueueBounds::default());
    queue.push(&warning(0));
    let in_flight = queue.take().unwrap();
    queue.push(&warning(1));
    let failure = StoreError::new(StoreErrorKind::Failed, "gone");
    queue.stop(Some(failure.clone()));
    queue.push(&warning(2));
    queue.abandon(RUN);
    assert_eq!(counts(&in_flight), [1]);
    assert_eq!(queue.health().lost_events, 2);
    assert_eq!(queue.flush(Duration::from_mins(2)), Err(failure));
    queue.close(Duration::from_mins(2));
}
