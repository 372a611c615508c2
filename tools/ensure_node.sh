#!/bin/sh
# The checks of the browser code need Node.js 20 or newer with npm.
set -eu
command -v npm >/dev/null && exit 0
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nodejs npm >/dev/null
    exit 0
fi
echo "The checks of the browser code need Node.js 20 or newer with npm, e.g.: sudo apt-get install nodejs npm" >&2
exit 1
