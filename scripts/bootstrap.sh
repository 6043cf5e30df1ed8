#!/usr/bin/env bash
# Makes sure that the tools which the build needs are there: a C++ compiler, cmake and libclang (llama.cpp is compiled from
# source), pip (a source of model files). Installs what is missing with apt where that is allowed; otherwise says what to install.
#
#   bootstrap.sh [build]   what the build needs
#   bootstrap.sh page      what the tests of the page need: Node.js, npm and Chromium
#   bootstrap.sh container what the test of the image's steps needs: debootstrap
set -euo pipefail

say() { printf 'bootstrap: %s\n' "$*" >&2; }

# Reports whether bindgen will find a libclang: asked in the places where its loader looks.
have_libclang() {
    [ -n "${LIBCLANG_PATH:-}" ] && return 0
    local folders=(
        /usr/lib/llvm-*/lib /usr/lib/*-linux-gnu /usr/lib64 /usr/lib64/llvm*/lib /usr/lib /usr/local/lib
        /opt/homebrew/opt/llvm/lib /usr/local/opt/llvm/lib /Library/Developer/CommandLineTools/usr/lib
        /Applications/Xcode.app/Contents/Developer/Toolchains/XcodeDefault.xctoolchain/usr/lib
    )
    command -v llvm-config >/dev/null 2>&1 && folders+=("$(llvm-config --libdir)")
    # libclang-cpp lies in the same folders but is another library, which bindgen cannot use.
    [ -n "$(find "${folders[@]}" -maxdepth 1 \
        \( -name 'libclang.so*' -o -name 'libclang-[0-9]*.so*' -o -name 'libclang.dylib' \) 2>/dev/null)" ]
}

missing=()
case "${1:-build}" in
    build)
        command -v c++ >/dev/null 2>&1 || missing+=(g++)
        command -v cmake >/dev/null 2>&1 || missing+=(cmake)
        have_libclang || missing+=(libclang-dev)
        command -v git >/dev/null 2>&1 || missing+=(git)
        python3 -m pip --version >/dev/null 2>&1 || missing+=(python3-pip)
        if ! command -v cargo >/dev/null 2>&1; then
            say "Rust is missing: install it from https://rustup.rs and run this again."
            exit 1
        fi
        ;;
    page)
        command -v node >/dev/null 2>&1 || missing+=(nodejs)
        command -v npm >/dev/null 2>&1 || missing+=(npm)
        [ -x "${CHROMIUM:-/usr/bin/chromium}" ] || missing+=(chromium)
        ;;
    container)
        command -v debootstrap >/dev/null 2>&1 || missing+=(debootstrap)
        ;;
    *)
        say "what is to be installed: build, page or container?"
        exit 2
        ;;
esac
[ ${#missing[@]} -eq 0 ] && exit 0

say "missing: ${missing[*]}"
runner=()
if command -v apt-get >/dev/null 2>&1; then
    if [ "$(id -u)" -eq 0 ]; then
        runner=(env)
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        runner=(sudo -n env)
    fi
fi

if [ ${#runner[@]} -gt 0 ]; then
    say "installing with apt-get"
    log=$(mktemp)
    if "${runner[@]}" DEBIAN_FRONTEND=noninteractive apt-get update >"$log" 2>&1 &&
        "${runner[@]}" DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}" >>"$log" 2>&1; then
        rm -f "$log"
        say "installed ${missing[*]}"
        exit 0
    fi
    say "apt-get failed; its last lines:"
    tail -n 5 "$log" >&2
    rm -f "$log"
fi

say "install these and run the command again:"
if [ "${1:-build}" != build ]; then
    say "  ${missing[*]}"
    exit 1
fi
case "$(uname -s)" in
    Darwin) say "  xcode-select --install && brew install cmake llvm" ;;
    *)
        say "  Debian, Ubuntu: sudo apt-get install ${missing[*]}"
        say "  Fedora:         sudo dnf install gcc-c++ cmake clang-devel git python3-pip"
        say "  Arch:           sudo pacman -S gcc cmake clang git python-pip"
        ;;
esac
exit 1
