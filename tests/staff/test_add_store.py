import pytest
from django.core.management import CommandError, call_command

from staff.models import Store


@pytest.mark.django_db
def test_store_is_added_once_and_keeps_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("add_store", "GB", "广邦店")
    call_command("add_store", "GB", "别的名字")

    assert list(Store.objects.values_list("code", "name")) == [("GB", "广邦店")]
    assert capsys.readouterr().out == "Added: GB 广邦店\nAlready there: GB 广邦店\n"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "name"),
    [("", "店"), ("  ", "店"), ("x" * 17, "店"), ("A B", "店"), ("GB", ""), ("GB", "x" * 81)],
)
def test_impossible_store_is_refused(code: str, name: str) -> None:
    with pytest.raises(CommandError, match="cannot be added"):
        call_command("add_store", code, name)

    assert not Store.objects.exists()


@pytest.mark.django_db
def test_longest_code_is_accepted() -> None:
    call_command("add_store", "x" * 16, "店" * 80)

    assert Store.objects.get().code == "x" * 16
