//! Judges that write anything.

use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn any_judgment_gives_a_grade_or_none(text in r"[\[\]0-9.,\- A-C]*|.*") {
        let score = extract_score(&text);
        prop_assert!(score.value() >= -1.0 && score.value().is_finite());
        for format in [OutputFormat::Letter, OutputFormat::TwoRatings, OutputFormat::Rating] {
            let _ = extract_pair_winner(&text, format);
        }
    }

    #[test]
    fn a_grade_is_found_whatever_stands_around_it(before in "[^\\[\\]]*", after in ".*", grade in 0..1000_i64) {
        prop_assert_eq!(extract_score(&format!("{before}[[{grade}]]{after}")), Score::Whole(grade));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
        let _ = read_questions(&bytes);
        let _ = read_answers(&bytes);
        let _ = read_judgments(&bytes);
        let _ = read_pair_judgments(&bytes);
        let _ = JudgePrompts::read(&bytes);
    }
}

#[test]
fn long_runs_of_brackets_and_digits_take_no_longer_than_they_are() {
    for text in ["[", "[[", "[[1", "1", "[[1.", "[[1,", "[[]]"] {
        assert_eq!(extract_score(&text.repeat(100_000)), Score::NONE, "{text}");
        assert_eq!(extract_pair_winner(&text.repeat(100_000), OutputFormat::TwoRatings), PairWinner::Error);
    }
    let digits = "9".repeat(100_000);
    assert_eq!(extract_score(&format!("[[{digits}]]")), Score::NONE);
    assert_eq!(extract_score("[[99999999999999999999]]"), Score::Decimal(1e20));
}
