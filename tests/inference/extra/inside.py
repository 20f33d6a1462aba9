"""What sentence-transformers makes of a folder; run by the training environment.

Given are the folder to write to and that of the packaged MiniLM. No package carries
weights of a cross-encoder, so the one here is tiny and random: it says nothing of
relevance, and shows that library and gateway fit together.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

from inference.embed import open_embedder
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


def refusal(folder):
    try:
        CrossEncoderReranker(folder)
    except RerankerUnavailableError as error:
        return str(error)
    return "none"


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
embedder = open_embedder(str(prompted()))
np.savez(
    WHERE / "made.npz",
    passages=embedder.embed_passages(TEXTS),
    queries=embedder.embed_queries(TEXTS),
)
facts = {
    "relevance": reranker.relevance(PAIRS),
    "by_hand": by_hand(WHERE / "one"),
    "nothing": reranker.relevance([]),
    "several": refusal(encoder("three", 3)),
    "empty": refusal(WHERE / "none"),
    "kind": type(embedder).__name__,
}
(WHERE / "facts.json").write_text(json.dumps(facts))
