"""Loads models with the library transformers: from a folder, quietly, for one thread."""

from __future__ import annotations

import os
import warnings
from importlib import import_module
from typing import Any

from augcli.problems import Unusable
from augcli.text.models.folders import Folder


def loaded(folder: Folder, head: str) -> tuple[Any, Any]:
    """Return the tokenizer and the model of a folder; `head` is the class that finds the model's own.

    Raises `Unusable` where files are damaged.
    """
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["TOKENIZERS_PARALLELISM"] = "false"  # its threads do not live in a fork
    torch: Any = import_module("torch")  # without their types: they are rarely installed
    transformers: Any = import_module("transformers")
    torch.set_num_threads(1)
    transformers.utils.logging.set_verbosity(transformers.utils.logging.CRITICAL)
    transformers.utils.logging.disable_progress_bar()
    given = {"local_files_only": True, "trust_remote_code": False}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tokenizer = transformers.AutoTokenizer.from_pretrained(folder.path, **given)
            model, told = getattr(transformers, head).from_pretrained(
                folder.path, dtype=torch.float32, output_loading_info=True, **given
            )
    except Exception:  # whatever the files hold, and whatever the library says of it
        raise Unusable(f"the model {folder.name} cannot be loaded: its files are damaged, or of another kind") from None
    if told["missing_keys"] or told["mismatched_keys"]:
        raise Unusable(f"the model {folder.name} lacks some of its weights")
    return tokenizer, model.eval()
