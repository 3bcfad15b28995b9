"""The configured language model: a server that speaks OpenAI's protocol, or a local transformers model. Imported only when configured."""

from __future__ import annotations

import importlib.util
import os
import threading
from pathlib import Path
from typing import Any

from assistant.model.calls import Model, Writer
from integrations.settings import LanguageModel
from knowledge.errors import Unavailable, needs

MOST_TOKENS = 500
SEED = 7


def open_model(settings: LanguageModel) -> Model:
    """The model of the settings; nothing is loaded and nobody called before it is first used."""
    writer: Writer = Local(Path(settings.path), settings.seconds) if settings.path else Server(settings)
    return Model(writer, settings.seconds, reads=settings.reads, words=settings.words)


class Server:
    """A server that speaks OpenAI's chat protocol."""

    def __init__(self, settings: LanguageModel) -> None:
        self.name = settings.name
        self._settings = settings
        self._client: Any = None

    def write(self, system: str, user: str) -> str:
        """Fails: Unavailable (no client, no key, no answer, an answer that is none)."""
        from openai import OpenAIError

        messages = [{"role": "system", "content": system}, {"role": "user", "content": user}]
        try:
            reply = self._open().chat.completions.create(
                model=self.name, messages=messages, temperature=0, seed=SEED, max_tokens=MOST_TOKENS
            )
            said = reply.choices[0].message.content
        except OpenAIError as err:
            raise Unavailable("The language model did not answer.", "`rapport doctor` looks at it.", code="no_model") from err
        except (AttributeError, IndexError, TypeError, ValueError) as err:
            raise Unavailable("The language model's answer is none.", "Look at its address.", code="no_model") from err
        if not isinstance(said, str):
            raise Unavailable("The language model said nothing.", "Look at its name.", code="no_model")
        return said

    def _open(self) -> Any:
        from openai import OpenAI

        if self._client is None:
            settings = self._settings
            key = os.environ.get(settings.key_env, "") if settings.key_env else "none"
            if not key:
                raise Unavailable(f"{settings.key_env} is not set.", "It holds the language model's key.", code="no_model")
            self._client = OpenAI(base_url=settings.url, api_key=key, timeout=settings.seconds, max_retries=0)
        return self._client


class Local:
    """A transformers model in a folder; loaded at its first use, one text at a time."""

    def __init__(self, folder: Path, seconds: float) -> None:
        self.name = folder.name
        self._folder, self._seconds = folder, seconds
        self._lock = threading.Lock()
        self._parts: tuple[Any, Any] | None = None

    def write(self, system: str, user: str) -> str:
        """Fails: Unavailable (not a model, a text longer than it reads)."""
        with self._lock:
            tokenizer, model = self._load()
            text = _prompt(tokenizer, system, user)
            asked = tokenizer(text, return_tensors="pt", return_token_type_ids=False)
            length = int(asked["input_ids"].shape[1])
            most = getattr(model.config, "max_position_embeddings", None)
            room = MOST_TOKENS if most is None else min(MOST_TOKENS, most - length)
            if room < 1:
                raise Unavailable("The text is longer than the language model reads.", "Set another one.", code="no_model")
            padding = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id
            made = model.generate(**asked, max_new_tokens=room, do_sample=False, max_time=self._seconds, pad_token_id=padding)
            said: str = tokenizer.decode(made[0][length:], skip_special_tokens=True)
            return said

    def _load(self) -> tuple[Any, Any]:
        if self._parts is None:
            with needs("models", "A language model in a folder"):
                if importlib.util.find_spec("torch") is None:  # transformers imports without it, and fails later
                    raise ModuleNotFoundError("torch")
                from transformers import AutoModelForCausalLM, AutoTokenizer

            try:
                here = str(self._folder)
                tokenizer = AutoTokenizer.from_pretrained(here, local_files_only=True)
                self._parts = tokenizer, AutoModelForCausalLM.from_pretrained(here, local_files_only=True).eval()
            except (OSError, ValueError, KeyError) as err:
                raise Unavailable(f"{self._folder} holds no language model.", "Set `path` anew.", code="no_model") from err
        return self._parts


def _prompt(tokenizer: Any, system: str, user: str) -> str:
    """By the model's own template where it has one."""
    if not tokenizer.chat_template:
        return f"{system}\n\n{user}\n\n"
    messages = [{"role": "system", "content": system}, {"role": "user", "content": user}]
    text: str = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    return text


def examine(settings: LanguageModel) -> str:
    """What is wrong with the settings, seen without calling anybody; empty where nothing is."""
    if settings.path:
        if importlib.util.find_spec("transformers") is None or importlib.util.find_spec("torch") is None:
            return "A language model in a folder needs packages that are not installed: pip install 'rapport-crm[models]'."
        return "" if (Path(settings.path) / "config.json").is_file() else f"{settings.path} holds no language model."
    if importlib.util.find_spec("openai") is None:
        return "The package openai is not installed: pip install 'rapport-crm[openai]'."
    if settings.key_env and not os.environ.get(settings.key_env):
        return f"{settings.key_env} is not set; it holds the language model's key."
    return ""
