"""Colour tables of heatmaps: 256 entries, entry 0 for 'no number', 1…255 for the range.

The middle of the range is entry 128 exactly, so that zero of a signed quantity has one colour.
Both kinds are made here from a few control points, blended in a perceptual space (Oklab), and
differ in lightness as well as hue: they read for colour-blind people and on grey paper.
"""

from functools import cache

import numpy as np

MISSING = 0
"""Entry for values that are not numbers."""
LOWEST = 1
MIDDLE = 128
HIGHEST = 255

# Control points from the lowest to the highest value. The end nearest to the ground of the theme
# stands for 'nothing happens here'.
_POINTS = {
    ("sequential", "light"): ("#f7f8fa", "#c9e2dc", "#7fbfc4", "#3f8fbd", "#2b5aa6", "#231f66"),
    ("sequential", "dark"): ("#171b22", "#22346e", "#23679b", "#2fa09a", "#8fd07a", "#fbf3a6"),
    ("diverging", "light"): (
        "#0b2f6b", "#2f6db5", "#93bce0", "#f7f7f6", "#f5b784", "#dc7226", "#a3420a",
    ),
    ("diverging", "dark"): (
        "#9ad1ff", "#3f8ee6", "#24508c", "#1a1d22", "#83421a", "#dd7a2c", "#ffd08a",
    ),
}  # fmt: skip
_MISSING_COLOUR = {"light": "#b9bec6", "dark": "#4a515b"}


@cache
def lookup_table(kind: str, theme_name: str) -> np.ndarray:
    """Return the table of one kind for one theme.

    Args:
        kind: ``sequential`` (low to high) or ``diverging`` (negative, zero, positive).
        theme_name: ``light`` or ``dark``.

    Returns:
        uint8 ``(256, 4)``, red, green, blue, alpha; read-only.

    Raises:
        KeyError: For another kind or theme.
    """
    points = np.array([_to_oklab(colour) for colour in _POINTS[kind, theme_name]])
    place = np.linspace(0, 1, HIGHEST - LOWEST + 1)
    knots = np.linspace(0, 1, len(points))
    blended = np.stack([np.interp(place, knots, points[:, axis]) for axis in range(3)], axis=1)
    table = np.empty((256, 4), np.uint8)
    table[LOWEST:, :3] = _to_rgb(blended)
    table[MISSING, :3] = _parts(_MISSING_COLOUR[theme_name]) * 255
    table[:, 3] = 255
    table.flags.writeable = False
    return table


def lightness(table: np.ndarray) -> np.ndarray:
    """Perceived lightness (Oklab) of every entry of a table, 0…1."""
    return np.array([_to_oklab(f"#{r:02x}{g:02x}{b:02x}")[0] for r, g, b in table[:, :3]])


_TO_CONE = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def _parts(colour: str) -> np.ndarray:
    return np.array([int(colour[start : start + 2], 16) for start in (1, 3, 5)]) / 255


def _to_oklab(colour: str) -> np.ndarray:
    """Source: Björn Ottosson, 'A perceptual color space for image processing', 2020."""
    parts = _parts(colour)
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return _TO_LAB @ np.cbrt(_TO_CONE @ linear)


def _to_rgb(lab: np.ndarray) -> np.ndarray:
    linear = np.linalg.solve(_TO_CONE, np.linalg.solve(_TO_LAB, lab.T) ** 3).T.clip(0, 1)
    parts = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return (parts * 255).round().astype(np.uint8)
