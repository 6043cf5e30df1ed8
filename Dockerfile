# moa in a small image. The binary is not built for the CPU of the machine that builds it: it brings llama.cpp's kernels for every kind
# and chooses when it starts. The steps are in scripts/container.sh.
#
#   docker build -t moa .
#   docker run --rm -it -v moa:/data moa models pull --preset local
#   docker run --rm -p 127.0.0.1:8080:8080 -v moa:/data moa serve --host 0.0.0.0 --allow-anonymous
#
# With NVIDIA's kernels beside the others: docker build --build-arg VARIANT=cuda -t moa:cuda . and docker run --gpus all ...

ARG VARIANT=cpu
ARG RUST_VERSION=1.95
ARG DEBIAN_RELEASE=trixie
ARG CUDA_VERSION=12.9.1

FROM rust:${RUST_VERSION}-slim-${DEBIAN_RELEASE} AS build-on-cpu
FROM nvidia/cuda:${CUDA_VERSION}-devel-ubuntu24.04 AS build-on-cuda
FROM debian:${DEBIAN_RELEASE}-slim AS run-on-cpu
FROM nvidia/cuda:${CUDA_VERSION}-runtime-ubuntu24.04 AS run-on-cuda

FROM build-on-${VARIANT} AS build
ARG VARIANT RUST_VERSION
ENV RUST_VERSION=${RUST_VERSION}
WORKDIR /source
# Before the sources, so that a change of them does not install everything again.
COPY Makefile ./
COPY scripts/bootstrap.sh scripts/container.sh scripts/
RUN scripts/container.sh needs
COPY . .
RUN scripts/container.sh build ${VARIANT}

FROM run-on-${VARIANT}
COPY --from=build /source/target/portable/ /source/scripts/container.sh /usr/local/lib/moa/
RUN /usr/local/lib/moa/container.sh install
USER moa
WORKDIR /home/moa
# Models, stored runs and config.toml. A new volume takes the owner of this folder.
ENV MOA_HOME=/data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["/usr/local/lib/moa/container.sh", "health"]
ENTRYPOINT ["moa"]
# It does not start before keys are in config.toml, or --allow-anonymous is said.
CMD ["serve", "--host", "0.0.0.0"]
