"""Builds the small real archives that tests of origins read."""

import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

MIT = """MIT License

Copyright (c) 2024 Ann

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
"""


def code(word: str) -> str:
    """Return a function that is long enough to be searched for, its names made of `word`."""
    return f"def {word}(values):\n" + "".join(
        f"    {word}_{n} = values[{n}] * {n} + {word}_{n - 1}\n" for n in range(30)
    )


def tarball(files: Mapping[str, str | bytes], mode: str = "w:gz") -> bytes:
    """Return a tar archive of regular files."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=mode) as archive:  # type: ignore[call-overload]
        for path, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            info = tarfile.TarInfo(path)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return packed.getvalue()


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """Return a zip archive of regular files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return packed.getvalue()


def sdist(name: str, version: str, license: str = "MIT") -> bytes:
    """Return a source distribution whose setup.py would leave a mark if anybody ran it."""
    top = f"{name}-{version}"
    return tarball(
        {
            f"{top}/PKG-INFO": f"Name: {name}\nVersion: {version}\nLicense-Expression: {license}\n",
            f"{top}/LICENSE": MIT,
            f"{top}/setup.py": "open('ran', 'w')\n",
            f"{top}/src/{name}.py": code(f"{name}_{version.replace('.', '_')}"),
        }
    )


def written(folder: Path, name: str, content: bytes) -> Path:
    """Write an archive into a folder and return its path."""
    place = folder / name
    place.write_bytes(content)
    return place
