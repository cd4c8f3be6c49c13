from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest

from dealer_crm.demo.generate import World, build, write_exports
from dealer_crm.demo.group import DemoGroup

TODAY = date(2026, 11, 23)
HERE = Path(__file__).parent


class Written(NamedTuple):
    group: DemoGroup
    world: World


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All in one process: each would make the group anew."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("demo"))


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    folder: Path = tmp_path_factory.mktemp("exports")
    return Written(write_exports(folder, today=TODAY), build(today=TODAY))
