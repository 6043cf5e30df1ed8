#!/usr/bin/env bash
# Fuzzes the decoders of moa-openai, guided by coverage: scripts/fuzz.sh [seconds per target]. Needs nothing but the stable compiler and
# what llama.cpp is built with. What is found lies in target/fuzz, and so does the corpus as it grows; the seeds are in the repository.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds="${1:-30}"
seeds=crates/moa-openai/fuzz/corpus
target="${CARGO_TARGET_DIR:-target}"

# Only our own crates are compiled anew: the wrapper is not for dependencies, nor is this level.
RUSTC_WORKSPACE_WRAPPER="$PWD/scripts/instrument.sh" CARGO_PROFILE_DEV_OPT_LEVEL=1 \
	cargo build --locked --package moa-openai-fuzz --bins

fuzz() { # name, folders of seeds
	local name="$1" found="$target/fuzz/$1"
	shift
	mkdir -p "$found/corpus"
	echo "fuzzing $name for $seconds s"
	"$target/debug/fuzz-$name" "$found/corpus" "$@" -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=1024 \
		-artifact_prefix="$found/" -print_final_stats=1 -verbosity=0
}

fuzz sse "$seeds/sse" crates/moa-openai/tests/data/answers
fuzz reply "$seeds/reply" crates/moa-openai/tests/data/answers
