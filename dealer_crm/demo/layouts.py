"""Each store's export as its DMS writes it: headers in order, file format, how days and money look."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, NamedTuple

Cell = str | int | Decimal | date | datetime
Row = dict[str, Cell]


class Layout(NamedTuple):
    file_name: str
    encoding: str  # of a CSV file; empty for a workbook
    headers: dict[str, str]  # our word for a column to the header
    text: Callable[[Cell], str]

    @property
    def format(self) -> Literal["csv", "xlsx"]:
        return "csv" if self.encoding else "xlsx"


def slashed(cell: Cell) -> str:
    """2025/3/9 8:05 and 1234.50."""
    if isinstance(cell, datetime):
        return f"{cell.year}/{cell.month}/{cell.day} {cell.hour}:{cell.minute:02d}"
    if isinstance(cell, date):
        return f"{cell.year}/{cell.month}/{cell.day}"
    return f"{cell:.2f}" if isinstance(cell, Decimal) else str(cell)


def dashed(cell: Cell) -> str:
    """2025-03-09 08:05:00 and 1,234.50."""
    return f"{cell:,.2f}" if isinstance(cell, Decimal) else str(cell)


_WORDS = (
    *(
        "order_no",
        "plate",
        "vin",
        "model",
        "name",
        "owner_kind",
        "phone",
        "gender",
        "address",
        "region",
        "usage",
    ),
    *("purchased_on", "insurance_due", "inspection_due", "arrived_at", "settled_at", "kind", "odometer"),
    *("labour", "parts", "discount", "paid", "advisor", "team", "remark"),
)
_MASTER_WORDS = (
    *("owner_code", "name", "owner_kind", "phone", "gender", "usage", "address", "region"),
    *("plate", "vin", "model", "purchased_on", "insurance_due", "inspection_due"),
)


def _headers(words: tuple[str, ...], headers: str) -> dict[str, str]:
    return dict(zip(words, headers.split(), strict=True))


ORDERS = {
    "GB": Layout(
        "GB_工单明细.csv",
        "gb18030",
        _headers(
            (*_WORDS, "reversed_order_no"),
            "工单号 车牌号 VIN 车型 客户名称 客户类型 联系电话 性别 地址 区域 行业 "
            "销售日期 保险到期日 年检有效期 开单日期 结算日期 业务类型 行驶里程 工时费 材料费 "
            "优惠金额 实收金额 服务顾问 班组 备注 源工单号",
        ),
        slashed,
    ),
    "NS": Layout(
        "NS_维修工单.xlsx",
        "",
        _headers(
            _WORDS,
            "维修工单号 车牌号码 车架号 车系名称 车主姓名 车主性质 车主手机 车主性别 车主地址 "
            "所属区域 从事行业 购车日期 保险到期日期 年审到期日 进厂时间 出厂时间 维修类型 "
            "进厂里程 工时金额 配件金额 折扣金额 结算金额 接待顾问 维修班组 备注",
        ),
        dashed,
    ),
    "LG": Layout(
        "LG_委托书明细.csv",
        "utf-8-sig",
        _headers(
            _WORDS,
            "委托书号 车牌 底盘号 车型名称 客户姓名 客户性质 手机号 客户性别 联系地址 区县 "
            "行业 零售交车日期 保险到期 年审到期 进店日期 结算时间 工单类型 进厂里程 "
            "工时费 配件费 优惠金额 实付金额 接待员 维修班组 故障描述",
        ),
        dashed,
    ),
}

_MASTER_HEADERS = _headers(
    _MASTER_WORDS,
    "客户编号 客户名称 客户性质 联系电话 性别 行业 地址 区域 车牌号 车架号 车型 购车日期 保险到期 年检有效期",
)
MASTERS = {
    "GB": Layout("GB_客户资料.csv", "gb18030", _MASTER_HEADERS, slashed),
    "NS": Layout("NS_客户资料.xlsx", "", _MASTER_HEADERS, dashed),
    "LG": Layout("LG_客户资料.csv", "utf-8-sig", _MASTER_HEADERS, dashed),
}
