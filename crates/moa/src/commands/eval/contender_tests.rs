use super::{Written, parse};

#[test]
fn samples_follow_the_last_colon() {
    let model = "ollama:llama3.2:1b";
    let written = format!("self-consistency:{model}:5");
    assert_eq!(parse(&written).unwrap(), Written::SelfConsistency { model, samples: 5 });
    assert_eq!(parse("self-moa:m:6").unwrap(), Written::SelfMoa { model: "m", samples: 6 });
    assert_eq!(parse("self-moa").unwrap(), Written::PresetOrModel("self-moa"));
    assert_eq!(parse(model).unwrap(), Written::PresetOrModel(model));
}

#[test]
fn samples_must_be_a_number() {
    for written in
        ["self-consistency:m", "self-consistency:m:0", "self-moa::3", "self-moa:m:1b", "self-moa:m:9999"]
    {
        assert!(parse(written).is_err(), "{written}");
    }
}
