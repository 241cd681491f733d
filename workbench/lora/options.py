"""A tuning as the options of `workbench lora count`: the command that counts the same."""

from workbench.lora.spec import AnyTuning, LoraTuning

_COUNTS_NOTHING = {"kind", "quantise", "alpha", "alpha_pattern", "rslora", "dropout", "start"}
_ALWAYS = ("rank", "target")


def options(tuning: AnyTuning) -> list[str]:
    """Return the words that say `tuning` on the command line; what changes no count is left out."""
    words = [] if isinstance(tuning, LoraTuning) else ["--tuning", tuning.kind]
    for name, field in type(tuning).model_fields.items():
        value = getattr(tuning, name)
        is_said = isinstance(tuning, LoraTuning) and name in _ALWAYS
        if name in _COUNTS_NOTHING or (value == field.default and not is_said):
            continue
        option = f"--{name.replace('_', '-')}"
        if isinstance(value, dict):
            words += [word for key, each in value.items() for word in (option, f"{key}={each}")]
        elif isinstance(value, bool):
            words.append(option)
        else:
            words += [option, ",".join(map(str, value)) if isinstance(value, tuple) else str(value)]
    return words
