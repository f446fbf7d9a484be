#!/bin/sh
# Run once by the postgres image when its volume is empty. As at `manage.py demo`, the owner migrates and the app serves;
# neither is a superuser, and only the app's secret stands in the environment of web, worker and beat.
set -eu
psql --set=ON_ERROR_STOP=1 --username "$POSTGRES_USER" --set=owner="$OWNER_PASSWORD" --set=app="$APP_PASSWORD" <<'SQL'
CREATE ROLE pm_owner LOGIN NOSUPERUSER NOBYPASSRLS NOINHERIT PASSWORD :'owner';
CREATE ROLE pm_app LOGIN NOSUPERUSER NOBYPASSRLS NOINHERIT PASSWORD :'app';
ALTER ROLE pm_app SET statement_timeout = '60s';
ALTER ROLE pm_app SET lock_timeout = '10s';
ALTER ROLE pm_app SET random_page_cost = 1.1;
CREATE DATABASE perfsys OWNER pm_owner;
SQL
