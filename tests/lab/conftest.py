"""Where no docker is, the tests of the lab are skipped; with WIZARD_LAB=required they fail."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from wizard.lab.docker import LabError, why_unusable
from wizard.lab.host import sweep
from wizard.lab.image import ensure_image
from wizard.lab.package import wizard_folder

from .case import load_cases
from .run import PROJECT


@pytest.fixture(scope="session")
def wizard() -> Path:
    """The wizard as a folder for hosts, once the image is there and old hosts are gone."""
    try:
        reason = why_unusable()
        if reason is None:
            for disk in {case.disk for case in load_cases()}:
                ensure_image(disk)
            sweep()
            return wizard_folder(PROJECT)
    except LabError as error:
        reason = str(error)
    if os.environ.get("WIZARD_LAB") == "required":
        pytest.fail(f"the lab is required and cannot be used: {reason}")
    pytest.skip(f"no lab here: {reason}")
