# The chart library's local copy comes from npm; the image itself needs no Node.
FROM node:22-slim AS npm
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund

FROM python:3.13-slim AS app
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_ENV=production VAR_DIR=/srv/var STATIC_ROOT=/srv/static
WORKDIR /srv/app
COPY requirements.txt ./
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt
COPY . .
COPY --from=npm /build/node_modules ./node_modules
# Collecting needs none of the secrets: the development settings do it, with production's hashed names.
RUN pybabel --quiet compile --domain django --directory locale \
    && DJANGO_ENV=development HASHED_STATIC=on VAR_DIR=/tmp/build python manage.py collectstatic --noinput --verbosity 0 \
    && python -m compileall -q . \
    && rm -rf /tmp/build node_modules \
    && useradd --system --uid 10001 --home-dir /srv/var --shell /usr/sbin/nologin crm \
    && install -d -o crm -g crm -m 0750 /srv/var /srv/beat
USER crm
VOLUME /srv/var
EXPOSE 8000
# The health page answers plain http from inside; the proxy's header keeps the redirect to https away.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=4 \
    CMD ["python", "-m", "dealer_crm.health", "web"]
CMD ["gunicorn", "dealer_crm.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", \
     "--threads", "8", "--no-control-socket", "--worker-tmp-dir", "/dev/shm", "--access-logfile", "-"]
