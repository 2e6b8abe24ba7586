# daymill with its plugins. A container runs the pipelines of /etc/daymill/pipelines at the times of
# their schedules; any other command can be given instead: docker run daymill validate pipelines/
FROM debian:bookworm-slim AS build
WORKDIR /src
COPY scripts/setup scripts/setup
RUN scripts/setup build
COPY . .
RUN cmake --preset release && cmake --build build/release \
 && cmake --install build/release --prefix /usr/local --component runtime --strip

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends libcsv3 libdate-tz3 libfmt9 libhiredis0.14 libpq5 libsimdjson14 \
      libspdlog1.10 libsqlite3-0 libxxhash0 libzstd1 tzdata \
 && rm -rf /var/lib/apt/lists/* \
 && mkdir -p /etc/daymill/pipelines \
 && install -d -o 10001 -g 10001 -m 0700 /var/lib/daymill
COPY --from=build /usr/local /usr/local
ENV DAYMILL_HOME=/var/lib/daymill
WORKDIR /etc/daymill
VOLUME /var/lib/daymill
USER 10001:10001
# Red as long as a day that is due is open; a night's run may take the first minutes.
HEALTHCHECK --interval=1m --timeout=10s --start-period=10m --retries=10 CMD daymill status --due || exit 1
ENTRYPOINT ["daymill"]
CMD ["schedule"]
