//! Input that nobody meant well.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn any_preference() -> impl Strategy<Value = Option<f64>> {
    prop_oneof![
        3 => (1.0..=2.0_f64).prop_map(Some),
        1 => Just(None),
        1 => prop::sample::select(vec![0.0, 1.0, 1.5, 2.0, -1.0, 1e308, f64::NAN, f64::INFINITY]).prop_map(Some),
        1 => prop::num::f64::ANY.prop_map(Some),
    ]
}

proptest! {
    #[test]
    fn any_annotations_are_scored_or_refused(
        rows in prop::collection::vec((any_preference(), 0..300_usize), 0..30),
        c in prop::option::of(-5.0..5.0_f64),
    ) {
        let annotations: Vec<Annotation> = rows.into_iter().map(|(preference, more)| row(preference, more)).collect();
        let options = Options { c: c.map(|exponent| 10.0_f64.powf(exponent)), ..minimal() };
        if let Ok(score) = score(&annotations, &References::default(), &options) {
            prop_assert!((0.0..=100.0).contains(&score.win_rate.win_rate));
            match score.length_controlled_winrate {
                Some(controlled) => prop_assert!((0.0..=100.0).contains(&controlled)),
                None => prop_assert!(score.warnings.iter().any(|warning| warning.contains("length-controlled"))),
            }
            prop_assert!(serde_json::to_string(&score).is_ok());
        }
    }

    #[test]
    fn any_logprobs_give_a_preference_in_range_or_none(
        logprobs in prop::collection::vec((prop::sample::select(vec!["m", "M", " m", "x"]), prop::num::f64::ANY), 0..8),
    ) {
        let logprobs: Vec<TopLogprob> =
            logprobs.into_iter().map(|(token, logprob)| TopLogprob { token: token.to_owned(), logprob }).collect();
        if let Some(preference) = prompt_preference(&logprobs) {
            prop_assert!((1.0..=2.0).contains(&preference), "{}", preference);
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes: Vec<u8>, text in "[\\[{\"instructionoutput_12:,1.5e}\\]]*") {
        for bytes in [bytes.as_slice(), text.as_bytes()] {
            let _ = read_outputs(bytes);
            let _ = read_annotations(bytes);
            let _ = Difficulty::read(bytes);
            let _ = GamedRows::read(bytes);
            let _ = StoredWeights::read(bytes);
            let _ = Leaderboard::read(bytes);
        }
    }

    #[test]
    fn any_texts_can_be_shown_to_a_judge(texts in prop::array::uniform3("(\\{output_[12]\\}|\\{instruction\\}|<\\|im_(start|end)\\|>|\n|.)*")) {
        let template = "<|im_start|>user\n{instruction}{output_1}{output_2}<|im_end|>";
        let prompt = JudgePrompt::new(template).unwrap();
        let [instruction, first, second] = &texts;
        let _ = prompt.messages(instruction, first, second, true, Filling::Official);
        let safe = prompt.messages(instruction, first, second, false, Filling::Safe).unwrap();
        prop_assert_eq!(&safe[0].content, &texts.concat());
    }
}

#[test]
fn indexes_far_outside_are_refused() {
    for table in [
        "index,instruction_difficulty\n18446744073709551615,1\n",
        "index,instruction_difficulty\n0,1\n0,1\n",
        "index,instruction_difficulty\n0,nan\n",
    ] {
        assert!(Difficulty::read(table.as_bytes()).is_err(), "{table}");
    }
}

#[test]
fn megabytes_of_text_are_read_in_one_pass() {
    let long = "{output_2}<|im_start|>NaN".repeat(100_000);
    let text =
        json!([{"instruction": &long, "output_1": &long, "output_2": "", "preference": 1.5}]).to_string();
    let broken = text.replace("1.5", "NaN");
    assert_eq!(read_annotations(broken.as_bytes()).unwrap()[0].preference, None);
    let prompt = JudgePrompt::new("<|im_start|>user\n{instruction}{output_1}{output_2}<|im_end|>").unwrap();
    assert_eq!(prompt.messages(&long, &long, &long, false, Filling::Safe).unwrap().len(), 1);
}
