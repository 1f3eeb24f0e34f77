"""What a picture shows, how to read it and where it comes from."""

import re

from PySide6.QtWidgets import QTextBrowser, QWidget

from workbench.paths import resources_folder


class HelpPanel(QTextBrowser):
    """Shows the help page of a view: a Markdown file of ``resources/help/look``."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("look_help_page")
        self.setAccessibleName(self.tr("About this picture"))
        self.setOpenExternalLinks(True)
        self.setMinimumWidth(200)

    def show_page(self, key: str, title: str) -> None:
        """Show the page of a view.

        Args:
            key: Its name in the catalogue.
            title: For the case that there is no page.
        """
        path = resources_folder() / "help" / "look" / f"{key}.md"
        text = path.read_text(encoding="utf-8") if path.is_file() else f"# {title}\n"
        # The headings of a narrow panel: two sizes smaller than those of a page.
        self.setMarkdown(re.sub(r"^(#+) ", r"\1## ", text, flags=re.MULTILINE))
