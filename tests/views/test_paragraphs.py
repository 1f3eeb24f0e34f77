"""Paragraphs of right-to-left scripts stand at the right."""

import numpy as np
from pytestqt.qtbot import QtBot

from workbench.views.pages.data_text_view import TextPager

HEBREW = "מזג האוויר היום טוב ומחר יהיה גשם."
ARABIC = "الطقس اليوم جيد وغدا سيكون هناك مطر،"


def test_each_paragraph_stands_on_its_side(qtbot: QtBot) -> None:
    pager = TextPager()
    qtbot.addWidget(pager)
    pager.resize(600, 400)
    pager.show()
    pager.set_text("\n".join(["one two", HEBREW, "three", ARABIC, "", "4"]), np.zeros(1, np.int64))
    for width in (600, 900, 300):
        pager.resize(width, 400)
        sides = []
        block = pager.document().firstBlock()
        while block.isValid():
            pager.blockBoundingRect(block)
            line = block.layout().lineAt(0)
            left = line.position().x() - pager.document().documentMargin()
            right = line.width() - left - line.naturalTextWidth()
            if block.text():
                sides.append("left" if left < 1 < right else "right" if right < 1 < left else "?")
            block = block.next()
        assert sides == ["left", "right", "left", "right", "left"]
    assert pager.cursorRect().left() < 20
