"""The template library: marks, money and numbers, fields, the chart script."""

from __future__ import annotations

import pytest
from django import forms
from django.template import Context, Template
from django.test import override_settings
from django.utils import translation

from staff import figures
from staff.forms import StyledForm
from staff.templatetags import ui
from staff.vocabulary import C3_GROUPS, CARE_STATUSES


def render(source: str, **context: object) -> str:
    return Template("{% load ui %}" + source).render(Context(context))


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("fen", "shown"),
    [
        (None, "—"),
        (0, "¥0"),
        (1, "¥0.01"),
        (99, "¥0.99"),
        (100, "¥1"),
        (128600, "¥1,286"),
        (128650, "¥1,286.50"),
        (-18000, "-¥180"),
        (-1, "-¥0.01"),
    ],
)
def test_yuan(fen, shown):
    assert figures.yuan(fen) == shown


@pytest.mark.parametrize(
    ("fen", "shown"),
    [(None, "—"), (0, "¥0"), (-49, "¥0"), (128649, "¥1,286"), (128650, "¥1,287"), (-128650, "-¥1,287")],
)
def test_yuan_whole(fen, shown):
    assert figures.yuan_whole(fen) == shown


@pytest.mark.parametrize(
    ("fen", "english", "chinese"),
    [
        (None, "—", "—"),
        (999_949, "¥9,999", "¥9,999"),
        (1_000_000, "¥10k", "¥1 万"),
        (45_255_400, "¥453k", "¥45.3 万"),
        (241_000_000, "¥2.41M", "¥241 万"),
        (-241_000_000, "-¥2.41M", "-¥241 万"),
        (10_000_000_000, "¥100M", "¥1 亿"),
    ],
)
def test_yuan_short(fen, english, chinese):
    assert figures.yuan_short(fen) == english
    with translation.override("zh-hans"):
        assert figures.yuan_short(fen) == chinese


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{{ 41260|number }}", "41,260"),
        ("{{ 2.345|number:2 }}", "2.35"),
        ("{{ nothing|number }}", "—"),
        ("{{ 42|signed }} {{ zero|signed }} {{ fewer|signed }}", "+42 0 -23"),
        ("{{ 0.131|percent }} {{ 0.185|percent:0 }} {{ nothing|percent }}", "13.1% 19% —"),
        ("{{ 41260|km }}", "41,260 km"),
        ("{{ fewer|clamp }} {{ 82.7|clamp }} {{ 140|clamp }} {{ nothing|clamp }}", "0.0 82.7 100.0 0.0"),
    ],
)
def test_numbers(text, shown):
    assert render(text, nothing=None, zero=0, fewer=-23) == shown


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13807552217", "138 **** 2217"),
        ("138-0755-2217", "138 **** 2217"),
        ("075512345678", "**** 5678"),
        ("1234567", "**** 67"),
        ("", "—"),
        (None, "—"),
    ],
)
def test_mask_phone(phone, shown):
    assert figures.mask_phone(phone) == shown


@pytest.mark.parametrize(
    ("value", "classes", "shown"),
    [
        ("粤B6K92D", "plate", "粤B·6K92D"),
        ("粤B·6K92D", "plate", "粤B·6K92D"),
        ("粤BD08816", "plate nev", "粤B·D08816"),
        ("<b>", "plate", "&lt;b&gt;"),
    ],
)
def test_plate(value, classes, shown):
    assert ui.plate(value) == f'<span class="{classes}">{shown}</span>'


def test_no_plate():
    assert ui.plate(None) == "—"


def test_group_chip_shows_colour_mark_and_name():
    chip = render('{% group_chip "high_risk" size="lg" plain=True %}')

    assert chip == (
        '<span class="gc g-risk pl lg" title="Service visits low · repair ratio high · spend high">'
        '<span class="tri" aria-hidden="true"><b class="l"></b><b></b><b></b></span>High-risk</span>'
    )


def test_unknown_group_says_so():
    assert "Not grouped yet" in render("{% group_chip key %}", key=None)
    assert render("{% group_css key %}{% group_mark key %}", key="") == ""


def test_groups_are_eight_different_cells():
    assert len({group.bars for group in C3_GROUPS.values()}) == 8
    assert len({group.css for group in C3_GROUPS.values()}) == 8


@pytest.mark.parametrize("key", CARE_STATUSES)
def test_care_pill_names_every_status(key):
    assert str(CARE_STATUSES[key].label) in ui.care_pill(key)


def test_undo_url_is_found_among_the_tags():
    assert ui.undo_url("quiet undo:/visits/7/undo/") == "/visits/7/undo/"
    assert ui.undo_url("quiet") == ui.undo_url(None) == ""


@override_settings(
    CHARTS_MODE="cdn", CHARTJS_CDN_URL="https://mirror.example/chart.js", CHARTJS_TIMEOUT_MS=900
)
def test_charts_script_carries_the_settings():
    script = ui.charts_script()

    assert 'data-mode="cdn"' in script
    assert 'data-cdn="https://mirror.example/chart.js"' in script
    assert 'data-timeout="900"' in script
    assert "vendor/chart.umd.min" in script


class VisitForm(StyledForm, forms.Form):
    plate = forms.CharField(help_text="7 or 8 characters", widget=forms.TextInput(attrs={"class": "bigin"}))
    kind = forms.ChoiceField(choices=[("a", "A")], widget=forms.RadioSelect)
    checked = forms.BooleanField(required=False)


def test_styled_form_keeps_a_widgets_own_classes():
    assert 'class="in bigin"' in str(VisitForm()["plate"])
    assert 'class="' not in str(VisitForm()["checked"])


def test_field_ties_hint_and_error_to_the_control():
    form = VisitForm({"plate": ""})
    form.is_valid()

    field = render('{% include "components/field.html" with field=form.plate %}', form=form)

    assert 'aria-invalid="true"' in field
    assert 'aria-describedby="id_plate_helptext id_plate_error"' in field
    assert 'id="id_plate_helptext"' in field
    assert 'id="id_plate_error"' in field


@pytest.mark.parametrize(("name", "piece"), [("kind", "<legend"), ("checked", '<label class="chk"')])
def test_field_suits_the_widget(name, piece):
    assert piece in render('{% include "components/field.html" with field=field %}', field=VisitForm()[name])


def test_chart_escapes_its_data_and_carries_a_table():
    chart = {
        "id": "c-1",
        "label": "Visits",
        "config": {"type": "bar", "data": {"labels": ["</script><b>"]}},
        "table": {"head": ["Month", "Visits"], "rows": [["June", None]]},
    }

    html = render('{% include "components/chart.html" %}', chart=chart)

    assert "</script><b>" not in html
    assert '<script id="c-1" type="application/json">' in html
    assert '<th scope="col" class="num">Visits</th>' in html


@pytest.mark.parametrize(
    ("agent", "shown"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/126.0 Safari/537.36", "Chrome · Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/126.0 Safari/537.36 Edg/126.0", "Edge · Windows"),
        ("Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) Version/17.5 Mobile Safari/604.1", "Safari · iPad"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", ""),
    ],
)
def test_device(agent, shown):
    assert ui.device(agent) == shown
