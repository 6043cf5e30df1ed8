//! The runs behind one request: the first, and one more for each further choice, over the same proposals.

use std::sync::Arc;

use futures::stream::{BoxStream, SelectAll};
use futures::{Stream, StreamExt as _, stream};
use moa_core::{
    CallOutcome, Event, EventKind, LayerRole, Models, ReplayModel, RunSeed, Trace, TraceContext, Usage,
};

use crate::access::Place;
use crate::app::App;
use crate::chat::Plan;
use crate::runs::{ActiveRun, Launch, Owner, Subscription};

/// Sets the seeds of the choices apart (2^64 over the golden ratio, so that they spread).
const STRIDE: u64 = 0x9E37_79B9_7F4A_7C15;

/// The runs behind one request.
pub(crate) struct Answering {
    pub(crate) app: Arc<App>,
    pub(crate) plan: Plan,
    pub(crate) models: Models,
    pub(crate) first: Owner,
    pub(crate) place: Option<Arc<Place>>,
    pub(crate) choices: u32,
    pub(crate) trace_context: Option<TraceContext>,
}

impl Answering {
    /// The events of all choices as they come, each with its choice, counted from 0.
    ///
    /// # Cancel safety
    /// Dropping the stream gives the runs up, as far as nobody else waits for them.
    pub(crate) fn events(self) -> impl Stream<Item = (usize, Arc<Event>)> + Send + 'static {
        let Self { app, plan, models, first, place, choices, trace_context } = self;
        // Most requests want one answer, for which the plan is of no more use.
        let mut repeat =
            (choices > 1).then(|| Repeat { app, plan, models, place: place.clone(), trace_context });
        async_stream::stream! {
            let _place = place;
            let mut readers = SelectAll::new();
            readers.push(numbered(0, first.run().subscribe(0)));
            // Given up together with this stream.
            let mut further: Vec<Owner> = Vec::new();
            while let Some((choice, event)) = readers.next().await {
                let is_time = choice == 0 && begins_last_layer(&event);
                yield (choice, event);
                if is_time && let Some(repeat) = repeat.take() {
                    let trace = first.run().trace();
                    for number in 1..choices {
                        let owner = repeat.run(&trace, number);
                        readers.push(numbered(number as usize, owner.run().subscribe(0)));
                        further.push(owner);
                    }
                }
            }
        }
    }
}

/// What further choices are made with.
struct Repeat {
    app: Arc<App>,
    plan: Plan,
    models: Models,
    place: Option<Arc<Place>>,
    trace_context: Option<TraceContext>,
}

impl Repeat {
    /// One more run of the last layer, over the proposals of the first.
    fn run(&self, first: &Trace, number: u32) -> Owner {
        let mut request = self.plan.run();
        let seed = first.start.as_ref().map_or(0, |start| start.seed);
        // A seed of its own gives its answer a name of its own, so that it is not taken for the first one.
        request.seed = RunSeed::Given(seed.wrapping_add(STRIDE.wrapping_mul(u64::from(number))));
        let models = replayed(self.models.clone(), first);
        let trace_context = self.trace_context.clone();
        let launch = Launch { request, models, place: self.place.clone(), trace_context };
        let run: Arc<ActiveRun> = self.app.runs.start(launch);
        Owner::new(&run, self.app.settings.on_disconnect)
    }
}

/// The models, with the proposals of a run that was begun or has ended in the place of those who made them. They cost nothing again.
pub(crate) fn replayed(models: Models, run: &Trace) -> Models {
    let proposals = run.layers.iter().filter(|layer| layer.role == LayerRole::Proposers);
    let outcomes: std::collections::BTreeMap<_, _> = proposals
        .flat_map(|layer| &layer.calls)
        .filter_map(|call| {
            let outcome = call.outcome.clone()?;
            Some((call.call, CallOutcome { usage: Usage::default(), ..outcome }))
        })
        .collect();
    let calls: Vec<_> = outcomes.keys().copied().collect();
    let replay = Arc::new(ReplayModel::new("stored", outcomes));
    calls.into_iter().fold(models, |models, call| models.with_call(call, replay.clone()))
}

fn numbered(choice: usize, subscription: Subscription) -> BoxStream<'static, (usize, Arc<Event>)> {
    stream::unfold(subscription, move |mut subscription| async move {
        let event = subscription.next().await?;
        Some(((choice, event), subscription))
    })
    .boxed()
}

fn begins_last_layer(event: &Event) -> bool {
    matches!(event.kind, EventKind::LayerStarted { role: LayerRole::Aggregator, .. })
}
