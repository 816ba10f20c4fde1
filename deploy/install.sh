#!/bin/bash
# Installs the product on Debian 12 and updates it: deploy/install.sh --help
#
# Works from an unpacked bundle (make bundle) without any network, and from a clone with one. A second run
# changes nothing that is already right. docs/manual/operation/ is the handbook, in Japanese.
#
# Each version has a folder of its own with its .venv, and `current` points to the one that runs: rolling
# back means changing a link. The database is restored from the backup that was made before.
#
# Several cities on one machine (--city) share these folders and nothing else: the names of all that a city
# has for itself begin with $INSTANCE or are $OWNER.
set -euo pipefail
umask 022

SOURCE=$(cd "$(dirname "$0")/.." && pwd)
RELEASES=/opt/nemuro-strategy/releases
UNITS=/etc/systemd/system
SITES=/etc/nginx/sites-enabled
TIMERS=(reminders sessions events evidence backup)

usage() {
    cat <<TEXT
使い方: deploy/install.sh [オプション…]     （rootで実行します）

初めて実行すると導入し、2回目からは更新します。更新に失敗したときは、元の版とデータに戻します。

1台に複数の市町村を入れるとき
  --city 名前           その市町村の導入と更新（英小文字、数字、-。例: aoba）。ほかの市町村には触れません
  --every-city          入っている全ての市町村を、順に更新します。失敗したものは、終わりに示します

導入のときに指定するもの
  --host 名前           利用者がブラウザーに入力するホスト名（必須）。例: kpi.city.example.lg.jp
  --postgres            このサーバーにPostgreSQLを入れて使います（指定しないときは、これです）
  --database URL        別のPostgreSQLを使います。postgres://利用者:パスワード@ホスト:5432/データベース
  --sqlite              SQLiteを使います（試用向け）
いつでも指定できるもの
  --certificate ファイル      サーバー証明書（PEM、中間証明書を後ろに続けたもの）
  --certificate-key ファイル  その秘密鍵（PEM、パスフレーズなし）
                        どちらもないときは、試用の自己署名証明書を作ります
  --backups フォルダー  毎晩のバックアップを置く場所
                        （初めは /var/backups/nemuro-strategy、--city なら /var/backups/nemuro-strategy-名前）
  --no-nginx            nginxを入れません（別のプロキシを使うとき）
  --additional          2台目以降のウェブサーバーにします。データベースの表を変えず、定期の処理を動かしません
  --primary             定期の処理を動かす1台目にします（指定しないときは、これです）
  --online, --offline   ネットワークから入れるか、まとめたファイルだけで入れるか
                        （wheels/ フォルダーがあれば、指定しなくてもオフラインです）
  --yes                 何も質問しません
TEXT
}

say() { echo "==> $*"; }
warn() { echo "注意: $*" >&2; }
stop() {
    echo "エラー: $*" >&2
    exit 1
}
# put FILE TARGET MODE: replaces TARGET as a whole and only where it differs, so that a full disk, which ends
# a copy half-way, leaves what was there.
put() {
    local part=${2%/*}/.${2##*/}.new
    if cmp -s "$1" "$2"; then
        chmod "$3" "$2"
    else
        install -m "$3" "$1" "$part" && mv -T "$part" "$2" || { rm -f "$part"; return 1; }
    fi
}
# has_room FOLDER MEGABYTES: whether so much is free there; says what is missing.
has_room() {
    local free=$(($(df --output=avail -k "$1" | tail -n 1) / 1024))
    [ "$free" -ge "$2" ] || { warn "空きが足りません: $1 に${2}MB要りますが、${free}MBしかありません。"; return 1; }
}

city='' host='' database='' certificate='' certificate_key='' backups='' nginx='' server='' ask=yes every_city=''
asked=("$@")
mode=online
[ ! -d "$SOURCE/wheels" ] || mode=offline
while [ $# -gt 0 ]; do
    case $1 in
        --city | --host | --database | --certificate | --certificate-key | --backups)
            [ $# -ge 2 ] && [ -n "$2" ] || stop "$1 には値を指定してください。"
            name=${1#--}
            printf -v "${name//-/_}" %s "$2"
            shift
            ;;
        --postgres) database=local ;;
        --sqlite) database=sqlite ;;
        --no-nginx) nginx=no ;;
        --additional | --primary) server=${1#--} ;;
        --online | --offline) mode=${1#--} ;;
        --every-city) every_city=yes ;;
        --yes) ask=no ;;
        --help | -h)
            usage
            exit 0
            ;;
        *) stop "「$1」というオプションはありません。--help で一覧を表示します。" ;;
    esac
    shift
done

# What machine and options have to fulfil, checked before anything is changed.

if [ -n "$city" ]; then
    # 20 characters: a user of Debian has 32 at most. The other names would be those of another city's units.
    [[ $city =~ ^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$ ]] ||
        stop "--city には、英小文字で始まる20字までの名前（英小文字、数字、-）を指定してください。"
    [[ ! $city =~ (^|-)(reminders|sessions|events|evidence|backup)$ ]] ||
        stop "「$city」は、定期の処理の名前と重なるため使えません。"
fi
for option in "${asked[@]}"; do
    [ -z "$every_city" ] || [[ $option =~ ^--(every-city|yes|online|offline)$ ]] ||
        stop "--every-city と一緒に指定できるのは、--yes、--online、--offline だけです。"
done
[ "$(id -u)" -eq 0 ] || stop "rootで実行してください（sudo deploy/install.sh …）。"

# The folder of settings of each city that is installed here.
installed() {
    local settings
    for settings in /etc/nemuro-strategy/install.conf /etc/nemuro-strategy-*/install.conf; do
        [ ! -f "$settings" ] || echo "${settings%/install.conf}"
    done
}

# Each city in a run of its own, so that a failure does not stop the others.
update_every_city() {
    local all settings name interrupted='' failed=()
    mapfile -t all < <(installed)
    [ ${#all[@]} -gt 0 ] || stop "まだ、どの市町村も入っていません。"
    trap 'interrupted=yes' INT TERM HUP
    for settings in "${all[@]}"; do
        name=${settings#/etc/nemuro-strategy}
        say "${settings##*/} を更新します"
        if [ -n "$interrupted" ] ||
            ! "$SOURCE/deploy/install.sh" ${name:+--city "${name#-}"} --yes "--$mode" </dev/null; then
            failed+=("${settings##*/}")
        fi
    done
    [ ${#failed[@]} -eq 0 ] ||
        stop "${#all[@]}件のうち${#failed[@]}件を更新していません: ${failed[*]}。理由は、それぞれの表示にあります。"
    say "${#all[@]}件を全て更新しました"
}
if [ -n "$every_city" ]; then
    update_every_city
    exit 0
fi

# The names of everything that belongs to this city alone.
INSTANCE=nemuro-strategy${city:+-$city}
PROGRAM=/opt/$INSTANCE # the links to its versions
SETTINGS=/etc/$INSTANCE
OWNER=kpi${city:+-$city}
BY_HAND=/run/$INSTANCE.pid # where there is no systemd
# A socket if there are several cities: the operator of one could listen on another's port while that is stopped.
BIND=127.0.0.1:8000
[ -z "$city" ] || BIND=unix:/run/$INSTANCE/gunicorn.sock
. /etc/os-release
[ "${ID:-}-${VERSION_ID:-}" = debian-12 ] ||
    warn "Debian 12で確かめたプログラムです（ここは ${PRETTY_NAME:-不明}）。"
[[ $SOURCE != *[[:space:]]* ]] || stop "空白を含まないフォルダーに置いてください（$SOURCE）。"
exec 9>/run/lock/nemuro-strategy-install
flock --nonblock 9 || stop "install.sh がすでに動いています。"
if [ -f "$SOURCE/SHA256SUMS" ]; then
    say "ファイルが壊れていないかを確かめています"
    (cd "$SOURCE" && sha256sum --check --quiet --strict SHA256SUMS) ||
        stop "まとめたファイルが壊れています。もう一度コピーしてください。"
fi
if [ "$mode" = offline ] && [ ! -d "$SOURCE/wheels" ]; then
    stop "wheels/ がありません。make bundle で作ったファイルを使うか、--online にしてください。"
fi

# The earlier choices. Read, not sourced: they are data.
chosen() { sed -n "s/^$1=//p" "$SETTINGS/install.conf" 2>/dev/null || true; }
# As nemuro_strategy/environment.py reads them: with any ends of lines, quoted or not; of two the last one counts.
lines_of_settings() {
    LC_ALL=C sed -E "1s/^\xef\xbb\xbf//; s/\r$//; s/^export //; s/^(\w+)=(['\"])(.*)\2$/\1=\3/" "$1" 2>/dev/null || true
}
setting() { lines_of_settings "$SETTINGS/.env" | sed -n "s/^$1=//p" | tail -n 1; }

if [ -f "$SETTINGS/.env" ]; then
    [ -z "$database" ] || warn "データベースは .env（DATABASE_URL）のとおりにします。"
    names=$(setting ALLOWED_HOSTS)
    [ -z "$host" ] || [[ ,$names, == *,$host,* ]] ||
        stop "$host は .env の ALLOWED_HOSTS（$names）にありません。先に .env を直してください。"
    host=${host:-$(chosen HOST)}
    host=${host:-${names%%,*}}
elif [ -z "$host" ] && [ "$ask" = yes ] && [ -t 0 ]; then
    read -rp "利用者がブラウザーに入力するホスト名: " host
fi
[ -n "$host" ] || stop "--host でホスト名を指定してください。"
[[ $host =~ ^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$ ]] ||
    stop "「$host」はホスト名ではありません（https:// や / を付けずに指定します）。"
backups=${backups:-$(chosen BACKUPS)}
backups=${backups:-/var/backups/$INSTANCE}
[[ $backups =~ ^/[^[:space:]]+$ ]] || stop "--backups には、/ で始まり空白のない場所を指定してください。"
nginx=${nginx:-$(chosen NGINX)}
nginx=${nginx:-yes}
server=${server:-$(chosen SERVER)}
server=${server:-primary}
case $database in
    '' | local | sqlite | postgres://* | postgresql://*) ;;
    *) stop "--database は postgres:// で始めてください。" ;;
esac
for file in "$certificate" "$certificate_key"; do
    [ -z "$file" ] || [ -r "$file" ] || stop "$file を読めません。"
done
if [ -n "$certificate" ] && [ -z "$certificate_key" ] || [ -z "$certificate" ] && [ -n "$certificate_key" ]; then
    stop "--certificate と --certificate-key は、両方を指定してください。"
fi

if [ -f "$SETTINGS/.env" ]; then
    database_url=$(setting DATABASE_URL)
    data_dir=$(setting DATA_DIR)
    database_url=${database_url:-sqlite:///$data_dir/db.sqlite3}
    [[ $data_dir == /* ]] || stop ".env の DATA_DIR に、/ で始まる場所を指定してください。"
else
    data_dir=/var/lib/$INSTANCE
    case ${database:-local} in
        local) database_url=postgres://$OWNER@/$OWNER ;; # by the socket; the system says who it is
        sqlite) database_url=sqlite:///$data_dir/db.sqlite3 ;;
        *) database_url=$database ;;
    esac
fi
local_postgres=no
[[ $database_url != postgres*://*@/* ]] || local_postgres=yes
if [ "$server" = additional ]; then
    [ -f "$SETTINGS/.env" ] || stop "先に、1台目の $SETTINGS/.env をこのサーバーの同じ場所に置いてください。"
    [ $local_postgres = no ] && [[ $database_url == postgres* ]] ||
        stop ".env の DATABASE_URL に、全てのウェブサーバーから届くPostgreSQLを、ホスト名を付けて指定してください。"
fi

# An .env that was copied from another city would mix both.
for other in $(installed); do
    [ "$other" != "$SETTINGS" ] || continue
    for pair in "HOST=$host" "BACKUPS=$backups" "DATA_DIR=$data_dir" "DATABASE_URL=$database_url" \
        "SECRET_KEY=$(setting SECRET_KEY)"; do
        [ "$pair" = SECRET_KEY= ] || ! grep -qxF -- "$pair" "$other/install.conf" <(lines_of_settings "$other/.env") ||
            stop "${pair%%=*} が $other のものと同じです。市町村ごとに別のものにしてください。"
    done
done
[ $local_postgres = no ] || [[ $database_url == *://$OWNER@/* ]] ||
    stop ".env の DATABASE_URL の利用者を、$OWNER にしてください（postgres://$OWNER@/データベース）。"

has_systemd() { [ -d /run/systemd/system ]; }

version_of() { sed -n 's/^VERSION = "\(.*\)"/\1/p' "$1/nemuro_strategy/version.py"; }

version=$(version_of "$SOURCE")
old=$(readlink -e "$PROGRAM/current" || true)
if [ -n "$old" ]; then
    newest=$(printf '%s\n' "$(version_of "$old")" "$version" | sort -V | tail -n 1)
    [ "$newest" = "$version" ] ||
        stop "今の版（$(version_of "$old")）より古い版（$version）には更新できません。"
fi

for folder in "${TMPDIR:-/tmp}" /etc /opt; do
    has_room "$folder" 50 || stop "空けてから、もう一度実行してください。何も変えていません。"
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Debian's packages.

packages=(python3 python3-venv tzdata ca-certificates curl openssl logrotate)
[ "$nginx" = no ] || command -v nginx >/dev/null || packages+=(nginx-light)
if [ $local_postgres = yes ]; then
    packages+=(postgresql postgresql-client)
elif [[ $database_url == postgres* ]]; then
    packages+=(postgresql-client)
fi
missing=()
for package in "${packages[@]}"; do
    [ "$(dpkg-query -Wf '${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] ||
        missing+=("$package")
done
apt_get() {
    DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@" \
        </dev/null >"$work/apt.log" 2>&1 9>&- || {
        cat "$work/apt.log" >&2
        stop "Debianのパッケージを入れられませんでした（${missing[*]}）。理由は上の表示にあります。"
    }
}
if [ ${#missing[@]} -gt 0 ]; then
    say "Debianのパッケージを入れています: ${missing[*]}"
    if [ "$mode" = online ]; then
        apt_get update
        apt_get install --yes --no-install-recommends "${missing[@]}"
    else
        [ -d "$SOURCE/debs" ] ||
            stop "まとめたファイルにDebianのパッケージが入っていません。${missing[*]} を入れてから、もう一度実行してください。"
        # Only what SHA256SUMS has verified above; the machine's own sources stay as they are.
        echo "deb [trusted=yes] file:$SOURCE/debs ./" >"$work/sources.list"
        mkdir -p "$work/lists/partial"
        ours=(-o "Dir::Etc::SourceList=$work/sources.list" -o Dir::Etc::SourceParts=/dev/null
            -o "Dir::State::Lists=$work/lists" -o APT::Sandbox::User=root)
        apt_get "${ours[@]}" update
        apt_get "${ours[@]}" install --yes --no-install-recommends "${missing[@]}"
    fi
fi

# The certificate, checked before it is used.

if [ -n "$certificate" ]; then
    openssl x509 -noout -in "$certificate" 2>/dev/null || stop "$certificate は、PEM形式の証明書ではありません。"
    public=$(openssl pkey -pubout -passin pass: -in "$certificate_key" 2>/dev/null) ||
        stop "$certificate_key は、パスフレーズのないPEM形式の秘密鍵ではありません。"
    [ "$(openssl x509 -noout -pubkey -in "$certificate")" = "$public" ] || stop "証明書と秘密鍵が合っていません。"
    openssl x509 -noout -checkend 0 -in "$certificate" >/dev/null || stop "証明書の有効期限が切れています。"
    openssl x509 -noout -checkhost "$host" -in "$certificate" | grep -q "does match" ||
        stop "証明書は $host のものではありません。"
fi

# The user that runs it, and the folders. The user owns only data.

if ! id -u $OWNER >/dev/null 2>&1; then
    say "サービス用の利用者 $OWNER を作っています"
    useradd --system --user-group --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin $OWNER
fi
mkdir -p "$RELEASES" "$PROGRAM" "$SETTINGS/nginx" "$SETTINGS/tls"
[ -d "$data_dir" ] || install -d -o $OWNER -g $OWNER -m 0700 "$data_dir"
if [ ! -d "$backups" ]; then
    [ "$backups" = "/var/backups/$INSTANCE" ] ||
        stop "バックアップの場所 $backups がありません。NASなら、つないでから、もう一度実行してください。"
    install -d -o $OWNER -g $OWNER -m 0700 "$backups"
fi
as_owner() { setpriv --reuid $OWNER --regid $OWNER --init-groups "$@"; }
for folder in "$data_dir" "$backups"; do
    as_owner test -w "$folder" || stop "利用者 $OWNER が $folder に書き込めません。権限を直してください。"
done

ENVIRONMENT=(env -i PATH=/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8 "ENV_FILE=$SETTINGS/.env")
# manage NAME=VALUE… COMMAND…: manage.py of $release as the service runs it, with .env and nothing of
# the caller's environment.
manage() {
    local given=()
    while [[ $1 == *=* ]]; do
        given+=("$1")
        shift
    done
    (cd "$release" && umask 077 && as_owner "${ENVIRONMENT[@]}" "${given[@]}" .venv/bin/python manage.py "$@")
}

# .env: made once, never written again.

if [ ! -f "$SETTINGS/.env" ]; then
    say "設定のファイル $SETTINGS/.env を作っています"
    key=$(openssl rand -base64 60 | tr -d '\n')
    (
        umask 077
        cat >"$SETTINGS/.env.new" <<TEXT
# 総合戦略の進捗管理の設定です。ほかに指定できるものと説明は、次のファイルにあります。
#   $PROGRAM/current/.env.example
# 変えた後は systemctl restart $INSTANCE を実行してください。

# 署名の鍵。人に知らせず、変えないでください。サーバーを移すときは、この値も移します。
SECRET_KEY=$key

ALLOWED_HOSTS=$host
SITE_URL=https://$host
DATABASE_URL=$database_url
DATA_DIR=$data_dir

HTTPS=on
PROXY_COUNT=1

LOG_LEVEL=INFO
LOG_FORMAT=plain
TEXT
        # Threads would keep their connections, and the cities of a cluster share max_connections.
        [ -z "$city" ] || printf '\n%s\n' CONN_MAX_AGE=0 >>"$SETTINGS/.env.new"
    )
    mv "$SETTINGS/.env.new" "$SETTINGS/.env"
fi
chown root:$OWNER "$SETTINGS/.env"
chmod 0640 "$SETTINGS/.env"
# The role for which the units were enabled once, when a first run had ended. From then on it is the
# administrator's choice which of them are.
enabled_for=$(chosen ENABLED_FOR)
write_choices() {
    printf '%s\n' "HOST=$host" "BACKUPS=$backups" "NGINX=$nginx" "SERVER=$server" "ENABLED_FOR=$enabled_for" \
        >"$work/install.conf" && put "$work/install.conf" "$SETTINGS/install.conf" 0644
}
write_choices || stop "$SETTINGS に書けませんでした。理由は上の表示にあります。"

if [ -n "$certificate" ]; then
    put "$certificate" "$SETTINGS/tls/server.crt" 0644 && put "$certificate_key" "$SETTINGS/tls/server.key" 0600 ||
        stop "証明書を $SETTINGS/tls に置けませんでした。理由は上の表示にあります。"
elif [ "$nginx" = yes ] && [ ! -f "$SETTINGS/tls/server.crt" ]; then
    warn "試用の自己署名証明書を作ります。ブラウザーは警告を出します。本番では --certificate を指定してください。"
    (umask 077 && openssl req -x509 -newkey rsa:2048 -noenc -days 825 -subj "/CN=${host:0:64}" \
        -addext "subjectAltName=DNS:$host" -keyout "$SETTINGS/tls/server.key" \
        -out "$SETTINGS/tls/server.crt" 2>/dev/null)
    chmod 0644 "$SETTINGS/tls/server.crt"
fi

# The program, in a folder of its own. Its name identifies the content: an existing one is not made again.

files_of_program() {
    if [ -e "$SOURCE/.git" ] && command -v git >/dev/null; then
        git -C "$SOURCE" -c safe.directory="$SOURCE" ls-files -z
    else
        (cd "$SOURCE" && find . -type f ! -path './wheels/*' ! -path './debs/*' ! -path './.venv/*' ! -path './.git/*' \
            ! -path './var/*' ! -name '*.pyc' ! -name .env ! -path ./SHA256SUMS -printf '%P\0')
    fi | grep -zvE '^(tests|bench|docs/screenshots|\.ci)/' | sort -z
}
files_of_program >"$work/files"
content=$(cd "$SOURCE" && xargs -0 sha256sum <"$work/files" | sha256sum | cut -c 1-12)
release=$RELEASES/$version-$content
new=$release
if [ ! -f "$release/.complete" ]; then
    has_room "$RELEASES" 600 || stop "空けてから、もう一度実行してください。動いているものは変えていません。"
    say "プログラム（版 $version）を $release に入れています"
    rm -rf "$release"
    mkdir -p "$release"
    tar -C "$SOURCE" --create --null --files-from "$work/files" --owner root --group root --mode u=rwX,go=rX |
        tar -C "$release" --extract --same-permissions
    /usr/bin/python3 -m venv "$release/.venv"
    pip=("$release/.venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes)
    if [ "$mode" = offline ]; then
        "${pip[@]}" --isolated --no-index --find-links "$SOURCE/wheels" -r "$release/requirements.txt" ||
            stop "Pythonのパッケージを入れられませんでした。何も変えていません。"
    else
        "${pip[@]}" -r "$release/requirements.txt" || stop "Pythonのパッケージを入れられませんでした。何も変えていません。\
通信を検査する機器があるネットワークでは、その認証局の証明書を PIP_CERT に指定してください。"
    fi
    "$release/.venv/bin/python" -m compileall -q -x '/\.venv/' "$release"
    ln -s /etc/nemuro-strategy/.env "$release/.env" # when started without ENV_FILE
    touch "$release/.complete"
fi

if [ $local_postgres = yes ]; then
    as_postgres() { (cd / && setpriv --reuid postgres --regid postgres --init-groups "$@"); }
    if ! as_postgres psql -qtAc 'SELECT 1' >/dev/null 2>&1; then
        say "PostgreSQLを起動しています"
        if has_systemd; then
            systemctl enable --now postgresql
        else
            pg_lsclusters -h | while read -r number name _ state _; do
                [ "$state" = online ] || pg_ctlcluster "$number" "$name" start </dev/null 9>&-
            done
        fi
        for _ in $(seq 30); do
            as_postgres psql -qtAc 'SELECT 1' >/dev/null 2>&1 && break || sleep 1
        done
    fi
    name=${database_url##*/}
    if [ -z "$(as_postgres psql -qtAc "SELECT 1 FROM pg_roles WHERE rolname = '$OWNER'")" ]; then
        say "PostgreSQLの利用者 $OWNER を作っています（パスワードはありません）"
        as_postgres createuser --no-superuser --no-createdb --no-createrole $OWNER
    fi
    if [ -z "$(as_postgres psql -qtAc "SELECT 1 FROM pg_database WHERE datname = '$name'")" ]; then
        say "PostgreSQLのデータベース $name を作っています"
        # A cluster that was made with LANG=C has another encoding by default.
        as_postgres createdb --owner $OWNER --encoding UTF8 --locale C.UTF-8 --template template0 "$name"
    fi
    # By default every role may connect to every database, and read the names of what is in it.
    [ -z "$city" ] || as_postgres psql -qc "REVOKE CONNECT, TEMPORARY ON DATABASE \"$name\" FROM PUBLIC"
fi

say "設定を検査しています（manage.py check --deploy）"
manage check --deploy --fail-level ERROR >"$work/check" 2>&1 || {
    cat "$work/check" >&2
    stop "設定に誤りがあります。$SETTINGS/.env を直して、もう一度実行してください。動いているものは変えていません。"
}
grep -vE '^(System check identified|WARNINGS:|$)' "$work/check" >&2 || true

# Starting, stopping, asking.

start_web() {
    if has_systemd; then
        systemctl daemon-reload
        [ -n "$enabled_for" ] || systemctl enable --quiet $INSTANCE
        systemctl reset-failed $INSTANCE 2>/dev/null || true # else a limit may refuse one more start
        systemctl restart $INSTANCE
    else
        stop_web
        [ -z "$city" ] || install -d -o $OWNER -g $OWNER "/run/$INSTANCE"
        local environment command
        mapfile -t environment < <(sed -n 's/^Environment=//p' "$UNITS/$INSTANCE.service")
        read -ra command < <(sed -n 's/^ExecStart=//p' "$UNITS/$INSTANCE.service")
        (cd "$PROGRAM/current" && exec setsid setpriv --reuid $OWNER --regid $OWNER --init-groups \
            "${ENVIRONMENT[@]}" "${environment[@]}" "${command[@]}" </dev/null >>"/var/log/$INSTANCE.log" 2>&1 9>&-) &
        echo $! >"$BY_HAND"
    fi
}
stop_web() {
    if has_systemd; then
        systemctl stop $INSTANCE 2>/dev/null || true
    elif [ -f "$BY_HAND" ]; then
        kill "$(cat "$BY_HAND")" 2>/dev/null || true
        for _ in $(seq 40); do
            kill -0 "$(cat "$BY_HAND")" 2>/dev/null || break
            sleep 1
        done
        rm -f "$BY_HAND"
    fi
}
declare -A timers=() # whether each timer that is there is enabled and active
look_at_timers() {
    has_systemd || return 0
    local timer unit
    for timer in "${TIMERS[@]}"; do
        unit=$INSTANCE-$timer.timer
        [ ! -f "$UNITS/$unit" ] ||
            timers[$timer]="$(systemctl is-enabled "$unit" 2>&1 || true) $(systemctl is-active "$unit" || true)"
    done
}
stop_timers() {
    has_systemd || return 0
    local timer
    for timer in "${TIMERS[@]}"; do
        systemctl stop "$INSTANCE-$timer.timer" 2>/dev/null || true
    done
    # Jobs started by a timer end first: a backup, mails.
    while systemctl list-units --state=activating --no-legend "$INSTANCE-backup.service" "$INSTANCE@*.service" | grep -q .; do
        sleep 2
    done
}
# Enabled on one machine only: backups and reminders do not know about other servers. One that somebody has
# disabled or masked stays so.
start_timers() {
    has_systemd || return 0
    local timer change
    for timer in "${TIMERS[@]}"; do
        change=(enable --now)
        [ "$server" = primary ] || change=(disable --now)
        if [ "$enabled_for" = "$server" ] && [ -n "${timers[$timer]:-}" ]; then
            [[ ${timers[$timer]} == enabled* ]] || continue
            change=(start)
        fi
        systemctl "${change[@]}" --quiet "$INSTANCE-$timer.timer" || warn "$INSTANCE-$timer.timer を動かせません。"
    done
}
# As they were before the update. One that was killed has left them stopped.
start_timers_again() {
    local timer
    for timer in "${!timers[@]}"; do
        if [[ ${timers[$timer]} == *" active" ]] || [[ -n $interrupted && ${timers[$timer]} == enabled* ]]; then
            systemctl start "$INSTANCE-$timer.timer" || warn "$INSTANCE-$timer.timer を動かせません。"
        fi
    done
}

# prepare_database: the tables as $release wants them. An additional server finds them so.
prepare_database() {
    if [ "$server" = primary ]; then
        manage migrate --noinput --verbosity 0
    else
        manage migrate --check --verbosity 0 || {
            warn "データベースの表が、この版のものではありません。先に1台目を、この版に更新してください。"
            return 1
        }
    fi
}
# look_at_database: sets megabytes, its size, and unknown, the migrations that $release does not have.
look_at_database() {
    local found
    found=$(manage shell --no-imports --command "
from django.db import connection
from django.db.migrations.loader import MigrationLoader
size = 0
if connection.vendor == 'postgresql':
    with connection.cursor() as cursor:
        cursor.execute('SELECT pg_database_size(current_database())')
        size = cursor.fetchone()[0]
loader = MigrationLoader(connection)
known = set(loader.disk_migrations)
for migration in loader.disk_migrations.values():
    known.update(migration.replaces)
print(size // 1024**2 + 1)
print(*map('.'.join, sorted(set(loader.applied_migrations) - known)))
") || return 1
    { read -r megabytes && read -r unknown; } <<<"$found" || true
    [[ $database_url != sqlite* ]] || megabytes=$(megabytes_of "${database_url#sqlite:///}")
}
megabytes_of() { du -smc "$@" 2>/dev/null | tail -n 1 | cut -f 1; }
# For the backup, for a copy of it while it is put back, and for what migrations write.
has_room_for_update() {
    local evidence=0 files place
    files=$(setting FILES_DIR)
    [ "$(setting FILES_STORAGE)" = s3 ] || evidence=$(megabytes_of "${files:-$data_dir}/evidence")
    has_room "$data_dir" $((2 * evidence + 4 * megabytes + 100)) || return 1
    [ $local_postgres = no ] || { place=$(as_postgres psql -qtAc 'SHOW data_directory') &&
        has_room "$place" $((2 * megabytes + 100)); }
}
# A value saved through another web server would be lost if the update is rolled back.
nobody_else_is_connected() {
    [[ $database_url == postgres* ]] || return 0
    local others
    for _ in $(seq 5); do
        others=$(manage shell --no-imports --command "
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute('SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() '
                   'AND usename = current_user AND pid <> pg_backend_pid()')
    print(cursor.fetchone()[0])
") || return 1
        [ "$others" -gt 0 ] || return 0
        sleep 1 # what this server has just closed
    done
    return 1
}

# answer WHERE PATH: asks as a browser behind the proxy would, and prints status and text. WHERE is BIND of
# gunicorn, or "nginx".
answer() {
    "$release/.venv/bin/python" - "$1" "$2" "$host" <<'PYTHON'
import http.client, socket, ssl, sys

where, path, host = sys.argv[1:]


def connected():
    if where.startswith("unix:"):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(15)
        connection.connect(where.removeprefix("unix:"))
        return connection
    address, _, port = ("127.0.0.1:443" if where == "nginx" else where).partition(":")
    connection = socket.create_connection((address, int(port)), timeout=15)
    if where != "nginx":
        return connection
    # This does not check whether browsers trust the certificate's authority.
    return ssl._create_unverified_context().wrap_socket(connection, server_hostname=host)


try:
    for _ in range(2):  # while there is no user, /login/ redirects to the page of the first one
        client = http.client.HTTPConnection(host)
        client.sock = connected()
        client.request("GET", path, headers={"Host": host, "X-Forwarded-Proto": "https"})
        response = client.getresponse()
        text = response.read().decode("utf-8", "replace")
        client.close()
        if response.status != 302:
            break
        path = response.headers["Location"]
except OSError as error:
    sys.exit(f"応答がありません（{error}）")
if response.status != 200 or (path != "/readyz" and "<form" not in text):
    title = text.partition("<title>")[2].partition("</title>")[0]
    sys.exit(f"状態 {response.status}（{title or text[:300]}）")
PYTHON
}
# Waits until it answers: readiness, a page, a page through nginx. Says why not.
is_working() {
    local tries said
    for tries in $(seq 30); do
        said=$(answer $BIND /readyz 2>&1) && break
        [ "$tries" -lt 30 ] || { warn "/readyz: $said"; return 1; }
        sleep 1
    done
    said=$(answer $BIND /login/ 2>&1) || { warn "/login/: $said"; return 1; }
    [ "$nginx" = no ] || said=$(answer nginx /login/ 2>&1) || { warn "nginxを通した /login/: $said"; return 1; }
}

# install_units: units and nginx's site of $release. Fails where nginx does not take them.
install_units() {
    local megabytes bytes unit ipv6=yes
    bytes=$(setting EVIDENCE_MAX_BYTES)
    megabytes=$((10 * ${bytes:-10485760} / 1048576 + 10))
    [ -e /proc/net/if_inet6 ] || ipv6=no
    rm -rf "$work/units"
    "$release/deploy/render.sh" "$work/units" HOST="$host" DATA_DIR="$data_dir" FILES_DIR="$(setting FILES_DIR)" BACKUPS="$backups" \
        BODY_MEGABYTES=$megabytes IPV6=$ipv6 USER=$OWNER PROGRAM=$PROGRAM SETTINGS=$SETTINGS INSTANCE=$INSTANCE \
        BIND=$BIND WORKERS=${city:+1} || return 1
    mkdir -p $UNITS /etc/systemd/journald.conf.d
    for unit in "$work/units"/*.service "$work/units"/*.timer; do
        put "$unit" "$UNITS/${unit##*/}" 0644 || return 1
    done
    if ! cmp -s "$release/deploy/systemd/journald.conf" /etc/systemd/journald.conf.d/nemuro-strategy.conf; then
        put "$release/deploy/systemd/journald.conf" /etc/systemd/journald.conf.d/nemuro-strategy.conf 0644 || return 1
        ! has_systemd || systemctl restart systemd-journald
    fi
    cat >"$work/command" <<TEXT
#!/bin/sh
# manage.py of the installed version, as the user of the service: $INSTANCE COMMAND…
cd $PROGRAM/current && umask 077 && exec setpriv --reuid $OWNER --regid $OWNER --init-groups \\
    ${ENVIRONMENT[@]} TERM="\$TERM" .venv/bin/python manage.py "\$@"
TEXT
    put "$work/command" /usr/local/sbin/$INSTANCE 0755 || return 1
    [ "$nginx" = yes ] || return 0
    # Debian's example answers for names that nobody knows; so does ours.
    [ "$(readlink $SITES/default || true)" != /etc/nginx/sites-available/default ] || rm $SITES/default
    install_sites || return 1
    if has_systemd; then
        [ -n "$enabled_for" ] || systemctl enable --quiet nginx
        systemctl reload-or-restart nginx
    elif [ -s /run/nginx.pid ] && kill -0 "$(cat /run/nginx.pid)" 2>/dev/null; then
        nginx -s reload 2>/dev/null
    else
        nginx </dev/null >/dev/null 2>&1 9>&-
    fi
}

# The site of this city. Unknown names get the city without a name; where there is none, a site of
# their own refuses them. A site that nginx refuses is removed again: it would stop all others.
install_sites() {
    local site before=$work/sites hashes=$release/deploy/nginx/hashes.conf
    rm -rf "$before" && cp -a $SITES "$before" || return 1
    # Once, and not where somebody has chosen sizes: nginx takes them only once.
    [ ! -f "$hashes" ] || grep -rqsE '^\s*(server_names|variables)_hash' /etc/nginx ||
        put "$hashes" /etc/nginx/conf.d/nemuro-strategy.conf 0644 || return 1
    put "$work/units/site.conf" $SITES/$INSTANCE 0644 || return 1
    if [ -e $SITES/nemuro-strategy ]; then
        rm -f $SITES/nemuro-strategy.others
    else
        put "$work/units/others.conf" $SITES/nemuro-strategy.others 0644 || return 1
    fi
    nginx -t -q && return 0
    warn "nginxの設定に誤りがあります。"
    for site in $INSTANCE nemuro-strategy.others; do
        rm -f "$SITES/$site"
        [ ! -e "$before/$site" ] || cp -a "$before/$site" "$SITES/$site"
    done
    return 1
}

# point_to RELEASE: the link is replaced atomically.
point_to() {
    [ "$(readlink "$PROGRAM/current" || true)" = "$1" ] ||
        { ln -sfn "$1" "$PROGRAM/current.new" && mv -T "$PROGRAM/current.new" "$PROGRAM/current"; }
}
# switch_to RELEASE: makes it the running version.
switch_to() {
    release=$1
    point_to "$release" && install_units && take_mark_away && start_web && is_working
}

# The mark of an update that has begun to change the database (nemuro_strategy/unfinished_update.py): while it is
# there, nothing starts, and the next run puts back the backup that it names, also after kill -9 or a power cut.
# While a new version is tried out it has another name: a full disk does not prevent a change of names.
mark=$data_dir/unfinished-update
tried=$data_dir/tried-update
again="$SOURCE/deploy/install.sh${city:+ --city $city}"
make_mark() {
    (cd / && as_owner bash -c 'umask 077 && printf "%s\n" "${@:2}" >"$1.new" && sync "$1.new" &&
        mv -T "$1.new" "$1" && sync "${1%/*}"' mark "$mark" "BACKUP=${1##*/}" "AGAIN=$again")
}
take_mark_away() { [ ! -f "$mark" ] || mv -T "$mark" "$tried"; }
# What going back needs is taken from the disk before: migrations may fill it.
reserved=$data_dir/room-to-go-back
reserve_room() { as_owner fallocate --length "$(room_to_go_back "$1")MiB" "$reserved" 2>/dev/null || rm -f "$reserved"; }
# room_to_go_back BACKUP: in megabytes, for the files of 根拠資料 and the database.
room_to_go_back() {
    local megabytes
    megabytes=$(megabytes_of "$1")
    [[ $database_url != sqlite* ]] || megabytes=$((megabytes + 2 * $(megabytes_of "${database_url#sqlite:///}")))
    echo $((megabytes + 50))
}

# Rolling back: program, .venv and, if the new version touched it, the database.
backup_file=''
go_back() {
    # Nothing may interrupt it, not even a closed terminal.
    trap '' INT TERM HUP PIPE
    trap 'rm -rf "$work"' EXIT
    set +e
    local why=$1
    warn "$why 元の版（$(version_of "$old")）に戻します。"
    stop_web
    [ ! -f "$tried" ] || mv -T "$tried" "$mark"
    release=$old
    point_to "$old"
    # Its tables are those of the new version already, by the primary server.
    [ "$server" = primary ] || stop "更新していません。このサーバーのプログラムは止めてあります。\
ほかのウェブサーバーで使えます。理由を直して、もう一度実行してください。"
    if [ -n "$backup_file" ]; then
        say "データベースを、更新の前のバックアップから戻しています"
        bring_back_database || not_brought_back
    fi
    manage collectstatic --noinput --verbosity 0
    install_units || warn "systemdとnginxの設定を、元の版のものに戻せませんでした。"
    rm -f "$mark"
    start_timers_again
    start_web || stop "元の版とデータに戻しましたが、起動できません。journalctl -u $INSTANCE を見てください。"
    is_working || stop "元の版（$(version_of "$old")）とデータに戻し、起動しましたが、正しく答えません。\
理由は上の表示にあります。直した後は、/readyz が ok になることを確かめてください。"
    stop "更新していません。元の版（$(version_of "$old")）とデータに戻し、動いています。理由は上の表示にあります。"
}
not_brought_back() {
    stop "データベースを戻せませんでした。サーバーと定期の処理は止めてあります。バックアップは $backup_file にあります。\
理由（上の表示）を直してから、もう一度実行してください（$again）。このバックアップに戻すところから始めます。"
}
# The files of 根拠資料 were not touched: the restore puts its copies into a folder that is deleted. Nothing is
# taken away before it is known that $release can restore the backup, and that there is room to do so.
bring_back_database() {
    local url=$database_url aside=$data_dir/going-back file=${database_url#sqlite:///} code=0
    manage BACKUP_KEY_FILE= backup --check "$backup_file" || return 1
    rm -rf "$aside" "$reserved"
    has_room "$data_dir" "$(room_to_go_back "$backup_file")" || return 1
    install -d -o $OWNER -g $OWNER -m 0700 "$aside"
    if [[ $database_url == sqlite* ]]; then
        for file in "$file" "$file-wal" "$file-shm"; do
            [ ! -e "$file" ] || mv "$file" "$file.failed-update" || return 1
        done
    else
        (cd "$release" && as_owner "${ENVIRONMENT[@]}" .venv/bin/python "$new/deploy/empty_database.py") || return 1
    fi
    # That folder also where the files lie elsewhere: there the restore would find them and refuse.
    manage BACKUP_KEY_FILE= "DATA_DIR=$aside" FILES_STORAGE=folder FILES_DIR= "DATABASE_URL=$url" restore "$backup_file" ||
        code=$?
    # 3: restored, but files of 根拠資料 were lost before the backup.
    [ $code -eq 0 ] || [ $code -eq 3 ] || return 1
    rm -rf "$aside"
}
# What a killed update has left: the database becomes again what it was before that. Nobody has saved since.
bring_back_of_killed_update() {
    local name
    [ "$server" = primary ] ||
        stop "このサーバーで、更新が途中で止まっています（$mark）。--primary を付けて実行してください。"
    name=$(sed -n 's/^BACKUP=//p' "$mark" | head -n 1)
    [[ $name =~ ^backup-[0-9-]+\.tar$ ]] || stop "$mark を読めません。手引の「うまくいかないとき」を見てください。"
    backup_file=$data_dir/before-update/$name
    say "前の更新が途中で止まっています。データベースを、その前のバックアップ（$name）から戻しています"
    trap '' INT TERM HUP PIPE
    stop_timers
    stop_web
    nobody_else_is_connected || stop "ほかから、同じデータベースを使っています。\
ほかのウェブサーバーと、psqlなどを止めてから、もう一度実行してください。"
    release=${old:-$new}
    bring_back_database || not_brought_back
    rm -f "$mark"
    backup_file=''
    release=$new
    trap - INT TERM HUP PIPE
}

look_at_timers
interrupted=''
rm -f "$tried" "$reserved"
if [ -f "$mark" ]; then
    interrupted=yes
    bring_back_of_killed_update
fi
if [ -z "$old" ] || [ "$old" = "$release" ]; then
    [ "$server" = additional ] || say "データベースの表を準備しています"
    prepare_database || stop "起動していません。理由は上の表示にあります。"
    manage collectstatic --noinput --verbosity 0
    say "起動しています"
    switch_to "$release" || stop "起動できません。$(has_systemd && echo "journalctl -u $INSTANCE" || echo "cat /var/log/$INSTANCE.log") で理由を見て、直してから、もう一度実行してください。"
else
    [ "$server" = primary ] || prepare_database || stop "更新していません。動いているものは変えていません。"
    if [ "$server" = primary ]; then
        release=$old
        look_at_database || stop "データベースを調べられませんでした。理由は上の表示にあります。何も変えていません。"
        release=$new
        [ -z "$unknown" ] || stop "データベースが、今の版（$(version_of "$old")）のものではありません（$unknown）。\
失敗したときに元に戻せないため、更新しません。手引の「うまくいかないとき」のとおりに直してください。"
        has_room_for_update || stop "空けてから、もう一度実行してください。動いているものは変えていません。"
    fi
    say "版 $(version_of "$old") から $version に更新します。しばらくの間、利用者には「ただいま利用できません」と出ます"
    trap 'go_back "中断されました。"' INT TERM HUP PIPE EXIT
    stop_timers
    stop_web
    if [ "$server" = primary ]; then
        nobody_else_is_connected || go_back "ほかから、同じデータベースを使っています。\
ほかのウェブサーバーと、psqlなどを先に止めてください。"
        # Nobody can save from here on: rolling back loses nothing. Not encrypted, because this server may have only the
        # public half of the key.
        install -d -o $OWNER -g $OWNER -m 0700 "$data_dir/before-update"
        release=$old
        say "更新の前のバックアップを作っています"
        code=0
        manage BACKUP_KEY_FILE= backup "$data_dir/before-update" --keep 2 || code=$?
        if [ $code -ne 0 ] && [ $code -ne 3 ]; then
            go_back "更新の前のバックアップを作れませんでした。"
        fi
        made=$(ls -t "$data_dir/before-update"/backup-*.tar | head -n 1)
        make_mark "$made" || go_back "$mark を書けませんでした。"
        backup_file=$made
        reserve_room "$made"
        release=$new
    fi
    [ "$server" = additional ] || say "データベースの表を更新しています"
    prepare_database || go_back "データベースの表を更新できませんでした。"
    manage collectstatic --noinput --verbosity 0 || go_back "画面の部品を用意できませんでした。"
    manage check --deploy --fail-level ERROR >"$work/check" 2>&1 ||
        { cat "$work/check" >&2; go_back "更新後の検査で誤りがありました。"; }
    say "新しい版で起動しています"
    switch_to "$new" || go_back "新しい版が正しく動きません。"
    trap - INT TERM HUP PIPE
    trap 'rm -rf "$work"' EXIT
fi
start_timers
rm -f "$tried" "$reserved"
enabled_for=$server
write_choices || warn "$SETTINGS に書けませんでした。"

# The previous version stays, older ones are deleted unless another city uses them.
[ "${old:-$release}" = "$release" ] || ln -sfn "$old" "$PROGRAM/previous"
used=$(readlink -e /opt/nemuro-strategy/{current,previous} /opt/nemuro-strategy-*/{current,previous} || true)
for folder in "$RELEASES"/*/; do
    grep -qxF -- "${folder%/}" <<<"$used" || rm -rf "$folder"
done

has_systemd || warn "systemdがないため、単位ファイルの命令で直接起動しました。定期の処理（タイマー）は動きません。"
say "版 $version が https://$host/ で動いています"
if [ "$server" = primary ] && key=$(manage first_administrator_key 2>/dev/null); then
    say "初めの利用者を登録してください"
    echo "$key"
fi
