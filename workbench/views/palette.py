"""The colours of the light and the dark theme, as plain hexadecimal text."""

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Palette:
    """One theme's colours, each ``#rrggbb``.

    Text colours keep a contrast of at least 4.5 on every ground they stand on, lines of pictures
    at least 3 on ``surface``.

    Attributes:
        name: ``light`` or ``dark``.
        window: Ground of the window.
        surface: Ground of pictures, forms, tables and inputs.
        raised: Ground of table heads, menus' hovered items, buttons.
        hover: A control under the pointer.
        pressed: A control held down.
        border: Hairlines between parts.
        border_strong: Outline of inputs and buttons.
        text: Words.
        text_muted: Captions, units, axis numbers.
        text_disabled: What cannot be used now (exempt from the contrast rule).
        accent: The one accent: primary button, selection, focus, crosshair.
        accent_hover: The accent under the pointer.
        accent_text: Words on the accent.
        accent_soft: Selected rows and checked buttons; ``text`` is read on it.
        good: Words and marks of success.
        warning: Words and marks of doubt.
        bad: Words and marks of failure.
        good_soft: Ground behind ``good``.
        warning_soft: Ground behind ``warning``.
        bad_soft: Ground behind ``bad``.
        grid: Grid lines of pictures.
        series: Lines of pictures, told apart by colour-blind readers too.
    """

    name: str
    window: str
    surface: str
    raised: str
    hover: str
    pressed: str
    border: str
    border_strong: str
    text: str
    text_muted: str
    text_disabled: str
    accent: str
    accent_hover: str
    accent_text: str
    accent_soft: str
    good: str
    warning: str
    bad: str
    good_soft: str
    warning_soft: str
    bad_soft: str
    grid: str
    series: tuple[str, ...]

    @property
    def dark(self) -> bool:
        """True where words are lighter than their ground."""
        return luminance(self.text) > luminance(self.surface)

    def colours(self) -> dict[str, str]:
        """Every single colour by its name, and the series as ``series_0`` and on."""
        found = {
            item.name: getattr(self, item.name)
            for item in fields(self)
            if item.name not in ("name", "series")
        }
        return found | {f"series_{index}": colour for index, colour in enumerate(self.series)}


LIGHT = Palette(
    name="light",
    window="#f4f5f7",
    surface="#ffffff",
    raised="#f8f9fa",
    hover="#eceef1",
    pressed="#e1e4e8",
    border="#dfe2e7",
    border_strong="#c5cad2",
    text="#1c2127",
    text_muted="#5a6370",
    text_disabled="#a3aab4",
    accent="#1f5fd0",
    accent_hover="#1a52b5",
    accent_text="#ffffff",
    accent_soft="#e3ecfb",
    good="#1a7045",
    warning="#855300",
    bad="#b3261e",
    good_soft="#e5f4eb",
    warning_soft="#fcf1dc",
    bad_soft="#fdeceb",
    grid="#e9ebef",
    series=("#1f6fd0", "#c8500f", "#00806a", "#8e4fb5", "#8a6a00", "#b23a6b", "#4a6274"),
)

DARK = Palette(
    name="dark",
    window="#15181c",
    surface="#1b1f24",
    raised="#22272d",
    hover="#2a3037",
    pressed="#333a42",
    border="#2e343b",
    border_strong="#444c56",
    text="#e3e6ea",
    text_muted="#9da6b1",
    text_disabled="#5d6671",
    accent="#6ea8ff",
    accent_hover="#8ab9ff",
    accent_text="#0c1522",
    accent_soft="#22344d",
    good="#5fc992",
    warning="#e3b45c",
    bad="#ff8d85",
    good_soft="#1a3327",
    warning_soft="#372d18",
    bad_soft="#3e2423",
    grid="#282d34",
    series=("#64a6ff", "#ff9a57", "#3fc9a6", "#c99af0", "#dcbf4d", "#f28bb5", "#9fb4c4"),
)


def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb``, 0…1 (WCAG 2)."""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    """Contrast of two colours, 1…21 (WCAG 2)."""
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def mix(first: str, second: str, share: float) -> str:
    """Blend two colours; ``share`` 0 is the first, 1 the second."""
    pairs = [
        (int(first[start : start + 2], 16), int(second[start : start + 2], 16))
        for start in (1, 3, 5)
    ]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)
