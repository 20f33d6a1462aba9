"""Lets an unchanged SGLang from PyPI run without a GPU; Python reads it at its start.

Two things of the wheels assume CUDA, and each is answered just before the module that
needs it is imported:

- torchvision's compiled part does not load beside a CPU torch, and its Python part then
  registers fake kernels for two operators that nobody has declared: they are declared.
- SGLang's LoRA code asks for page-locked memory, which only an accelerator's driver can
  give (https://github.com/sgl-project/sglang/issues/31894): the wish is dropped. The
  values are the same.

And a server of the tests ends with the tests, also when they are killed.

Never put this folder on the PYTHONPATH of a machine with a GPU: it refuses to act.
"""

import ctypes
import functools
import importlib.abc
import signal
import sys

_DEATH_OF_PARENT = 1  # PR_SET_PDEATHSIG, prctl(2)
_BOXES = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
_MAKERS = ("arange", "empty", "empty_like", "full", "ones", "tensor", "zeros")


def _require_no_gpu(torch):
    if torch.cuda.is_available():
        raise ImportError(
            "tests/sglang/cpu_only is on PYTHONPATH, and here is a GPU: take it off."
        )


def _declare_operators():
    import torch  # noqa: PLC0415 (this file runs in every Python, this not)

    _require_no_gpu(torch)
    for name in ("nms", "qnms"):
        torch.library.define(f"torchvision::{name}", _BOXES)


def _take_any_memory():
    import torch  # noqa: PLC0415

    _require_no_gpu(torch)
    for name in (*_MAKERS, "zeros_like"):
        setattr(torch, name, _unpinned(getattr(torch, name)))
    torch.Tensor.pin_memory = lambda tensor, *_: tensor


def _unpinned(make):
    @functools.wraps(make)
    def made(*arguments, pin_memory=False, **options):
        del pin_memory
        return make(*arguments, **options)

    return made


class _JustBefore(importlib.abc.MetaPathFinder):
    """Finds nothing itself; acts once when a module is about to be imported."""

    def __init__(self, actions):
        self._actions = dict(actions)

    def find_spec(self, name, _path=None, _target=None):
        action = self._actions.pop(name, None)
        if action is not None:
            action()


if sys.platform == "linux":
    ctypes.CDLL(None).prctl(_DEATH_OF_PARENT, signal.SIGTERM)
sys.meta_path.insert(
    0,
    _JustBefore(
        {"torchvision": _declare_operators, "sglang.srt.lora": _take_any_memory}
    ),
)
