# Sourced by ./run and ./test, which set $LOCK: finds a Python, makes .local/venv and fills it from that lock.
# Sets $VENV. Every failure is one sentence.

stop() {
    echo "$*" >&2
    exit 1
}

find_python() {
    # A distribution builds its Python with optimisation, a version manager mostly does not: a third of all processor time.
    new_enough='import sys; sys.exit(sys.version_info < (3, 11))'
    if /usr/bin/python3 -c "import ensurepip, venv; $new_enough" >/dev/null 2>&1; then
        echo /usr/bin/python3
        return
    fi
    for candidate in python3.13 python3.12 python3.11 python3; do
        # A candidate may be a shim that is there and does not run: try each.
        if "$candidate" -c "$new_enough" >/dev/null 2>&1; then
            echo "$candidate"
            return
        fi
    done
}

make_venv() {
    echo "Making .local/venv" >&2
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
    # The installer is a package like the others, pinned and checked; it installs the rest in a tenth of pip's time.
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes \
        -r mscc/local/installer.lock >>"$log" 2>&1 ||
        stop "The installer could not be installed; is there a network? The reason stands in $log."
    echo "$made_for" >"$VENV/.made-for"
}

install() {
    echo "Installing the Python packages of $LOCK into .local/venv (once)" >&2
    "$VENV/bin/uv" pip install --quiet --python "$VENV/bin/python" --no-build --require-hashes -r "$LOCK" >>"$log" 2>&1 ||
        stop "The Python packages could not be installed; is there a network? The reason stands in $log."
    cksum <"$LOCK" >"$VENV/.filled-from-$LOCK"
}

# Compiled modules are kept, beside the sources and not among them: a process starts in a fraction of the time.
unset PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX="$PWD/.local/pycache"

python=$(find_python)
if [ -z "$python" ]; then
    if found=$(python3 --version 2>/dev/null); then
        stop "Python 3.11 or newer is needed; this machine has $found."
    fi
    stop "Python 3.11 or newer is needed and no python3 was found."
fi

VENV="$PWD/.local/venv"
mkdir -p .local
log=.local/install.log
made_for="$python $("$python" --version) $PWD $(cksum <mscc/local/installer.lock)"
if [ "$(cat "$VENV/.made-for" 2>/dev/null)" != "$made_for" ]; then
    rm -rf "$VENV"
    make_venv
fi
if [ "$(cat "$VENV/.filled-from-$LOCK" 2>/dev/null)" != "$(cksum <"$LOCK")" ]; then
    install
fi
