# The image of web, worker and scheduler. No engine was at hand when it was written: it has been
# checked as text (tests/house) and has not been built or run.
FROM python:3.12-slim-bookworm AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv
COPY requirements.lock .
RUN /opt/venv/bin/pip install --require-hashes -r requirements.lock
# "yes" adds what TRACES_URL and SENTRY_DSN need.
ARG OBSERVABILITY=
COPY requirements-observability.lock .
RUN if [ "$OBSERVABILITY" = yes ]; then /opt/venv/bin/pip install --require-hashes -r requirements-observability.lock; fi

FROM python:3.12-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 STATIC_ROOT=/srv/static
RUN useradd --system --uid 10001 --home-dir /srv --no-create-home mscc && mkdir -p /srv/static /srv/downtime && chown mscc /srv/static /srv/downtime
WORKDIR /srv/app
COPY --from=packages /opt/venv /opt/venv
COPY --chown=root:root manage.py pyproject.toml ./
COPY --chown=root:root kernel kernel
COPY --chown=root:root webkit webkit
COPY --chown=root:root ledger ledger
COPY --chown=root:root accounts accounts
COPY --chown=root:root triage triage
COPY --chown=root:root oncall oncall
COPY --chown=root:root referrals referrals
COPY --chown=root:root mdt mdt
COPY --chown=root:root governance governance
COPY --chown=root:root api api
COPY --chown=root:root mscc mscc
COPY --chown=root:root templates templates
COPY --chown=root:root static static
COPY --chown=root:root docs/runbooks docs/runbooks
USER 10001
# Static files need no secret and no server; these values are for this one command and stay out of the image.
RUN SECRET_KEY=build ALLOWED_HOSTS=build BASE_URL=http://build DATABASE_URL=postgresql://build/build \
    REDIS_URL=redis://build python manage.py collectstatic --no-input
EXPOSE 8000 8001
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8001/health/live', timeout=4)"]
CMD ["python", "manage.py", "serve", "--host", "0.0.0.0", "--port", "8000", "--health-port", "8001"]
