"""The two products as the cloud knows them: host, version, region, actions.

Sources: the API pages StartOnlineRecord (2023-12-07) and StartRecord (2023-07-06), and the action lists of the
official SDKs (``tencentcloud.tiw.v20190919``, ``tencentcloud.gme.v20180711``, both editions).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from recorder_app.choices import Edition, Product


@dataclass(frozen=True)
class Action:
    """One thing the cloud can be asked to do. A read changes nothing, so it may be repeated at will."""

    name: str
    product: str
    is_read: bool
    is_start: bool


@dataclass(frozen=True)
class CloudProduct:
    """One service of the cloud. ``host`` is the one its original API page prints; accounts may override it."""

    key: str
    service: str
    version: str
    host: str
    region_required: bool
    actions: Mapping[str, Action]


def _actions(product: str, start: str, *others: str) -> Mapping[str, Action]:
    actions = {start: Action(start, product, is_read=False, is_start=True)}
    for name in others:
        actions[name] = Action(name, product, is_read=name.startswith("Describe"), is_start=False)
    return MappingProxyType(actions)


PRODUCTS: dict[str, CloudProduct] = {
    Product.TIW.value: CloudProduct(
        key=Product.TIW.value,
        service="tiw",
        version="2019-09-19",
        host="tiw.tencentcloudapi.com",
        region_required=True,
        actions=_actions(
            Product.TIW.value,
            "StartOnlineRecord",
            "StopOnlineRecord",
            "PauseOnlineRecord",
            "ResumeOnlineRecord",
            "DescribeOnlineRecord",
            "SetOnlineRecordCallback",
            "SetOnlineRecordCallbackKey",
            "DescribeOnlineRecordCallback",
            "DescribeRunningTasks",  # Chinese edition only
            "DescribeRecordSearch",  # international edition only
        ),
    ),
    Product.GME.value: CloudProduct(
        key=Product.GME.value,
        service="gme",
        version="2018-07-11",
        host="gme.tencentcloudapi.com",
        region_required=False,
        actions=_actions(
            Product.GME.value,
            "StartRecord",
            "StopRecord",
            "ModifyRecordInfo",
            "DescribeTaskInfo",
            "DescribeRecordInfo",
        ),
    ),
}

_ACTIONS = {name: action for product in PRODUCTS.values() for name, action in product.actions.items()}

# TIW offers one region per edition (StartOnlineRecord page; Chinese integration guides); GME takes none.
_TIW_REGIONS = {Edition.INTERNATIONAL.value: "ap-singapore", Edition.CHINESE.value: "ap-guangzhou"}


def action_of(name: str) -> Action:
    """Return the action called ``name``, whichever product it belongs to (names are unique over both).

    Raises KeyError, with a sentence that lists what exists, for any other name.
    """
    try:
        return _ACTIONS[name]
    except KeyError:
        known = ", ".join(_ACTIONS)
        raise KeyError(f"Neither product has an action called {name!r}; there are {known}.") from None


def default_region(product_key: str, edition: str) -> str:
    """Return the region to send for a product ("tiw", "gme") on an edition; "" where none is sent.

    Raises KeyError for a product or an edition that does not exist. Source: StartOnlineRecord page (only
    ap-singapore), Chinese integration guides of TIW (only ap-guangzhou), StartRecord page (not required).
    """
    if not PRODUCTS[product_key].region_required:
        return ""
    return _TIW_REGIONS[edition]
