#!/usr/bin/env bash
# The steps of the image, so that they are in one place: the Dockerfile calls them, and so does `make check-container` in a Debian root where
# there is no container engine. All but `health` run as root, in the image alone.
#
#   container.sh needs              installs what the build needs
#   container.sh build [cpu|cuda]   builds moa and its kernels into target/portable
#   container.sh install            installs what moa needs when it runs, makes its user and its folder for data
#   container.sh health [PORT]      says whether the server in this container answers
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
RUST_VERSION=${RUST_VERSION:-1.95}

packages() {
    apt-get update
    DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "$@"
    rm -rf /var/lib/apt/lists/*
}

case "${1:-}" in
    needs)
        packages ca-certificates make
        if ! command -v cargo >/dev/null 2>&1; then
            packages rustup
            rustup toolchain install "$RUST_VERSION" --profile minimal
            rustup default "$RUST_VERSION"
        fi
        make -C "$here/.." bootstrap
        ;;
    build)
        features=dynamic-backends
        [ "${2:-cpu}" = cpu ] || features+=",$2"
        make -C "$here/.." portable PORTABLE_FEATURES="$features"
        ;;
    install)
        # pip is one of the ways to get models.
        packages ca-certificates libgomp1 libstdc++6 python3 python3-pip
        ln -sf ../lib/moa/moa /usr/local/bin/moa
        useradd --uid 10001 --create-home moa
        install --directory --owner=moa --group=moa /data
        ;;
    health)
        exec python3 - "http://127.0.0.1:${2:-8080}/healthz" <<'ASK'
import sys
import urllib.request

try:
    urllib.request.urlopen(sys.argv[1], timeout=3)
except OSError as error:
    sys.exit(f"{sys.argv[1]}: {error}")
ASK
        ;;
    *)
        echo "container.sh: what is to be done: needs, build, install or health?" >&2
        exit 2
        ;;
esac
