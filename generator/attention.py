"""Attention of one new token a row over few key heads, without copying each key head for every head that shares it.

transformers does the same where a model runs eagerly, and repeats keys and values where it is compiled: for a model of
32 heads over one that is 32 times the cache, written and read again at each step (multi-query attention, Shazeer 2019).
"""

from typing import Any

import torch
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import AttentionMaskInterface, sdpa_mask

GROUPED = "attrib_grouped"


def grouped_attention(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    **kwargs: Any,
) -> tuple[torch.Tensor, None]:
    """Attend with rows x heads x tokens x width queries to rows x key heads x length x width keys and values.

    Heads that share a key head are given to it as if they were tokens. The mask must be the same for all heads.
    """
    rows, heads, tokens, width = query.shape
    if tokens != 1 or key.shape[1] == heads:
        found: tuple[torch.Tensor, None] = sdpa_attention_forward(
            module, query, key, value, attention_mask, scaling=scaling, **kwargs
        )
        return found
    packed = query.reshape(rows, key.shape[1], heads // key.shape[1], width)
    attended = torch.nn.functional.scaled_dot_product_attention(
        packed, key, value, attn_mask=attention_mask, scale=scaling
    )
    return attended.reshape(rows, 1, heads, value.shape[-1]), None


def attend_in_groups(model: Any) -> None:
    """Have a model that uses torch's own attention use this one."""
    if model.config._attn_implementation == "sdpa":
        AttentionInterface.register(GROUPED, grouped_attention)
        AttentionMaskInterface.register(GROUPED, sdpa_mask)
        model.set_attn_implementation(GROUPED)
