//! A stream of events gives the same events however it is cut. The first byte is the size of the pieces.
#![no_main]

use libfuzzer_sys::fuzz_target;
use moa_openai::{SseDecoder, SseError, SseEvent};

fn decoded(bytes: &[u8], piece_bytes: usize) -> (Vec<SseEvent>, Option<SseError>, Option<SseEvent>) {
    let mut decoder = SseDecoder::with_limit(256);
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
    let Some((size, stream)) = bytes.split_first() else { return };
    assert_eq!(decoded(stream, usize::from(*size).max(1)), decoded(stream, 1));
});
