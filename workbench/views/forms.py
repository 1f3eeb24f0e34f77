"""Forms that edit the experiment, made from its own description of each field."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workbench.errors import UserError
from workbench.experiment import Experiment, FieldDescription
from workbench.views import field_words
from workbench.views.field_editors import CheckBox, fill_row, let_stretch, make_editor, mark
from workbench.views.labels import plain_label
from workbench.views.theme import SPACING, FollowTheme, icon

if TYPE_CHECKING:
    from workbench.app.session import Session

EDITOR_WIDTH = 17 * SPACING
PANEL_WIDTH = 40 * SPACING
_SEARCHED_FROM = 9
_SIGN = QSize(14, 14)


class FieldRow(QWidget):
    """One field: label, input, reset; under them, where it is needed, why a value is refused.

    Attributes:
        entered: A value was entered; it is not yet known whether the experiment takes it.
        refused: What was typed is no value, with the reason.
        reset_asked: The default is wanted.
        problem_changed: Why what stands in the input is refused is other now; empty where it fits.
        info: The field.
        name: Its dotted name.
        editor: Its input.
    """

    entered = Signal(object)
    refused = Signal(str)
    reset_asked = Signal()
    problem_changed = Signal(str)

    def __init__(self, info: FieldDescription, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.info = info
        self.name = info.name
        self.setObjectName(f"row_{info.name}")
        self.editor = make_editor(info)
        self.editor.setObjectName(f"field_{info.name}")
        self.editor.setAccessibleName(field_words.label_of(info))
        self.editor.setAccessibleDescription(field_words.help_of(info))
        self.editor.entered.connect(self.entered)
        self.editor.refused.connect(self.refused)
        self._build()
        self._note = "-"
        self._set_note("")

    def _build(self) -> None:
        self.label = plain_label(f"label_{self.name}", field_words.label_of(self.info))
        self.label.setBuddy(self.editor)
        self._live = QLabel(self)
        self._live.setObjectName(f"live_{self.name}")
        self._live.setAccessibleName(self.tr("May be changed while a run goes on"))
        self._live.setVisible(self.info.live)
        self._reset = QToolButton()
        self._reset.setObjectName(f"reset_{self.name}")
        self._reset.setIcon(icon("arrow-counter-clockwise", "text_muted"))
        self._reset.setIconSize(_SIGN)
        self._reset.setFixedSize(22, 22)
        self._reset.setStyleSheet("padding: 1px;")
        self._reset.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        default = field_words.value_words(self.info, self.info.default)
        words = self.tr("Reset to {0}").format(default)
        self._reset.setToolTip(f"<p>{_escaped(words)}</p>")
        self._reset.setAccessibleName(f"{field_words.label_of(self.info)}: {words}")
        self._reset.clicked.connect(self.reset_asked)
        policy = self._reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._reset.setSizePolicy(policy)
        self.problem = plain_label(f"problem_{self.name}", role="bad")
        self.problem.hide()
        top = QHBoxLayout()
        top.setSpacing(SPACING // 2)
        if isinstance(self.editor, CheckBox):
            self.editor.setText(field_words.label_of(self.info))
            self.editor.setStyleSheet("margin-left: -3px;")
            top.addWidget(self.editor)
            top.addWidget(self._live)
            top.addStretch(1)
            self.label.setParent(self)
            self.label.hide()
        else:
            top.addWidget(self.label, 1)
            top.addWidget(self._live)
            if not fill_row(self.editor):
                self.editor.setFixedWidth(EDITOR_WIDTH)
                top.addWidget(self.editor)
        top.addWidget(self._reset)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING // 4)
        layout.addLayout(top)
        if fill_row(self.editor):
            let_stretch(self.editor)
            layout.addWidget(self.editor)
        layout.addWidget(self.problem)
        self._follow = FollowTheme(self)

    def theme_changed(self, _palette: object) -> None:
        """Draw the mark of live fields in the theme's colour."""
        if self.info.live:
            self._live.setPixmap(
                icon("lightning", "accent").pixmap(_SIGN, self.devicePixelRatioF())
            )

    # ------------------------------------------------------------------ what it shows

    def show_experiment(self, experiment: Experiment) -> None:
        """Show the field's value and whether it has an effect."""
        self.editor.show_value(experiment.value(self.name))
        self.show_effect(experiment)
        self.set_problem("")

    def show_effect(self, experiment: Experiment) -> None:
        """Show whether the field has an effect in this experiment, and whether it is changed."""
        value = experiment.value(self.name)
        default = self.info.default
        self.changed = value != (list(default) if isinstance(default, tuple) else default)
        self._reset.setVisible(self.changed)
        note = field_words.without_effect(self.name, experiment)
        if note != self._note:
            self._set_note(note)

    def _set_note(self, note: str) -> None:
        self._note = note
        for part in (self.editor, self.label, self._live):
            part.setEnabled(not note)
        tip = field_words.tooltip(self.info, note)
        self.setToolTip(tip)
        self._live.setToolTip(tip)

    def set_problem(self, sentence: str) -> None:
        """Say why what stands in the input is refused; empty takes it back."""
        if sentence != self.problem.text():
            self.problem_changed.emit(sentence)
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))
        mark(self.editor, bad=bool(sentence))
        extra = [field_words.help_of(self.info), sentence]
        self.editor.setAccessibleDescription(" ".join(part for part in extra if part))

    def searched_text(self) -> str:
        """Everything a search may find it by."""
        section = field_words.section_of(self.name)
        words = [self.name, field_words.label_of(self.info), field_words.help_of(self.info)]
        words += [field_words.choice_words(self.name, item) for item in self.info.choices]
        words += [self.tr("live")] if self.info.live else []
        return " ".join([*words, section.title if section else ""]).casefold()


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


class FieldGroup(QWidget):
    """Fields of one section, with a fold for the advanced ones."""

    def __init__(self, title: str, rows: list[FieldRow], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = rows
        self._fits: set[str] = set()
        self._query = ""
        self.heading = plain_label("form_heading", title, "heading")
        self.fold = QPushButton()
        self.fold.setObjectName("form_fold")
        self.fold.setProperty("tone", "link")
        self.fold.setCheckable(True)
        self.fold.setStyleSheet("margin-left: -4px;")
        self.fold.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.fold.toggled.connect(self._arrange)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING)
        layout.addWidget(self.heading)
        for row in sorted(rows, key=lambda row: row.info.advanced):
            if row.info.advanced and layout.indexOf(self.fold) < 0:
                layout.addWidget(self.fold)
            layout.addWidget(row)
        if layout.indexOf(self.fold) < 0:
            layout.addWidget(self.fold)

    def show_for(self, fits: set[str], query: str) -> int:
        """Show the rows of a task that a search finds; returns how many there are."""
        self._fits, self._query = fits, query
        return self._arrange()

    @Slot()
    def _arrange(self) -> int:
        words = self._query.casefold().split()
        found = []
        for row in self.rows:
            text = row.searched_text() if words else ""
            if row.name in self._fits and all(word in text for word in words):
                found.append(row)
        folded = [row for row in found if row.info.advanced]
        wide = bool(words) or self.fold.isChecked()
        for row in self.rows:
            row.setVisible(row in found and (wide or not row.info.advanced))
        self.fold.setVisible(bool(folded) and not words)
        count = self.tr("{0} more settings") if len(folded) != 1 else self.tr("{0} more setting")
        sign = "▾" if self.fold.isChecked() else "▸"
        self.fold.setText(f"{sign} {count.format(len(folded))}")
        self.setVisible(bool(found))
        return len(found)


class SettingsForm(QWidget):
    """Edits fields of the session's experiment; it grows with its rows and never scrolls itself.

    Args:
        session: Its experiment is shown and edited.
        names: Dotted names or prefixes, such as ``training`` or ``model.cell``.
        parent: As for every widget.
    """

    def __init__(self, session: "Session", names: list[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("settings_form")
        self._session = session
        self._rows: dict[str, FieldRow] = {}
        self._shown: Experiment | None = None
        self._editing = ""
        self._build(names)
        session.experiment_changed.connect(self._show)
        session.job_changed.connect(self._show_job)
        self._show(session.experiment)
        self._show_job(session.job)

    # ------------------------------------------------------------------ parts

    def _build(self, names: list[str]) -> None:
        for info in field_words.described(names):
            if "<name>" in info.name:
                continue
            row = FieldRow(info)
            self._rows[info.name] = row
            row.entered.connect(_with(self._take, row))
            row.refused.connect(_with(self._refuse, row))
            row.reset_asked.connect(_with(self._reset, row))
            row.problem_changed.connect(_with(self._note_problem, row))
        self._groups = self._make_groups()
        self.search = QLineEdit()
        self.search.setObjectName("form_search")
        self.search.setAccessibleName(self.tr("Search settings"))
        self.search.setPlaceholderText(self.tr("Search settings"))
        self.search.setClearButtonEnabled(True)
        self.search.addAction(
            icon("magnifying-glass", "text_muted"), QLineEdit.ActionPosition.LeadingPosition
        )
        self.search.textChanged.connect(self._arrange)
        self.reset_all = QToolButton()
        self.reset_all.setObjectName("form_reset_all")
        self.reset_all.setIcon(icon("arrow-counter-clockwise"))
        self.reset_all.setIconSize(QSize(16, 16))
        self.reset_all.setAccessibleName(self.tr("Reset all"))
        self.reset_all.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.reset_all.clicked.connect(self._reset_all)
        self._head = QWidget(self)
        head = QHBoxLayout(self._head)
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(SPACING // 2)
        head.addWidget(self.search, 1)
        head.addWidget(self.reset_all)
        self._head.setVisible(len(self._rows) >= _SEARCHED_FROM)
        self._running = plain_label("form_running", role="small")
        self._nothing = plain_label("form_nothing", role="muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * SPACING if len(self._groups) > 1 else SPACING)
        for part in (self._head, self._running, self._nothing, *self._groups):
            layout.addWidget(part)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        find.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(self.search.setFocus)

    def _make_groups(self) -> list[FieldGroup]:
        """One group per section, in the order of the sections' first fields."""
        by_title: dict[str, list[FieldRow]] = {}
        for name, row in self._rows.items():
            section = field_words.section_of(name)
            by_title.setdefault(section.title if section else "", []).append(row)
        groups = [
            FieldGroup(field_words.title_words(title), rows) for title, rows in by_title.items()
        ]
        for group in groups:
            group.heading.setVisible(len(groups) > 1)
        return groups

    def rows(self) -> dict[str, FieldRow]:
        """Every row by its dotted name, hidden ones too."""
        return dict(self._rows)

    def row(self, name: str) -> FieldRow:
        """The row of a field.

        Raises:
            KeyError: Where the form has no such field.
        """
        return self._rows[name]

    # ------------------------------------------------------------------ showing

    @Slot(object)
    def _show(self, experiment: Experiment) -> None:
        """Show an experiment; what is typed and not taken stays where its field did not change."""
        before, self._shown = self._shown, experiment
        for name, row in self._rows.items():
            same = before is not None and before.value(name) == experiment.value(name)
            if same and row.editor.text_is_open() and name != self._editing:
                row.show_effect(experiment)
            else:
                row.show_experiment(experiment)
        self._arrange()

    @Slot()
    def _arrange(self) -> None:
        if self._shown is None:
            return
        task = self._shown.task
        fits = {
            name for name, row in self._rows.items() if field_words.fits_task(name, row.info, task)
        }
        query = self.search.text().strip()
        found = sum(group.show_for(fits, query) for group in self._groups)
        self._nothing.setText(self.tr("No setting is called “{0}”.").format(query))
        self._nothing.setVisible(not found and bool(query))
        changed = [name for name in fits if self._rows[name].changed]
        self.reset_all.setEnabled(bool(changed))
        words = self.tr("Reset all: {0} changed").format(len(changed))
        self.reset_all.setToolTip(words if changed else self.tr("Everything is at its default"))

    @Slot(object)
    def _show_job(self, job: Any) -> None:
        """Say what an edit means while a run goes on."""
        active = job is not None and job.run_active
        live = any(row.info.live for row in self._rows.values())
        if self._session.training.following is None:
            words = self.tr("A run of another experiment goes on: nothing here changes it.")
        elif live:
            words = self.tr(
                "A run goes on: settings with a flash change it now, the others the next run."
            )
        else:
            words = self.tr("A run goes on: these settings count for the next run.")
        self._running.setText(words)
        self._running.setVisible(active)

    # ------------------------------------------------------------------ editing

    def _take(self, row: FieldRow, value: Any) -> None:
        """Give a value to the session; where it does not fit, say so beside the field."""
        experiment = self._session.experiment
        changes = {row.name: value}
        try:
            experiment.with_values(changes)
        except UserError as error:
            changes |= self._open_values(besides=row)
            if len(changes) == 1 or not _fits(experiment, changes):
                row.set_problem(field_words.refusal(row.info, value, error))
                return
        self._apply(row, changes)
        waiting = self._open_values(besides=row)
        if waiting and _fits(self._session.experiment, waiting):
            self._apply(row, waiting)

    def _open_values(self, besides: FieldRow) -> dict[str, Any]:
        """Values typed elsewhere in the form that did not fit alone."""
        found = {}
        for name, row in self._rows.items():
            if row is not besides and row.editor.text_is_open():
                value = row.editor.open_value()
                if value is not None:
                    found[name] = value
        return found

    def _apply(self, row: FieldRow, changes: dict[str, Any]) -> None:
        self._editing = row.name
        if len(changes) == 1:
            for name, value in changes.items():
                self._session.edit(name, value)
        else:
            self._session.edit_many(changes, self.tr("Change settings"))
        self._editing = ""
        for name in changes:
            self._rows[name].show_experiment(self._session.experiment)

    def _refuse(self, row: FieldRow, sentence: str) -> None:
        row.set_problem(sentence)

    def _note_problem(self, row: FieldRow, sentence: str) -> None:
        self._session.note_problem(field_words.label_of(row.info), sentence)

    def _reset(self, row: FieldRow) -> None:
        row.editor.setFocus(Qt.FocusReason.OtherFocusReason)
        self._take(row, field_words.plain_default(row.info))

    @Slot()
    def _reset_all(self) -> None:
        """Put every field of the task back to its default, as one step."""
        task = self._session.experiment.task
        changes = {
            name: field_words.plain_default(row.info)
            for name, row in self._rows.items()
            if row.changed and field_words.fits_task(name, row.info, task)
        }
        if changes:
            self._session.edit_many(changes, self.tr("Reset settings"))


def _fits(experiment: Experiment, changes: dict[str, Any]) -> bool:
    try:
        experiment.with_values(changes)
    except UserError:
        return False
    return True


def _with(function: Any, row: FieldRow) -> Any:
    """Call a method of the form with the row that asks."""
    return lambda *values: function(row, *values)


class SettingsPanel(QScrollArea):
    """A form with room around it that scrolls: what a page puts into the settings dock.

    Args:
        session: As for ``SettingsForm``.
        names: As for ``SettingsForm``.
        title: Accessible name of the panel.
        parent: As for every widget.
    """

    def __init__(
        self, session: "Session", names: list[str], title: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("settings_panel")
        self.setAccessibleName(title)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.form = SettingsForm(session, names)
        body = QWidget()
        layout = QVBoxLayout(body)
        layout.setContentsMargins(2 * SPACING, 2 * SPACING, 2 * SPACING, 2 * SPACING)
        layout.addWidget(self.form)
        layout.addStretch(1)
        self.setWidget(body)

    def sizeHint(self) -> QSize:
        """The usual width of the dock."""
        return QSize(PANEL_WIDTH, 60 * SPACING)
