use moa_core::{AgreedAnswer, CertaintyMeasure, RankMethod};

use super::*;
use crate::Overrides;
use crate::fixture::{refused, user};

fn mixture(keys: &str) -> Mixture {
    let text = format!(
        "[presets.a]\nlayers = 2\nproposers = [\"gemma-3-270m\", {{ model = \"gemma-3-270m\", name = \"wild\" }}]\n{keys}"
    );
    let resolved = user(&text).unwrap().preset("a", &Overrides::default()).unwrap();
    resolved.mixture.check().unwrap();
    resolved.mixture
}

fn choosing(by: ChoosingKind) -> Choosing {
    Choosing { by, keep: 1, prefer: Vec::new() }
}

#[test]
fn a_vote_needs_no_aggregator() {
    let by = ChoosingKind::Vote { answer: AnswerForm::Number };
    let voting =
        mixture("[presets.a.aggregation]\nkind = \"vote\"\nanswer = \"number\"\nprefer = [\"wild\"]\n");
    let expected = Choosing { prefer: vec!["wild".to_owned()], ..choosing(by) };
    assert_eq!(voting.aggregation, Aggregation::Choose(expected));
    // What must have a form is written by the first proposer.
    assert_eq!(voting.aggregator.name, "gemma-3-270m");
    let written = mixture("aggregator = \"qwen2.5-0.5b-instruct\"\naggregation = { kind = \"vote\" }\n");
    let marked = ChoosingKind::Vote { answer: AnswerForm::Marked };
    assert_eq!(written.aggregation, Aggregation::Choose(choosing(marked)));
    assert_eq!(written.aggregator.name, "qwen2.5-0.5b-instruct");
}

#[test]
fn mux_is_read_in_both_places() {
    let by = ChoosingKind::Mux { answer: AnswerForm::Choice };
    let keys = "aggregation = { kind = \"mux\", answer = \"choice\" }\n\
                select = { kind = \"mux\", answer = \"choice\", keep = 1 }\n";
    let mixture = mixture(keys);
    assert_eq!(mixture.aggregation, Aggregation::Choose(choosing(by)));
    assert_eq!(mixture.layers[0].select, Some(choosing(by)));
}

#[test]
fn certainty_is_measured_as_is_said() {
    let of = |keys: &str| mixture(&format!("aggregation = {{ kind = \"certainty\"{keys} }}\n")).aggregation;
    let by = |measure| Aggregation::Choose(choosing(ChoosingKind::Certainty { measure }));
    assert_eq!(of(""), by(CertaintyMeasure::LogProbability));
    assert_eq!(of(", measure = \"entropy\""), by(CertaintyMeasure::Entropy));
}

#[test]
fn a_judge_is_an_agent_like_any_other_and_only_set_up_where_it_is_asked() {
    let keys = "aggregation = { kind = \"rank\", method = \"pairwise\" }\n\
                judge = { model = \"qwen2.5-0.5b-instruct\", max-tokens = 30 }\n";
    let ranking = mixture(keys);
    let by = ChoosingKind::Rank { method: RankMethod::Pairwise };
    assert_eq!(ranking.aggregation, Aggregation::Choose(choosing(by)));
    let judge = ranking.judge.as_ref().unwrap();
    assert_eq!((judge.max_tokens, judge.sampling.temperature), (30, 0.0));
    assert!(ranking.models().contains(&"qwen2.5-0.5b-instruct".into()));
    let consistent = mixture(
        "select = { kind = \"universal-self-consistency\", keep = 2 }\naggregator = \"gemma-3-270m\"\n",
    );
    assert!(consistent.asks_judge() && consistent.judge.is_none());
    let text = "[presets.a]\nextends = \"tiny\"\njudge = \"gemma-3-270m\"\n";
    let idle = user(text).unwrap().preset("a", &Overrides::default()).unwrap();
    assert!(idle.mixture.judge.is_some() && !idle.models.contains_key(&"gemma-3-270m".into()));
}

#[test]
fn candidates_are_run_in_both_places() {
    let keys = "aggregation = { kind = \"run-candidates\", prefer = [\"wild\"] }\n\
                select = { kind = \"run-candidates\", keep = 1 }\n";
    let running = mixture(keys);
    let preferring = Choosing { prefer: vec!["wild".to_owned()], ..choosing(ChoosingKind::RunCandidates) };
    assert_eq!(running.aggregation, Aggregation::Choose(preferring));
    assert_eq!(running.layers[0].select, Some(choosing(ChoosingKind::RunCandidates)));
    assert!(running.runs_candidates() && !running.asks_judge());
    let refusal = refused(
        "[presets.a]\nextends = \"tiny\"\naggregation = { kind = \"run-candidates\", answer = \"number\" }\n",
    );
    assert!(refusal.contains("`answer`") && refusal.contains("run-candidates"), "{refusal}");
}

#[test]
fn an_aggregator_works_in_the_way_that_is_said() {
    let of = |keys: &str| {
        mixture(&format!("aggregator = \"gemma-3-270m\"\naggregation = {{ {keys} }}\n")).aggregation
    };
    assert_eq!(of("kind = \"analyse-then-write\""), Aggregation::AnalyseThenWrite);
    assert_eq!(of("kind = \"self-moa-seq\""), Aggregation::SelfMoaSeq { window: 6 });
    assert_eq!(of("kind = \"self-moa-seq\", window = 2"), Aggregation::SelfMoaSeq { window: 2 });
}

#[test]
fn agreement_ends_a_run_as_is_said() {
    let of = |keys: &str| {
        mixture(&format!("aggregator = \"gemma-3-270m\"\nearly-stop = {{ {keys} }}\n")).early_stop.unwrap()
    };
    let by_words = of("agreement = 0.8");
    assert_eq!((by_words.measure, by_words.then), (AgreementMeasure::Words, AgreedAnswer::Aggregate));
    let by_answer = of("agreement = 1, answer = \"number\", then = \"answer\"");
    assert_eq!(by_answer.measure, AgreementMeasure::Answer { form: AnswerForm::Number });
    assert_eq!((by_answer.agreement, by_answer.then), (1.0, AgreedAnswer::Answer));
    assert_eq!(of("agreement = 1, by = \"examples\"").measure, AgreementMeasure::Examples);
    assert_eq!(of("agreement = 1, by = \"words\"").measure, AgreementMeasure::Words);
    let marked = AgreementMeasure::Answer { form: AnswerForm::Marked };
    assert_eq!(of("agreement = 1, by = \"answer\"").measure, marked);
    let diverse = mixture("aggregator = \"gemma-3-270m\"\nselect = { kind = \"diverse\", keep = 1 }\n");
    assert_eq!(diverse.layers[0].select, Some(choosing(ChoosingKind::Diverse)));
}

#[test]
fn a_preset_takes_back_what_the_extended_one_says() {
    let text = "[presets.a]\nextends = \"article-shape\"\naggregation = { kind = \"vote\" }\nselect = { kind = \"vote\", keep = 2 }\n\
                [presets.b]\nextends = \"a\"\naggregation = { kind = \"synthesise\" }\n";
    let config = user(text).unwrap();
    let mixture = |name| config.preset(name, &Overrides::default()).unwrap().mixture;
    assert!(!mixture("a").aggregation.is_synthesis());
    assert!(mixture("b").aggregation.is_synthesis());
    assert_eq!(mixture("b").layers[1].select.as_ref().map(|select| select.keep), Some(2));
}

#[test]
fn a_layer_may_be_independent_of_the_one_before() {
    let text = "[presets.a]\nextends = \"article-shape\"\n[[presets.a.layer]]\nagents = [\"gemma-3-270m\"]\n\
                [[presets.a.layer]]\nagents = [\"gemma-3-270m\"]\nindependent = true\n";
    let mixture = user(text).unwrap().preset("a", &Overrides::default()).unwrap().mixture;
    assert_eq!(mixture.layers.iter().map(|layer| layer.independent).collect::<Vec<_>>(), [false, true]);
    assert_eq!(mixture.planned_calls(), 3);
}

#[test]
fn a_layer_says_for_itself_what_goes_on() {
    let text = "[presets.a]\nextends = \"article-shape\"\nselect = { kind = \"vote\", keep = 3 }\n\
                [[presets.a.layer]]\nagents = [\"gemma-3-270m\"]\nselect = { kind = \"vote\", answer = \"choice\", keep = 1 }\n\
                [[presets.a.layer]]\nagents = [\"gemma-3-270m\"]\n";
    let mixture = user(text).unwrap().preset("a", &Overrides::default()).unwrap().mixture;
    let selects: Vec<_> = mixture.layers.iter().map(|layer| layer.select.clone().unwrap()).collect();
    assert_eq!(selects[0], choosing(ChoosingKind::Vote { answer: AnswerForm::Choice }));
    assert_eq!(selects[1].keep, 3);
}

#[test]
fn what_does_not_go_together_is_refused_with_a_remedy() {
    let mistakes = [
        "aggregation = { kind = \"synthesise\", answer = \"number\" }",
        "aggregation = { kind = \"vote\", prefer = [\"nobody\"] }",
        "aggregation = { kind = \"voting\" }",
        "aggregation = { kind = \"vote\", measure = \"entropy\" }",
        "aggregation = { kind = \"self-moa-seq\", window = 1 }",
        "early-stop = { agreement = 0 }",
        "early-stop = { agreement = 1.5, then = \"answer\" }",
        "early-stop = { agreement = 1, by = \"examples\", answer = \"number\" }",
        "select = { kind = \"vote\" }",
        "select = { kind = \"vote\", keep = 0 }",
    ];
    let shown: Vec<String> =
        mistakes.iter().map(|keys| refused(&format!("[presets.a]\nextends = \"tiny\"\n{keys}\n"))).collect();
    insta::assert_snapshot!(shown.join("\n---\n"));
}

#[test]
fn preferences_for_layers_that_were_replaced_are_no_mistake() {
    let base = "[presets.a]\nproposers = [\"gemma-3-270m\"]\naggregation = { kind = \"vote\", prefer = [\"gemma-3-270m\"] }\n";
    let replaced = "[presets.b]\nextends = \"a\"\nproposers = [\"smollm2-135m-instruct\"]\n";
    let config = user(&format!("{base}{replaced}")).unwrap();
    assert!(config.preset("b", &Overrides::default()).is_ok());
    // Who says both at the same place means both.
    let own = format!("{replaced}aggregation = {{ kind = \"vote\", prefer = [\"gemma-3-270m\"] }}\n");
    assert!(user(&format!("{base}{own}")).is_err());
}
