//! What the command line changes about a preset.

use moa_core::{Agent, Mixture};

use crate::check::{self, Bounds};
use crate::origin::Origin;
use crate::place::{Place, Placed};
use crate::problem::Problem;

/// Flags that are laid over a preset. They win over every file and over the environment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Overrides {
    /// `--layers`: how many layers there are, the aggregator's included. Fewer takes layers off the end, more repeats the last layer
    /// of proposers; 1 asks the aggregator alone.
    pub layers: Option<u32>,
    /// `--max-tokens`: the most tokens of every agent's answer.
    pub max_tokens: Option<u32>,
    /// `--temperature`: the temperature of every agent.
    pub temperature: Option<f64>,
    /// `--aggregator`: the model that writes the answer, under the settings of the preset's aggregator.
    pub aggregator: Option<String>,
    /// `--max-cost`: the most that the run may cost, in US dollars.
    pub max_cost_usd: Option<f64>,
}

impl Overrides {
    /// Whether anything but the cap on the cost is set.
    pub(crate) fn change_answers(&self) -> bool {
        *self != Self { max_cost_usd: self.max_cost_usd, ..Self::default() }
    }

    /// The layer count with its place.
    pub(crate) fn placed_layers(&self) -> Option<Placed<'static, &u32>> {
        self.layers.as_ref().map(|value| from_flag(value, "--layers"))
    }

    /// The aggregator's model with its place.
    pub(crate) fn placed_aggregator(&self) -> Option<Placed<'static, &str>> {
        self.aggregator.as_deref().map(|value| from_flag(value, "--aggregator"))
    }

    /// The cap on the cost with its place.
    pub(crate) fn placed_max_cost_usd(&self) -> Option<Placed<'static, &f64>> {
        self.max_cost_usd.as_ref().map(|value| from_flag(value, "--max-cost"))
    }

    /// Changes what applies to every agent alike.
    pub(crate) fn apply(&self, mixture: &mut Mixture) -> Result<(), Problem> {
        let checked =
            |bounds: &Bounds, value| check::within("temperature", &from_flag(value, "--temperature"), bounds);
        let temperature =
            self.temperature.as_ref().map(|value| checked(&check::TEMPERATURE, value)).transpose()?;
        let max_tokens = self
            .max_tokens
            .as_ref()
            .map(|value| check::positive("max-tokens", &from_flag(value, "--max-tokens")))
            .transpose()?;
        let layers = mixture.layers.iter_mut().flat_map(|layer| &mut layer.agents);
        // A judge's temperature is no matter of taste, and what it writes is not the answer.
        let aggregators = std::iter::once(&mut mixture.aggregator).chain(&mut mixture.fallback_aggregators);
        for agent in layers.chain(aggregators) {
            Self::apply_to_agent(agent, temperature, max_tokens);
        }
        Ok(())
    }

    fn apply_to_agent(agent: &mut Agent, temperature: Option<f32>, max_tokens: Option<u32>) {
        if let Some(temperature) = temperature {
            agent.sampling.temperature = temperature;
        }
        if let Some(max_tokens) = max_tokens {
            agent.max_tokens = max_tokens;
        }
    }
}

fn from_flag<T>(value: T, flag: &str) -> Placed<'static, T> {
    Placed { value, place: Place::Outside(Origin::flag(flag)) }
}
