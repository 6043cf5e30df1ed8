use std::sync::Arc;

use moa_core::{Conversation, LayerIndex};

use super::*;
use crate::testing::{model, turn};

fn reference(number: usize) -> Reference {
    let agent = format!("agent-{number}");
    let text = format!("Answer {number}: the harbour lies north of the {number}th lighthouse.");
    Reference { layer: LayerIndex(1), agent, model: "m".into(), text }
}

fn prompt(references: usize) -> Prompt {
    let conversation = Conversation::ask("Where is the harbour?");
    Prompt::new(conversation, (1..=references).map(reference).collect(), Arc::default())
}

#[test]
fn what_is_known_is_how_every_longer_prompt_begins_and_it_holds_all_the_references_so_far() {
    let _turn = turn();
    let prompter = Prompter::new(model());
    let mut before = 0;
    for known in 1..=3 {
        let beginning = known_beginning(&prompter, &prompt(known)).unwrap();
        for all in known + 1..=4 {
            let whole = prompter.encode_prompt(&prompt(all), &[]).unwrap();
            assert!(whole.starts_with(&beginning), "{known} of {all}");
        }
        let longer = known_beginning(&prompter, &prompt(known + 1)).unwrap();
        assert!(longer.len() > beginning.len() + 10 && beginning.len() > before, "{known}");
        before = beginning.len();
    }
}

#[test]
fn without_references_nothing_is_known() {
    let _turn = turn();
    let prompter = Prompter::new(model());
    assert!(known_beginning(&prompter, &prompt(0)).unwrap().is_empty());
}
