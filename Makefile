# The two commands that matter: `make demo` and `make test`. `make help` lists the rest.

SHELL := /bin/bash
.DEFAULT_GOAL := help
# llama.cpp's build leaves out every fast instruction where this is set.
unexport SOURCE_DATE_EPOCH

QUESTION ?= Why is the sky blue during the day but red at sunset? Answer in one short paragraph.
PRESET ?= article-shape
HUNT_ROUNDS ?= 10
RELEASE := target/release/moa
DEBUG := target/debug/moa
PORTABLE := target/portable
PORTABLE_FEATURES ?= dynamic-backends
# The tests use real weights (98 MB). They are fetched once, into the target folder.
TEST_MODELS := $(CURDIR)/target/test-models
TEST_MODEL := $(TEST_MODELS)/SmolLM2-135M-Instruct.Q4_1.gguf
export MOA_TEST_MODEL := $(TEST_MODEL)

.PHONY: help
help: ## Lists the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-18s %s\n", $$1, $$2}'

.PHONY: demo
demo: build ## Builds moa, gets the default models and asks a question: make demo QUESTION="..." PRESET=tiny
	$(RELEASE) models pull --preset $(PRESET)
	$(RELEASE) ask --yes --preset $(PRESET) "$(QUESTION)"

.PHONY: serve
serve: build ## Builds moa, gets the default models and serves them at http://127.0.0.1:8080: make serve PRESET=tiny
	$(RELEASE) models pull --preset $(PRESET)
	$(RELEASE) serve

.PHONY: build
build: bootstrap ## Builds the release binary for this machine's CPU
	cargo build --release --locked --package moa
	@echo "built $(RELEASE)"

.PHONY: portable
portable: bootstrap ## Builds a moa for other machines into target/portable: it chooses its kernels for the CPU when it starts
	RUSTFLAGS='-C link-arg=-Wl,-rpath,$$ORIGIN' cargo build --release --locked --package moa --features $(PORTABLE_FEATURES) \
		--target-dir $(PORTABLE)-build
	rm -rf $(PORTABLE)
	mkdir -p $(PORTABLE)
	cp $(PORTABLE)-build/release/moa $(PORTABLE)/
	# Links and what they name; beside the binary cargo puts the links alone.
	cp --archive $(PORTABLE)-build/release/build/llama-cpp-sys-2-*/out/lib/lib*.so* $(PORTABLE)/
	cp $(PORTABLE)-build/release/build/llama-cpp-sys-2-*/out/backends/*.so $(PORTABLE)/
	@echo "built $(PORTABLE)/moa, which needs the libraries beside it"

.PHONY: install
install: bootstrap ## Installs the release binary into ~/.cargo/bin
	cargo install --locked --path crates/moa

.PHONY: bootstrap
bootstrap: ## Installs the build needs that are missing (with apt where it may)
	@scripts/bootstrap.sh

.PHONY: test
test: bootstrap check-format check-lints check-docs check-tests check-telemetry check-fuzz ## Runs every check and test

.PHONY: check-format
check-format: ## Formatting
	cargo fmt --all --check

.PHONY: check-lints
check-lints: ## Clippy, warnings are errors
	cargo clippy --locked --workspace --all-targets -- -D warnings

.PHONY: check-docs
check-docs: ## Doc comments, warnings are errors
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps

# A red check must mean the change and not the dice: here the property tests draw the same cases each time. Plain `cargo test` and
# `make hunt` draw new ones.
check-tests: export PROPTEST_RNG_SEED ?= 20261128

.PHONY: check-tests
check-tests: $(TEST_MODEL) ## Unit, integration and doc tests, with the real 135M model in process
	@if cargo nextest --version >/dev/null 2>&1; then \
		set -x; cargo nextest run --locked --workspace --no-fail-fast && cargo test --locked --workspace --doc; \
	else \
		set -x; cargo test --locked --workspace --no-fail-fast; \
	fi

$(TEST_MODEL):
	cargo build --locked --package moa
	MOA_MODELS_DIR=$(TEST_MODELS) $(DEBUG) models pull smollm2-135m-instruct

.PHONY: check-fuzz
check-fuzz: ## A short hunt with the fuzz targets
	scripts/fuzz.sh 15

.PHONY: hunt
hunt: ## Draws new cases for the property tests, over and over: make hunt HUNT_ROUNDS=100 (10 without it)
	@for round in $$(seq $(HUNT_ROUNDS)); do \
		PROPTEST_RNG_SEED=$$(od -An -N6 -tu8 /dev/urandom | tr -d ' ') && export PROPTEST_RNG_SEED && \
		echo "round $$round, seed $$PROPTEST_RNG_SEED" && \
		cargo test --locked --workspace --lib --quiet > target/hunt.log 2>&1 || { cat target/hunt.log; exit 1; }; \
	done

.PHONY: fuzz
fuzz: ## A longer hunt with the fuzz targets: make fuzz FUZZ_SECONDS=600 (for each target; 30 without it)
	scripts/fuzz.sh $(FUZZ_SECONDS)

.PHONY: test-slow
test-slow: $(TEST_MODEL) ## What takes too long for every day: a real llama-server (built once, some minutes), our own as one, 200 kills, long hunts
	MOA_TEST_LLAMA_SERVER="$$(cd benchmarks && python3 -c 'from mixtures import llama_server; print(llama_server.build())')" \
		cargo test --locked --package moa --test it -- --ignored --test-threads 1 llama_server own_server
	MOA_TEST_KILLS=100 cargo test --locked --package moa --test it -- --nocapture --test-threads 2 kills
	$(MAKE) hunt
	scripts/fuzz.sh 300

.PHONY: memcheck
memcheck: $(TEST_MODEL) ## Runs what touches llama.cpp under valgrind (builds llama.cpp anew, for AVX2; some minutes each), our kernels under a sanitizer
	scripts/memcheck.sh $(TEST_MODEL)

.PHONY: break-guarantees
break-guarantees: ## Breaks the guarantees of docs/guarantees.md one by one and sees whether a test notices (20 minutes and more)
	python3 scripts/break_guarantees.py

.PHONY: bench-leaving
bench-leaving: ## Times how soon the sockets of a run are closed when its reader leaves
	cargo run --release --locked --package moa-openai --example leaving

.PHONY: check-templates
check-templates: $(TEST_MODEL) ## Compares the chat templates of the default models (gets them, 1.7 GB) with jinja2's rendering
	cargo build --locked --package moa
	MOA_MODELS_DIR=$(TEST_MODELS) $(DEBUG) models pull --preset article-shape
	python3 scripts/check_templates.py $(TEST_MODELS)/*.gguf
	MOA_MODELS_DIR=$(TEST_MODELS) cargo test --locked --package moa-llama --lib -- catalogue --nocapture

.PHONY: check-clients
check-clients: ## Runs real clients (openai, langchain-openai, litellm, the AI SDK, schemathesis) against `moa serve`; installs them
	cargo build --locked --package moa --package moa-testkit
	python3 scripts/check_clients.py

.PHONY: check-page
check-page: ## The page in headless Chromium, against its development server and `moa serve`; says so where there is no browser
	cargo build --locked --package moa --package moa-testkit
	python3 scripts/check_page.py

.PHONY: check-serve
check-serve: check-page check-clients ## `moa serve` as people meet it: its page in a browser, real clients at its endpoint

.PHONY: check-telemetry
check-telemetry: ## The feature `telemetry`, which is off by default: lints, and spans at a collector on loopback
	cargo clippy --locked --workspace --all-targets --features moa/telemetry -- -D warnings
	cargo test --locked --workspace --features moa/telemetry --test it -- telemetry::

.PHONY: check-container
check-container: $(TEST_MODEL) ## The steps of the image in a Debian root made with debootstrap, and a question to the server built there (slow, wants root)
	python3 scripts/check_container.py

.PHONY: docs
docs: ## Writes the generated files anew: command reference, config schema, description of the server's API
	MOA_UPDATE_DOCS=1 cargo test --locked --package moa --test it -- drift
	MOA_WRITE_SCHEMA=1 cargo test --locked --package moa-config schema
	MOA_WRITE_OPENAPI=1 cargo test --locked --package moa-server --test server openapi

BENCH_PRESET ?= article-shape
BENCH_PARTS ?= mixtures,ablation,lookup,self-moa,overlap,scaling,roofline
BENCH_ROUNDS ?= 1
# More options of benchmarks/local_mixture.py, such as --prompts capital,sky or --contenders moa,llama-plain.
BENCH_OPTIONS ?=

.PHONY: bench
bench: build ## The whole comparison of a local mixture with other ways to get it; hours: make bench BENCH_PARTS=mixtures,roofline BENCH_ROUNDS=2
	$(RELEASE) models pull --preset $(BENCH_PRESET)
	python3 benchmarks/local_mixture.py --moa $(RELEASE) --preset $(BENCH_PRESET) --parts $(BENCH_PARTS) --rounds $(BENCH_ROUNDS) $(BENCH_OPTIONS)

.PHONY: bench-scoring
bench-scoring: bootstrap ## Measures how long a score of AlpacaEval takes, beside the official package; MOA_EVAL_DATA names the annotations
	cargo build --release --locked --package moa
	cargo build --release --locked --package moa-eval --example score_alpaca
	python3 benchmarks/scoring.py --moa $(RELEASE)

.PHONY: bench-orchestration
bench-orchestration: bootstrap ## Measures what orchestration costs, against a mock, beside an HTTP client alone, litellm and optillm
	cargo build --release --locked --package moa-testkit --package moa-bench-orchestration
	python3 benchmarks/orchestration.py --mock target/release/moa-mock --program target/release/moa-bench-orchestration

# valgrind knows no AVX-512, so this is a build of its own, for AVX2.
.PHONY: bench-instructions
bench-instructions: bootstrap ## Counts the instructions that `moa serve` takes for a request, with callgrind, against a budget (builds moa anew, for AVX2)
	RUSTFLAGS='-C target-cpu=x86-64-v3' CARGO_TARGET_DIR=target/instructions cargo build --release --locked --package moa
	cargo build --release --locked --package moa-testkit
	python3 benchmarks/instructions.py --moa target/instructions/release/moa

SERVE_PARTS ?= speed,memory,soak
SOAK_MINUTES ?= 10

.PHONY: bench-serve
bench-serve: build ## Measures `moa serve` over sockets, beside litellm's proxy: make bench-serve SERVE_PARTS=speed,memory SOAK_MINUTES=10
	cargo build --release --locked --package moa-testkit
	python3 benchmarks/serve.py --moa $(RELEASE) --mock target/release/moa-mock --parts $(SERVE_PARTS) --soak-minutes $(SOAK_MINUTES)
