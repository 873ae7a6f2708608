#!/bin/sh
# start.sh [OPTION...]: becomes Prometheus with the configuration of this folder. Where the Compose profile long-term runs,
# remote-write.yml is added to it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
config=$here/prometheus.yml
case ,${COMPOSE_PROFILES:-}, in
  *,long-term,* | ',*,')
    folder=${TMPDIR:-/tmp}
    cat "$config" "$here/remote-write.yml" >"$folder/prometheus.yml"
    # rules are looked for beside the configuration
    ln -sfn "$here/rules" "$folder/rules"
    config=$folder/prometheus.yml
    ;;
esac
exec prometheus "--config.file=$config" "$@"
