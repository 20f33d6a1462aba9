"""What sentence-transformers makes of a folder; run by the training environment.

Given are the folder to write to and that of the packaged MiniLM. No package carries
weights of a cross-encoder, so the one here is tiny and random: it says nothing of
relevance, and shows that library and gateway fit together.
"""

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from sentence_transformers import SentenceTransformer
from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

from inference.embed import (
    EmbeddingUnavailableError,
    SentenceTransformersEmbedder,
    open_embedder,
)
from inference.retrieve.rerank import CrossEncoderReranker, RerankerUnavailableError

WHERE, PACKAGED = Path(sys.argv[1]), Path(sys.argv[2])
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "sore", "knee", "fever", "rest", "the"]
PAIRS = [("sore knee", "rest the knee"), ("sore knee", "fever"), ("fever", "")]
TEXTS = json.loads(
    (Path(__file__).parents[2] / "assets" / "embedding" / "texts.json").read_text()
)


def encoder(name, outputs):
    """Write a tiny cross-encoder."""
    folder = WHERE / name
    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(WORDS))
    torch.manual_seed(7)
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        num_labels=outputs,
        initializer_range=0.5,  # so that pairs are told apart
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    return folder


def by_hand(folder):
    """Return the shares as transformers computes them, a pair at a time."""
    model = BertForSequenceClassification.from_pretrained(folder).eval()
    tokenizer = BertTokenizerFast.from_pretrained(folder)
    with torch.no_grad():
        return [
            model(**tokenizer([pair], return_tensors="pt")).logits.sigmoid().item()
            for pair in PAIRS
        ]


def refusal(folder, kind=CrossEncoderReranker):
    """Return the project's own sentence, or the name of an error that got through."""
    try:
        kind(folder)
    except (EmbeddingUnavailableError, RerankerUnavailableError) as error:
        return str(error)
    except (SafetensorError, RuntimeError, LookupError) as error:
        return type(error).__name__
    return "none"


def damaged(folder):
    """Write the folder once for each way in which it cannot be loaded."""
    weights = (folder / "model.safetensors").read_bytes()
    config = json.loads((folder / "config.json").read_text())
    ways = {
        "model.safetensors": [b"", b"garbage that is no model", weights[:-9]],
        "config.json": [
            json.dumps({**config, "hidden_size": 32}).encode(),  # not of these weights
            json.dumps({**config, "hidden_act": "none such"}).encode(),
        ],
    }
    for file, contents in ways.items():
        for number, content in enumerate(contents):
            copy = WHERE / f"{folder.name}-{file}-{number}"
            shutil.copytree(folder, copy)
            (copy / file).write_bytes(content)
            yield copy


def outcome(ask):
    """Return the answer as numbers, or the name of the error."""
    try:
        return np.asarray(ask()).tolist()
    except TypeError as error:
        return type(error).__name__


def prompted():
    """Write the packaged model with a prompt for queries, which numpy leaves alone."""
    folder = WHERE / "prompted"
    folder.mkdir()
    for file in PACKAGED.iterdir():
        (folder / file.name).symlink_to(file)
    told = folder / "config_sentence_transformers.json"
    told.unlink()
    told.write_text(json.dumps({"prompts": {"query": "query: ", "document": ""}}))
    return folder


reranker = CrossEncoderReranker(encoder("one", 1))
SentenceTransformer(str(WHERE / "one")).save(str(WHERE / "saved"))
saved = SentenceTransformersEmbedder(str(WHERE / "saved"))
embedder = open_embedder(str(prompted()))
np.savez(
    WHERE / "made.npz",
    passages=embedder.embed_passages(TEXTS),
    queries=embedder.embed_queries(TEXTS),
    saved=saved.embed_passages(WORDS),
    no_passage=embedder.embed_passages([]),
    no_query=embedder.embed_queries([]),
)
facts = {
    "relevance": reranker.relevance(PAIRS),
    "by_hand": by_hand(WHERE / "one"),
    "nothing": reranker.relevance([]),
    "several": refusal(encoder("three", 3)),
    "empty": refusal(WHERE / "none"),
    "kind": type(embedder).__name__,
    "words": WORDS,
    "saved": str(WHERE / "saved"),
    "damaged_encoder": [refusal(each) for each in damaged(WHERE / "one")],
    "damaged_model": [
        refusal(str(each), SentenceTransformersEmbedder)
        for each in damaged(WHERE / "saved")
    ],
    "halves": [
        outcome(lambda: saved.embed_passages(["sore \ud800"])),
        outcome(lambda: saved.embed_queries(["sore \udfff"])),
        outcome(lambda: reranker.relevance([("sore \ud800", "rest \udfff")])),
    ],
    "replaced": [
        outcome(lambda: saved.embed_passages(["sore ?"])),
        outcome(lambda: saved.embed_queries(["sore ?"])),
        outcome(lambda: reranker.relevance([("sore ?", "rest ?")])),
    ],
}
(WHERE / "facts.json").write_text(json.dumps(facts))
