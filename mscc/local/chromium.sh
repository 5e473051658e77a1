# Sourced by ./test: finds Chromium for the browser tests, and installs it as root on Debian.
# Sets and exports $CHROMIUM, empty when there is none.

CHROMIUM=""
for candidate in chromium chromium-browser google-chrome; do
    if command -v "$candidate" >/dev/null 2>&1; then
        CHROMIUM=$(command -v "$candidate")
        break
    fi
done
if [ -z "$CHROMIUM" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Debian's chromium for the browser tests (once, about a minute)" >&2
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium; } \
        >.local/chromium.log 2>&1 && CHROMIUM=$(command -v chromium) || CHROMIUM=""
fi
if [ -z "$CHROMIUM" ] && [ -n "${CI:-}" ]; then
    stop "The browser tests need the package chromium, and it could not be installed."
fi
export CHROMIUM
