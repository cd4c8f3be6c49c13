"""Every text a page can show, and whether it is in the page's language."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from babel.messages.pofile import read_po
from django.apps import apps
from django.conf import settings
from django.db import models

# Text nodes, hidden ones too: dialogs and messages for later are read as well; what is in another language says so.
COLLECT = """
(page) => {
  const own = page.documentElement.lang;
  const texts = [];
  const add = (text) => { const plain = (text || "").replace(/\\s+/g, " ").trim(); if (plain) texts.push(plain); };
  const walker = page.createTreeWalker(page.documentElement, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const around = walker.currentNode.parentElement;
    if (around.closest("script, style") || around.closest("[lang]").lang !== own) continue;
    add(walker.currentNode.data);
  }
  const attributes = ["title", "aria-label", "placeholder", "alt", "data-confirm", "data-offline", "data-restored",
    "data-failed", "data-forbidden", "data-gone", "data-slow"];
  for (const name of attributes)
    for (const element of page.querySelectorAll(`[${name}]`))
      if (element.closest("[lang]").lang === own) add(element.getAttribute(name));
  const leaves = (value) => {
    if (typeof value === "string") add(value);
    else if (value && typeof value === "object") Object.values(value).forEach(leaves);
  };
  for (const block of page.querySelectorAll("script[type='application/json']")) leaves(JSON.parse(block.textContent));
  return texts;
}
"""
# The same for addresses that are only fetched, in one round.
FETCH_ALL = f"""
async (addresses) => {{
  const collect = {COLLECT};
  const found = [];
  for (const address of addresses) {{
    const html = await (await fetch(address)).text();
    found.push(collect(new DOMParser().parseFromString(html, "text/html")));
  }}
  return found;
}}
"""
_SENTENCE = re.compile(r"[A-Za-z]{2,}(?:[ ,’'-]+[A-Za-z]{2,}){2,}")
_CHINESE = re.compile(r"[一-鿿]+")


@lru_cache(maxsize=1)
def _english() -> frozenset[str]:
    """Texts of the catalogue whose Chinese is another word."""
    folder = Path(settings.LOCALE_PATHS[0]) / "zh_Hans" / "LC_MESSAGES"
    with (folder / "django.po").open("rb") as file:
        catalogue = read_po(file)
    plain = (message for message in catalogue if isinstance(message.id, str) and message.string)
    return frozenset(" ".join(message.id.split()) for message in plain if message.id != message.string)


def untranslated(texts: list[str]) -> set[str]:
    """English on a Chinese page: a text of the catalogue as it stands, or three English words in a row."""
    return {text for text in texts if text in _english() or _SENTENCE.search(text)}


def chinese(texts: list[str], data: str) -> set[str]:
    """Chinese on an English page that is nobody's name, nor anything else somebody has entered."""
    return {text for text in texts for run in _CHINESE.findall(text) if run not in data}


def entered() -> str:
    """All that people have entered, in one string."""
    found: list[str] = []
    for model in apps.get_models():
        if model._meta.app_label not in ("staff", "customers", "campaigns", "callcenter"):
            continue
        names = [
            field.attname
            for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField)
        ]
        for row in model._base_manager.values_list(*names) if names else ():
            found += [value for value in row if isinstance(value, str) and _CHINESE.search(value)]
    return "\n".join(found)
