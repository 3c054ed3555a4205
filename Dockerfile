# docker build -t augcli .
# docker run --rm -u "$(id -u):$(id -g)" -v "$PWD:/data" augcli run spec.yaml photos out
FROM python:3.13-slim AS built
RUN apt-get update \
 && apt-get install --yes --no-install-recommends gcc libc6-dev \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN python -m venv /opt/augcli
RUN /opt/augcli/bin/python -m pip install --no-cache-dir .

FROM python:3.13-slim
COPY --from=built /opt/augcli /opt/augcli
RUN useradd --create-home --uid 1000 augcli
USER augcli
ENV PATH=/opt/augcli/bin:$PATH
WORKDIR /data
ENTRYPOINT ["augcli"]
CMD ["--help"]
