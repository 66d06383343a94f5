"""The broker of files: a message is there whole or not at all, and what is broken costs only itself."""

from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu import Connection
from kombu.exceptions import ChannelError

from config.celery import app  # gives the transport its name


@pytest.fixture
def channel(tmp_path: Path) -> Iterator[Any]:
    assert app.conf.broker_url
    folders = {"data_folder_in": tmp_path / "q", "data_folder_out": tmp_path / "q", "control_folder": tmp_path / "c"}
    options = {name: str(folder) for name, folder in folders.items()}
    with Connection("embedded://localhost", transport_options=options) as connection:
        yield connection.channel()


def names(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "q").iterdir())


def test_what_is_put_comes_out_once_and_in_order(channel: Any, tmp_path: Path) -> None:
    for number in range(3):
        channel._put("celery", {"body": str(number)})
    channel._put("other", {"body": "x"})
    assert channel._size("celery") == 3
    assert sorted(channel._get("celery")["body"] for _ in range(3)) == ["0", "1", "2"]
    with pytest.raises(Empty):
        channel._get("celery")
    assert channel._purge("other") == 1 and names(tmp_path) == []


@pytest.mark.parametrize("content", [b"", b'{"body": "hal', b"\xff\xfe"])
def test_half_a_message_is_thrown_away_and_the_next_one_read(channel: Any, tmp_path: Path, content: bytes) -> None:
    channel._put("celery", {"body": "whole"})
    (tmp_path / "q" / "0_0.celery.msg").write_bytes(content)
    assert channel._get("celery") == {"body": "whole"}
    assert names(tmp_path) == []


def test_a_message_that_does_not_fit_leaves_nothing_to_read(
    channel: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel._put("celery", {"body": "first"})
    channel._get("celery")

    def half(self: Path, content: bytes) -> int:
        with self.open("wb") as file:
            file.write(content[:10])
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", half)
        with pytest.raises(ChannelError):
            channel._put("celery", {"body": "second"})
    assert names(tmp_path) == []


def test_a_folder_that_is_gone_is_empty_and_is_made_again(channel: Any, tmp_path: Path) -> None:
    with pytest.raises(Empty):
        channel._get("celery")
    assert channel._size("celery") == 0
    channel._put("celery", {"body": "x"})
    assert channel._get("celery") == {"body": "x"}
    assert (tmp_path / "q").stat().st_mode & 0o777 == 0o700


def test_half_a_table_of_queues_is_made_anew(channel: Any, tmp_path: Path) -> None:
    (tmp_path / "c").mkdir()
    table = tmp_path / "c" / "celery.exchange"
    table.write_text('[["celery", "", "cel')
    assert channel.get_table("celery") == []
    channel._queue_bind("celery", "celery", "", "celery")
    assert [found.queue for found in channel.get_table("celery")] == ["celery"]


def test_a_worker_gets_an_event_loop_so_that_its_children_share_no_lock() -> None:
    """A child that is killed while it waits would keep that lock, and the worker would do nothing any more."""
    with Connection("embedded://localhost") as connection:
        assert connection.transport.implements.asynchronous


class Loop:
    """A loop that keeps what it has to do soon, as Celery's."""

    def __init__(self) -> None:
        self.soon: list[Any] = []

    def call_repeatedly(self, seconds: float, act: Any) -> None:
        """The clock of this one never strikes."""

    def call_soon(self, act: Any) -> None:
        self.soon.append(act)


def test_what_is_done_makes_room_for_the_next_at_once(channel: Any) -> None:
    """A worker that waited for the clock after each job stood still a third of its time."""
    loop, got = Loop(), list[Any]()
    channel.connection.register_with_event_loop(channel.connection, loop)
    channel.queue_declare("celery")
    channel.basic_qos(0, 1, False)
    channel.basic_consume("celery", False, got.append, "tag")
    for number in range(2):
        channel.basic_publish(channel.prepare_message(str(number)), exchange="", routing_key="celery")
    channel.connection._look()
    assert len(got) == 1, "one at a time"
    got[0].ack()
    assert len(loop.soon) == 1
    loop.soon.pop()()
    assert sorted(int(message.body) for message in got) == [0, 1]
