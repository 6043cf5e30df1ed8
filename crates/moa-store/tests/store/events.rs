//! Whatever is recorded comes back exactly.

use moa_core::extraction::AnswerForm;
use moa_core::{
    Agent, Aggregation, AggregatorFailure, AgreedAnswer, AgreementMeasure, CallId, CallOutcome, CallStatus,
    CallTask, Certainty, CertaintyMeasure, Choosing, ChoosingKind, Conversation, Decision, EarlyStop, Event,
    EventKind, Failure, FailureKind, Fallback, FinishReason, Image, Judged, Layer, LayerIndex, LayerRole,
    Lookup, Message, Mixture, PartialAnswers, Progress, RankMethod, ReferenceSettings, Retry, RetryAdvice,
    Role, RunId, RunOutcome, Sampling, Saved, ShortenedReference, Shortening, SynthesisTemplate, ToolCall,
    Upstream, Usage,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use std::time::Duration;

use crate::sample::{Place, key, record};

fn text() -> BoxedStrategy<String> {
    prop_oneof![any::<String>(), "[\\x00-\\x7f\"%_\\\\]{0,8}", "[あ-ん漢字😀🦀]{0,6}"].boxed()
}

fn finite() -> BoxedStrategy<f64> {
    prop_oneof![
        proptest::num::f64::NORMAL,
        proptest::num::f64::SUBNORMAL,
        proptest::num::f64::ZERO,
        0.0..1e7,
        Just(f64::MAX)
    ]
    .boxed()
}

fn share() -> BoxedStrategy<f32> {
    prop_oneof![proptest::num::f32::NORMAL, 0.0_f32..2.0].boxed()
}

fn call_id() -> BoxedStrategy<CallId> {
    (any::<u32>(), any::<u32>()).prop_map(|(layer, agent)| CallId { layer: LayerIndex(layer), agent }).boxed()
}

fn usage() -> BoxedStrategy<Usage> {
    (any::<[u32; 4]>(), any::<bool>(), option::of(finite()))
        .prop_map(
            |([prompt_tokens, cached_tokens, completion_tokens, reasoning_tokens], estimated, cost_usd)| {
                Usage {
                    prompt_tokens,
                    cached_tokens,
                    completion_tokens,
                    reasoning_tokens,
                    estimated,
                    cost_usd,
                }
            },
        )
        .boxed()
}

fn failure() -> BoxedStrategy<Failure> {
    let kind = select(vec![
        FailureKind::InvalidRequest,
        FailureKind::ContextOverflow,
        FailureKind::Unauthorized,
        FailureKind::ModelNotFound,
        FailureKind::ModelUnavailable,
        FailureKind::ContentFiltered,
        FailureKind::RateLimited,
        FailureKind::ServerError,
        FailureKind::BadResponse,
        FailureKind::ConnectionLost,
        FailureKind::ConnectTimeout,
        FailureKind::FirstTokenTimeout,
        FailureKind::IdleTimeout,
        FailureKind::CircuitOpen,
        FailureKind::EmptyAnswer,
        FailureKind::CallDeadline,
        FailureKind::LayerDeadline,
        FailureKind::RunDeadline,
        FailureKind::Straggler,
        FailureKind::CostCap,
        FailureKind::Cancelled,
        FailureKind::TooFewProposals,
        FailureKind::ModelError,
    ]);
    let advice = (duration(), option::of(any::<bool>()))
        .prop_map(|(after, should_retry)| RetryAdvice { after, should_retry });
    (kind, text(), option::of(text()), advice)
        .prop_map(|(kind, message, hint, advice)| Failure { kind, message, hint, advice })
        .boxed()
}

fn finish_reason() -> BoxedStrategy<FinishReason> {
    let reasons =
        [FinishReason::Stop, FinishReason::Length, FinishReason::ToolCalls, FinishReason::ContentFilter];
    select(reasons.to_vec()).boxed()
}

fn sampling() -> BoxedStrategy<Sampling> {
    (
        (share(), option::of(share()), option::of(any::<u32>()), option::of(share())),
        (option::of(share()), option::of(share()), option::of(share()), option::of(any::<u64>())),
        vec(text(), 0..3),
    )
        .prop_map(
            |(
                (temperature, top_p, top_k, min_p),
                (repeat_penalty, frequency_penalty, presence_penalty, seed),
                stop,
            )| {
                Sampling {
                    temperature,
                    top_p,
                    top_k,
                    min_p,
                    repeat_penalty,
                    frequency_penalty,
                    presence_penalty,
                    seed,
                    stop,
                }
            },
        )
        .boxed()
}

fn duration() -> BoxedStrategy<Option<Duration>> {
    option::of(any::<u32>().prop_map(|ms| Duration::from_millis(ms.into()))).boxed()
}

fn agent() -> BoxedStrategy<Agent> {
    (text(), text(), option::of(text()), sampling(), any::<u32>(), duration())
        .prop_map(|(name, model, system, sampling, max_tokens, deadline)| Agent {
            name,
            system,
            sampling,
            deadline,
            ..Agent::new(model, max_tokens)
        })
        .boxed()
}

fn choosing() -> BoxedStrategy<Choosing> {
    let kind = prop_oneof![
        select(vec![AnswerForm::Marked, AnswerForm::Number, AnswerForm::Whole])
            .prop_map(|answer| ChoosingKind::Vote { answer }),
        Just(ChoosingKind::Mux { answer: AnswerForm::Choice }),
        Just(ChoosingKind::Certainty { measure: CertaintyMeasure::Entropy }),
        Just(ChoosingKind::Rank { method: RankMethod::Pairwise }),
        Just(ChoosingKind::UniversalSelfConsistency),
        Just(ChoosingKind::Diverse),
    ];
    (kind, any::<u32>(), vec(text(), 0..2))
        .prop_map(|(by, keep, prefer)| Choosing { by, keep, prefer })
        .boxed()
}

fn aggregation() -> BoxedStrategy<Aggregation> {
    prop_oneof![
        Just(Aggregation::Synthesise),
        Just(Aggregation::AnalyseThenWrite),
        any::<u32>().prop_map(|window| Aggregation::SelfMoaSeq { window }),
        choosing().prop_map(Aggregation::Choose)
    ]
    .boxed()
}

fn early_stop() -> BoxedStrategy<EarlyStop> {
    let measure = prop_oneof![
        Just(AgreementMeasure::Words),
        Just(AgreementMeasure::Answer { form: AnswerForm::Text }),
        Just(AgreementMeasure::Examples)
    ];
    let then = select(vec![AgreedAnswer::Aggregate, AgreedAnswer::Answer]);
    (finite(), measure, then)
        .prop_map(|(agreement, measure, then)| EarlyStop { agreement, measure, then })
        .boxed()
}

fn decision() -> BoxedStrategy<Decision> {
    let judged = (call_id(), option::of(text()), option::of(finite()))
        .prop_map(|(call, answer, score)| Judged { call, answer, score });
    (text(), vec(call_id(), 0..2), text(), any::<bool>(), vec(judged, 0..3))
        .prop_map(|(kind, chosen, reason, switch, judged)| Decision {
            kind,
            chosen,
            reason,
            tie: switch,
            settles: !switch,
            judged,
        })
        .boxed()
}

fn mixture() -> BoxedStrategy<Mixture> {
    let selection = (option::of(choosing()), any::<bool>());
    let layer = (vec(agent(), 0..3), any::<u32>(), duration(), duration(), selection).prop_map(
        |(agents, min_proposals, deadline, wait, (select, independent))| Layer {
            agents,
            min_proposals,
            deadline,
            wait,
            select,
            independent,
        },
    );
    let synthesis = prop_oneof![
        Just(SynthesisTemplate::default()),
        "[a-z漢 \n]{0,9}"
            .prop_map(|text| SynthesisTemplate::new(format!("{text} {{{{ responses }}}}")).unwrap())
    ];
    let aggregators = (
        agent(),
        vec(agent(), 0..2),
        any::<bool>(),
        aggregation(),
        option::of(agent()),
        option::of(early_stop()),
    );
    (text(), vec(layer, 0..3), aggregators, any::<[bool; 5]>(), synthesis, duration())
        .prop_map(
            |(
                name,
                layers,
                (aggregator, stand_ins, fail, aggregation, judge, early_stop),
                switches,
                synthesis,
                deadline,
            )| {
                let [residual, keep, shuffled, anonymous, without_outliers] = switches;
                Mixture {
                    residual,
                    partial_answers: if keep { PartialAnswers::Keep } else { PartialAnswers::Drop },
                    fallback_aggregators: stand_ins,
                    aggregation,
                    judge,
                    early_stop,
                    on_aggregator_failure: if fail {
                        AggregatorFailure::Fail
                    } else {
                        AggregatorFailure::Proposal
                    },
                    references: ReferenceSettings { shuffled, anonymous, without_outliers },
                    synthesis,
                    deadline,
                    ..Mixture::new(name, layers, aggregator)
                }
            },
        )
        .boxed()
}

fn tool_call() -> BoxedStrategy<ToolCall> {
    (text(), text(), text()).prop_map(|(id, name, arguments)| ToolCall { id, name, arguments }).boxed()
}

fn message() -> BoxedStrategy<Message> {
    let role = select(vec![Role::System, Role::User, Role::Assistant, Role::Tool]);
    let image = (text(), option::of(text()), any::<usize>())
        .prop_map(|(url, detail, position_bytes)| Image { url, detail, position_bytes });
    (role, text(), vec(image, 0..2), vec(tool_call(), 0..2), option::of(text()))
        .prop_map(|(role, content, images, tool_calls, tool_call_id)| Message {
            images,
            tool_calls,
            tool_call_id,
            ..Message::new(role, content)
        })
        .boxed()
}

fn started() -> BoxedStrategy<EventKind> {
    (mixture(), vec(message(), 0..4), any::<u64>(), any::<u64>(), option::of(finite()))
        .prop_map(|(mixture, messages, seed, started_at_unix_ms, max_cost_usd)| EventKind::RunStarted {
            mixture: Box::new(mixture),
            conversation: Conversation::new(messages),
            seed,
            started_at_unix_ms,
            max_cost_usd,
            unused_fields: serde_json::Map::new(),
            notes: Vec::new(),
        })
        .boxed()
}

fn shortening() -> BoxedStrategy<Shortening> {
    let reference = (any::<u32>(), text(), any::<usize>(), any::<usize>()).prop_map(
        |(layer, agent, original_chars, kept_chars)| ShortenedReference {
            layer: LayerIndex(layer),
            agent,
            original_chars,
            kept_chars,
        },
    );
    (any::<u32>(), any::<u32>(), any::<u32>(), vec(reference, 0..3))
        .prop_map(|(original_tokens, fitted_tokens, limit_tokens, references)| Shortening {
            original_tokens,
            fitted_tokens,
            limit_tokens,
            references,
        })
        .boxed()
}

fn progress() -> BoxedStrategy<Progress> {
    prop_oneof![
        any::<u8>().prop_map(|percent| Progress::Loading { percent }),
        Just(Progress::Queued),
        Just(Progress::Waiting),
        (any::<u32>(), any::<u32>(), any::<u32>()).prop_map(|(done_tokens, total_tokens, cached_tokens)| {
            Progress::Prefill { done_tokens, total_tokens, cached_tokens }
        }),
    ]
    .boxed()
}

fn call_outcome() -> BoxedStrategy<CallOutcome> {
    let status = prop_oneof![
        Just(CallStatus::Ok),
        Just(CallStatus::Partial),
        Just(CallStatus::Failed),
        Just(CallStatus::Dropped)
    ];
    let reason = option::of(finish_reason());
    let certainty = (any::<u32>(), finite(), option::of(finite()))
        .prop_map(|(tokens, mean_logprob, mean_entropy)| Certainty { tokens, mean_logprob, mean_entropy });
    let written = (text(), text(), vec(tool_call(), 0..2), option::of(certainty));
    (status, written, reason, option::of(failure()), usage(), option::of(finite()), finite())
        .prop_map(|(status, written, finish_reason, error, usage, first_token_ms, wall_ms)| CallOutcome {
            status,
            text: written.0,
            reasoning: written.1,
            tool_calls: written.2,
            finish_reason,
            error,
            usage,
            certainty: written.3.map(Box::new),
            first_token_ms,
            wall_ms,
        })
        .boxed()
}

fn delta() -> BoxedStrategy<EventKind> {
    (call_id(), text(), any::<u32>())
        .prop_map(|(call, text, tokens)| EventKind::CallDelta { call, text, tokens })
        .boxed()
}

fn middle() -> BoxedStrategy<EventKind> {
    let role = prop_oneof![Just(LayerRole::Proposers), Just(LayerRole::Aggregator)];
    prop_oneof![
        8 => delta(),
        1 => (any::<u32>(), role).prop_map(|(layer, role)| EventKind::LayerStarted { layer: LayerIndex(layer), role }),
        1 => (call_id(), text(), text(), text(), option::of(text())).prop_map(
            |(call, agent, model, endpoint, prompt)| {
                EventKind::CallStarted {
                    call,
                    agent,
                    model,
                    endpoint,
                    task: if prompt.is_some() { CallTask::Answer } else { CallTask::Rank },
                    key: prompt.as_deref().map(key),
                }
            }
        ),
        4 => (call_id(), text(), any::<u32>())
            .prop_map(|(call, text, tokens)| EventKind::CallReasoning { call, text, tokens }),
        1 => (call_id(), tool_call()).prop_map(|(call, tool)| EventKind::CallTool { call, tool }),
        1 => (call_id(), option::of(text()), option::of(text()), option::of(text())).prop_map(
            |(call, model, replica, request_id)| {
                EventKind::CallUpstream { call, upstream: Upstream { model, replica, request_id } }
            }
        ),
        1 => call_id().prop_map(|call| EventKind::CallReused { call }),
        1 => (any::<u32>(), vec(call_id(), 0..3))
            .prop_map(|(layer, calls)| EventKind::ProposalsSetAside { layer: LayerIndex(layer), calls }),
        1 => call_id().prop_map(|call| EventKind::CallHedged { call }),
        1 => (call_id(), any::<u32>(), failure(), any::<u32>()).prop_map(|(call, attempt, failure, wait_ms)| {
            let wait = Duration::from_millis(wait_ms.into());
            EventKind::CallRetried { call, retry: Retry { attempt, failure, wait } }
        }),
        1 => (call_id(), progress()).prop_map(|(call, progress)| EventKind::CallProgress { call, progress }),
        1 => (call_id(), shortening()).prop_map(|(call, shortening)| EventKind::CallShortened { call, shortening }),
        1 => (call_id(), text()).prop_map(|(call, message)| EventKind::CallWarning { call, message }),
        1 => (call_id(), any::<u32>(), any::<u32>(), finite()).prop_map(|(call, steps, tokens, saved_ms)| {
            let lookup = Lookup { steps, drafted_tokens: tokens, accepted_tokens: tokens / 2, saved_ms };
            EventKind::CallLookup { call, lookup }
        }),
        1 => (call_id(), call_outcome()).prop_map(|(call, outcome)| EventKind::CallFinished { call, outcome }),
        1 => (any::<u32>(), option::of(finite()), finite(), any::<[u32; 3]>()).prop_map(
            |(layer, agreement, wanted, [layers, calls, tokens])| EventKind::AgreementMeasured {
                layer: LayerIndex(layer),
                agreement,
                wanted,
                saved: agreement
                    .map(|_| Saved { layers, calls, completion_tokens_at_most: tokens.into() }),
            }
        ),
        1 => (any::<u32>(), decision())
            .prop_map(|(layer, decision)| EventKind::Decided { layer: LayerIndex(layer), decision }),
        1 => (any::<u32>(), any::<u32>(), any::<u32>(), finite()).prop_map(|(layer, kept, lost, wall_ms)| {
            EventKind::LayerFinished { layer: LayerIndex(layer), kept, lost, wall_ms }
        }),
    ]
    .boxed()
}

fn last() -> BoxedStrategy<EventKind> {
    let times = (option::of(finite()), finite());
    let fallback = prop_oneof![
        call_id().prop_map(|call| Fallback::Aggregator { call }),
        call_id().prop_map(|call| Fallback::Proposal { call }),
    ];
    let whose = (vec(tool_call(), 0..2), option::of(fallback), option::of(call_id()));
    prop_oneof![
        (text(), finish_reason(), any::<bool>(), usage(), times, whose).prop_map(
            |(answer, finish_reason, degraded, usage, (first_token_ms, wall_ms), whose)| {
                let (tool_calls, fallback, chosen) = whose;
                EventKind::RunFinished {
                    outcome: RunOutcome {
                        answer,
                        tool_calls,
                        fallback,
                        chosen,
                        finish_reason,
                        degraded,
                        usage,
                        first_token_ms,
                        wall_ms,
                    },
                }
            }
        ),
        (failure(), usage(), finite()).prop_map(|(failure, usage, wall_ms)| EventKind::RunFailed {
            failure,
            usage,
            wall_ms
        }),
        (usage(), finite()).prop_map(|(usage, wall_ms)| EventKind::RunCancelled { usage, wall_ms }),
    ]
    .boxed()
}

fn run() -> BoxedStrategy<Vec<Event>> {
    let kinds = (started(), vec(middle(), 0..40), option::of(last())).prop_map(|(first, middle, last)| {
        std::iter::once(first).chain(middle).chain(last).collect::<Vec<_>>()
    });
    (any::<u128>(), kinds, vec(finite(), 42))
        .prop_map(|(run, kinds, times)| {
            let numbered = (0..).zip(kinds).zip(times);
            numbered
                .map(|((sequence, kind), at_ms)| Event { run: RunId::from_u128(run), sequence, at_ms, kind })
                .collect()
        })
        .boxed()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn two_interleaved_runs_come_back_as_they_were(one in run(), other in run(), turns in vec(any::<bool>(), 84)) {
        prop_assume!(one[0].run != other[0].run);
        let place = Place::new();
        let store = place.open();
        let (mut a, mut b) = (one.iter(), other.iter());
        let mut mixed: Vec<Event> =
            turns.iter().filter_map(|turn| if *turn { a.next() } else { b.next() }).cloned().collect();
        mixed.extend(a.chain(b).cloned());
        record(&store, &mixed);
        prop_assert_eq!(store.events(one[0].run).unwrap(), one);
        prop_assert_eq!(store.events(other[0].run).unwrap(), other);
        prop_assert_eq!(store.list(&moa_store::RunFilter::default()).unwrap().len(), 2);
    }
}
