#!/bin/sh
# start.sh [OPTION...]: executes Prometheus with the configuration of this folder. With the Compose profile long-term,
# remote-write.yml is added to it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
config=$here/prometheus.yml
case ,${COMPOSE_PROFILES:-}, in
  *,long-term,* | ',*,')
    folder=${TMPDIR:-/tmp}
    cat "$config" "$here/remote-write.yml" >"$folder/prometheus.yml"
    # Prometheus looks for rules next to the configuration file
    ln -sfn "$here/rules" "$folder/rules"
    config=$folder/prometheus.yml
    ;;
esac
exec prometheus "--config.file=$config" "$@"
