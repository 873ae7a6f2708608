# shellcheck shell=bash
# Sourced by up.sh and test.sh, which set `root` to the repository's folder: makes a machine that has only Node and npm
# ready to run the fleet. Every function says what it does when it does something, and nothing when there is nothing to do.

say() { printf '%s\n' "$*"; }

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

# The step in progress runs in the background as a process group of its own, so that a signal ends all of it and a long
# step shows that it still works.
step_pid=''
stop_step() {
  local i
  trap '' INT TERM
  kill -TERM -- "-$step_pid" 2>/dev/null || exit 143
  # npm puts back what it has moved before it ends
  for ((i = 0; i < 50; i++)); do
    kill -0 -- "-$step_pid" 2>/dev/null || exit 143
    sleep 0.2
  done
  kill -KILL -- "-$step_pid" 2>/dev/null || true
  exit 143
}

# run_step LABEL COMMAND...: the command's exit status; a line with the seconds passed every 10 s.
run_step() {
  local label=$1 started=$SECONDS told=0 status=0
  shift
  say "$label"
  # job control makes the group; off again inside, or each command of the step would get one more of its own
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
    if [ $((SECONDS - started)) -ge $((told + 10)) ]; then
      told=$((SECONDS - started))
      say "  still working ($told s)"
    fi
  done
  wait "$step_pid" || status=$?
  step_pid=''
  trap - INT TERM
  return "$status"
}

require_node() {
  command -v node >/dev/null 2>&1 || fail 'Node.js 20.19 or newer is needed, and there is no node on the PATH.'
  node -e 'const [major, minor] = process.versions.node.split(".").map(Number); process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)' ||
    fail "Node.js 20.19 or newer is needed; this is $(node --version)."
}

require_npm() {
  local version
  command -v npm >/dev/null 2>&1 || fail 'npm 10 or newer is needed, and there is no npm on the PATH.'
  version=$(cd / && npm --version) || fail 'npm does not run.'
  [ "${version%%.*}" -ge 10 ] 2>/dev/null || fail "npm 10 or newer is needed; this is npm $version."
}

# One up.sh or test.sh of a checkout installs and builds at a time. The lock is on the folder itself: it needs no file
# of its own, and outlives an install that replaces node_modules. Where there is no flock (macOS) there is no lock.
take_lock() {
  command -v flock >/dev/null 2>&1 || return 0
  exec 9<"$root"
  flock -n 9 || run_step 'waiting for another up.sh or test.sh of this checkout to finish its build' flock 9
}

release_lock() { exec 9<&-; }

# What node_modules was installed from: the lock and the machine (esbuild and others bring binaries for one platform).
packages_stamp() { { cat "$root/package-lock.json"; uname -sm; } | cksum; }

# Run as a step. (Not with --prefix: npm would then look for the machine's own settings in the repository.)
npm_ci() {
  cd "$root" || return
  # onnxruntime-node would otherwise fetch CUDA libraries; npm 11 is told by package.json, npm 10 only by this
  export ONNXRUNTIME_NODE_INSTALL=skip
  npm ci --no-audit --no-fund
}

install_packages() {
  local stamp_file=$root/node_modules/.rerank-fleet-installed stamp
  stamp=$(packages_stamp)
  [ "$(cat "$stamp_file" 2>/dev/null)" != "$stamp" ] || return 0
  # npm writes this file last, so it being newer than the lock means a finished install by hand
  if [ -f "$stamp_file" ] || [ ! "$root/node_modules/.package-lock.json" -nt "$root/package-lock.json" ]; then
    run_step 'installing npm packages (npm ci; a minute or so)' npm_ci || fail 'npm ci failed; its messages are above.'
  fi
  printf '%s\n' "$stamp" >"$stamp_file"
}

# apt would start and enable what it installs as system services; Debian's policy file forbids that for the time of the
# install. Run as a step: its own shell ends with it, and takes the policy file away.
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

# The programs that watch a fleet, by Debian's names, which are also those of their packages.
monitors=(prometheus prometheus-alertmanager prometheus-node-exporter prometheus-redis-exporter)

# install_programs PROGRAM...: those of these that are missing; each is in Debian's package of its name.
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

# Skips by itself when the last build is still that of the sources. Run as a step.
build() {
  cd "$root" || return
  node --conditions=@rerank-fleet/source --import tsx tools/src/build/main.ts
}
