//! Models with invented costs and requests that arrive, run through the decisions that real models run through, in a virtual time.
//!
//! A simulated model is a worker without a model: it asks the same functions in the same order, but a decode call takes what a curve says. At
//! every instant the simulation checks that no more threads compute than there are cores and that no cache holds more cells than it has.

#![expect(clippy::cast_precision_loss, reason = "numbers of tokens")]

use std::collections::VecDeque;
use std::time::Duration;

use proptest::prelude::*;

use super::cores::Ledger;
use super::*;

const LIMITS: Limits = Limits { batch_tokens: 256, shared_batch_tokens: 64, mixed_prompt_tokens: 64 };
/// Cells of a cache that is never short.
const PLENTY: usize = 1 << 20;

/// The seconds of a decode call by its tokens and threads.
type Cost = fn(usize, usize) -> f64;

/// A small model: memory-bound for a few tokens, so that the second thread helps little there and much for prompts.
fn small(tokens: usize, threads: usize) -> f64 {
    let compute = 0.002 * tokens as f64 / threads as f64;
    let memory = 0.005 / (threads as f64).min(1.3);
    compute + memory
}

/// A model five times as large.
fn large(tokens: usize, threads: usize) -> f64 {
    5.0 * small(tokens, threads)
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
struct Ask {
    model: usize,
    arrives: f64,
    prompt: usize,
    /// The tokens that the answer comes to have.
    answer: usize,
    /// The tokens that it may have.
    cap: usize,
    is_ahead: bool,
    /// The run that it is of, if it is of one.
    run: Option<usize>,
}

impl Ask {
    fn new(model: usize, arrives: f64, prompt: usize, answer: usize) -> Self {
        Self { model, arrives, prompt, answer, cap: answer, is_ahead: false, run: None }
    }

    fn of(self, run: usize) -> Self {
        Self { run: Some(run), ..self }
    }

    fn ahead(model: usize, arrives: f64, prompt: usize) -> Self {
        Self { is_ahead: true, ..Self::new(model, arrives, prompt, 0) }
    }
}

/// A request under way.
#[derive(Debug, Clone, Copy)]
struct Run {
    number: usize,
    turn: u64,
    ask: Ask,
    /// Tokens in the cache.
    computed: usize,
    written: usize,
    gave_way: bool,
}

impl Run {
    fn demand(&self) -> Demand {
        let pending_tokens = self.ask.prompt + self.written - self.computed;
        let is_prompt = self.computed < self.ask.prompt || pending_tokens > 1;
        Demand { pending_tokens, is_prompt, is_ahead: self.ask.is_ahead }
    }

    fn tenant(&self) -> Tenant {
        Tenant {
            own_cells: self.computed,
            prompt_tokens: self.ask.prompt + self.written - self.computed,
            answer_tokens: self.ask.cap - self.written,
            is_ahead: self.ask.is_ahead,
            gave_way: self.gave_way,
        }
    }

    fn candidate(&self) -> Candidate {
        Candidate {
            prompt_tokens: self.ask.prompt + self.written,
            answer_tokens: self.ask.cap - self.written,
            is_ahead: self.ask.is_ahead,
            will_share: false,
        }
    }

    /// So many tokens of it were computed; whether that is its end.
    fn compute(&mut self, tokens: usize) -> bool {
        self.computed += tokens;
        if tokens == 0 || self.computed < self.ask.prompt + self.written {
            return false;
        }
        if !self.ask.is_ahead {
            self.written += 1;
        }
        self.written >= self.ask.answer
    }
}

/// What a model is doing.
#[derive(Debug, Clone, PartialEq)]
enum State {
    Idle,
    Asks { tokens: Vec<usize>, wanted: usize, offered: usize },
    Computes { tokens: Vec<usize>, threads: usize, offered: usize, start: f64, end: f64 },
}

struct Model {
    cost: Cost,
    places: usize,
    cells: usize,
    member: Option<u64>,
    choice: ThreadChoice,
    turns: Turns<usize>,
    waiting: VecDeque<Run>,
    running: Vec<Run>,
    state: State,
    /// Seconds times threads.
    core_seconds: f64,
    calls: usize,
    gave_way: usize,
}

impl Model {
    fn new(cost: Cost) -> Self {
        Self {
            cost,
            places: 8,
            cells: PLENTY,
            member: None,
            choice: ThreadChoice::default(),
            turns: Turns::default(),
            waiting: VecDeque::new(),
            running: Vec::new(),
            state: State::Idle,
            core_seconds: 0.0,
            calls: 0,
            gave_way: 0,
        }
    }

    fn with_cells(cost: Cost, cells: usize) -> Self {
        Self { cells, ..Self::new(cost) }
    }

    fn used_cells(&self) -> usize {
        self.running.iter().map(|run| run.computed).sum()
    }

    fn tenants(&self) -> Vec<Tenant> {
        self.running.iter().map(Run::tenant).collect()
    }

    fn arrive(&mut self, number: usize, ask: Ask) {
        let turn = self.turns.arrives(ask.run, ask.prompt + ask.cap);
        self.wait(Run { number, turn, ask, computed: 0, written: 0, gave_way: false }, number);
    }

    /// Puts a request at its place in the line, as if it had come with this number.
    fn wait(&mut self, run: Run, number: usize) {
        let behind = self.waiting.partition_point(|other| (other.turn, other.number) < (run.turn, number));
        self.waiting.insert(behind, run);
    }

    fn admit(&mut self) {
        let answer_waits = self.waiting.iter().any(|run| !run.ask.is_ahead);
        for place in give_places(&self.tenants(), self.places, answer_waits).into_iter().rev() {
            let reading = self.running.remove(place);
            // The real one is given up; here it is to end, too, behind all others.
            let turn = self.turns.arrives(None, 0);
            let number = usize::MAX;
            self.wait(Run { computed: 0, turn, ..reading }, number);
        }
        let mut index = 0;
        while let Some(run) = self.waiting.get(index) {
            let asked_behind = self.waiting.iter().skip(index + 1).any(|run| !run.ask.is_ahead);
            let free = self.cells - self.used_cells();
            match entry(&run.candidate(), &self.tenants(), self.places, asked_behind, |cells| cells <= free) {
                Entry::Begins => {
                    let run = self.waiting.remove(index).expect("it is there");
                    self.turns.begins(run.turn);
                    self.running.push(run);
                }
                Entry::IsPassed => index += 1,
                Entry::HoldsUp => break,
            }
        }
    }

    /// Decides on the next call and asks for cores, as a worker does.
    fn begin_round(&mut self, ledger: &mut Ledger, cores: usize) {
        self.admit();
        if self.running.is_empty() {
            if let Some(member) = self.member.take() {
                ledger.leave(member);
            }
            return;
        }
        let member = *self.member.get_or_insert_with(|| ledger.join());
        let tokens = loop {
            let demands: Vec<Demand> = self.running.iter().map(Run::demand).collect();
            let beside_others = ledger.share(member, usize::MAX) < cores;
            let free = self.cells - self.used_cells();
            let lacking = |tokens: usize| tokens.saturating_sub(free);
            match next_call(&demands, &self.tenants(), beside_others, LIMITS, lacking) {
                NextCall::Tokens(tokens) => break tokens,
                NextCall::GiveWay(mut places) => {
                    places.sort_unstable();
                    for place in places.into_iter().rev() {
                        let run = self.running.remove(place);
                        let run = Run { computed: 0, gave_way: true, ..run };
                        self.wait(run, run.number);
                        self.gave_way += 1;
                    }
                }
            }
        };
        let offered = ledger.share(member, usize::MAX);
        let wanted = self.choice.choose(tokens.iter().sum(), offered, || Some(cores));
        ledger.ask(member, wanted, Urgency::Usual);
        self.state = State::Asks { tokens, wanted, offered };
    }

    fn compute(&mut self, threads: usize, now: f64) {
        let State::Asks { tokens, wanted, offered } = std::mem::replace(&mut self.state, State::Idle) else {
            panic!("cores for a model that asked for none");
        };
        let end = now + (self.cost)(tokens.iter().sum(), threads);
        let offered = if threads < wanted { threads } else { offered.max(threads) };
        self.state = State::Computes { tokens, threads, offered, start: now, end };
    }

    /// Ends the call; the requests that have ended.
    fn end_call(&mut self, ledger: &mut Ledger) -> Vec<Run> {
        let State::Computes { tokens, threads, offered, start, end } =
            std::mem::replace(&mut self.state, State::Idle)
        else {
            panic!("the end of a call that never began");
        };
        ledger.give_back(threads);
        let seconds = end - start;
        self.core_seconds += seconds * threads as f64;
        self.calls += 1;
        self.choice.record(tokens.iter().sum(), threads, offered, Duration::from_secs_f64(seconds));
        let mut ended = Vec::new();
        let mut tokens = tokens.into_iter();
        self.running.retain_mut(|run| {
            let is_done = run.compute(tokens.next().unwrap_or(0));
            if is_done {
                ended.push(*run);
            }
            !is_done
        });
        ended
    }

    fn threads(&self) -> usize {
        if let State::Computes { threads, .. } = self.state { threads } else { 0 }
    }

    fn has_work(&self) -> bool {
        !self.running.is_empty() || !self.waiting.is_empty()
    }
}

struct Simulation {
    cores: usize,
    ledger: Ledger,
    models: Vec<Model>,
    /// By arrival.
    asks: VecDeque<(usize, Ask)>,
    now: f64,
    /// When each request ended.
    ends: Vec<Option<f64>>,
}

impl Simulation {
    fn new(cores: usize, models: Vec<Model>, mut asks: Vec<Ask>) -> Self {
        asks.sort_by(|one, other| one.arrives.total_cmp(&other.arrives));
        let ends = vec![None; asks.len()];
        let asks = asks.into_iter().enumerate().collect();
        Self { cores, ledger: Ledger::new(cores), models, asks, now: 0.0, ends }
    }

    /// Runs until everything that was asked has ended, or until `stop` says so.
    fn run_until(&mut self, mut stop: impl FnMut(&Self) -> bool) {
        loop {
            while let Some((number, ask)) = self.asks.pop_front_if(|(_, ask)| ask.arrives <= self.now) {
                self.models[ask.model].arrive(number, ask);
            }
            for model in self.models.iter_mut().filter(|model| model.state == State::Idle) {
                model.begin_round(&mut self.ledger, self.cores);
            }
            while let Some(member) = self.ledger.next() {
                let Some(threads) = self.ledger.try_grant(member) else { break };
                let model = self.models.iter_mut().find(|model| model.member == Some(member));
                model.expect("a model that asked").compute(threads, self.now);
            }
            self.check();
            if stop(self) {
                return;
            }
            let ends = self.models.iter().filter_map(|model| match model.state {
                State::Computes { end, .. } => Some(end),
                _ => None,
            });
            let next = ends.chain(self.asks.front().map(|(_, ask)| ask.arrives)).min_by(f64::total_cmp);
            let Some(next) = next else { break };
            self.now = next;
            for model in &mut self.models {
                if matches!(model.state, State::Computes { end, .. } if end <= next) {
                    for run in model.end_call(&mut self.ledger) {
                        self.ends[run.number] = Some(next);
                    }
                }
            }
        }
        assert!(self.models.iter().all(|model| !model.has_work()), "work is left that nobody does");
        assert!(self.ends.iter().all(Option::is_some), "every request has ended");
    }

    fn run(&mut self) {
        self.run_until(|_| false);
    }

    fn check(&self) {
        let threads: usize = self.models.iter().map(Model::threads).sum();
        assert!(threads <= self.cores, "{threads} threads on {} cores", self.cores);
        let asks = |model: &Model| matches!(model.state, State::Asks { .. });
        assert!(threads == self.cores || !self.models.iter().any(asks), "a model waits beside a free core");
        for model in &self.models {
            assert!(model.used_cells() <= model.cells, "{} of {} cells", model.used_cells(), model.cells);
        }
    }

    fn end(&self, number: usize) -> f64 {
        self.ends[number].expect("ended")
    }
}

#[test]
fn a_model_alone_takes_what_its_calls_take() {
    let mut simulation = Simulation::new(2, vec![Model::new(small)], vec![Ask::new(0, 0.0, 256, 3)]);
    simulation.run();
    // The prompt, whose call writes the first token, and two more; one thread is tried once.
    let calls = simulation.models[0].calls;
    assert_eq!(calls, 3);
    let expected = small(256, 2) + 2.0 * small(1, 2);
    assert!(
        simulation.now >= expected && simulation.now < 1.1 * expected,
        "{} against {expected}",
        simulation.now
    );
}

#[test]
fn models_with_equal_work_have_shares_of_the_cores_that_differ_by_one_core_at_most() {
    for (cores, count) in [(1, 2), (2, 2), (2, 3), (4, 2), (4, 3), (8, 3), (3, 5)] {
        let asks = (0..count).flat_map(|model| (0..4).map(move |_| Ask::new(model, 0.0, 500, 200))).collect();
        let models = (0..count).map(|_| Model::new(small)).collect();
        let mut simulation = Simulation::new(cores, models, asks);
        simulation.run_until(|now| now.ends.iter().any(Option::is_some));
        let shares: Vec<f64> =
            simulation.models.iter().map(|model| model.core_seconds / simulation.now).collect();
        let (least, most) =
            (shares.iter().copied().fold(f64::MAX, f64::min), shares.iter().copied().fold(0.0, f64::max));
        // A remainder of the cores goes to the oldest; without one, and in turns, shares are equal but for the call under way.
        let bound = if cores >= count && cores % count > 0 { 1.0 } else { 0.0 } + 0.05 * cores as f64;
        assert!(most - least <= bound, "{count} models on {cores} cores: {shares:?}");
    }
}

#[test]
fn equal_requests_of_one_model_write_alike() {
    let asks = (0..6).map(|_| Ask::new(0, 0.0, 40, 300)).collect();
    let mut simulation = Simulation::new(2, vec![Model::new(small)], asks);
    simulation.run_until(|now| {
        let written = now.models[0].running.iter().filter(|run| run.written > 0).map(|run| run.written);
        let (least, most) = (written.clone().min().unwrap_or(0), written.max().unwrap_or(0));
        // All prompts are read within a few calls; whoever writes has a token in each call.
        assert!(most - least <= 6, "{least} to {most} tokens");
        false
    });
    let spread = simulation.end(5) - simulation.end(0);
    assert!(spread <= 6.0 * small(256, 1), "{spread} s between the first and the last");
}

#[test]
fn runs_take_turns_however_many_requests_each_has() {
    let model = || Model { places: 4, ..Model::new(small) };
    // Forty samples of one run, and a question that comes a little later.
    let mut asks: Vec<Ask> = (0..40).map(|_| Ask::new(0, 0.0, 40, 60).of(1)).collect();
    asks.push(Ask::new(0, 0.5, 40, 60).of(2));
    let mut simulation = Simulation::new(2, vec![model()], asks);
    let mut before = None;
    simulation.run_until(|now| {
        if now.ends[40].is_some() && before.is_none() {
            before = Some(now.ends.iter().flatten().count() - 1);
        }
        false
    });
    // Those that had begun, and those beside it.
    assert!(before.unwrap() <= 4 + 4 + 3, "{before:?} of 40 ended before the question");
    // Three runs with as many requests each, one after the other in the line: at no time is one far ahead.
    let asks: Vec<Ask> = (0..60).map(|number| Ask::new(0, 0.0, 40, 60).of(number / 20)).collect();
    let mut simulation = Simulation::new(2, vec![model()], asks);
    simulation.run_until(|now| {
        let ended = |run: usize| now.ends[run * 20..(run + 1) * 20].iter().flatten().count();
        let counts = [ended(0), ended(1), ended(2)];
        let (least, most) = (counts.iter().min().unwrap(), counts.iter().max().unwrap());
        assert!(most - least <= 4, "{counts:?}");
        false
    });
}

#[test]
fn runs_have_equal_shares_of_the_tokens_however_long_their_requests_are() {
    let model = Model { places: 4, ..Model::new(small) };
    let (long, short) = (Ask::new(0, 0.0, 400, 200).of(1), Ask::new(0, 0.0, 40, 20).of(2));
    let asks: Vec<Ask> = (0..20).map(|_| long).chain((0..200).map(|_| short)).collect();
    let mut simulation = Simulation::new(2, vec![model], asks);
    simulation.run_until(|now| {
        let ended = |of: std::ops::Range<usize>| now.ends[of].iter().flatten().count();
        let (of_long, of_short) = (ended(0..20) * 600, ended(20..220) * 60);
        // As far apart as those that are under way.
        assert!(
            of_long.abs_diff(of_short) <= 5 * 600,
            "{of_long} tokens of long requests, {of_short} of short ones"
        );
        false
    });
}

#[test]
fn a_long_prompt_ends_beside_a_stream_of_short_answers_and_what_is_read_ahead() {
    let mut asks = vec![Ask::new(0, 0.5, 6_000, 20), Ask::ahead(0, 0.6, 3_000)];
    // Another one before the last has ended, for a long while.
    asks.extend((0..2_000).map(|number| Ask::new(0, 0.05 * f64::from(number), 10, 8)));
    // And another model that always has work.
    asks.extend((0..200).map(|number| Ask::new(1, 0.5 * f64::from(number), 100, 40)));
    let mut simulation = Simulation::new(2, vec![Model::new(small), Model::new(large)], asks);
    let mut long_calls = None;
    simulation.run_until(|now| {
        let model = &now.models[0];
        let is_there = model.running.iter().chain(&model.waiting).any(|run| run.ask.prompt == 6_000);
        if now.now > 1.0 && !is_there && long_calls.is_none() {
            long_calls = Some(model.calls);
        }
        false
    });
    // Every call has 64 tokens of prompts, of which the short ones take a part. What is read ahead has what all others leave, and ends as well.
    let long_calls = long_calls.unwrap();
    assert!(long_calls < 2 * 6_000 / 64 + 20 + 60, "the long prompt took {long_calls} calls");
}

#[test]
fn the_run_closest_to_its_end_goes_first_when_cells_are_short() {
    // Each fits alone, both together do not.
    let asks = vec![Ask::new(0, 0.0, 300, 600), Ask::new(0, 0.0, 300, 200)];
    let mut simulation = Simulation::new(2, vec![Model::with_cells(small, 900)], asks);
    simulation.run();
    assert!(simulation.end(1) < simulation.end(0));
    assert!(simulation.models[0].gave_way <= 1, "{}", simulation.models[0].gave_way);
    // Three, of whom the last to come is the shortest.
    let asks = vec![Ask::new(0, 0.0, 200, 700), Ask::new(0, 0.0, 200, 500), Ask::new(0, 0.0, 200, 300)];
    let mut simulation = Simulation::new(2, vec![Model::with_cells(small, 900)], asks);
    simulation.run();
    assert!(simulation.end(2) < simulation.end(1) && simulation.end(2) < simulation.end(0));
    assert!(simulation.models[0].gave_way >= 1, "memory was short");
}

#[test]
fn a_long_answer_ends_beside_a_stream_of_short_ones_when_cells_are_short() {
    let mut asks = vec![Ask::new(0, 0.0, 400, 500)];
    asks.extend((0..600).map(|number| Ask::new(0, 0.02 * f64::from(number), 150, 30)));
    let mut simulation = Simulation::new(2, vec![Model::with_cells(small, 1_000)], asks);
    let mut long_ended = None;
    simulation.run_until(|now| {
        if now.ends[0].is_some() && long_ended.is_none() {
            long_ended = Some(now.ends.iter().flatten().count());
        }
        false
    });
    let before = long_ended.unwrap();
    assert!(before < 300, "{before} of 600 short ones ended before the long one");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Whatever is asked of whom and when: never more threads than cores or more cells than there are, no core idle beside a model that waits,
    /// and everything ends.
    #[test]
    fn every_request_ends_and_nothing_is_oversubscribed(
        cores in 1_usize..7,
        models in prop::collection::vec((any::<bool>(), 700_usize..3_000, 1_usize..9), 1..5),
        asks in prop::collection::vec((0_usize..4, 0.0_f64..4.0, 1_usize..500, 1_usize..120, 0_usize..80, 0_u8..6), 1..60),
        runs in 1_usize..9,
    ) {
        let count = models.len();
        let models = models.into_iter().map(|(is_small, cells, places)| {
            let model = Model::with_cells(if is_small { small } else { large }, cells);
            Model { places, ..model }
        });
        let asks = asks.into_iter().map(|(model, arrives, prompt, answer, spare, kind)| {
            let model = model % count;
            match kind {
                0 => Ask::ahead(model, arrives, prompt),
                _ => Ask { cap: answer + spare, ..Ask::new(model, arrives, prompt, answer) }.of(prompt % runs),
            }
        });
        let asked: Vec<Ask> = asks.collect();
        let mut simulation = Simulation::new(cores, models.collect(), asked.clone());
        simulation.run();
        let gave_way: usize = simulation.models.iter().map(|model| model.gave_way).sum();
        prop_assert!(gave_way <= 3 * asked.len(), "{gave_way} of {} gave way", asked.len());
    }
}
