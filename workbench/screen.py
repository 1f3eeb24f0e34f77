"""Whether a window can be shown here."""

import importlib.util
import os
import subprocess
import sys


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
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, check=False)
    if done.returncode == 0:
        return ""
    lines = done.stderr.decode(errors="replace").strip().splitlines()
    reason = lines[-1] if lines else f"exit code {done.returncode}"
    return f"The window cannot be shown: {reason}."
