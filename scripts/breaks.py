"""The breaks of `break_guarantees.py`: what is changed where, and whose tests have to notice."""

import dataclasses

CORE, OPENAI, STORE, MOA = "crates/moa-core/src", "crates/moa-openai/src", "crates/moa-store/src", "crates/moa/src"


@dataclasses.dataclass(frozen=True)
class Break:
    guarantee: str
    # What is wrong then.
    what: str
    file: str
    old: str
    new: str
    packages: tuple[str, ...]
    filter: tuple[str, ...] = ()


def core(guarantee: str, what: str, file: str, old: str, new: str) -> Break:
    return Break(guarantee, what, f"{CORE}/{file}", old, new, ("moa-core",))


def openai(guarantee: str, what: str, file: str, old: str, new: str) -> Break:
    return Break(guarantee, what, f"{OPENAI}/{file}", old, new, ("moa-openai",))


def moa(guarantee: str, what: str, file: str, old: str, new: str, test: str) -> Break:
    return Break(guarantee, what, file, old, new, ("moa",), ("--test", "it", test))


BREAKS = [
    core("R1", "a stopped run goes on listening to its models", "engine/call.rs", "() = self.cancel.cancelled() => {",
         "() = std::future::pending::<()>() => {"),
    openai("R1", "an answer that nobody reads is read to its end in the background", "exchange.rs",
           """        Box::pin(stream::unfold(self, |mut exchange| async move {
            let event = exchange.next().await?;
            Some((event, exchange))
        }))""",
           """        let mut exchange = self;
        let (sender, receiver) = tokio::sync::mpsc::unbounded_channel();
        drop(tokio::spawn(async move { while let Some(event) = exchange.next().await { drop(sender.send(event)); } }));
        Box::pin(stream::unfold(receiver, |mut receiver| async move { Some((receiver.recv().await?, receiver)) }))"""),
    core("R2", "a layer goes on with one answer, whatever its quorum", "engine/proposing.rs",
         "let is_enough = proposals.len() as u64 >= u64::from(plan.quorum);", "let is_enough = kept > 0;"),
    core("R2", "a lost answer has no reason", "engine/proposing.rs", "losses.push((agent.name.as_str(), report.outcome.error)),",
         "losses.push((agent.name.as_str(), None)),"),
    core("R2", "an empty answer is one", "engine/call.rs", "if text.is_empty() && answer.tool_calls.is_empty() => {", "if false => {"),
    core("R2", "a failed call is reported as answered", "engine/call.rs", "(false, false) => CallStatus::Failed,", "(false, false) => CallStatus::Ok,"),
    core("R2", "a stream that just stops is an answer", "engine/call.rs",
         """                None => {
                    return Err(Failure::new(
                        FailureKind::ModelError,
                        "the model stopped without finishing its answer",
                    ));
                }""", "                None => return Ok((FinishReason::Stop, Usage::default())),"),
    core("R3", "of equal proposals the last stands in", "ranking.rs", "(0..proposals.len()).rev().max_by", "(0..proposals.len()).max_by"),
    core("R3", "a proposal that was cut short is as good as a whole one", "ranking.rs",
         "is_some_and(|(is_whole, _)| *is_whole)", "is_some_and(|(is_whole, _)| *is_whole && false)"),
    core("R3", "an aggregator that stood in is not named", "engine/aggregation.rs",
         "(number > 1).then_some(Fallback::Aggregator { call: report.call })", "(number > 99).then_some(Fallback::Aggregator { call: report.call })"),
    core("R3", "a run that lost an answer is not marked as degraded", "engine/layer_run.rs",
         "            self.degraded |= report.outcome.status != CallStatus::Ok || report.shortened;\n", ""),
    core("R3", "an answer that has begun is continued by somebody else", "engine/aggregation.rs",
         "let is_over = has_begun || is_final(&error);", "let is_over = is_final(&error);"),
    core("R3", "a proposal takes the place of an answer that has begun", "engine/aggregation.rs",
         "!self.request.cancel.is_cancelled() && !has_begun {", "!self.request.cancel.is_cancelled() {"),
    core("R4", "stragglers are let go one answer late", "engine/layer_run.rs", "usable >= plan.quorum &&", "usable > plan.quorum &&"),
    core("R4", "stragglers are waited for whatever `wait` says", "engine/layer_run.rs",
         "                    patience = None;\n                    enough.cancel();", "                    patience = None;"),
    core("R4", "patience begins anew with each answer", "engine/layer_run.rs", "} else if patience.is_none() {", "} else {"),
    openai("R5", "429 is a wrong request", "failure/classification.rs", "Some(402 | 429 | 498)", "Some(402 | 498)"),
    openai("R5", "a date in Retry-After is not understood", "failure/retry_advice.rs", "Some(until.duration_since(now).unwrap_or_default())", "None"),
    openai("R5", "milliseconds are read as seconds", "failure/retry_advice.rs", "seconds(value, 1000.0)", "seconds(value, 1.0)"),
    openai("R5", "x-should-retry: false is not obeyed", "failure/retry_advice.rs", 'Some("false") => Some(false),', 'Some("false") => None,'),
    core("R6", "the last deadline counts and not the first", "engine/layer_run.rs", ".min_by_key(|deadline| deadline.at)", ".max_by_key(|deadline| deadline.at)"),
    core("R6", "a layer's deadline is called that of a call", "engine/layer_run.rs", "limit, FailureKind::LayerDeadline,", "limit, FailureKind::CallDeadline,"),
    core("R6", "a run has no deadline between its layers", "engine/proposing.rs", "filter(|deadline| Instant::now() >= deadline.at);", "filter(|_| false);"),
    moa("R12", "answers that are there are asked for again", "crates/moa/src/commands/resume.rs", "models = models.with_call(call, Arc::clone(&replay));",
        "drop((call, Arc::clone(&replay)));", "kills"),
    moa("R12", "what an earlier resumption answered is forgotten", "crates/moa/src/commands/resume.rs", "        if is_attempt {", "        if is_attempt && false {",
        "kills"),
    Break("R12", "an answer is not entered under its content key", f"{STORE}/ledger.rs", "insert_answer(database, &key, row)?;", "drop((key, row));",
          ("moa-store",)),
    core("R12", "samples of one question have one content key", "content_key.rs", "drop(serde_json::to_writer(&mut hasher, content));",
         "drop(serde_json::to_writer(&mut hasher, &KeyedContent { sample: 0, ..*content }));"),
    core("R13", "references stand in the order in which they came", "engine/layer_run.rs", "        reports.sort_by_key(|report| report.call);\n", ""),
    core("R13", "the seed of a call does not depend on the run's", "engine/seed.rs", "mix(mix(run_seed) ^ place)", "mix(mix(run_seed & 0) ^ place)"),
    core("R13", "all agents of a layer have one seed", "engine/seed.rs", "| u64::from(call.agent);", "| (u64::from(call.agent) & 0);"),
    openai("R14", "CR and LF are two ends of a line, also in two pieces", "sse/line.rs", "self.after_carriage_return = after.first() == Some(&b'\\r');",
           "self.after_carriage_return = false;"),
    openai("R14", "a byte order mark is part of the first field", "sse/line.rs", "line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line)", "line"),
    openai("R14", "the lines of an event have nothing between them", "sse/decoder.rs", "            self.data.push(b'\\n');\n", ""),
    openai("R14", "the space after the colon is data", "sse/decoder.rs", 'value.strip_prefix(b" ").unwrap_or(value)', "value"),
    openai("R14", "a line may be as long as it likes", "sse/line.rs", "if self.held.len() + part.len() > limit_bytes {", "if false {"),
    openai("R14", "an event without its last blank line is lost", "reply/decoder.rs", "decoder.finish().filter(|_| !self.is_done)", "decoder.finish().filter(|_| false)"),
    openai("R14", "[DONE] does not end the answer", "reply/decoder.rs", "        if data == DONE {\n            self.is_done = true;", "        if data == DONE {"),
    openai("R14", "bytes that are no UTF-8 are replaced without a word", "reply/decoder.rs", "        self.warn_of(event.is_lossy, events);\n", ""),
    openai("R15", "a stream that breaks off is an answer", "reply/decoder.rs", "if self.is_done || self.has_ended() {", "if true {"),
    openai("R15", "an error in the middle of a stream is not one", "reply/assembly.rs", "if chunk.is_error() {", "if chunk.is_error() && false {"),
    core("R15", "a partial proposal is kept where it should be dropped", "engine/call.rs", "let kept = self.partial_answers == PartialAnswers::Keep\n",
         "let kept = (self.partial_answers == PartialAnswers::Keep || true)\n"),
    core("R15", "the partial answer of an aggregator is the run's", "engine/layer_run.rs", "LayerRole::Aggregator => PartialAnswers::Drop,",
         "LayerRole::Aggregator => PartialAnswers::Keep,"),
    core("R19", "a proposal may hold the mark that ends it", "fence.rs", "if !lower.contains(&self.mark) {", "if true || !lower.contains(&self.mark) {"),
    core("R19", "control tokens stay whole", "fence.rs", "            broken.push(' ');\n", ""),
    core("R19", "every prompt has the same mark", "fence.rs", "drop(serde_json::to_writer(&mut hasher, &(conversation, layer)));", "drop((conversation, layer));"),
    core("R19", "a template may loop as long as it likes", "synthesis.rs", "    environment.set_fuel(Some(FUEL));\n", ""),
    openai("R19", "secrets stay in what the service says", "redaction.rs", "            if clean.contains(secret.expose_secret()) {", "            if false && clean.contains(secret.expose_secret()) {"),
    openai("R19", "a failure's message is not cleaned", "exchange.rs", "            failure.message = connection.redactor.redact(&failure.message);\n", ""),
    openai("R19", "half hidden keys stay", "redaction.rs", "if clean.contains(MASK) { mask_words(&clean) } else { clean }", "{ let _ = mask_words; clean }"),
    core("cost", "what is set aside for others does not count", "engine/budget.rs", "let taken = state.spent_usd + state.reserved_usd;", "let taken = state.spent_usd;"),
    core("cost", "a call that tells no cost costs nothing", "engine/budget.rs", "if is_told { cost_usd } else { cost_usd.max(self.usd) }", "if is_told { cost_usd } else { cost_usd }"),
    core("cost", "what the service counted before it failed is forgotten", "engine/call.rs", "self.priced(answer.consumed())", "self.priced(Usage::default())"),
    core("cost", "an answer that broke off is booked with what arrived of it", "engine/call.rs", "is_refused && outcome.usage.is_nothing()", "is_refused"),
    Break("cost", "an attempt that failed has consumed nothing", "crates/moa-resilience/src/spending.rs", "        self.lost += consumed;\n", "",
          ("moa-resilience",)),
    Break("cost", "under a cap an attempt that cost something is made again", "crates/moa-resilience/src/retry.rs",
          "spending.close(0) || failure.kind.may_have_cost()", "spending.close(0) && false || failure.kind.may_have_cost()", ("moa-resilience",)),
    openai("cost", "an error takes the counts along", "reply/assembly.rs", "counts.filter(|usage| !usage.is_nothing())", "counts.filter(|_| false)"),
    core("cost", "nothing is set aside for the aggregator", "engine/aggregation.rs", "self.budget.reserve(usd, &format!(\"the aggregator '{}'\", aggregator.name)).map(Some)",
         "self.budget.reserve(usd * 0.0, &format!(\"the aggregator '{}'\", aggregator.name)).map(Some)"),
    core("cost", "a run without prices starts under a cap", "engine/execution.rs", "        if self.budget.is_capped() {\n            let unknown",
         "        if false {\n            let unknown"),
]
