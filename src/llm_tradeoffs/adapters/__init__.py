"""
One decision for several frameworks.

Each module here fits a :class:`~llm_tradeoffs.router.Router` into the place that one framework has for such a
choice, and is an extra of that framework's name:

- ``llm_tradeoffs.adapters.litellm``: a routing strategy, a routing plugin and a callback that knows the cost;
- ``llm_tradeoffs.adapters.pydantic_ai``: a capability that selects a model, and a model;
- ``llm_tradeoffs.adapters.openai_agents``: a model provider, and a model;
- ``llm_tradeoffs.adapters.langchain``, ``llama_index``, ``haystack``, ``dspy``: likewise;
- ``llm_tradeoffs.adapters.openrouter``: the options of a request; needs no package.

A framework is imported by its own module and by nothing else.
"""

from __future__ import annotations

from llm_tradeoffs.adapters._shared import NoModelError, RequestFields

__all__ = ["NoModelError", "RequestFields"]
