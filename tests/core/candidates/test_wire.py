"""Frames arrive whole or not at all, and nothing that is announced is believed before it is checked."""

from __future__ import annotations

import json
import os
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookingglass.candidates.worker import wire
from lookingglass.candidates.worker.channel import Channel, OutOfTime

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner),
    max_leaves=5,
)


@given(header=st.dictionaries(st.text(), json_values, max_size=5), body=st.binary(max_size=2000))
def test_what_is_sent_is_what_arrives(header: wire.Header, body: bytes) -> None:
    reading, writing = os.pipe()
    try:
        wire.write_frame(writing, header, [body[:7], body[7:]])
        assert wire.read_frame(reading, len(body)) == (header, bytearray(body))
    finally:
        os.close(reading)
        os.close(writing)


@given(noise=st.binary(min_size=wire.PREFIX.size, max_size=wire.PREFIX.size))
def test_noise_is_no_frame(noise: bytes) -> None:
    if noise[:4] != wire.MAGIC:
        with pytest.raises(wire.WireError):
            wire.parse_prefix(noise, 1 << 62)


@given(noise=st.binary(max_size=200))
def test_a_header_is_a_json_object_or_refused(noise: bytes) -> None:
    try:
        header = wire.parse_header(noise)
    except wire.WireError:
        return
    assert header == json.loads(noise)


def test_a_longer_body_than_was_asked_for_is_refused_before_it_is_read() -> None:
    prefix = wire.PREFIX.pack(wire.MAGIC, 2, 1 << 40)
    with pytest.raises(wire.WireError):
        wire.parse_prefix(prefix, (1 << 40) - 1)
    assert wire.parse_prefix(prefix, 1 << 40) == (2, 1 << 40)


def test_a_header_nested_without_end_is_refused() -> None:
    with pytest.raises(wire.WireError):
        wire.parse_header(b"[" * 100_000)


def _pair() -> tuple[Channel, int, int]:
    """Return the parent's channel and the worker's two descriptors."""
    child_reads, we_write = os.pipe()
    we_read, child_writes = os.pipe()
    return Channel(we_read, we_write), child_reads, child_writes


def test_a_question_larger_than_the_pipe_gets_its_answer() -> None:
    channel, reading, writing = _pair()
    body = os.urandom(3_000_000)

    def answer() -> None:
        header, received = wire.read_frame(reading, 1 << 30)
        wire.write_frame(writing, {**header, "same": received == body}, [bytes(2_000_000)])

    worker = threading.Thread(target=answer)
    worker.start()
    header, received = channel.ask({"n": 1}, [body], seconds=60, max_body=2_000_000)
    worker.join()
    assert header == {"n": 1, "same": True}
    assert len(received) == 2_000_000
    channel.close()
    os.close(reading)
    os.close(writing)


def test_a_worker_that_never_reads_or_never_answers_runs_out_of_time() -> None:
    channel, reading, writing = _pair()
    with pytest.raises(OutOfTime):
        channel.ask({}, [bytes(3_000_000)], seconds=0.05, max_body=10)  # the pipe fills up
    with pytest.raises(OutOfTime):
        channel.receive(0.0, 10)
    channel.close()
    os.close(reading)
    os.close(writing)


def test_a_worker_that_is_gone_is_noticed_at_once() -> None:
    channel, reading, writing = _pair()
    os.close(reading)
    os.close(writing)
    with pytest.raises(wire.Closed):
        channel.ask({}, [bytes(3_000_000)], seconds=60, max_body=10)
    channel.close()


def test_what_a_worker_said_before_it_went_is_still_heard() -> None:
    channel, reading, writing = _pair()
    wire.write_frame(writing, {"failure": "memory"})
    os.close(reading)
    os.close(writing)
    assert channel.ask({}, [bytes(3_000_000)], seconds=60, max_body=10)[0] == {"failure": "memory"}
    channel.close()
