use proptest::prelude::*;

use super::*;

#[test]
fn where_all_models_fit_each_is_loaded_once() {
    let order = load_order(&[3, 3, 3], &[vec![0, 1, 2], vec![0, 1, 2], vec![1]], 9);
    assert_eq!(order.loaded, [vec![0, 1, 2], vec![], vec![]]);
    assert_eq!(order.loaded_bytes, 9);
}

#[test]
fn the_last_model_of_a_layer_is_the_first_of_the_next() {
    // One at a time. In the order as given it would be seven loads.
    let order = load_order(&[1, 1, 1], &[vec![0, 1, 2], vec![0, 1, 2], vec![2]], 1);
    assert_eq!(order.loaded_bytes, 5);
    for (before, after) in order.layers.iter().zip(&order.layers[1..]) {
        assert_eq!(before.last(), after.first(), "{order:?}");
    }
}

#[test]
fn the_large_model_is_what_stays() {
    // The large one is in every layer; beside it one of the others fits.
    let order = load_order(&[10, 1, 1], &[vec![1, 0], vec![2, 0], vec![1, 0]], 11);
    assert_eq!(order.loaded.iter().flatten().filter(|model| **model == 0).count(), 1, "{order:?}");
}

#[test]
fn an_agent_twice_and_a_model_that_is_too_large_are_planned_all_the_same() {
    let order = load_order(&[5, 50], &[vec![0, 0, 1], vec![0]], 10);
    assert_eq!(order.layers[0].len(), 2);
    assert_eq!(load_order(&[], &[], 10), LoadOrder::default());
}

/// The bytes that are loaded when the missing models of each layer are taken in the order that `pick` chooses.
fn loaded_bytes(
    bytes: &[u64],
    layers: &[Vec<usize>],
    budget: u64,
    mut pick: impl FnMut(usize) -> usize,
) -> u64 {
    let (mut loaded, mut sum) = (Vec::new(), 0);
    for layer in layers {
        let (here, mut missing): (Vec<usize>, Vec<usize>) =
            layer.iter().partition(|model| loaded.contains(*model));
        let mut order = Vec::new();
        while !missing.is_empty() {
            order.push(missing.remove(pick(missing.len())));
        }
        sum += order.iter().map(|model| bytes[*model]).sum::<u64>();
        loaded = use_in_order(bytes, &loaded, &here, &order, budget);
    }
    sum
}

proptest! {
    /// No order that is drawn by lot loads less, and what is said to be loaded is loaded.
    #[test]
    fn no_other_order_loads_less(
        bytes in prop::collection::vec(1_u64..10, 4),
        layers in prop::collection::vec(prop::collection::btree_set(0_usize..4, 1..5), 1..5),
        budget in 9_u64..30,
        picks in prop::collection::vec(prop::collection::vec(0_usize..24, 20), 20),
    ) {
        let layers: Vec<Vec<usize>> = layers.into_iter().map(|layer| layer.into_iter().collect()).collect();
        let order = load_order(&bytes, &layers, budget);
        for picks in picks {
            let mut picks = picks.into_iter();
            let other = loaded_bytes(&bytes, &layers, budget, |count| picks.next().unwrap_or(0) % count);
            prop_assert!(order.loaded_bytes <= other, "{order:?} against {other}");
        }
        let told: u64 = order.loaded.iter().flatten().map(|model| bytes[*model]).sum();
        prop_assert_eq!(told, order.loaded_bytes);
        for (models, layer) in order.layers.iter().zip(&layers) {
            let mut models = models.clone();
            models.sort_unstable();
            prop_assert_eq!(&models, layer);
        }
    }
}
