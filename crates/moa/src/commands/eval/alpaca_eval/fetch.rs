//! `moa eval alpaca-eval fetch`: what the package ships, and what only the hub has.

use moa_eval::alpaca::{Difficulty, GamedRows, JudgePrompt, Leaderboard, read_outputs};

use super::files::{BASELINE, DIFFICULTY, GAMED, LEADERBOARD, PROMPT};
use crate::commands::eval::sources::{Origin, Wanted, readable};

const PACKAGE: &str = "alpaca-eval";
const VERSION: &str = "0.6.6";
const REPOSITORY: &str = "datasets/tatsu-lab/alpaca_eval";
const HOME: &str = "the data set tatsu-lab/alpaca_eval of the Hugging Face hub";

/// The files, those of the package first.
pub(super) const WANTED: [Wanted; 5] = [
    Wanted {
        file: &PROMPT,
        optional: None,
        origins: &[Origin::Package {
            name: PACKAGE,
            version: VERSION,
            entry: "alpaca_eval/evaluators_configs/alpaca_eval_clf_gpt4_turbo/alpaca_eval_clf.txt",
            bytes: 1398,
            sha256: "784227e6dc2832fc08c43d2c8ea3a308e7523780187a1aaad2f85e30bac85f62",
        }],
        home: "the repository tatsu-lab/alpaca_eval, src/alpaca_eval/evaluators_configs/alpaca_eval_clf_gpt4_turbo/alpaca_eval_clf.txt",
        check: |bytes| readable(|bytes| JudgePrompt::new(&String::from_utf8_lossy(bytes)), bytes),
    },
    Wanted {
        file: &LEADERBOARD,
        optional: Some("to stand beside scores"),
        origins: &[Origin::Package {
            name: PACKAGE,
            version: VERSION,
            entry: "alpaca_eval/leaderboards/data_AlpacaEval_2/weighted_alpaca_eval_gpt4_turbo_leaderboard.csv",
            bytes: 28_339,
            sha256: "fe32bf85c2f7429038faa4c9a884d1d131726454ff84a4b810a91c1c7a2aa0e9",
        }],
        home: "the repository tatsu-lab/alpaca_eval, src/alpaca_eval/leaderboards/data_AlpacaEval_2",
        check: |bytes| readable(Leaderboard::read, bytes),
    },
    Wanted {
        file: &BASELINE,
        optional: None,
        origins: &[Origin::Hub { repository: REPOSITORY, file: "alpaca_eval_gpt4_baseline.json" }],
        home: HOME,
        check: |bytes| readable(read_outputs, bytes),
    },
    Wanted {
        file: &GAMED,
        optional: Some("for length-controlled win rates that are comparable with the leaderboard's"),
        origins: &[Origin::Hub { repository: REPOSITORY, file: "df_gamed.csv" }],
        home: HOME,
        check: |bytes| readable(GamedRows::read, bytes),
    },
    Wanted {
        file: &DIFFICULTY,
        optional: Some("for length-controlled win rates out of stored weights, or without the gamed rows"),
        origins: &[Origin::Hub { repository: REPOSITORY, file: "instruction_difficulty.csv" }],
        home: HOME,
        check: |bytes| readable(Difficulty::read, bytes),
    },
];
