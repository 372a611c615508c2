"""The query language: one grammar, one parser, one compiler to SQL."""

from core.search.ast import And, Expression, Not, Operator, Or, Term, quoted, to_text
from core.search.compiler import condition
from core.search.errors import QueryError
from core.search.facets import FACETS, facets, values
from core.search.fields import Field, FieldType, fields
from core.search.find import ORDERS, Page, count, find, neighbour, page
from core.search.parser import parse
from core.search.suggest import suggestion

__all__ = [
    "FACETS",
    "ORDERS",
    "And",
    "Expression",
    "Field",
    "FieldType",
    "Not",
    "Operator",
    "Or",
    "Page",
    "QueryError",
    "Term",
    "condition",
    "count",
    "facets",
    "fields",
    "find",
    "neighbour",
    "page",
    "parse",
    "quoted",
    "suggestion",
    "to_text",
    "values",
]
