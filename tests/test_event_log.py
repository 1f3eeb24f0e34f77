"""The events of a run on disk, also where a crash or a full disk cut them short."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.errors import UserError
from workbench.event_log import EventLog


@pytest.fixture
def log(tmp_path: Path) -> Iterator[EventLog]:
    log = EventLog(tmp_path / "events.jsonl")
    yield log
    log.close()


def test_events_come_back_in_order_and_in_any_script(log: EventLog) -> None:
    written = [{"step": step, "text": "日本 🚢 \ud800"} for step in range(3)]
    for values in written:
        log.append(values)
    assert list(log) == []  # still buffered
    log.flush()
    back = list(log)
    assert [values["step"] for values in back] == [0, 1, 2]
    assert back[0]["text"].startswith("日本 🚢")


def test_offset_counts_what_was_flushed(log: EventLog) -> None:
    assert log.offset == 0
    log.append({"step": 1})
    assert log.offset == 0
    log.flush()
    assert log.offset == len('{"step":1}\n')


@pytest.mark.parametrize("cut", range(1, 12))
def test_a_torn_last_line_is_passed_over(log: EventLog, cut: int) -> None:
    for step in (1, 2):
        log.append({"step": step})
    log.close()
    log.path.write_bytes(log.path.read_bytes()[:-cut])
    steps = [values["step"] for values in log]
    assert steps == ([1, 2] if cut == 1 else [1])


@pytest.mark.parametrize("rubbish", [b"\0" * 50, b"[1, 2]\n", b"\xff\xfe\n", b"{" * 100_000])
def test_what_is_no_event_is_passed_over(log: EventLog, rubbish: bytes) -> None:
    log.path.write_bytes(b'{"step":1}\n' + rubbish + b'\n{"step":2}\n')
    assert [values["step"] for values in log] == [1, 2]


def test_truncate_cuts_what_came_after_a_checkpoint(log: EventLog) -> None:
    log.append({"step": 1})
    log.flush()
    checkpoint = log.offset
    log.append({"step": 2})
    log.truncate(checkpoint)
    log.append({"step": 3})
    log.close()
    assert [values["step"] for values in log] == [1, 3]


def test_truncate_never_makes_a_file_longer(log: EventLog) -> None:
    """After a power cut the file can be shorter than the checkpoint says."""
    log.path.write_text(json.dumps({"step": 1}) + "\n")
    log.truncate(10_000)
    assert log.path.stat().st_size == 12
    EventLog(log.path.with_name("absent.jsonl")).truncate(0)


def test_a_folder_that_is_gone_is_said_once_and_costs_only_events(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "gone" / "events.jsonl")
    with pytest.raises(UserError, match="the folder is gone"):
        log.open()
    log.append({"step": 1})
    log.flush()
    log.close()
    assert list(log) == []


def test_a_full_disk_costs_events_not_the_run() -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    log = EventLog(full)
    for step in range(10_000):
        log.append({"step": step})
    log.flush()
    log.close()
