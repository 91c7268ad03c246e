#!/bin/sh
# Runs a profile of parley.js with k6 and leaves with its verdict: 0, or 99 where an objective was missed. Installs k6 through Go where it is missing.
#
#   loadtest/k6/run.sh PROFILE                against a parleyd that it starts, on a private PostgreSQL with made-up teams
#   loadtest/k6/run.sh PROFILE URL ACCOUNTS   against a running service; ACCOUNTS: a file of accounts.sh, or of API keys, one a line
#   loadtest/k6/run.sh --install              only k6; prints where it is
#
# In the environment: RATE, SHORTEN, OPERATION, CREDENTIAL, EXPERIMENT and SHOW of parley.js; SIZES of the made-up teams; REPORT, the folder of the
# report (build/k6/PROFILE); SETTINGS, flags of the started parleyd.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
build=${PARLEY_BUILD:-$top/build/release}
version=v1.0.0

say() { printf 'run.sh: %s\n' "$*" >&2; }

is_wanted() { "$1" version 2>/dev/null | grep -q "^k6\(\.exe\)\? $version "; }

# The path of the pinned k6: the one on the PATH, or ours, which is made by Go. Exit code 3 where it cannot be had.
find_k6() {
    for k6 in k6 "$top/build/tools/k6"; do
        if is_wanted "$k6"; then
            command -v "$k6"
            return
        fi
    done
    command -v go >/dev/null || {
        say "neither k6 $version nor Go is installed here"
        exit 3
    }
    say "installing k6 $version through Go; that takes some minutes"
    GOBIN=$top/build/tools GOTOOLCHAIN=local GOFLAGS='' go install "go.k6.io/k6@$version" >&2 || {
        say "Go could not make k6 $version"
        exit 3
    }
    echo "$top/build/tools/k6"
}

k6=$(find_k6)
profile=${1:?"PROFILE is missing: smoke, load, stress, spike, soak, breakpoint"}
if [ "$profile" = --install ]; then
    echo "$k6"
    exit 0
fi

if [ $# -ge 3 ]; then
    report=${REPORT:-$top/build/k6/$profile}
    mkdir -p "$report"
    rm -f "$report/summary.json" "$report/record.ndjson"
    code=0
    K6_WEB_DASHBOARD=true K6_WEB_DASHBOARD_PORT=-1 K6_WEB_DASHBOARD_PERIOD=1s K6_WEB_DASHBOARD_RECORD=$report/record.ndjson \
        K6_NO_USAGE_REPORT=true "$k6" run --quiet -e PROFILE="$profile" -e PARLEY_URL="$2" -e ACCOUNTS="$(realpath "$3")" -e RATE="${RATE:-100}" \
        -e SHORTEN="${SHORTEN:-1}" -e OPERATION="${OPERATION:-}" -e CREDENTIAL="${CREDENTIAL:-}" -e EXPERIMENT="${EXPERIMENT:-}" \
        -e SHOW="${SHOW:-}" -e SUMMARY="$report/summary.json" "$here/parley.js" || code=$?
    if [ -e "$report/summary.json" ] && command -v python3 >/dev/null; then
        python3 "$here/report.py" "$report" "$code" >&2
    fi
    exit "$code"
fi

folder=$(mktemp -d)
chmod 755 "$folder" # As root the private PostgreSQL runs as another user.
service=
stop() {
    if [ -n "$service" ] && kill "$service" 2>/dev/null; then wait "$service" || true; fi
    rm -rf "$folder"
}
trap stop EXIT
trap 'exit 1' INT TERM

# Limits count but do not refuse: what is measured is the service, not a team's allowance.
# shellcheck disable=SC2086 # SETTINGS is a list of words.
"$build/parleyd" serve --listen 127.0.0.1:0 --admin-listen 127.0.0.1:0 --data-dir "$folder/data" --rate-limit-enforce false --log-level warning \
    ${SETTINGS:-} >"$folder/out" 2>"$folder/log" &
service=$!
left=300
until grep -q '^parleyd listening on ' "$folder/out"; do
    left=$((left - 1))
    if [ "$left" -le 0 ] || ! kill -0 "$service" 2>/dev/null; then
        cat "$folder/log" >&2
        exit 1
    fi
    sleep 0.1
done
url=$(sed -n 's/^parleyd listening on //p' "$folder/out")
export PARLEY_DATA_DIR="$folder/data"
"$build/parley" load --synthetic "${SIZES:-teams=20,sessions=1000,messages=10}" --keys "$folder/keys" >&2
PARLEY=$build/parley "$here/accounts.sh" "$folder/keys" synthetic-1 synthetic-2 synthetic-3 >"$folder/accounts.json"
"$0" "$profile" "$url" "$folder/accounts.json"
