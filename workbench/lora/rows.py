"""New tokens: the rows that they add to an embedding and a head, and that are trained alone (PEFT's trainable tokens).

Counted as rows that the model did not have; where its embedding has rows to spare, none is added to the total.
"""

from dataclasses import replace

from workbench.errors import WrongUse
from workbench.lora.modules import Module, Shapes
from workbench.lora.spec import AnyTuning, FullTuning, LoraTuning, PartKind
from workbench.lora.trained import Count, Trained


def with_rows(shapes: Shapes, number: int) -> Shapes:
    """Return the model with `number` more rows in its embedding and its head."""
    if not number:
        return shapes
    names = {module.name for module in _words(shapes)}
    modules = tuple(_longer(shapes, module, number) if module.name in names else module for module in shapes.modules)
    return replace(shapes, modules=modules, vocabulary=shapes.vocabulary + number)


def with_rows_trained(found: Count, shapes: Shapes, tuning: AnyTuning, number: int) -> Count:
    """Return the count with the last `number` rows trained too; a part of the model trains these modules whole.

    Raises WrongUse for a tuning that cannot.
    """
    if not number or isinstance(tuning, FullTuning):
        return found
    if not isinstance(tuning, LoraTuning | PartKind):
        raise WrongUse(
            f"tuning: {tuning.kind} cannot train the rows of new tokens: {number}", "use lora, or leave new tokens out"
        )
    own = [module for module in _words(shapes) if module.size]
    known = {each.name for each in found.trained}
    if isinstance(tuning, PartKind):
        whole = [Trained(module.name, module.shape, module.size) for module in own if module.name not in known]
        return replace(found, trained=(*found.trained, *whole))
    for module in own:
        if module.name in known:
            raise WrongUse(
                f"tuning: {module.name} is adapted or trained whole, so its new rows cannot be trained alone",
                "leave it out of target and modules_to_save, or leave new tokens out",
            )
    rows = [Trained(module.name, (number, shapes.hidden), number * shapes.hidden, how="rows") for module in own]
    return replace(found, trained=(*found.trained, *rows), saved=found.saved + sum(each.trainable for each in rows))


def _words(shapes: Shapes) -> list[Module]:
    """The embedding of the vocabulary, and the head."""
    rows = (module for module in shapes.modules if module.kind == "embedding")
    embedding = next((each for each in rows if each.parameters[0].shape[0] == shapes.vocabulary), None)
    head = next((module for module in shapes.modules if module.name == shapes.head), None)
    return [module for module in (embedding, head) if module is not None]


def _longer(shapes: Shapes, module: Module, number: int) -> Module:
    grown = (
        replace(each, shape=(number + each.shape[0], *each.shape[1:])) if each.shape[0] == shapes.vocabulary else each
        for each in module.parameters
    )
    return replace(module, parameters=tuple(grown))
