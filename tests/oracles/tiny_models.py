"""Models of a few kilobytes, made on the spot.

Masked language models have random weights; translation models have learned a toy language by heart.
"""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import sacremoses
import sentencepiece
import tokenizers
import torch
import transformers

WORDS = (
    "the a an movie film story plot actor audience old new very great good bad awful was is loved watched every minute"
    " of and it honest never not paris"
).split()
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
FRAGMENTS = [".", ",", "!", "$", "b", "##s", "##ing", "##ed"]
MASKED_SIZES = {"num_hidden_layers": 1, "num_attention_heads": 2, "hidden_size": 16, "intermediate_size": 16}


def bert(folder: Path, seed: int = 0) -> Path:
    folder.mkdir(parents=True)
    vocabulary = [*SPECIAL, *FRAGMENTS, *WORDS]
    (folder / "vocab.txt").write_text("".join(f"{token}\n" for token in vocabulary), encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "BertTokenizer"}), encoding="utf-8")
    torch.manual_seed(seed)
    config = transformers.BertConfig(vocab_size=len(vocabulary), max_position_embeddings=64, **MASKED_SIZES)
    transformers.BertForMaskedLM(config).save_pretrained(folder)
    return folder


def roberta(folder: Path) -> Path:
    folder.mkdir(parents=True)
    tokenizer = tokenizers.ByteLevelBPETokenizer()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    lines = [f" {one} {other}" for one, other in product(WORDS, WORDS)] + [word.title() for word in WORDS] * 9
    tokenizer.train_from_iterator(lines, vocab_size=420, min_frequency=1, special_tokens=special, show_progress=False)
    tokenizer.save_model(str(folder))
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "RobertaTokenizer"}), encoding="utf-8")
    torch.manual_seed(1)
    config = transformers.RobertaConfig(
        vocab_size=tokenizer.get_vocab_size(), max_position_embeddings=66, type_vocab_size=1, **MASKED_SIZES
    )
    transformers.RobertaForMaskedLM(config).save_pretrained(folder)
    return folder


# Translation

NOUNS = {"movie": "film", "story": "buch", "actor": "mann", "price": "preis"}
VERBS = {"was": "war", "is": "ist"}
ENDS = {"great": "toll", "awful": "mies", "long": "lang", "$5.00": "$5.00"}
OTHERS = {"movie": "picture", "story": "tale", "great": "wonderful", "awful": "terrible", "long": "lengthy"}
"""What the way back says as often as the word that was translated."""

THERE = [
    (f"The {noun} {verb} {end}.", f"Der {NOUNS[noun]} {VERBS[verb]} {ENDS[end]}.")
    for noun, verb, end in product(NOUNS, VERBS, ENDS)
]
BACK = [
    (german, f"The {one} {english.split()[2]} {other}.")
    for english, german in THERE
    for one in {english.split()[1], OTHERS.get(english.split()[1], english.split()[1])}
    for other in {english.split()[3][:-1], OTHERS.get(english.split()[3][:-1], english.split()[3][:-1])}
]
BACK.sort()
SIZES = {"d_model": 32, "encoder_layers": 1, "decoder_layers": 1}
HEADS = {"encoder_attention_heads": 2, "decoder_attention_heads": 2, "encoder_ffn_dim": 64, "decoder_ffn_dim": 64}


def _learned(model, given: list[list[int]], wanted: list[list[int]], steps: int = 100) -> None:
    """Let a model learn by heart which tokens it makes of which."""
    pad = model.config.pad_token_id

    def padded(rows: list[list[int]]) -> torch.Tensor:
        return torch.tensor([row + [pad] * (max(map(len, rows)) - len(row)) for row in rows])

    ids, labels = padded(given), padded(wanted)
    start = torch.full((len(labels), 1), model.config.decoder_start_token_id)
    before = torch.cat([start, labels[:, :-1]], dim=1)
    learning = torch.optim.Adam(model.parameters(), lr=0.01)
    torch.set_num_threads(1)
    model.train()
    for _ in range(steps):
        learning.zero_grad()
        logits = model(
            input_ids=ids, attention_mask=(ids != pad).long(), decoder_input_ids=before, use_cache=False
        ).logits
        torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=pad).backward()
        learning.step()
        with torch.no_grad():
            model.get_input_embeddings().weight[pad] = 0  # as in all Marian models


def _spm(folder: Path, side: str, sentences: list[str]) -> list[str]:
    (folder / "sentences.txt").write_text("\n".join(sentences), encoding="utf-8")
    sentencepiece.SentencePieceTrainer.train(
        input=str(folder / "sentences.txt"),
        model_prefix=str(folder / side),
        vocab_size=60,
        hard_vocab_limit=False,
        minloglevel=2,
        num_threads=1,
    )
    (folder / f"{side}.model").rename(folder / f"{side}.spm")
    (folder / f"{side}.vocab").unlink()
    (folder / "sentences.txt").unlink()
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(folder / f"{side}.spm"))
    return [pieces.id_to_piece(number) for number in range(pieces.get_piece_size())]


def marian(folder: Path, pairs: list[tuple[str, str]]) -> Path:
    folder.mkdir(parents=True)
    pieces = _spm(folder, "source", [one for one, _ in pairs]) + _spm(folder, "target", [other for _, other in pairs])
    left = [piece for piece in dict.fromkeys(pieces) if piece not in ("<unk>", "<s>", "</s>")]
    tokens = ["</s>", "<unk>", *left, "<pad>"]
    (folder / "vocab.json").write_text(json.dumps({token: at for at, token in enumerate(tokens)}), encoding="utf-8")
    settings = {"tokenizer_class": "MarianTokenizer", "source_lang": "en", "target_lang": "de", "model_max_length": 512}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    torch.manual_seed(2)
    pad = len(tokens) - 1
    config = transformers.MarianConfig(
        vocab_size=len(tokens),
        max_position_embeddings=64,
        pad_token_id=pad,
        eos_token_id=0,
        forced_eos_token_id=0,
        decoder_start_token_id=pad,
        dropout=0,
        scale_embedding=True,
        activation_function="swish",
        **SIZES,
        **HEADS,
    )
    model = transformers.MarianMTModel(config)
    tokenizer = transformers.MarianTokenizer.from_pretrained(folder)
    made = tokenizer([one for one, _ in pairs], text_target=[other for _, other in pairs])
    _learned(model, made["input_ids"], made["labels"])
    model.generation_config.bad_words_ids = [[pad]]
    model.save_pretrained(folder)
    return folder


def fsmt(folder: Path, pairs: list[tuple[str, str]], langs: tuple[str, str]) -> Path:
    folder.mkdir(parents=True)
    merges: dict[str, None] = {}
    sides: list[tuple[list[list[int]], int]] = []
    for name, lang, sentences in zip(
        ("vocab-src.json", "vocab-tgt.json"), langs, zip(*pairs, strict=True), strict=True
    ):
        moses = sacremoses.MosesTokenizer(lang)
        split = [moses.tokenize(one, aggressive_dash_splits=True, escape=True) for one in sentences]
        words = sorted({word for one in split for word in one})
        for word in words:
            pieces = [*word[:-1], f"{word[-1]}</w>"]
            merges |= dict.fromkeys(f"{''.join(pieces[:at])} {pieces[at]}" for at in range(1, len(pieces)))
        tokens = {
            token: at for at, token in enumerate(["<s>", "<pad>", "</s>", "<unk>", *(f"{one}</w>" for one in words)])
        }
        (folder / name).write_text(json.dumps(tokens), encoding="utf-8")
        sides.append(([[*(tokens[f"{word}</w>"] for word in one), 2] for one in split], len(tokens)))
    (folder / "merges.txt").write_text("".join(f"{merge}\n" for merge in merges), encoding="utf-8")
    settings = {"tokenizer_class": "FSMTTokenizer", "langs": [*langs], "model_max_length": 64}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    torch.manual_seed(3)
    (given, source), (wanted, target) = sides
    config = transformers.FSMTConfig(
        langs=[*langs],
        src_vocab_size=source,
        tgt_vocab_size=target,
        max_position_embeddings=64,
        dropout=0,
        **SIZES,
        **HEADS,
    )
    model = transformers.FSMTForConditionalGeneration(config)
    _learned(model, given, wanted)
    model.save_pretrained(folder)
    return folder
