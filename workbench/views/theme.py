"""Light and dark theme: palette, style sheet, icons, type sizes; follows the system or is forced.

Nothing heavy is imported here: the first window needs this file.
"""

import os
from functools import cache
from string import Template
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QGuiApplication,
    QIcon,
    QIconEngine,
    QPainter,
    QPalette,
    QPixmap,
)
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QWidget

from workbench.paths import resources_folder
from workbench.views.palette import DARK, LIGHT, Palette

if TYPE_CHECKING:
    import numpy as np

SPACING = 8
"""The grid everything is laid out on, in pixels."""
MODES = ("system", "light", "dark")
_SIZES = {"small": 0.9, "normal": 1.0, "large": 1.4}
_PROPERTY = "workbench_theme"


class ThemeManager(QObject):
    """Keeps the application in one of two themes.

    Attributes:
        changed: Emitted with the new ``Palette`` after it was applied.
    """

    changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._mode = "system"
        self._palette = LIGHT
        self._app: QApplication | None = None
        hints = QGuiApplication.styleHints()
        if hints is not None:
            hints.colorSchemeChanged.connect(self._system_changed)
            self._palette = self._wanted()

    @property
    def palette(self) -> Palette:
        """The colours in use."""
        return self._palette

    @property
    def mode(self) -> str:
        """``system``, ``light`` or ``dark``."""
        return self._mode

    @mode.setter
    def mode(self, mode: str) -> None:
        self.set_mode(mode)

    def set_mode(self, mode: str) -> None:
        """Follow the system, or force a theme.

        Raises:
            ValueError: For a mode other than ``system``, ``light`` and ``dark``.
        """
        if mode not in MODES:
            raise ValueError(f"theme mode is {mode!r}; it must be one of {', '.join(MODES)}")
        self._mode = mode
        self._update()

    def apply(self, app: QApplication) -> None:
        """Give the application its style, palette and style sheet, and keep them up to date."""
        if self._app is not app:  # another change would re-polish dying widgets
            self._app = app
            app.setStyle("Fusion")
        self._dress()
        self.changed.emit(self._palette)

    def _wanted(self) -> Palette:
        if self._mode == "system":
            dark = QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark
            return DARK if dark else LIGHT
        return DARK if self._mode == "dark" else LIGHT

    def _system_changed(self, _scheme: Qt.ColorScheme) -> None:
        self._update()

    def _update(self) -> None:
        wanted = self._wanted()
        if wanted is self._palette:
            return
        self._palette = wanted
        self._dress()
        self.changed.emit(wanted)

    def _dress(self) -> None:
        if self._app is not None:
            self._app.setPalette(qt_palette(self._palette))
            self._app.setStyleSheet(style_sheet(self._palette, self._app.font()))


def theme() -> ThemeManager:
    """Return the application's theme manager, made on first use.

    Raises:
        RuntimeError: Where there is no QApplication yet.
    """
    app = QApplication.instance()
    if app is None:
        raise RuntimeError("a QApplication is needed before theme()")
    manager = app.property(_PROPERTY)
    if manager is None:
        manager = ThemeManager(app)
        app.setProperty(_PROPERTY, manager)
    return manager


def colour(name: str, alpha: float = 1.0) -> QColor:
    """Return a colour of the palette in use, such as ``text_muted`` or ``series_1``.

    Args:
        name: A name of ``Palette.colours()``.
        alpha: Opacity, 0…1.
    """
    found = QColor(theme().palette.colours()[name])
    found.setAlphaF(alpha)
    return found


def colormap(kind: str) -> "np.ndarray":
    """Return the colour table of a heatmap in the theme in use.

    Args:
        kind: ``sequential`` or ``diverging``.

    Returns:
        uint8 ``(256, 4)``; entry 0 is for missing values, 1…255 is the range, 128 its middle.
    """
    from workbench.views.colormaps import lookup_table

    return lookup_table(kind, theme().palette.name)


def font(size: str = "normal", *, bold: bool = False) -> QFont:
    """Return the system's typeface in one of three sizes: ``small``, ``normal``, ``large``."""
    made = QFont(QApplication.font())
    if made.pointSizeF() > 0:
        made.setPointSizeF(made.pointSizeF() * _SIZES[size])
    else:
        made.setPixelSize(round(made.pixelSize() * _SIZES[size]))
    if bold:
        made.setWeight(QFont.Weight.DemiBold)
    return made


# ---------------------------------------------------------------------- style


def qt_palette(palette: Palette) -> QPalette:
    """Return the palette for everything the style sheet does not reach."""
    role = QPalette.ColorRole
    roles = {
        role.Window: palette.window,
        role.WindowText: palette.text,
        role.Base: palette.surface,
        role.AlternateBase: palette.raised,
        role.Text: palette.text,
        role.Button: palette.raised,
        role.ButtonText: palette.text,
        role.BrightText: palette.bad,
        role.ToolTipBase: palette.raised,
        role.ToolTipText: palette.text,
        role.PlaceholderText: palette.text_muted,
        role.Highlight: palette.accent,
        role.HighlightedText: palette.accent_text,
        role.Link: palette.accent,
        role.LinkVisited: palette.accent,
        role.Accent: palette.accent,
        role.Light: palette.surface,
        role.Midlight: palette.raised,
        role.Mid: palette.border,
        role.Dark: palette.border_strong,
        role.Shadow: palette.border_strong,
    }
    made = QPalette()
    for which, value in roles.items():
        made.setColor(which, QColor(value))
    for which in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, which, QColor(palette.text_disabled))
    made.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(palette.border_strong))
    return made


def style_sheet(palette: Palette, base: QFont) -> str:
    """Return the style sheet of a theme, its type sizes derived from the system's font."""
    unit, normal = ("pt", base.pointSizeF()) if base.pointSizeF() > 0 else ("px", base.pixelSize())
    folder = resources_folder() / "style"
    text = (folder / "workbench.qss").read_text(encoding="utf-8")
    sizes = {f"font_{name}": f"{normal * factor:.4g}{unit}" for name, factor in _SIZES.items()}
    marks = {"marks": (folder / palette.name).as_posix()}
    return Template(text).substitute(palette.colours() | sizes | marks)


def restyle(widget: QWidget) -> None:
    """Let a widget follow a style-sheet property that has just changed (``role``, ``tone`` …)."""
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)
    widget.update()


def inset(box: QAbstractSpinBox) -> None:
    """Move a spin box's number off its left border: the style sheet's padding does not reach it."""
    box.lineEdit().setTextMargins(SPACING // 2 + 1, 0, 0, 0)


# ---------------------------------------------------------------------- icons


def icon(name: str, tone: str = "text") -> QIcon:
    """Return an icon of the Phosphor family that always has the colours of the theme in use.

    Args:
        name: Its name in the family (regular weight), such as ``play`` or ``dots-three``.
        tone: The palette colour it is drawn in; disabled icons are always ``text_disabled``.

    Raises:
        KeyError: Where the family has no icon of that name.
    """
    return QIcon(_GlyphEngine(_glyph(name), tone))


@cache
def _glyph(name: str) -> str:
    os.environ.setdefault("QT_API", "pyside6")
    import qtawesome

    try:
        return str(qtawesome.charmap(f"ph.{name}"))
    except (KeyError, ValueError, AttributeError):
        raise KeyError(f"there is no Phosphor icon {name!r}") from None


class _GlyphEngine(QIconEngine):
    """Draws one glyph of the icon font in a colour that is looked up at each painting."""

    def __init__(self, glyph: str, tone: str) -> None:
        super().__init__()
        self._character = glyph
        self._tone = tone

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Paint the glyph into ``rect``."""
        import qtawesome

        tone = "text_disabled" if mode is QIcon.Mode.Disabled else self._tone
        if state is QIcon.State.On and tone == "text":
            tone = "accent"
        side = min(rect.width(), rect.height())
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        painter.setPen(colour(tone))
        glyphs = qtawesome.font("ph", side)
        glyphs.setPixelSize(side)
        glyphs.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        painter.setFont(glyphs)
        painter.drawText(QRectF(rect), Qt.AlignmentFlag.AlignCenter, self._character)
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """Return the glyph on a transparent ground, ``size`` device pixels."""
        made = QPixmap(size)
        made.fill(Qt.GlobalColor.transparent)
        painter = QPainter(made)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return made

    def clone(self) -> QIconEngine:
        """Return an equal engine."""
        return _GlyphEngine(self._character, self._tone)


class FollowTheme(QObject):
    """Calls a widget's ``theme_changed(palette)`` now and whenever the theme changes.

    A QObject of the widget's own, so that nothing outlives the widget.
    """

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._widget = widget
        theme().changed.connect(self._tell)
        self._tell(theme().palette)

    def _tell(self, palette: Palette) -> None:
        self._widget.theme_changed(palette)
