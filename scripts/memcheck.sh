#!/usr/bin/env bash
# Runs what touches llama.cpp under valgrind's memcheck, and our kernels under the address sanitizer: scripts/memcheck.sh MODEL [FILTER ...]. MODEL is the file of SmolLM2 135M, from which a model of
# a few megabytes is made, because everything takes some fifty times as long. Each FILTER names tests of moa-llama's library.
#
# valgrind knows no AVX-512, so llama.cpp is built for AVX2, in a target folder of its own (some minutes the first time).
set -euo pipefail
cd "$(dirname "$0")/.."

model="$1"
shift
filters=("$@")
[ "${#filters[@]}" -gt 0 ] || filters=(native::tests:: worker::kv::tests::a_batch_that_is_too_large worker::kv::tests::what_ host::tests::where_memory_is_short)
command -v valgrind >/dev/null || { echo "valgrind is missing: apt install valgrind" >&2; exit 1; }

target="${CARGO_TARGET_DIR:-$PWD/target}/memcheck"
mkdir -p "$target"
python3 scripts/tiny_model.py "$model" "$target/tiny.gguf"
build() {
	RUSTFLAGS='-C target-cpu=x86-64-v3' CARGO_TARGET_DIR="$target" cargo test --locked --package moa-llama --lib --no-run "$@"
}
build
binary="$(build --message-format json 2>/dev/null | sed -n 's/.*"executable":"\([^"]*moa_llama-[^"]*\)".*/\1/p' | tail -n 1)"

valgrind --version
echo "tests: ${filters[*]}"
# Memory that llama.cpp and Rust's runtime keep until the process ends can still be reached, and is no leak.
MOA_TEST_MODEL="$target/tiny.gguf" valgrind --tool=memcheck --leak-check=full --show-leak-kinds=definite,indirect \
	--errors-for-leak-kinds=definite,indirect --error-exitcode=9 --fair-sched=yes --num-callers=24 \
	"$binary" --test-threads 1 "${filters[@]}"

# Its kernels on AVX-512 are beyond valgrind: the tests of moa-kernels run under the compiler's address sanitizer, which the stable compiler has behind this switch.
host="$(rustc -vV | sed -n 's/^host: //p')"
RUSTC_BOOTSTRAP=1 RUSTFLAGS='-C target-cpu=native -Z sanitizer=address' CARGO_TARGET_DIR="$target" \
	cargo test --locked --package moa-kernels --lib --target "$host"
