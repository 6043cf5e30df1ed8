//! A stream of events gives the same events however it is cut. The last byte is the size of the pieces.
#![no_main]

use libfuzzer_sys::fuzz_target;
use moa_openai::{SseDecoder, SseError, SseEvent};

/// Small, so that lines and events that are too long come up.
const LIMIT_BYTES: usize = 256;

fn decoded(bytes: &[u8], piece_bytes: usize) -> (Vec<SseEvent>, Option<SseError>, Option<SseEvent>) {
    let mut decoder = SseDecoder::with_limit(LIMIT_BYTES);
    let mut events = Vec::new();
    let mut error = None;
    for piece in bytes.chunks(piece_bytes) {
        error = decoder.push(piece, &mut events).err();
        if error.is_some() {
            break;
        }
    }
    let last = decoder.finish();
    (events, error, last)
}

fuzz_target!(|bytes: &[u8]| {
    let Some((size, stream)) = bytes.split_last() else { return };
    let (events, error, last) = decoded(stream, usize::from(*size).max(1));
    assert!(events.iter().chain(&last).all(|event| event.data.len() <= 3 * LIMIT_BYTES));
    assert_eq!((events, error, last), decoded(stream, 1));
});
