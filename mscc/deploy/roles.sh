#!/bin/sh
# Run once by the PostgreSQL image on an empty volume: the role of web, worker and scheduler, which owns nothing.
set -eu
psql -v ON_ERROR_STOP=1 -v password="$WEB_PASSWORD" --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
CREATE ROLE mscc_web LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'password';
SQL
