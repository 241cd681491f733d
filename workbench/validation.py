"""Turning a pydantic error into the sentence a person needs: which field, what is wrong, what would do."""

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from workbench.errors import WrongUse

Model = TypeVar("Model", bound=BaseModel)


def validated(model: type[Model], found: Any, where: str) -> Model:
    """Return `found` as a `model`; raise WrongUse that names `where` and the field otherwise."""
    try:
        return model.model_validate(found)
    except ValidationError as error:
        raise WrongUse(f"{where}: {_sentence(error)}", _fix(model, error)) from error


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or "the document"
    others = error.error_count() - 1
    more = f" (and {others} more)" if others else ""
    if first["type"] == "extra_forbidden":
        return f"{field} is not a known key{more}"
    message = first["msg"].removeprefix("Value error, ")
    return f"{field}: {message[0].lower() + message[1:]}{more}"


def _fix(model: type[BaseModel], error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    if first["type"] == "extra_forbidden" and len(first["loc"]) == 1:
        return "known keys: " + ", ".join(model.model_fields)
    if first["type"] == "missing":
        return f"add {first['loc'][-1]}"
    return ""
