"""What scim2-filter-parser and scim2-models make of filters and patches.

One question a line on the input, JSON, and one answer a line on the output. tests/it/independent explains both.
"""

import json
import sys
from collections.abc import Callable
from typing import Any

from scim2_filter_parser import ast, lexer, parser
from scim2_models import Context, EnterpriseUser, Group, PatchOp, User
from scim2_models import path as tree
from scim2_models.exceptions import SCIMException
from pydantic import ValidationError

USER = User[EnterpriseUser]


def attempt(answer: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Runs it; what it raises is a refusal."""
    try:
        return answer()
    except (SCIMException, ValidationError, parser.SCIMParserError, ValueError, TypeError, AttributeError) as error:
        return {"refused": f"{type(error).__name__}: {error}"}


def parsed(node: Any) -> Any:
    """The tree of scim2-filter-parser in the form that all libraries are compared in; its literals are all text."""
    match node:
        case ast.Filter(negated=True):
            return ["not", parsed(node.expr)]
        case ast.Filter(namespace=None):
            return parsed(node.expr)
        case ast.Filter():
            return ["[]", name(node.namespace), parsed(node.expr)]
        case ast.LogExpr():
            return [node.op.lower(), parsed(node.expr1), parsed(node.expr2)]
        case ast.AttrExpr(comp_value=None):
            return [node.value.lower(), name(node.attr_path)]
        case ast.AttrExpr():
            return [node.value.lower(), name(node.attr_path), node.comp_value.value]
    raise TypeError(f"a filter of {node!r}")


def name(path: ast.AttrPath) -> str:
    if not isinstance(path.attr_name, str):
        raise TypeError("a comparison behind brackets has no form")
    uri = f"{path.uri}:" if path.uri else ""
    sub = f".{path.sub_attr.value}" if path.sub_attr else ""
    return f"{uri}{path.attr_name}{sub}"


def modelled(node: tree.FilterNode) -> Any:
    """The tree of scim2-models in the form that all libraries are compared in."""
    match node:
        case tree.LogicalExpr():
            return [node.op.value, *map(modelled, node.terms)]
        case tree.Not():
            return ["not", modelled(node.expr)]
        case tree.Present():
            return ["pr", str(node.attr_path)]
        case tree.Comparison():
            return [node.op.value, str(node.attr_path), node.value]
        case tree.ValuePath(sub_attr=None):
            return ["[]", str(node.attr_path), modelled(node.val_filter)]
    raise TypeError(f"a filter of {node!r}")


def model(resource: dict[str, Any]) -> Any:
    return Group if resource["schemas"][0].endswith(":Group") else USER


def filter_by_parser(text: str) -> dict[str, Any]:
    return {"form": parsed(parser.SCIMParser().parse(lexer.SCIMLexer().tokenize(text)))}


def filter_by_models(text: str, resource: dict[str, Any]) -> dict[str, Any]:
    kind = model(resource)
    form = modelled(tree.ScimFilter(text).ast)
    return {"form": form, **attempt(lambda: {"matches": tree.ScimFilter[kind](text).match(kind.model_validate(resource))})}


def patch_by_models(patch: dict[str, Any], resource: dict[str, Any]) -> dict[str, Any]:
    kind = model(resource)
    patched = kind.model_validate(resource)
    PatchOp[kind].model_validate(patch, scim_ctx=Context.RESOURCE_PATCH_REQUEST).patch(patched)
    return {"resource": patched.model_dump(scim_ctx=Context.RESOURCE_PATCH_RESPONSE, mode="json")}


def answer(question: dict[str, Any]) -> dict[str, Any]:
    resource = question["resource"]
    if (text := question.get("filter")) is not None:
        return {
            "scim2-filter-parser": attempt(lambda: filter_by_parser(text)),
            "scim2-models": attempt(lambda: filter_by_models(text, resource)),
        }
    return {"scim2-models": attempt(lambda: patch_by_models(question["patch"], resource))}


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))))
