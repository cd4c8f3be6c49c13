"""The check behind make check finds what a translator can get wrong."""

from babel.messages.catalog import Catalog

from tests.checks import translations
from tests.checks.translations import Text


def _faults(text: Text, **message: object) -> list[str]:
    catalogue = Catalog(locale="zh_Hans")
    if message:
        catalogue.add(text.singular if text.plural is None else (text.singular, text.plural), **message)  # type: ignore[arg-type]
    return list(translations._fault(catalogue, text, "page.html"))


def test_a_missing_text_is_named_with_its_file() -> None:
    assert _faults(Text(None, "Save", None)) == ["page.html: no Chinese for 'Save'"]


def test_an_empty_text_is_missing() -> None:
    assert _faults(Text(None, "Save", None), string="") == ["page.html: no Chinese for 'Save'"]


def test_a_text_of_another_context_does_not_serve() -> None:
    assert _faults(Text("tab bar", "Cars", None), string="车辆") == [
        "page.html: no Chinese for 'Cars' in context 'tab bar'"
    ]


def test_a_complete_text_is_fine() -> None:
    assert _faults(Text(None, "Hello %(name)s", None), string="%(name)s，您好") == []


def test_a_lost_placeholder_is_found() -> None:
    found = _faults(Text(None, "Hello %(name)s", None), string="您好")

    assert found == ["page.html: placeholders differ: 'Hello %(name)s' and '您好'"]


def test_a_plural_is_held_to_the_plural_form() -> None:
    assert _faults(Text(None, "One car", "%(n)s cars"), string=["%(n)s 台车"]) == []
    assert len(_faults(Text(None, "One car", "%(n)s cars"), string=["一台车"])) == 1


def test_templates_and_code_are_read() -> None:
    assert list(translations._extract('pgettext("menu", "Cars"); ngettext("One car", "%(n)s cars", 2)')) == [
        Text("menu", "Cars", None),
        Text(None, "One car", "%(n)s cars"),
    ]
