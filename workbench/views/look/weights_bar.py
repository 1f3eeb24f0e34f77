"""Whose weights are looked at: a slider over the moments of the training, the best, the newest."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from workbench.app.looking import BEST, NEWEST, Look, Looking
from workbench.app.selection import Selection
from workbench.views.numbers import grouped
from workbench.views.theme import SPACING, icon


class WeightsBar(QWidget):
    """The slider replays how everything on the page changed while the model learned."""

    def __init__(self, looking: Looking, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("look_weights")
        self._looking = looking
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setObjectName("look_moment")
        self.slider.setAccessibleName(self.tr("Moment of the training"))
        self.slider.setToolTip(
            self.tr("Replay: look at the weights as they were at moments of the training")
        )
        self.slider.setMinimumWidth(12 * SPACING)
        self.slider.valueChanged.connect(self._moved)
        self.moment = QLabel()
        self.moment.setObjectName("look_moment_words")
        self.moment.setTextFormat(Qt.TextFormat.PlainText)
        self.moment.setProperty("role", "small")
        self.moment.setMinimumWidth(16 * SPACING)
        tip = self.tr("The weights of the epoch with the best validation")
        self.best = self._button("best", self.tr("Best"), "star", tip)
        tip = self.tr("Follow the run: always look at the newest weights")
        self.newest = self._button("newest", self.tr("Newest"), "skip-forward", tip)
        self.best.clicked.connect(self._choose_best)
        self.newest.clicked.connect(self._choose_newest)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING // 2)
        row.addWidget(self.slider, 1)
        row.addWidget(self.moment)
        row.addWidget(self.best)
        row.addWidget(self.newest)
        looking.moments_changed.connect(self.refresh)
        looking.changed.connect(self._show_look)
        looking.session.selection_changed.connect(self._follow)
        self.refresh()

    def _button(self, name: str, text: str, sign: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(f"look_{name}")
        button.setText(text)
        button.setIcon(icon(sign))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setToolTip(tip)
        button.setAccessibleName(text)
        button.setAccessibleDescription(tip)
        button.setCheckable(True)
        return button

    def refresh(self) -> None:
        """Offer the moments there are."""
        moments = self._looking.moments
        self.slider.blockSignals(True)
        self.slider.setRange(0, max(len(moments) - 1, 0))
        self.slider.blockSignals(False)
        self.setEnabled(bool(moments))
        self._follow(self._looking.session.selection)

    def _follow(self, _selection: Selection) -> None:
        which, moments = self._looking.which, self._looking.moments
        self.best.setChecked(which == BEST)
        self.newest.setChecked(which == NEWEST)
        if which in moments:
            self.slider.blockSignals(True)
            self.slider.setValue(moments.index(which))
            self.slider.blockSignals(False)

    def _show_look(self, look: Look | None) -> None:
        if look is None:
            self.moment.clear()
            return
        words = self.tr("step {0} · after epoch {1}")
        self.moment.setText(words.format(grouped(look.loaded.step), grouped(look.loaded.epoch)))

    def _moved(self, place: int) -> None:
        self._looking.choose(self._looking.moments[place])

    def _choose_best(self) -> None:
        self._looking.choose(BEST)
        self._follow(self._looking.session.selection)

    def _choose_newest(self) -> None:
        self._looking.choose(NEWEST)
        self._follow(self._looking.session.selection)
