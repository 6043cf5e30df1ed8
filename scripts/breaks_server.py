"""Breaks of what the server promises (R9, R10, R11, R16) and of what a kill may cost (R12)."""

from breaks import MOA, STORE, Break, moa

SERVER = "crates/moa-server/src"


def server(guarantee: str, what: str, file: str, old: str, new: str) -> Break:
    return Break(guarantee, what, f"{SERVER}/{file}", old, new, ("moa-server",))


BREAKS = [
    server("R9", "the queue has no end", "access/admission.rs", ">= self.max_queue {", ">= self.max_queue.saturating_mul(1_000) {"),
    server("R9", "a refusal does not say when to come back", "access/admission.rs", "return Err(refusal.retry_after(RETRY_AFTER));",
           "return Err(refusal);"),
    server("R9", "one run more goes on than may", "access/admission.rs", "Semaphore::new(max_runs as usize)", "Semaphore::new(max_runs as usize + 1)"),
    server("R9", "who leaves the queue is counted for ever", "access/admission.rs", "        self.0.fetch_sub(1, Ordering::AcqRel);\n", ""),
    server("R9", "the place of a run that has ended stays taken", "runs/registry.rs", "            drop(place);\n", "            std::mem::forget(place);\n"),
    server("R10", "a reader that takes nothing is waited for far too long", "write_idle.rs", "Instant::now() + self.limit", "Instant::now() + self.limit * 1_000"),
    server("R10", "connections do not look whether anything is taken", "serve.rs", "WriteIdle::new(stream, self.write_idle)",
           "WriteIdle::new(stream, self.write_idle * 100_000)"),
    server("R10", "a reader that takes something now and then is given up", "write_idle.rs", "            self.is_waiting = false;\n            return poll;",
           "            return poll;"),
    server("R10", "the run of a reader that was given up goes on", "runs/active.rs", "            self.run.cancel();\n", ""),
    server("R11", "a server that ends takes requests", "serve.rs", "            app.stop.cancel();\n", ""),
    server("R11", "runs that go on are cut at once", "serve.rs", "timeout(app.settings.drain, app.runs.drained())",
           "timeout(app.settings.drain * 0, app.runs.drained())"),
    server("R11", "runs that do not end are waited for without end", "serve.rs", "timeout(app.settings.drain, app.runs.drained())",
           "timeout(app.settings.drain * 1_000_000, app.runs.drained())"),
    server("R11", "a run that was cut is stored as stopped by somebody", "runs/driver.rs", "() = self.cut.cancelled() => break,",
           "() = self.cut.cancelled(), if !cancel.is_cancelled() => { cancel.cancel(); continue; }"),
    server("R11", "who waits in the queue is not told of the end", "access/admission.rs", "() = self.stop.cancelled() => return Err(draining()),",
           "() = std::future::pending() => return Err(draining()),"),
    server("R11", "a refusal at the end does not say when to come back", "access/admission.rs",
           'ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "draining", message).retry_after(RETRY_AFTER)',
           'ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "draining", message)'),
    moa("R11", "a signal ends the server where it stands", f"{MOA}/commands/serve.rs", "let _shield = workspace.interrupts.shield(stop.clone());",
        "drop(workspace.interrupts.shield(stop.clone()));", "serve::"),
    moa("R11", "a second signal is not heard", f"{MOA}/interrupt.rs", "Some(run) if !run.is_cancelled() => run.cancel(),", "Some(run) => run.cancel(),",
        "serve::"),
    moa("R12", "what was cut short is taken for an answer", f"{MOA}/commands/resume.rs", "outcome.status == CallStatus::Ok;",
        "outcome.status != CallStatus::Failed;", "resum"),
    Break("R12", "what was cut short is found again as an answer", f"{STORE}/ledger.rs", "outcome.status == CallStatus::Ok);", "outcome.status.is_usable());",
          ("moa-store",)),
    Break("R12", "a run whose process was killed is called stopped", f"{STORE}/summary.rs", '"open" | "interrupted" => Self::Interrupted',
          '"open" | "interrupted" => Self::Cancelled', ("moa-store",)),
    server("R16", "a silent stream stays silent", "sse.rs", "Err(_) => yield Bytes::from_static(COMMENT),", "Err(_) => {}"),
    server("R16", "comments come at half the pace", "sse.rs", "timeout(keep_alive, frames.next())", "timeout(keep_alive * 2, frames.next())"),
    server("R16", "a comment looks like an end to some clients", "sse.rs", 'b": working\\n\\n"', 'b": ping\\n\\n"'),
    server("R16", "chat streams have no comments", "chat/handler.rs", "sse::response(self.frames(chunks, ready, events), keep_alive)",
           "sse::response(self.frames(chunks, ready, events), keep_alive * 100_000)"),
    server("R16", "streams of /v1/responses have no comments", "chat/responses/handler.rs", "sse::response(self.frames(following, ready, events), keep_alive)",
           "sse::response(self.frames(following, ready, events), keep_alive * 100_000)"),
    server("R16", "live events have no comments", "api/events.rs", "sse::response(frames, app.settings.keep_alive)",
           "sse::response(frames, app.settings.keep_alive * 100_000)"),
    server("R16", "the head of a silent stream is held back for ever", "chat/handler.rs", "Instant::now() + self.app.settings.keep_alive;",
           "Instant::now() + self.app.settings.keep_alive * 100_000;"),
    Break("R16", "a configuration may ask for longer silences", "crates/moa-config/src/server.rs", "if period > MOST_KEEP_ALIVE {",
          "if false && period > MOST_KEEP_ALIVE {", ("moa-config",)),
    Break("R16", "silences are longer than ten seconds unless somebody asks for less", "crates/moa-config/src/server.rs",
          "keep_alive: Duration::from_secs(8),", "keep_alive: Duration::from_secs(80),", ("moa-config",)),
]
