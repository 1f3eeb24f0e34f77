"""Sentences from below the window, through Qt's translation.

What the engine and the data layers say is plain English: nothing there knows Qt. Each sentence
stands in the source as a template, a text with places for values. A translator offers templates
with the places numbered (``{0} rows in training``), in the context ``Engine``; here the template of
a sentence is found and its values are put into the translation.
"""

import ast
import re
from functools import cache, lru_cache
from pathlib import Path

from PySide6.QtCore import QCoreApplication

import workbench

CONTEXT = "Engine"
LANGUAGE = "English"
"""Translated by each language into its own name, by which it is known that there is one."""

_SAYING = (
    "data", "engine", "tasks", "models", "errors.py", "experiment.py", "files.py", "runs.py",
    "specs.py", "app/loader.py",
)  # fmt: skip
_PLACE = re.compile(r"\{\d+\}")


def said(text: str) -> str:
    """A sentence of the engine in the language of the window; English where there is no other."""
    if not text or QCoreApplication.translate(CONTEXT, LANGUAGE) == LANGUAGE:
        return text
    return _translated(text, QCoreApplication.translate(CONTEXT, LANGUAGE))


@lru_cache(maxsize=1000)
def _translated(text: str, _language: str) -> str:
    whole = QCoreApplication.translate(CONTEXT, text)
    if whole != text:
        return whole
    for template, pattern in _patterns():
        found = pattern.fullmatch(text)
        if found is None:
            continue
        words = QCoreApplication.translate(CONTEXT, template)
        if words != template:
            return words.format(*map(_with_parts, found.groups()))
    return text


def _with_parts(value: str) -> str:
    """A value in which parts of sentences may stand: those that have a translation get it."""
    if " " not in value:
        return value
    for template, pattern in _patterns():
        found = pattern.search(value)
        if found is not None:
            words = QCoreApplication.translate(CONTEXT, template)
            if words != template:
                made = words.format(*found.groups())
                return value[: found.start()] + made + value[found.end() :]
    return QCoreApplication.translate(CONTEXT, value)


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Templates with places, those with the most words of their own first."""
    found = [template for template in templates() if _PLACE.search(template)]
    found.sort(key=lambda template: -len(_PLACE.sub("", template)))
    patterns = []
    for template in found:
        parts = _PLACE.split(template)
        patterns.append((template, re.compile("(.*?)".join(map(re.escape, parts)), re.DOTALL)))
    return tuple(patterns)


@cache
def templates() -> tuple[str, ...]:
    """Every text with at least two words that the layers below the window may say."""
    root = Path(workbench.__file__).parent
    files: list[Path] = []
    for place in _SAYING:
        path = root / place
        files += sorted(path.rglob("*.py")) if path.is_dir() else [path]
    found: dict[str, None] = {}
    for file in files:
        for node in _sentences(ast.parse(file.read_text(encoding="utf-8"))):
            found.setdefault(node)
    return (LANGUAGE, *found)


def _sentences(tree: ast.AST) -> list[str]:
    """Texts in a module that are no docstrings."""
    documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    inner = {
        id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)
        for part in node.values
    }  # fmt: skip
    found = []
    for node in ast.walk(tree):
        if id(node) in documents or id(node) in inner:
            continue
        text = _template(node)
        if len(re.findall(r"[^\W\d_]{2,}", _PLACE.sub(" ", text))) > 1 and " " in text:
            found.append(text)
    return found


def _template(node: ast.AST) -> str:
    """A text with its places numbered; empty for anything else."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if not isinstance(node, ast.JoinedStr):
        return ""
    text, places = "", 0
    for part in node.values:
        if isinstance(part, ast.Constant):
            text += str(part.value)
        else:
            text += f"{{{places}}}"
            places += 1
    return text
