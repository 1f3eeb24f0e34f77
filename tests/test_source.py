"""What may stand nowhere in the source; each rule is shown to see what it forbids."""

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "workbench"
FILES = sorted(PACKAGE.rglob("*.py"))


@functools.cache
def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def dotted(node: ast.expr) -> str:
    """``a.b.c`` as it is written, or empty."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return ""


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield dotted(node.func), node


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{name.name}" for name in node.names)


def runs_text_as_code(tree: ast.AST) -> list[str]:
    words = {"eval", "exec", "compile", "__import__", "builtins.eval", "builtins.exec"}
    return [name for name, _ in calls(tree) if name in words]


def loads_objects(tree: ast.AST) -> list[str]:
    words = {"torch.load", "torch.save", "torch.jit.load"}
    found = [name for name, _ in calls(tree) if name in words]
    for _, call in calls(tree):
        for word in call.keywords:
            loose = isinstance(word.value, ast.Constant) and word.value.value is False
            if word.arg == "allow_pickle" or (word.arg == "weights_only" and loose):
                found.append(word.arg)
    modules = {"pickle", "cloudpickle", "joblib", "dill", "shelve", "marshal"}
    return found + [name for name in imported(tree) if name.split(".")[0] in modules]


def draws_from_shared_generators(tree: ast.AST) -> list[str]:
    """Seeds or draws of the generators that every thread shares."""
    found = [name for name, _ in calls(tree) if name in {"torch.manual_seed", "torch.seed"}]
    found += [
        name for name, _ in calls(tree)
        if re.match(r"(np|numpy)\.random\.(?!Generator|PCG64|default_rng)", name)
    ]  # fmt: skip
    found += [name for name in imported(tree) if name.split(".")[0] == "random"]
    draws = {f"torch.{word}" for word in ("rand", "randn", "randint", "randperm", "multinomial")}
    for name, call in calls(tree):
        if name in draws and "generator" not in {word.arg for word in call.keywords}:
            found.append(name)
    return found


def copies_data_in_memory_through_workers(tree: ast.AST) -> list[str]:
    return [name for name in imported(tree) if name.endswith("DataLoader")] + [
        name for name, _ in calls(tree) if name.endswith("DataLoader")
    ]


def waits_by_guess(tree: ast.AST) -> list[str]:
    last = {"processEvents", "qWait"}
    return [
        name for name, _ in calls(tree) if name == "time.sleep" or name.split(".")[-1] in last
    ]  # fmt: skip


def makes_threads(tree: ast.AST) -> list[str]:
    words = {"Thread", "Timer", "QThread", "QThreadPool", "ThreadPoolExecutor", "Process"}
    return [
        name for name, _ in calls(tree)
        if name.split(".")[-1] in words and not name.startswith("psutil.")
    ]  # fmt: skip


def holds_widgets(tree: ast.AST) -> list[str]:
    return [name for name in imported(tree) if name.startswith("PySide6.QtWidgets")]


RULES = [
    (runs_text_as_code, "eval(text)", set()),
    (runs_text_as_code, "exec(compile(text, '', 'exec'))", set()),
    (loads_objects, "torch.load(path)", set()),
    (loads_objects, "f(path, weights_only=False)", set()),
    (loads_objects, "np.load(path, allow_pickle=True)", set()),
    (loads_objects, "from pickle import loads", set()),
    (draws_from_shared_generators, "torch.manual_seed(1)", set()),
    (draws_from_shared_generators, "np.random.rand(3)", set()),
    (draws_from_shared_generators, "torch.randperm(9)", set()),
    (draws_from_shared_generators, "import random", set()),
    (copies_data_in_memory_through_workers, "torch.utils.data.DataLoader(rows)", set()),
    (waits_by_guess, "time.sleep(1)", set()),
    (waits_by_guess, "application.processEvents()", set()),
    (makes_threads, "threading.Thread(target=f)", {"app/job.py"}),
    (holds_widgets, "from PySide6.QtWidgets import QLabel", {"views/"}),
]


@pytest.mark.parametrize(("rule", "bad", "allowed"), RULES)
def test_rule_sees_what_it_forbids_and_the_source_holds_none(rule, bad, allowed) -> None:
    assert rule(ast.parse(bad)), "the rule is blind"
    for file in FILES:
        place = file.relative_to(PACKAGE).as_posix()
        if not any(place.startswith(start) for start in allowed):
            assert rule(parsed(file)) == [], place


def test_modules_are_imported_by_name_only_where_the_name_is_the_programs_own() -> None:
    """A name out of a file must never say which module is loaded."""
    users = {
        file.relative_to(PACKAGE).as_posix()
        for file in FILES
        if "import_module" in file.read_text(encoding="utf-8")
    }
    known = {"registry.py", "app/preload.py", "views/stations.py", "views/look/catalogue.py"}
    assert users == known


def test_the_worker_touches_no_signal() -> None:
    tree = parsed(PACKAGE / "app" / "job.py")
    parts = {
        node.name: node for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef)
    }
    assert "emit" in ast.unparse(parts["Job"])
    for name in ("_work", "Ticket"):
        assert "emit" not in ast.unparse(parts[name])
        assert "QTimer" not in ast.unparse(parts[name])


@pytest.mark.parametrize("word", ["TODO", "FIXME", "XXX", "NotImplementedError"])
def test_nothing_is_left_for_later(word: str) -> None:
    assert [file for file in FILES if word in file.read_text(encoding="utf-8")] == []


def test_every_exception_from_a_check_gives_its_reason() -> None:
    """A ``noqa`` or ``type: ignore`` names its rule and is followed by why."""
    good = re.compile(r"# (noqa: [A-Z0-9, ]+|type: ignore\[[a-z-]+\]) +(\(|- |# )\S+")
    assert good.search("x  # noqa: S101 (narrows)")
    assert not good.search("x  # noqa: S101")
    for file in FILES:
        for line in file.read_text(encoding="utf-8").splitlines():
            if "# noqa" in line or "# type: ignore" in line:
                assert good.search(line), f"{file.name}: {line.strip()}"
