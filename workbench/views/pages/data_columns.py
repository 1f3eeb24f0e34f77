"""The columns of a table and what each is for: model, editors, the bar that sets many at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    Qt,
    QTimer,
    Signal,
    Slot,
)
from PySide6.QtGui import QAction, QColor, QFont, QFontMetrics, QKeySequence, QPainter, QPolygon
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from workbench.data.table_overview import ColumnFacts
from workbench.experiment import fields
from workbench.specs import ColumnSpec
from workbench.views.numbers import grouped
from workbench.views.pages.data_display import (
    kind_text,
    missing_text,
    one_line,
    parse_sentinels,
    plain_tip,
    role_help,
    role_text,
    scaler_text,
    sentinels_text,
)
from workbench.views.theme import SPACING, font, theme

Index = QModelIndex | QPersistentModelIndex

ROLES = ("target", "input", "known_future", "series_id", "date", "ignored")

FITTED = 60
"""Rows that the widths of the sections are fitted to."""

CHOICES_ROLE = Qt.ItemDataRole.UserRole + 1
"""Item data: the allowed values with their words, or None where it is typed or fixed."""


@dataclass(frozen=True)
class _Section:
    field: str  # of ColumnSpec; empty: a fact, not a setting
    title: str
    words: Any = None  # value → words


class ColumnsModel(QAbstractTableModel):
    """One row per column. Edits are asked for by a signal; the experiment answers."""

    edit_requested = Signal(object, str, object)
    """Names of the columns, field, new value."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns: tuple[ColumnSpec, ...] = ()
        self._facts: Mapping[str, ColumnFacts] = {}
        self._rows: list[int] = []
        self._filter = ""
        self.sections = (
            _Section("", self.tr("Column")),
            _Section("role", self.tr("Role"), role_text),
            _Section("kind", self.tr("Kind"), kind_text),
            _Section("", self.tr("Values")),
            _Section("", self.tr("Missing")),
            _Section("missing", self.tr("Where missing"), missing_text),
            _Section("sentinels", self.tr("Sentinels")),
            _Section("scaler", self.tr("Scaler"), scaler_text),
        )
        described = {item.name.rpartition(".")[2]: item for item in fields("data.table.columns")}
        self._fields = {item.field: described[item.field] for item in self.sections if item.field}
        role = Qt.ItemDataRole
        self._readers = {
            role.DisplayRole: self._text,
            role.AccessibleTextRole: self._text,
            role.EditRole: self._edited,
            CHOICES_ROLE: self._choices,
            role.TextAlignmentRole: self._alignment,
            role.FontRole: self._font,
            role.ForegroundRole: self._colour,
            role.ToolTipRole: self._tip,
        }

    def set_columns(self, columns: Sequence[ColumnSpec]) -> None:
        """Show these columns; where only settings changed, selection and place stay."""
        names = [column.name for column in self._columns]
        if [column.name for column in columns] == names:
            self._columns = tuple(columns)
            if self._rows:
                last = self.index(len(self._rows) - 1, len(self.sections) - 1)
                self.dataChanged.emit(self.index(0, 0), last)
            return
        self.beginResetModel()
        self._columns = tuple(columns)
        self._rows = self._matching()
        self.endResetModel()

    def set_facts(self, facts: Mapping[str, ColumnFacts]) -> None:
        """Show what was counted in each column, by name."""
        self._facts = facts
        if self._rows:
            self.dataChanged.emit(self.index(0, 3), self.index(len(self._rows) - 1, 4))

    def set_filter(self, text: str) -> None:
        """Show only columns whose name, role or kind contains ``text``."""
        self._filter = text.casefold().strip()
        self.beginResetModel()
        self._rows = self._matching()
        self.endResetModel()

    def _matching(self) -> list[int]:
        if not self._filter:
            return list(range(len(self._columns)))
        return [
            place
            for place, item in enumerate(self._columns)
            if self._filter in f"{item.name}\n{role_text(item.role)}\n{item.kind}".casefold()
        ]

    def column(self, row: int) -> ColumnSpec:
        """The column in a shown row."""
        return self._columns[self._rows[row]]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own signature)
        """Rows on show."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own signature)
        """Sections on show."""
        return 0 if parent.isValid() else len(self.sections)

    def _applies(self, column: ColumnSpec, field: str) -> bool:
        """Whether a setting means anything for this column."""
        if field in ("role", "kind"):
            return True
        if column.role in ("ignored", "date", "series_id"):
            return False
        return column.kind == "number" or field == "missing"

    def _text(self, row: int, section: int) -> str:
        column, what = self.column(row), self.sections[section]
        facts = self._facts.get(column.name)
        if section == 0:
            return one_line(column.name)
        if section == 3:
            return one_line(facts.values) if facts else ""
        if section == 4:
            return "" if facts is None else (grouped(facts.missing) if facts.missing else "–")
        if not self._applies(column, what.field):
            return ""
        if what.field == "sentinels":
            return sentinels_text(column.sentinels)
        return str(what.words(getattr(column, what.field)))

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell shows, says or offers."""
        reader = self._readers.get(role)
        return reader(index.row(), index.column()) if index.isValid() and reader else None

    def _edited(self, row: int, section: int) -> Any:
        field = self.sections[section].field
        if not field:
            return self._text(row, section)
        value = getattr(self.column(row), field)
        return sentinels_text(value) if field == "sentinels" else value

    def _choices(self, row: int, section: int) -> list[tuple[str, str]] | None:
        what = self.sections[section]
        if what.words is None or not self._applies(self.column(row), what.field):
            return None
        return [(value, what.words(value)) for value in self._fields[what.field].choices]

    def _alignment(self, _row: int, section: int) -> Qt.AlignmentFlag:
        side = Qt.AlignmentFlag.AlignRight if section == 4 else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter

    def _font(self, row: int, section: int) -> QFont | None:
        if self.column(row).role != "target" or section > 1:
            return None
        return font(bold=True)

    def _colour(self, row: int, section: int) -> QColor | None:
        column, palette = self.column(row), theme().palette
        if column.role == "ignored":
            return QColor(palette.text_muted)
        if section == 1 and column.role == "target":
            return QColor(palette.accent)
        return QColor(palette.text_muted) if section in (3, 4) else None

    def _tip(self, row: int, section: int) -> str:
        column, what = self.column(row), self.sections[section]
        if section == 0:
            return plain_tip(column.name)
        if what.field == "role":
            return plain_tip(f"{role_text(column.role)}: {role_help(column.role)}")
        if what.field:
            return plain_tip(self._fields[what.field].help)
        return plain_tip(self._text(row, section))

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Titles of the sections."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.sections):
            return None
        what = self.sections[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return what.title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(0, section)
        if role == Qt.ItemDataRole.ToolTipRole and what.field:
            return plain_tip(self._fields[what.field].help)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Editable where the setting means something."""
        flags = super().flags(index)
        if index.isValid():
            field = self.sections[index.column()].field
            if field and self._applies(self.column(index.row()), field):
                flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Ask for an edit; the answer comes as another experiment."""
        if role != Qt.ItemDataRole.EditRole or not self.flags(index) & Qt.ItemFlag.ItemIsEditable:
            return False
        field, column = self.sections[index.column()].field, self.column(index.row())
        if field == "sentinels":
            try:
                value = list(parse_sentinels(str(value)))
            except ValueError:
                return False
            if tuple(value) == column.sentinels:
                return False
        elif value == getattr(column, field):
            return False
        self.edit_requested.emit((column.name,), field, value)
        return True


class ChoiceDelegate(QStyledItemDelegate):
    """Edits choices with a drop-down, and shows by a small arrow that there is one."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw a cell."""
        super().paint(painter, option, index)
        if not index.data(CHOICES_ROLE):
            return
        right, middle = option.rect.right() - SPACING, option.rect.center().y()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme().palette.text_muted))
        corners = ((right - 6, middle - 1), (right, middle - 1), (right - 3, middle + 2))
        painter.drawPolygon(QPolygon([QPoint(*corner) for corner in corners]))
        painter.restore()

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """Make the widget that edits a cell."""
        choices = index.data(CHOICES_ROLE)
        title = str(index.model().headerData(index.column(), Qt.Orientation.Horizontal))
        if not choices:
            editor = super().createEditor(parent, option, index)
            editor.setAccessibleName(title)
            return editor
        box = QComboBox(parent)
        box.setObjectName("column_choice")
        box.setAccessibleName(title)
        for value, words in choices:
            box.addItem(words, value)
        box.activated.connect(self._commit)
        QTimer.singleShot(0, box, box.showPopup)
        return box

    @Slot()
    def _commit(self) -> None:
        editor = self.sender()
        assert isinstance(editor, QComboBox)
        self.commitData.emit(editor)
        self.closeEditor.emit(editor)

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """Show the value in the editor."""
        if isinstance(editor, QComboBox):
            editor.setCurrentIndex(editor.findData(index.data(Qt.ItemDataRole.EditRole)))
        else:
            super().setEditorData(editor, index)

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        """Hand the editor's value over."""
        if isinstance(editor, QComboBox):
            model.setData(index, editor.currentData())
        else:
            super().setModelData(editor, model, index)


class ColumnsPanel(QWidget):
    """The table of columns under a search field and the buttons that set many roles at once."""

    edit_requested = Signal(object, str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("columns_panel")
        self.model = ColumnsModel(self)
        self.model.edit_requested.connect(self.edit_requested)
        self.table = self._make_table()
        self.search = QLineEdit()
        self.search.setObjectName("columns_search")
        self.search.setPlaceholderText(self.tr("Find a column"))
        self.search.setAccessibleName(self.tr("Find a column"))
        self.search.setClearButtonEnabled(True)
        self.search.setMaximumWidth(26 * SPACING)
        self.search.textChanged.connect(self.model.set_filter)
        self.chosen = QLabel()
        self.chosen.setObjectName("columns_chosen")
        self.chosen.setProperty("role", "muted")
        self.role_button = QPushButton(self.tr("Set role") + "   ")  # room for the menu's arrow
        self.role_button.setObjectName("columns_set_role")
        self.role_button.setAccessibleName(self.tr("Set the role of the selected columns"))
        self.role_button.setToolTip(
            self.tr("Give all selected columns one role (Alt+1 … Alt+6 in the table)")
        )
        self.role_button.setMenu(self._role_menu())
        bar = QHBoxLayout()
        bar.setContentsMargins(0, 0, 0, 0)
        bar.setSpacing(SPACING)
        bar.addWidget(self.search)
        bar.addWidget(self.role_button)
        bar.addWidget(self.chosen, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, SPACING, 0, 0)
        layout.setSpacing(SPACING)
        layout.addLayout(bar)
        layout.addWidget(self.table)
        self.table.selectionModel().selectionChanged.connect(self._show_chosen)
        self.model.modelReset.connect(self._show_chosen)
        self.model.modelReset.connect(self.fit)
        self._show_chosen()

    @Slot(QModelIndex)
    def _open_choice(self, index: Index) -> None:
        """A click on a choice opens it, unless rows are being chosen with it."""
        plain = QApplication.keyboardModifiers() == Qt.KeyboardModifier.NoModifier
        if plain and index.data(CHOICES_ROLE):
            self.table.edit(index)

    def _make_table(self) -> QTableView:
        table = QTableView(self)
        table.setObjectName("columns_table")
        table.setAccessibleName(self.tr("Columns and what each is for"))
        table.setModel(self.model)
        table.setItemDelegate(ChoiceDelegate(table))
        table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        table.setEditTriggers(
            QTableView.EditTrigger.DoubleClicked | QTableView.EditTrigger.EditKeyPressed
        )
        table.clicked.connect(self._open_choice)
        table.setTabKeyNavigation(False)
        table.setWordWrap(False)
        table.setShowGrid(False)
        table.verticalHeader().hide()
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + SPACING + 4)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setStretchLastSection(True)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return table

    def fit(self) -> None:
        """Give every section the width that its title and first cells ask for."""
        plain, heavy = self.fontMetrics(), QFontMetrics(font(bold=True))
        across = Qt.Orientation.Horizontal
        for section in range(self.model.columnCount() - 1):
            width = heavy.horizontalAdvance(str(self.model.headerData(section, across)))
            for row in range(min(self.model.rowCount(), FITTED)):
                index = self.model.index(row, section)
                metrics = heavy if section < 2 else plain
                arrow = 2 * SPACING if index.data(CHOICES_ROLE) else 0
                width = max(width, metrics.horizontalAdvance(index.data() or "") + arrow)
            most = 34 * SPACING if section in (0, 3) else 24 * SPACING
            self.table.setColumnWidth(section, min(width + 3 * SPACING, most))

    def _role_menu(self) -> QMenu:
        """The roles, also on the table's context menu and as Alt+1 … Alt+6 within it."""
        menu = QMenu(self)
        menu.setObjectName("columns_role_menu")
        menu.setToolTipsVisible(True)
        for number, role in enumerate(ROLES, start=1):
            action = menu.addAction(role_text(role))
            action.setData(role)
            action.setToolTip(role_help(role))
            action.setShortcut(QKeySequence(f"Alt+{number}"))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.triggered.connect(self._set_role)
            self.table.addAction(action)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        return menu

    def set_columns(self, columns: Sequence[ColumnSpec]) -> None:
        """Show these columns."""
        self.model.set_columns(columns)

    def set_facts(self, facts: Mapping[str, ColumnFacts]) -> None:
        """Show what was counted in each column."""
        self.model.set_facts(facts)
        self.fit()

    def chosen_names(self) -> tuple[str, ...]:
        """Names of the selected columns, in the order of the table."""
        rows = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        return tuple(self.model.column(row).name for row in rows)

    @Slot()
    def _set_role(self) -> None:
        action, names = self.sender(), self.chosen_names()
        if names and isinstance(action, QAction):
            self.edit_requested.emit(names, "role", action.data())

    @Slot()
    def _show_chosen(self) -> None:
        count = len(self.table.selectionModel().selectedRows())
        self.role_button.setEnabled(count > 0)
        words = self.tr("Select columns to set the role of many")
        if count:
            words = self.tr("1 column selected") if count == 1 else self.tr("%1 columns selected")
        self.chosen.setText(words.replace("%1", grouped(count)))
