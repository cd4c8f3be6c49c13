"""The words on an order: each store's DMS names of the kinds, and what the customer said."""

from random import Random

# DMS words by store and kind; the first of maintenance is the first service. Repeats are weights.
KIND_WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "GB": {
        "maintenance": ("首保", "常规保养", "常规保养", "定期保养", "快速保养"),
        "repair": ("一般维修", "一般维修", "一般维修", "机电", "轮胎", "返修"),
        "accident": ("事故", "钣金喷漆", "理赔"),
        "warranty": ("索赔", "索赔", "召回活动"),
        "other": ("精品", "美容", "免费检查", "年审"),
    },
    "NS": {
        "maintenance": ("首次保养", "常规保养"),
        "repair": ("普通修理", "普通修理", "小修"),
        "accident": ("事故车维修", "保险理赔"),
        "warranty": ("普通索赔",),
        "other": ("附件安装", "免费检测", "精洗"),
    },
    "LG": {
        "maintenance": ("首保", "定期保养", "定期保养", "客户自费保养"),
        "repair": ("机修", "维修", "快修", "返工"),
        "accident": ("钣喷", "事故"),
        "warranty": ("OEM索赔",),
        "other": ("装具", "洗美", "外车救援"),
    },
}

_SAID: dict[str, tuple[str, ...]] = {
    "maintenance": (
        "客户等待,完工请电话通知",
        "客户要求洗车",
        "建议下次更换刹车片",
        "客户自述空调有异味",
        "客户反映刹车偏软，请检查",
        "问这次保养能不能打折",
        "嫌保养费用比外面贵",
        "赶时间，11 点前要用车",
        "轮胎磨损接近极限，建议更换",
        "下次保养做变速箱油",
        "客户要求保留旧件",
        "预约客户，已安排优先工位",
    ),
    "repair": (
        "冷车启动时发动机抖动",
        "方向盘在 80 码以上抖动",
        "空调不制冷",
        "底盘过减速带有异响",
        "刹车有尖叫声",
        "仪表发动机故障灯亮",
        "右后轮慢漏气",
        "电瓶亏电，早上打不着火",
        "车窗升降有卡顿",
        "上次修过的异响又出现，客户不满意",
        "变速箱换挡有顿挫",
        "天窗漏水",
        "客户抱怨等配件太久",
    ),
    "accident": (
        "前保险杠剐蹭，走保险",
        "右前门及叶子板钣喷",
        "追尾，后备箱变形",
        "倒车碰柱子，后杠更换",
        "保险公司已定损",
        "对方全责，等交警认定书",
        "客户要求原厂件",
    ),
    "warranty": ("质保期内更换，旧件已回收", "召回升级", "客户反映中控黑屏，质保更换", "水泵渗漏，质保更换"),
    "other": ("加装行车记录仪", "全车贴膜", "内饰清洗", "年检前检测", "自驾前免费检查", "更换脚垫", "打蜡"),
}
_SAID_AT_RATE = {"maintenance": 0.32, "repair": 0.85, "accident": 0.8, "warranty": 0.7, "other": 0.5}


_REWORK = {"返修", "返工"}


def kind_word(store: str, kind: str, rng: Random, *, first: bool, small: bool) -> str:
    words = KIND_WORDS[store][kind]
    if kind == "maintenance":
        return words[0] if first else rng.choice(words[1:])
    word = rng.choice(words)
    # A rework is never a big bill.
    return words[0] if word in _REWORK and not small else word


def remark(kind: str, rng: Random) -> str:
    return rng.choice(_SAID[kind]) if rng.random() < _SAID_AT_RATE[kind] else ""
