"""What an author typed into the form of an item, for the part of the form that belongs to the type. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


class FieldProblem(ValueError):
    """Something typed that cannot be taken: the field, and a Chinese sentence."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name
        self.message = message


@dataclass(frozen=True)
class Fields:
    """Texts by the names of the fields; those of the second part of a case begin with ``parts-1-``."""

    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    prefix: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)

    def name(self, field_name: str) -> str:
        """Return the whole name of a field."""
        return f"{self.prefix}{field_name}"

    def one(self, field_name: str) -> str:
        """Return the text of a field, without surrounding space; empty when there is none."""
        given = self.values.get(self.name(field_name)) or [""]
        return given[0].replace("\r\n", "\n").strip()

    def many(self, field_name: str) -> list[str]:
        """Return everything chosen under one name."""
        return list(self.values.get(self.name(field_name)) or [])

    def rows(self, field_name: str) -> list[str]:
        """Return the texts of ``name-0``, ``name-1`` … up to the last one that is there."""
        numbered = re.compile(re.escape(self.name(field_name)) + r"-(\d{1,3})")
        found = [int(match[1]) for name in self.values if (match := numbered.fullmatch(name))]
        return [self.one(f"{field_name}-{number}") for number in range(max(found, default=-1) + 1)]

    def lines(self, field_name: str) -> list[str]:
        """Return the lines of a field that say something."""
        return [line.strip() for line in self.one(field_name).splitlines() if line.strip()]

    def error(self, field_name: str) -> str:
        """Return what is wrong with a field, empty when nothing is known."""
        return self.errors.get(self.name(field_name), "")

    def part(self, number: int) -> "Fields":
        """Return the fields of one part, counted from 0."""
        return Fields(self.values, f"{self.prefix}parts-{number}-", self.errors)

    @property
    def parts(self) -> "list[Fields]":
        """The fields of every part, in order."""
        return [self.part(number) for number in range(len(self.rows_of_parts()))]

    def rows_of_parts(self) -> list[str]:
        """Return the types of the parts, in order."""
        return [values[0] for name, values in sorted(self.values.items(), key=_number) if _is_type(name) and values]

    def with_part(self, type_name: str) -> "Fields":
        """Return the fields with an empty part of a type behind the others."""
        return Fields({**self.values, f"parts-{len(self.rows_of_parts())}-type": [type_name]})

    def without_part(self, number: int) -> "Fields":
        """Return the fields without one part, the later ones moved up."""
        kept: dict[str, Sequence[str]] = {}
        for name, values in self.values.items():
            match = re.fullmatch(r"parts-(\d{1,3})-(.+)", name)
            if not match or int(match[1]) < number:
                kept[name] = values
            elif int(match[1]) > number:
                kept[f"parts-{int(match[1]) - 1}-{match[2]}"] = values
        return Fields(kept)


def prefixed(number: int, values: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Return the fields of a part under their names in the form of its case."""
    return {f"parts-{number}-{name}": given for name, given in values.items()}


def _is_type(name: str) -> bool:
    return re.fullmatch(r"parts-\d{1,3}-type", name) is not None


def _number(entry: tuple[str, Sequence[str]]) -> int:
    return int(entry[0].split("-")[1]) if _is_type(entry[0]) else -1
