//! What the next layer reads while this one still writes.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::scripted::Step;
use super::*;
use crate::agent::ModelId;
use crate::model::{ChatRequest, ChatStream, ReadAhead};
use crate::price::Pricing;
use crate::prompt::Prompt;

/// A reading, and whether it was stopped.
type Reading = (Vec<String>, Arc<Mutex<bool>>);

/// A model that reads ahead, and keeps what.
struct Reader {
    inner: Arc<Scripted>,
    readings: Mutex<Vec<Reading>>,
}

/// Marks a reading as stopped.
struct Stops(Arc<Mutex<bool>>);

impl Drop for Stops {
    fn drop(&mut self) {
        *self.0.lock().unwrap() = true;
    }
}

impl Reader {
    fn new(id: &str, steps: &[Step]) -> Arc<Self> {
        Arc::new(Self { inner: Scripted::new(id, steps), readings: Mutex::default() })
    }

    fn readings(&self) -> Vec<Vec<String>> {
        self.readings.lock().unwrap().iter().map(|(texts, _)| texts.clone()).collect()
    }
}

impl ChatModel for Reader {
    fn id(&self) -> &ModelId {
        self.inner.id()
    }

    fn endpoint(&self) -> &str {
        self.inner.endpoint()
    }

    fn identity(&self) -> String {
        self.inner.identity()
    }

    fn pricing(&self) -> Pricing {
        self.inner.pricing()
    }

    fn stream(&self, request: ChatRequest) -> ChatStream {
        // By now nothing is read ahead any more.
        assert!(self.readings.lock().unwrap().iter().all(|(_, stopped)| *stopped.lock().unwrap()));
        self.inner.stream(request)
    }

    fn read_ahead(&self, prompt: Prompt, _max_tokens: u32) -> ReadAhead {
        let texts = prompt.references().iter().map(|reference| reference.text.clone()).collect();
        let stopped = Arc::new(Mutex::new(false));
        self.readings.lock().unwrap().push((texts, Arc::clone(&stopped)));
        ReadAhead::Reading(Box::new(Stops(stopped)))
    }
}

fn later(id: &str, text: &'static str, after_ms: u64) -> Arc<Scripted> {
    Scripted::new(id, &[Step::Wait(Duration::from_millis(after_ms)), Step::Say(text)])
}

async fn run_with(mixture: Mixture, proposers: [Arc<dyn ChatModel>; 3], reader: &Arc<Reader>) -> Trace {
    let models = proposers.into_iter().fold(Models::new(), Models::with);
    let models = models.with(Arc::clone(reader) as Arc<dyn ChatModel>);
    trace_of(request(mixture), models).await
}

fn proposers(after_ms: [u64; 3]) -> [Arc<dyn ChatModel>; 3] {
    let [a, b, c] = after_ms;
    [later("a", "one", a), later("b", "two", b), later("c", "three", c)]
}

#[tokio::test(start_paused = true)]
async fn proposals_are_read_as_soon_as_all_before_them_are_there() {
    let reader = Reader::new("z", &[Step::Say("all")]);
    run_with(mixture(&[&["a", "b", "c"]]), proposers([10, 20, 30]), &reader).await;
    assert_eq!(reader.readings(), [vec!["one", ""], vec!["one", "two", ""]]);
    // The second is there first, and waits for the first.
    let reader = Reader::new("z", &[Step::Say("all")]);
    run_with(mixture(&[&["a", "b", "c"]]), proposers([20, 10, 30]), &reader).await;
    assert_eq!(reader.readings(), [vec!["one", "two", ""]]);
    // Nothing is known before the first is there.
    let reader = Reader::new("z", &[Step::Say("all")]);
    run_with(mixture(&[&["a", "b", "c"]]), proposers([30, 20, 10]), &reader).await;
    assert_eq!(reader.readings(), Vec::<Vec<String>>::new());
}

/// Enough that it is told.
const PASSAGE: &str = "The harbour lies north of the lighthouse and is deep enough for every ship that comes. It is closed in winter, when \
     the ice is thick, and opens again with the first storm of spring, which nobody there forgets soon. ";

/// Writes a passage at once and another one after each time.
fn slow_writer(id: &str, passage_ms: u64) -> Arc<Scripted> {
    let wait = Step::Wait(Duration::from_millis(passage_ms));
    Scripted::new(
        id,
        &[Step::Say(PASSAGE), wait.clone(), Step::Say(PASSAGE), wait, Step::Say("That is all.")],
    )
}

#[tokio::test(start_paused = true)]
async fn what_is_written_of_the_next_proposal_is_read_before_it_is_complete() {
    assert!(PASSAGE.len() >= crate::growing_answers::TOLD_BYTES);
    let reader = Reader::new("z", &[Step::Say("all")]);
    let [_, b, _] = proposers([10, 20, 30]);
    run_with(mixture(&[&["a", "b", "c"]]), [slow_writer("a", 30), b, slow_writer("c", 50)], &reader).await;
    let twice = PASSAGE.repeat(2);
    let a = format!("{twice}That is all.");
    // The first while it is written; when it is complete, all that is there of the others.
    let expected: [&[&str]; 3] = [&[PASSAGE], &[&twice], &[a.trim(), "two", &twice]];
    assert_eq!(reader.readings(), expected);
}

#[tokio::test(start_paused = true)]
async fn what_failed_is_not_read_and_holds_up_nothing() {
    let reader = Reader::new("z", &[Step::Say("all")]);
    let [_, b, c] = proposers([10, 20, 30]);
    let mut mixture = mixture(&[&["a", "b", "c"]]);
    mixture.layers[0].min_proposals = 2;
    run_with(mixture, [Scripted::new("a", &[Step::Fail("gone")]), b, c], &reader).await;
    assert_eq!(reader.readings(), [vec![""], vec!["two", ""]]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_read_where_the_order_is_drawn_later() {
    let reader = Reader::new("z", &[Step::Say("all")]);
    let mut mixture = mixture(&[&["a", "b", "c"]]);
    mixture.references.shuffled = true;
    run_with(mixture, proposers([10, 20, 30]), &reader).await;
    assert_eq!(reader.readings(), Vec::<Vec<String>>::new());
}

#[tokio::test(start_paused = true)]
async fn the_answer_and_its_prompt_are_the_same_as_without() {
    let reader = Reader::new("z", &[Step::Say("all")]);
    let with = run_with(mixture(&[&["a", "b", "c"]]), proposers([10, 20, 30]), &reader).await;
    let plain = Scripted::new("z", &[Step::Say("all")]);
    let models = proposers([10, 20, 30]).into_iter().fold(Models::new(), Models::with);
    let models = models.with(Arc::clone(&plain) as Arc<dyn ChatModel>);
    let without = trace_of(request(mixture(&[&["a", "b", "c"]])), models).await;
    assert_eq!(answer(&with), answer(&without));
    assert_eq!(reader.inner.system_message(0), plain.system_message(0));
}
