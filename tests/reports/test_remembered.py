"""What a process remembers of the sums."""

from recorder_app.reports.remembered import Remembered


def test_what_was_kept_is_found_and_nothing_else():
    remembered = Remembered(most=2)

    remembered.keep({1: "one"})

    assert (remembered.get(1), remembered.get(2)) == ("one", None)


def test_what_was_not_asked_for_the_longest_goes_first():
    remembered = Remembered(most=2)
    remembered.keep({1: "one", 2: "two"})
    remembered.get(1)

    remembered.keep({3: "three"})

    assert [remembered.get(key) for key in (1, 2, 3)] == ["one", None, "three"]


def test_everything_can_be_forgotten():
    remembered = Remembered(most=2)
    remembered.keep({1: "one"})

    remembered.clear()

    assert remembered.get(1) is None
