"""A real S3 server for a test, in a thread of its own."""

import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import boto3
import fsspec
import pytest
from moto.server import ThreadedMotoServer

from core.settings import settings

KEYS = {"aws_access_key_id": "key", "aws_secret_access_key": "secret"}


@contextmanager
def s3_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, object]]:
    """A server that DATAG's settings point to; its address, and a client that fills it."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    # What an earlier server of this process was told is still known to the next one.
    urllib.request.urlopen(urllib.request.Request(f"{url}/moto-api/reset", method="POST")).close()
    monkeypatch.setenv("DATAG_S3_ENDPOINT_URL", url)
    monkeypatch.setenv("DATAG_S3_ACCESS_KEY", "key")
    monkeypatch.setenv("DATAG_S3_SECRET_KEY", "secret")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    settings.cache_clear()
    client = boto3.client("s3", endpoint_url=url, region_name="us-east-1", **KEYS)
    try:
        yield url, client
    finally:
        fsspec.filesystem("s3").clear_instance_cache()
        server.stop()
