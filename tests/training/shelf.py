"""A small library: a few of the starter documents, indexed in about a second."""

from inference.collection import load_folder
from inference.embed import MiniLmEmbedder
from inference.knowledge import starter_folder
from inference.showing import FULL
from training.evidence import Library

DOCUMENTS = ("chest-pain", "stroke", "sepsis", "vital-signs", "everyday-complaints")


def few_passages():
    return [
        passage
        for passage in load_folder(starter_folder())
        if passage.id.partition("#")[0] in DOCUMENTS
    ]


def library_in(folder, showing=FULL):
    return Library(few_passages(), MiniLmEmbedder.packaged(), folder, showing)
