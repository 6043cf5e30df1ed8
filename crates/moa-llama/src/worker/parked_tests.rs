use super::*;

fn state(tokens: &[Token]) -> State {
    State {
        tokens: tokens.to_vec(),
        bytes: tokens.iter().map(|token| u8::try_from(*token).unwrap()).collect(),
    }
}

fn parked(states: &[&[Token]]) -> Parked {
    let mut parked = Parked::default();
    for tokens in states {
        parked.put(state(tokens), 100);
    }
    parked
}

#[test]
fn the_longest_beginning_is_found_and_of_equal_ones_the_least_to_put_back() {
    let parked = parked(&[&[1, 2, 3, 4, 5, 6], &[1, 2, 9], &[7]]);
    assert_eq!(parked.longest_match(&[1, 2, 3, 8], 3), Some((0, 3)));
    assert_eq!(parked.longest_match(&[1, 2, 8], 2), Some((1, 2)));
    assert_eq!(parked.longest_match(&[1, 2, 9], 2), Some((1, 2)), "never more than asked for");
    assert_eq!(parked.longest_match(&[5], 0), None);
    assert_eq!(parked.longest_match(&[8, 8], 1), None);
}

#[test]
fn what_was_used_longest_ago_goes_where_there_is_no_room() {
    let mut parked = parked(&[&[1, 1, 1], &[2, 2, 2], &[3, 3]]);
    // Used again: it is the newest now.
    let again = parked.take(0).unwrap();
    parked.put(again, 100);
    parked.put(state(&[4, 4]), 7);
    assert_eq!(parked.cells(), 7);
    let held = [[2, 2], [3, 3], [1, 1], [4, 4]].map(|tokens| parked.holds(&tokens));
    assert_eq!(held, [false, true, true, true]);
    parked.put(state(&[5; 8]), 7);
    assert!(!parked.holds(&[5]), "one that never fits");
    assert_eq!(parked.cells(), 7, "sends nobody away");
    parked.shrink(0);
    assert_eq!((parked.cells(), parked.take(0)), (0, None));
}

#[test]
fn a_conversation_that_went_on_is_kept_once() {
    let mut parked = parked(&[&[1, 2], &[1, 2, 3], &[1, 9]]);
    assert_eq!(parked.cells(), 5);
    assert!(parked.holds(&[1, 2]) && parked.holds(&[1, 9]) && !parked.holds(&[1, 2, 3, 4]));
    assert_eq!(parked.take(0), Some(state(&[1, 2, 3])));
}
