//! What a run has spent, and whether it can afford another call.

use std::sync::{Mutex, PoisonError};

use crate::failure::{Failure, FailureKind};
use crate::layer::CallId;

/// Differences below this, in US dollars, are rounding.
const ROUNDING_USD: f64 = 1e-9;

/// The money of one run. Calls reserve the most that they can cost before they are made and settle what they did cost afterwards, so that
/// what was spent never passes the cap.
#[derive(Debug)]
pub(super) struct Budget {
    cap_usd: Option<f64>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    spent_usd: f64,
    reserved_usd: f64,
}

/// Money that is set aside for one call. Given back when it is dropped unsettled.
#[derive(Debug)]
#[must_use]
pub(super) struct Reservation<'budget> {
    budget: &'budget Budget,
    usd: f64,
}

impl Budget {
    pub(super) fn new(cap_usd: Option<f64>) -> Self {
        Self { cap_usd, state: Mutex::default() }
    }

    /// Whether there is a cap at all.
    pub(super) fn is_capped(&self) -> bool {
        self.cap_usd.is_some()
    }

    /// Sets `usd` aside.
    ///
    /// # Errors
    /// `CostCap` when what was spent and reserved leaves too little.
    pub(super) fn reserve(&self, usd: f64, whose: &str) -> Result<Reservation<'_>, Failure> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = state.spent_usd + state.reserved_usd;
        match self.cap_usd {
            Some(cap) if taken + usd > cap + ROUNDING_USD => Err(Failure::new(
                FailureKind::CostCap,
                format!(
                    "{whose} could cost up to ${usd:.4}, and of the cap of ${cap:.4} there is ${:.4} left",
                    (cap - taken).max(0.0)
                ),
            )
            .with_hint("raise the cap (--max-cost, max-cost-usd), or lower max-tokens")),
            _ => {
                state.reserved_usd += usd;
                Ok(Reservation { budget: self, usd })
            }
        }
    }

    /// The name of a call in messages about money.
    pub(super) fn name_of(call: CallId, agent: &str) -> String {
        format!("call {call} of '{agent}'")
    }
}

impl Reservation<'_> {
    /// Gives the reservation back and books what the call did cost; all that was set aside where nobody has told that (`is_told`), since
    /// the cap must hold.
    pub(super) fn settle(self, cost_usd: f64, is_told: bool) {
        let mut state = self.budget.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.spent_usd += if is_told { cost_usd } else { cost_usd.max(self.usd) };
    }
}

impl Drop for Reservation<'_> {
    fn drop(&mut self) {
        let mut state = self.budget.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.reserved_usd -= self.usd;
    }
}

#[cfg(test)]
#[path = "budget_tests.rs"]
mod tests;
