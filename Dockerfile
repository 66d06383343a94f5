# One image for init, web, worker and beat: see docker-compose.yml.
FROM python:3.11-slim-bookworm

RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core postgresql-client \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /srv/app --shell /usr/sbin/nologin passport

WORKDIR /srv/app
COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY . .

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 VAR_DIR=/srv/var STATIC_ROOT=/srv/static

# The static files belong to the image. Collecting them needs settings but no data: the demo keys made here are
# thrown away in the same layer.
RUN DEMO=1 VAR_DIR=/tmp/build python manage.py collectstatic --noinput --verbosity 0 \
 && chmod -R a+rX /srv/static \
 && rm -rf /tmp/build \
 && install -d -o passport -m 0700 /srv/var

USER passport
VOLUME /srv/var
EXPOSE 8000
CMD ["python", "-m", "gunicorn", "config.wsgi:application", "--bind", "0.0.0.0:8000", "--workers", "2", \
     "--worker-class", "gthread", "--threads", "4", "--reuse-port", "--no-control-socket", "--log-level", "warning", \
     "--logger-class", "config.server_log.ServerLog"]
