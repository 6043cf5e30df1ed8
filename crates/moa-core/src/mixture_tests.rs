use super::*;

fn layer(names: &[&str]) -> Layer {
    Layer::new(names.iter().map(|name| Agent::new(*name, 16)).collect())
}

#[test]
fn the_aggregator_counts_as_a_layer() {
    let mixture = Mixture::new("m", vec![layer(&["a"]), layer(&["a"])], Agent::new("b", 16));
    assert_eq!(mixture.layer_count(), 3);
    assert_eq!(mixture.models().len(), 2);
    assert_eq!(mixture.check(), Ok(()));
}

#[test]
fn impossible_mixtures_are_refused() {
    let with = |layers| Mixture::new("m", layers, Agent::new("b", 16));
    assert!(matches!(with(vec![layer(&[])]).check(), Err(MixtureError::EmptyLayer { .. })));
    assert!(matches!(with(vec![layer(&["a", "a"])]).check(), Err(MixtureError::DuplicateAgent { .. })));
    let greedy_quorum = Layer { min_proposals: 2, ..layer(&["a"]) };
    assert!(matches!(with(vec![greedy_quorum]).check(), Err(MixtureError::Quorum { .. })));
    let mute = Mixture::new("m", vec![], Agent::new("b", 0));
    assert!(matches!(mute.check(), Err(MixtureError::NoTokens { .. })));
}

#[test]
fn what_is_read_goes_back_to_where_independent_answers_began() {
    let independent = |name: &str| Layer { independent: true, ..layer(&[name]) };
    let layers = vec![independent("a"), independent("b"), layer(&["c"]), independent("d")];
    let mixture = Mixture::new("m", layers, Agent::new("z", 16));
    let read = |mixture: &Mixture, asked| -> Vec<String> {
        mixture.read_at(asked).iter().map(|layer| layer.agents[0].name.clone()).collect()
    };
    assert_eq!(read(&mixture, 0), [""; 0]);
    assert_eq!(read(&mixture, 2), ["a", "b"]);
    assert_eq!(read(&mixture, 3), ["c"]);
    assert_eq!(read(&mixture, 4), ["c", "d"]);
    assert_eq!(read(&Mixture { residual: true, ..mixture }, 4), ["a", "b", "c", "d"]);
}
