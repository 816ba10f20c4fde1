#!/bin/bash
# Usage: deploy/render.sh OUT NAME=VALUE…
#
# Writes the units of systemd and the site of nginx into the folder OUT, with values for what stands
# between @ in deploy/systemd/ and deploy/nginx/site.conf: HOST, DATA_DIR, BACKUPS, BODY_MEGABYTES, and
# USER, PROGRAM, SETTINGS and FILES_DIR, which have defaults. IPV6=no leaves out what listens on IPv6.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

out=$1
shift
declare -A values=([USER]=kpi [PROGRAM]=/opt/nemuro-strategy [SETTINGS]=/etc/nemuro-strategy [IPV6]=yes)
for pair in "$@"; do
    values[${pair%%=*}]=${pair#*=}
done
values[FILES_DIR]=${values[FILES_DIR]:-${values[DATA_DIR]}}

commands=()
for name in "${!values[@]}"; do
    commands+=(-e "s|@$name@|$(printf '%s' "${values[$name]}" | sed 's/[&|\\]/\\&/g')|g")
done
[ "${values[IPV6]}" = yes ] || commands+=(-e '/listen \[::\]/d')

mkdir -p "$out"
for file in "$here"/systemd/*.service "$here"/systemd/*.timer "$here"/nginx/site.conf; do
    sed "${commands[@]}" "$file" >"$out/${file##*/}"
done
if grep -nE '@[A-Z_]+@' "$out"/*.service "$out"/*.timer "$out"/site.conf >&2; then
    echo "render.sh: 値のないものがあります。" >&2
    exit 1
fi
