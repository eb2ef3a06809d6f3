"""Requests whose files stay in memory, so that submitted code never passes through a temporary file."""

from io import BytesIO
from typing import IO

from flask import Request


class InMemoryRequest(Request):
    """Keeps every file of a form in memory as far as the application takes such a body at all."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        """Return where a file of the form is written to; overrides werkzeug, which would take a file from 500 kB on."""
        most = self.max_content_length
        if total_content_length is not None and most is not None and total_content_length <= most:
            return BytesIO()
        return super()._get_file_stream(total_content_length, content_type, filename, content_length)
