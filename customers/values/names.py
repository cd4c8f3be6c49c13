"""Names of customers, and whether a name is that of a company."""

import re
import unicodedata
from functools import lru_cache

_BLANK = re.compile(r"[\s\u200b-\u200f\u202a-\u202e\ufeff]+")
_BRACKETS = re.compile(r"[()\[\]{}<>《》〈〉【】]")
_COMPANY = re.compile(
    "公司|集团|中心|医院|保险|财险|人寿|银行|学校|大学|中学|小学|幼儿园|学院|研究院|研究所|事务所|酒店|宾馆"
    "|工厂|商行|商场|商店|超市|门市|经营部|营业部|分部|租赁|车队|物流|贸易|协会|委员会|合作社|工作室|俱乐部"
    "|政府|公安|法院|检察|税务|消防|部队|街道办|管理处|办事处|管理局|供电|电力|邮政|厂家"
    r"|\b(?:ltd|limited|inc|corp|company|insurance)\b"
)
# Words that no person's name of two or three characters holds; 学校 or 酒店 without more could be a nickname.
_SHORT_COMPANY = re.compile("公司|集团|中心|医院|保险")
# A person may be called 局 or 厂 by no chance at the end of four characters or more.
_COMPANY_END = re.compile("..[局厂店行社部院所馆处]$")
_COMPANY_TYPES = re.compile(
    "单位|公司|企业|集团|机构|政府|团体|机关|组织|法人|corporate|company|fleet|institution", re.IGNORECASE
)


# 李女士: how somebody was called who did not say their name.
_TITLED = re.compile("[\u3400-\u9fff]{0,2}(?:先生|女士|小姐|太太|老师|师傅|老板|经理|总)")


def normalise_name(text: str) -> str:
    """A name as people compare it: NFKC, no blanks."""
    if text.isalpha() and unicodedata.is_normalized("NFKC", text):
        return text
    return _BLANK.sub("", text if text.isascii() else unicodedata.normalize("NFKC", text))


@lru_cache(maxsize=1 << 13)
def company_key(text: str) -> str:
    """A company's name without blanks and brackets: the same company however it was typed."""
    return _BRACKETS.sub("", normalise_name(text)).casefold()


@lru_cache(maxsize=1 << 13)
def is_titled(name: str) -> bool:
    """Whether a normalised name is a family name, or none, with a title."""
    return _TITLED.fullmatch(name) is not None


@lru_cache(maxsize=1024)
def _says_company(customer_type: str) -> bool:
    return _COMPANY_TYPES.search(customer_type) is not None


@lru_cache(maxsize=1 << 13)
def is_company(name: str, customer_type: str = "") -> bool:
    """Whether the name, or what the file says of it, is a company's."""
    if customer_type and _says_company(customer_type):
        return True
    plain = normalise_name(name)
    if len(plain) < 4:
        return _SHORT_COMPANY.search(plain) is not None
    return bool(
        _COMPANY.search(name.casefold())
        or _COMPANY.search(plain)
        or (len(plain) > 4 and _COMPANY_END.search(plain))
    )
