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

FROM docker.io/library/node:26.10.0-bookworm-slim AS cpu
# The one folder that its user may write to, so that a volume mounted there takes models that are pulled.
RUN install -d -o 10001 -g 10001 /models
COPY --chown=10001:10001 --chmod=755 models/multilingual-e5-small /models/multilingual-e5-small
WORKDIR /app
COPY --chmod=644 LICENSE NOTICE deploy/docker/healthcheck.mjs ./
COPY --from=build /src/dist/apps/worker /src/dist/tools/model.js ./
# onnxruntime's official builds send figures about models and devices to Microsoft unless they are told not to.
ENV NODE_ENV=production OPS_HOST=0.0.0.0 OPS_PORT=9101 MODELS_DIR=/models PROVIDER=cpu ORT_DISABLE_TELEMETRY=1
USER 10001:10001
EXPOSE 9101
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=120s --retries=3 CMD ["node", "healthcheck.mjs"]
# The base has an entry point of its own, a shell script; without it node itself is process 1 and gets the signals.
ENTRYPOINT []
CMD ["node", "main.js"]
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="rerank-fleet-worker" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.licenses="Apache-2.0"

# The libraries of CUDA's execution provider, which npm's package is too small for: its install script takes those of
# its own version from NuGet. The one for TensorRT needs more than this image has, and stays behind.
FROM build AS cuda-provider
RUN --mount=type=secret,id=ca,target=/run/secrets/ca \
    if [ -e /run/secrets/ca ]; then export NODE_EXTRA_CA_CERTS=/run/secrets/ca; fi \
    && ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules/onnxruntime-node/script/install.js \
    && cp node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime_providers_shared.so \
          node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime_providers_cuda.so \
          dist/apps/worker/node_modules/onnxruntime-node/bin/napi-v6/linux/x64/

FROM docker.io/nvidia/cuda:12.9.1-cudnn-runtime-ubuntu24.04 AS cuda
COPY --from=build /usr/local/bin/node /usr/local/bin/
# A library that node is linked to and that this base lacks.
COPY --from=build /usr/lib/x86_64-linux-gnu/libatomic.so.1 /usr/lib/x86_64-linux-gnu/
# The default bundle is not for GPUs; it is here for a volume that is shared with workers of the other target: an engine
# fills a new one from whichever image comes first.
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

# What is built when no --target is named.
FROM cpu
