#!/usr/bin/env bash
# Builds, lints, type-checks and runs every test; the last line is `N passed, N failed`. Installs missing
# programs first.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
. "$root/tools/prepare.sh"
# an early exit of this script counts as one failure
trap 'say "0 passed, 1 failed"' EXIT

require_node
require_npm
take_lock
install_packages
install_programs redis-server "${monitors[@]}" victoria-metrics chromium docker-compose curl openssl
# a build of an earlier run proves nothing
[ -z "${CI:-}" ] || rm -rf "$root/dist"
built=yes
run_step 'building what changed' build || built=no
release_lock
trap - EXIT
cd "$root"
exec node --conditions=@rerank-fleet/source --import tsx tools/src/verify/main.ts --built="$built"
