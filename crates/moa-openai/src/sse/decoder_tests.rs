use std::convert::Infallible;

use bytes::Bytes;
use futures::StreamExt as _;
use proptest::prelude::*;

use super::*;

/// The events of a stream that arrives in pieces of the given sizes, over and over.
fn decoded(bytes: &[u8], sizes: &[usize]) -> Vec<SseEvent> {
    let (mut decoder, mut events, mut rest) = (SseDecoder::default(), Vec::new(), bytes);
    for size in sizes.iter().cycle() {
        let (piece, after) = rest.split_at((*size).clamp(1, rest.len().max(1)).min(rest.len()));
        decoder.push(piece, &mut events).unwrap();
        rest = after;
        if rest.is_empty() {
            break;
        }
    }
    events
}

fn data(bytes: &[u8]) -> Vec<String> {
    decoded(bytes, &[usize::MAX]).into_iter().map(|event| event.data).collect()
}

/// What another decoder makes of the stream, until it gives up.
fn by_oracle(bytes: &[u8]) -> Vec<(Option<String>, String)> {
    let pieces = futures::stream::iter([Ok::<_, Infallible>(Bytes::copy_from_slice(bytes))]);
    let stream = sse_stream::SseByteStream::new(pieces);
    let events: Vec<_> = futures::executor::block_on(stream.collect());
    let shown = |sse: sse_stream::Sse| Some((sse.event.filter(|event| !event.is_empty()), sse.data?));
    events.into_iter().map_while(Result::ok).filter_map(shown).collect()
}

#[test]
fn every_line_ending_ends_lines() {
    for ending in ["\n", "\r\n", "\r"] {
        let stream = ["data: a", "data: b", "", "data:c", "", ""].join(ending);
        assert_eq!(data(stream.as_bytes()), ["a\nb", "c"], "{ending:?}");
    }
    assert_eq!(data(b"data: a\r\ndata: b\n\rdata: c\n\n"), ["a\nb", "c"]);
}

#[test]
fn comments_marks_and_unknown_fields_are_left_out() {
    let stream =
        b"\xef\xbb\xbf: hello\ndata: a\nid: 7\nretry: 9\nodd\n\n:\n\n\xef\xbb\xbfdata: b\n\ndata\n\n";
    assert_eq!(data(stream), ["a", ""]);
}

#[test]
fn one_space_after_the_colon_is_no_data() {
    assert_eq!(data(b"data:  a \n\n"), [" a "]);
}

#[test]
fn the_type_belongs_to_its_own_event_only() {
    let events = decoded(b"event: error\ndata: a\n\nevent: lost\n\ndata: b\n\n", &[1]);
    let types: Vec<_> = events.iter().map(|event| event.event.as_deref()).collect();
    assert_eq!(types, [Some("error"), None]);
}

#[test]
fn bytes_that_are_no_text_are_replaced_and_told() {
    let events = decoded(b"data: caf\xc3\n\ndata: ok\n\n", &[1]);
    assert_eq!((events[0].data.as_str(), events[0].is_lossy), ("caf\u{fffd}", true));
    assert!(!events[1].is_lossy);
}

#[test]
fn an_event_that_the_stream_ends_in_is_there_for_who_asks() {
    let mut decoder = SseDecoder::default();
    let mut events = Vec::new();
    decoder.push(b"data: a\n\ndata: b\ndata: c", &mut events).unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!(decoder.finish().unwrap().data, "b\nc");
    assert_eq!(decoder.finish(), None);
}

#[test]
fn lines_and_events_without_end_are_errors_that_stay() {
    let mut decoder = SseDecoder::with_limit(10);
    let mut events = Vec::new();
    let too_long = decoder.push(b"data: a\n\ndata: 0123456789", &mut events);
    assert_eq!(too_long, Err(SseError::LineTooLong { limit_bytes: 10 }));
    assert_eq!(events.len(), 1);
    assert_eq!(decoder.push(b"\n\n", &mut events), too_long);
    let mut decoder = SseDecoder::with_limit(10);
    let too_long = (0..10).find_map(|_| decoder.push(b"data: 012\n", &mut events).err());
    assert_eq!(too_long, Some(SseError::EventTooLong { limit_bytes: 10 }));
}

/// Streams that look like some, with everything that can be odd about them.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        4 => "data: ?[a-z\u{e9}\u{1f600}:{}\" ]{0,12}",
        1 => "event: ?[a-z]{0,5}",
        1 => ":[a-z ]{0,8}",
        1 => "(id|retry|dat|odd): ?[0-9a-z]{0,4}",
        1 => Just("data".to_owned()),
        3 => Just(String::new()),
    ];
    let ending = prop_oneof![Just("\n"), Just("\r\n"), Just("\r")];
    (any::<bool>(), prop::collection::vec((line, ending), 0..30)).prop_map(|(has_mark, lines)| {
        let mark = if has_mark { "\u{feff}" } else { "" };
        lines.iter().fold(mark.to_owned(), |text, (line, ending)| text + line + ending).into_bytes()
    })
}

proptest! {
    #[test]
    fn the_split_does_not_matter(stream in stream(), sizes in prop::collection::vec(1..9_usize, 1..6)) {
        prop_assert_eq!(decoded(&stream, &sizes), decoded(&stream, &[usize::MAX]));
    }

    #[test]
    fn another_decoder_reads_the_same(stream in stream()) {
        let ours = decoded(&stream, &[usize::MAX]).into_iter().map(|event| (event.event, event.data));
        prop_assert_eq!(ours.collect::<Vec<_>>(), by_oracle(&stream));
    }

    #[test]
    fn any_bytes_at_all_are_survived(
        bytes in prop::collection::vec(prop_oneof![any::<u8>(), Just(b'\n'), Just(b'\r'), Just(b':')], 0..400),
        sizes in prop::collection::vec(1..9_usize, 1..6),
    ) {
        prop_assert_eq!(decoded(&bytes, &sizes), decoded(&bytes, &[usize::MAX]));
    }
}
