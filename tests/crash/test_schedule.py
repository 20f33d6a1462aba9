"""The schedule: all of it is drawn from the seed."""

from tests.crash.schedule import schedule

FAULTS = ("kill", "stop", "drop")


def test_the_same_seed_gives_the_same_rounds():
    assert schedule("7", 40, FAULTS) == schedule("7", 40, FAULTS)
    assert schedule("7", 40, FAULTS) != schedule("8", 40, FAULTS)


def test_every_fault_comes_before_one_comes_again():
    drawn = [each.fault for each in schedule("7", 9, FAULTS)]

    assert all(set(drawn[n : n + 3]) == set(FAULTS) for n in (0, 3, 6))


def test_a_round_is_the_same_however_many_are_asked_for():
    many = schedule("7", 40, FAULTS)

    assert schedule("7", 5, FAULTS) == many[:5]
    assert schedule("7", 6, FAULTS, first=11) == many[10:16]
