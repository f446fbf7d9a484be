# One image for web, worker, beat and the migrations. Nothing is compiled: every package comes as a wheel of the lock.
FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 PERFSYS_ENV=production WEB_BIND=0.0.0.0:8000
RUN useradd --system --uid 10001 --create-home --home-dir /home/perfsys perfsys
WORKDIR /srv/perfsys

COPY requirements-s3.lock .
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes --only-binary=:all: -r requirements-s3.lock

COPY manage.py pyproject.toml LICENSE ./
COPY perfsys perfsys
COPY integrations integrations
COPY goals goals
COPY feedback feedback
COPY reviews reviews
COPY dashboards dashboards
COPY locale locale
COPY static static
COPY templates templates

# Translations and hashed static files are made here, with settings that serve nobody. At run time the source is
# read-only to its user; only var/ is not.
RUN PERFSYS_ENV=local python manage.py version \
    && SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(48))')" ALLOWED_HOSTS=build EMAIL_HOST=build \
       PUBLIC_URL=https://build DATABASE_URL=postgresql://build@127.0.0.1:1/build REDIS_URL=redis://127.0.0.1:1/0 \
       python manage.py collectstatic --no-input \
    && mkdir -p var/media var/drops && chown perfsys: var var/media
USER perfsys
VOLUME /srv/perfsys/var/media
EXPOSE 8000
CMD ["gunicorn", "-c", "python:perfsys.gunicorn_settings", "perfsys.wsgi"]
