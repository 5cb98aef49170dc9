# firstpress for a scheduler: docker run --env-file .env firstpress run
# The image has no Postgres of its own, so DATABASE_URL must be set.

# The compiler runs on the machine's own platform also where it builds for the other one.
FROM --platform=$BUILDPLATFORM rust:1.95-bookworm AS build
ARG BUILDARCH
ARG TARGETARCH
# What cargo builds for, and the C compiler and linker of that platform, in the version of the base image's Debian.
# aws-lc-rs needs no more than these.
# hadolint ignore=DL3008
RUN set -eu; \
    case "$TARGETARCH" in \
        amd64) machine=x86_64 package=gcc-x86-64-linux-gnu ;; \
        arm64) machine=aarch64 package=gcc-aarch64-linux-gnu ;; \
        *) echo "no build for $TARGETARCH" >&2; exit 1 ;; \
    esac; \
    if [ "$TARGETARCH" != "$BUILDARCH" ]; then \
        apt-get update; \
        apt-get install --yes --no-install-recommends "$package" "libc6-dev-$TARGETARCH-cross"; \
        rm -rf /var/lib/apt/lists/*; \
        rustup target add "$machine-unknown-linux-gnu"; \
    fi; \
    printf '[build]\ntarget = "%s"\n[target.%s]\nlinker = "%s"\n' \
        "$machine-unknown-linux-gnu" "$machine-unknown-linux-gnu" "$machine-linux-gnu-gcc" \
        >"$CARGO_HOME/config.toml"

# The cargo features of the image: all but the Postgres of its own.
ARG FEATURES=seeds,archive,aws,otel
WORKDIR /firstpress
# The dependencies by themselves: this layer stays until Cargo.toml or Cargo.lock changes.
COPY Cargo.toml Cargo.lock build.rs ./
RUN mkdir -p src migrations templates \
    && touch src/lib.rs \
    && echo 'fn main() {}' >src/main.rs \
    && cargo build --release --locked --no-default-features --features "$FEATURES"
COPY migrations migrations
COPY templates templates
COPY src src
# Docker keeps the files' times, and cargo goes by them.
RUN touch src/lib.rs src/main.rs build.rs \
    && cargo build --release --locked --no-default-features --features "$FEATURES" \
    && install target/*/release/firstpress /usr/local/bin/

# glibc, the CAs of the web, time zones, and an account without rights. No shell.
FROM gcr.io/distroless/cc-debian12:nonroot
ARG VERSION=unreleased
ARG REVISION=unknown
LABEL org.opencontainers.image.title="firstpress" \
      org.opencontainers.image.description="Fills Postgres with Spotify's new releases and builds trend tables" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.base.name="gcr.io/distroless/cc-debian12:nonroot"
COPY --chmod=0444 deploy/rds-global-bundle.pem /etc/ssl/certs/rds-global-bundle.pem
COPY --from=build /usr/local/bin/firstpress /usr/local/bin/firstpress
USER 65532:65532
STOPSIGNAL SIGTERM
# A run is healthy when it ends with 0: its exit code says all, and there is no port to ask meanwhile. `serve` has one,
# whose /healthz is asked from outside: nothing in here could.
HEALTHCHECK NONE
EXPOSE 8080
ENTRYPOINT ["/usr/local/bin/firstpress"]
CMD ["run"]
