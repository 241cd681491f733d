"""The cache of encoded rows: the same answers without encoding, never those of other files, versions or settings."""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import workbench.template.cache as cache_module
from tests.small import CHATML, ZEPHYR, make_tokenizer
from workbench.data.examples import Examples, examples
from workbench.data.rows import open_rows
from workbench.template import cache_key as key_module
from workbench.template.cache import EncodedCache
from workbench.template.cache_key import cache_key
from workbench.template.client import EncoderWorker
from workbench.template.spec import EncoderSpec
from workbench.workspace import Workspace

COUNT = 1_200
Answer = dict[str, Any]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_tokenizer(tmp_path / "tokenizer")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    return write(path, [{"prompt": f"q{number}", "completion": f"a{number}", "other": "o"} for number in range(COUNT)])


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def opened(file: Path, **map: str) -> Examples:
    return examples(open_rows(file), map)


class Desk:
    """A cache, and how often it had to ask for answers."""

    def __init__(self, workspace: Path) -> None:
        self.asked = 0
        self.told: list[str] = []
        self.cache = EncodedCache(Workspace(workspace), self.told.append)

    def answers(self, worker: EncoderWorker, rows: Examples) -> list[Answer]:
        def encode() -> Iterator[Answer]:
            self.asked += 1
            return worker.encode(iter(rows))

        return list(self.cache.answers(worker, rows, encode))

    @property
    def files(self) -> list[Path]:
        return sorted(self.cache.folder.glob("*"))


def test_what_was_encoded_is_answered_again_without_encoding(tmp_path: Path, folder: Path, file: Path) -> None:
    rows = [{"prompt": "x", "completion": "y"}] * COUNT
    rows[3] = {"prompt": "long " * 300, "completion": "y"}
    rows[4] = {"prompt": "a<|im_end|>", "completion": "\ue0f0"}
    desk = Desk(tmp_path)
    with EncoderWorker(folder, EncoderSpec(max_length=64)) as worker:
        first = desk.answers(worker, opened(write(file, rows)))
        again = desk.answers(worker, opened(file))
        assert first == list(worker.encode(rows)) == again
    assert desk.asked == 1 and len(desk.files) == 1 and desk.told == []
    assert first[3]["problems"] == ["answer-cut"] and first[3]["cut"] > 0
    assert "private-use" in first[4]["error"]
    assert {type(number) for answer in again[:3] for number in answer["input_ids"] + answer["labels"]} == {int}


def test_whatever_answers_come_from_changes_their_name(
    tmp_path: Path, folder: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names: list[str | None] = []

    def name(spec: EncoderSpec | None = None, rows: Examples | None = None, template: str | None = CHATML) -> None:
        names.append(cache_key(folder, spec or EncoderSpec(), template, rows or opened(file)))

    name()
    name(EncoderSpec(max_length=64))
    name(EncoderSpec(train_on="all"))
    name(EncoderSpec(allow_control_tokens=True))
    name(EncoderSpec(template="other.jinja"))
    name(template=ZEPHYR)
    name(template=None)
    name(rows=opened(file, completion="other"))
    (folder / "generation_config.json").write_text('{"eos_token_id": [1, 257]}')
    name()
    for changed in ("tokenizer_config.json", "tokenizer.json"):
        path = folder / changed
        path.write_text(path.read_text() + "\n")
        name()
    (folder / "chat_template.jinja").write_text(CHATML + " ")
    name()
    with file.open("a") as more:
        more.write(json.dumps({"prompt": "one", "completion": "more", "other": "o"}) + "\n")
    name()
    name(rows=opened(file.rename(tmp_path / "renamed.jsonl")))
    file = tmp_path / "renamed.jsonl"
    before = names[-1]
    for package in ("finetune-workbench", "transformers", "tokenizers", "trl", "jinja2"):
        real = key_module.version
        monkeypatch.setattr(key_module, "version", lambda each, p=package, real=real: "0" if each == p else real(each))
        name()
    monkeypatch.setattr(key_module, "program_hash", lambda: "other code")
    name()
    assert before is not None and None not in names
    assert len(set(names)) == len(names) == 20


def test_a_template_that_reads_the_clock_is_not_kept(tmp_path: Path, folder: Path, file: Path) -> None:
    template = tmp_path / "today.jinja"
    template.write_text("{{ strftime_now('%d %b %Y') }}" + CHATML)
    desk = Desk(tmp_path)
    with EncoderWorker(folder, EncoderSpec(template=str(template))) as worker:
        desk.answers(worker, opened(file))
    assert desk.files == []


def test_a_damaged_file_is_encoded_anew(tmp_path: Path, folder: Path, file: Path) -> None:
    desk = Desk(tmp_path)
    with EncoderWorker(folder, EncoderSpec()) as worker:
        whole = desk.answers(worker, opened(file))
        (kept,) = desk.files
        content = kept.read_bytes()
        for number, damaged in enumerate(
            [b"", content[:-9], content[: len(content) // 2], content[:3_000] + b"\0" * 50 + content[3_050:]], 2
        ):
            kept.write_bytes(damaged)
            assert desk.answers(worker, opened(file)) == whole
            assert desk.asked == number
            assert kept.read_bytes() == content


def test_only_whole_files_are_kept(tmp_path: Path, folder: Path, file: Path) -> None:
    desk = Desk(tmp_path)
    with EncoderWorker(folder, EncoderSpec()) as worker:
        rows = opened(file)
        part = desk.cache.answers(worker, rows, lambda: worker.encode(iter(rows)))
        next(part)
        part.close()  # type: ignore[attr-defined]
        assert desk.files == []
        list(desk.cache.answers(worker, rows, lambda: ({"error": "it died", "dead": True} for _ in range(COUNT))))
        list(desk.cache.answers(worker, rows, lambda: worker.encode(rows[index] for index in range(COUNT - 1))))
        assert desk.files == []

        def changed_meanwhile() -> Iterator[Answer]:
            os.utime(file, (1, 1))
            return worker.encode(iter(rows))

        list(desk.cache.answers(worker, rows, changed_meanwhile))
        few = opened(write(tmp_path / "few.jsonl", [{"prompt": "a", "completion": "b"}] * 999))
        desk.answers(worker, few)
    assert desk.files == []


def test_two_at_once_leave_one_whole_file(tmp_path: Path, folder: Path, file: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from tests.template.test_cache import *\n"
        "with EncoderWorker(Path(sys.argv[2]), EncoderSpec()) as worker:\n"
        "    print(len(Desk(Path(sys.argv[1])).answers(worker, opened(Path(sys.argv[3])))))\n"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", script, tmp_path, folder, file], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    assert [child.communicate()[0].strip() for child in both] == [str(COUNT)] * 2
    desk = Desk(tmp_path)
    with EncoderWorker(folder, EncoderSpec()) as worker:
        desk.answers(worker, opened(file))
    assert desk.asked == 0 and len(desk.files) == 1


def test_a_disk_without_room_is_told_once_and_costs_the_cache_only(tmp_path: Path, folder: Path, file: Path) -> None:
    desk = Desk(tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with EncoderWorker(folder, EncoderSpec()) as worker:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, hard))
        try:
            answers = desk.answers(worker, opened(file))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert len(answers) == COUNT and "error" not in answers[0]
    assert len(desk.told) == 1 and "could not be kept" in desk.told[0]
    assert desk.files == []


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path, folder: Path, file: Path) -> None:
    (tmp_path / ".workbench").write_text("a file")
    desk = Desk(tmp_path)
    with EncoderWorker(folder, EncoderSpec()) as worker:
        assert len(desk.answers(worker, opened(file))) == COUNT
    assert len(desk.told) == 1


def test_the_oldest_go_when_there_are_too_many(
    tmp_path: Path, folder: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(tmp_path)
    desk.cache.folder.mkdir(parents=True)
    for name, age in (("old.parquet", 300), ("older.parquet", 400), ("dead.1.new", 90_000), ("live.2.new", 10)):
        path = desk.cache.folder / name
        path.write_bytes(b"x" * 400_000)
        os.utime(path, (path.stat().st_mtime - age,) * 2)
    monkeypatch.setattr(cache_module, "MOST_BYTES", 600_000)
    with EncoderWorker(folder, EncoderSpec()) as worker:
        desk.answers(worker, opened(file))
    assert {path.name for path in desk.files} >= {"old.parquet", "live.2.new"}
    assert not {path.name for path in desk.files} & {"older.parquet", "dead.1.new"}
    assert len(desk.files) == 3
