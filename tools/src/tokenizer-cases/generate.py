"""
Writes libs/scoring/fixtures/cases/tokenizer-parts.json.gz: what Python's `tokenizers` makes of odd texts with every part
of a tokenizer.json that is on the closed list (libs/scoring/src/tokenizer/parts.ts), and of every character.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install tokenizers==0.23.3
    /tmp/venv/bin/python tools/src/tokenizer-cases/generate.py
"""

import copy
import gzip
import hashlib
import itertools
import json
import pathlib

import tokenizers
from tokenizers import Tokenizer

from texts import TEXTS

ROOT = pathlib.Path(__file__).resolve().parents[3]
FIXTURES = ROOT / "libs/scoring/fixtures"
CHARSMAP = "(that of tiny-xlmr)"


def read(path):
    raw = path.read_bytes()
    return json.loads(gzip.decompress(raw) if path.suffix == ".gz" else raw)


BASES = {
    "tiny-bert": read(FIXTURES / "models/tiny-bert/1/tokenizer.json"),
    "tiny-xlmr": read(FIXTURES / "models/tiny-xlmr/1/tokenizer.json"),
    "tiny-qwen3": read(FIXTURES / "models/tiny-qwen3/plain/tokenizer.json"),
    "qwen3": read(FIXTURES / "qwen3-tokenizer/tokenizer.json.gz"),
    "multilingual-e5-small": read(ROOT / "models/multilingual-e5-small/1/tokenizer.json"),
}
XLMR = BASES["tiny-xlmr"]
E5 = BASES["multilingual-e5-small"]
QWEN_SPLIT = BASES["tiny-qwen3"]["pre_tokenizer"]["pretokenizers"][0]["pattern"]["Regex"]
LLAMA_SPLIT = QWEN_SPLIT.replace("\\p{N}|", "\\p{N}{1,3}|")
GPT2_SPLIT = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"
assert LLAMA_SPLIT != QWEN_SPLIT

FLAGS = (False, True)
PRECOMPILED = {"type": "Precompiled", "precompiled_charsmap": CHARSMAP}
WORDS = {"type": "WhitespaceSplit"}


def part(kind, **options):
    return {"type": kind, **options}


def sequence(*steps):
    return part("Sequence", normalizers=list(steps))


def steps(*pre_tokenizers):
    return part("Sequence", pretokenizers=list(pre_tokenizers))


def replace(content, **pattern):
    return part("Replace", pattern=pattern, content=content)


def byte_level(prefix, regex=True, trim=True):
    return part("ByteLevel", add_prefix_space=prefix, trim_offsets=trim, use_regex=regex)


def metaspace(scheme="always", replacement="\u2581", **options):
    return part("Metaspace", replacement=replacement, prepend_scheme=scheme, **options)


def split(regex, behavior="Isolated"):
    return part("Split", pattern={"Regex": regex}, behavior=behavior, invert=behavior == "Removed")


def bert(clean, ideographs, accents, lower):
    return part("BertNormalizer", clean_text=clean, handle_chinese_chars=ideographs, strip_accents=accents, lowercase=lower)


NORMALIZERS = [
    None,
    *(bert(*flags) for flags in itertools.product(FLAGS, FLAGS, (None, False, True), FLAGS)),
    *(part(kind) for kind in ("NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents")),
    *(part("Strip", strip_left=left, strip_right=right) for left, right in itertools.product(FLAGS, FLAGS)),
    *(part("Prepend", prepend=text) for text in ("", "\u2581", " a ")),
    PRECOMPILED,
    *(replace(content, String=pattern) for pattern, content in ((" ", "\u2581"), ("``", '"'), ("a.", "$&$1"), ("\\", "/"), ("\n", ""), ("aa", "a"), ("~#&-", "\\n"), ("\U0001f600", ":)"))),
    *(replace(content, Regex=" {2,}") for content in (" ", "\u2581", "$&", "")),
    sequence(),
    sequence(part("NFKC"), part("Lowercase")),
    sequence(part("NFKD"), part("Lowercase"), part("StripAccents")),
    sequence(PRECOMPILED, part("Lowercase")),
    sequence(part("Strip", strip_left=True, strip_right=True), PRECOMPILED, replace(" ", Regex=" {2,}")),
    sequence(part("Prepend", prepend="\u2581"), replace("\u2581", String=" ")),
    sequence(part("NFC"), sequence(part("NFD"), sequence(part("Lowercase")))),
    sequence(bert(True, False, False, False), PRECOMPILED),
    XLMR["normalizer"],
    E5["normalizer"],
]

PRE_TOKENIZERS = [
    *(part(kind) for kind in ("BertPreTokenizer", "Whitespace", "WhitespaceSplit")),
    *(byte_level(*flags) for flags in itertools.product(FLAGS, FLAGS, FLAGS)),
    {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True},
    *(metaspace(scheme, replacement, split=flag) for scheme, replacement, flag in itertools.product(("always", "first", "never"), "\u2581_.\U0001f600", FLAGS)),
    {"type": "Metaspace", "replacement": "\u2581"},
    {"type": "Metaspace", "replacement": "\u2581", "add_prefix_space": True, "str_rep": "\u2581"},
    metaspace("never", add_prefix_space=False),
    metaspace("never", add_prefix_space=True),
    metaspace("first", add_prefix_space=None, split=None, str_rep=None),
    *(split(regex, behavior) for regex, behavior in itertools.product((GPT2_SPLIT, QWEN_SPLIT, LLAMA_SPLIT), ("Isolated", "Removed"))),
    steps(),
    steps(WORDS, metaspace()),
    steps(WORDS, metaspace("never")),
    steps(WORDS, metaspace(split=False)),
    steps(WORDS, part("BertPreTokenizer")),
    steps(metaspace("first"), WORDS),
    steps(part("Whitespace"), byte_level(True)),
    steps(steps(part("BertPreTokenizer")), metaspace()),
    steps(split(QWEN_SPLIT), byte_level(False, regex=False, trim=False)),
    steps(split(LLAMA_SPLIT, "Removed"), byte_level(True, regex=False)),
    E5["pre_tokenizer"],
]

# (base, changes); an option that is None in "model" is left out there
MODELS = [
    *((base, {}) for base in BASES),
    *(("tiny-bert", {"model": change}) for change in ({"max_input_chars_per_word": 3}, {"max_input_chars_per_word": 0}, {"max_input_chars_per_word": 100000}, {"continuing_subword_prefix": ""}, {"continuing_subword_prefix": "@@"}, {"unk_token": "the"})),
    ("tiny-bert", {"pre_tokenizer": None}),
    ("tiny-bert", {"normalizer": None, "pre_tokenizer": part("Whitespace")}),
    *(("tiny-xlmr", {"normalizer": None, "pre_tokenizer": one}) for one in (None, metaspace("never"), metaspace("never", split=False), metaspace(split=False), metaspace("first"), metaspace(), WORDS)),
    ("tiny-xlmr", {"model": {"unk_id": 5}, "added_tokens": XLMR["added_tokens"][:2]}),
    ("tiny-xlmr", {"normalizer": PRECOMPILED}),
    *(("tiny-qwen3", {"model": change}) for change in ({"ignore_merges": True}, {"dropout": 0}, {"dropout": 0.0, "fuse_unk": True, "unk_token": "a"}, {"continuing_subword_prefix": None, "end_of_word_suffix": None, "byte_fallback": None})),
    *(("tiny-qwen3", {"normalizer": None, "pre_tokenizer": one}) for one in (byte_level(False), byte_level(True), byte_level(False, regex=False), steps(split(LLAMA_SPLIT), byte_level(False, regex=False)), steps(WORDS, byte_level(True)), steps(part("Whitespace"), byte_level(False)))),
    ("tiny-qwen3", {"normalizer": None, "model": {"ignore_merges": True}, "pre_tokenizer": byte_level(False, regex=False)}),
]


def with_charsmap(value):
    """The same with the real table in place of its name."""
    if isinstance(value, dict):
        return {key: with_charsmap(one) for key, one in value.items()}
    if isinstance(value, list):
        return [with_charsmap(one) for one in value]
    return XLMR["normalizer"]["normalizers"][0]["precompiled_charsmap"] if value == CHARSMAP else value


def without_charsmap(value):
    return json.loads(json.dumps(value).replace(json.dumps(with_charsmap(CHARSMAP)), json.dumps(CHARSMAP)))


def opened(tokenizer_json):
    tokenizer = Tokenizer.from_str(json.dumps(with_charsmap(tokenizer_json)))
    # control tokens are text, as this server reads them
    tokenizer.encode_special_tokens = True
    return tokenizer


def ids_of(tokenizer):
    return [tokenizer.encode(text, add_special_tokens=False).ids for text in TEXTS]


def word_tokenizer(vocabulary, normalizer, pre_tokenizer):
    """Its ids tell the words apart: a vocabulary of whole words."""
    model = {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 1000, "vocab": vocabulary}
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": normalizer,
        "pre_tokenizer": pre_tokenizer, "post_processor": None, "decoder": None, "model": model,
    }


def words_of(tokenizer, text):
    normal = tokenizer.normalizer.normalize_str(text) if tokenizer.normalizer else text
    if normal == "":
        return []
    return [word for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(normal)] if tokenizer.pre_tokenizer else [normal]


def part_cases():
    pairs = [(one, None) for one in NORMALIZERS] + [(None, one) for one in PRE_TOKENIZERS]
    vocabulary = {"[UNK]": 0}
    for normalizer, pre_tokenizer in pairs:
        tokenizer = opened(word_tokenizer(vocabulary, normalizer, pre_tokenizer))
        for text in TEXTS:
            for word in words_of(tokenizer, text):
                vocabulary.setdefault(word, len(vocabulary))
    cases = [
        {"normalizer": without_charsmap(normalizer), "pre_tokenizer": pre_tokenizer, "ids": ids_of(opened(word_tokenizer(vocabulary, normalizer, pre_tokenizer)))}
        for normalizer, pre_tokenizer in pairs
    ]
    return {"words": list(vocabulary), "cases": cases}


def changed(base, change):
    tokenizer_json = copy.deepcopy(BASES[base])
    for name, value in change.items():
        if name == "model":
            tokenizer_json["model"].update(value)
        else:
            tokenizer_json[name] = value
    return tokenizer_json


# every assigned character, in blocks
BLOCK = 4096
CHARACTER_BLOCKS = [*range(0, 0x34000, BLOCK), 0xE0000]
CHARACTER_PARTS = [
    *(one for one in NORMALIZERS if one and one["type"] not in ("BertNormalizer", "Sequence", "Replace", "Prepend", "Strip")),
    bert(True, False, False, False), bert(False, True, False, False), bert(False, False, True, False), bert(False, False, False, True),
    *(part(kind) for kind in ("BertPreTokenizer", "Whitespace", "WhitespaceSplit")),
    *(split(regex) for regex in (GPT2_SPLIT, QWEN_SPLIT)),
]


def digest(words):
    return hashlib.sha256("\x00".join(words).encode()).hexdigest()[:8]


def character_cases():
    """A digest of what becomes of each block's characters, each of them between a letter and a digit or between bars."""
    cases = []
    for one in CHARACTER_PARTS:
        is_split = one["type"] in ("BertPreTokenizer", "Whitespace", "WhitespaceSplit", "Split")
        tokenizer = opened(word_tokenizer({"[UNK]": 0}, None if is_split else one, one if is_split else None))
        digests = []
        for start in CHARACTER_BLOCKS:
            characters = [chr(code) for code in range(start, start + BLOCK) if not 0xD800 <= code < 0xE000]
            text = "".join(f"a{one}1 " for one in characters) if is_split else "|".join(characters)
            digests.append(digest(words_of(tokenizer, text)))
        cases.append({"part": without_charsmap(one), "digests": digests})
    return {"starts": CHARACTER_BLOCKS, "block": BLOCK, "cases": cases}


def main():
    cases = {
        "about": f"Ids that Python's tokenizers {tokenizers.__version__} gives to texts, control tokens read as text; written by tools/src/tokenizer-cases/generate.py",
        "texts": TEXTS,
        "parts": part_cases(),
        "models": [{"base": base, "change": without_charsmap(change), "ids": ids_of(opened(changed(base, change)))} for base, change in MODELS],
        "characters": character_cases(),
    }
    text = json.dumps(cases, ensure_ascii=False, separators=(",", ":"))
    target = FIXTURES / "cases/tokenizer-parts.json.gz"
    target.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{len(TEXTS)} texts, {len(cases['parts']['cases'])} parts, {len(cases['models'])} models: {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
