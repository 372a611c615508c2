"""The query language: one grammar, one parser, one compiler to SQL."""

from core.search.ast import (
    And,
    Expression,
    Key,
    Not,
    Operator,
    Or,
    Query,
    Sample,
    Term,
    quoted,
    to_tag_text,
    to_text,
)
from core.search.compiler import condition
from core.search.complete import Completion, complete, complete_tags
from core.search.errors import QueryError
from core.search.facets import FACETS, TagNode, attributes, facets, tag_tree, values
from core.search.fields import Field, FieldType, fields
from core.search.find import Page, count, find, neighbour, page
from core.search.ordering import ORDERS
from core.search.parser import parse, parse_query, parse_tags, rewritten
from core.search.suggest import suggestion
from core.search.warming import warm_up

__all__ = [
    "FACETS",
    "ORDERS",
    "And",
    "Completion",
    "Expression",
    "Field",
    "FieldType",
    "Key",
    "Not",
    "Operator",
    "Or",
    "Page",
    "Query",
    "QueryError",
    "Sample",
    "TagNode",
    "Term",
    "attributes",
    "complete",
    "complete_tags",
    "condition",
    "count",
    "facets",
    "fields",
    "find",
    "neighbour",
    "page",
    "parse",
    "parse_query",
    "parse_tags",
    "quoted",
    "rewritten",
    "suggestion",
    "tag_tree",
    "to_tag_text",
    "to_text",
    "values",
    "warm_up",
]
