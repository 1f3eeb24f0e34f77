"""The row over a picture: its name, the numbers under the pointer, small controls, the menu."""

from collections.abc import Callable, Sequence
from html import escape

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QToolButton, QWidget

from workbench.views.plots.legend import ElidedLabel
from workbench.views.theme import SPACING, font, icon, restyle


class TitleRow(QWidget):
    """Title on the left, read-out and controls on the right.

    Attributes:
        title: The picture's name.
        readout: The numbers under the pointer.
        menu_button: Opens the corner menu.
    """

    def __init__(self, title: str, parent: QWidget, name: str) -> None:
        super().__init__(parent)
        self._name = name
        self.title = ElidedLabel(title, self)
        self.title.setFont(font("normal", bold=True))
        self.title.setObjectName(f"{name}_title")
        self.title.setProperty("role", "heading")
        self.readout = ElidedLabel("", self)
        self.readout.setObjectName(f"{name}_readout")
        self.readout.setProperty("role", "muted")
        self.readout.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.readout.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.menu_button = QToolButton(self)
        self.menu_button.setObjectName(f"{name}_menu")
        self.menu_button.setIcon(icon("dots-three"))
        self.menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu_button.setIconSize(QSize(16, 16))
        self.menu_button.setToolTip(self.tr("Save, copy or reset this picture"))
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(SPACING // 2)
        self._layout.addWidget(self.title)
        self._layout.addSpacing(SPACING // 2)
        self._layout.addWidget(self.readout, 1)
        self._layout.addWidget(self.menu_button)

    def set_title(self, title: str) -> None:
        """Name the picture."""
        self.title.setText(title)
        self.menu_button.setAccessibleName(self.tr("Menu of the picture {0}").format(title))

    def set_readout(self, text: str, role: str = "muted") -> None:
        """Show the numbers under the pointer; ``role`` is a label role of the style sheet."""
        if self.readout.property("role") != role:
            self.readout.setProperty("role", role)
            restyle(self.readout)
        self.readout.setText(text)
        self.readout.setToolTip(f"<p>{escape(text)}</p>" if text else "")

    def add_control(self, widget: QWidget) -> None:
        """Put a small control in the title row, before the corner menu."""
        self._layout.insertWidget(self._layout.count() - 1, widget)

    def add_toggle(
        self, name: str, text: str, tip: str, slot: Callable[[bool], None]
    ) -> QToolButton:
        """Put a small on/off button in the title row.

        Args:
            name: End of its object name.
            text: One or two words.
            tip: What it does, in a sentence.
            slot: Called with the new state.
        """
        button = QToolButton(self)
        button.setObjectName(f"{self._name}_{name}")
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(text)
        button.setAccessibleDescription(tip)
        button.setCheckable(True)
        button.setFont(font("small"))
        button.toggled.connect(slot)
        self.add_control(button)
        return button

    def add_choices(
        self, name: str, tip: str, choices: Sequence[str], slot: Callable[[int], None]
    ) -> QToolButton:
        """Put a small button with a menu of choices in the title row; its text is the choice.

        Args:
            name: End of its object name.
            tip: What is chosen, in a sentence.
            choices: The first is chosen at the start.
            slot: Called with the number of the choice.
        """
        button = QToolButton(self)
        button.setObjectName(f"{self._name}_{name}")
        button.setText(choices[0])
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setFont(font("small"))
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(button)
        group = QActionGroup(menu)
        for index, text in enumerate(choices):
            action = menu.addAction(text)
            action.setObjectName(f"{self._name}_{name}_{index}")
            action.setCheckable(True)
            action.setChecked(index == 0)
            action.setData(index)
            group.addAction(action)

        def chosen(action: QAction) -> None:
            button.setText(action.text())
            slot(action.data())

        group.triggered.connect(chosen)
        button.setMenu(menu)
        self.add_control(button)
        return button
