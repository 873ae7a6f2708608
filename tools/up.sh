#!/usr/bin/env bash
# Starts a fleet on this machine: see README.md. Installs and builds what is missing, then executes the launcher.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
. "$root/tools/prepare.sh"

require_node
require_npm
take_lock
install_packages
programs=()
[ -n "${REDIS_URL:-}" ] || programs+=(redis-server)
case " $* " in *' --observe '* | *' --long-term '*) programs+=("${monitors[@]}") ;; esac
case " $* " in *' --long-term '*) programs+=(victoria-metrics) ;; esac
install_programs ${programs[@]+"${programs[@]}"}
run_step 'building what changed' build || fail 'the build failed; its messages are above.'
release_lock
exec node --enable-source-maps "$root/dist/tools/up.js" "$@"
