"""Stands where SGLang looks for its CUDA kernels, on a machine that has no GPU.

The wheel of that name on PyPI is compiled for CUDA alone, and SGLang imports names from
it even where it will run on the CPU. Here every name can be imported and none can be
called: whatever needs a kernel ends with an error instead of another result.
"""

import torch

if torch.cuda.is_available():
    raise ImportError(
        "This stand-in for sgl_kernel is for machines without a GPU: take"
        " tests/sglang/cpu_only off PYTHONPATH and install sglang-kernel."
    )

__version__ = "0.4.10"  # of the wheel that SGLang 0.5.21 asks for


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)

    def absent(*_arguments, **_options):
        raise RuntimeError(f"sgl_kernel.{name} needs a GPU: there is no such kernel.")

    return absent
