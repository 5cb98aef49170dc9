# A small image for a scheduler: docker run --env-file .env firstpress
# It has no Postgres of its own, so DATABASE_URL must be set.

FROM rust:1.95-bookworm AS build
WORKDIR /firstpress
# The dependencies by themselves: this layer stays until Cargo.toml or Cargo.lock changes.
COPY Cargo.toml Cargo.lock build.rs ./
RUN mkdir -p src migrations templates \
    && touch src/lib.rs \
    && echo 'fn main() {}' > src/main.rs \
    && cargo build --release --locked --no-default-features --features seeds,archive,aws
COPY migrations migrations
COPY templates templates
COPY src src
# Docker keeps the files' times, and cargo goes by them.
RUN touch src/lib.rs src/main.rs build.rs \
    && cargo build --release --locked --no-default-features --features seeds,archive,aws

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /firstpress/target/release/firstpress /usr/local/bin/firstpress
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/firstpress"]
CMD ["run"]
