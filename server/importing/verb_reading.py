"""Verbs and conditions as a mapping file writes them, each checked against the file and the instrument."""

from collections.abc import Callable, Mapping, Sequence

from analysis.instrument import Instrument, Kind
from server.importing import fields
from server.importing.conditions import LIMITS, Condition, Criterion
from server.importing.mapping import FIXED_FIELDS, Filter, standard_columns
from server.importing.times import DIRECTIVES, Keep, known_part, offset_of
from server.importing.verbs import Cases, Constant, Date, First, Quantile, Recode, Rename, Verb
from server.instruments.cursor import Cursor, nearest

_TEST_KEYS = ("is", "not", "blank", *LIMITS)


class VerbReader:
    """Reads verbs and conditions for one file and one instrument."""

    def __init__(
        self, names: Sequence[str], instrument: Instrument, scales: Mapping[str, Mapping[str, str]]
    ) -> None:
        self._names = names
        self._instrument = instrument
        self._scales = scales
        self._readers = fields.readers(instrument)
        self._verbs: dict[str, Callable[[Cursor], Verb]] = {
            "column": self._rename,
            "constant": lambda at: Constant(scalar(at.at("constant"))),
            "recode": self._recode,
            "cases": self._cases,
            "quantile": self._quantile,
            "date": self._date,
        }

    def columns(self, at: Cursor) -> dict[str, Verb]:
        """Return the verb of each field; without `columns`, those of the file that bear a field's name."""
        if at.value is None:
            return standard_columns(self._names, self._instrument)
        known = (*FIXED_FIELDS, *(question.name for question in self._instrument.questions))
        if not at.mapping(required=(), optional=known):
            return {}
        return {name: self._field(name, at.at(name)) for name in at.value if name in known}

    def filter(self, at: Cursor) -> Filter:
        """Return one entry of `filter`."""
        drops = isinstance(at.value, dict) and "drop" in at.value
        at.mapping(required=("drop" if drops else "keep", "reason"))
        return Filter(self._condition(at.at("drop" if drops else "keep")), drops, text_of(at.at("reason")))

    def _field(self, name: str, at: Cursor) -> Verb:
        verb = self._verb(at)
        question = next((one for one in self._instrument.questions if one.name == name), None)
        for part in verb.verbs if isinstance(verb, First) else (verb,):
            if name in self._readers:
                self._check_outputs(name, part, at)
            if isinstance(part, Quantile) and (
                question is None or question.kind is not Kind.RATING or part.levels != (question.top or 0) + 1
            ):
                tops = "a rating" if question is None or question.top is None else str(question.top + 1)
                at.fault(f"a quantile of {part.levels} levels", f"{name} needs {tops} levels")
        return verb

    def _check_outputs(self, name: str, verb: Verb, at: Cursor) -> None:
        """Note every value the verb can yield that the field does not allow."""
        for value in sorted(set(_outputs(verb)) - {""}):
            try:
                self._readers[name](value)
            except ValueError as error:
                at.fault(f"{value!r} cannot be a value of {name}", f"it {error}")

    def _verb(self, at: Cursor) -> Verb:
        if isinstance(at.value, list):
            parts = [Cursor(value, f"{at.path}/{index}", at.faults) for index, value in enumerate(at.value)]
            return First(tuple(self._verb(part) for part in parts))
        if isinstance(at.value, str):
            return Rename(self._column(at))
        if not isinstance(at.value, dict):
            at.fault("no verb", f"write a column's name, or one of the verbs {', '.join(self._verbs)}")
            return Constant("")
        named = next((key for key in self._verbs if key in at.value), None)
        if named is None:
            first = str(next(iter(at.value), ""))
            at.fault(f"unknown verb {first!r}", nearest(first, list(self._verbs)))
            return Constant("")
        return self._checked(named, at)

    def _checked(self, named: str, at: Cursor) -> Verb:
        options = {
            "recode": ("otherwise",),
            "cases": ("otherwise",),
            "quantile": ("within", "worst"),
            "date": ("keep", "zones"),
        }
        needs = {"recode": ("values",), "quantile": ("levels",), "date": ("format",)}
        # `constant: null` would look missing to `required`; it is a verb that gives blanks.
        at.mapping(required=needs.get(named, ()), optional=(named, *options.get(named, ())))
        return self._verbs[named](at)

    def _rename(self, at: Cursor) -> Rename:
        return Rename(self._column(at.at("column")))

    def _recode(self, at: Cursor) -> Recode:
        values = at.at("values")
        if isinstance(values.value, str):
            if values.value not in self._scales:
                values.fault(
                    f"no scale {values.value!r}", nearest(values.value, list(self._scales) or ["none"])
                )
            levels = self._scales.get(values.value, {})
        else:
            levels = table(values)
        otherwise = scalar(at.at("otherwise")) if "otherwise" in at.value else None
        return Recode(self._column(at.at("recode")), levels, otherwise)

    def _cases(self, at: Cursor) -> Cases:
        cases = []
        for one in entries(at.at("cases")):
            if one.mapping(required=("when",), optional=("then",)):
                cases.append((self._condition(one.at("when")), scalar(one.at("then"))))
        return Cases(tuple(cases), scalar(at.at("otherwise")))

    def _quantile(self, at: Cursor) -> Quantile:
        within = self._column(at.at("within")) if at.value.get("within") is not None else None
        worst = at.at("worst").one_of(["low", "high"]) if "worst" in at.value else "low"
        levels = at.at("levels").integer(least=2, most=101, default=2)
        return Quantile(self._column(at.at("quantile")), levels, within, worst or "low")

    def _date(self, at: Cursor) -> Date:
        form = text_of(at.at("format"))
        for directive in set(form.replace("%%", "").split("%")[1:]):
            if directive[:1] not in DIRECTIVES:
                known = " ".join(f"%{one}" for one in sorted(DIRECTIVES))
                at.at("format").fault(f"unknown directive %{directive[:1]}", f"known are {known}")
        told = known_part(form)
        keep = Keep(at.at("keep").one_of(list(Keep)) or told) if "keep" in at.value else told
        if list(Keep).index(keep) < list(Keep).index(told):
            at.at("keep").fault(f"the format tells no more than the {told}", f"write keep: {told}")
        zones = table(at.at("zones")) if at.value.get("zones") is not None else {}
        for name, offset in zones.items():
            if offset_of(offset) is None:
                at.at("zones").at(name).fault(f"{offset!r} is no offset", 'write one such as "+05:30"')
        return Date(self._column(at.at("date")), form, keep, zones)

    def _condition(self, at: Cursor) -> Condition:
        if not isinstance(at.value, dict) or not at.value:
            at.fault("no condition", "write column: value, or column: {at_least: 3}")
            return ()
        return tuple(self._test(str(name), at.at(name)) for name in at.value)

    def _test(self, name: str, at: Cursor) -> Criterion:
        column = self._column(Cursor(name, at.path, at.faults))
        if not isinstance(at.value, dict):
            return Criterion(column, among=_among(at))
        at.mapping(required=(), optional=_TEST_KEYS)
        if "not" in at.value:
            return Criterion(column, among=_among(at.at("not")), negated=True)
        return Criterion(
            column,
            among=_among(at.at("is")) if "is" in at.value else None,
            blank=at.at("blank").flag(default=True) if "blank" in at.value else None,
            limits=tuple((name, limit) for name in LIMITS if (limit := at.at(name).number()) is not None),
        )

    def _column(self, at: Cursor) -> str:
        name = scalar(at)
        if name not in self._names:
            at.fault(f"the file has no column {name!r}", nearest(name, self._names))
        return name


def table(at: Cursor) -> dict[str, str]:
    """Return a mapping of values to values, all as text."""
    if not isinstance(at.value, dict) or not at.value:
        at.fault("no table", "write one line `value: new value` for each")
        return {}
    return {
        _plain(key): scalar(Cursor(value, f"{at.path}/{key}", at.faults)) for key, value in at.value.items()
    }


def entries(at: Cursor) -> list[Cursor]:
    """Return the places of a list, none where nothing stands."""
    return [] if at.value is None else list(at.items(least=1, most=1000))


def _among(at: Cursor) -> frozenset[str]:
    return frozenset(map(scalar, entries(at))) if isinstance(at.value, list) else frozenset([scalar(at)])


def text_of(at: Cursor) -> str:
    """Return a line of text, empty where nothing stands."""
    return "" if at.value is None else at.text(longest=200)


def scalar(at: Cursor) -> str:
    """Return a single value as the text that a file would hold."""
    if isinstance(at.value, dict | list):
        at.fault("one value is expected", "write a single word or number")
        return ""
    return _plain(at.value)


def _plain(value: object) -> str:
    """Return a YAML scalar as the text that a file would hold: null is a blank."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _outputs(verb: Verb) -> Sequence[str]:
    if isinstance(verb, Constant):
        return (verb.value,)
    if isinstance(verb, Recode):
        return (*verb.table.values(), verb.otherwise or "")
    return (*(value for _, value in verb.cases), verb.otherwise) if isinstance(verb, Cases) else ()
