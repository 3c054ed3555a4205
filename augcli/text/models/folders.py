"""Where a model lies, of what kind it is, which files it needs, and the digest of them."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from functools import cache
from hashlib import file_digest, sha256
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from augcli.problems import Problem, Refused, listed, quoted


class Kind(NamedTuple):
    """What a step wants of a model."""

    what: str
    """What such a model is called."""
    example: str
    """The name of one that many know."""
    accepts: Callable[[Folder], bool]


class Folder(NamedTuple):
    """The folder of a model. `config` is what its `config.json` says; `name` is what the spec calls it."""

    name: str
    path: Path
    config: dict[str, Any]

    @property
    def is_converted(self) -> bool:
        """Whether it is one for CTranslate2."""
        return (self.path / "model.bin").is_file()

    @property
    def type(self) -> str:
        return str(self.config.get("model_type", ""))

    @property
    def heads(self) -> list[str]:
        """The classes of transformers that it was saved as."""
        found = self.config.get("architectures")
        return [str(one) for one in found] if isinstance(found, list) else []


def _predicts_masked_words(folder: Folder) -> bool:
    return any(
        head.endswith(("ForMaskedLM", "WithLMHeadModel")) or head == "BertForPreTraining" for head in folder.heads
    )


MASKED = Kind("a masked language model", "bert-base-uncased", _predicts_masked_words)
TRANSLATION = Kind(
    "a translation model for one pair of languages, of the type marian or fsmt",
    "Helsinki-NLP/opus-mt-en-de",
    lambda folder: folder.is_converted or folder.type in ("marian", "fsmt"),
)

_WEIGHTS = ("model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json")
_TOKENIZERS = {
    "marian": [("source.spm", "target.spm", "vocab.json")],
    "fsmt": [("vocab-src.json", "vocab-tgt.json", "merges.txt")],
}
"""What a model of a type needs to read and to write texts: all files of one of the groups."""
_ANY_TOKENIZER = [
    *(("tokenizer.json",), ("vocab.txt",), ("vocab.json", "merges.txt"), ("sentencepiece.bpe.model",)),
    *(("spiece.model",), ("spm.model",), ("bpe.codes", "vocab.txt")),
]
_CONVERTED = ("source.spm", "target.spm")
_UNREAD = re.compile(
    r"\.|readme|license|.*\.(?:md|h5|msgpack|ot|onnx|png|jpg|py)\Z|pytorch_model.*\.bin\Z", re.IGNORECASE
)
"""Files of a model that are not read; those of PyTorch are, where there is nothing newer."""


def find(name: str, kind: Kind) -> Folder:
    """Return the folder of a model that can be loaded, as far as its files tell. Raises `Refused` for others."""
    path = _place_of(name, kind)
    found = Folder(name, path, _config_of(name, path))
    if not kind.accepts(found):
        shown = listed(found.heads) or quoted(found.type or "unknown")
        _refuse(f"the model in `{path}` is {shown}; {kind.what} is needed", f"take one such as {kind.example}")
    _check_packages(found)
    _check_files(found)
    return found


def resources(name: str, kind: Kind) -> Iterator[tuple[str, str]]:
    """Return what a step that has a model reads, with digests: its files, and the libraries that run it."""
    found = find(name, kind)
    files = _files_of(found.path)
    status = tuple((file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files)
    yield f"model {name}", _digest(found.path, status)
    for package in ("ctranslate2",) if found.is_converted else ("transformers", "torch"):
        yield package, version(package)


@cache
def _digest(folder: Path, status: tuple[tuple[str, int, int], ...]) -> str:
    """Return the digest of some files, which are read again when one of them changes."""
    whole = sha256()
    for name, _, _ in status:
        with (folder / name).open("rb") as file:
            whole.update(f"{name}\n{file_digest(file, 'sha256').hexdigest()}\n".encode())
    return whole.hexdigest()


def _files_of(path: Path) -> list[Path]:
    files = sorted(file for file in path.iterdir() if file.is_file())
    is_newer = any(file.suffix == ".safetensors" for file in files)
    return [
        file
        for file in files
        if not _UNREAD.match(file.name) or (file.name.startswith("pytorch_model") and not is_newer)
    ]


def _refuse(what: str, help: str) -> NoReturn:
    raise Refused(Problem(what, help))


# Where it lies

_NAME_OF_A_HUB = re.compile(r"[A-Za-z0-9][\w.-]*(?:/[A-Za-z0-9][\w.-]*)?")


def cache_of_user() -> Path:
    """Return the folder in which huggingface_hub keeps what the user has fetched."""
    if given := os.environ.get("HF_HUB_CACHE"):
        return Path(given).expanduser()
    home = os.environ.get("HF_HOME") or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "huggingface"
    return Path(home).expanduser() / "hub"


def _place_of(name: str, kind: Kind) -> Path:
    path = Path(name).expanduser()
    if path.is_dir():
        return path
    if path.is_file():
        _refuse(
            f"`{name}` is a file, not the folder of a model",
            f"name the folder that has its `config.json`: {path.parent}",
        )
    if _NAME_OF_A_HUB.fullmatch(name) is None:
        _refuse(
            f"there is no folder `{name}`",
            f"name the folder of {kind.what}, or one in your cache by its name, as {kind.example}",
        )
    fetched = cache_of_user() / f"models--{name.replace('/', '--')}" / "snapshots"
    try:
        commit = (fetched.parent / "refs/main").read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        commit = ""
    if not commit or not (fetched / commit).is_dir():
        _refuse(
            f"the model `{name}` is neither a folder nor in your Hugging Face cache, `{fetched.parents[1]}`",
            f"fetch it with: hf download {name}",
        )
    return fetched / commit


# What it lacks


def _config_of(name: str, path: Path) -> dict[str, Any]:
    try:
        config = json.loads((path / "config.json").read_bytes())
    except FileNotFoundError:
        _refuse(f"the folder `{path}` has no `config.json`", _whole(name, path))
    except (OSError, ValueError, RecursionError):
        _refuse(f"`{path / 'config.json'}` cannot be read", _whole(name, path))
    if not isinstance(config, dict):
        _refuse(f"`{path / 'config.json'}` is not that of a model", _whole(name, path))
    return config


def _whole(name: str, path: Path) -> str:
    return (
        f"fetch it again with: hf download {name}" if str(path) != name else "name a folder with all files of a model"
    )


def _check_packages(folder: Folder) -> None:
    wanted = ["ctranslate2", "sentencepiece"] if folder.is_converted else ["transformers", "torch"]
    if not folder.is_converted and folder.type in _TOKENIZERS:
        wanted += ["sentencepiece", "sacremoses"]
    if lacking := [package for package in wanted if not _is_installed(package)]:
        verb = "which is not installed" if len(lacking) == 1 else "which are not installed"
        extra = "text-ct2" if folder.is_converted else "text-models"
        _refuse(f"the model `{folder.name}` needs {' and '.join(lacking)}, {verb}", f"pip install 'augcli[{extra}]'")


def _is_installed(package: str) -> bool:
    """Tell whether a package is there, without importing it."""
    try:
        version(package)
        return find_spec(package) is not None
    except (PackageNotFoundError, ImportError, ValueError):
        return False


def _check_files(folder: Folder) -> None:
    has = {file.name for file in folder.path.iterdir() if file.is_file()}
    missing: list[str]
    if folder.is_converted:
        missing = [f"`{one}`" for one in _CONVERTED if one not in has]
    else:
        missing = [] if has & {*_WEIGHTS} else ["`model.safetensors`"]
        groups = _TOKENIZERS.get(folder.type, _ANY_TOKENIZER)
        if not any({*group} <= has for group in groups):
            missing += [f"`{one}`" for one in groups[0] if one not in has]
    if missing:
        _refuse(f"the folder `{folder.path}` lacks {', '.join(missing)}", _whole(folder.name, folder.path))
    for file in folder.path.glob("*.safetensors"):
        if not _is_whole(file):
            _refuse(f"`{file}` is cut short, or only points to the file", _whole(folder.name, folder.path))


def _is_whole(file: Path) -> bool:
    """Tell whether a file of weights is as long as it says; pointers of Git LFS are not."""
    with file.open("rb") as opened:
        length = int.from_bytes(opened.read(8), "little")
        if length > min(file.stat().st_size, 100_000_000):
            return False
        try:
            tensors = json.loads(opened.read(length))
            ends = [one["data_offsets"][1] for key, one in tensors.items() if key != "__metadata__"]
        except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
            return False
    return 8 + length + max(ends, default=0) == file.stat().st_size
