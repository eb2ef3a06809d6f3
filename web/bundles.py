"""What has to be shipped of one text of a record, in one archive."""

import io
import zipfile
from datetime import datetime
from pathlib import PurePosixPath

from index.languages import language_named
from web.records import ChoiceView

NOTICE = "NOTICE.txt"


def code_name(path: str | None, language: str | None) -> str:
    """Return what a code file is called: as it was when it was sent, else by its language."""
    name = PurePosixPath((path or "").replace("\\", "/")).name
    if name and name not in {".", "..", NOTICE}:
        return name
    known = language_named(language) if language else None
    return f"code{known.extensions[0]}" if known and known.extensions else "code.txt"


def bundle(choice: ChoiceView, name: str, moment: datetime) -> bytes:
    """Return a ZIP archive of the code under `name`, its side file if it needs one, and the notice.

    The same record gives the same bytes.
    """
    files = {
        name: choice.attributed or choice.code,
        f"{name}.license": choice.side_file,
        NOTICE: choice.view.answer["attribution"]["notice"],
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, text in files.items():
            if text:
                archive.writestr(
                    zipfile.ZipInfo(member, moment.timetuple()[:6]), text.encode("utf-8", "backslashreplace")
                )
    return packed.getvalue()
