"""The model libraries are silent: no telemetry module, no connection, not even a name look-up."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from models.privacy import OFFLINE_ENVIRONMENT, disable_telemetry

REPOSITORY = Path(__file__).parents[2]

CONVERT_WITH_THE_NETWORK_WATCHED = """
import sys
asked = []
def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        asked.append(event)
sys.addaudithook(watch)
import models
import openvino
import torch
module = torch.nn.Linear(2, 3)
openvino.convert_model(torch.export.export(module, (torch.zeros(1, 2),)))
from openvino.tools.ovc import telemetry_utils
print(telemetry_utils.tm.__name__, asked)
"""


def test_converting_a_model_uses_the_silent_stub_and_asks_for_no_host() -> None:
    run = subprocess.run(
        [sys.executable, "-c", CONVERT_WITH_THE_NETWORK_WATCHED],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == "openvino.tools.ovc.telemetry_stub []"


def test_the_telemetry_module_cannot_be_imported() -> None:
    with pytest.raises(ImportError):
        __import__("openvino_telemetry")


def test_offline_switches_override_what_was_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    disable_telemetry()
    assert {name: os.environ[name] for name in OFFLINE_ENVIRONMENT} == OFFLINE_ENVIRONMENT
    assert os.environ["HF_HUB_OFFLINE"] == "1"
