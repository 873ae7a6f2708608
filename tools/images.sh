#!/usr/bin/env bash
# Builds the container images of deploy/docker without a container engine and tests them: see
# docs/operations/images.md. Installs missing programs, then executes the launcher.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
. "$root/tools/prepare.sh"

[ "$(id -u)" = 0 ] || fail 'tools/images.sh must run as root: it creates a Debian system, mounts and namespaces.'
require_node
require_npm
take_lock
install_packages
install_programs buildah debootstrap redis-server
release_lock
# a separate mount namespace removes all mounts in every case
exec unshare --mount node --conditions=@rerank-fleet/source --import "$root/node_modules/tsx/dist/loader.mjs" \
  "$root/tools/src/images/main.ts" "$@"
