use proptest::prelude::*;

use super::*;

fn split(pieces: &[&str]) -> (String, String) {
    let mut splitter = ThinkingSplitter::default();
    let (mut thought, mut answer) = (String::new(), String::new());
    let mut take = |piece: Piece| match piece {
        Piece::Thought(text) => thought.push_str(&text),
        Piece::Answer(text) => answer.push_str(&text),
    };
    for piece in pieces {
        splitter.push(piece).into_iter().for_each(&mut take);
    }
    splitter.finish().into_iter().for_each(&mut take);
    (thought, answer)
}

fn both(thought: &str, answer: &str) -> (String, String) {
    (thought.to_owned(), answer.to_owned())
}

#[test]
fn a_block_at_the_beginning_is_thinking_and_the_rest_is_the_answer() {
    assert_eq!(split(&["<think>hm</think>\n\nBlue."]), both("hm", "Blue."));
    assert_eq!(split(&[" \n<th", "ink>h", "m</thi", "nk>", "\n", "\nBlue", "."]), both("hm", "Blue."));
    assert_eq!(split(&["<thinking>hm</thinking>Blue."]), both("hm", "Blue."));
}

#[test]
fn text_that_only_looks_like_a_block_is_the_answer() {
    for answer in ["Blue.", "<thin air>", "Use <think>x</think>.", "<b>Blue</b>", "  <", ""] {
        assert_eq!(split(&[answer]), both("", answer), "{answer}");
    }
}

#[test]
fn thinking_that_never_ends_is_no_answer() {
    assert_eq!(split(&["<think>hm </thi"]), both("hm </thi", ""));
}

proptest! {
    #[test]
    fn where_the_text_is_cut_makes_no_difference(
        text in prop_oneof![
            ".{0,30}",
            "(<think>|<thinking>|\n)?[a-z<>/é ]{0,10}(</think>|</thinking>)?[a-z <>]{0,10}",
        ],
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let signs: Vec<char> = text.chars().collect();
        let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(signs.len() + 1)).collect();
        places.sort_unstable();
        let mut pieces = Vec::new();
        let mut from = 0;
        for place in places.into_iter().chain([signs.len()]) {
            pieces.push(signs[from..place].iter().collect::<String>());
            from = place;
        }
        let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
        prop_assert_eq!(split(&pieces), split(&[&text]));
    }
}
