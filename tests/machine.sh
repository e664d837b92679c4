#!/bin/sh
# Installs the Debian packages that `make run` or `make test` needs and this machine lacks, or names them and stops.
# Usage: machine.sh run|test PYTHON
set -eu

missing=""
if ! "$2" -c 'import ensurepip, venv' 2>/dev/null; then
    missing="$missing python$("$2" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
fi
if [ "$1" = test ]; then
    command -v chromium >/dev/null || missing="$missing chromium fonts-liberation"
    command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
fi
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then
    as_root=""
elif sudo -n true 2>/dev/null; then
    as_root="sudo"
else
    as_root="nobody"
fi
if [ "$as_root" = nobody ] || ! command -v apt-get >/dev/null; then
    echo "make $1 needs what this machine lacks and this user may not install:$missing" >&2
    echo "On Debian: sudo apt-get install$missing" >&2
    echo "On other systems install the same programs, then run make $1 again." >&2
    exit 1
fi
echo "Installing$missing with apt-get"
$as_root apt-get update -qq
# shellcheck disable=SC2086 # the names are a list of words
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing >/dev/null
