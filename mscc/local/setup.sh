# Sourced by ./run and ./test: finds a Python, makes .local/venv and fills it from the lock.
# Sets $VENV. Every failure is one sentence.

stop() {
    echo "$*" >&2
    exit 1
}

find_python() {
    for candidate in python3.13 python3.12 python3.11 python3; do
        # A candidate may be a shim that is there and does not run: try each.
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            echo "$candidate"
            return
        fi
    done
}

python=$(find_python)
if [ -z "$python" ]; then
    if found=$(python3 --version 2>/dev/null); then
        stop "Python 3.11 or newer is needed; this machine has $found."
    fi
    stop "Python 3.11 or newer is needed and no python3 was found."
fi

VENV="$PWD/.local/venv"
mkdir -p .local
stamp="$(cksum <requirements-dev.lock) $("$python" --version) $PWD"

if [ ! -f "$VENV/.complete" ] || [ "$(cat "$VENV/.complete")" != "$stamp" ]; then
    rm -rf "$VENV"
    log=.local/install.log
    echo "Installing the Python packages into .local/venv (once, about half a minute)" >&2
    if command -v uv >/dev/null 2>&1; then
        uv venv --quiet --python "$python" "$VENV" >"$log" 2>&1 &&
            uv pip install --quiet --python "$VENV/bin/python" --require-hashes -r requirements-dev.lock >>"$log" 2>&1 ||
            stop "The Python packages could not be installed; is there a network? The reason stands in $log."
    else
        if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
            if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
                { apt-get update -qq && apt-get install -y -qq python3-venv; } >"$log" 2>&1 ||
                    stop "The Debian package python3-venv is missing and could not be installed; see $log."
            else
                stop "Python's venv module is missing: sudo apt-get install python3-venv, then try again."
            fi
        fi
        "$python" -m venv "$VENV" >"$log" 2>&1 ||
            stop "A virtual environment could not be made in .local/venv; see $log."
        "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes \
            -r requirements-dev.lock >>"$log" 2>&1 ||
            stop "The Python packages could not be installed; is there a network? The reason stands in $log."
    fi
    echo "$stamp" >"$VENV/.complete"
fi
