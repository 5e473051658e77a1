# Sourced by ./test: what the browser tests need, installed as root on Debian, else named.
# Sets and exports $CHROMIUM, the browser, and $NO_BROWSER, why there is none. The headless shell is the same Chromium
# without the windows that nobody sees: a journey takes a third less processor with it.

find_chromium() {
    for candidate in chromium-headless-shell chromium chromium-browser google-chrome; do
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

install_for_browser() {
    {
        timeout 60 apt-get update -qq -o Acquire::Retries=0 &&
            DEBIAN_FRONTEND=noninteractive timeout 240 apt-get install -y -qq --no-install-recommends "$@"
    } >.local/chromium.log 2>&1
}

NO_BROWSER=""
missing=""
if ! command -v chromium-headless-shell >/dev/null 2>&1; then
    # Where another Chromium stands and an earlier run has tried, it is not tried again.
    [ -n "$(find_chromium)" ] && [ -e .local/chromium.log ] || missing="chromium-headless-shell"
fi
driver_runs || missing="$missing libatomic1"

if [ -n "$missing" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Debian's $missing for the browser tests (once, about a minute)" >&2
    # shellcheck disable=SC2086  # one word a package
    install_for_browser $missing || [ -n "$(find_chromium)" ] || install_for_browser chromium libatomic1 || :
fi
CHROMIUM=$(find_chromium)
if [ -z "$CHROMIUM" ] || ! driver_runs; then
    CHROMIUM=""
    NO_BROWSER="install the Debian packages chromium-headless-shell and libatomic1 to run the browser tests"
    if [ -n "${CI:-}" ]; then
        stop "The browser tests cannot run: $NO_BROWSER (see .local/chromium.log)."
    fi
fi
export CHROMIUM NO_BROWSER
