"""A pack is the old one or the new one, wherever a run is cut off."""

import errno
import os
from dataclasses import replace
from pathlib import Path

import pytest

from pmstats.plain_file import sha256_of
from pmstats.runs.receipt import Receipt, read_receipt
from pmstats.runs.staging import put_in_place, recover, replace_file, staging_folder

NOTEBOOK = "n.ipynb"
OLD = {"n.ipynb": "old notebook", "page.html": "old page", "gone.csv": "old alone"}
NEW = {"n.ipynb": "new notebook", "page.html": "new page", "added.csv": "new alone"}


class CutOff(BaseException):
    """Stands for the power going: nothing of the program runs after it."""


def staged(folder: Path, files: dict[str, str]) -> tuple[Path, Receipt]:
    """A staging folder with these files, and their receipt."""
    place = staging_folder(folder / "tides", notebook=NOTEBOOK)
    for name, text in files.items():
        (place / name).write_text(text)
    receipt = Receipt(
        department="Tides",
        notebook=NOTEBOOK,
        folder="tides",
        made_from=files["n.ipynb"],
        files={name: sha256_of(place / name) for name in files},
        seconds=1.0,
        cells={},
    )
    return place, receipt


def state(folder: Path) -> str:
    """Which pack a folder holds: old, new, or a mixture."""
    receipt = read_receipt(folder / "tides" / "n.receipt.json")
    if receipt is None:
        return "none"
    for name, sha256 in receipt.files.items():
        if sha256_of(folder / "tides" / name) != sha256:
            return "mixture"
    return receipt.made_from.split()[0]


def cut_off_at(monkeypatch, step: int) -> list[str]:
    """Cut the program off at its nth change of the disk; the changes are counted in the list."""
    changes: list[str] = []

    def counted(name, change):
        def wrapped(*args, **kwargs):
            if len(changes) == step:
                raise CutOff
            changes.append(name)
            return change(*args, **kwargs)

        return wrapped

    for name in ("open", "fsync", "rename", "replace", "unlink", "mkdir", "chmod", "rmdir"):
        monkeypatch.setattr(os, name, counted(name, getattr(os, name)))
    return changes


@pytest.mark.parametrize("before", [{}, OLD], ids=["first", "again"])
def test_every_cut_off_leaves_the_old_or_the_new_pack(tmp_path, monkeypatch, before):
    """Cut off before each single change of the disk in turn, then started again."""
    seen = set()
    for step in range(200):
        folder = tmp_path / str(step)
        folder.mkdir()
        if before:
            put_in_place(*_with_target(folder, before))
        place, receipt = staged(folder, NEW)
        with monkeypatch.context() as patch:
            changes = cut_off_at(patch, step)
            try:
                put_in_place(place, folder / "tides", receipt)
                done = True
            except CutOff:
                done = False
        recover(folder)
        seen.add(state(folder))
        assert state(folder) in ({"new"} if done else {"new", "old" if before else "none"})
        assert [path.name for path in folder.iterdir()] in (["tides"], [])
        if done:
            break
    assert done
    assert step > 15, changes
    assert seen == {"new", "old" if before else "none"}


def _with_target(folder: Path, files: dict[str, str]) -> tuple[Path, Path, Receipt]:
    place, receipt = staged(folder, files)
    return place, folder / "tides", receipt


def test_recovery_itself_may_be_cut_off(tmp_path, monkeypatch):
    """Starting again after being cut off while starting again."""
    for step in range(200):
        folder = tmp_path / str(step)
        folder.mkdir()
        put_in_place(*_with_target(folder, OLD))
        place, receipt = staged(folder, NEW)
        with monkeypatch.context() as patch:
            cut_off_at(patch, 14)  # all written, nothing moved
            with pytest.raises(CutOff):
                put_in_place(place, folder / "tides", receipt)
        assert place.exists()
        with monkeypatch.context() as patch:
            cut_off_at(patch, step)
            try:
                recover(folder)
                done = True
            except CutOff:
                done = False
        recover(folder)
        assert state(folder) == "new"
        assert [path.name for path in folder.iterdir()] == ["tides"]
        if done:
            break
    assert done


@pytest.mark.parametrize("call", ["open", "fsync"])
def test_a_full_disk_changes_nothing(tmp_path, monkeypatch, call):
    """Everything is on the disk before anything moves."""
    put_in_place(*_with_target(tmp_path, OLD))
    place, receipt = staged(tmp_path, NEW)

    def full(*_args, **_kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, call, full)
        with pytest.raises(OSError, match="No space left"):
            put_in_place(place, tmp_path / "tides", receipt)
    assert state(tmp_path) == "old"


@pytest.mark.parametrize("name", [".receipt.json", ".hidden", "x.receipt.json", "folder", "link"])
def test_only_plain_files_under_plain_names_are_put_in_place(tmp_path, name):
    """A notebook cannot forge a receipt, nor have a link followed."""
    place, receipt = staged(tmp_path, NEW)
    if name == "folder":
        (place / name).mkdir()
    elif name == "link":
        (place / name).symlink_to("/etc/passwd")
    else:
        (place / name).write_text("forged")
    with pytest.raises(OSError, match=name):
        put_in_place(place, tmp_path / "tides", receipt)
    assert state(tmp_path) == "none"


def test_nothing_is_written_through_a_link(tmp_path):
    """A department's folder that leads elsewhere is refused; the other place stays empty."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "tides").symlink_to(elsewhere)
    place, receipt = staged(folder, NEW)
    with pytest.raises(OSError, match="tides is a link"):
        put_in_place(place, folder / "tides", receipt)
    with pytest.raises(OSError, match="tides is a link"):
        replace_file(folder / "tides" / "x", "text")
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize(
    "receipt",
    [
        '{"department":"T","notebook":"n.ipynb","folder":"../out","made_from":"","files":{},'
        '"seconds":0,"cells":{}}',
        '{"department":"T","notebook":"n.ipynb","folder":"tides","made_from":"",'
        '"files":{"../../x":"0"},"seconds":0,"cells":{}}',
        "{}",
        "not json",
    ],
)
def test_a_forged_receipt_leads_nowhere(tmp_path, receipt):
    """What is left in staging is moved by plain names inside the folder, or thrown away."""
    folder = tmp_path / "reports"
    place = folder / ".staging-tides-n"
    place.mkdir(parents=True)
    (place / ".receipt.json").write_text(receipt)
    (place / "x").write_text("x")
    assert recover(folder) == ()
    assert list(folder.iterdir()) == []
    assert [path.name for path in tmp_path.iterdir()] == ["reports"]


def test_what_cannot_be_finished_stops_no_other(tmp_path):
    """A stranger's file where a department's folder should be: the others are finished."""
    for name in ("a", "b"):
        place, receipt = staged(tmp_path, NEW)
        (place / ".receipt.json").write_text(replace(receipt, folder=name).text)
        place.rename(tmp_path / f".staging-{name}-n")
    (tmp_path / "a").write_text("a stranger's")
    assert recover(tmp_path) == ("b",)
    assert (tmp_path / "a").read_text() == "a stranger's"
    assert read_receipt(tmp_path / "b" / "n.receipt.json")


def test_a_link_left_in_staging_is_removed_not_followed(tmp_path):
    """Clearing litter never deletes what a link leads to."""
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").write_text("x")
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / ".staging-tides-n").symlink_to(kept)
    recover(folder)
    assert (kept / "file").exists()
    assert list(folder.iterdir()) == []
