//! Pairwise modes.

use super::*;

fn games(models: (&str, &str), winners: (GameWinner, GameWinner)) -> PairJudgment {
    PairJudgment {
        question_id: QuestionId::Number(81),
        model_1: models.0.to_owned(),
        model_2: models.1.to_owned(),
        g1_winner: winners.0,
        g2_winner: winners.1,
        judge: ("judge".to_owned(), "pair-v2".to_owned()),
        g1_user_prompt: String::new(),
        g1_judgment: String::new(),
        g2_user_prompt: String::new(),
        g2_judgment: String::new(),
        turn: Some(1),
        tstamp: 0.0,
        note: None,
    }
}

#[test]
fn letters_are_looked_for_in_their_order() {
    let of = |judgment| extract_pair_winner(judgment, OutputFormat::Letter);
    assert_eq!(of("[[B]] no, [[A]]"), PairWinner::A);
    assert_eq!(of("[[C]] no, [[B]]"), PairWinner::B);
    assert_eq!(of("[[C]]"), PairWinner::Tie);
    assert_eq!(of("A is better [A]"), PairWinner::Error);
}

#[test]
fn two_grades_within_a_tenth_are_a_tie() {
    let of = |judgment| extract_pair_winner(judgment, OutputFormat::TwoRatings);
    assert_eq!(of("[[8, 7.5]]"), PairWinner::A);
    assert_eq!(of("[[7,\t8]]"), PairWinner::B);
    assert_eq!(of("[7, 7.05]"), PairWinner::Tie);
    // In doubles 0.3 - 0.2 is just within, 1.1 - 1.0 just beyond a tenth.
    assert_eq!(of("[[0.3,0.2]]"), PairWinner::Tie);
    assert_eq!(of("[[1.1,1.0]]"), PairWinner::A);
    assert_eq!(of("[[7,  8]]"), PairWinner::Error);
    assert_eq!(of("[[7]]"), PairWinner::Error);
}

#[test]
fn the_second_game_is_told_from_the_other_side() {
    assert_eq!(PairWinner::A.model(false), GameWinner::Model1);
    assert_eq!(PairWinner::A.model(true), GameWinner::Model2);
    assert_eq!(PairWinner::B.model(true), GameWinner::Model1);
    assert_eq!(PairWinner::Tie.model(true), GameWinner::Tie);
}

#[test]
fn both_answers_are_shown() {
    let asked = question(1, "writing", &["q1", "q2"]);
    let of = Match { question: &asked, reference: None, turn: Turn::First };
    let request = prompts().pair(&of, &answer(1, &["x1", "x2"]), &answer(1, &["y1", "y2"])).unwrap();
    assert_eq!(request.user, "A x1 B y1");
    let asked = question(1, "math", &["q1", "q2"]);
    let reference = answer(1, &["r1", "r2"]);
    let of = Match { question: &asked, reference: Some(&reference), turn: Turn::Second };
    let request = prompts().pair(&of, &answer(1, &["x1", "x2"]), &answer(1, &["y1", "y2"])).unwrap();
    assert_eq!(request.user, "R r2 A x1 x2 B y2");
}

#[test]
fn a_model_wins_by_winning_both_games() {
    use GameWinner::{Error, Model1, Model2, Tie};
    let judgments = [
        games(("a", "b"), (Model1, Model1)),
        games(("a", "b"), (Model1, Model2)),
        games(("a", "c"), (Tie, Model1)),
        games(("c", "a"), (Model2, Model2)),
        games(("b", "c"), (Model2, Model2)),
        games(("a", "b"), (Error, Model1)),
    ];
    let rows = score_pairwise(&judgments, None).unwrap();
    let table: Vec<_> = rows.iter().map(|row| (row.model.as_str(), row.win, row.loss, row.tie)).collect();
    assert_eq!(table, [("a", 2, 0, 2), ("c", 1, 1, 1), ("b", 0, 2, 1)]);
    assert!((rows[0].win_rate_adjusted - 0.75).abs() < 1e-15);
    let against = score_pairwise(&judgments, Some("c")).unwrap();
    let table: Vec<_> = against.iter().map(|row| (row.model.as_str(), row.win, row.loss, row.tie)).collect();
    assert_eq!(table, [("a", 1, 0, 1), ("b", 0, 1, 0)]);
    assert!(score_pairwise(&judgments, Some("nobody")).is_err());
    let written = write_pair_judgments(&judgments).unwrap();
    assert!(written.contains(r#""g1_winner":"model_1""#) && written.contains(r#""g1_winner":"error""#));
    assert_eq!(read_pair_judgments(written.as_bytes()).unwrap(), judgments);
}

#[test]
fn winners_that_a_file_lacks_are_read_from_what_the_judge_wrote() {
    use GameWinner::{Error, Model1, Model2, Tie};

    let game = |first: &str, second: &str| serde_json::json!({"question_id": 81, "model_1": "a", "model_2": "b", "g1_judgment": first, "g2_judgment": second});
    let rows = [game("[[8,6]]", "[[5.5, 9]]"), game("So [[B]].", "[[7,7.05]]"), game("", "[[A]]")];
    let text = rows.map(|row| row.to_string()).join("\n");
    let read = read_pair_judgments(text.as_bytes()).unwrap();
    let winners: Vec<_> = read.iter().map(|row| (row.g1_winner, row.g2_winner)).collect();
    assert_eq!(winners, [(Model1, Model1), (Model2, Tie), (Error, Model2)]);
}
