"""Claims files: what stands in them, and every fault of a file in one report."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from os import PathLike
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

import attrs

from llm_tradeoffs._edges import several_names
from llm_tradeoffs._load import Document, open_document
from llm_tradeoffs.catalog import held_catalog
from llm_tradeoffs.claims._compile import BrokenValueError, Compiler, Part
from llm_tradeoffs.claims._functions import CONSTANTS, FUNCTIONS
from llm_tradeoffs.claims._language import Binary, Call, ExpressionError, Name, Node, Unary, parse
from llm_tradeoffs.claims._quantities import DOLLARS, NONE, TOKENS, Dimension
from llm_tradeoffs.claims._says import Said, said_number, yes_or_no
from llm_tradeoffs.errors import CatalogError, InvalidTypeError, InvalidValueError, UnknownNameError
from llm_tradeoffs.money import Exact

if TYPE_CHECKING:
    from llm_tradeoffs.catalog import Catalog

__all__ = ["Claim", "Claims", "CostSaid", "Prepared", "Stated", "read"]

MAX_VALUES_DEEP: Final = 20
"""How many named values may build on each other."""
MAX_DIGITS: Final = 50
MAX_SHOWN: Final = 10
_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")

Pairs: TypeAlias = tuple[tuple[str, str], ...]


def _pairs(value: object) -> Pairs:
    entries = cast("Mapping[object, object]", value).items() if isinstance(value, Mapping) else value
    pairs = tuple(cast("Iterable[tuple[object, object]]", entries)) if isinstance(entries, Iterable) else (entries,)
    for pair in pairs:
        if not isinstance(pair, tuple) or [type(part) for part in cast("tuple[object, ...]", pair)] != [str, str]:
            raise InvalidTypeError(f"expected a mapping from names to texts, got {pair!r}.")
    return cast("Pairs", pairs)


def _ids(value: object) -> tuple[str, ...]:
    return several_names(value, "inconsistent_with", "('another-claim',)")


def _words(value: object, field: attrs.Attribute[Any]) -> str | None:
    if isinstance(value, str) or (value is None and field.default is None):
        return value
    raise InvalidTypeError(f"{field.name} of a claim is {value!r} of type {type(value).__name__}; expected a str.")


def _digits(value: object) -> int | None:
    if value is None or type(value) is int:
        return value
    raise InvalidTypeError(f"digits of a claim are {value!r}; expected a whole number such as 3.")


def _text_field(default: Any = attrs.NOTHING) -> Any:
    # mypy knows only functions as converters
    return attrs.field(default=default, converter=cast("Any", attrs.Converter(_words, takes_field=True)))


@attrs.frozen(kw_only=True)
class Claim:
    """
    One statement of a text, and how it can be checked.

    A claim is one of four kinds: a value (``says`` and ``expression``), costs that token counts would
    have to give (``costs``), a contradiction within the text (``inconsistent_with`` and ``why``), or a
    statement that nothing decides (``undecidable``).

    Attributes:
        id: Short name, once in a file.
        text: The sentence, word for word.
        section: Where in the text it stands.
        says: The value as it was written: ``"$0.00368"``, ``"~3x"``, ``"72-75 %"``, ``"yes"``.
        expression: What recomputes it, in the language of ``docs/how-to/check-a-comparison.md``.
        digits: How many digits of *says* are meant, where that is not how many are written.
        within: How far off the exact value may be, such as ``"10 %"``, instead of the written precision.
        about: What the claim is about, where several expressions are about the same quantity.
        costs: For each model what the text says one request costs.
        input_tokens, output_tokens: What the text says about the length of that request, such as ``"100-200"``.
        inconsistent_with: Ids of claims that cannot hold beside this one, for a reason that no number shows.
        why: The reason for that.
        undecidable: Why nothing can decide it.
        note: What a reader should know.
    """

    id: str = _text_field()
    text: str = _text_field()
    section: str = _text_field("")
    says: str | None = _text_field(None)
    expression: str | None = _text_field(None)
    digits: int | None = attrs.field(default=None, converter=_digits)
    within: str | None = _text_field(None)
    about: str = _text_field("")
    costs: Pairs = attrs.field(default=(), converter=_pairs)
    input_tokens: str | None = _text_field(None)
    output_tokens: str | None = _text_field(None)
    inconsistent_with: tuple[str, ...] = attrs.field(default=(), converter=_ids)
    why: str = _text_field("")
    undecidable: str = _text_field("")
    note: str = _text_field("")

    if TYPE_CHECKING:
        # What may be written is wider than what is held, and no type checker sees through the converters.
        # A test holds this signature against the fields.
        def __init__(
            self,
            *,
            id: str,
            text: str,
            section: str = "",
            says: str | None = None,
            expression: str | None = None,
            digits: int | None = None,
            within: str | None = None,
            about: str = "",
            costs: Mapping[str, str] | Pairs = (),
            input_tokens: str | None = None,
            output_tokens: str | None = None,
            inconsistent_with: Sequence[str] = (),
            why: str = "",
            undecidable: str = "",
            note: str = "",
        ) -> None: ...


def _claims_given(value: object) -> tuple[Claim, ...]:
    entries = tuple(cast("Sequence[object]", value)) if isinstance(value, Iterable) else ()
    claims = tuple(entry for entry in entries if isinstance(entry, Claim))
    if len(claims) != len(entries) or not isinstance(value, Iterable):
        raise InvalidTypeError(f"claims are {value!r}; expected several Claim(...).")
    return claims


@attrs.frozen(kw_only=True)
class Claims:
    """
    The statements of one text, in its order.

    >>> article = Claims.named("article")
    >>> article.title, article["chatbot-ratio"].says
    ('GPT-4.1 Mini vs Claude Haiku 4.5', '~3x')

    Attributes:
        id: Short name.
        title: The title of the text.
        claims: Its statements.
        source: Id of the catalog's source that the text is; None if it is none.
        models: The file's own short names of models.
        values: Named expressions that the claims use.
        path: The file; empty for claims made by hand.
        toml: The text of the file.
    """

    id: str
    title: str
    claims: tuple[Claim, ...] = attrs.field(converter=_claims_given)
    source: str | None = None
    models: Pairs = attrs.field(default=(), converter=_pairs)
    values: Pairs = attrs.field(default=(), converter=_pairs)
    path: str = attrs.field(default="", eq=False)
    # The text of the file, so that a fault that only another catalog brings out still has its line.
    toml: str = attrs.field(default="", eq=False, repr=False)

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            id: str,
            title: str,
            claims: Sequence[Claim],
            source: str | None = None,
            models: Mapping[str, str] | Pairs = (),
            values: Mapping[str, str] | Pairs = (),
            path: str = "",
            toml: str = "",
        ) -> None: ...

    @classmethod
    def named(cls, name: str, catalog: Catalog | None = None) -> Claims:
        """
        A claims file of the catalog by its id, such as ``"article"``.

        Raises:
            UnknownNameError: There is none of that name; near misses are listed.
            CatalogError: The file is wrong; every fault with its line.
        """
        held = held_catalog(catalog)
        if not isinstance(name, str) or name not in held.claims_texts:
            raise UnknownNameError("claims file", name, held.claims_texts)
        return read(name, held)[0]

    @classmethod
    def from_toml(cls, path: str | PathLike[str], catalog: Catalog | None = None) -> Claims:
        """
        Claims from a TOML file; see ``docs/how-to/check-a-comparison.md``.

        Args:
            path: The file.
            catalog: Where models, benchmarks and presets are looked up; None for the bundled catalog.

        Raises:
            CatalogError: The file is wrong; every fault with its line.
        """
        document = open_document(path)
        return _read(document, held_catalog(catalog))[0]

    @cached_property
    def _by_id(self) -> dict[str, Claim]:
        return {claim.id: claim for claim in self.claims}

    def __getitem__(self, name: str) -> Claim:
        """
        A claim by its id.

        Raises:
            UnknownNameError: There is none of that name.
        """
        found = self._by_id.get(name) if isinstance(name, str) else None
        if found is None:
            raise UnknownNameError("claim", name, self._by_id)
        return found

    def __iter__(self) -> Iterator[Claim]:
        return iter(self.claims)

    def __len__(self) -> int:
        return len(self.claims)


# The shape of a file; the names are those of the TOML.


@attrs.frozen(kw_only=True)
class ClaimRow:
    id: str
    text: str
    section: str = ""
    says: str | None = None
    expression: str | None = None
    digits: int | None = None
    within: str | None = None
    about: str = ""
    costs: Any = None
    input_tokens: str | None = None
    output_tokens: str | None = None
    inconsistent_with: tuple[str, ...] = ()
    why: str = ""
    undecidable: str = ""
    note: str = ""


@attrs.frozen(kw_only=True)
class ClaimsFile:
    id: str
    title: str
    source: str | None = None
    models: Any = None
    values: Any = None
    claims: tuple[ClaimRow, ...]


def _claims(document: Document) -> Claims:
    """What a document says, with stand-ins for what is faulty; its faults are the document's."""
    read = document.structure(ClaimsFile)
    if read is None:
        raise CatalogError(document.faults)
    rows: list[Claim] = []
    for index, row in enumerate(read.claims):
        values = {field.name: getattr(row, field.name) for field in attrs.fields(ClaimRow)}
        values["costs"] = _table(document, ["claims", index, "costs"], row.costs)
        rows.append(Claim(**values))
    return Claims(
        id=read.id,
        title=read.title,
        claims=rows,
        source=read.source,
        models=_table(document, ["models"], read.models),
        values=_table(document, ["values"], read.values),
        path=document.path,
        toml=document.text,
    )


def _table(document: Document, where: list[str | int], value: object) -> dict[str, str]:
    """A table from names to texts."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        document.fault(where, f"expected a table of names and texts, got {value!r}", stood_in=True)
        return {}
    found: dict[str, str] = {}
    for name, text in cast("dict[str, object]", value).items():
        if isinstance(text, str):
            found[name] = text
        else:
            document.fault([*where, name], f"expected text in quotes, got {text!r}", stood_in=True)
    return found


# What a claim means, once every name in it is known to exist.

Stated: TypeAlias = Said | bool | str
"""What a claim says: a number or range, yes or no, or words."""


@attrs.frozen(kw_only=True)
class CostSaid:
    """
    Costs that token counts would have to give.

    Attributes:
        costs: The id of each model, and what the text says one request costs.
        input_bounds, output_bounds: Fewest and most tokens; None without a limit. [tokens]
    """

    costs: tuple[tuple[str, Said], ...]
    input_bounds: tuple[Exact, Exact | None]
    output_bounds: tuple[Exact, Exact | None]


@attrs.frozen(kw_only=True)
class Prepared:
    """
    A claim whose words have been understood.

    Attributes:
        claim: The claim.
        part: Its expression, checked.
        stated: What it says.
        costs: Its costs.
    """

    claim: Claim
    part: Part | None = None
    stated: Stated | None = None
    costs: CostSaid | None = None


def read(claims: object, catalog: Catalog) -> tuple[Claims, tuple[Prepared, ...]]:
    """
    The claims that were given, those of a file, or the catalog's of that id, each understood.

    Raises:
        InvalidTypeError: It is none of these.
        UnknownNameError: The catalog has no claims file of that id.
        CatalogError: Something in them is wrong; every fault with its line.
    """
    if isinstance(claims, Claims):
        document = Document(claims.path or f"claims {claims.id!r}", b"")
        document.text = claims.toml
        return claims, _prepared(claims, catalog, document)
    if isinstance(claims, str) and claims in catalog.claims_texts:
        return _read(Document(f"claims/{claims}.toml", catalog.claims_texts[claims].encode()), catalog)
    if isinstance(claims, PathLike) or (isinstance(claims, str) and (claims.endswith(".toml") or "/" in claims)):
        return _read(open_document(cast("str | PathLike[str]", claims)), catalog)
    if isinstance(claims, str):
        raise UnknownNameError("claims file", claims, catalog.claims_texts)
    raise InvalidTypeError(
        f"expected claims, got {claims!r} of type {type(claims).__name__}. "
        "Give the id of a claims file such as 'article', the path of one, or a Claims."
    )


def _read(document: Document, catalog: Catalog) -> tuple[Claims, tuple[Prepared, ...]]:
    claims = _claims(document)
    return claims, _prepared(claims, catalog, document)


def _prepared(claims: Claims, catalog: Catalog, document: Document) -> tuple[Prepared, ...]:
    """Every claim understood, or all faults of the document at once."""
    if claims.source is not None and claims.source not in catalog.sources:
        known = ", ".join(catalog.sources)
        document.fault(["source"], f"unknown source {claims.source!r} of the catalog; known: {known}")
    compiler = Compiler(catalog, _models(claims, catalog, document))
    _define_values(claims, compiler, document)
    ids = [claim.id for claim in claims.claims]
    known_ids = set(ids)
    seen: set[str] = set()
    found: list[Prepared] = []
    for index, claim in enumerate(claims.claims):
        where: list[str | int] = ["claims", index]
        if not claim.id:
            document.fault([*where, "id"], "the id is empty")
        elif claim.id in seen:
            document.fault([*where, "id"], f"the claim {claim.id!r} is there twice")
        seen.add(claim.id)
        for other in claim.inconsistent_with:
            if other not in known_ids or other == claim.id:
                problem = "the claim itself" if other == claim.id else "no claim of this file"
                document.fault([*where, "inconsistent_with"], f"{other!r} is {problem}")
        found.append(_understood(claim, compiler, document, where))
    if document.faults:
        raise CatalogError(document.faults)
    return tuple(found)


def _models(claims: Claims, catalog: Catalog, document: Document) -> dict[str, str]:
    known: dict[str, str] = {}
    for name, model in claims.models:
        where = ["models", name]
        if not _WORD.match(name):
            document.fault(where, f"{name!r} cannot stand in an expression; use letters, digits and _, such as mini")
        try:
            known[name] = catalog.resolve(model)
        except UnknownNameError as problem:
            near = f"; did you mean {', '.join(map(repr, problem.near))}?" if problem.near else ""
            document.fault(where, f"unknown model {model!r}{near}", stood_in=True)
            # Known by its short name from here on, so that each use of it is not a fault of its own.
            known[name] = next(iter(catalog.records), "")
    return known


def _define_values(claims: Claims, compiler: Compiler, document: Document) -> None:
    trees: dict[str, Node] = {}
    for name, text in claims.values:
        where = ["values", name]
        if not _WORD.match(name):
            document.fault(where, f"{name!r} cannot stand in an expression; use letters, digits and _")
        if name in FUNCTIONS or name in CONSTANTS or name in {"and", "or", "not"}:
            document.fault(where, f"{name!r} has a meaning already; choose another name")
        try:
            trees[name] = parse(text)
        except ExpressionError as problem:
            document.fault(where, str(problem), stood_in=True)
            compiler.broken.add(name)
    needs = {name: [other for other in _names(tree) if other in trees] for name, tree in trees.items()}
    deep: dict[str, int] = {}
    for name in _in_order(needs, compiler, document):
        where = ["values", name]
        if not compiler.broken.isdisjoint(needs[name]):
            compiler.broken.add(name)
            continue
        deep[name] = 1 + max((deep[other] for other in needs[name]), default=0)
        if deep[name] > MAX_VALUES_DEEP:
            document.fault(where, f"{name} builds on values {deep[name] - 1} deep; at most {MAX_VALUES_DEEP} will do")
            compiler.broken.add(name)
            continue
        try:
            compiler.define(name, trees[name])
        except ExpressionError as problem:
            if not isinstance(problem, BrokenValueError):
                document.fault(where, str(problem))
            compiler.broken.add(name)


def _in_order(needs: Mapping[str, Sequence[str]], compiler: Compiler, document: Document) -> list[str]:
    """The values so that each comes after what it needs; circles are faults and are left out."""
    left = dict(needs)
    while True:
        try:
            return list(TopologicalSorter(left).static_order())
        except CycleError as problem:
            circle: list[str] = problem.args[1]
            names = circle[::-1]
            shown = names if len(names) <= MAX_SHOWN else [*names[: MAX_SHOWN - 1], "...", names[-1]]
            document.fault(["values", names[0]], f"values in a circle: {' needs '.join(shown)}")
            compiler.broken.update(circle)
            left = {
                name: [other for other in others if other not in compiler.broken]
                for name, others in left.items()
                if name not in compiler.broken
            }


def _names(tree: Node) -> Iterator[str]:
    if isinstance(tree, Name):
        yield tree.value
    elif isinstance(tree, Call):
        for argument in tree.arguments:
            yield from _names(argument)
    elif isinstance(tree, Unary):
        yield from _names(tree.operand)
    elif isinstance(tree, Binary):
        yield from _names(tree.left)
        yield from _names(tree.right)


def _understood(claim: Claim, compiler: Compiler, document: Document, where: list[str | int]) -> Prepared:
    if not claim.text:
        document.fault([*where, "text"], "the text is empty; quote the sentence")
    for problem in _kind_problems(claim):
        document.fault(where, problem)
    part: Part | None = None
    if claim.expression is not None:
        try:
            part = compiler.compile(claim.expression)
        except ExpressionError as problem:
            if not isinstance(problem, BrokenValueError):
                document.fault([*where, "expression"], str(problem))
    stated: Stated | None = None
    if claim.says is not None and part is not None and not claim.undecidable:
        try:
            stated = _stated(claim, claim.says, part)
        except InvalidValueError as problem:
            document.fault([*where, "says"], str(problem))
    costs = _costs(claim, compiler, document, where) if claim.costs else None
    return Prepared(claim=claim, part=part, stated=stated, costs=costs)


def _kind_problems(claim: Claim) -> Iterator[str]:
    kinds = [bool(claim.says or claim.expression), bool(claim.costs)]
    if not (any(kinds) or claim.undecidable or claim.inconsistent_with):
        yield "nothing here can be checked: give says and expression, or costs, or undecidable with the reason"
    if all(kinds):
        yield "says and expression are one kind of claim, costs another; make two claims of it"
    if claim.undecidable and (claim.costs or claim.inconsistent_with):
        yield "what is undecidable has neither costs nor inconsistent_with"
    if not claim.undecidable and (claim.says is None) != (claim.expression is None):
        yield f"{'says' if claim.says is None else 'expression'} is missing: one is held against the other"
    if bool(claim.inconsistent_with) != bool(claim.why):
        yield "inconsistent_with and why go together: name the other claims, and why they cannot hold together"
    if (claim.input_tokens is not None or claim.output_tokens is not None) and not claim.costs:
        yield "input_tokens and output_tokens go with costs"
    if (claim.digits is not None or claim.within is not None) and claim.says is None:
        yield "digits and within go with says"
    if claim.digits is not None and not 1 <= claim.digits <= MAX_DIGITS:
        yield f"digits is {claim.digits}; write 1 to {MAX_DIGITS}"
    if claim.digits is not None and claim.within is not None:
        yield "digits and within are two ways to say one thing; keep one"


def _stated(claim: Claim, says: str, part: Part) -> Stated:
    """
    What a claim says, of the type of its expression.

    Raises:
        InvalidValueError: It is of another type, or in another unit.
    """
    kind = part.type.kind
    if kind == "yes/no":
        answer = yes_or_no(says)
        if answer is None:
            raise InvalidValueError(f"the expression is answered by yes or no, got {says!r}")
        return answer
    if kind != "number":
        if not says.strip():
            raise InvalidValueError(f"the expression gives {part.type}, and nothing is said")
        return says
    digits = claim.digits if claim.digits is None or 1 <= claim.digits <= MAX_DIGITS else None
    said = said_number(says, digits, claim.within)
    if said.dimension != part.type.dimension:
        raise InvalidValueError(
            f"{says!r} is {_measured(said.dimension)}, and the expression gives {_measured(part.type.dimension)}"
        )
    return said


def _measured(dimension: Dimension) -> str:
    return str(dimension) if dimension == NONE else f"in {dimension}"


def _costs(claim: Claim, compiler: Compiler, document: Document, where: list[str | int]) -> CostSaid:
    stated: list[tuple[str, Said]] = []
    for name, amount in claim.costs:
        place = [*where, "costs", name]
        try:
            model = compiler.catalog.resolve(compiler.models.get(name, name))
            said = said_number(amount)
        except (UnknownNameError, InvalidValueError) as problem:
            document.fault(place, str(problem))
            continue
        if said.dimension != DOLLARS or said.relation != "=":
            document.fault(place, f"{amount!r} is no amount of dollars; write it as '$0.00016'")
        if any(model == other for other, _ in stated):
            document.fault(place, f"the cost of {model} is stated twice")
        stated.append((model, said))
    bounds = {
        name: _bounds(words, document, [*where, name])
        for name, words in (("input_tokens", claim.input_tokens), ("output_tokens", claim.output_tokens))
    }
    return CostSaid(costs=tuple(stated), input_bounds=bounds["input_tokens"], output_bounds=bounds["output_tokens"])


def _bounds(words: str | None, document: Document, where: list[str | int]) -> tuple[Exact, Exact | None]:
    if words is None:
        return 0, None
    try:
        said = said_number(words)
    except InvalidValueError as problem:
        document.fault(where, str(problem))
        return 0, None
    if said.dimension not in {TOKENS, NONE} or said.unit.name in {"%", "points", "x"} or said.low < 0:
        document.fault(where, f"{words!r} is no number of tokens; write it as '100-200'")
    low = said.low - (said.low_reach if said.about else 0)
    high = said.high + (said.high_reach if said.about else 0)
    return (0 if said.relation in {"<", "<="} else max(0, low)), (None if said.relation in {">", ">="} else high)
