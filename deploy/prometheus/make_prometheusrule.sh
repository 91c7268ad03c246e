#!/bin/sh
# Writes k8s/base/prometheusrule.yaml from the rules of this folder; with --check it only says whether that file is up to date.
set -eu
cd "$(dirname "$0")"
made() {
    cat <<'HEAD'
# Made by deploy/prometheus/make_prometheusrule.sh from deploy/prometheus/rules/*.yml; change those.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: parley
spec:
  groups:
HEAD
    for rules in rules/recording.yml rules/alerts.yml; do
        # What stands below "groups:", two columns to the right.
        sed -n '/^groups:$/,$p' "$rules" | sed -e 1d -e 's/^\(.\)/  \1/'
    done
}
stored=../../k8s/base/prometheusrule.yaml
if [ "${1:-}" = --check ]; then
    made | cmp -s - "$stored" || {
        echo "$stored is not what $0 writes: run it" >&2
        exit 1
    }
else
    made >"$stored"
fi
