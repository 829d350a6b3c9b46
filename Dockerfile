# The page is built where Node is; the server's image has none.
FROM node:22-slim AS page
WORKDIR /build/web
COPY web/package.json web/package-lock.json web/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY server/styles/scale.json /build/server/styles/scale.json
COPY web ./
RUN npm run build

FROM python:3.12-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 UV_PYTHON_DOWNLOADS=never UV_SYSTEM_PYTHON=1
WORKDIR /app
# For cities that take photos: docker compose build --build-arg LOCK=requirements-photos.lock;
# for cities that answer researchers with noise: requirements-dp.lock
ARG LOCK=requirements.lock
COPY requirements.lock requirements-dp.lock requirements-photos.lock requirements-setup.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements-setup.lock \
    && uv pip install --no-cache --require-hashes -r "$LOCK"
COPY . .
COPY --from=page /build/server/web/dist server/web/dist
# The folder of photos belongs to the user who runs the server; a new named volume takes it over.
RUN uv pip install --no-cache --no-deps --no-build-isolation -e . \
    && useradd --system --uid 10001 safeaudit \
    && install -d -o safeaudit -m 0700 /var/lib/safeaudit
USER safeaudit
EXPOSE 8080
CMD ["safeaudit", "serve", "--host", "0.0.0.0", "--port", "8080"]
