"""An upload that never touches a disk: Django would put what is over 2.5 MB in a temporary file, readable.

Set for the whole site (FILE_UPLOAD_HANDLERS): the form is read before it is known which page it is for.
"""

from django.core.files.uploadhandler import MemoryFileUploadHandler, SkipFile
from django.http import HttpRequest

from school.classlist_files import MOST_BYTES


class OnlyInMemory(MemoryFileUploadHandler):
    """Keeps at most 5 MB of one request in memory, and lets go of anything more while it comes in."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.size = 0

    def handle_raw_input(self, *args: object, **kwargs: object) -> None:
        self.activated = True

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self.size += len(raw_data)
        if self.size > MOST_BYTES:
            self.file.close()
            self.activated = False
            raise SkipFile()
        chunk: bytes | None = super().receive_data_chunk(raw_data, start)
        return chunk
