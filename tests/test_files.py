"""Atomic writing: the old file or the new one, whole, and a sentence where the disk refuses."""

import errno
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.errors import UserError
from workbench.files import cannot_write, remove_leftovers, write_atomic

MAY_MOUNT = sys.platform.startswith("linux") and os.geteuid() == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    if not MAY_MOUNT:
        pytest.skip("mounting a small disk needs Linux and its administrator")
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)],
        capture_output=True, check=False,
    )  # fmt: skip
    if made.returncode:
        pytest.skip("a small disk cannot be mounted here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_text_and_bytes_arrive(tmp_path: Path) -> None:
    write_atomic(tmp_path / "a", "grün\n")
    write_atomic(tmp_path / "b", b"\x00\xff")
    assert (tmp_path / "a").read_bytes() == "grün\n".encode()
    assert (tmp_path / "b").read_bytes() == b"\x00\xff"
    assert len(list(tmp_path.iterdir())) == 2


def test_a_name_of_the_greatest_length_is_written(tmp_path: Path) -> None:
    file = tmp_path / ("n" * 255)
    write_atomic(file, "x")
    assert file.read_text() == "x"


@pytest.mark.skipif(os.name == "nt", reason="permissions of this kind are POSIX")
def test_permissions_are_the_usual_ones_and_those_of_a_replaced_file_stay(tmp_path: Path) -> None:
    file = tmp_path / "a"
    before = os.umask(0o022)
    try:
        write_atomic(file, "1")
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    file.chmod(0o640)
    write_atomic(file, "2")
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_order_is_write_sync_rename_sync_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def note_sync(handle: int) -> None:
        done.append("sync folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "sync file")
        fsync(handle)

    def note_replace(self: Path, target: Path) -> Path:
        assert self.read_text() == "data"  # nothing is left in a buffer
        done.append("rename")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(Path, "replace", note_replace)
    write_atomic(tmp_path / "a", "data")
    assert done == ["sync file", "rename", "sync folder"]


def test_a_full_disk_is_said_and_the_old_file_stays(small_disk: Path) -> None:
    file = small_disk / "a"
    write_atomic(file, b"old" * 1000)
    with pytest.raises(UserError, match="the disk is full") as caught:
        write_atomic(file, bytes(4_000_000))
    assert str(file) in caught.value.what
    assert file.read_bytes() == b"old" * 1000
    assert [path.name for path in small_disk.iterdir()] == ["a"]


def test_a_file_that_may_not_grow_is_said_and_the_old_one_stays(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource", reason="limits of this kind are POSIX")
    file = tmp_path / "a"
    write_atomic(file, "old")
    limits, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.getsignal(signal.SIGXFSZ)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))
    try:
        with pytest.raises(UserError, match="may not grow that large"):
            write_atomic(file, bytes(100_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert file.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_read_only_disk_is_said(small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(UserError, match="the folder is read-only") as caught:
        write_atomic(small_disk / "a", "x")
    assert caught.value.todo == "Choose a folder you can write to."


def test_a_folder_that_is_gone_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="the folder is gone"):
        write_atomic(tmp_path / "gone" / "a", "x")


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.EDQUOT, errno.EIO, 0])
def test_every_refusal_is_a_sentence_and_what_to_do(code: int) -> None:
    error = cannot_write(Path("x"), OSError(code, os.strerror(code)))
    assert error.what.startswith("Cannot write x: ")
    assert error.what.endswith(".")
    assert error.todo


def test_leftovers_go_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    keep = [tmp_path / "a.tmp", tmp_path / ".hidden", tmp_path / "sub" / "b"]
    for file in [*keep, tmp_path / ".a.12.tmp", tmp_path / "sub" / ".b.34.tmp"]:
        file.write_text("x")
    remove_leftovers(tmp_path)
    assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == sorted(keep)
