# The image of every process, and the one of backups. `python -m tests.deploy` builds both for real, on its own bases.
ARG PYTHON_IMAGE=python:3.12-slim-bookworm
ARG POSTGRES_IMAGE=postgres:17-bookworm
FROM ${PYTHON_IMAGE} AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv
COPY requirements.lock .
RUN /opt/venv/bin/pip install --require-hashes -r requirements.lock
# "yes" adds what TRACES_URL and SENTRY_DSN need.
ARG OBSERVABILITY=
COPY requirements-observability.lock .
RUN if [ "$OBSERVABILITY" = yes ]; then /opt/venv/bin/pip install --require-hashes -r requirements-observability.lock; fi

FROM scratch AS app
WORKDIR /srv/app
COPY --chown=0:0 manage.py pyproject.toml ./
COPY --chown=0:0 kernel kernel
COPY --chown=0:0 webkit webkit
COPY --chown=0:0 ledger ledger
COPY --chown=0:0 accounts accounts
COPY --chown=0:0 triage triage
COPY --chown=0:0 oncall oncall
COPY --chown=0:0 referrals referrals
COPY --chown=0:0 mdt mdt
COPY --chown=0:0 governance governance
COPY --chown=0:0 api api
COPY --chown=0:0 mscc mscc
COPY --chown=0:0 templates templates
COPY --chown=0:0 static static
COPY --chown=0:0 docs/runbooks docs/runbooks

# Backups and their drill need PostgreSQL's own programs, of the server's version. Built by `--target backup` alone.
FROM ${POSTGRES_IMAGE} AS backup
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN apt-get update && apt-get install --yes --no-install-recommends python3 python3-venv && rm -rf /var/lib/apt/lists/*
RUN python3 -m venv /opt/venv
COPY requirements.lock .
RUN /opt/venv/bin/pip install --require-hashes -r requirements.lock && install -d -o postgres -g postgres -m 700 /srv/backup
ENV PATH=/opt/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
COPY --from=app /srv/app /srv/app
WORKDIR /srv/app
RUN python -m compileall -q --invalidation-mode unchecked-hash .
USER postgres
ENTRYPOINT []
CMD ["sh", "-c", "python manage.py backup /srv/backup && python manage.py restore_drill /srv/backup"]

FROM ${PYTHON_IMAGE} AS service
ENV PATH=/opt/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 STATIC_ROOT=/srv/static
RUN useradd --system --uid 10001 --home-dir /srv --no-create-home mscc && mkdir -p /srv/static /srv/downtime && chown mscc /srv/static /srv/downtime
WORKDIR /srv/app
COPY --from=packages /opt/venv /opt/venv
COPY --from=app /srv/app /srv/app
# Checks of health start a process each half minute; compiled, each takes a quarter less of the processor.
RUN python -m compileall -q --invalidation-mode unchecked-hash .
USER 10001
# Static files need no secret and no server; these values are for this one command and stay out of the image.
RUN SECRET_KEY=build ALLOWED_HOSTS=build BASE_URL=http://build DATABASE_URL=postgresql://build/build \
    REDIS_URL=redis://build python manage.py collectstatic --no-input
EXPOSE 8000 8001
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8001/health/live', timeout=4)"]
CMD ["python", "manage.py", "serve", "--host", "0.0.0.0", "--port", "8000", "--health-port", "8001"]
