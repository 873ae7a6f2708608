#!/bin/sh
# start.sh PROGRAM [OPTION...]: executes redis-server or valkey-server with the settings and users of this folder. The
# passwords are read from the environment. The server gets only their hashes, in a file in memory.
set -eu
umask 077
here=$(dirname "$0")
users=${TMPDIR:-/tmp}/users.acl

fail() {
  printf 'redis: %s\n' "$1" >&2
  exit 1
}

# hash_of NAME: prints the SHA-256 of the password in the variable NAME.
hash_of() {
  password=
  eval "password=\${$1:-}"
  [ ${#password} -ge 16 ] || fail "$1 needs 16 characters or more"
  case $password in
    # the password becomes a part of a URL
    *[!A-Za-z0-9_-]*) fail "$1 may contain only letters, digits, - and _" ;;
  esac
  printf %s "$password" | sha256sum | cut -d' ' -f1
}

fleet=$(hash_of REDIS_FLEET_PASSWORD)
board=$(hash_of REDIS_BOARD_PASSWORD)
exporter=$(hash_of REDIS_EXPORTER_PASSWORD)
# the values that the board accepts as true
case $(printf %s "${BOARD_WRITABLE:-}" | tr '[:upper:]' '[:lower:]') in
  true | 1 | yes | on) writes=+@write ;;
  *) writes= ;;
esac
sed -e '/^#/d' -e "s/REDIS_FLEET_PASSWORD/$fleet/" -e "s/REDIS_BOARD_PASSWORD/$board/" \
  -e "s/REDIS_EXPORTER_PASSWORD/$exporter/" -e "s/BOARD_WRITES/$writes/" "$here/users.acl" >"$users"
unset password REDIS_FLEET_PASSWORD REDIS_BOARD_PASSWORD REDIS_EXPORTER_PASSWORD

program=$1
shift
exec "$program" "$here/redis.conf" --aclfile "$users" --maxmemory "${REDIS_MAXMEMORY:?is not set}" "$@"
