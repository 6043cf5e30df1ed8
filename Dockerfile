# moa in a small image. The binary is not built for the CPU of the machine that builds it: it brings llama.cpp's kernels for every kind
# and chooses when it starts.
#
#   docker build -t moa .
#   docker run --rm -it -v moa:/data moa ask "Why is the sky blue?"

ARG RUST_VERSION=1.95
ARG DEBIAN_RELEASE=trixie

FROM rust:${RUST_VERSION}-slim-${DEBIAN_RELEASE} AS build
RUN apt-get update \
    && apt-get install --yes --no-install-recommends make \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
# Before the sources, so that a change of them does not install everything again.
COPY Makefile ./
COPY scripts/bootstrap.sh scripts/
RUN make bootstrap
COPY . .
RUN make portable

FROM debian:${DEBIAN_RELEASE}-slim
# pip is one of the ways to get models.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates libgomp1 libstdc++6 python3 python3-pip \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home moa \
    && install --directory --owner=moa --group=moa /data
COPY --from=build /source/target/portable/ /usr/local/lib/moa/
RUN ln -s ../lib/moa/moa /usr/local/bin/moa
USER moa
WORKDIR /home/moa
# Models, stored runs and config.toml. A new volume takes the owner of this folder.
ENV MOA_HOME=/data
VOLUME /data
ENTRYPOINT ["moa"]
CMD ["--help"]
