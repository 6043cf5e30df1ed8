use moa_core::Trace;

use super::{Analysis, DiffKind};
use crate::fixture::run;

#[test]
fn the_answer_is_laid_beside_every_proposal() {
    let first = "Blue light is scattered more than red light.";
    let events = run(&[[first, "Because of the sea."], [first, "The sea mirrors the sky."]], first);
    let analysis = Analysis::of(&Trace::of(&events));
    assert_eq!(analysis.proposals.len(), 4);
    let copied = &analysis.proposals[2];
    assert_eq!((copied.layer, copied.agent.as_str()), (2, "a"));
    for value in [copied.similarity.bleu, copied.similarity.tf_idf, copied.similarity.levenshtein] {
        assert!((value - 1.0).abs() < 1e-9, "{copied:?}");
    }
    assert!(analysis.proposals[3].similarity.bleu < 0.3);
}

#[test]
fn spans_count_as_browsers_do_and_name_the_last_layer() {
    let shared = "one two three four five";
    let events = run(&[[shared, "x"], ["y", shared]], "𝒳 one two three four five");
    let spans = Analysis::of(&Trace::of(&events)).spans;
    // The script letter has two UTF-16 code units.
    assert_eq!((spans[0].start, spans[0].end, spans[0].source.as_ref()), (0, 3, None));
    assert_eq!((spans[1].start, spans[1].end), (3, 26));
    let source = spans[1].source.as_ref().unwrap();
    assert_eq!((source.layer, source.agent.as_str()), (2, "b"));
}

#[test]
fn each_place_is_followed_through_the_layers() {
    let events = run(&[["a red sky", "x"], ["a blue sky", "x"]], "z");
    let agents = Analysis::of(&Trace::of(&events)).agents;
    assert_eq!(agents[0].agent, "a");
    assert!(agents[0].answers[0].diff.is_empty());
    let parts: Vec<(DiffKind, &str)> =
        agents[0].answers[1].diff.iter().map(|part| (part.kind, part.text.as_str())).collect();
    assert_eq!(
        parts,
        [
            (DiffKind::Same, "a "),
            (DiffKind::Removed, "red"),
            (DiffKind::Added, "blue"),
            (DiffKind::Same, " sky")
        ]
    );
}
