#!/bin/bash
# Usage: tests/install_programs.sh PACKAGE…
#
# Installs those of the named Debian packages whose programs are missing here, in one go.
# Packages: python3-venv (for the Python in $PYTHON), chromium-headless-shell, libatomic1 (for
# Playwright's driver), fonts-noto-cjk, libreoffice-calc, postgresql, npm, default-jre-headless,
# poppler-utils, gettext, nginx-light, systemd, slapd, faketime, curl.
# Changes nothing where all is there. Says what to do, and fails, where it may not install.
set -euo pipefail

is_there() {
    case $1 in
        python3-venv) "${PYTHON:-python3}" -c 'import ensurepip, venv' 2>/dev/null ;;
        chromium-headless-shell) test -x /usr/bin/chromium-headless-shell ;;
        libatomic1) ls /usr/lib/*/libatomic.so.1 2>/dev/null ;;
        fonts-noto-cjk) ls /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc 2>/dev/null ;;
        libreoffice-calc) command -v soffice && ls /usr/lib/libreoffice/program/libsclo.so ;;
        postgresql) ls /usr/lib/postgresql/*/bin/initdb &>/dev/null || command -v initdb ;;
        npm) command -v npm ;;
        default-jre-headless) command -v java ;;
        poppler-utils) command -v pdftoppm ;;
        gettext) command -v msgfmt ;;
        nginx-light) command -v nginx ;;
        slapd) test -x /usr/sbin/slapd ;;
        faketime) ls /usr/lib/*/faketime/libfaketimeMT.so.1 2>/dev/null ;;
        curl) command -v curl ;;
        systemd) command -v systemd-analyze ;;
        *) echo "install_programs.sh の知らないパッケージ: $1" >&2; exit 2 ;;
    esac
}

missing=()
for package in "$@"; do
    is_there "$package" >/dev/null || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    {
        echo "このコンピューターに足りないもの（Debian のパッケージ名）: ${missing[*]}"
        echo "Debian なら、root で次を実行してから、もう一度 make を実行してください。"
        echo "    apt-get update && apt-get install --no-install-recommends ${missing[*]}"
    } >&2
    exit 1
fi

log=$(mktemp)
# Debian's PostgreSQL would otherwise create a database cluster at installation and start it.
no_cluster=/etc/postgresql-common/createcluster.d/no-cluster-for-tests.conf
trap 'rm -f "$log" "$no_cluster"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
if [[ " ${missing[*]} " == *" postgresql "* ]]; then
    mkdir -p "${no_cluster%/*}"
    echo 'create_main_cluster = false' >"$no_cluster"
fi

# Debian's slapd would otherwise be set up and started: tests start their own.
if [[ " ${missing[*]} " == *" slapd "* ]] && command -v debconf-set-selections >/dev/null; then
    echo 'slapd slapd/no_configuration boolean true' | debconf-set-selections
fi

echo "Debian のパッケージを入れています: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt_get() {
    apt-get -qq -o DPkg::Lock::Timeout=300 "$@" </dev/null >"$log" 2>&1 || {
        cat "$log" >&2
        echo "apt-get $* に失敗しました。理由は上の表示にあります。" >&2
        exit 1
    }
}
apt_get update
apt_get install --yes --no-install-recommends "${missing[@]}"

for package in "${missing[@]}"; do
    is_there "$package" >/dev/null || {
        echo "$package を入れましたが、必要なものがまだ見つかりません。" >&2
        if [ "$package" = python3-venv ]; then
            echo "Debian の Python を使ってください: make PYTHON=/usr/bin/python3" >&2
        fi
        exit 1
    }
done
