import os
import pathlib

import pytest

import zerolab

nbclient = pytest.importorskip("nbclient")
nbformat = pytest.importorskip("nbformat")
# Beside a PyTorch for another kind of processor, torchvision fails with another error than ImportError.
pytest.importorskip("torchvision", exc_type=Exception)
pytest.importorskip("transformers", exc_type=Exception)

EXAMPLES = pathlib.Path(__file__).parents[2] / "Examples/PyTorch"


def test_the_notebook_runs_and_shows_tables_and_pictures(monkeypatch):
    # The notebook's process finds the package under test.
    monkeypatch.setenv("PYTHONPATH", str(pathlib.Path(zerolab.__file__).parents[1]))
    notebook = nbformat.read(EXAMPLES / "ranks.ipynb", as_version=4)
    nbclient.NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(EXAMPLES)}}).execute()
    written = pathlib.Path(os.environ["ZEROLAB_NOTEBOOK"]) if "ZEROLAB_NOTEBOOK" in os.environ else None
    if written:
        nbformat.write(notebook, written)
    pages = [output.data["text/html"] for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs
             if "data" in output and "text/html" in output.data]
    assert len(pages) == 6
    resnet, changes, weight, gpt2_ranks, ceilings = pages[0], pages[1], pages[2], pages[-2], pages[-1]
    assert "rules <code>resnet</code>" in resnet
    assert "layer1.0.conv1.weight" in changes and "<svg" in changes and "rank " in weight
    assert "c_attn.weight[q]" in gpt2_ranks and "c_attn.weight[v]" in gpt2_ranks
    assert "<td>l3</td><td>729</td>" in ceilings
    # The documents keep no results of one machine.
    assert all(cell.get("outputs", []) == [] for cell in nbformat.read(EXAMPLES / "ranks.ipynb", as_version=4).cells)
