"""The notebook among the files of a submission, whatever it is called and wherever it lies."""

import json
import os
import re
import stat
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from course.intake.notes import Note, Refused

LARGEST = 50 * 2**20  # bytes of a notebook: with the pictures of a whole course it has 2
MOST_FILES = 1000
# What browsers, desktops, Colab and JupyterLab add to the name of a copy.
COPY = re.compile(r"^(copy of |kopie von |copie de |copia de )+|([\s_-]*(\(\d+\)|copy\s?\d*|kopie))+$", re.IGNORECASE)
TIMESTAMP = "timestamp.txt"  # nbgrader's own, of the moment of submission


@dataclass
class Found:
    """A submission as it was handed in.

    Attributes
    ----------
    notebook : dict
        The JSON of its notebook. Nothing in it has been looked at.
    files : dict[str, bytes]
        The other files, by path.
    notes : list[Note]
        What was unusual.
    """

    notebook: dict[str, Any]
    files: dict[str, bytes] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)


@dataclass(frozen=True)
class _File:
    path: PurePosixPath
    size: int
    read: Callable[[], bytes]


def find(folder: Path, name: str, room: int, file_size: int) -> Found:
    """Read a submission.

    Parameters
    ----------
    folder : Path
        What was handed in for one assignment. Links in it are not followed, and what is no file is not opened.
    name : str
        How the notebook should be called.
    room, file_size : int
        Bytes of all other files, and of one. What is beyond is left out, with a note.

    Raises
    ------
    Refused
        If there is no notebook, or one cannot tell which.
    OSError
        If this machine cannot read the folder.
    """
    notes: list[Note] = []
    found = list(_files(folder, notes))
    chosen = _choose([file for file in found if file.path.suffix.lower() == ".ipynb"], name, notes)
    return Found(_parse(chosen), _others(found, room, file_size, notes), notes)


def other_files(folder: Path, room: int, file_size: int) -> dict[str, bytes]:
    """The files of a submission beside its notebook, as `find` reads them."""
    return _others(list(_files(folder, [])), room, file_size, [])


def _others(found: list["_File"], room: int, file_size: int, notes: list[Note]) -> dict[str, bytes]:
    others = {}
    for file in sorted(found, key=lambda file: str(file.path)):
        if file.path.suffix.lower() == ".ipynb":
            continue
        if file.size > min(room, file_size):
            text = f"The file {file.path} was left out: it has more bytes than there is room for."
            notes.append(Note("repaired", text, f"{file.size} bytes"))
            continue
        room -= file.size
        others[str(file.path)] = file.read()
    return others


def _files(folder: Path, notes: list[Note]) -> Iterator[_File]:
    """The files of a folder and of the archives in it, without links, devices, pipes and hidden folders."""
    count = 0
    for parent, folders, names in os.walk(folder, onerror=_raise):
        links = [name for name in folders if Path(parent, name).is_symlink()]
        folders[:] = sorted(name for name in folders if name not in links and not _hidden(name))
        for name in sorted([*names, *links]):
            path = Path(parent, name)
            inside = PurePosixPath(path.relative_to(folder).as_posix())
            status = path.lstat()
            if not stat.S_ISREG(status.st_mode):
                notes.append(Note("repaired", f"{inside} was left out: it is a link, or no file. Hand in the file itself."))
                continue
            count += 1
            if count > MOST_FILES:
                raise Refused(f"This submission has more than {MOST_FILES} files: hand in the notebook alone.")
            if inside.suffix.lower() == ".zip":
                yield from _unzipped(path, inside, notes)
            elif not _hidden(name):
                yield _File(inside, status.st_size, path.read_bytes)


def _unzipped(path: Path, inside: PurePosixPath, notes: list[Note]) -> Iterator[_File]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError):
        notes.append(Note("repaired", f"{inside} was left out: it is called a zip archive, and is none that can be read."))
        return
    if len(members) > MOST_FILES:
        raise Refused(f"The archive {inside} has more than {MOST_FILES} files: hand in the notebook alone.")

    def reader(member: zipfile.ZipInfo) -> Callable[[], bytes]:
        def read() -> bytes:
            try:
                with zipfile.ZipFile(path) as archive, archive.open(member) as file:
                    return file.read(member.file_size)  # what an archive says of itself is a bound, too
            except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zipfile.zlib.error) as error:  # type: ignore[attr-defined]
                raise Refused(f"The archive {inside} cannot be read: hand in the notebook itself.", str(error)) from None

        return read

    for member in members:
        # Windows writes backslashes; a path that leads out of its archive keeps its names alone.
        parts = [part for part in member.filename.replace("\\", "/").split("/") if part not in ("", ".", "..") and ":" not in part]
        if parts and not member.is_dir() and not any(map(_hidden, parts)) and not stat.S_ISLNK(member.external_attr >> 16):
            yield _File(inside.parent.joinpath(*parts), member.file_size, reader(member))


def _raise(error: OSError) -> None:
    raise error


def _hidden(name: str) -> bool:
    return name.startswith(".") or name == "__MACOSX"


def _choose(notebooks: list[_File], name: str, notes: list[Note]) -> _File:
    """The notebook that is meant: of the right name, or else of one that copies get, or else the only one."""
    tiers: list[Callable[[_File], bool]] = [
        lambda file: str(file.path) == name,
        lambda file: _plain(file.path.name) == _plain(name),
        lambda file: _original(file.path.name) == _original(name),
        lambda file: True,
    ]
    for tier in tiers:
        chosen = list(filter(tier, notebooks))
        if len(chosen) > 1:
            for file in chosen:
                _bounded(file)
            chosen = [chosen[0]] if len({file.read() for file in chosen}) == 1 else chosen
        if len(chosen) > 1:
            names = ", ".join(str(file.path) for file in chosen)
            raise Refused(f"There are {len(chosen)} notebooks ({names}): hand in the one that counts, as {name}.")
        if chosen:
            if str(chosen[0].path) != name:
                notes.append(Note("repaired", f"The notebook was taken from {chosen[0].path}: its name should be {name}."))
            if len(notebooks) > 1:
                others = ", ".join(str(file.path) for file in notebooks if file is not chosen[0])
                notes.append(Note("repaired", f"Further notebooks were left out: {others}."))
            return chosen[0]
    raise Refused(f"There is no notebook here: hand in {name}.")


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()


def _original(name: str) -> str:
    """A name without what copies get."""
    stem = PurePosixPath(_plain(name)).stem
    while (shorter := COPY.sub("", stem).strip()) != stem:
        stem = shorter
    return re.sub(r"[\s_-]+", "_", stem)


def _bounded(file: _File) -> None:
    if file.size > LARGEST:
        text = "clear its outputs (Edit, Clear Outputs of All Cells), save, and hand it in again."
        raise Refused(f"The notebook has more than {LARGEST // 2**20} MB: {text}", f"{file.path}: {file.size} bytes")


def _parse(file: _File) -> dict[str, Any]:
    _bounded(file)
    content = file.read()
    if not content.strip():
        raise Refused("The notebook's file is empty: save the notebook again, and hand it in.")
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        notebook = json.loads(content.decode(encoding))
    except (ValueError, RecursionError) as error:
        text = "The file is no notebook: it is not JSON. Open it in JupyterLab or Colab, save it, and hand in what was saved."
        raise Refused(text, f"{file.path}: {type(error).__name__}: {error}"[:300]) from None
    if not isinstance(notebook, dict) or not (isinstance(notebook.get("cells"), list) or isinstance(notebook.get("worksheets"), list)):
        raise Refused("The file is no notebook: it has no cells. Save the notebook again, and hand it in.", str(file.path))
    return notebook
