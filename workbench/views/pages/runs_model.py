"""All runs as a table: values, words, sorting, and the two cells that can be written."""

from datetime import datetime
from html import escape
from typing import Any

from PySide6.QtCore import (
    QT_TRANSLATE_NOOP,
    QAbstractTableModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
    Signal,
)

from workbench.runs import RunInfo
from workbench.tasks.metric_names import short_name
from workbench.views.numbers import clock, grouped, share
from workbench.views.theme import colour, font, theme

Index = QModelIndex | QPersistentModelIndex
NAME, DATA, MODEL, BEST, NAIVE, EPOCH, TIME, STATE, CREATED, NOTES = range(10)
EDITABLE = {NAME: "name", NOTES: "notes"}
SORT_ROLE = int(Qt.ItemDataRole.UserRole)
INFO_ROLE = SORT_ROLE + 1
_HEADS = (
    QT_TRANSLATE_NOOP("Runs", "Name"), QT_TRANSLATE_NOOP("Runs", "Data"),
    QT_TRANSLATE_NOOP("Runs", "Model"), QT_TRANSLATE_NOOP("Runs", "Best"),
    QT_TRANSLATE_NOOP("Runs", "vs naive"), QT_TRANSLATE_NOOP("Runs", "Epochs"),
    QT_TRANSLATE_NOOP("Runs", "Time"), QT_TRANSLATE_NOOP("Runs", "State"),
    QT_TRANSLATE_NOOP("Runs", "Started"), QT_TRANSLATE_NOOP("Runs", "Notes"),
)  # fmt: skip
_HEAD_TIPS = {
    BEST: QT_TRANSLATE_NOOP("Runs", "Best validation score and its metric; lower is better"),
    NAIVE: QT_TRANSLATE_NOOP("Runs", "How far the best score is below (−) the best naive rule"),
    TIME: QT_TRANSLATE_NOOP("Runs", "Training time, without pauses"),
    NAME: QT_TRANSLATE_NOOP("Runs", "F2 renames; the folder keeps its name"),
    NOTES: QT_TRANSLATE_NOOP("Runs", "F2 writes a note"),
}
_STATES = {
    "created": (QT_TRANSLATE_NOOP("Runs", "not started"), "text_muted"),
    "running": (QT_TRANSLATE_NOOP("Runs", "running"), "accent"),
    "paused": (QT_TRANSLATE_NOOP("Runs", "paused"), "accent"),
    "finished": (QT_TRANSLATE_NOOP("Runs", "finished"), "good"),
    "stopped": (QT_TRANSLATE_NOOP("Runs", "stopped"), "text"),
    "failed": (QT_TRANSLATE_NOOP("Runs", "failed"), "bad"),
    "interrupted": (QT_TRANSLATE_NOOP("Runs", "cut off"), "warning"),
}


def _tr(text: str) -> str:
    return QCoreApplication.translate("Runs", text)


def state_words(state: str) -> str:
    """A state for people."""
    return _tr(_STATES.get(state, (state, ""))[0])


def best_words(info: RunInfo) -> str:
    """The best score with its metric, or a dash."""
    return (
        f"{grouped(info.best)} {short_name(info.metric)}".strip() if info.best is not None else "–"
    )


def naive_share(info: RunInfo) -> float | None:
    """How far the best score lies above (positive) or below the naive rule, as a share."""
    if info.best is None or not info.baseline:
        return None
    return info.best / info.baseline - 1


def naive_words(info: RunInfo) -> str:
    """The distance to the naive rule in per cent, with its sign."""
    distance = naive_share(info)
    if distance is None:
        return "–"
    return f"{'+' if distance > 0 else '−'}{share(abs(distance))}"


def started_words(info: RunInfo) -> str:
    """When it was made, in local time."""
    try:
        return f"{datetime.fromisoformat(info.created).astimezone():%Y-%m-%d %H:%M}"
    except ValueError:
        return info.created


class RunsModel(QAbstractTableModel):
    """Rows are runs, newest first.

    Attributes:
        written: A cell was changed by hand: the run, ``name`` or ``notes``, and the text.
    """

    written = Signal(object, str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runs: list[RunInfo] = []
        role = Qt.ItemDataRole
        self._readers = {
            role.DisplayRole: self._shown,
            role.EditRole: self._edited,
            role.ToolTipRole: self._tip,
            role.ForegroundRole: self._colour,
            role.FontRole: self._font,
            role.TextAlignmentRole: self._alignment,
            SORT_ROLE: self._order,
            INFO_ROLE: lambda info, _column: info,
        }
        theme().changed.connect(self._recolour)

    def _recolour(self, _palette: object) -> None:
        if self._runs:
            last = self.index(len(self._runs) - 1, len(_HEADS) - 1)
            self.dataChanged.emit(self.index(0, 0), last, [Qt.ItemDataRole.ForegroundRole])

    # ------------------------------------------------------------------ runs

    def set_runs(self, runs: list[RunInfo]) -> None:
        """Show these; where only values changed, selection and scrolling stay."""
        if [info.id for info in runs] == [info.id for info in self._runs]:
            for row, info in enumerate(runs):
                if info != self._runs[row]:
                    self._runs[row] = info
                    self.dataChanged.emit(self.index(row, 0), self.index(row, len(_HEADS) - 1))
            return
        self.beginResetModel()
        self._runs = list(runs)
        self.endResetModel()

    @property
    def runs(self) -> list[RunInfo]:
        """All runs, as they were read last."""
        return list(self._runs)

    def info(self, index: Index) -> RunInfo:
        """The run of a row."""
        return self._runs[index.row()]

    # ------------------------------------------------------------------ Qt's side

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own signature)
        """Runs."""
        return 0 if parent.isValid() else len(self._runs)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own signature)
        """What is told of a run."""
        return 0 if parent.isValid() else len(_HEADS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Heads of the columns."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _tr(_HEADS[section])
        if role == Qt.ItemDataRole.ToolTipRole and section in _HEAD_TIPS:
            return _tr(_HEAD_TIPS[section])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(None, section)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Name and notes can be written."""
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() in EDITABLE else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """One cell."""
        reader = self._readers.get(role)
        if reader is None or not index.isValid():
            return None
        return reader(self._runs[index.row()], index.column())

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Take a name or a note that was written into the table."""
        which = EDITABLE.get(index.column())
        if which is None or role != Qt.ItemDataRole.EditRole:
            return False
        info, text = self._runs[index.row()], str(value).strip()
        if text == getattr(info, which) or (which == "name" and not text):
            return False
        self.written.emit(info, which, text)
        return True

    # ------------------------------------------------------------------ cells

    def _shown(self, info: RunInfo, column: int) -> str:
        words = {
            NAME: info.name, DATA: info.data, MODEL: info.model, NOTES: " ".join(info.notes.split())
        }  # fmt: skip
        if column in words:
            return words[column]
        made = {
            BEST: best_words, NAIVE: naive_words, CREATED: started_words,
            EPOCH: lambda run: grouped(run.epoch), TIME: lambda run: clock(run.time_s),
            STATE: lambda run: state_words(run.state),
        }  # fmt: skip
        return made[column](info)

    def _edited(self, info: RunInfo, column: int) -> str | None:
        which = EDITABLE.get(column)
        return getattr(info, which) if which else None

    def _tip(self, info: RunInfo, column: int) -> str | None:
        lines = {
            NAME: [info.name, str(info.folder)],
            BEST: [_tr("Best of {0} epochs").format(info.epoch)],
            STATE: [info.reason or state_words(info.state)],
            NOTES: [info.notes],
            MODEL: [info.model],
            DATA: [info.data],
        }.get(column, [])
        if column in (BEST, NAIVE) and info.baseline is not None:
            lines = [
                *lines,
                _tr("Naive rule: {0} {1}").format(grouped(info.baseline), short_name(info.metric)),
            ]
        text = "<br>".join(escape(line) for line in lines if line)
        return f"<p>{text}</p>" if text else None

    def _colour(self, info: RunInfo, column: int) -> Any:
        if column == STATE:
            return colour(_STATES.get(info.state, ("", "text"))[1])
        if column == NAIVE:
            distance = naive_share(info)
            return None if distance is None else colour("good" if distance < 0 else "warning")
        return colour("text_muted") if column in (DATA, CREATED) else None

    def _font(self, _info: RunInfo, column: int) -> Any:
        return font("normal", bold=True) if column == NAME else None

    def _alignment(self, _info: RunInfo | None, column: int) -> Qt.AlignmentFlag:
        right = column in (BEST, NAIVE, EPOCH, TIME)
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter

    def _order(self, info: RunInfo, column: int) -> Any:
        values = {
            BEST: info.best, NAIVE: naive_share(info), EPOCH: info.epoch, TIME: info.time_s,
            CREATED: (info.created, info.id),
        }  # fmt: skip
        return values[column] if column in values else self._shown(info, column).casefold()


class RunsProxy(QSortFilterProxyModel):
    """Sorts by value, with unknown values always last, and filters by any word of a row."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._words: list[str] = []

    def set_filter(self, text: str) -> None:
        """Show only runs that hold every word of the text."""
        self._words = text.casefold().split()
        self.invalidate()

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        """Whether a run holds every word."""
        if not self._words:
            return True
        model = self.sourceModel()
        text = " ".join(str(model.index(row, c, parent).data()) for c in range(len(_HEADS)))
        return all(word in text.casefold() for word in self._words)

    def lessThan(self, left: Index, right: Index) -> bool:
        """Compare values; what is unknown stands last in either direction."""
        first, second = left.data(SORT_ROLE), right.data(SORT_ROLE)
        if first is None or second is None:
            ascending = self.sortOrder() == Qt.SortOrder.AscendingOrder
            return (second is None and first is not None) == ascending and first is not second
        return bool(first < second)


class DifferenceModel(QAbstractTableModel):
    """Fields in which two experiments differ: label and both values."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[tuple[str, str, str, str]] = []
        self._names = ("", "")

    def set_rows(self, rows: list[tuple[str, str, str, str]], names: tuple[str, str]) -> None:
        """Show rows of (label, dotted name, first value, second value) of two named runs."""
        self.beginResetModel()
        self._rows, self._names = rows, names
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own signature)
        """Fields that differ."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own signature)
        """Label and both values."""
        return 0 if parent.isValid() else 3

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """The field, then the two runs."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return (_tr("Setting"), *self._names)[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """One cell."""
        label, dotted, first, second = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return (label, first, second)[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"<p>{escape((dotted, first, second)[index.column()])}</p>"
        if role == Qt.ItemDataRole.ForegroundRole and index.column() == 0:
            return colour("text_muted")
        return None
