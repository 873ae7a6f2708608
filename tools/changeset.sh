#!/usr/bin/env bash
# Fails when HEAD changes what users run and adds no changeset to the base: `tools/changeset.sh [base, default origin/main]`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
base=${1:-origin/main}

# versions and dependencies change in package.json: a release and an update of a library need no changeset
shipped=(apps libs deploy tools/src/up ':(exclude,glob)**/*.test.ts' ':(exclude,glob)**/*.test.tsx' ':(exclude,glob)**/package.json')
if git diff --quiet "$base...HEAD" -- "${shipped[@]}"; then exit 0; fi
if git diff --quiet --diff-filter=A "$base...HEAD" -- '.changeset/*.md' ':!.changeset/README.md'; then
  echo 'Users may notice this change, and no changeset says what. Add one: npx changeset, or npx changeset --empty' >&2
  exit 1
fi
# refuses a changeset that names a package which does not exist
npx changeset status --since="$base"
