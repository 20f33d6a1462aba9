import json
import re

from inference.contract import output_schema
from tests.inference.scenes import SHOWN

_REPEATED = re.compile(r"\{(\d+),(\d+)\}")
XGRAMMAR_MOST = 128  # beyond, xgrammar 0.2.7 and 0.2.8 refuse the schema with 400


def test_no_pattern_repeats_a_character_more_often_than_xgrammar_takes():
    schema = json.dumps(output_schema((), ("V1",)))

    most = [int(upper) for _, upper in _REPEATED.findall(schema)]

    assert most
    assert max(most) <= XGRAMMAR_MOST


def test_no_keyword_is_used_that_xgrammar_refuses():
    schema = json.dumps(output_schema(SHOWN, ("V1",)))

    assert not re.search(r'"(uniqueItems|not|multipleOf)":', schema)
