"""The query language: one grammar, one parser, one compiler to SQL."""

from core.search.ast import And, Expression, Not, Operator, Or, Term, quoted, to_text
from core.search.compiler import condition
from core.search.errors import QueryError
from core.search.fields import Field, FieldType, fields
from core.search.find import ORDERS, count, find, values
from core.search.parser import parse

__all__ = [
    "ORDERS",
    "And",
    "Expression",
    "Field",
    "FieldType",
    "Not",
    "Operator",
    "Or",
    "QueryError",
    "Term",
    "condition",
    "count",
    "fields",
    "find",
    "parse",
    "quoted",
    "to_text",
    "values",
]
