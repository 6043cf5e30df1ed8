use super::*;

fn continuation(tokens: &[Token]) -> Option<Continuation> {
    let mut index = LookupIndex::default();
    index.read(tokens);
    index.continuation(tokens, tokens)
}

#[test]
fn what_followed_the_same_three_tokens_is_found_and_nothing_where_they_are_new() {
    let found = continuation(&[1, 2, 3, 40, 50, 9, 1, 2, 3]);
    assert_eq!(found, Some(Continuation { start: 3, match_tokens: 3 }));
    assert_eq!(continuation(&[1, 2, 3, 40, 50, 9, 1, 2, 4]), None);
    assert_eq!(continuation(&[1, 2]), None);
    assert_eq!(continuation(&[]), None);
}

#[test]
fn the_end_itself_is_no_place_that_something_followed() {
    assert_eq!(continuation(&[1, 2, 3]), None);
}

#[test]
fn of_several_places_the_one_with_more_alike_before_it_is_taken_and_else_the_latest() {
    let longer_first = [7, 8, 1, 2, 3, 40, 0, 1, 2, 3, 50, 7, 8, 1, 2, 3];
    assert_eq!(continuation(&longer_first), Some(Continuation { start: 5, match_tokens: 5 }));
    let alike = [0, 1, 2, 3, 40, 5, 1, 2, 3, 50, 6, 1, 2, 3];
    assert_eq!(continuation(&alike), Some(Continuation { start: 9, match_tokens: 3 }));
}

#[test]
fn a_text_that_repeats_itself_goes_on_repeating() {
    let found = continuation(&[5, 6, 5, 6, 5, 6]);
    assert_eq!(found, Some(Continuation { start: 4, match_tokens: 4 }));
}

#[test]
fn a_text_read_bit_by_bit_gives_what_the_whole_gives() {
    let text: Vec<Token> = (0..400).map(|number| number * number % 23).collect();
    let mut grown = LookupIndex::default();
    for end in 0..=text.len() {
        grown.read(&text[..end]);
        assert_eq!(grown.continuation(&text[..end], &text[..end]), continuation(&text[..end]), "{end}");
    }
}

#[test]
fn an_answer_is_found_in_the_text_of_another() {
    let mut index = LookupIndex::default();
    let other = [1, 2, 3, 4, 5, 6, 7];
    index.read(&other);
    assert_eq!(index.continuation(&other, &[9, 3, 4, 5]), Some(Continuation { start: 5, match_tokens: 3 }));
    assert_eq!(index.continuation(&other, &[9, 3, 4, 6]), None);
    // Nothing followed its end.
    assert_eq!(index.continuation(&other, &[5, 6, 7]), None);
}
