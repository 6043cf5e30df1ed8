use proptest::prelude::*;

use super::*;

fn push(buffer: &mut Utf8Buffer, bytes: &[u8]) -> String {
    buffer.bytes_mut().extend_from_slice(bytes);
    buffer.take()
}

#[test]
fn a_character_comes_out_when_its_last_byte_is_there() {
    let mut buffer = Utf8Buffer::default();
    let crab = "🦀".as_bytes();
    assert_eq!(push(&mut buffer, b"a"), "a");
    assert_eq!(push(&mut buffer, &crab[..1]), "");
    assert_eq!(push(&mut buffer, &crab[1..3]), "");
    assert_eq!(push(&mut buffer, &crab[3..]), "🦀");
    assert_eq!(buffer.finish(), "");
}

#[test]
fn bytes_that_are_no_text_are_replaced_and_hold_nothing_up() {
    let mut buffer = Utf8Buffer::default();
    assert_eq!(push(&mut buffer, b"a\xffb"), "a\u{fffd}b");
    assert_eq!(push(&mut buffer, b"\xe6\xbc"), "");
    assert_eq!(
        push(&mut buffer, b"x"),
        "\u{fffd}x",
        "the character that was begun cannot be completed any more"
    );
    assert_eq!(push(&mut buffer, b"\xf0\x9f"), "");
    assert_eq!(buffer.finish(), "\u{fffd}");
    assert_eq!(buffer.finish(), "");
}

proptest! {
    #[test]
    fn any_cutting_gives_the_same_text(text in "[a-zé漢🦀\n]{0,40}", cuts in prop::collection::vec(0_usize..160, 0..20)) {
        let bytes = text.as_bytes();
        let mut places: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
        places.extend([0, bytes.len()]);
        places.sort_unstable();
        let mut buffer = Utf8Buffer::default();
        let mut out: String = places.windows(2).map(|pair| push(&mut buffer, &bytes[pair[0]..pair[1]])).collect();
        out.push_str(&buffer.finish());
        prop_assert_eq!(out, text);
    }
}
