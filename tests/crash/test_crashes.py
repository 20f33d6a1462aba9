"""Promise 1 and 5 through every fault; `python -m tests.crash.harness` does 1,000."""

import asyncio

import pytest

from tests.crash.asked import Asked
from tests.crash.faults import DATABASES, faults_of
from tests.crash.harness import Campaign, server_for

pytestmark = pytest.mark.usefixtures("compiler")
SEED = "ci"
DIVIDED = {
    "sqlite": ("kill", "early", "torn", "full", "clock", "backup", "rotate", "erase"),
    "postgresql": ("torn", "child", "stop", "term", "drop", "server", "rebuild"),
}


def test_every_fault_is_tried_somewhere():
    tried = {each for those in DIVIDED.values() for each in those}

    assert tried == {each for name in DATABASES for each in faults_of(name)}


@pytest.mark.parametrize("database", DATABASES)
def test_every_promise_is_kept_through_faults(database, tmp_path, held):
    faults, said = DIVIDED[database], []
    count = len(faults)
    asked = Asked(
        seed=SEED, database=database, rounds=count, faults=faults, every=count
    )
    server = server_for(database, held)
    campaign = Campaign(asked, where=tmp_path, say=said.append, postgres=server)

    asyncio.run(campaign.run())

    assert set(campaign.endured) == set(faults)
    assert len(said) == len(faults)
    assert campaign.acknowledged > 100
    assert campaign.interrupted > 0
