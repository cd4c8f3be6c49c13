"""Owners: persons and companies of Shenzhen, with names, mobile numbers and addresses."""

from dataclasses import dataclass
from random import Random

SURNAMES = tuple(
    "陈林黄李王张刘吴周杨郑梁谢罗许邓郭何蔡曾冯彭叶苏钟赖廖潘卢余温胡徐朱高马宋唐韩曹袁蒋沈魏丁范方石姚邹熊金陆孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺龚文"
)
_SURNAME_WEIGHTS = [max(1, 60 - index) for index in range(len(SURNAMES))]
_MALE = tuple(
    "伟强磊军勇杰涛明超刚平辉鹏华飞鑫波斌宇浩凯健俊帆帅旭宁龙林峰建国志文海东晓嘉子俊家豪耀荣锦祥泽铭毅"
)
_FEMALE = tuple(
    "芳娜敏静丽艳娟霞秀燕玲桂慧巧美兰凤洁梅琳素云莲真雪荣爱妹香月莺媛瑞佳嘉琼勤珍贞莉婷雅怡欣颖晓诗雨"
)

# Prefixes the numbering plan has in use; the carriers' virtual ones are left out.
MOBILE_PREFIXES = (
    *(
        "134",
        "135",
        "136",
        "137",
        "138",
        "139",
        "147",
        "150",
        "151",
        "152",
        "157",
        "158",
        "159",
        "178",
        "182",
    ),
    *(
        "183",
        "184",
        "187",
        "188",
        "198",
        "130",
        "131",
        "132",
        "155",
        "156",
        "166",
        "175",
        "176",
        "185",
        "186",
    ),
    *("133", "153", "173", "177", "180", "181", "189", "191", "199"),
)

_ROADS = {
    "福田区": ("深南大道", "福华路", "莲花路", "景田路", "梅华路", "彩田路"),
    "南山区": ("南海大道", "后海大道", "科苑路", "桃园路", "创业路", "学苑大道"),
    "罗湖区": ("笋岗东路", "红岭中路", "东门中路", "翠竹路", "爱国路"),
    "宝安区": ("新湖路", "宝源路", "前进一路", "西乡大道", "福海大道"),
    "龙岗区": ("龙翔大道", "布吉路", "坂雪岗大道", "吉祥路", "龙城大道"),
    "龙华区": ("人民路", "梅龙路", "龙华大道", "民治大道"),
    "盐田区": ("沙盐路", "海景路"),
    "光明区": ("华夏路", "光侨路"),
    "坪山区": ("深汕路", "坪山大道"),
}
_ESTATES = ("花园", "雅苑", "名居", "豪庭", "新村", "公馆", "华府", "家园")
_ESTATE_NAMES = (
    "碧海",
    "金域",
    "翠湖",
    "阳光",
    "香榭",
    "锦绣",
    "御景",
    "中航",
    "丽景",
    "云顶",
    "东海",
    "星河",
)
_COMPANY_WORDS = (
    *(
        "华强",
        "鼎盛",
        "创维达",
        "恒泰",
        "联腾",
        "金鹏",
        "众信",
        "瑞丰",
        "天源",
        "鸿运",
        "万嘉",
        "信达",
        "博雅",
        "新纪元",
    ),
    *(
        "同创",
        "盛世",
        "远航",
        "汇通",
        "卓越达",
        "海纳",
        "中科创",
        "安居",
        "宏图",
        "泰和",
        "捷顺达",
        "友联",
        "南粤",
        "嘉利",
    ),
)
_TRADES = (
    "电子",
    "科技",
    "贸易",
    "物流",
    "建筑工程",
    "实业",
    "文化传播",
    "餐饮管理",
    "医疗器械",
    "装饰设计",
    "供应链",
    "模具",
)
_CABS = ("深圳市鹏程出租汽车有限公司", "深圳市西湖出租汽车有限公司", "深圳市粤运出租汽车有限公司")

# Where the customers of each store live.
_REGION_WEIGHTS = {
    "GB": {"福田区": 42, "罗湖区": 22, "龙华区": 16, "南山区": 9, "宝安区": 6, "盐田区": 3, "龙岗区": 2},
    "NS": {"南山区": 50, "宝安区": 30, "福田区": 9, "龙华区": 5, "光明区": 6},
    "LG": {"龙岗区": 58, "坪山区": 13, "罗湖区": 9, "盐田区": 6, "龙华区": 10, "福田区": 4},
}


@dataclass
class Owner:
    code: str
    name: str
    company: bool
    gender: str
    phone: str
    region: str
    address: str
    usage: str

    @property
    def kind(self) -> str:
        return "单位" if self.company else "个人"


class OwnerMaker:
    """Hands out owners whose phones, and company names, are all different."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._phones: set[str] = set()
        self._companies: set[str] = set()
        self._count = 0

    def person(self, store: str) -> Owner:
        rng = self._rng
        female = rng.random() < 0.31
        letters = _FEMALE if female else _MALE
        surname = rng.choices(SURNAMES, _SURNAME_WEIGHTS)[0]
        name = surname + "".join(rng.choice(letters) for _ in range(1 if rng.random() < 0.28 else 2))
        usage = rng.choices(("私家车", "网约车", "其他"), (95, 3, 2))[0]
        return self._owner(store, name, company=False, gender="女" if female else "男", usage=usage)

    def company(self, store: str) -> Owner:
        while True:
            name = f"深圳市{self._rng.choice(_COMPANY_WORDS)}{self._rng.choice(_TRADES)}有限公司"
            if name not in self._companies:
                self._companies.add(name)
                return self._owner(store, name, company=True, gender="", usage="公务车")

    def cab_company(self, store: str, index: int) -> Owner:
        return self._owner(store, _CABS[index], company=True, gender="", usage="出租车")

    def _owner(self, store: str, name: str, *, company: bool, gender: str, usage: str) -> Owner:
        self._count += 1
        region, address = self._home(store)
        return Owner(
            f"C{store}{self._count:06d}", name, company, gender, self._phone(), region, address, usage
        )

    def _phone(self) -> str:
        while True:
            phone = f"{self._rng.choice(MOBILE_PREFIXES)}{self._rng.randrange(10**8):08d}"
            if phone not in self._phones:
                self._phones.add(phone)
                return phone

    def _home(self, store: str) -> tuple[str, str]:
        rng = self._rng
        weights = _REGION_WEIGHTS[store]
        region = rng.choices(list(weights), list(weights.values()))[0]
        road = rng.choice(_ROADS[region])
        estate = rng.choice(_ESTATE_NAMES) + rng.choice(_ESTATES)
        door = f"{rng.randint(1, 18)}栋{rng.randint(1, 33)}{rng.randint(1, 8):02d}"
        return region, f"深圳市{region}{road}{rng.randint(1, 3200)}号{estate}{door}"
