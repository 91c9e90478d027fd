"""Imports the user's file or module and finds a name in it; what goes wrong is one message."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import traceback
from pathlib import Path
from types import ModuleType

from torchassay.base.closest import closest
from torchassay.base.errors import LoadError
from torchassay.loading.reference import Reference

_OURS = tuple(str(file.parents[1]) for file in (Path(__file__), Path(__file__).resolve()))  # a build runs us through links
_imported: dict[Path, ModuleType] = {}


def resolve(reference: Reference) -> object:
    """The object that the reference names."""
    module = import_module(reference)
    value: object = module
    for part in reference.name.split("."):
        if not hasattr(value, part):
            raise _missing_name(reference, value, part)
        value = getattr(value, part)
    return value


def import_module(reference: Reference) -> ModuleType:
    """The user's module, imported once; its own folder comes first on the path."""
    place = reference.file.name if reference.file else str(reference.module)
    try:
        if reference.file is not None:
            return _import_file(reference.file)
        if "" not in sys.path and str(Path.cwd()) not in sys.path:
            sys.path.insert(0, str(Path.cwd()))
        return importlib.import_module(str(reference.module))
    except SystemExit as error:
        raise LoadError(f"importing `{place}` ends the program (sys.exit({error.code}))") from error
    except ModuleNotFoundError as error:
        if error.name is None:  # a library's own wording, not Python's
            raise LoadError(f"`{place}` raises on import: {user_frame(error)}") from error
        raise _missing_module(place, reference, error) from error
    except SyntaxError as error:
        where = f"{Path(error.filename or place).name}:{error.lineno}"
        raise LoadError(f"`{place}` cannot be imported: {error.msg} ({where})") from error
    except Exception as error:
        raise LoadError(f"`{place}` raises on import: {user_frame(error)}") from error


def _import_file(file: Path) -> ModuleType:
    if file in _imported:
        return _imported[file]
    root, name = _qualified(file)
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
    if "." in name:
        _imported[file] = importlib.import_module(name)
        return _imported[file]
    if name in sys.modules or not name.isidentifier():
        name = "user_" + "".join(c if c.isalnum() else "_" for c in name)
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise LoadError(f"`{file.name}` is no Python file", help="its name must end in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    _imported[file] = module
    return module


def _qualified(file: Path) -> tuple[Path, str]:
    """The folder to put on the path and the module's dotted name: a file of a package is imported as such."""
    root, parts = file.parent, [file.stem]
    while (root / "__init__.py").is_file() and root.name.isidentifier():
        parts.insert(0, root.name)
        root = root.parent
    if len(parts) > 1 and parts[0] in sys.modules and not _same_package(parts[0], root):
        return file.parent, file.stem
    return root, ".".join(parts)


def _same_package(name: str, root: Path) -> bool:
    origin = getattr(sys.modules[name], "__file__", None)
    return origin is not None and Path(origin).resolve().parent == root / name


def _missing_name(reference: Reference, owner: object, part: str) -> LoadError:
    public = [name for name in dir(owner) if not name.startswith("_")]
    guess = closest(part, public)
    place = reference.file.name if reference.file else reference.module
    return LoadError(
        f"`{place}` has no `{reference.name}`",
        help=f"did you mean `{guess}`" if guess else _defined_here(owner),
    )


def _defined_here(owner: object) -> str | None:
    here = getattr(owner, "__name__", None)
    names = [
        name
        for name, value in vars(owner).items()
        if not name.startswith("_") and callable(value) and getattr(value, "__module__", "") == here
    ]
    return f"it defines {', '.join(f'`{name}`' for name in names[:8])}" if names else None


def _missing_module(place: str, reference: Reference, error: ModuleNotFoundError) -> LoadError:
    missing = error.name or str(error)
    if reference.module is not None and reference.module.split(".")[0] == missing.split(".")[0]:
        return LoadError(
            f"there is no module `{missing}`",
            help="run from the folder that holds it, set PYTHONPATH, or write `path/file.py:NAME`",
        )
    return LoadError(
        f"`{place}` imports `{missing}`, which is not installed here",
        help=f"install it for {Path(sys.executable).name}, or name the Python that has it with --python",
    )


def user_frame(error: BaseException) -> str:
    """`ValueError: message (model.py:12)`: the innermost line of the user's, and the first cause if there is one."""
    text = " ".join(str(error).split())
    shown = text if len(text) <= 300 else text[:300] + "…"
    frames = traceback.extract_tb(error.__traceback__)
    mine = [f for f in frames if not _foreign(f.filename)]
    place = f" ({Path(mine[-1].filename).name}:{mine[-1].lineno})" if mine else ""
    cause = _first_cause(error)
    because = f"; first cause: {type(cause).__name__}: {' '.join(str(cause).split())[:200]}" if cause else ""
    head = f"{type(error).__name__}: {shown}" if shown else type(error).__name__
    return f"{head}{place}{because}"


def _first_cause(error: BaseException) -> BaseException | None:
    cause: BaseException | None = None
    step = error.__cause__
    while step is not None and step is not cause:
        cause, step = step, step.__cause__
    return cause


def _foreign(filename: str) -> bool:
    library = ("site-packages", "dist-packages", "<frozen", "<string>")
    stdlib = str(Path(traceback.__file__).parent)
    return filename.startswith((*_OURS, stdlib)) or any(part in filename for part in library)
