//! What reaches which model.

use super::*;
use crate::conversation::Message;
use crate::layer::{CallId, LayerIndex};
use crate::sampling::Sampling;

#[tokio::test(start_paused = true)]
async fn each_layer_reads_the_answers_of_the_one_before() {
    let (a, b, z) =
        (Scripted::saying("a", "Paris"), Scripted::saying("b", "Lyon"), Scripted::saying("z", "Paris."));
    let trace = trace_of(request(mixture(&[&["a", "b"], &["a", "b"]])), models(&[&a, &b, &z])).await;

    assert_eq!(answer(&trace), "Paris.");
    assert_eq!(a.requests().len(), 2);
    assert_eq!(a.system_message(0), None);
    // Whole answers, not their letters; one block, not one more per layer or neighbour.
    for model in [&a, &b] {
        let block = model.system_message(1).unwrap();
        assert!(block.ends_with("1. Paris\n2. Lyon"), "{block}");
        assert_eq!(block.matches("Paris").count(), 1);
        assert_eq!(model.requests()[1].prompt.conversation(), &Conversation::ask("Where?"));
    }
    assert!(z.system_message(0).unwrap().ends_with("1. Paris\n2. Lyon"));
}

#[tokio::test(start_paused = true)]
async fn the_aggregator_is_asked_with_its_own_settings() {
    let (a, z) = (Scripted::saying("a", "x"), Scripted::saying("z", "y"));
    let mut mixture = mixture(&[&["a"]]);
    mixture.layers[0].agents[0].max_tokens = 5;
    mixture.aggregator.max_tokens = 900;
    mixture.aggregator.sampling = Sampling { temperature: 0.25, seed: Some(3), ..Sampling::default() };
    let _ = trace_of(request(mixture), models(&[&a, &z])).await;
    let asked = &z.requests()[0];
    assert_eq!((asked.max_tokens, asked.sampling.temperature, asked.sampling.seed), (900, 0.25, Some(3)));
    assert_eq!(a.requests()[0].max_tokens, 5);
}

#[tokio::test(start_paused = true)]
async fn an_aggregator_alone_gets_the_messages_unchanged() {
    let z = Scripted::saying("z", "here");
    let trace = trace_of(request(mixture(&[])), models(&[&z])).await;
    assert_eq!(answer(&trace), "here");
    assert_eq!(*z.requests()[0].prompt.render().unwrap(), Conversation::ask("Where?"));
}

#[tokio::test(start_paused = true)]
async fn several_turns_keep_their_history_and_its_roles() {
    let (a, z) = (Scripted::saying("a", "x"), Scripted::saying("z", "y"));
    let history = vec![
        Message::system("Be brief."),
        Message::user("One?"),
        Message::assistant("1"),
        Message::user("Two?"),
    ];
    let mut asked = request(mixture(&[&["a"]]));
    asked.conversation = Conversation::new(history.clone());
    let _ = trace_of(asked, models(&[&a, &z])).await;
    assert_eq!(a.requests()[0].prompt.render().unwrap().messages(), history);
    let rendered = z.requests()[0].prompt.render().unwrap();
    assert!(rendered.messages()[0].content.starts_with("Be brief.\n\n"));
    assert!(z.system_message(0).unwrap().ends_with("1. x"));
    assert_eq!(rendered.messages()[1..], history[1..]);
}

#[tokio::test(start_paused = true)]
async fn an_agents_own_system_prompt_reaches_that_agent_only() {
    let (a, b, z) = (Scripted::saying("a", "x"), Scripted::saying("b", "x"), Scripted::saying("z", "y"));
    let mut mixture = mixture(&[&["a", "b"]]);
    mixture.layers[0].agents[0].system = Some("Doubt everything.".to_owned());
    let _ = trace_of(request(mixture), models(&[&a, &b, &z])).await;
    assert_eq!(a.system_message(0).as_deref(), Some("Doubt everything."));
    assert_eq!(b.system_message(0), None);
    assert!(!z.system_message(0).unwrap().contains("Doubt"));
}

#[tokio::test(start_paused = true)]
async fn residual_mixtures_show_all_earlier_layers_oldest_first() {
    let (a, b, z) = (Scripted::saying("a", "x"), Scripted::saying("b", "y"), Scripted::saying("z", "z"));
    let mut residual = mixture(&[&["a"], &["b"]]);
    residual.residual = true;
    let _ = trace_of(request(residual), models(&[&a, &b, &z])).await;
    assert!(z.system_message(0).unwrap().ends_with("1. x\n2. y"));
    let _ = trace_of(request(mixture(&[&["a"], &["b"]])), models(&[&a, &b, &z])).await;
    assert!(z.system_message(1).unwrap().ends_with("1. y"));
}

#[tokio::test(start_paused = true)]
async fn equal_agents_sample_with_different_seeds_that_repeat_with_the_run() {
    let (a, z) = (Scripted::saying("a", "x"), Scripted::saying("z", "y"));
    let mut self_moa = mixture(&[&["a", "a"]]);
    self_moa.layers[0].agents[1].name = "a#2".to_owned();
    for _ in 0..2 {
        let _ = trace_of(request(self_moa.clone()), models(&[&a, &z])).await;
    }
    let seeds: Vec<u64> = a.requests().iter().map(|asked| asked.sampling.seed.unwrap()).collect();
    assert_ne!(seeds[0], seeds[1]);
    assert_eq!(seeds[..2], seeds[2..]);
    let mut other = request(self_moa);
    other.seed = RunSeed::Drawn(8);
    let _ = trace_of(other, models(&[&a, &z])).await;
    assert_ne!(a.requests()[4].sampling.seed, Some(seeds[0]));
}

#[tokio::test(start_paused = true)]
async fn the_order_of_the_references_is_the_agents_order_whoever_is_first() {
    use super::scripted::Step;
    let slow = Scripted::new("a", &[Step::Wait(std::time::Duration::from_secs(9)), Step::Say("slow")]);
    let (quick, z) = (Scripted::saying("b", "quick"), Scripted::saying("z", "y"));
    let _ = trace_of(request(mixture(&[&["a", "b"]])), models(&[&slow, &quick, &z])).await;
    assert!(z.system_message(0).unwrap().ends_with("1. slow\n2. quick"));
}

#[tokio::test(start_paused = true)]
async fn runs_side_by_side_do_not_mix() {
    let (a, z) = (Scripted::saying("a", "x"), Scripted::saying("z", "y"));
    let ask = |question: &str| {
        let mut asked = request(mixture(&[&["a"]]));
        asked.conversation = Conversation::ask(question);
        trace_of(asked, models(&[&a, &z]))
    };
    let (one, two) = tokio::join!(ask("one"), ask("two"));
    assert_eq!((answer(&one), answer(&two)), ("y", "y"));
    for asked in z.requests() {
        assert_eq!(asked.prompt.conversation().messages().len(), 1);
        assert_eq!(asked.prompt.references().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_stored_run_replays_and_another_aggregator_can_read_its_proposals() {
    let (a, b, z) = (
        Scripted::saying("a", "Paris"),
        Scripted::new("b", &[super::scripted::Step::Fail("broken")]),
        Scripted::saying("z", "Paris."),
    );
    let first = trace_of(request(mixture(&[&["a", "b"]])), models(&[&a, &b, &z])).await;
    let stored: Arc<dyn ChatModel> = Arc::new(crate::ReplayModel::new("stored", first.outcomes()));
    let replayed =
        first.calls().fold(Models::new(), |models, call| models.with_call(call.call, Arc::clone(&stored)));
    let again = trace_of(request(mixture(&[&["a", "b"]])), replayed.clone()).await;
    assert_eq!(answer(&again), "Paris.");
    assert_eq!(again.warnings(), first.warnings());
    assert_eq!((a.requests().len(), z.requests().len()), (1, 1));

    let other = Scripted::saying("y", "It is Paris.");
    let mut other_mixture = mixture(&[&["a", "b"]]);
    other_mixture.aggregator = Agent::new("y", 64);
    let proposals = CallId { layer: LayerIndex(1), agent: 1 };
    let lost = CallId { layer: LayerIndex(1), agent: 2 };
    let models = Models::new()
        .with(Arc::clone(&other) as Arc<dyn ChatModel>)
        .with_call(proposals, Arc::clone(&stored))
        .with_call(lost, stored);
    let fused = trace_of(request(other_mixture), models).await;
    assert_eq!(answer(&fused), "It is Paris.");
    assert!(other.system_message(0).unwrap().ends_with("1. Paris"));
}

#[tokio::test(start_paused = true)]
async fn agents_that_read_the_same_share_one_writing_of_it() {
    let (a, b, c) = (Scripted::saying("a", "x"), Scripted::saying("b", "x"), Scripted::saying("c", "x"));
    let z = Scripted::saying("z", "y");
    let mut mixture = mixture(&[&["a"], &["a", "b", "c"]]);
    mixture.layers[1].agents[2].system = Some("Doubt everything.".to_owned());
    let _ = trace_of(request(mixture), models(&[&a, &b, &c, &z])).await;
    let read = |model: &Scripted, n: usize| model.requests()[n].prompt.render().unwrap();
    assert!(std::sync::Arc::ptr_eq(&read(&a, 1), &read(&b, 0)));
    assert_ne!(read(&b, 0), read(&c, 0));
    assert_ne!(read(&b, 0), read(&z, 0));
}
