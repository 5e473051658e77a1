# Sourced by ./test: the programs that tests need, installed as root on Debian, else named.
# Sets and exports $CHROMIUM, the browser, and $NO_BROWSER, why there is none. The headless shell is the same Chromium
# without the windows that nobody sees: a journey takes a third less processor with it. CI runs PgBouncer too.

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

has_arial() {
    # Pages ask for Arial. A wider font breaks lines elsewhere, and the journeys measure what fits on a screen or a sheet.
    for place in /usr/share/fonts /usr/local/share/fonts "${HOME:-/}/.fonts" "${HOME:-/}/.local/share/fonts"; do
        [ -d "$place" ] && find -L "$place" -iname "liberationsans-regular.*" -o -iname "arimo*" -o -iname "arial.ttf"
    done | grep -q .
}

install_packages() {
    {
        timeout 60 apt-get update -qq -o Acquire::Retries=0 &&
            DEBIAN_FRONTEND=noninteractive timeout 240 apt-get install -y -qq --no-install-recommends "$@"
    } >.local/programs.log 2>&1
}

NO_BROWSER=""
missing=""
if ! command -v chromium-headless-shell >/dev/null 2>&1; then
    # Where another Chromium stands and an earlier run has tried, it is not tried again.
    [ -n "$(find_chromium)" ] && [ -e .local/programs.log ] || missing=" chromium-headless-shell"
fi
driver_runs || missing="$missing libatomic1"
has_arial || [ -e .local/programs.log ] || missing="$missing fonts-liberation"
[ -z "${CI:-}" ] || [ -x /usr/sbin/pgbouncer ] || missing="$missing pgbouncer"

if [ -n "$missing" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Debian's$missing for the tests (once, about a minute)" >&2
    # shellcheck disable=SC2086  # one word a package
    install_packages $missing || [ -n "$(find_chromium)" ] || install_packages chromium libatomic1 || :
fi
CHROMIUM=$(find_chromium)
if [ -z "$CHROMIUM" ] || ! driver_runs; then
    CHROMIUM=""
    NO_BROWSER="install the Debian packages chromium-headless-shell, libatomic1 and fonts-liberation to run the browser tests"
    if [ -n "${CI:-}" ]; then
        stop "The browser tests cannot run: $NO_BROWSER (see .local/programs.log)."
    fi
fi
export CHROMIUM NO_BROWSER
