"""An adapter is trained, loaded into a server that runs, and compared with PEFT.

    python hot.py FOLDER BASE URL

BASE is the folder of the server's base, URL is with /v1. The server goes on with the
adapter `trained`.
"""

import asyncio
import json
import sys
import urllib.request
from pathlib import Path

import tiny
from click import ClickException

from training import parity, sft
from training.likeness import Asked

WHERE, BASE, URL = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
ROWS = WHERE / "rows" / "sft" / "train.jsonl"
ADAPTER = WHERE / "run" / "adapter"
MOST = 24  # tokens: a model of random weights goes on for ever


def train():
    tiny.write(ROWS, [tiny.sft(each) for each in tiny.cases(4)])
    sft.main(
        [
            *("--base", str(BASE), "--data", str(WHERE / "rows")),
            *("--out", str(WHERE / "run"), "--targets", "q_proj,k_proj,v_proj"),
            *("--rank", "4", "--alpha", "8", "--learning-rate", "0.05"),
            *("--batch", "2", "--accumulation", "1", "--max-steps", "4"),
            *("--warmup", "0", "--no-checkpointing"),
        ],
        standalone_mode=False,
    )


def load():
    """Ask the server to load the adapter; return its answer."""
    request = urllib.request.Request(
        f"{URL.removesuffix('/v1')}/load_lora_adapter",
        json.dumps({"lora_name": "trained", "lora_path": str(ADAPTER)}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=120) as told:
        return json.load(told)


def compare(model, *more):
    """Run the command; return how it ended, its file, and the file as text."""
    out = WHERE / f"{model.replace(':', '-')}.json"
    try:
        parity.main(
            [
                *("--base", str(BASE), "--adapter", str(ADAPTER), "--rows", str(ROWS)),
                *("--url", URL, "--model", model, "--out", str(out)),
                *("--most", "3", "--most-answer", str(MOST), *more),
            ],
            standalone_mode=False,
        )
    except ClickException as error:
        said = error.message
    else:
        said = "equal"
    return {"said": said, "told": json.loads(out.read_text()) if out.exists() else {}}


def texts(model):
    asked = Asked(prompts=parity.prompts(ROWS, 3), most_answer=MOST)
    server = parity.Server(url=URL, api_key=None, model=model, timeout_s=120)
    return [each.text for each in asyncio.run(parity.served(server, asked))]


train()
tiny.told(
    loaded=load(),
    trained=compare("base:trained"),
    another=compare("base:first"),
    acuities=compare("base:trained", "--least", "0.995"),
    alone=compare("trained"),
    texts={model: texts(model) for model in ("base", "base:trained")},
)
