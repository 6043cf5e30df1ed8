//! A mock of OpenAI-compatible services that does what a script says, faults and all, and logs each request with precise moments; and an
//! open-loop load generator.
//!
//! ```
//! # async fn example() -> Result<(), moa_testkit::MockError> {
//! use moa_testkit::{Mock, Point, Rule};
//!
//! let mock = Mock::builder()
//!     .rule(Rule::model("a").answer("hello world").hold(Point::BeforeChunk(2)))
//!     .rule(Rule::any().status(503))
//!     .start()
//!     .await?;
//! let url = mock.base_url(); // http://127.0.0.1:PORT/v1
//! // ... a client asks ...
//! mock.gate("a").arrived(1).await;
//! mock.gate("a").release();
//! assert_eq!(mock.log().requests().of_model("a").max_in_flight(), 1);
//! # Ok(())
//! # }
//! ```
//!
//! [`Script`] is everything that a mock can be told. The builder fills it, TOML files are read into it, and `moa-mock` serves it to
//! programs in other languages. Nothing here knows the other crates of moa.

mod clock;
mod error;
mod gate;
pub mod load;
mod log;
mod mock;
mod plan;
mod proxy;
mod record;
mod request;
mod script;
mod server;
mod text;
mod tls;
mod traffic;

pub use clock::Stamp;
pub use error::MockError;
pub use gate::{Counts, Gate};
pub use log::Log;
pub use mock::{Mock, MockBuilder};
pub use proxy::{Proxy, ProxyBuilder, ProxyRequest};
pub use record::{Authorization, End, Outcome, Request};
pub use script::*;
pub use traffic::Traffic;
