"""The recipes of many copies at once: from compiled code, where it knows all steps of a pipeline, else one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias, cast

from augcli.dataset.sources import Source
from augcli.image.arrays import Size
from augcli.plan.compiled_recipes import CompiledRecipe, Program, compiled
from augcli.plan.recipes import Objects, Recipe, key_of, recipe
from augcli.spec.spec import ROLES, Spec

Key: TypeAlias = tuple[str, int | None]
"""The name of a pipeline, which is empty where there is one, and the number of a copy."""
AnyRecipe: TypeAlias = Recipe | CompiledRecipe


class Recipes:
    """Draws the recipes of a spec. Both ways give the same."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self._programs: dict[tuple[str, str], Program | None] = {}

    def of(
        self, source: Source, size: Size, keys: Sequence[Key], objects: Objects | None = None, attempt: int = 0
    ) -> dict[Key, AnyRecipe]:
        """Draw what is done to copies of a source of that size; `objects` and `attempt` are those of `recipe`.

        Raises `Unusable` where a step cannot be applied to an image of its size.
        """
        found: dict[Key, AnyRecipe | None] = dict.fromkeys(keys)
        for branch in dict.fromkeys(branch for branch, _ in found):
            if (program := self._program(source.role, branch)) is not None:
                copies = [copy for other, copy in found if other == branch]
                made = program.recipes(key_of(source, attempt), copies, size)
                found.update(((branch, copy), one) for copy, one in zip(copies, made, strict=True))
        if all(found.values()):
            return cast(dict[Key, AnyRecipe], found)
        return {
            (branch, copy): one or recipe(self.spec, source, copy, size, objects, attempt, branch)
            for (branch, copy), one in found.items()
        }

    def are_compiled(self) -> bool:
        """Tell whether the steps of all roles and pipelines are, so that what they draw is run by compiled code."""
        return all(self._program(role, branch) is not None for role in ROLES for branch in self.spec.branches)

    def _program(self, role: str, branch: str) -> Program | None:
        if (role, branch) not in self._programs:
            self._programs[role, branch] = compiled(self.spec, role, branch)
        return self._programs[role, branch]
