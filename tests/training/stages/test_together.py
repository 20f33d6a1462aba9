"""Several processes train as one."""


def test_when_it_is_time_all_processes_stop_at_the_same_step(inside):
    facts, _ = inside("together")

    assert facts["said"] == ["2 True", "2 True"]
