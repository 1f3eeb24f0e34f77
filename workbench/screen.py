"""Whether a window can be shown here."""

import importlib.util
import os
import subprocess
import sys

_PATIENCE_S = 20
_TELLING = ("cannot open shared object", "could not connect", "is needed to load")
"""What Qt says where a library is missing or the screen cannot be reached, most telling first."""


def why_no_screen() -> str:
    """One sentence on why no window can be shown, or empty where one can."""
    if importlib.util.find_spec("PySide6") is None:
        return "The window needs PySide6, which is not installed."
    platform = os.environ.get("QT_QPA_PLATFORM", "")
    if platform in ("offscreen", "minimal"):
        return f"There is no screen here (QT_QPA_PLATFORM is {platform})."
    if sys.platform.startswith("linux"):
        if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
            return "There is no screen here (neither DISPLAY nor WAYLAND_DISPLAY is set)."
        return _why_qt_fails()
    return ""


def _why_qt_fails() -> str:
    """Start Qt in a process of its own: where a system library is missing, it aborts."""
    code = "from PySide6.QtGui import QGuiApplication; QGuiApplication([])"
    command = [sys.executable, "-P", "-c", code]
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=_PATIENCE_S)
    except subprocess.TimeoutExpired:
        return f"The window cannot be shown (no answer from the screen within {_PATIENCE_S} s)."
    if done.returncode == 0:
        return ""
    lines = done.stderr.decode(errors="replace").strip().splitlines()
    telling = [line for words in _TELLING for line in lines if words in line]
    reason = (telling or lines or [f"exit code {done.returncode}"])[0]
    return f"The window cannot be shown ({reason.rpartition(': ')[2].rstrip('.')})."
