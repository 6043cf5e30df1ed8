//! The mock: an OpenAI-compatible service on loopback that does what its script says.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::task::TaskTracker;

use crate::error::MockError;
use crate::gate::{ALL, Gate};
use crate::log::Log;
use crate::script::{Accept, Certificate, Keep, Phase, Rule, Script};
use crate::server::{Pinned, Port, State, accept_connections};
use crate::tls::Authority;

/// A running mock. Dropping it ends every connection and frees the port.
///
/// Pauses use tokio's clock. Where a test pauses that clock, tokio moves it on whenever all tasks wait, also when what they wait for is a
/// socket: time-outs of the client can then strike before bytes on their way arrive. Gates have no such trouble.
#[derive(Debug)]
pub struct Mock {
    state: Arc<State>,
    address: SocketAddr,
    tasks: TaskTracker,
    ca_pem: Option<String>,
}

impl Mock {
    /// A script to fill.
    #[must_use]
    pub fn builder() -> MockBuilder {
        MockBuilder::default()
    }

    /// Starts a mock with a script.
    ///
    /// # Errors
    ///
    /// When the script contradicts itself, the port cannot be listened on or a certificate cannot be made.
    #[expect(
        clippy::unused_async,
        reason = "it starts tasks, which needs a runtime: a future is never called without one"
    )]
    pub async fn start(script: Script) -> Result<Self, MockError> {
        script.check().map_err(|problem| MockError::Script(problem.into_message()))?;
        let authority = script.tls.map(Authority::make).transpose()?;
        let (acceptor, ca_pem) = authority.map(|made| (made.acceptor, made.ca_pem)).unzip();
        let port = script.port;
        let listen_error = |source| MockError::Listen { port, source };
        let mut taken = Port::reserve(port).map_err(listen_error)?;
        let address = taken.address;
        let state = Arc::new(State::new(script));
        if !state.accept().refuses() {
            taken = taken.listen().map_err(listen_error)?;
        }
        let tasks = TaskTracker::new();
        tasks.spawn(accept_connections(state.clone(), taken, acceptor, tasks.clone()));
        Ok(Self { state, address, tasks, ca_pem })
    }

    /// The base URL for clients, such as `http://127.0.0.1:12345/v1`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("{}/v1", self.root_url())
    }

    /// The URL without the `/v1`.
    #[must_use]
    pub fn root_url(&self) -> String {
        let scheme = if self.ca_pem.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// Where the mock listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The certificate of the authority that signed the mock's own, for clients, where the script has TLS.
    #[must_use]
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// The gate of a model's requests, or of those that a rule of this name takes.
    #[must_use]
    pub fn gate(&self, label: impl Into<String>) -> Gate {
        Gate::new(self.state.gates.clone(), label)
    }

    /// The gate of all requests.
    #[must_use]
    pub fn all(&self) -> Gate {
        self.gate(ALL)
    }

    /// What happened so far.
    #[must_use]
    pub fn log(&self) -> &Log {
        &self.state.log
    }

    /// How many connections were accepted so far, those that are over too.
    #[must_use]
    pub fn connections(&self) -> u64 {
        *self.state.connections.borrow()
    }

    /// Waits until so many connections were accepted.
    pub async fn connected(&self, connections: u64) {
        let mut accepted = self.state.connections.subscribe();
        // The sender is the mock's own, so that this ends when the condition holds.
        let _ = accepted.wait_for(|accepted| *accepted >= connections).await;
    }

    /// Replaces all rules, for requests that arrive from now on. The new ones' counts begin at zero.
    pub fn set_rules(&self, rules: impl IntoIterator<Item = Rule>) {
        self.state.set_rules(rules.into_iter().collect());
    }

    /// Goes to a phase of the script and stays in it whatever the schedule says. Returns when it holds, for the port too. A name that
    /// the script does not have is a phase in which the port is open and no `when.phase` of the script fits.
    pub async fn enter_phase(&self, name: impl Into<String>) {
        let phase = Some(name.into());
        self.state.pin(|pinned| pinned.phase = phase).await;
    }

    /// Follows the schedule again, for the phase and for the port.
    pub async fn follow_schedule(&self) {
        self.state.pin(|pinned| *pinned = Pinned::default()).await;
    }

    /// Stops listening, whatever the schedule says: new connections are refused, idle ones closed, requests in flight go on. Returns
    /// when it is so.
    pub async fn refuse(&self) {
        self.state.pin(|pinned| pinned.accept = Some(Accept::Refuse)).await;
    }

    /// Listens again on the same port, whatever the schedule says. Returns when it is so.
    pub async fn listen(&self) {
        self.state.pin(|pinned| pinned.accept = Some(Accept::Serve)).await;
    }

    /// Resets every open connection, as when the process dies.
    pub fn kill_connections(&self) {
        self.state.kill_connections();
    }

    /// Ends every connection and returns when all is over and the port is free.
    pub async fn stop(self) {
        self.state.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        self.state.stop.cancel();
        self.tasks.close();
    }
}

/// Fills a script and starts it.
#[derive(Debug, Clone, Default)]
pub struct MockBuilder {
    script: Script,
}

impl MockBuilder {
    /// Adds a rule; the first that fits a request is the one.
    #[must_use]
    pub fn rule(mut self, rule: Rule) -> Self {
        self.script.rules.push(rule);
        self
    }

    /// Adds rules.
    #[must_use]
    pub fn rules(mut self, rules: impl IntoIterator<Item = Rule>) -> Self {
        self.script.rules.extend(rules);
        self
    }

    /// Adds a phase to the schedule.
    #[must_use]
    pub fn phase(mut self, phase: Phase) -> Self {
        self.script.phases.push(phase);
        self
    }

    /// The phases begin anew after so long.
    #[must_use]
    pub fn repeat_phases_every(mut self, period: Duration) -> Self {
        self.script.repeat_phases_every = Some(period);
        self
    }

    /// From which every drawn number follows.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.script.seed = seed;
        self
    }

    /// The port; without it any that is free.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.script.port = port;
        self
    }

    /// Serves HTTPS.
    #[must_use]
    pub fn tls(mut self, certificate: Certificate) -> Self {
        self.script.tls = Some(certificate);
        self
    }

    /// What `GET /v1/models` lists.
    #[must_use]
    pub fn models(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.script.models = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// What the log keeps of requests.
    #[must_use]
    pub fn keep(mut self, keep: Keep) -> Self {
        self.script.log = keep;
        self
    }

    /// The script so far, which a TOML file could say as well.
    #[must_use]
    pub fn script(&self) -> &Script {
        &self.script
    }

    /// Starts the mock.
    ///
    /// # Errors
    ///
    /// As [`Mock::start`].
    pub async fn start(self) -> Result<Mock, MockError> {
        Mock::start(self.script).await
    }
}
