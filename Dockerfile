# docker build -t convscope . && docker run -p 8000:8000 -e CONVSCOPE_TOKEN=choose-one -v convscope:/data convscope

FROM python:3.13-slim AS build
# The CPU build of torch; --build-arg PIP_EXTRA_INDEX_URL= takes the CUDA build instead.
ARG PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /source
RUN python -m venv /opt/convscope
# torch in a layer of its own: it is most of the image, and changes least.
COPY constraints.txt .
RUN /opt/convscope/bin/pip install -c constraints.txt torch
COPY . .
RUN /opt/convscope/bin/pip install -c constraints.txt .

FROM python:3.13-slim
RUN useradd --create-home --uid 10001 convscope && install -d -o convscope /data /weights
COPY --from=build /opt/convscope /opt/convscope
ENV PATH=/opt/convscope/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    PORT=8000 \
    CONVSCOPE_DATA_DIR=/data \
    CONVSCOPE_WEIGHTS=/weights
USER convscope
WORKDIR /home/convscope
VOLUME ["/data", "/weights"]
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=2)"]
CMD ["convscope", "serve"]
