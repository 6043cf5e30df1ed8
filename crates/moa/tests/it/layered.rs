//! A mixture of three layers over a mock that goes on step by step, as the test says.

use std::fmt::Write as _;
use std::process::Command;
use std::time::Duration;

use moa_testkit::{Counts, Latency, Mock, Point, Rule};

use crate::project::Project;

/// The proposers of both layers.
pub(crate) const PROPOSERS: [&str; 3] = ["a", "b", "c"];

/// Who aggregates.
const AGGREGATOR: &str = "z";

/// The layers, the aggregator's included.
pub(crate) const LAYERS: usize = 3;

/// The calls of a whole run.
pub(crate) const CALLS: usize = 7;

/// How often each reply is held: before its head, before each of its three words, before its end.
pub(crate) const HOLDS: usize = 5;

/// Numbers that are the same in every run of the tests.
pub(crate) struct Draws(pub(crate) u64);

impl Draws {
    /// A number below `bound`, from a linear congruential generator.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}

/// A mock whose replies of three words are held at every point, and arrive at uneven times.
pub(crate) async fn mock() -> Mock {
    let words = Rule::any().lorem(3).pace(Latency::uniform(Duration::ZERO, Duration::from_millis(2)));
    let points = (1..=3).map(Point::BeforeChunk).chain([Point::BeforeHead, Point::BeforeEnd]);
    Mock::builder().rule(points.fold(words, Rule::hold)).start().await.unwrap()
}

/// A project whose preset asks the mock.
pub(crate) fn project(mock: &Mock) -> Project {
    let project = Project::new();
    let mut config = format!(
        "default-preset = \"layered\"\n\
         [endpoints.mock]\nbase-url = \"{}\"\nretries = 0\n\
         [presets.layered]\nlayers = {LAYERS}\nproposers = {PROPOSERS:?}\naggregator = \"{AGGREGATOR}\"\nmax-tokens = 20\n",
        mock.base_url()
    );
    for name in PROPOSERS.into_iter().chain([AGGREGATOR]) {
        let _ = write!(config, "[models.{name}]\nendpoint = \"mock\"\nid = \"{name}\"\n");
    }
    project.write("mock.toml", config);
    project
}

/// `moa` in such a project.
pub(crate) fn command(project: &Project, arguments: &[&str]) -> Command {
    let mut command = project.moa(arguments);
    command.args(["--config", "mock.toml"]);
    command
}

/// The models that a layer asks.
pub(crate) fn models_of(layer: usize) -> &'static [&'static str] {
    if layer < LAYERS { &PROPOSERS } else { &[AGGREGATOR] }
}

/// Holds every reply from now on.
pub(crate) fn hold(mock: &Mock) {
    mock.all().close();
    for model in PROPOSERS.into_iter().chain([AGGREGATOR]) {
        mock.gate(model).close();
    }
}

/// Lets a reply of a model pass so many points at which it is held, now or later.
pub(crate) fn let_pass(mock: &Mock, model: &str, points: usize) {
    for _ in 0..points {
        mock.gate(model).release_one();
    }
}

/// A place in a run at which nothing moves: the replies of earlier layers are out, those of `layer` have passed so many points.
#[derive(Debug)]
pub(crate) struct Standstill {
    pub(crate) layer: usize,
    pub(crate) passed: Vec<usize>,
}

impl Standstill {
    /// One at which at least one reply of the layer is not out.
    pub(crate) fn drawn(draws: &mut Draws) -> Self {
        let layer = 1 + draws.below(LAYERS);
        let mut passed: Vec<usize> = models_of(layer).iter().map(|_| draws.below(HOLDS + 1)).collect();
        if passed.iter().all(|points| *points == HOLDS) {
            passed[0] = draws.below(HOLDS);
        }
        Self { layer, passed }
    }

    /// How many replies are being held.
    pub(crate) fn held(&self) -> u64 {
        self.passed.iter().filter(|points| **points < HOLDS).count() as u64
    }

    /// How many replies are out.
    pub(crate) fn out(&self) -> u64 {
        (PROPOSERS.len() * (self.layer - 1) + self.passed.len()) as u64 - self.held()
    }

    /// Makes the next run of the mock come to this place.
    pub(crate) fn set(&self, mock: &Mock) {
        hold(mock);
        for model in PROPOSERS {
            let_pass(mock, model, HOLDS * (self.layer - 1));
        }
        for (model, points) in models_of(self.layer).iter().zip(&self.passed) {
            let_pass(mock, model, *points);
        }
    }

    /// Waits until a run that began at these counts has come here.
    pub(crate) async fn reached(&self, mock: &Mock, before: Counts) {
        let (out, held) = (before.finished + self.out(), self.held());
        mock.all().until(|counts| counts.finished == out && counts.held == held).await;
    }
}
