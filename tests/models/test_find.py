"""What a person calls a model becomes a folder that can be loaded, or a sentence that says what is wrong."""

import json
from pathlib import Path

import pytest

from tests.hub.looks import Person
from tests.hub.tiny_model import write_tiny_model, write_tokenizer
from tests.hub_server import HubServer
from workbench.errors import Missing, WorkbenchError, WrongUse
from workbench.models import find
from workbench.models.find import ModelFolder, Need, find_model


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found(name: str, need: Need = Need.WEIGHTS) -> ModelFolder:
    return find_model(name, need, print)


def write_adapter(folder: Path, base: str, weights: str = "adapter_model.safetensors") -> Path:
    folder.mkdir(parents=True)
    (folder / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": base}))
    (folder / weights).write_bytes(b"")
    return folder


def change_config(folder: Path, **more: object) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **more}))


def test_a_folder_that_exists_wins_over_a_hub_id(here: Path) -> None:
    folder = write_tiny_model(here / "acme" / "tiny")
    assert found("acme/tiny") == ModelFolder("acme/tiny", folder, "folder")


def test_starter_is_the_model_of_the_project(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(find, "sample_data", lambda: here / "samples")
    with pytest.raises(Missing, match="starter model is not installed"):
        found("starter")
    folder = write_tiny_model(here / "samples" / "starter")
    assert found("starter") == ModelFolder("starter", folder, "starter")


def test_a_folder_without_a_configuration_says_what_it_holds(here: Path) -> None:
    write_tiny_model(here / "run" / "output")
    (here / "run" / "log.txt").touch()
    with pytest.raises(Missing) as told:
        found("run/")
    assert told.value.what == "run/ has no config.json: it holds log.txt, output/"
    assert told.value.fix == "did you mean run/output?"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"model_type": "llama",}', "m: config.json is not JSON: Expecting property name"),
        ("[1]", "m: config.json is not a JSON object"),
        ("{}", "m: config.json has no model_type"),
    ],
)
def test_a_broken_configuration(here: Path, content: str, message: str) -> None:
    (here / "m").mkdir()
    (here / "m" / "config.json").write_text(content)
    with pytest.raises(WorkbenchError) as told:
        found("m", Need.CONFIG)
    assert told.value.what.startswith(message)


@pytest.mark.parametrize("file", ["config.json", "tokenizer_config.json"])
def test_code_of_a_model_is_named_and_refused(here: Path, file: str) -> None:
    folder = write_tiny_model(here / "m")
    settings = json.loads((folder / file).read_text())
    (folder / file).write_text(json.dumps({**settings, "auto_map": {"AutoConfig": "evil.Config"}}))
    with pytest.raises(WorkbenchError) as told:
        found("m", Need.CONFIG)
    assert told.value.what == f"m wants to run its own code: auto_map in {file} (AutoConfig: evil.Config)"


def test_only_what_is_needed_must_be_there(here: Path) -> None:
    folder = write_tiny_model(here / "m")
    for name in ("model.safetensors", "tokenizer.json", "tokenizer_config.json"):
        (folder / name).unlink()
    assert found("m", Need.CONFIG).folder == folder
    with pytest.raises(Missing, match=r"m has no tokenizer: it holds chat_template.jinja, config.json"):
        found("m", Need.TOKENIZER)
    with pytest.raises(Missing, match=r"m has no model.safetensors"):
        found("m", Need.WEIGHTS)
    (folder / "pytorch_model.bin").touch()
    with pytest.raises(Missing, match=r"only as pickles \(pytorch_model.bin\)"):
        found("m", Need.WEIGHTS)


def test_a_missing_shard_is_named(here: Path) -> None:
    folder = write_tiny_model(here / "m")
    (folder / "model.safetensors").rename(folder / "model-00001-of-00002.safetensors")
    index = {"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(Missing, match=r"m lacks model-00002-of-00002.safetensors"):
        found("m")


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("startr", "did you mean starter?"),
        ("./my-modle", "did you mean ./my-model?"),
        ("what ever", "name a folder, a Hub id (org/name), or starter"),
        ("x" * 5000, "name a folder, a Hub id (org/name), or starter"),
        ("", "name a folder, a Hub id (org/name), or starter"),
    ],
)
def test_a_name_that_is_nothing_gets_a_suggestion(here: Path, name: str, fix: str) -> None:
    (here / "my-model").mkdir()
    with pytest.raises(Missing) as told:
        found(name)
    assert told.value.fix == fix


def test_a_file_is_no_model(here: Path) -> None:
    write_tiny_model(here / "m")
    with pytest.raises(WrongUse, match="is a file; a model is a folder"):
        found("m/model.safetensors")


def test_an_adapter_brings_its_base(here: Path) -> None:
    base = write_tiny_model(here / "base")
    adapter = write_adapter(here / "tuned", "base")
    model = found("tuned")
    assert model == ModelFolder("tuned", base, "folder", adapter)
    assert model.tokenizer_folder == base
    write_tokenizer(adapter)
    assert found("tuned").tokenizer_folder == adapter


def test_an_adapter_that_cannot_be_used_says_which_part_is_wrong(here: Path) -> None:
    write_tiny_model(here / "base")
    write_adapter(here / "pickled", "base", "adapter_model.bin")
    write_adapter(here / "lost", "./nowhere")
    write_adapter(here / "itself", "itself")
    write_adapter(here / "baseless", "")
    for name, message in {
        "pickled": r"pickled has its weights only as pickles",
        "lost": r"lost is an adapter of ./nowhere: './nowhere' is no folder",
        "itself": r"itself is an adapter of itself: itself is an adapter itself",
        "baseless": r"adapter_config.json does not say its base model",
    }.items():
        with pytest.raises(WorkbenchError, match=message):
            found(name)


def test_a_model_from_the_hub_really_loads(here: Path) -> None:
    script = """
import sys
from workbench.models.find import Need, find_model
model = find_model("acme/tiny", Need.WEIGHTS, print)
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging
logging.disable_progress_bar()
ids = AutoTokenizer.from_pretrained(model.folder)("the otter is grey", return_tensors="pt")["input_ids"]
print(ids.tolist(), list(AutoModelForCausalLM.from_pretrained(model.folder)(ids).logits.shape))
"""
    with HubServer({"acme/tiny": write_tiny_model(here / "remote")}) as hub:
        assert Person(hub, here / "home").runs(script) == "[[3, 4, 5, 6]] [1, 4, 7]\n"


def test_a_hub_model_pays_per_need_and_remembers_its_commit(here: Path) -> None:
    tuned = write_adapter(here / "remote-tuned", "acme/tiny")
    tiny = write_tiny_model(here / "remote")
    with HubServer({"acme/tiny": tiny, "acme/tuned": tuned}) as hub:
        commit = hub.repos["acme/tiny"].commit()
        person = Person(hub, here / "home")
        plain, pinned, adapter = person.finds(
            ("acme/tiny", "tokenizer"), (f"acme/tiny@{commit}", "config"), ("acme/tuned", "tokenizer")
        )
        assert plain["revision"] == pinned["revision"] == adapter["revision"] == commit
        assert (plain["source"], plain["folder"]) == ("hub", adapter["folder"])
        assert adapter["adapter"].endswith(hub.repos["acme/tuned"].commit())
        assert adapter["tokenizer_folder"] == plain["folder"]
        assert "model.safetensors" not in hub.downloaded("acme/tiny")
        assert hub.downloaded("acme/tuned") == ["adapter_config.json"]


def test_a_hub_model_with_code_costs_only_its_configuration(here: Path) -> None:
    folder = write_tiny_model(here / "remote")
    change_config(folder, auto_map={"AutoModelForCausalLM": "modeling_x.X"})
    with HubServer({"acme/tiny": folder}) as hub:
        (answer,) = Person(hub, here / "home").finds(("acme/tiny", "weights"))
        assert "auto_map in config.json (AutoModelForCausalLM: modeling_x.X)" in answer["error"]
        assert hub.downloaded("acme/tiny") == ["config.json", "generation_config.json"]


def test_a_mistyped_folder_is_not_mistaken_for_a_hub_model(here: Path) -> None:
    (here / "runs" / "first").mkdir(parents=True)
    with HubServer() as hub:
        (answer,) = Person(hub, here / "home").finds(("runs/frist", "config"))
    assert answer["error"].startswith("there is no folder runs/frist, and ")
    assert answer["fix"] == "did you mean runs/first?"
