#!/bin/sh
# Set up everything beside this file: `./bootstrap.sh` to run the product, `./bootstrap.sh dev` to
# test it as well. What is there already is left alone, and a second call is instant.
set -eu
cd "$(dirname "$0")"
export LC_ALL=C UV_PYTHON_DOWNLOADS=never PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore

wanted="${1:-core}"
venv=.venv/bin/python
# As in server/cluster/binaries.py: the newest PostgreSQL of this system for which it has PostGIS.
postgis_package="apt-cache pkgnames postgresql- | grep -E '^postgresql-[0-9]+-postgis-3\$' | sort -V | tail -n 1"

say() { printf '%s\n' "$*" >&2; }
fail() {
    say "$*"
    exit 1
}

# --- the system's packages ---

may_install() {
    command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }
}

apt() {
    if [ "$(id -u)" = 0 ]; then root=''; else root='sudo -n'; fi
    $root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 "$@" </dev/null >&2
}

apt_install() {
    if [ -z "${lists_are_fresh:-}" ]; then
        apt update
        lists_are_fresh=yes
    fi
    apt install --no-install-recommends "$@"
}

find_python() {
    for python in "${PYTHON:-python3}" python3.13 python3.12 python3.11; do
        if "$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            return 0
        fi
    done
    return 1
}

need_python() {
    if find_python; then return; fi
    may_install || fail "Python 3.11 or newer with its venv module is needed. On Debian or Ubuntu type:
    sudo apt-get install -y python3 python3-venv
on macOS: brew install python@3.13"
    apt_install python3 python3-venv
    find_python || fail 'The Python of this system is older than 3.11: install a newer one, and name it as in
    PYTHON=/path/to/python3.12 make install'
}

# Prints what to type where PostgreSQL with PostGIS is missing.
postgis_fault() {
    "$venv" -c '
import os, pathlib, sys
from server.cluster import ClusterError, binaries
named = os.environ.get("SAFEAUDIT_PG_BIN")
try:
    binaries.find(pathlib.Path(named) if named else None)
except ClusterError as error:
    sys.exit(str(error))' 2>&1
}

need_postgis() {
    if [ "$wanted" = core ] && [ -n "${SAFEAUDIT_DATABASE_URL:-}" ]; then return; fi
    if fault="$(postgis_fault)"; then return; fi
    may_install || fail "$fault"
    say 'Installing PostgreSQL with PostGIS.'
    apt update
    lists_are_fresh=yes
    package="$(eval "$postgis_package")"
    [ -n "$package" ] || fail "$fault"
    apt_install "$package"
    fault="$(postgis_fault)" || fail "$fault"
}

# Programs that only tests use; without them those tests are skipped and say so, or, for Java, fail.
offer_test_programs() {
    missing=''
    command -v ogrinfo >/dev/null || missing='gdal-bin'
    [ -d /usr/lib/python3/dist-packages/qgis ] || missing="$missing python3-qgis"
    # Ubuntu's package of this name is a snap, which Playwright cannot drive.
    if grep -q '^ID=debian' /etc/os-release 2>/dev/null; then
        command -v chromium >/dev/null || missing="$missing chromium"
        # What Chromium brings draws Arabic but no Hindi.
        [ -d /usr/share/fonts/truetype/lohit-devanagari ] || missing="$missing fonts-lohit-deva"
    fi
    # A release's codebook shows how to roll its rows up in R.
    command -v Rscript >/dev/null || missing="$missing r-base-core"
    # ODK Validate, which checks the forms for phones, is a Java program.
    command -v java >/dev/null || missing="$missing default-jre-headless"
    [ -n "$missing" ] || return 0
    # shellcheck disable=SC2086 # several words are meant
    if may_install && apt_install $missing; then return; fi
    say "Some tests will be skipped, or fail, for want of: $missing"
}

# --- Python ---

make_venv() {
    if "$venv" -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then return; fi
    [ ! -e .venv ] || [ -w .venv ] || fail "$PWD/.venv belongs to another user: run this as that user."
    need_python
    rm -rf .venv
    "$python" -m venv .venv
}

lock_of() { if [ "$1" = dev ]; then echo requirements-dev.lock; else echo requirements.lock; fi; }
stamp_of() { { cat "$(lock_of "$1")" requirements-setup.lock setup.cfg pyproject.toml; pwd; } | cksum; }
is_installed() { [ "$(stamp_of "$1")" = "$(cat ".venv/installed-$1" 2>/dev/null)" ]; }

install_packages() {
    # The lock of the developers holds all of the other one.
    if is_installed dev || is_installed "$wanted"; then return; fi
    lock="$(lock_of "$wanted")"
    say "Installing $lock."
    "$venv" -m pip install -q --require-hashes -r requirements-setup.lock
    # uv takes seconds where pip takes minutes; pip knows every way an index may have been set up.
    .venv/bin/uv pip install -q --python "$venv" --require-hashes -r "$lock" ||
        "$venv" -m pip install -q --require-hashes -r "$lock"
    "$venv" -m pip install -q --no-deps --no-build-isolation -e .
    # Of no use until the lock changes, and 38 MB; developers need it for `make lock`.
    if [ "$wanted" = core ]; then "$venv" -m pip uninstall -q -y uv; fi
    stamp_of "$wanted" >".venv/installed-$wanted"
}

# --- the page ---

node_fits() {
    node -e 'const [a, b] = process.versions.node.split(".").map(Number);
        process.exit((a === 20 && b >= 19) || (a === 22 && b >= 12) || a > 22 ? 0 : 1)' 2>/dev/null
}

build_page() {
    [ -f web/package.json ] || return 0
    sources="$(find web server/styles/scale.json -type f -not -path '*/node_modules/*' -exec cksum {} + | sort | cksum)"
    if [ -f server/web/dist/index.html ] && [ "$sources" = "$(cat .venv/page 2>/dev/null)" ]; then return; fi
    say 'Building the page.'
    PATH="$PWD/.venv/bin:$PATH"
    if {
        { node_fits || "$venv" -m pip install -q --require-hashes -r requirements-node.lock; } &&
            npm --prefix web ci --no-audit --no-fund --loglevel=error &&
            npm --prefix web run --silent build
    } </dev/null >&2; then
        printf '%s\n' "$sources" >.venv/page
    else
        say 'The page could not be built (see above): the server runs without it. `make install` tries again.'
    fi
}

case "$wanted" in core | dev) ;; *) fail "usage: $0 [core|dev]" ;; esac
make_venv
need_postgis
if [ "$wanted" = dev ]; then offer_test_programs; fi
install_packages
build_page
