from gateway.logs import only_allowed


def test_a_key_that_is_not_on_the_list_is_dropped_and_that_is_said():
    line = only_allowed(None, "info", {"event": "x", "family_name": "Lindqvist"})

    assert "Lindqvist" not in str(line)
    assert "dropped" in line["problems"]


def test_a_line_of_listed_keys_stays_as_it_is():
    line = only_allowed(None, "info", {"event": "http.answered", "status": 200})

    assert line == {"event": "http.answered", "status": 200}
