//! An open-loop load generator: requests start when they are due, however slow the answers are, and latency counts from when they were
//! due. So a server that stalls cannot hide it by holding up the generator (coordinated omission).

mod arrivals;
mod call;
mod pacer;
mod report;
mod run;

pub use arrivals::Arrivals;
pub use pacer::moments;
pub use report::{Quantiles, Report};
pub use run::{Load, LoadError, run};
