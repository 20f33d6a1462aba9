"""The loss of fine-tuning where there is no GPU: only the answer meets the vocabulary.

trl's fused head converts the weights of the whole vocabulary at each step, forward and
backward. On a CPU that takes two fifths of the time of a model of 135 million
parameters. Here the few hidden states that are in the loss are picked first, and the
head is the model's own. The loss is the same number.
"""

from collections.abc import Mapping
from typing import Any, Final

import torch
from torch.nn.functional import cross_entropy
from trl import SFTTrainer

IGNORED: Final = -100
"""The label of a token that is not in the loss."""


class NarrowTrainer(SFTTrainer):  # type: ignore[misc]
    """trl's trainer, on one CPU."""

    def compute_loss(
        self,
        model: Any,  # noqa: ANN401 (peft's)
        inputs: Mapping[str, torch.Tensor],
        return_outputs: bool = False,  # noqa: FBT001, FBT002 (trl's shape)
        num_items_in_batch: torch.Tensor | int | None = None,
    ) -> Any:  # noqa: ANN401
        """Return the mean negative log likelihood of the answers' tokens.

        Args:
            model: a peft model.
            inputs: `input_ids`, `attention_mask`, and `labels`: `IGNORED` where the
                loss is not.
            return_outputs: return the logits of the answers' tokens, too.
            num_items_in_batch: tokens of all batches of a step; those of this one
                where not given.

        """
        base = self.accelerator.unwrap_model(model).get_base_model()
        with self.accelerator.autocast():
            hidden = base.model(
                input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"]
            ).last_hidden_state
            wanted = inputs["labels"][:, 1:]
            learned = wanted != IGNORED
            logits = base.lm_head(hidden[:, :-1][learned]).float()
        total = cross_entropy(logits, wanted[learned], reduction="sum")
        loss = total / (num_items_in_batch or learned.sum())
        return (loss, {"logits": logits}) if return_outputs else loss
