"""Parts of the Use page: what a text is to be, and the table of metrics."""

from typing import Any

from PySide6.QtCore import QCoreApplication, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workbench.app.using import Wish
from workbench.views.metric_words import metric_label, metric_meaning, metric_value
from workbench.views.numbers import share
from workbench.views.theme import SPACING, colour, icon, inset, restyle

PARTS = ("train", "validation", "test")


class WritingControls(QWidget):
    """Prompt, length, temperature, seed, and the button that writes or stops.

    Attributes:
        write_asked: A text is wanted (a ``Wish``).
        stop_asked: What is being written is enough.
    """

    write_asked = Signal(object)
    stop_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("use_controls")
        self._writing = False
        self.prompt = QLineEdit()
        self.prompt.setObjectName("use_prompt")
        self.prompt.setAccessibleName(self.tr("Prompt"))
        self.prompt.setPlaceholderText(self.tr("Prompt: what the text begins with"))
        self.prompt.setToolTip(
            self.tr("What the text begins with; empty takes a line of the validation part")
        )
        self.prompt.setClearButtonEnabled(True)
        self.prompt.returnPressed.connect(self.ask)
        self.length = QSpinBox()
        self.length.setRange(1, 10_000)
        self.length.setSingleStep(100)
        self.length.setValue(500)
        self.length.setSuffix(self.tr(" symbols"))
        self._name(self.length, "use_length", self.tr("Length"), self.tr("Symbols to write"))
        self.temperature = QDoubleSpinBox()
        self.temperature.setRange(0.05, 10.0)
        self.temperature.setSingleStep(0.1)
        self.temperature.setValue(0.8)
        self.temperature.setPrefix("T = ")
        self._name(
            self.temperature, "use_temperature", self.tr("Temperature"),
            self.tr("Temperature: below 1 safer text, above 1 wilder; 0.5 to 1.2 is usual"),
        )  # fmt: skip
        self.seed = QSpinBox()
        self.seed.setRange(0, 2**31 - 1)
        self.seed.setValue(1)
        self.seed.setPrefix(self.tr("seed "))
        self._name(
            self.seed, "use_seed", self.tr("Seed"), self.tr("The same seed writes the same text")
        )
        self.dice = QToolButton()
        self.dice.setObjectName("use_dice")
        self.dice.setIcon(icon("dice-five"))
        self.dice.setAccessibleName(self.tr("Write with another seed"))
        self.dice.setToolTip(self.tr("Write with another seed"))
        self.dice.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.dice.clicked.connect(self._another)
        self.go = QPushButton(self.tr("Write"))
        self.go.setObjectName("use_write")
        self.go.setProperty("tone", "primary")
        self.go.setMinimumWidth(10 * SPACING)
        self.go.clicked.connect(self.ask)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING)
        row.addWidget(self.prompt, 1)
        for box, width in ((self.length, 17), (self.temperature, 12), (self.seed, 14)):
            box.setFixedWidth(width * SPACING)
            row.addWidget(box)
        row.addWidget(self.dice)
        row.addWidget(self.go)

    def _name(self, box: QSpinBox | QDoubleSpinBox, name: str, words: str, tip: str) -> None:
        box.setObjectName(name)
        box.setAccessibleName(words)
        box.setToolTip(tip)
        box.setKeyboardTracking(False)
        inset(box)

    @property
    def wish(self) -> Wish:
        """What is asked for now."""
        return Wish(
            self.prompt.text(), self.length.value(), self.temperature.value(), self.seed.value()
        )

    def set_writing(self, writing: bool) -> None:
        """Turn the button into one that stops, and back."""
        self._writing = writing
        self.go.setText(self.tr("Stop") if writing else self.tr("Write"))
        self.go.setProperty("tone", "" if writing else "primary")
        restyle(self.go)
        self.dice.setEnabled(not writing)

    @Slot()
    def ask(self) -> None:
        """Write, or stop what is being written."""
        if self._writing:
            self.stop_asked.emit()
        else:
            self.write_asked.emit(self.wish)

    @Slot()
    def _another(self) -> None:
        self.seed.setValue((self.seed.value() + 1) % 2**31)
        self.ask()


class MetricsPanel(QFrame):
    """Every metric by part beside the naive rules, and the sentence that they come to.

    Attributes:
        evaluate_asked: The metrics are to be computed anew.
        stop_asked: They are not wanted any more.
    """

    evaluate_asked = Signal()
    stop_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("use_metrics_panel")
        self.setProperty("card", "true")
        self._busy = False
        title = QLabel(self.tr("Metrics"))
        title.setProperty("role", "heading")
        self.sentence = QLabel()
        self.sentence.setObjectName("use_sentence")
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setWordWrap(True)
        self.sentence.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.bar = QProgressBar()
        self.bar.setObjectName("use_progress")
        self.bar.setAccessibleName(self.tr("The model is being evaluated"))
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(12 * SPACING)
        self.bar.hide()
        self.button = QPushButton(self.tr("Evaluate"))
        self.button.setObjectName("use_evaluate")
        self.button.setToolTip(self.tr("Judge the weights in use on all parts of the data"))
        self.button.clicked.connect(self._press)
        top = QHBoxLayout()
        top.setSpacing(SPACING)
        top.addWidget(title)
        top.addSpacing(SPACING)
        top.addWidget(self.sentence, 1)
        top.addWidget(self.bar)
        top.addWidget(self.button)
        self.table = self._make_table()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACING + 4, SPACING, SPACING, SPACING)
        layout.setSpacing(SPACING)
        layout.addLayout(top)
        layout.addWidget(self.table, 1)

    def _make_table(self) -> QTableWidget:
        table = QTableWidget(0, 1 + len(PARTS))
        table.setObjectName("use_metrics")
        table.setAccessibleName(self.tr("Metrics by part of the data"))
        table.setHorizontalHeaderLabels(
            [self.tr("Metric"), self.tr("Training"), self.tr("Validation"), self.tr("Test")]
        )
        head = table.horizontalHeader()
        head.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        head.setHighlightSections(False)
        for column in range(1, 1 + len(PARTS)):
            item = table.horizontalHeaderItem(column)
            item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        table.horizontalHeaderItem(0).setTextAlignment(
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        )
        table.verticalHeader().hide()
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        return table

    # ------------------------------------------------------------------ what is shown

    def clear(self, words: str = "") -> None:
        """Empty the table; ``words`` say how to fill it."""
        self.table.setRowCount(0)
        self.sentence.setText(words)

    def set_busy(self, busy: bool) -> None:
        """Turn the button into one that stops, and back."""
        self._busy = busy
        self.bar.setVisible(busy)
        self.button.setText(self.tr("Stop") if busy else self.tr("Evaluate"))

    @Slot()
    def _press(self) -> None:
        if self._busy:
            self.stop_asked.emit()
        else:
            self.evaluate_asked.emit()

    def show_metrics(
        self,
        metric: str,
        metrics: dict[str, dict[str, float]],
        baselines: dict[str, dict[str, float]],
    ) -> None:
        """Fill the table.

        Args:
            metric: The one that counts; lower is better.
            metrics: Part → metric → value.
            baselines: Part → naive rule → value of ``metric``.
        """
        names = list(dict.fromkeys(name for part in PARTS for name in metrics.get(part, {})))
        rules = list(dict.fromkeys(rule for part in PARTS for rule in baselines.get(part, {})))
        names.sort(key=lambda name: (name != metric, "[" in name))
        rows = names[:1] + [(rule,) for rule in rules] + names[1:] if names else []
        self.table.setRowCount(len(rows))
        for row, name in enumerate(rows):
            if isinstance(name, tuple):
                self._fill_rule(row, name[0], metric, baselines)
            else:
                self._fill_metric(row, name, metric, metrics)
        self.sentence.setText(_verdict(metric, metrics, baselines))

    def _fill_metric(
        self, row: int, name: str, metric: str, metrics: dict[str, dict[str, float]]
    ) -> None:
        values = [metric_value(name, metrics.get(part, {}).get(name)) for part in PARTS]
        cells = self._fill(row, metric_label(name), values)
        for cell in cells:
            cell.setToolTip(f"<p>{metric_meaning(name)}</p>")
            if name == metric:
                chosen = cell.font()
                chosen.setBold(True)
                cell.setFont(chosen)

    def _fill_rule(
        self, row: int, rule: str, metric: str, baselines: dict[str, dict[str, float]]
    ) -> None:
        values = [metric_value(metric, baselines.get(part, {}).get(rule)) for part in PARTS]
        for cell in self._fill(row, self.tr("    naive rule: {0}").format(rule), values):
            cell.setForeground(colour("text_muted"))

    def _fill(self, row: int, label: str, values: list[str]) -> list[QTableWidgetItem]:
        cells = [QTableWidgetItem(text) for text in (label, *values)]
        for column, cell in enumerate(cells):
            if column:
                cell.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.table.setItem(row, column, cell)
        return cells


def _verdict(
    metric: str, metrics: dict[str, dict[str, float]], baselines: dict[str, dict[str, float]]
) -> str:
    """How the model stands beside the best naive rule, on the part that counts most."""

    def words(text: str) -> str:
        return QCoreApplication.translate("MetricsPanel", text)

    for part, where in (("test", words("test")), ("validation", words("validation"))):
        value: Any = metrics.get(part, {}).get(metric)
        rules = {name: found for name, found in baselines.get(part, {}).items() if found > 0}
        if value is None or not rules:
            continue
        best = min(rules, key=lambda name: rules[name])
        distance = value / rules[best] - 1
        text = words("{0} {1} on {2} data: {3} below the best naive rule, {4}.")
        if distance >= 0:
            text = words("{0} {1} on {2} data: {3} above the best naive rule, {4}: not beaten.")
        number = metric_value(metric, value)
        return text.format(metric_label(metric), number, where, share(abs(distance)), best)
    return ""
