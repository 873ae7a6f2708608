# These stages are the same lines in every Dockerfile of this folder, so that their layers are built once for all.
FROM docker.io/library/node:26.10.0-bookworm-slim AS sources
WORKDIR /src
COPY package.json package-lock.json tsconfig.base.json ./
COPY apps apps
COPY libs libs
COPY tools tools

# What npm ci reads, alone: it runs again when one of these files changes, and not with every line of source.
FROM sources AS manifests
RUN find . -type f ! -name package.json ! -name package-lock.json -delete

FROM docker.io/library/node:26.10.0-bookworm-slim AS build
WORKDIR /src
COPY --from=manifests /src ./
# Both secrets are optional and stay out of every layer: npm settings of your own, such as a registry, and certificates to
# trust beside those that Node brings.
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc --mount=type=secret,id=ca,target=/run/secrets/ca \
    if [ -e /run/secrets/ca ]; then export NODE_EXTRA_CA_CERTS=/run/secrets/ca; fi \
    && ONNXRUNTIME_NODE_INSTALL=skip npm ci --no-audit --no-fund && rm -rf /root/.npm
COPY --from=sources /src ./
# Source maps and types are larger than the programs, and nothing reads them at run time. Whoever runs an image may read
# all of it, even when the files of the checkout were private to their owner.
RUN npm run build && find dist -type f \( -name '*.map' -o -name '*.d.ts' \) -delete && chmod -R a+rX dist

FROM docker.io/library/node:26.10.0-bookworm-slim
WORKDIR /app
COPY --chmod=644 LICENSE NOTICE deploy/docker/healthcheck.mjs ./
COPY --from=build /src/dist/apps/queue-board ./
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8081 OPS_HOST=0.0.0.0 OPS_PORT=9102
USER 10001:10001
EXPOSE 8081 9102
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 CMD ["node", "healthcheck.mjs"]
# The base has an entry point of its own, a shell script; without it node itself is process 1 and gets the signals.
ENTRYPOINT []
CMD ["node", "main.js"]
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="rerank-fleet-queue-board" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.licenses="Apache-2.0"
