#!/bin/sh
# The stack of compose.yaml on a machine without containers: PostgreSQL, several parleyd, HAProxy before them and Prometheus beside them, all of it
# on loopback and in one folder, started in order and stopped with this script. Grafana is in no Debian package and is left out.
#
#   deploy/stack.sh [--replicas N] [--folder DIR] [--parleyd FILE] [--api PORT] [--prometheus PORT] [--stats PORT] [--scrape-seconds N] [--check-seconds N]
#                   [SETTING...]
#
# SETTINGs (--store-lanes 4) go to every replica. Needs Debian's postgresql, haproxy and prometheus. When all is ready, DIR/addresses says what is
# where and the line "stack is up" is printed; SIGTERM or SIGINT stops it. Exit code 0 after an orderly stop.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

replicas=2
folder=
parleyd=$here/../build/release/parleyd
api=8080
prometheus=9090
stats=8404
scrape_seconds=15
check_seconds=

say() { printf 'stack: %s\n' "$*" >&2; }
die() {
    say "$*"
    exit 1
}

while [ $# -gt 0 ]; do
    case $1 in
        --replicas) replicas=$2 ;;
        --folder) folder=$2 ;;
        --parleyd) parleyd=$2 ;;
        --api) api=$2 ;;
        --prometheus) prometheus=$2 ;;
        --stats) stats=$2 ;;
        --scrape-seconds) scrape_seconds=$2 ;;
        --check-seconds) check_seconds=$2 ;; # How long HAProxy waits for the answer to a check; else as long as there is between two.
        *) break ;;
    esac
    shift 2
done

for tool in haproxy prometheus; do
    command -v "$tool" >/dev/null || die "$tool is missing: apt-get install $tool"
done
[ -x "$parleyd" ] || die "$parleyd is missing: ./dev build"
postgres=$(find /usr/lib/postgresql -maxdepth 3 -name initdb -path '*/bin/*' 2>/dev/null | sort -V | tail -n 1)
[ -n "$postgres" ] || die "no PostgreSQL server: apt-get install postgresql"
postgres=$(dirname "$postgres")

is_own_folder=
if [ -z "$folder" ]; then
    folder=$(mktemp -d)
    is_own_folder=yes
fi
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

# PostgreSQL refuses to run as root.
as_postgres() {
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid postgres --regid postgres --clear-groups "$@"
    else
        "$@"
    fi
}

pids=
sleeper=
stop_all() {
    trap - EXIT INT TERM
    if [ -n "$sleeper" ]; then kill "$sleeper" 2>/dev/null || true; fi
    # In reverse: the proxy first, so that nothing new comes; the database last.
    for pid in $pids; do
        kill -TERM "$pid" 2>/dev/null || continue
        wait "$pid" 2>/dev/null || true
    done
    if [ -e "$folder/postgresql/postmaster.pid" ]; then as_postgres "$postgres/pg_ctl" -D "$folder/postgresql" -m fast -w stop >/dev/null || true; fi
    if [ -n "$is_own_folder" ]; then rm -rf "$folder"; fi
}
trap 'stop_all; exit 1' EXIT
trap 'stop_all; exit 0' INT TERM

# wait_for SECONDS WHAT COMMAND...
wait_for() {
    left=$(($1 * 10))
    what=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        left=$((left - 1))
        [ "$left" -gt 0 ] || die "$what did not come; see $folder"
        sleep 0.1
    done
}

answers() { curl -fsS -m 2 -o /dev/null "$1"; }

start_postgresql() {
    mkdir -p "$folder/postgresql" "$folder/socket"
    chmod 755 "$folder" "$folder/socket" # What connects may be another user.
    if [ "$(id -u)" = 0 ]; then chown postgres "$folder/postgresql" "$folder/socket"; fi
    as_postgres "$postgres/initdb" -D "$folder/postgresql" -U parley -A trust -E UTF8 --locale=C --no-sync >"$folder/initdb.log"
    cat >>"$folder/postgresql/postgresql.conf" <<CONFIG
listen_addresses = ''
unix_socket_directories = '$folder/socket'
max_connections = 200
CONFIG
    as_postgres "$postgres/pg_ctl" -D "$folder/postgresql" -w -l "$folder/postgresql/server.log" start >/dev/null
    as_postgres "$postgres/createdb" -h "$folder/socket" -U parley parley
}

# start_replica N SETTING...: serves on free ports, which its output says.
start_replica() {
    n=$1
    shift
    DATABASE_URL="host=$folder/socket user=parley dbname=parley" "$parleyd" serve --listen 127.0.0.1:0 --admin-listen 127.0.0.1:0 \
        --trusted-proxy-hops 1 --connections-per-address-max 0 --drain-pause-ms 2000 "$@" >"$folder/replica-$n.out" 2>"$folder/replica-$n.log" &
    replica=$!
    pids="$replica $pids"
    wait_for 30 "replica $n" grep -q '^parleyd listening on ' "$folder/replica-$n.out"
    listen=$(sed -n 's|^parleyd listening on http://||p' "$folder/replica-$n.out")
    admin=$(sed -n 's|.*admin port at http://\([0-9.:]*\).*|\1|p' "$folder/replica-$n.log" | head -n 1)
    wait_for 30 "readiness of replica $n" answers "http://$admin/readyz"
    printf '    server replica-%s %s port %s\n' "$n" "$listen" "${admin##*:}" >>"$folder/backend.cfg"
    targets="$targets${targets:+, }\"$admin\""
    printf 'REPLICA_%s=http://%s\nREPLICA_%s_ADMIN=http://%s\nREPLICA_%s_PID=%s\n' "$n" "$listen" "$n" "$admin" "$n" "$replica" >>"$folder/addresses"
}

start_haproxy() {
    PARLEY_FRONTEND=127.0.0.1:$api PARLEY_STATS=127.0.0.1:$stats haproxy -db -f "$here/haproxy/haproxy.cfg" -f "$folder/backend.cfg" \
        >"$folder/haproxy.log" 2>&1 &
    pids="$! $pids"
    printf 'HAPROXY_PID=%s\n' "$!" >>"$folder/addresses"
    wait_for 20 "an answer through HAProxy" answers "http://127.0.0.1:$api/api/schema/"
}

start_prometheus() {
    mkdir -p "$folder/prometheus/rules"
    for rules in "$here"/prometheus/rules/*.yml; do
        # The long windows are computed every eighth time, as written.
        sed "s/interval: 2m/interval: $((scrape_seconds * 8))s/" "$rules" >"$folder/prometheus/rules/$(basename "$rules")"
    done
    sed "s/_interval: 15s/_interval: ${scrape_seconds}s/" "$here/prometheus/prometheus.yml" >"$folder/prometheus/prometheus.yml"
    printf '[{"targets": [%s]}]\n' "$targets" >"$folder/prometheus/targets.json"
    prometheus --config.file="$folder/prometheus/prometheus.yml" --storage.tsdb.path="$folder/prometheus/data" \
        --web.listen-address="127.0.0.1:$prometheus" --web.enable-lifecycle --log.level=warn >"$folder/prometheus.log" 2>&1 &
    pids="$! $pids"
    wait_for 20 Prometheus answers "http://127.0.0.1:$prometheus/-/ready"
}

say "everything is in $folder"
: >"$folder/addresses"
start_postgresql
cat >"$folder/backend.cfg" <<'CONFIG'
backend parley
    balance leastconn
    option httpchk GET /readyz
    default-server check inter 500ms fall 2 rise 2
CONFIG
if [ -n "$check_seconds" ]; then echo "    timeout check ${check_seconds}s" >>"$folder/backend.cfg"; fi
targets=
number=1
while [ "$number" -le "$replicas" ]; do
    start_replica "$number" "$@"
    number=$((number + 1))
done
start_haproxy
start_prometheus
cat >>"$folder/addresses" <<ADDRESSES
API=http://127.0.0.1:$api
PROMETHEUS=http://127.0.0.1:$prometheus
HAPROXY_STATS=http://127.0.0.1:$stats
DATABASE_URL="host=$folder/socket user=parley dbname=parley"
ADDRESSES
say "API http://127.0.0.1:$api, Prometheus http://127.0.0.1:$prometheus, HAProxy http://127.0.0.1:$stats"
echo "stack is up"

# A sleep in the background, so that a signal is heard at once.
while :; do
    sleep 3600 &
    sleeper=$!
    wait "$sleeper"
done
