//! Formats.

use serde_json::{Value, json};

use super::*;

fn output(instruction: &str, output: &str, generator: &str) -> ModelOutput {
    let dataset = "ours".to_owned();
    ModelOutput {
        dataset,
        instruction: instruction.to_owned(),
        output: output.to_owned(),
        generator: generator.to_owned(),
    }
}

#[test]
fn outputs_are_read_and_written() {
    let text = br#"[{"instruction": "a", "output": "\u00e4b", "generator": "m", "other": {"x": [1]}, "dataset": "d"}]"#;
    let outputs = read_outputs(text).unwrap();
    assert_eq!(read_outputs(write_outputs(&outputs).unwrap().as_bytes()).unwrap(), outputs);
    assert_eq!(average_length(&outputs), Some(2));
    assert_eq!(average_length(&[]), None);
    assert_eq!(generator_name(&outputs), "m");
    assert_eq!(generator_name(&[output("a", "", "m"), output("b", "", "n")]), "Current model");
}

#[test]
fn pairs_follow_the_baseline_and_what_is_left_out_is_told() {
    let baseline = [output("a", "1", "b"), output("b", "2", "b"), output("c", "3", "b")];
    let model = [output("c", "4", "m"), output("d", "5", "m"), output("a", "6", "m")];
    let pairing = Pairing::of(&baseline, &model, None).unwrap();
    let texts: Vec<_> =
        pairing.pairs.iter().map(|pair| (pair.output_1.as_str(), pair.output_2.as_str())).collect();
    assert_eq!(texts, [("1", "6"), ("3", "4")]);
    assert_eq!(pairing.warnings.len(), 2, "{:?}", pairing.warnings);
    assert!(Pairing::of(&baseline, &[output("a", "", "m"), output("a", "", "m")], None).is_err());
}

#[test]
fn a_limit_cuts_both_lists_alike() {
    let side = |generator: &str| {
        (0..10).map(|index| output(&index.to_string(), generator, generator)).collect::<Vec<_>>()
    };
    let pairing = Pairing::of(&side("b"), &side("m"), Some(3)).unwrap();
    let instructions: Vec<_> = pairing.pairs.iter().map(|pair| pair.instruction.as_str()).collect();
    assert_eq!(instructions, ["4", "0", "7"]);
}

#[test]
fn annotations_are_read_under_old_and_new_names() {
    let old = json!([{"instruction": "a", "output_1": "b", "output_2": "c", "generator_1": "d", "generator_2": "e",
        "dataset": "f", "annotator": "g", "preference": 1.25, "time_per_example": 2.0, "price_per_example": null,
        "raw_completion": {"text": "m"}}]);
    let annotations = read_annotations(old.to_string().as_bytes()).unwrap();
    assert_eq!(annotations[0].time_per_example, Some(2.0));
    assert_eq!(annotations[0].raw_completion, Some(json!({"text": "m"})));
    for names in [FieldNames::Old, FieldNames::New] {
        let written = write_annotations(&annotations, names).unwrap();
        assert_eq!(read_annotations(written.as_bytes()).unwrap(), annotations);
        let document: Value = serde_json::from_str(&written).unwrap();
        let name = if names == FieldNames::Old { "raw_completion" } else { "preference_raw_completion" };
        assert!(document[0].get(name).is_some());
    }
}

#[test]
fn preferences_have_ten_decimals() {
    let annotation = Annotation { preference: Some(1.0 + 1.0 / 3.0), ..Annotation::default() };
    let written = write_annotations(&[annotation], FieldNames::New).unwrap();
    assert!(written.contains("1.3333333333,"), "{written}");
    let without = write_annotations(&[Annotation::default()], FieldNames::New).unwrap();
    assert!(without.contains("\"preference\": null"));
}

#[test]
fn a_preference_that_python_wrote_as_nan_is_none() {
    let text = br#"[{"instruction": "a", "output_1": "NaN", "output_2": "c", "preference": NaN}]"#;
    let annotations = read_annotations(text).unwrap();
    assert_eq!((annotations[0].preference, annotations[0].output_1.as_str()), (None, "NaN"));
}
