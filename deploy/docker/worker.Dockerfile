# These stages have the same lines in every Dockerfile of this folder, so that all images share their layers.
FROM docker.io/library/node:26.10.0-bookworm-slim AS sources
WORKDIR /src
COPY package.json package-lock.json tsconfig.base.json ./
COPY apps apps
COPY libs libs
COPY tools tools

# Only the files that npm ci reads, so that it runs again only when one of them changes.
FROM sources AS manifests
RUN find . -type f ! -name package.json ! -name package-lock.json -delete

FROM docker.io/library/node:26.10.0-bookworm-slim AS build
WORKDIR /src
COPY --from=manifests /src ./
# Both secrets are optional and not stored in any layer: npm settings, such as a registry, and additional trusted
# certificates.
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc --mount=type=secret,id=ca,target=/run/secrets/ca \
    if [ -e /run/secrets/ca ]; then export NODE_EXTRA_CA_CERTS=/run/secrets/ca; fi \
    && ONNXRUNTIME_NODE_INSTALL=skip npm ci --no-audit --no-fund && rm -rf /root/.npm
COPY --from=sources /src ./
# Removes source maps and types, which are large and not read at run time. Makes all files readable for every user, even
# if the files of the checkout are private to their owner.
RUN npm run build && find dist -type f \( -name '*.map' -o -name '*.d.ts' \) -delete && chmod -R a+rX dist

FROM docker.io/library/node:26.10.0-bookworm-slim AS cpu
# The only folders that its user may write to, so that volumes mounted there can store pulled models and packed weights.
RUN install -d -o 10001 -g 10001 /models
RUN install -d -o 10001 -g 10001 /packed-models
COPY --chown=10001:10001 --chmod=755 models/multilingual-e5-small /models/multilingual-e5-small
WORKDIR /app
COPY --chmod=644 LICENSE NOTICE deploy/docker/healthcheck.mjs ./
COPY --from=build /src/dist/apps/worker /src/dist/tools/model.js ./
# Disables the telemetry of onnxruntime's official builds, which send data about models and devices to Microsoft.
ENV NODE_ENV=production OPS_HOST=0.0.0.0 OPS_PORT=9101 MODELS_DIR=/models PACKED_MODELS_DIR=/packed-models \
    PROVIDER=cpu ORT_DISABLE_TELEMETRY=1
USER 10001:10001
EXPOSE 9101
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=120s --retries=3 CMD ["node", "healthcheck.mjs"]
# Removes the entry point of the base, a shell script, so that node is process 1 and gets the signals.
ENTRYPOINT []
CMD ["node", "main.js"]
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="rerank-fleet-worker" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.licenses="Apache-2.0"

# The libraries of the CUDA execution provider, which the npm package does not contain: its install script downloads
# those of its version from NuGet. The library for TensorRT is left out, because this image lacks its dependencies.
FROM build AS cuda-provider
RUN --mount=type=secret,id=ca,target=/run/secrets/ca \
    if [ -e /run/secrets/ca ]; then export NODE_EXTRA_CA_CERTS=/run/secrets/ca; fi \
    && ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules/onnxruntime-node/script/install.js \
    && cp node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime_providers_shared.so \
          node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime_providers_cuda.so \
          dist/apps/worker/node_modules/onnxruntime-node/bin/napi-v6/linux/x64/

FROM docker.io/nvidia/cuda:12.9.1-cudnn-runtime-ubuntu24.04 AS cuda
COPY --from=build /usr/local/bin/node /usr/local/bin/
# A library that node needs and that this base lacks.
COPY --from=build /usr/lib/x86_64-linux-gnu/libatomic.so.1 /usr/lib/x86_64-linux-gnu/
# The default bundle is not for GPUs. It is included because a volume may be shared with workers of the other target,
# and an engine fills a new volume from the first image that uses it.
RUN install -d -o 10001 -g 10001 /models
COPY --chown=10001:10001 --chmod=755 models/multilingual-e5-small /models/multilingual-e5-small
WORKDIR /app
COPY --chmod=644 LICENSE NOTICE deploy/docker/healthcheck.mjs ./
COPY --from=cuda-provider /src/dist/apps/worker /src/dist/tools/model.js ./
ENV NODE_ENV=production OPS_HOST=0.0.0.0 OPS_PORT=9101 MODELS_DIR=/models PROVIDER=cuda ORT_DISABLE_TELEMETRY=1
USER 10001:10001
EXPOSE 9101
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=120s --retries=3 CMD ["node", "healthcheck.mjs"]
ENTRYPOINT []
CMD ["node", "main.js"]
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="rerank-fleet-worker-cuda" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.licenses="Apache-2.0"

# The default target.
FROM cpu
