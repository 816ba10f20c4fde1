#!/bin/bash
# Usage: deploy/make_bundle.sh OUT [DEBS]
#
# Packs the committed program with all wheels and, unless DEBS is "no", Debian's packages into
# OUT/nemuro-strategy-VERSION.tar.gz. It installs on a bare Debian 12 of the same processor without any
# network: unpack it and run deploy/install.sh. What is fetched is verified by the hashes of
# requirements.txt and by apt; SHA256SUMS in the archive carries that on.
set -euo pipefail
cd "$(dirname "$0")/.."
out=$1
debs=${2:-yes}

stop() {
    echo "エラー: $*" >&2
    exit 1
}
command -v git >/dev/null ||
    stop "gitがありません。Debianなら、rootで apt-get install --yes git を実行してから、もう一度実行してください。"
git rev-parse --verify --quiet HEAD >/dev/null ||
    stop "ここ（$PWD）は、git clone で取り出したフォルダーではありません。commit されているものをまとめるため、そのフォルダーで実行してください。"
[ -x .venv/bin/python ] || stop ".venv がありません。make bundle を実行してください。"

version=$(sed -n 's/^VERSION = "\(.*\)"/\1/p' nemuro_strategy/version.py)
name=nemuro-strategy-$version
mkdir -p "$out"
out=$(cd "$out" && pwd)
rm -rf "${out:?}/$name"
mkdir "$out/$name"

echo "プログラムを集めています（commit されているもの）"
git archive HEAD -- . ':!tests' ':!bench' ':!docs/screenshots' ':!.ci' | tar -x -C "$out/$name"
[ -z "$(git status --porcelain --untracked-files=no)" ] ||
    echo "注意: commit されていない変更は入りません。" >&2

echo "Pythonのパッケージを集めています"
machine=$(uname -m)
platforms=()
for tag in manylinux_2_34 manylinux_2_28 manylinux_2_17 manylinux2014; do
    platforms+=(--platform "${tag}_$machine")
done
.venv/bin/python -m pip download --quiet --disable-pip-version-check --require-hashes --only-binary :all: \
    --implementation cp --python-version 3.11 --abi cp311 --abi abi3 --abi none "${platforms[@]}" \
    --requirement requirements.txt --dest "$out/$name/wheels"

if [ "$debs" != no ]; then
    echo "Debianのパッケージを集めています"
    grep -qs '^VERSION_ID="12"' /etc/os-release ||
        stop "Debian 12で実行するか、make bundle DEBS=no で、Debianのパッケージを入れずに作ってください。"
    [ "$(id -u)" -ne 0 ] || apt-get -qq update
    mkdir "$out/$name/debs"
    nothing=$(mktemp)
    trap 'rm -f "$nothing" "$nothing.names"' EXIT
    # What apt would install on a machine that has nothing: also what every Debian has, because perl, for
    # one, wants the perl-base of its own release, and the server may have an earlier one.
    wanted=(python3 python3-venv tzdata ca-certificates curl openssl logrotate nginx-light postgresql postgresql-client)
    apt-get --simulate --no-install-recommends -o Dir::State::status="$nothing" install "${wanted[@]}" |
        sed -n 's/^Inst \([^ ]*\) .*/\1/p' >"$nothing.names"
    (cd "$out/$name/debs" && xargs apt-get -qq -o APT::Sandbox::User=root download <"$nothing.names")
    (
        cd "$out/$name/debs"
        for file in *.deb; do
            dpkg-deb --field "$file"
            printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "$file" "$(stat -c %s "$file")" \
                "$(sha256sum "$file" | cut -d ' ' -f 1)"
        done >Packages
    )
fi

echo "1つのファイルにまとめています"
(cd "$out/$name" && find . -type f ! -name SHA256SUMS -printf '%P\0' | sort -z | xargs -0 sha256sum >SHA256SUMS)
tar -C "$out" --sort name --owner 0 --group 0 --numeric-owner --mtime "@$(git log -1 --format=%ct)" \
    --create "$name" | gzip --no-name --fast >"$out/$name.tar.gz"
rm -rf "${out:?}/$name"
(cd "$out" && sha256sum "$name.tar.gz" >"$name.tar.gz.sha256")
echo "できました: $out/$name.tar.gz（$(du -h "$out/$name.tar.gz" | cut -f 1)）"
