import pathlib

import numpy
import pytest


@pytest.fixture(autouse=True)
def plain_numbers(doctest_namespace):
    numpy.set_printoptions(suppress=True)


@pytest.fixture
def leftovers(tmp_path, monkeypatch):
    """A folder for temporary files that must be empty after the test."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    yield folder
    assert not list(pathlib.Path(folder).iterdir())
