//! In which order the models of a mixture are loaded least.
//!
//! The layers of a mixture follow each other, but within a layer the order is free. Where not all models find room at once, it matters: what
//! is loaded last in one layer is still there in the next. All orders are tried out against the rule by which models leave (the one that was
//! used longest ago first, see `memory`), layer by layer, keeping the cheapest way to each set of models that are left loaded.

use std::collections::BTreeMap;

/// Layers with more models than this that are not loaded are taken in the order that they are given in: the orders are too many.
const MOST_PERMUTED: usize = 6;

/// How the models of a mixture come to be loaded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LoadOrder {
    /// For each layer the models that it needs, in the order in which they are used: those that are there first.
    pub layers: Vec<Vec<usize>>,
    /// For each layer those of them that have to be loaded for it.
    pub loaded: Vec<Vec<usize>>,
    /// The bytes that are loaded in all.
    pub loaded_bytes: u64,
}

/// The order in which the models of `layers` (as places in `bytes`) are loaded least, in bytes, when the budget holds so many.
///
/// A model that is larger than the budget is loaded all the same, alone: that it cannot be is told when it is tried.
#[must_use]
pub fn load_order(bytes: &[u64], layers: &[Vec<usize>], budget: u64) -> LoadOrder {
    // By what is loaded, the one used longest ago first.
    let mut ways: BTreeMap<Vec<usize>, LoadOrder> = BTreeMap::from([(Vec::new(), LoadOrder::default())]);
    for layer in layers {
        let mut needed: Vec<usize> = Vec::new();
        for model in layer {
            if !needed.contains(model) {
                needed.push(*model);
            }
        }
        let mut next: BTreeMap<Vec<usize>, LoadOrder> = BTreeMap::new();
        for (loaded, way) in &ways {
            let (here, missing): (Vec<usize>, Vec<usize>) =
                needed.iter().partition(|model| loaded.contains(model));
            for order in orders(&missing) {
                let after = use_in_order(bytes, loaded, &here, &order, budget);
                let loaded_bytes = way.loaded_bytes + order.iter().map(|model| bytes[*model]).sum::<u64>();
                if next.get(&after).is_some_and(|other| other.loaded_bytes <= loaded_bytes) {
                    continue;
                }
                let mut way = way.clone();
                way.layers.push([here.as_slice(), order.as_slice()].concat());
                way.loaded.push(order);
                next.insert(after, LoadOrder { loaded_bytes, ..way });
            }
        }
        ways = next;
    }
    ways.into_values().min_by_key(|way| way.loaded_bytes).unwrap_or_default()
}

/// What is loaded after a layer.
fn use_in_order(bytes: &[u64], loaded: &[usize], here: &[usize], order: &[usize], budget: u64) -> Vec<usize> {
    let mut loaded: Vec<usize> = loaded.iter().copied().filter(|model| !here.contains(model)).collect();
    loaded.extend(here);
    for model in order {
        let used = |loaded: &[usize]| loaded.iter().map(|model| bytes[*model]).sum::<u64>();
        while !loaded.is_empty() && used(&loaded) + bytes[*model] > budget {
            loaded.remove(0);
        }
        loaded.push(*model);
    }
    loaded
}

/// All orders of some models, the given one first.
fn orders(models: &[usize]) -> Vec<Vec<usize>> {
    if models.len() > MOST_PERMUTED {
        return vec![models.to_vec()];
    }
    if models.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for (place, first) in models.iter().enumerate() {
        let rest = [&models[..place], &models[place + 1..]].concat();
        all.extend(orders(&rest).into_iter().map(|order| [&[*first], order.as_slice()].concat()));
    }
    all
}

#[cfg(test)]
#[path = "load_order_tests.rs"]
mod tests;
