//! The leaderboard's file.

use super::*;
use crate::test_data;

#[test]
fn a_score_takes_its_place() {
    let text = "\
,win_rate,standard_error,n_wins,n_wins_base,n_draws,n_total,discrete_win_rate,mode,avg_length,length_controlled_winrate,lc_standard_error
best,90.5,1.0,720,80,5,805,90.0,community,100,80.25,0.5
worst,10.0,1.0,80,720,5,805,10.0,verified,100,5.0,
";
    let mut leaderboard = Leaderboard::read(text.as_bytes()).unwrap();
    assert_eq!(leaderboard.write().unwrap(), text);
    let score = score(&rows(), &References::default(), &minimal()).unwrap();
    for _ in 0..2 {
        leaderboard.insert(LeaderboardRow::new(&score, "community"));
    }
    let models: Vec<_> = leaderboard.rows.iter().map(|row| row.model.as_str()).collect();
    assert_eq!(models, ["best", "model", "worst"]);
    let written = leaderboard.write().unwrap();
    assert_eq!(Leaderboard::read(written.as_bytes()).unwrap(), leaderboard);
}

#[test]
fn the_official_file_is_written_as_it_was_read() {
    let Some(text) = test_data::file("alpaca_eval/leaderboard_weighted_alpaca_eval_gpt4_turbo.csv") else {
        return;
    };
    let leaderboard = Leaderboard::read(&text).unwrap();
    assert!(leaderboard.rows.len() > 200);
    let written = leaderboard.write().unwrap();
    for (ours, official) in written.lines().zip(String::from_utf8(text).unwrap().lines()) {
        assert_eq!(ours, official);
    }
}
