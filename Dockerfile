# Looking Glass served from its wheel, by a user without rights, from a slim Python.
#   docker build -t lookingglass .
#   docker run --rm -p 127.0.0.1:8501:8501 -v lookingglass:/workspaces lookingglass
# The names people give are not authenticated: publish the port on loopback, or behind a proxy that lets in only whom you trust.
FROM python:3.13-slim AS wheel
WORKDIR /source
COPY . .
RUN python -m pip wheel --quiet --no-cache-dir --no-deps --wheel-dir /wheel .

FROM python:3.13-slim
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 LC_ALL=C.UTF-8
COPY requirements-run.txt /opt/lookingglass/
RUN python -m pip install --quiet --no-cache-dir --require-hashes -r /opt/lookingglass/requirements-run.txt
COPY --from=wheel /wheel /wheel
RUN python -m pip install --quiet --no-cache-dir --no-deps /wheel/*.whl && rm -rf /wheel \
    && useradd --create-home --uid 10001 glass && install -d -o glass -g glass /workspaces
USER glass
WORKDIR /workspaces
VOLUME /workspaces
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
# the worked use cases are built into an empty volume first, so that there is something to look at
CMD ["sh", "-c", "lookingglass demo --if-missing /workspaces && exec lookingglass dashboard /workspaces --address 0.0.0.0 --port 8501"]
