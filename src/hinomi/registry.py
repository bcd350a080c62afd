"""The folder is the registry: find the plugins of one kind by walking its package, then the entry points of others.

A plugin is one module that holds one instance of its kind. Its name is the module's name with dashes (`port_scan.py`
is `port-scan`), so it is spelled once; two plugins with one name are an error, never a silent choice.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import entry_points
from types import MappingProxyType, ModuleType
from typing import TypeVar

Kind = TypeVar("Kind")


class RegistryError(Exception):
    """A plugin folder holds something that cannot be registered; says which file and what to change."""


@cache
def plugins(package: str, kind: type[Kind]) -> Mapping[str, Kind]:
    """Every plugin of `kind` in `package` and in the entry-point group of the same name, by name, in name order."""
    found: dict[str, Kind] = {}
    for module in _modules(package):
        name = module.__name__.rpartition(".")[2].replace("_", "-")
        if name in found:
            raise RegistryError(f"{package}: two plugins are called {name!r}; rename the file {module.__file__}")
        found[name] = _only(module, kind)
    return MappingProxyType(dict(sorted(found.items())))


def _modules(package: str) -> Iterator[ModuleType]:
    folder = importlib.import_module(package)
    for entry in pkgutil.iter_modules(folder.__path__):
        if not entry.name.startswith("_"):
            yield importlib.import_module(f"{package}.{entry.name}")
    for point in entry_points(group=package):
        yield importlib.import_module(point.value)


def _only(module: ModuleType, kind: type[Kind]) -> Kind:
    instances = [value for value in vars(module).values() if isinstance(value, kind)]
    if len(instances) != 1:
        raise RegistryError(f"{module.__file__}: must hold exactly one {kind.__name__}, but holds {len(instances)}")
    return instances[0]
