"""The broker that needs no server: a message is a file, and it is there whole or not at all.

kombu's own writes a message under the name that readers look for: a full disk or a kill leaves half a message there,
and a worker that reads half a message ends, and the site with it. Here it gets that name when it is whole, and what
cannot be read is thrown away. The row in the database is the job: the sweep sends another message.
"""

import logging
import uuid
from contextlib import suppress
from pathlib import Path
from queue import Empty
from time import monotonic
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.encoding import bytes_to_str, str_to_bytes
from kombu.utils.json import dumps, loads

log = logging.getLogger("paspoort.broker")


class Channel(filesystem.Channel):
    """kombu's channel of files, for when things break: a folder that was emptied or is gone, half a file."""

    def _put(self, queue: Any, payload: Any, **_: Any) -> None:  # type: ignore[override]  # its two bases differ
        folder = Path(self.data_folder_out)
        whole = folder / f"{round(monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        part = whole.with_name(f".{whole.name}.part")
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            part.write_bytes(str_to_bytes(dumps(payload)))
            part.rename(whole)
        except OSError as error:
            with suppress(OSError):
                part.unlink()
            raise ChannelError("the message could not be stored") from error

    def _get(self, queue: Any, timeout: Any = None) -> dict[str, Any]:
        for path in self._messages(queue):
            taken = path.with_name(f".{path.name}.taken")
            try:
                path.rename(taken)  # one reader can
                content = taken.read_bytes()
                taken.unlink()
                message: dict[str, Any] = loads(bytes_to_str(content))
            except (OSError, ValueError):
                log.warning("message_lost", extra={"event": "broker"})
                continue
            return message
        raise Empty()

    def _size(self, queue: str) -> int:
        return len(self._messages(queue))

    def _purge(self, queue: str) -> int:
        found = self._messages(queue)
        for path in found:
            path.unlink(missing_ok=True)
        return len(found)

    def _messages(self, queue: str) -> list[Path]:
        try:
            # By name: paths are slow to compare, and a batch is hundreds.
            found = sorted(Path(self.data_folder_in).iterdir(), key=lambda path: path.name)
        except OSError:
            return []
        return [path for path in found if path.name.partition(".")[2] == f"{queue}.msg"]

    def basic_ack(self, *message: Any, **options: Any) -> None:
        """What is done makes room for the next, which is taken at once: not when the clock strikes."""
        super().basic_ack(*message, **options)
        self.connection.look_soon()

    def get_table(self, exchange: str) -> list[Any]:
        try:
            table: list[Any] = super().get_table(exchange)
        except ValueError:  # half a table: who listens writes it anew
            return []
        return table

    def _queue_bind(self, exchange: str, *place: str) -> None:
        self.control_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            super()._queue_bind(exchange, *place)
        except ValueError:
            self._exchange_file(exchange).unlink(missing_ok=True)
            super()._queue_bind(exchange, *place)


class Transport(filesystem.Transport):
    """`embedded://` in the settings; config/celery.py gives it that name."""

    Channel = Channel
    driver_type, driver_name = "embedded", "embedded"
    # With an event loop, as with Redis, every child of a worker has pipes of its own. Without one they share a lock,
    # and a child that is killed while it waits keeps that lock for good: the worker lives and does nothing any more.
    implements = filesystem.Transport.implements.extend(asynchronous=True)
    client: Any
    cycle: Any
    loop: Any = None

    def register_with_event_loop(self, connection: Any, loop: Any) -> None:
        """Looks for messages as often as the settings say."""
        self.loop = loop
        loop.call_repeatedly(self.client.transport_options.get("polling_interval", 1.0), self._look)

    def look_soon(self) -> None:
        """Looks in the next round of the loop; without one whoever waits looks by itself."""
        if self.loop:
            self.loop.call_soon(self._look)

    def _look(self) -> None:
        with suppress(Empty):
            while True:  # until nothing is there, or the worker takes no more
                self.cycle.get(self._deliver, timeout=0)
