"""Execute one notebook in memory; exit with 1 and the failing cell's error if a cell fails."""

import sys

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from traitlets.config import Config

path = sys.argv[1]
nb = nbformat.read(path, as_version=4)
dirty = [i for i, c in enumerate(nb.cells) if c.cell_type == "code" and (c.outputs or c.execution_count)]
if dirty:
    sys.exit(f"{path}: cells {dirty} are committed with outputs; clear them")
try:
    # Pipes instead of ports: nothing else on the machine can talk to the kernel.
    pipes = Config({"KernelManager": {"transport": "ipc"}})
    NotebookClient(nb, config=pipes, kernel_name="python3", timeout=300).execute()
except CellExecutionError as e:
    sys.exit(f"{path}: {e}")
print(f"{path}: {sum(c.cell_type == 'code' for c in nb.cells)} cells ran")
