"""What one gateway activates or rolls back holds for every other of the same log."""

from gateway.store.server import URL
from tests.end_to_end.test_only_an_activated_release_counts import (
    counting,
    decided,
    judged,
    registered,
)
from tests.gateway_inside import gateway_inside
from tests.model_server import model_server
from tests.released import GATE, folder_of
from tests.worklist import acuity, floor


async def test_every_gateway_of_a_log_counts_what_one_of_them_activated(
    tmp_path, postgres, monkeypatch
):
    monkeypatch.setenv(URL, postgres.url)
    sha256 = folder_of(tmp_path / "ward")
    async with model_server() as (model, url):
        model.adapters, model.acuity = ("ward",), 1
        shared = {
            "database_url": postgres.url,
            "database_schema": postgres.fresh().schema,
            "key_file": tmp_path / "kek",
            **counting(tmp_path, url, sha256),
        }
        async with (
            gateway_inside(tmp_path / "one", **shared) as one,
            gateway_inside(tmp_path / "two", **shared) as two,
        ):
            task = await judged(two)
            assert acuity(task) == floor(task) > 1
            await registered(one, tmp_path / "ward")
            await decided(one, "active", release="ward@1", gate=GATE)
            for gateway in (one, two):
                assert acuity(await judged(gateway)) == 1

            await decided(two, "previous", release="ward@1")

            for gateway in (one, two):
                task = await judged(gateway)
                assert acuity(task) == floor(task) > 1
