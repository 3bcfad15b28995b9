"""Reads a condition as people say it ("who had two or more late orders this year") into a predicate over the entity layer."""

from assistant.reader.conditions.amounts import MORE, UNITS
from assistant.reader.conditions.grammar import Read, entity_of, read
from assistant.reader.conditions.of_things import OPEN_START, SIDES, TIMED, VALUES
from assistant.reader.conditions.spoken import head_of
from assistant.reader.conditions.words import EMPTY, Around

__all__ = ["EMPTY", "MORE", "OPEN_START", "SIDES", "TIMED", "UNITS", "VALUES", "Around", "Read", "entity_of", "head_of", "read"]
