"""Last touches on a generated method: TorchScript wants a type spelt out once, where a variable first appears."""

from __future__ import annotations

import ast

from torchassay.capture.rewrite.values import expression


def tidy(body: list[ast.stmt], parameters: list[str]) -> None:
    """Turns every later annotation of a variable into a plain assignment, in place."""
    _block(body, set(parameters))


def _block(body: list[ast.stmt], known: set[str]) -> set[str]:
    for number, node in enumerate(body):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            if node.target.id in known:
                body[number] = _plain(node)
            known.add(node.target.id)
        elif isinstance(node, ast.Assign):
            known |= {item.id for target in node.targets for item in ast.walk(target) if isinstance(item, ast.Name)}
        elif isinstance(node, ast.If):
            both = [_block(block, set(known)) for block in (node.body, node.orelse)]
            known |= both[0] & both[1]
        elif isinstance(node, (ast.For, ast.While, ast.With)):
            inner = set(known)
            if isinstance(node, ast.For) and isinstance(node.target, ast.Name):
                inner.add(node.target.id)
            found = _block(node.body, inner)
            known |= found if isinstance(node, ast.With) else set()
    return known


def _plain(node: ast.AnnAssign) -> ast.stmt:
    assert node.value is not None
    value = node.value
    empty = (isinstance(value, ast.List) and not value.elts) or (isinstance(value, ast.Dict) and not value.keys)
    if empty:
        value = expression("torch.jit.annotate(kind, value)", kind=node.annotation, value=value)
    return ast.Assign([node.target], value)
