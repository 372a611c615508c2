#!/bin/sh
# Queries are tested on PostgreSQL too, on a server that the tests start themselves.
set -eu
command -v initdb >/dev/null && exit 0
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 && exit 0
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql >/dev/null
    exit 0
fi
echo "Tests on PostgreSQL are left out; they need its server, e.g.: sudo apt-get install postgresql" >&2
