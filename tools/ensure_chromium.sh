#!/bin/sh
# The browser tests need Chromium: install Debian's where that can be done, else say how.
set -eu
command -v chromium >/dev/null && exit 0
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null
    exit 0
fi
echo "The browser tests need Chromium as 'chromium' on the PATH, e.g.: sudo apt-get install chromium" >&2
exit 1
