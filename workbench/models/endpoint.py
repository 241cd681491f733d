"""A chat model behind an address that speaks OpenAI's chat completions: several questions at once, in any order.

The key comes from the environment; it is never written anywhere, nor shown in an error.
"""

import asyncio
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from workbench.data.shapes import Text
from workbench.errors import Missing, WorkbenchError, WrongUse
from workbench.models.generate import Answer

if TYPE_CHECKING:
    from openai import AsyncOpenAI

KEY = "OPENAI_API_KEY"
_KEYS = {
    "openai.com": KEY,
    "anthropic.com": "ANTHROPIC_API_KEY",
    "deepseek.com": "DEEPSEEK_API_KEY",
    "groq.com": "GROQ_API_KEY",
    "huggingface.co": "HF_TOKEN",
    "mistral.ai": "MISTRAL_API_KEY",
    "openrouter.ai": "OPENROUTER_API_KEY",
    "together.xyz": "TOGETHER_API_KEY",
}
_ENOUGH = 8
"""So many questions refused, and none answered: it is not the questions."""
_OF_THE_QUESTION = (400, 413, 422)
_LOOK_SECONDS = 0.25
"""How often we see whether the answers are still wanted."""
_NO_KEY = "none"
"""What servers that ask for no key are sent: the header has to hold something."""


@dataclass(frozen=True)
class Endpoint:
    """Where a model answers, and how patient we are with it."""

    url: str
    """The base that `/chat/completions` is put behind; mostly it ends in /v1."""
    model: str
    max_new_tokens: int = 1024
    temperature: float = 0.0
    top_p: float = 1.0
    seconds: float = 120.0
    """For one answer."""
    tries_again: int = 5
    """After a 429, a 5xx, a lost connection: later each time, or when the server says."""
    at_once: int = 4

    @property
    def key_name(self) -> str:
        """The variable of the environment that holds the key: the provider's own, else OPENAI_API_KEY."""
        host = urlsplit(self.url).hostname or ""
        own = next((name for domain, name in _KEYS.items() if host == domain or host.endswith("." + domain)), KEY)
        return own if os.environ.get(own) else KEY

    def check_key(self) -> None:
        """Raise Missing where a provider that is known to ask for a key has none in the environment."""
        host = urlsplit(self.url).hostname or ""
        asks = next((name for domain, name in _KEYS.items() if host == domain or host.endswith("." + domain)), None)
        if asks is not None and not os.environ.get(self.key_name):
            fix = f"export {asks}=… where you start the run: it is kept nowhere"
            raise Missing(f"{self.shown} asks for a key, and {asks} is not set", fix)

    @property
    def shown(self) -> str:
        """The address without what may be secret in it: a password, a query."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"

    def answer(
        self, prompts: Sequence[Text], is_cancelled: Callable[[], bool] = lambda: False
    ) -> Iterator[tuple[int, Answer]]:
        """Yield (place of the prompt, answer) as they come; what is under way ends with the iterator.

        A prompt is a text or a chat. Once `is_cancelled`, nothing more comes.

        Raises Missing for a key that is refused or an address or a model that is not there, WorkbenchError for a server
        that stays busy or broken, or that refuses every question; what has come by then is yielded before. A single
        question that is refused, such as one that is too long, ends as cancelled, with the server's words.
        """
        import openai

        if urlsplit(self.url).scheme not in ("http", "https") or not urlsplit(self.url).hostname:
            raise WrongUse(f"{self.url} is no address", "write the whole of it: http://127.0.0.1:8000/v1")
        with asyncio.Runner() as runner:
            client = openai.AsyncOpenAI(
                base_url=self.url, api_key=os.environ.get(self.key_name) or _NO_KEY, timeout=self.seconds,
                max_retries=self.tries_again,
            )  # fmt: skip
            asking = _Asking(self, client)
            loop = runner.get_loop()
            waiting = {loop.create_task(asking.one(place, prompt)) for place, prompt in enumerate(prompts)}
            refused: list[_Refused] = []
            has_answered = False
            try:
                while waiting and not is_cancelled():
                    done, waiting = runner.run(_first_of(waiting))
                    failed = [error for task in done if (error := task.exception())]
                    for task in done:
                        if not task.exception():
                            has_answered = True
                            yield task.result()
                    refused += [error for error in failed if isinstance(error, _Refused)]
                    for error in failed:
                        if not isinstance(error, _Refused) or (len(refused) >= _ENOUGH and not has_answered):
                            raise error
                if refused and not has_answered:
                    raise refused[0]
                yield from ((each.place, Answer(each.what, 0, "cancelled")) for each in refused)
            finally:
                runner.run(client.close())


class _Refused(WorkbenchError):
    """One question that the server does not take."""

    def __init__(self, what: str, place: int) -> None:
        super().__init__(what, "check --endpoint-model, and the length of what is asked")
        self.place = place


class _Asking:
    """The questions to one endpoint. An option that it does not know is left out from then on."""

    def __init__(self, endpoint: Endpoint, client: "AsyncOpenAI") -> None:
        self._endpoint, self._client = endpoint, client
        self._room = asyncio.Semaphore(endpoint.at_once)
        self._options: dict[str, Any] = {
            "temperature": endpoint.temperature, "max_tokens": endpoint.max_new_tokens,
            **({"top_p": endpoint.top_p} if endpoint.top_p < 1 else {}),
        }  # fmt: skip

    async def one(self, place: int, prompt: Text) -> tuple[int, Answer]:
        import openai

        async with self._room:
            while True:
                sent = dict(self._options)
                try:
                    return place, await self._asked(prompt, sent)
                except openai.BadRequestError as error:  # models that reason take neither option
                    if error.param not in sent:
                        raise _refusal(error, self._endpoint, place) from None
                    self._options.pop(error.param, None)
                except openai.OpenAIError as error:
                    raise _refusal(error, self._endpoint, place) from None

    async def _asked(self, prompt: Text, options: dict[str, Any]) -> Answer:
        messages = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        try:
            found = await self._client.chat.completions.create(
                model=self._endpoint.model, messages=cast(Any, messages), **options
            )
            choice, tokens = found.choices[0], found.usage.completion_tokens if found.usage else 0
            text = choice.message.content or ""
        except (ValueError, TypeError, AttributeError, LookupError):  # a server that is none such may send anything
            what = f"{self._endpoint.shown} sent no answer"
            raise WorkbenchError(what, "is it an OpenAI-compatible address?") from None
        return Answer(str(text), tokens, "length" if choice.finish_reason == "length" else "stop")


async def _first_of(tasks: "set[asyncio.Task[tuple[int, Answer]]]") -> Any:
    return await asyncio.wait(tasks, timeout=_LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)


def _refusal(error: Exception, endpoint: Endpoint, place: int) -> WorkbenchError:
    """What a server or the way to it refused, in a person's words."""
    import openai

    where, status = endpoint.shown, getattr(error, "status_code", None)
    if status in (401, 403):  # some servers repeat the key in their words
        is_set = "is refused" if os.environ.get(endpoint.key_name) else "is not set"
        return Missing(f"{where} asks for a key, and {endpoint.key_name} {is_set}", f"export {endpoint.key_name}=…")
    if status == 404:
        fix = "check --endpoint-model, and the address: mostly it ends in /v1"
        return Missing(f"{where} has no model {endpoint.model}, or is no OpenAI-compatible address", fix)
    if status == 429:
        return WorkbenchError(f"{where} still says that it was asked too often, or that no credit is left", _AGAIN)
    if isinstance(error, openai.APITimeoutError):
        return WorkbenchError(f"{where} did not answer within {endpoint.seconds:.0f} s, nor when asked again", _AGAIN)
    if isinstance(error, openai.APIConnectionError):
        return Missing(f"{where} cannot be reached: {error.__cause__ or error}", "is the server up?")
    key = os.environ.get(endpoint.key_name)
    words = str(error).strip().partition("\n")[0][:300]
    what = f"{where}: {words.replace(key, '…') if key else words}"
    return _Refused(what, place) if status in _OF_THE_QUESTION else WorkbenchError(what, _AGAIN)


_AGAIN = "what was answered is kept: workbench train resume RUN goes on from there"
