#!/bin/bash
# Usage: tests/soak/with_small_disks.sh FOLDER=SIZE… -- COMMAND [ARGUMENT…]
#
# Runs the command with a file system of its own, of that size (64m), in each folder: one that can
# fill up. Only the command sees them, and they are gone with it, whatever happens. Needs no root
# where users may have namespaces of their own. Fails with 77 where the system allows none of this.
set -euo pipefail

if [ "${SMALL_DISKS:-}" != inside ]; then
    outside=$(id -u)
    namespace=(unshare --mount)
    [ "$outside" -eq 0 ] || namespace=(unshare --map-root-user --mount)
    "${namespace[@]}" true 2>/dev/null || {
        echo "unshare でこのコマンドだけのファイルシステムを作れません。root で実行してください。" >&2
        exit 77
    }
    SMALL_DISKS=inside OUTSIDE="$outside:$(id -g)" exec "${namespace[@]}" "$0" "$@"
fi

while [ "$1" != -- ]; do
    mount -t tmpfs -o "size=${1#*=},mode=1777" tmpfs "${1%%=*}"
    shift
done
shift
unset SMALL_DISKS
if [ "${OUTSIDE%:*}" -ne 0 ]; then
    # Back to the user that was there before: PostgreSQL refuses to run as root.
    exec unshare --user --map-user="${OUTSIDE%:*}" --map-group="${OUTSIDE#*:}" "$@"
fi
exec "$@"
