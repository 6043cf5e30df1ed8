//! The scheduler: everything that decides who computes what, when, and on how many cores. What is computed, and how, is elsewhere.
//!
//! Each loaded model has a thread of its own (`worker`), and each thread goes round the same circle. At every step it asks this module:
//!
//! ```text
//! memory          may the model be loaded, and who must leave for it; may its KV cache grow
//! load_order      in which order the models of a mixture are loaded least often
//! turns           whose turn it is, where several runs wait
//! admission       which waiting requests begin, and who gives way when cells are short
//! next_call       what the model computes next
//!   batch_plan    how many tokens of each request go into one decode call
//! thread_choice   how many threads are fastest for a call of this size, learned from the calls before
//!   idle          a hint for the first calls: the cores that nobody uses
//! cores           how many threads the model gets now, and who is next where cores are short
//! ```
//!
//! # What it promises
//!
//! - **No oversubscription.** The threads granted at any instant are never more than the cores, and what is loaded is never more than the
//!   memory budget.
//! - **No starvation.** Every request ends. Answers have a token in every call of their model, prompts follow the order in which their requests began, and models
//!   take turns. What is urgent passes others a bounded number of times.
//! - **Fairness.** Requests with equal demands to one model write the same number of tokens in the same time, runs take turns to begin by the tokens that they ask for, however many requests each has, and models with work have equal
//!   shares of the cores.
//! - **The run closest to its end goes first where memory is short**, because its cells are free the soonest.
//!
//! # How it is checked
//!
//! Everything that decides is arithmetic on what it is given: no clock, no threads, no llama.cpp. The threads that wait (`CoreBudget`,
//! `MemoryBudget`) are thin coats around a ledger that decides. So the simulation in `simulation_tests.rs` lets models with invented costs
//! run hours of requests through the very code that the workers run through, in a virtual time, and checks the promises at every instant.

mod admission;
mod batch_plan;
mod cores;
mod idle;
mod load_order;
mod memory;
mod memory_ledger;
mod next_call;
mod thread_choice;
mod turns;

pub(crate) use self::admission::{Candidate, Entry, Tenant, entry, give_places, who_must_wait};
pub(crate) use self::batch_plan::{Demand, Limits};
pub(crate) use self::cores::{CoreBudget, Member, Urgency};
pub(crate) use self::idle::idle_cores;
pub use self::load_order::{LoadOrder, load_order};
pub(crate) use self::memory::{Lease, MemoryBudget};
pub(crate) use self::next_call::{NextCall, next_call};
pub(crate) use self::thread_choice::ThreadChoice;
pub(crate) use self::turns::Turns;

#[cfg(test)]
pub(crate) use self::cores::Grant;
#[cfg(test)]
#[path = "simulation_tests.rs"]
mod simulation;
