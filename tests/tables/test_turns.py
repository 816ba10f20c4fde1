"""Places that are taken for a time, whichever process asks."""

import pytest

from tables import turns


@pytest.fixture
def clock(settings, tmp_path, monkeypatch):
    """Return a function that sets the time of the server."""
    settings.DATA_DIR = tmp_path
    return lambda now: monkeypatch.setattr(turns.time, "time", lambda: now)


def test_so_many_places_are_free_again_when_their_time_is_over(clock):
    clock(1000.0)
    assert turns.occupy("minute-1", 2, 60) == 0
    clock(1020.5)
    assert turns.occupy("minute-1", 2, 60) == 0
    clock(1030.25)
    assert turns.occupy("minute-1", 2, 60) == 30
    assert turns.occupy("minute-2", 2, 60) == 0
    clock(1060.0)
    assert turns.occupy("minute-1", 2, 60) == 0
    assert turns.occupy("minute-1", 2, 60) == 21


def test_who_was_refused_has_taken_no_place(clock):
    clock(1000.0)
    assert turns.occupy("minute-1", 1, 60) == 0
    for now, seconds in ((1010.0, 50), (1030.0, 30), (1059.9, 1)):
        clock(now)
        assert turns.occupy("minute-1", 1, 60) == seconds
    clock(1060.0)
    assert turns.occupy("minute-1", 1, 60) == 0


def test_a_clock_that_was_set_back_frees_the_places(clock):
    clock(5000.0)
    assert turns.occupy("minute-1", 1, 60) == 0
    clock(1000.0)
    assert turns.occupy("minute-1", 1, 60) == 0
    assert turns.occupy("minute-1", 1, 60) == 60
