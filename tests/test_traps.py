"""Traps that were measured once; each test fails where the program falls into one again."""

import ctypes
import os
import subprocess
import sys
import textwrap

import pytest


def python(code: str, *arguments: str, **environment: str) -> str:
    """Run code in a process of its own; return what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *arguments],
        capture_output=True, text=True, check=False, env=os.environ | environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_no_reference_to_none_is_lost_per_qt_call() -> None:
    """PySide6 6.12.0 on Python 3.11 lost one at each, and died after some thousand repaints."""
    from PySide6.QtCore import QRectF

    box = QRectF()
    before = sys.getrefcount(None)
    for _ in range(500):
        box.setLeft(3)
    assert abs(sys.getrefcount(None) - before) < 50


def test_onednn_is_limited_before_torch_is_loaded() -> None:
    """Unset, a small LSTM with varying lengths grew by 1.6 GB."""
    code = """
        import os, sys
        os.environ.pop("ONEDNN_PRIMITIVE_CACHE_CAPACITY", None)
        seen = []
        class Watch:
            def find_spec(self, name, path=None, target=None):
                if name == "torch":
                    seen.append(os.environ.get("ONEDNN_PRIMITIVE_CACHE_CAPACITY"))
        sys.meta_path.insert(0, Watch())
        import workbench.engine.trainer
        print(seen[0])
    """
    assert python(code) == "16"


def test_a_limit_the_user_set_stays() -> None:
    code = "import workbench, os; print(os.environ['ONEDNN_PRIMITIVE_CACHE_CAPACITY'])"
    assert python(code, ONEDNN_PRIMITIVE_CACHE_CAPACITY="5") == "5"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="mallopt is glibc's")
def test_freed_blocks_are_kept_for_the_next_step() -> None:
    """Handing each freed block back to the kernel cost 35–60 % of a small step."""
    code = """
        import resource
        from workbench.engine.devices import keep_freed_memory
        def faults():
            before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
            for _ in range(5):
                bytearray(40 << 20)
            return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
        first = faults()
        keep_freed_memory()
        faults()
        print(first, faults())
    """
    if not hasattr(ctypes.CDLL(None), "mallopt"):
        pytest.skip("this C library has no mallopt")
    before, after = map(int, python(code).split())
    assert before > 1_000
    assert after < before / 20


def test_events_hold_copies_not_views_of_live_tensors() -> None:
    """``.numpy()`` of a tensor and ``state_dict()`` change while training goes on."""
    import torch

    from workbench.engine.checkpoint import model_tensors
    from workbench.models.language import LanguageModel
    from workbench.specs import ModelSpec

    spec = ModelSpec(hidden_size=4, embedding_size=4, num_layers=1)
    model = LanguageModel(spec, 5, torch.Generator().manual_seed(0))
    kept = model_tensors(model)
    before = {name: tensor.clone() for name, tensor in kept.items()}
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(1)
    assert all(torch.equal(kept[name], before[name]) for name in before)


def test_curves_are_thinned_and_clipped() -> None:
    """``plot(autoDownsample=…, clipToView=…)`` is ignored; a million points took 219 ms."""
    code = """
        import numpy as np
        from PySide6.QtWidgets import QApplication
        application = QApplication([])
        import pyqtgraph as pg
        from workbench.views.plots.canvas import Canvas
        canvas = Canvas()
        curve = pg.PlotDataItem(np.arange(10.0), np.arange(10.0))
        canvas.addItem(curve)
        names = ("autoDownsample", "downsampleMethod", "clipToView")
        print(*(curve.opts[name] for name in names))
    """
    assert python(code, QT_QPA_PLATFORM="offscreen") == "True peak True"


def test_the_first_optimiser_finds_everything_imported() -> None:
    """The first one imports ``torch._dynamo``, as long as torch itself, and stalled the window."""
    code = """
        import importlib, sys
        from workbench.app.preload import ENGINE
        for name in ENGINE:
            importlib.import_module(name)
        before = len(sys.modules)
        import torch
        torch.optim.Adam([torch.zeros(1, requires_grad=True)], fused=True)
        print(len(sys.modules) - before)
    """
    assert int(python(code)) < 10


def test_package_imports_are_light() -> None:
    code = """
        import sys
        import workbench
        from workbench import Experiment
        import workbench.runs, workbench.cli
        heavy = {"torch", "pandas", "numpy", "PySide6", "pyqtgraph", "pyarrow", "rich.progress"}
        print(sorted(heavy & set(sys.modules)))
    """
    assert python(code) == "[]"


def test_training_from_python_needs_no_qt() -> None:
    code = """
        import sys
        from workbench import Experiment, train
        import workbench.engine.evaluate, workbench.engine.generate
        print(sorted({"PySide6", "pyqtgraph", "qtawesome"} & set(sys.modules)))
    """
    assert python(code) == "[]"
