//! Whether a difference between systems is one: paired comparisons of the same items.

mod bootstrap;
mod interval;
mod mcnemar;
mod paired;

pub use bootstrap::{Bootstrap, Estimate};
pub use interval::{Interval, normal_interval, wilson};
pub use mcnemar::{McNemar, mcnemar};
pub use paired::{ItemScore, Paired, compare};

#[cfg(test)]
mod tests;
