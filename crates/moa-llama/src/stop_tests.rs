use proptest::prelude::*;

use super::*;

fn run(stops: &[&str], pieces: &[&str]) -> (String, bool) {
    let mut matcher = StopMatcher::new(stops.iter().map(|stop| (*stop).to_owned()));
    let mut text = String::new();
    for piece in pieces {
        let checked = matcher.push(piece);
        text.push_str(&checked.text);
        if checked.stopped {
            return (text, true);
        }
    }
    text.push_str(&matcher.finish());
    (text, false)
}

#[test]
fn a_stop_text_over_several_pieces_is_not_shown() {
    assert_eq!(run(&["</end>"], &["well", " <", "/en", "d> more"]), ("well ".to_owned(), true));
}

#[test]
fn what_only_looked_like_a_stop_text_is_shown_in_full() {
    assert_eq!(run(&["</end>"], &["a <", "/e", "m>b</en"]), ("a </em>b</en".to_owned(), false));
}

#[test]
fn the_earliest_of_several_wins() {
    assert_eq!(run(&["zzz", "b"], &["abczzz"]), ("a".to_owned(), true));
}

#[test]
fn text_is_let_through_as_soon_as_it_cannot_be_a_stop() {
    let mut matcher = StopMatcher::new(["\n\n".to_owned()]);
    assert_eq!(matcher.push("one\n").text, "one");
    assert_eq!(matcher.push("two").text, "\ntwo");
}

#[test]
fn empty_and_many_byte_stops_are_harmless() {
    assert_eq!(run(&[""], &["abc"]), ("abc".to_owned(), false));
    assert_eq!(run(&["漢字"], &["x漢", "子漢", "字y"]), ("x漢子".to_owned(), true));
}

proptest! {
    #[test]
    fn the_cutting_of_the_text_does_not_matter(text in "[ab]{0,30}", stop in "[ab]{1,4}", size in 1_usize..5) {
        let pieces: Vec<String> = text.as_bytes().chunks(size).map(|c| String::from_utf8(c.to_vec()).unwrap()).collect();
        let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
        let expected = match text.find(&stop) {
            Some(end) => (text[..end].to_owned(), true),
            None => (text.clone(), false),
        };
        prop_assert_eq!(run(&[&stop], &pieces), expected);
    }
}
