"""The Data page for a text: the text with split and sample in place, its vocabulary, the probe."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSplitter, QVBoxLayout, QWidget

from workbench.app.latest_work import LatestWork
from workbench.data.text import TextSource
from workbench.data.text_overview import (
    TextOverview,
    count_text,
    look_at_text,
    sample_at,
    split_changes,
    split_shares,
)
from workbench.experiment import Experiment
from workbench.views.pages.data_findings import FindingsPanel
from workbench.views.pages.data_parts import Headline, SampleChooser
from workbench.views.pages.data_probe import ProbePanel
from workbench.views.pages.data_split_bar import SplitBar
from workbench.views.pages.data_text_view import TextPager
from workbench.views.pages.data_vocabulary import VocabularyPanel
from workbench.views.palette import Palette
from workbench.views.splitter import HairlineSplitter
from workbench.views.theme import SPACING, FollowTheme

if TYPE_CHECKING:
    from workbench.app.session import Session


class TextView(QWidget):
    """Shows a ``TextSource`` through the session's experiment; every choice is an edit of it."""

    def __init__(self, session: "Session", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("text_view")
        self._session = session
        self._source: TextSource | None = None
        self._overview = TextOverview("")
        self._looked_with: object = None
        self._settings: QWidget | None = None
        self._work = LatestWork(session, self)
        self._work.done.connect(self._show_overview)
        self._work.failed.connect(self._show_failure)
        self.headline = Headline()
        self.split = SplitBar()
        self.split.split_changed.connect(self._change_split)
        self.split.position_requested.connect(self._jump)
        self.pager = TextPager()
        self.pager.shown_changed.connect(self._show_place)
        self.sample = SampleChooser()
        self.sample.number_changed.connect(self._show_sample)
        self.vocabulary = VocabularyPanel()
        self.findings = FindingsPanel()
        self.probe = ProbePanel(self.pager)
        self.probe.edit_requested.connect(session.edit)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * SPACING, 2 * SPACING, 2 * SPACING, 2 * SPACING)
        layout.setSpacing(SPACING)
        layout.addWidget(self.headline)
        layout.addWidget(self.split)
        layout.addWidget(self._middle(), 1)
        FollowTheme(self)

    # ------------------------------------------------------------------ layout

    def _middle(self) -> QSplitter:
        text = QWidget()
        column = QVBoxLayout(text)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        bar = QHBoxLayout()
        bar.setSpacing(SPACING)
        bar.addWidget(self.sample)
        bar.addStretch(1)
        self.legend = QLabel()
        self.legend.setObjectName("sample_legend")
        self.legend.setTextFormat(Qt.TextFormat.RichText)
        bar.addWidget(self.legend)
        column.addLayout(bar)
        column.addWidget(self.pager, 1)
        column.addWidget(self.probe)
        side = HairlineSplitter(Qt.Orientation.Vertical, "text_side")
        side.addWidget(self.vocabulary)
        side.addWidget(self.findings)
        side.setStretchFactor(0, 4)
        side.setStretchFactor(1, 1)
        side.setSizes([460, 110])
        middle = HairlineSplitter(Qt.Orientation.Horizontal, "text_middle")
        middle.addWidget(text)
        middle.addWidget(side)
        middle.setStretchFactor(0, 3)
        middle.setStretchFactor(1, 2)
        middle.setSizes([560, 360])
        return middle

    @Slot(object)
    def theme_changed(self, palette: Palette) -> None:
        """Colour the legend."""
        given = (
            f"<span style='background:{palette.accent_soft}'>&nbsp;{self.tr('input')}&nbsp;</span>"
        )
        target = (
            f"<span style='background:{palette.accent};color:{palette.accent_text}'>"
            f"&nbsp;{self.tr('next symbol')}&nbsp;</span>"
        )
        self.legend.setText(f"{given}&ensp;{target}")

    # ------------------------------------------------------------------ what is shown

    def set_source(self, source: TextSource, experiment: Experiment) -> None:
        """Show a text."""
        self._source = source
        self._overview = TextOverview("")
        self._looked_with = None
        self.headline.set_sentence(
            f"{count_text(source.lines, 'line')}, {count_text(len(source.text), 'character')}"
        )
        self.set_experiment(experiment)

    def set_experiment(self, experiment: Experiment) -> None:
        """Follow an edit: what it changes of the overview is computed behind the window."""
        self.probe.set_texts(experiment.preview.probe, experiment.preview.prompt)
        if self._source is None:
            return
        key = (
            self._source.fingerprint, experiment.data.text, experiment.data.split,
            experiment.training.bptt_length, experiment.training.batch_size,
        )  # fmt: skip
        if key == self._looked_with:
            return
        self._looked_with = key
        self._work.ask(partial(look_at_text, experiment, self._source))

    @Slot(object)
    def _show_overview(self, overview: TextOverview) -> None:
        first = self._overview.vocabulary is None and self._overview.sentence == ""
        self._overview = overview
        source = self._source
        if source is None:
            return
        self.headline.set_sentence(overview.sentence)
        self.headline.set_problem(overview.problem)
        if first:
            self.pager.set_text(source.text, overview.line_counts)
        self.pager.set_spans(overview.spans)
        self.split.setEnabled(source.spans is None)
        self.split.set_total(len(source.text), self.tr("characters"))
        if overview.spans:
            self.split.set_split(*split_shares(overview.spans, len(source.text)))
        vocabulary = overview.vocabulary
        characters = self._session.experiment.data.text.symbols == "character"
        self.vocabulary.set_vocabulary(
            vocabulary.symbols if vocabulary else (),
            vocabulary.counts if vocabulary else (),
            overview.summary,
            characters=characters,
        )
        self.findings.set_findings([(self.tr("What was found"), overview.findings)])
        self.sample.set_total(overview.samples)
        self._mark_sample(show=first)

    @Slot(object)
    def _show_failure(self, error: object) -> None:
        self._looked_with = None
        self._session.report(error)

    @Slot(int)
    def _show_sample(self, _number: int) -> None:
        self._mark_sample(show=True)

    def _mark_sample(self, *, show: bool) -> None:
        if self._source is None:
            return
        found = sample_at(
            self._overview, self._source.text, self._session.experiment, self.sample.value()
        )
        self.pager.set_sample(found, show=show)
        self.legend.setVisible(found is not None)

    @Slot(int, int)
    def _show_place(self, first: int, last: int) -> None:
        total = max(len(self._source.text) if self._source else 0, 1)
        self.split.set_shown(first / total, last / total)

    # ------------------------------------------------------------------ hands

    @Slot(float, float, float)
    def _change_split(self, train: float, validation: float, test: float) -> None:
        changes = split_changes(self._session.experiment.data.split, (train, validation, test))
        self._session.edit_many(changes, self.tr("Move the split"))

    @Slot(float)
    def _jump(self, share: float) -> None:
        if self._source is not None:
            self.pager.show_position(round(share * len(self._source.text)))

    def settings(self) -> QWidget:
        """What the settings dock shows for a text; made when it is first asked for."""
        if self._settings is None:
            from workbench.views.pages.data_settings import TextSettings

            self._settings = TextSettings(self._session)
        return self._settings
