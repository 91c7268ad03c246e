#!/bin/sh
# Runs a profile of sessions.js with the k6 that is installed, and leaves with its verdict.
#
#   loadtest/k6/run.sh PROFILE                 against a parleyd that it starts, on a private PostgreSQL with made-up teams
#   loadtest/k6/run.sh PROFILE URL KEYS-FILE   against a running service
#
# RATE, OPERATION and SUMMARY in the environment are those of sessions.js. k6 is in no Debian package: install it as its makers say.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${PARLEY_BUILD:-$here/../../build/release}
profile=${1:?"PROFILE is missing: smoke, load, stress, spike, soak, breakpoint"}

command -v k6 >/dev/null || {
    echo "run.sh: k6 is not installed" >&2
    exit 1
}

if [ $# -ge 3 ]; then
    exec k6 run --quiet -e PROFILE="$profile" -e PARLEY_URL="$2" -e PARLEY_KEYS="$(realpath "$3")" -e RATE="${RATE:-100}" \
        -e OPERATION="${OPERATION:-}" -e SUMMARY="${SUMMARY:-}" "$here/sessions.js"
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
"$build/parleyd" serve --listen 127.0.0.1:0 --admin-listen 127.0.0.1:0 --data-dir "$folder/data" --rate-limit-enforce false --log-level warning \
    >"$folder/out" 2>"$folder/log" &
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
"$build/parley" load --data-dir "$folder/data" --synthetic "${SIZES:-teams=20,sessions=1000,messages=10}" --keys "$folder/keys" >&2
"$0" "$profile" "$url" "$folder/keys"
