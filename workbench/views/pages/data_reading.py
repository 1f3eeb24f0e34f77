"""How a table file is read, each setting to be overruled: what the settings dock holds."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from workbench.data.code_pages import label_of
from workbench.data.encoding import Candidate
from workbench.experiment import FieldDescription, fields
from workbench.specs import ReadingSpec, TimeSpec
from workbench.views.forms import EDITOR_WIDTH
from workbench.views.pages.data_display import plain_tip, separator_text, visible
from workbench.views.theme import SPACING

READING = "data.table.reading."
TIME = "data.table.time."

ENCODINGS = (
    "utf-8", "utf-8-sig", "utf-16", "cp1252", "iso-8859-1", "iso-8859-15", "cp1250", "cp1251",
    "cp1253", "cp1254", "cp1255", "cp1256", "koi8-r", "cp932", "euc-jp", "gb18030", "big5",
    "cp949", "mac-roman",
)  # fmt: skip
"""Encodings offered after the candidates that were found."""

SEPARATORS = ("auto", ",", ";", "\t", "|", " ", "none")

DATE_FORMATS = (
    "auto", "%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%d/%m/%Y", "%m/%d/%Y",
    "%d.%m.%Y", "%d.%m.%Y %H:%M", "%Y/%m/%d", "%Y%m%d", "%Y-%m", "%b %Y", "%Y",
)  # fmt: skip


def _encoding_text(name: str) -> str:
    """Its short name first, which is what a narrow box shows; then what it is for."""
    short, label = name.upper(), label_of(name)
    return label if label == short else f"{short}  {label}"


class ReadingPanel(QWidget):
    """The settings of ``ReadingSpec`` and the date format; changes are asked for by signals."""

    override_requested = Signal(object)
    """Fields of ``ReadingSpec`` and their new values, as a dict."""
    edit_requested = Signal(str, object)
    """Dotted name and value of a field of the time axis."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("reading_panel")
        described = (*fields(READING), *fields(TIME))
        self._fields = {item.name.rpartition(".")[2]: item for item in described}
        self._filling = False
        self.encoding = self._choice("encoding", [("auto", self.tr("Automatic"))])
        self._candidates: Sequence[Candidate] | None = None
        self._set_encodings(())
        self.separator = self._choice("separator", [(s, separator_text(s)) for s in SEPARATORS])
        self.decimal = self._choice("decimal", self._marks("decimal"))
        self.thousands = self._choice("thousands", self._marks("thousands"))
        self.header = self._choice("header", self._marks("header"))
        self.date_order = self._choice("date_order", self._marks("date_order"))
        self.skip_rows = self._number()
        self.markers = self._line("missing_markers")
        self.date_format = self._date_format()
        self.detect = QPushButton(self.tr("Detect everything again"))
        self.detect.setObjectName("reading_detect")
        self.detect.clicked.connect(self._detect)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING)
        layout.addLayout(self._form())
        layout.addWidget(self.detect, 0, Qt.AlignmentFlag.AlignLeft)

    def _form(self) -> QGridLayout:
        """Labels on the left, inputs of one width on the right, as in the other forms."""
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(SPACING // 2)
        grid.setVerticalSpacing(SPACING)
        grid.setColumnStretch(0, 1)
        grid.setColumnMinimumWidth(2, 26)
        for row, (name, editor) in enumerate(
            (
                ("encoding", self.encoding),
                ("separator", self.separator),
                ("decimal", self.decimal),
                ("thousands", self.thousands),
                ("header", self.header),
                ("skip_rows", self.skip_rows),
                ("date_order", self.date_order),
                ("format", self.date_format),
                ("missing_markers", self.markers),
            )
        ):
            label = QLabel(self._fields[name].label)
            label.setWordWrap(True)
            label.setToolTip(plain_tip(self._fields[name].help))
            label.setBuddy(editor)
            editor.setFixedWidth(EDITOR_WIDTH)
            grid.addWidget(label, row, 0)
            grid.addWidget(editor, row, 1)
        return grid

    def _name(self, editor: QWidget, field: str) -> None:
        described: FieldDescription = self._fields[field]
        editor.setObjectName(f"reading_{field}")
        editor.setAccessibleName(described.label)
        editor.setToolTip(plain_tip(described.help))

    def _choice(self, field: str, choices: list[tuple[str, str]]) -> QComboBox:
        box = QComboBox()
        self._name(box, field)
        box.setProperty("field", field)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(10)
        for value, words in choices:
            box.addItem(words, value)
        box.activated.connect(self._chosen)
        return box

    def _marks(self, field: str) -> list[tuple[str, str]]:
        words = {
            "auto": self.tr("Automatic"),
            "none": self.tr("None"),
            ".": self.tr("Point  ."),
            ",": self.tr("Comma  ,"),
            " ": self.tr("Space"),
            "'": self.tr("Apostrophe  '"),
            "yes": self.tr("Yes"),
            "no": self.tr("No, name columns by number"),
            "ymd": self.tr("Year first"),
            "dmy": self.tr("Day first"),
            "mdy": self.tr("Month first"),
        }
        return [(value, words.get(value, value)) for value in self._fields[field].choices]

    def _number(self) -> QSpinBox:
        box = QSpinBox()
        self._name(box, "skip_rows")
        box.setRange(-1, 10_000)
        box.setSpecialValueText(self.tr("Automatic"))
        box.lineEdit().setTextMargins(SPACING // 2, 0, 0, 0)
        box.setKeyboardTracking(False)
        box.valueChanged.connect(self._skipped)
        return box

    def _line(self, field: str) -> QLineEdit:
        line = QLineEdit()
        self._name(line, field)
        line.editingFinished.connect(self._marked)
        return line

    def _date_format(self) -> QComboBox:
        box = QComboBox()
        self._name(box, "format")
        box.setEditable(True)
        box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        box.setMinimumContentsLength(10)
        box.addItems(DATE_FORMATS)
        box.lineEdit().setAccessibleName(self._fields["format"].label)
        box.textActivated.connect(self._formatted)
        box.lineEdit().editingFinished.connect(self._format_typed)
        return box

    # ------------------------------------------------------------------ what is shown

    def set_reading(
        self, reading: ReadingSpec, time: TimeSpec, candidates: Sequence[Candidate] = ()
    ) -> None:
        """Show how a table is read.

        Args:
            reading: The settings in use.
            time: For the date format.
            candidates: Encodings that fit the file, the likeliest first.
        """
        self._filling = True
        self._set_encodings(candidates)
        for field, box in (
            ("encoding", self.encoding),
            ("separator", self.separator),
            ("decimal", self.decimal),
            ("thousands", self.thousands),
            ("header", self.header),
            ("date_order", self.date_order),
        ):
            value = getattr(reading, field)
            place = box.findData(value)
            if place < 0:
                words = {"separator": separator_text, "encoding": _encoding_text}.get(field, str)
                box.addItem(words(value), value)
                place = box.count() - 1
            box.setCurrentIndex(place)
        self.skip_rows.setValue(reading.skip_rows)
        self.markers.setText("  ".join(item for item in reading.missing_markers if item))
        self.date_format.setCurrentText(time.format)
        for line in (self.markers, self.date_format.lineEdit()):
            line.setCursorPosition(0)  # the beginning is what tells formats apart
        for dated in (self.date_format, self.date_order):
            dated.setEnabled(bool(time.columns))
        self._filling = False

    def _set_encodings(self, candidates: Sequence[Candidate]) -> None:
        """Those that fit the file first, each with how it reads there; then the usual others."""
        likely = [item for item in candidates if item.fits]
        if candidates == self._candidates:
            return
        self._candidates = tuple(candidates)
        while self.encoding.count() > 1:
            self.encoding.removeItem(1)
        for item in likely:
            named_so = _encoding_text(item.name)
            words = f"{named_so}:  {visible(item.reads)}" if item.reads else named_so
            self._add_encoding(item.name, words, self.tr("It can read the file."))
        named = {item.name for item in likely}
        unfit = {item.name for item in candidates if not item.fits}
        others = dict.fromkeys((*ENCODINGS, *(item.name for item in candidates)))
        if named:
            self.encoding.insertSeparator(self.encoding.count())
        for name in others:
            if name not in named:
                tip = self.tr("It cannot read every byte of the file.") if name in unfit else ""
                self._add_encoding(name, _encoding_text(name), tip)
        view = self.encoding.view()
        view.setMinimumWidth(view.sizeHintForColumn(0) + 4 * SPACING)

    def _add_encoding(self, name: str, words: str, tip: str) -> None:
        self.encoding.addItem(words, name)
        self.encoding.setItemData(
            self.encoding.count() - 1, plain_tip(f"{name}. {tip}"), Qt.ItemDataRole.ToolTipRole
        )

    # ------------------------------------------------------------------ what is asked for

    def _ask(self, changes: dict[str, Any]) -> None:
        if not self._filling:
            self.override_requested.emit(changes)

    @Slot()
    def _chosen(self) -> None:
        box = self.sender()
        assert isinstance(box, QComboBox)
        self._ask({str(box.property("field")): box.currentData()})

    @Slot(int)
    def _skipped(self, rows: int) -> None:
        self._ask({"skip_rows": rows})

    @Slot()
    def _marked(self) -> None:
        if self.markers.isModified():
            self.markers.setModified(False)
            self._ask({"missing_markers": ["", *self.markers.text().split()]})

    @Slot(str)
    def _formatted(self, text: str) -> None:
        if not self._filling and text.strip():
            self.edit_requested.emit(f"{TIME}format", text.strip())

    @Slot()
    def _format_typed(self) -> None:
        if self.date_format.lineEdit().isModified():
            self.date_format.lineEdit().setModified(False)
            self._formatted(self.date_format.currentText())

    @Slot()
    def _detect(self) -> None:
        markers = {"missing_markers"}
        self._ask({k: v for k, v in ReadingSpec().model_dump().items() if k not in markers})
