"""Texts to translate: ``python -m tests.translations FILE.ts``.

Writes the sentences of the layers below the window, which Qt's own ``lupdate`` does not see, as a
file of Qt Linguist; those of the window are found by ``pyside6-lupdate``.
"""

import sys
from pathlib import Path
from xml.sax.saxutils import escape

from workbench.views.engine_words import CONTEXT, templates


def main(file: Path) -> int:
    """Write the file; return the exit code."""
    messages = "\n".join(
        f"<message><source>{escape(text)}</source><translation type='unfinished'/></message>"
        for text in templates()
    )
    head = "<?xml version='1.0' encoding='utf-8'?>\n<!DOCTYPE TS>\n<TS version='2.1'>"
    context = f"<context><name>{CONTEXT}</name>\n{messages}\n</context>"
    file.write_text(f"{head}\n{context}\n</TS>\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
