"""State plane: the path of a layer's state in two dimensions, and its fixed points."""

from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from workbench.app.looking import Look, Looking
from workbench.app.selection import Selection
from workbench.data.findings import Watch
from workbench.errors import UserError
from workbench.views.engine_words import said
from workbench.views.look.choosers import PlaceChooser, combo
from workbench.views.look.view import LookView, muted
from workbench.views.numbers import grouped, isolated, one_symbol, share
from workbench.views.plots.scatter import Group, Scatter
from workbench.views.splitter import HairlineSplitter

_CIRCLE = np.linspace(0, 2 * np.pi, 200)
PATH, NEIGHBOURS = "path", "neighbours"


class PlaneView(LookView):
    """Principal components with the path; t-SNE; fixed points with their eigenvalues."""

    key = "plane"

    def __init__(self, looking: Looking, parent: QWidget | None = None) -> None:
        super().__init__(looking, parent)
        self._plane: Any = None
        self._points: list[Any] = []
        self._near: tuple[np.ndarray, np.ndarray] | None = None
        self._why_no_neighbours = ""
        self._shown: tuple[object, ...] = ()
        self.place = PlaceChooser(self.session, "look_plane_place")
        self.constant = combo("look_plane_constant", self.tr("Input under which points are fixed"))
        self.constant.addItem(self.tr("mean input"), "mean")
        self.constant.addItem(self.tr("input of the chosen step"), "step")
        self.find = QPushButton(self.tr("Find fixed points"))
        self.find.setObjectName("look_plane_find")
        self.find.setToolTip(self.tr("States that the network would keep under a constant input"))
        self.find.clicked.connect(self._find)
        self.words = muted("look_plane_words")
        head = QHBoxLayout()
        for part in (self.place, self.constant, self.find):
            head.addWidget(part)
        head.addWidget(self.words, 1)
        self.path = Scatter(self.tr("Path of the hidden state"), self, "look_plane_path")
        self.path.point_clicked.connect(self._clicked)
        self.neighbours = Scatter(self.tr("Neighbours (t-SNE)"), self, "look_plane_neighbours")
        self.neighbours.point_clicked.connect(self._neighbour_clicked)
        self.circle = Scatter(self.tr("Eigenvalues at a fixed point"), self, "look_plane_circle")
        self.circle.set_titles(self.tr("real part"), self.tr("imaginary part"))
        self.circle.set_equal_scales()
        self.circle.set_line(np.cos(_CIRCLE), np.sin(_CIRCLE))
        self.circle.set_empty(self.tr("Press ‘Find fixed points’, then click one."))
        right = HairlineSplitter(Qt.Orientation.Vertical, "look_plane_right")
        right.addWidget(self.neighbours)
        right.addWidget(self.circle)
        right.setSizes([300, 300])
        parts = HairlineSplitter(Qt.Orientation.Horizontal, "look_plane_parts")
        parts.addWidget(self.path)
        parts.addWidget(right)
        parts.setSizes([560, 420])
        self.body.addLayout(head)
        self.body.addWidget(parts, 1)

    def refresh(self) -> None:
        """Place the states of another look."""
        assert self.look is not None
        self.place.set_look(self.look)
        self._shown = ()
        self._place()

    def _place(self) -> None:
        look = self.look
        if look is None:
            return
        place = self.place.place
        self._shown = (look, place)
        self._points = []

        def compute(look: Look, _watch: Watch) -> object:
            from workbench.analysis.state_plane import neighbour_plane, principal_plane

            states = look.values(*place, "hidden")
            plane = principal_plane(states)
            try:
                return plane, neighbour_plane(states), ""
            except UserError as error:  # the path can be drawn without it
                return plane, (np.empty((0, 2)), np.empty(0, np.intp)), error.what

        self.compute(self.tr("Placing the states"), compute, self._show)

    def _show(self, found: tuple[Any, tuple[np.ndarray, np.ndarray], str]) -> None:
        self._plane, self._near, self._why_no_neighbours = found
        first, second = (share(float(part)) for part in self._plane.shares)
        words = self.tr("The two directions hold {0} and {1} of the variance.")
        self.words.setText(words.format(first, second))
        self.path.set_titles(
            self.tr("first component ({0})").format(first),
            self.tr("second component ({0})").format(second),
        )
        self.circle.set_groups([])
        self.circle.set_empty(self.tr("Press ‘Find fixed points’, then click one."))
        self._draw()
        self.follow(self.session.selection)

    def _draw(self) -> None:
        look = self.look
        if look is None or self._plane is None or self._near is None:
            return
        states = look.values(*self.place.place, "hidden")
        places = self._plane.place(states)
        names = [
            self.tr("step {0} · {1}").format(grouped(step), isolated(one_symbol(label)))
            for step, label in enumerate(look.labels)
        ]
        time = np.linspace(0, 1, len(places))
        groups = [Group(self.tr("pale: early"), *places.T, names, size=8, shade=time)]
        for stable, words, mark in (
            (True, self.tr("stable"), "s"),
            (False, self.tr("unstable"), "x"),
        ):
            chosen = [point for point in self._points if point.stable == stable]
            if chosen:
                size = states.shape[1]
                at = self._plane.place(np.stack([point.state[:size] for point in chosen]))
                phrase = self.tr("{0} fixed point, {1} outward")
                names_ = [phrase.format(words, point.outward) for point in chosen]
                groups.append(Group(words, *at.T, names_, mark, 13, "series_1"))
        self.path.clear_lines()
        self.path.set_line(*places.T)
        self.path.set_groups(groups)
        near, steps = self._near
        shades = time[steps]
        few = [names[step] for step in steps.tolist()]
        self.neighbours.set_groups([Group("", *near.T, few, size=7, shade=shades)])
        if self._why_no_neighbours:
            self.neighbours.set_empty(said(self._why_no_neighbours))

    # ------------------------------------------------------------------ fixed points

    def _find(self) -> None:
        look = self.look
        if look is None:
            return
        place, step = self.place.place, self.session.selection.step
        by_step = self.constant.currentData() == "step" and 0 <= step < look.steps

        def search(look: Look, watch: Watch) -> object:
            from workbench.analysis.state_plane import fixed_points, layer_input

            model = look.loaded.model
            constant = layer_input(model, look.trace, place[0])[step] if by_step else None
            return fixed_points(model, look.trace, place, constant, watch)

        self.compute(self.tr("Searching states that stay"), search, self._show_points)

    def _show_points(self, points: list[Any]) -> None:
        self._points = points
        stable = sum(point.stable for point in points)
        words = self.tr("Fixed points found: {0}, stable: {1}.")
        if not points:
            words = self.tr("No fixed point was found from these states.")
        self.words.setText(words.format(len(points), stable))
        self._draw()
        self.follow(self.session.selection)
        if points:
            self._show_eigenvalues(points[0])

    def _show_eigenvalues(self, point: Any) -> None:
        values = point.eigenvalues
        words = self.tr("Stable fixed point") if point.stable else self.tr("Unstable fixed point")
        title = self.tr("{0}: {1} of {2} directions lead away")
        self.circle.set_title(title.format(words, point.outward, len(values)))
        sizes = [grouped(float(abs(value)), 3) for value in values]
        self.circle.set_groups([Group("", values.real, values.imag, sizes, size=5)])

    # ------------------------------------------------------------------ pointing

    def _clicked(self, group: int, point: int) -> None:
        if group == 0:
            self.select(step=point)
            return
        kinds = [found.stable for found in self._points]
        order = [True] if any(kinds) else []
        order += [False] if not all(kinds) else []
        chosen = [found for found in self._points if found.stable == order[group - 1]]
        self._show_eigenvalues(chosen[point])

    def _neighbour_clicked(self, _group: int, point: int) -> None:
        if self._near is not None:
            self.select(step=int(self._near[1][point]))

    def follow(self, selection: Selection) -> None:
        """Ring the selected step; another layer has a plane of its own."""
        if self.look is not None and self._shown and self._shown != (self.look, self.place.place):
            self._place()
            return
        self.path.choose(0 if selection.step >= 0 else -1, selection.step)
        if self._near is not None:
            found = np.flatnonzero(self._near[1] == selection.step)
            self.neighbours.choose(0 if len(found) else -1, int(found[0]) if len(found) else -1)
