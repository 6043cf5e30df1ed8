//! `moa eval flask fetch`: from the benchmark's own repository. No package carries it.

use moa_eval::flask::{JudgePrompt, Skillset, read_items};

use super::files::{EVALUATION, HARD_EVALUATION, PROMPT, SKILLSET};
use crate::commands::eval::sources::{Origin, Wanted, readable};

/// The files.
pub(super) const WANTED: [Wanted; 4] = [
    Wanted {
        file: &EVALUATION,
        optional: None,
        origins: &[Origin::Web {
            address: "https://raw.githubusercontent.com/kaistAI/FLASK/HEAD/evaluation_set/flask_evaluation.jsonl",
            bytes: 2_301_319,
            sha256: "791950bf1f159b048eba8fee205eba606926c25467a9a31e6f9b6affc2e3e13d",
        }],
        home: "the repository kaistAI/FLASK, evaluation_set/flask_evaluation.jsonl",
        check: |bytes| readable(read_items, bytes),
    },
    Wanted {
        file: &HARD_EVALUATION,
        optional: Some("for the hard set"),
        origins: &[Origin::Web {
            address: "https://raw.githubusercontent.com/kaistAI/FLASK/HEAD/evaluation_set/flask_hard_evaluation.jsonl",
            bytes: 119_459,
            sha256: "9830d65b2a137b9184039850c748f52dde369377a0ae06c00ccb6d464d5ebb48",
        }],
        home: "the repository kaistAI/FLASK, evaluation_set/flask_hard_evaluation.jsonl",
        check: |bytes| readable(read_items, bytes),
    },
    Wanted {
        file: &PROMPT,
        optional: None,
        origins: &[Origin::Web {
            address: "https://raw.githubusercontent.com/kaistAI/FLASK/HEAD/gpt_review/src/prompt.jsonl",
            bytes: 2_666,
            sha256: "64836bb1eb6940e7ddbbbf0ea66265191bfd49476036ca15fc2660bbfa326134",
        }],
        home: "the repository kaistAI/FLASK, gpt_review/src/prompt.jsonl",
        check: |bytes| readable(JudgePrompt::read, bytes),
    },
    Wanted {
        file: &SKILLSET,
        optional: None,
        origins: &[Origin::Web {
            address: "https://raw.githubusercontent.com/kaistAI/FLASK/HEAD/metadata_annotation/skillset/src/skillset_description.json",
            bytes: 11_979,
            sha256: "78f03c29f5a6510b76b8a765cb539c302d69898b7e4d7c68372c9cc2427e595e",
        }],
        home: "the repository kaistAI/FLASK, metadata_annotation/skillset/src/skillset_description.json",
        check: |bytes| readable(Skillset::read, bytes),
    },
];
