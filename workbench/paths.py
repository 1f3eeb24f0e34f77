"""Where things are: bundled resources, sample data, the user's runs and settings."""

import os
from pathlib import Path

import platformdirs

_PACKAGE = Path(__file__).resolve().parent


def _bundled(in_wheel: str, in_checkout: str) -> Path:
    """Return the folder inside an installed wheel, else the one beside the package."""
    installed = _PACKAGE / in_wheel
    return installed if installed.is_dir() else _PACKAGE.parent / in_checkout


def resources_folder() -> Path:
    """Icons, style, templates."""
    return _bundled("_resources", "resources")


def sample_data_folder() -> Path:
    """The small files made for this project."""
    return _bundled("_sample_data", "sample_data")


def runs_folder() -> Path:
    """Where runs are kept: ``$WORKBENCH_RUNS``, else the system's folder for user data."""
    override = os.environ.get("WORKBENCH_RUNS")
    if override:
        return Path(override)
    return Path(platformdirs.user_data_dir("sequence-workbench", appauthor=False)) / "runs"


def settings_folder() -> Path:
    """Where window settings are kept: ``$WORKBENCH_SETTINGS``, else the system's folder."""
    override = os.environ.get("WORKBENCH_SETTINGS")
    if override:
        return Path(override)
    return Path(platformdirs.user_config_dir("sequence-workbench", appauthor=False))
