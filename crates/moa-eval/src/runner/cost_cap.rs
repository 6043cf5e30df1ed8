//! One cap on the cost of everything that is asked, over all items.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use futures::{Stream, StreamExt as _, stream};
use moa_core::{
    ChatEvent, ChatModel, ChatRequest, ChatStream, Failure, FailureKind, ModelId, Models, Price, Pricing,
    Prompt, ReadAhead, most_prompt_tokens,
};

/// Differences below this, in US dollars, are rounding.
const ROUNDING_USD: f64 = 1e-9;

/// A cap that models share. Each call sets aside the most that it can cost before it is made, so that what is spent never passes the
/// cap, however many calls are made at once.
#[derive(Debug, Clone)]
pub struct CostCap {
    cap_usd: f64,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    spent_usd: f64,
    reserved_usd: f64,
}

impl CostCap {
    /// Nothing is spent yet.
    #[must_use]
    pub fn new(cap_usd: f64) -> Self {
        Self { cap_usd, state: Arc::default() }
    }

    /// The models, each of which is asked only what the cap allows.
    #[must_use]
    pub fn around(&self, models: Models) -> Models {
        models.wrapped(|model| Arc::new(CappedModel { model, cap: self.clone() }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reserve(&self, usd: f64, model: &ModelId) -> Result<Reservation, Failure> {
        let mut state = self.state();
        let left = self.cap_usd - state.spent_usd - state.reserved_usd;
        if usd > left + ROUNDING_USD {
            let message = format!(
                "a call of '{model}' could cost up to ${usd:.4}, and of the cap of ${:.4} there is ${:.4} left",
                self.cap_usd,
                left.max(0.0)
            );
            return Err(Failure::new(FailureKind::CostCap, message)
                .with_hint("raise the cap (--max-cost), or lower --max-tokens"));
        }
        state.reserved_usd += usd;
        Ok(Reservation { cap: self.clone(), usd, cost_usd: usd })
    }
}

/// Money that is set aside for one call. What the call did cost is booked when it is dropped: all of it unless somebody said less.
struct Reservation {
    cap: CostCap,
    usd: f64,
    cost_usd: f64,
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let mut state = self.cap.state();
        state.reserved_usd -= self.usd;
        state.spent_usd += self.cost_usd;
    }
}

/// A model under a cap.
struct CappedModel {
    model: Arc<dyn ChatModel>,
    cap: CostCap,
}

impl CappedModel {
    fn most_usd(price: &Price, request: &ChatRequest) -> f64 {
        let conversation = request.prompt.render();
        let tokens = conversation.map_or_else(
            |_| most_prompt_tokens(request.prompt.conversation()),
            |rendered| most_prompt_tokens(&rendered),
        );
        price.at_most(tokens, request.max_tokens)
    }
}

impl ChatModel for CappedModel {
    fn id(&self) -> &ModelId {
        self.model.id()
    }

    fn endpoint(&self) -> &str {
        self.model.endpoint()
    }

    fn identity(&self) -> String {
        self.model.identity()
    }

    fn pricing(&self) -> Pricing {
        self.model.pricing()
    }

    fn sees_images(&self) -> bool {
        self.model.sees_images()
    }

    fn read_ahead(&self, prompt: Prompt, max_tokens: u32) -> ReadAhead {
        self.model.read_ahead(prompt, max_tokens)
    }

    fn stream(&self, mut request: ChatRequest) -> ChatStream {
        let price = match self.model.pricing() {
            Pricing::Free => return self.model.stream(request),
            Pricing::Known(price) => price,
            Pricing::Unknown => {
                let message =
                    format!("the cost cannot be capped, because the price of '{}' is not known", self.id());
                let hint = "set price = { input-usd = ..., output-usd = ... } for the model, in dollars per million tokens";
                return failed(Failure::new(FailureKind::CostCap, message).with_hint(hint));
            }
        };
        match self.cap.reserve(Self::most_usd(&price, &request), self.id()) {
            Ok(reservation) => {
                // Only one request's cost is set aside.
                request.pays_once = true;
                let stream = self.model.stream(request);
                Box::pin(Metered { stream, price, reservation, has_consumed: false })
            }
            Err(failure) => failed(failure),
        }
    }
}

fn failed(failure: Failure) -> ChatStream {
    stream::iter([Err(failure)]).boxed()
}

/// The model's own stream, from which is learnt what the call did cost.
struct Metered {
    stream: ChatStream,
    price: Price,
    reservation: Reservation,
    /// Whether the call has already brought or counted something.
    has_consumed: bool,
}

impl Stream for Metered {
    type Item = Result<ChatEvent, Failure>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let next = this.stream.poll_next_unpin(context);
        if let Poll::Ready(Some(item)) = &next {
            match item {
                Ok(ChatEvent::Finished { usage, .. }) => {
                    this.reservation.cost_usd = usage.cost_usd.unwrap_or_else(|| this.price.of(usage));
                }
                // Answers that are there already cost nothing.
                Ok(ChatEvent::Reused) => this.reservation.cost_usd = 0.0,
                Ok(ChatEvent::Consumed(usage)) => this.has_consumed |= !usage.is_nothing(),
                Ok(event) => this.has_consumed |= event.is_content(),
                Err(failure) if !failure.kind.may_have_cost() && !this.has_consumed => {
                    this.reservation.cost_usd = 0.0;
                }
                Err(_) => {}
            }
        }
        next
    }
}
