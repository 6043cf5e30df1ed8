//! Content keys, and what else a request carries to its model.

use super::scripted::Step;
use super::*;
use crate::content_key::ContentKey;
use crate::conversation::Message;
use crate::image::Image;

async fn keys(asked: RunRequest) -> Vec<ContentKey> {
    let (a, z) = (Scripted::saying("a", "x"), Scripted::saying("z", "y"));
    let trace = trace_of(asked, models(&[&a, &z])).await;
    trace.calls().map(|call| call.key.clone().unwrap()).collect()
}

fn self_moa() -> Mixture {
    let mut mixture = mixture(&[&["a", "a"]]);
    mixture.layers[0].agents[1].name = "a#2".to_owned();
    mixture
}

#[tokio::test(start_paused = true)]
async fn a_repeated_run_has_the_same_keys_whatever_its_drawn_seed() {
    let first = keys(request(self_moa())).await;
    let again = keys(RunRequest { seed: RunSeed::Drawn(99), ..request(self_moa()) }).await;
    assert_eq!(first, again);
    // Two samples of one model are two answers.
    assert_ne!(first[0], first[1]);
    let chosen = keys(RunRequest { seed: RunSeed::Given(7), ..request(self_moa()) }).await;
    assert_ne!(first[0], chosen[0]);
    let other = keys(RunRequest { conversation: Conversation::ask("When?"), ..request(self_moa()) }).await;
    assert_ne!(first[2], other[2]);
}

#[tokio::test(start_paused = true)]
async fn the_aggregators_key_changes_with_what_it_reads() {
    let one = keys(request(mixture(&[&["a"]]))).await;
    let two = keys(request(self_moa())).await;
    assert_eq!(one[0], two[0]);
    assert_ne!(one[1], two[2]);
}

#[tokio::test(start_paused = true)]
async fn images_are_left_out_for_a_model_that_cannot_see_and_that_is_said() {
    let z = Scripted::saying("z", "y");
    let image = Image { url: "data:image/png;base64,AAAA".to_owned(), detail: None, position_bytes: 0 };
    let looking = Message { images: vec![image], ..Message::user("What is this?") };
    let asked = RunRequest { conversation: Conversation::new(vec![looking]), ..request(mixture(&[])) };
    let trace = trace_of(asked, models(&[&z])).await;
    assert!(!z.requests()[0].prompt.conversation().has_images());
    assert_eq!(trace.warnings(), ["layer 1, z: the model cannot see: the images were left out"]);
}

#[tokio::test(start_paused = true)]
async fn what_a_model_thinks_is_shown_and_no_later_layer_reads_it() {
    let a = Scripted::new("a", &[Step::Say("<thi"), Step::Say("nk>let me see</think>"), Step::Say("Paris")]);
    let z = Scripted::saying("z", "Paris.");
    let trace = trace_of(request(mixture(&[&["a"]])), models(&[&a, &z])).await;
    let outcome = trace.calls().next().unwrap().outcome.clone().unwrap();
    assert_eq!((outcome.text.as_str(), outcome.reasoning.as_str()), ("Paris", "let me see"));
    assert!(z.system_message(0).unwrap().ends_with("1. Paris"));
    assert_eq!(outcome.usage.reasoning_tokens, 2);
}

#[tokio::test(start_paused = true)]
async fn shuffled_references_are_all_there_in_an_order_that_the_seed_decides() {
    let names = ["a", "b", "c", "d", "e"];
    let scripted: Vec<_> = names.iter().map(|name| Scripted::saying(name, name)).collect();
    let z = Scripted::saying("z", "y");
    let everyone: Vec<&Arc<Scripted>> = scripted.iter().chain([&z]).collect();
    let mut shuffled = mixture(&[&names]);
    shuffled.references.shuffled = true;
    for seed in [1, 1, 2, 3] {
        let asked = RunRequest { seed: RunSeed::Drawn(seed), ..request(shuffled.clone()) };
        let _ = trace_of(asked, models(&everyone)).await;
    }
    let order = |n: usize| -> Vec<String> {
        z.requests()[n].prompt.references().iter().map(|reference| reference.text.clone()).collect()
    };
    assert_eq!(order(0), order(1));
    assert!((0..4).any(|n| order(n) != names));
    let mut sorted = order(3);
    sorted.sort();
    assert_eq!(sorted, names);
}
