use std::sync::Arc;

use moa_core::{Conversation, LayerIndex, Reference};

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
fn what_is_known_is_how_every_longer_prompt_begins_and_it_holds_all_that_is_written_so_far() {
    let _turn = turn();
    let prompter = Prompter::new(model());
    let whole = prompter.encode_prompt(&prompt(4), &[]).unwrap();
    let mut before = 0;
    for known in 1..=4 {
        let text = reference(known).text;
        // At ends of words, so that what is written goes on with another token.
        for cut in text.match_indices(' ').map(|(cut, _)| cut) {
            let mut references: Vec<Reference> = (1..=known).map(reference).collect();
            references[known - 1].text = text[..cut].to_owned();
            let beginning = known_beginning(&prompter, &prompt(0).with_references(references)).unwrap();
            let right = common_prefix(&beginning, &whole);
            assert!(right + 1 >= beginning.len(), "{known}, {cut}: {right} of {}", beginning.len());
            assert!(right >= before, "{known}, {cut}: {right} after {before}");
            before = right;
        }
    }
    assert!(before + 40 > whole.len(), "{before} of {}", whole.len());
}

#[test]
fn without_references_nothing_is_known() {
    let _turn = turn();
    let prompter = Prompter::new(model());
    assert!(known_beginning(&prompter, &prompt(0)).unwrap().is_empty());
}
