#!/bin/sh
# Run once by the PostgreSQL image on an empty volume: the role of web, worker and scheduler, which owns nothing.
# psql reads the password from its file, so that no list of processes shows it and it may have any character.
set -eu
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
\set password `cat "$WEB_PASSWORD_FILE"`
CREATE ROLE mscc_web LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'password';
SQL
