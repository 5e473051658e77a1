# Sourced by ./test: what the browser tests need, installed as root on Debian, else named.
# Sets and exports $CHROMIUM, the browser, and $NO_BROWSER, why there is none.

find_chromium() {
    for candidate in chromium chromium-browser google-chrome; do
        if command -v "$candidate" >/dev/null 2>&1; then
            command -v "$candidate"
            return
        fi
    done
}

driver_runs() {
    # Playwright brings a node of its own, which needs one library that a bare Debian lacks.
    for node in "$VENV"/lib/python3*/site-packages/playwright/driver/node; do
        "$node" --version >/dev/null 2>&1 && return
    done
    return 1
}

CHROMIUM=$(find_chromium)
NO_BROWSER=""
missing=""
[ -n "$CHROMIUM" ] || missing="chromium"
driver_runs || missing="$missing libatomic1"

if [ -n "$missing" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Debian's $missing for the browser tests (once, about a minute)" >&2
    # shellcheck disable=SC2086  # one word a package
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $missing; } >.local/chromium.log 2>&1 || :
    CHROMIUM=$(find_chromium)
fi
if [ -z "$CHROMIUM" ] || ! driver_runs; then
    CHROMIUM=""
    NO_BROWSER="install the Debian packages chromium and libatomic1 to run the browser tests"
    if [ -n "${CI:-}" ]; then
        stop "The browser tests cannot run: $NO_BROWSER (see .local/chromium.log)."
    fi
fi
export CHROMIUM NO_BROWSER
