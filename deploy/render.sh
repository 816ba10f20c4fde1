#!/bin/bash
# Usage: deploy/render.sh OUT NAME=VALUE…
#
# Writes the units of systemd and the sites of nginx into the folder OUT, with values for what stands
# between @ in deploy/systemd/ and deploy/nginx/: HOST, DATA_DIR, BACKUPS, BODY_MEGABYTES, and
# INSTANCE, USER, PROGRAM, SETTINGS, BIND and FILES_DIR, which have defaults. WORKERS: how many of gunicorn,
# where it is not to choose. IPV6=no leaves out what listens on IPv6.
#
# The defaults are those of a city that has the machine for itself; its site answers for all names. Another
# INSTANCE has one for its own name, and others.conf is for the rest.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

out=$1
shift
declare -A values=([INSTANCE]=nemuro-strategy [USER]=kpi [PROGRAM]=/opt/nemuro-strategy
    [SETTINGS]=/etc/nemuro-strategy [BIND]=127.0.0.1:8000 [WORKERS]='' [IPV6]=yes)
for pair in "$@"; do
    values[${pair%%=*}]=${pair#*=}
done
values[FILES_DIR]=${values[FILES_DIR]:-${values[DATA_DIR]}}
values[VARIABLE]=${values[INSTANCE]//-/_}

commands=()
[ -n "${values[WORKERS]}" ] || commands+=(-e '/@WORKERS@/d')
[ "${values[IPV6]}" = yes ] || commands+=(-e '/listen \[::\]/d')
for name in "${!values[@]}"; do
    commands+=(-e "s|@$name@|$(printf '%s' "${values[$name]}" | sed 's/[&|\\]/\\&/g')|g")
done

mkdir -p "$out"
for file in "$here"/systemd/*.service "$here"/systemd/*.timer; do
    name=${file##*/}
    sed "${commands[@]}" "$file" >"$out/${values[INSTANCE]}${name#nemuro-strategy}"
done
sed "${commands[@]}" "$here/nginx/site.conf" >"$out/site.conf"
if [ "${values[INSTANCE]}" = nemuro-strategy ]; then
    sed "${commands[@]}" "$here/nginx/alone.conf" >>"$out/site.conf"
else
    sed "${commands[@]}" "$here/nginx/others.conf" >"$out/others.conf"
fi
if grep -nE '@[A-Z_]+@' "$out"/*.service "$out"/*.timer "$out"/*.conf >&2; then
    echo "render.sh: 値のないものがあります。" >&2
    exit 1
fi
