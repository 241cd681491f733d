"""Rows of new tokens: counted as PEFT counts them after the model was given room, and refused where PEFT has none."""

import pytest

from tests.lora.test_count import shapes
from tests.small import make_model, make_tokenizer
from workbench.errors import WrongUse
from workbench.lora.count import count
from workbench.lora.fit import Plan, reckon
from workbench.lora.parts import Load
from workbench.lora.spec import BiasTuning, FreezeTuning, FullTuning, Ia3Tuning, LoraTuning, PromptTuning
from workbench.models.load import load_model, parameters, tuned
from workbench.models.vocabulary import make_room, vocabulary_of

NEW = 3


@pytest.fixture(scope="module", params=[True, False], ids=["tied", "apart"])
def folder(request, tmp_path_factory):
    place = make_tokenizer(tmp_path_factory.mktemp("models") / "tiny")
    return make_model(place, "qwen2", tie_word_embeddings=request.param)


@pytest.mark.parametrize(
    "tuning", [LoraTuning(rank=2), FullTuning(), FreezeTuning(last=1), BiasTuning()], ids=lambda each: each.kind
)
def test_they_count_as_in_a_run(folder, tuning):
    model = load_model(folder, dtype="float32", device="cpu")
    first = vocabulary_of(model)
    new = {first + number: [1, 2] for number in range(NEW)}
    make_room(model, new)
    found = count(shapes(folder), tuning, NEW)
    base = sum(each.numel() for each in model.parameters())
    trained, total = parameters(tuned(model, tuning, new))
    assert found.base == base
    assert (found.trainable, found.total) == (trained, total)


def test_what_cannot_train_them_is_refused(folder):
    for tuning in (Ia3Tuning(), PromptTuning()):
        with pytest.raises(WrongUse, match="new tokens: 3"):
            count(shapes(folder), tuning, NEW)
    with pytest.raises(WrongUse, match="embed_tokens"):
        count(shapes(folder), LoraTuning(modules_to_save="embed_tokens"), NEW)


def test_each_pass_copies_the_head_and_its_gradient_is_whole(folder):
    """The head's copy (2 bytes), its gradient in float32, and cast (2): for every row and column, not for three."""
    model = shapes(folder)
    load = Load("bfloat16", 1, 8, False, "cuda")
    without, with_them = (
        reckon(model, Plan(LoraTuning(), load, 1).loaded(new_tokens=number))[1].part("logits") for number in (0, NEW)
    )
    assert with_them - without == (2 + 4 + 2) * (model.vocabulary + NEW) * model.hidden
