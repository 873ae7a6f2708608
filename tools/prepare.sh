# shellcheck shell=bash
# Sourced by up.sh, test.sh and images.sh, which set `root` to the folder of the repository. Prepares a machine that has
# only Node and npm for the fleet. A function prints a line only when it has work to do.

say() { printf '%s\n' "$*"; }

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

# The current step runs in the background in its own process group, so that a signal ends all its processes and a long
# step can show progress.
step_pid=''
stop_step() {
  local i
  trap '' INT TERM
  kill -TERM -- "-$step_pid" 2>/dev/null || exit 143
  # gives npm time to restore the files that it has moved
  for ((i = 0; i < 50; i++)); do
    kill -0 -- "-$step_pid" 2>/dev/null || exit 143
    sleep 0.2
  done
  kill -KILL -- "-$step_pid" 2>/dev/null || true
  exit 143
}

# run_step LABEL COMMAND...: runs a command, prints a line every 10 s, and returns the exit status of the command.
run_step() {
  local label=$1 started=$SECONDS reported=0 status=0
  shift
  say "$label"
  # job control creates the group; it is off inside, because otherwise each command of the step would get its own group
  set -m
  (
    set +m
    "$@"
  ) </dev/null &
  step_pid=$!
  set +m
  trap stop_step INT TERM
  while kill -0 "$step_pid" 2>/dev/null; do
    sleep 0.2
    if [ $((SECONDS - started)) -ge $((reported + 10)) ]; then
      reported=$((SECONDS - started))
      say "  still working ($reported s)"
    fi
  done
  wait "$step_pid" || status=$?
  step_pid=''
  trap - INT TERM
  return "$status"
}

require_node() {
  command -v node >/dev/null 2>&1 || fail 'Node.js 20.19 or newer is needed; node is not on the PATH.'
  node -e 'const [major, minor] = process.versions.node.split(".").map(Number); process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)' ||
    fail "Node.js 20.19 or newer is needed; this is $(node --version)."
}

require_npm() {
  local version
  command -v npm >/dev/null 2>&1 || fail 'npm 10 or newer is needed; npm is not on the PATH.'
  version=$(cd / && npm --version) || fail 'npm does not run.'
  [ "${version%%.*}" -ge 10 ] 2>/dev/null || fail "npm 10 or newer is needed; this is npm $version."
}

# Only one script of a checkout installs and builds at a time. The lock is on the folder itself, so it needs no lock
# file and survives an install that replaces node_modules. Without flock (macOS) there is no lock.
take_lock() {
  command -v flock >/dev/null 2>&1 || return 0
  exec 9<"$root"
  flock -n 9 || run_step 'waiting for another up.sh or test.sh of this checkout to finish its build' flock 9
}

release_lock() { exec 9<&-; }

# Stamp of the sources of node_modules: the lock and the platform (packages such as esbuild contain binaries for one).
packages_stamp() { { cat "$root/package-lock.json"; uname -sm; } | cksum; }

# Run as a step. (With --prefix, npm would look for the settings of the machine in the repository.)
npm_ci() {
  cd "$root" || return
  # prevents onnxruntime-node from downloading CUDA libraries; npm 11 reads package.json for this, npm 10 does not
  export ONNXRUNTIME_NODE_INSTALL=skip
  npm ci --no-audit --no-fund
}

install_packages() {
  local stamp_file=$root/node_modules/.rerank-fleet-installed stamp
  stamp=$(packages_stamp)
  [ "$(cat "$stamp_file" 2>/dev/null)" != "$stamp" ] || return 0
  # npm writes this file last: if it is newer than the lock, an install by hand has finished
  if [ -f "$stamp_file" ] || [ ! "$root/node_modules/.package-lock.json" -nt "$root/package-lock.json" ]; then
    run_step 'installing npm packages (npm ci; a minute or so)' npm_ci || fail 'npm ci failed; its messages are above.'
  fi
  printf '%s\n' "$stamp" >"$stamp_file"
}

# apt starts and enables installed programs as system services. Debian's policy file prevents this during the install.
# Run as a step: when its shell exits, the policy file is removed.
apt_install() {
  local policy=/usr/sbin/policy-rc.d status=0
  export DEBIAN_FRONTEND=noninteractive PATH="$PATH:/usr/sbin:/sbin"
  apt-get update -qq || return
  if [ ! -e "$policy" ]; then
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
  fi
  apt-get install -y -qq --no-install-recommends "$@" >/dev/null || status=$?
  ! command -v systemctl >/dev/null 2>&1 || systemctl disable --quiet "$@" 2>/dev/null || true
  return "$status"
}

# The monitoring programs of a fleet. Their Debian packages have the same names.
monitors=(prometheus prometheus-alertmanager prometheus-node-exporter prometheus-redis-exporter)

# install_programs PROGRAM...: installs the missing programs, each from the Debian package with its name.
install_programs() {
  local program missing=()
  for program in "$@"; do
    command -v "$program" >/dev/null 2>&1 || missing+=("$program")
  done
  [ "${#missing[@]}" -gt 0 ] || return 0
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    run_step "installing ${missing[*]} (apt-get)" apt_install "${missing[@]}" ||
      fail "apt-get could not install ${missing[*]}."
  else
    fail "${missing[*]} missing (Debian, Ubuntu: sudo apt-get install ${missing[*]})."
  fi
}

# Does nothing when the last build matches the sources. Run as a step.
build() {
  cd "$root" || return
  node --conditions=@rerank-fleet/source --import tsx tools/src/build/main.ts
}
