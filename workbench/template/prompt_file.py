"""Prompt files: Jinja files of one prompt, such as Alpaca's, made into chat templates.

A prompt file names no `messages` but `instruction`, `input`, `system` or `prompt` (the whole question). As a chat
template it writes each question through the file and each answer as it is, with the EOS behind it, so a tuned model
that carries it is asked everywhere as it was trained.
"""

_BEFORE = """\
{%- if bos_token %}{{ bos_token }}{% endif -%}
{%- set said = namespace(system='') -%}
{%- for message in messages -%}
{%- if message.role == 'system' -%}
{%- set said.system = message.content -%}
{%- elif message.role == 'assistant' -%}
{{ message.content }}{{ eos_token }}
{%- else -%}
{%- set prompt, system = message.content, said.system -%}
{%- set instruction, input = message.instruction or prompt, message.input or '' -%}
{{ '' }}"""
_AFTER = "{{ '' }}{%- endif -%}{%- endfor -%}"
"""What writes nothing keeps the white space at the file's ends from the tags around it."""


def as_chat_template(source: str) -> str:
    """Return a chat template as it is, and a prompt file as the chat template that it stands for."""
    if not is_prompt_file(source):
        return source
    return _BEFORE + source.removesuffix("\n") + _AFTER


def is_prompt_file(source: str) -> bool:
    """Whether a Jinja file reads no `messages`. One that cannot be parsed is left to be refused as a chat template."""
    from jinja2 import TemplateSyntaxError, meta
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    try:
        parsed = ImmutableSandboxedEnvironment(extensions=["jinja2.ext.loopcontrols"]).parse(source)
    except TemplateSyntaxError:
        return False
    return "messages" not in meta.find_undeclared_variables(parsed)
