#!/usr/bin/env bash
# Compiles a crate of the workspace so that a fuzzer sees which code it reaches. For RUSTC_WORKSPACE_WRAPPER: the arguments are the
# compiler and its own. The flags are those of cargo-fuzz, which the stable compiler takes as well.
set -euo pipefail
exec "$@" -Cpasses=sancov-module -Ccodegen-units=1 \
	-Cllvm-args=-sanitizer-coverage-level=4 \
	-Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
	-Cllvm-args=-sanitizer-coverage-pc-table \
	-Cllvm-args=-sanitizer-coverage-trace-compares
