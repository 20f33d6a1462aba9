"""The embedded llama.cpp server: a child process that dies with its parent.

    python -m inference.llama_child --model FILE --port N --context N --threads N
        [--lora FILE]

It answers on loopback only, keeps no prompt after its answer, and ends when its
standard input does: the pipe closes however the parent ends, `kill -9` included.
"""

import argparse
import sys

import xllamacpp


def main() -> None:
    """Serve until standard input ends."""
    arguments = _arguments()
    server = xllamacpp.Server(_parameters(arguments))
    while sys.stdin.buffer.read(4096):  # nothing is ever sent; b"" is the parent's end
        continue
    del server


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--context", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--lora", help="an adapter, as training.gguf writes it")
    return parser.parse_args()


def _parameters(arguments: argparse.Namespace) -> xllamacpp.CommonParams:
    parameters = xllamacpp.CommonParams()
    parameters.model.path = arguments.model
    if arguments.lora:
        lora = xllamacpp.CommonAdapterLoraInfo(arguments.lora, 1.0)
        parameters.lora_adapters = [lora]
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = arguments.port
    parameters.n_ctx = arguments.context
    parameters.n_parallel = 1
    parameters.cpuparams.n_threads = arguments.threads
    parameters.cpuparams_batch.n_threads = arguments.threads
    parameters.n_threads_http = 2
    # By default llama.cpp keeps up to 8 GiB of earlier prompts in memory and shows
    # the current one under /slots: both would be patient data outside the log.
    parameters.cache_ram_mib = 0
    parameters.endpoint_slots = False
    parameters.ui = False
    parameters.offline = True
    parameters.verbosity = -1
    return parameters


if __name__ == "__main__":
    main()
