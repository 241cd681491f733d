"""Which files are one split of a data set: by what its README declares, else by their names as `datasets` does it.

Names only, with / between their parts: nothing here touches the disk or the network.
"""

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

from workbench.errors import WrongUse
from workbench.hub.selection import few

_KEYWORDS = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "dev", "val"),
    "test": ("test", "testing", "eval", "evaluation"),
}
_SHARD = re.compile(r"data/(?P<split>[\w-]+?)-\d{5}-of-\d{5,}[^/]*\.[^/]*")
_EXPORTED = re.compile(r"(?P<config>[^/]+)/(?:partial-)?(?P<split>[^/]+)/\d{4}\.parquet")
_WORD = r"(?:^|[-._ 0-9]){keyword}(?:[-._ 0-9]|$)"
_FRONT = re.compile(r"\A---[ \t]*\r?\n(?P<yaml>.*?)\r?\n---[ \t]*(?:\r?\n|\Z)", re.DOTALL)

Splits = dict[str, list[str]]


def splits_of(names: Sequence[str], readme: str = "") -> Splits:
    """Return the files of each split, in order of their names; {} when nothing parts them.

    A README that declares several configurations makes splits called CONFIGURATION/SPLIT.
    """
    declared = _declared(sorted(names), readme)
    if declared:
        return declared
    if names and all(map(_EXPORTED.fullmatch, names)):
        return _exported(sorted(names))
    for split_of in (_of_shard, _of_folder, _of_file):
        found: Splits = {}
        for name in sorted(names):
            split = split_of(name)
            if split:
                found.setdefault(split, []).append(name)
        if found:
            return dict(sorted(found.items(), key=_order))
    return {}


def chosen(whole: object, names: Sequence[str], splits: Splits, part: str) -> tuple[str, Sequence[str], list[str]]:
    """Return the split that is meant by `part`, "" for none, with its files, and what to say about the others.

    `whole` is how a person names the set. Raises WrongUse when there is no such part, or one has to be named.
    """
    fix = f"name one: {whole}:{next(iter(splits or names), 'PART')}"
    alias = next((split for split, words in _KEYWORDS.items() if part in words), part)
    for split in (part, alias, f"{part}/train"):
        if split in splits:
            return split, splits[split], []
    if part in names:
        return "", [part], []
    if part:
        raise WrongUse(f"{whole} has no part {part}: it has {few(splits or names, 8)}", fix)
    if not splits:
        return "", names, [f"{len(names)} files as one set: {few(names)}"] if len(names) > 1 else []
    split = default_split(splits)
    if not split:
        raise WrongUse(f"{whole} holds several sets: {few(splits, 8)}", fix)
    others = [f"{whole}:{other}" for other in splits if other != split]
    in_one = {name for files in splits.values() for name in files}
    loose = [name for name in names if name not in in_one]
    notes = [f"the split {split}; others: {few(others, 8)}"] if others else []
    return split, splits[split], notes + ([f"in no split: {few(loose)}"] if loose else [])


def default_split(splits: Splits) -> str:
    """Return the split that is meant when none is named: train, else the first; "" when several are called train."""
    train = [split for split in splits if split.rsplit("/", 1)[-1] == "train"]
    if len(train) > 1:
        return next((split for split in train if split in ("default/train", "main/train")), "")
    return train[0] if train else next(iter(splits))


def _order(item: tuple[str, list[str]]) -> int:
    known = list(_KEYWORDS)
    return known.index(item[0]) if item[0] in known else len(known)


def _exported(names: Sequence[str]) -> Splits:
    """The splits of the Parquet copy that the Hub makes of a data set."""
    parts = [found for name in names if (found := _EXPORTED.fullmatch(name))]
    has_one = len({part["config"] for part in parts}) == 1
    splits: Splits = {}
    for part in parts:
        splits.setdefault(part["split"] if has_one else f"{part['config']}/{part['split']}", []).append(part.string)
    return dict(sorted(splits.items(), key=_order))


def _of_shard(name: str) -> str:
    found = _SHARD.fullmatch(name)
    return found["split"] if found else ""


def _of_folder(name: str) -> str:
    folders = name.split("/")[:-1]
    return next((split for folder in folders if (split := _keyword(folder))), "")


def _of_file(name: str) -> str:
    return _keyword(name.rsplit("/", 1)[-1])


def _keyword(word: str) -> str:
    """The split whose keyword stands alone in `word`; the end of the word is one of its ends."""
    return next(
        (
            split
            for split, keywords in _KEYWORDS.items()
            if any(re.search(_WORD.format(keyword=keyword), word) for keyword in keywords)
        ),
        "",
    )


def _declared(names: Sequence[str], readme: str) -> Splits:
    """What the configurations in the README's front matter say; {} when it says nothing that fits."""
    configs = [config for config in _configs(readme) if isinstance(config, dict) and _is_named(config)]
    found: Splits = {}
    for config in configs:
        prefix = f"{config.get('config_name', 'default')}/" if len(configs) > 1 else ""
        for split, patterns in _data_files(config.get("data_files"), config.get("data_dir")):
            matched = [name for name in names if any(_matches(name, pattern) for pattern in patterns)]
            if matched:
                found[prefix + split] = matched
    return found


def _configs(readme: str) -> list[Any]:
    import yaml

    front = _FRONT.match(readme)
    if front is None:
        return []
    try:
        told = yaml.safe_load(front["yaml"])
    except yaml.YAMLError:
        return []
    configs = told.get("configs") if isinstance(told, dict) else None
    return configs if isinstance(configs, list) else []


def _is_named(config: dict[str, Any]) -> bool:
    return isinstance(config.get("config_name", "default"), str)


def _data_files(told: Any, folder: Any) -> list[tuple[str, list[str]]]:
    """Each split with its patterns, in any of the ways in which a README may write them; other values are no text."""
    if isinstance(told, dict):
        told = [{"split": split, "path": path} for split, path in told.items()]
    elif isinstance(told, str) or (isinstance(told, list) and all(isinstance(each, str) for each in told)):
        told = [{"path": told}]
    under = f"{folder.strip('/')}/" if isinstance(folder, str) and folder.strip("/.") else ""
    found = []
    for each in told if isinstance(told, list) else []:
        split, paths = (each.get("split", "train"), each.get("path")) if isinstance(each, dict) else ("", None)
        listed = [path for path in (paths if isinstance(paths, list) else [paths]) if isinstance(path, str)]
        if isinstance(split, str) and listed:
            found.append((split, [under + path.removeprefix("./") for path in listed]))
    return found


def _matches(name: str, pattern: str) -> bool:
    """Whether a name is of a pattern in which * stays within a folder and ** does not."""
    if "**" in pattern:
        return fnmatchcase(name, pattern.replace("**/", "*").replace("**", "*"))
    return name.count("/") == pattern.count("/") and fnmatchcase(name, pattern)
