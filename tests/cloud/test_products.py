"""What the two products are and can do."""

import pytest

from recorder_app.choices import Edition, Product
from recorder_app.cloud.products import PRODUCTS, Action, action_of, default_region

TIW_ACTIONS = [
    "StartOnlineRecord", "StopOnlineRecord", "PauseOnlineRecord", "ResumeOnlineRecord", "DescribeOnlineRecord",
    "SetOnlineRecordCallback", "SetOnlineRecordCallbackKey", "DescribeOnlineRecordCallback",
    "DescribeRunningTasks", "DescribeRecordSearch",
]  # fmt: skip
GME_ACTIONS = ["StartRecord", "StopRecord", "ModifyRecordInfo", "DescribeTaskInfo", "DescribeRecordInfo"]


def test_hosts_and_versions_are_those_of_the_original_pages():
    facts = {key: (product.service, product.host, product.version) for key, product in PRODUCTS.items()}

    assert facts == {
        "tiw": ("tiw", "tiw.tencentcloudapi.com", "2019-09-19"),
        "gme": ("gme", "gme.tencentcloudapi.com", "2018-07-11"),
    }


def test_every_documented_action_is_there_once():
    assert list(PRODUCTS["tiw"].actions) == TIW_ACTIONS
    assert list(PRODUCTS["gme"].actions) == GME_ACTIONS
    assert set(TIW_ACTIONS).isdisjoint(GME_ACTIONS)


def test_reads_and_starts_are_told_apart():
    actions = [action_of(name) for name in TIW_ACTIONS + GME_ACTIONS]

    assert [action.name for action in actions if action.is_start] == ["StartOnlineRecord", "StartRecord"]
    assert [action.name for action in actions if action.is_read] == [
        "DescribeOnlineRecord", "DescribeOnlineRecordCallback", "DescribeRunningTasks", "DescribeRecordSearch",
        "DescribeTaskInfo", "DescribeRecordInfo",
    ]  # fmt: skip


def test_an_action_knows_its_product():
    assert action_of("StopRecord") == Action("StopRecord", "gme", is_read=False, is_start=False)


def test_an_unknown_action_is_said_to_be_unknown():
    with pytest.raises(KeyError, match="'StartNothing'; there are StartOnlineRecord"):
        action_of("StartNothing")


def test_regions_follow_product_and_edition():
    regions = {
        (product.value, edition.value): default_region(product, edition)
        for product in Product
        for edition in Edition
    }

    assert regions == {
        ("tiw", "international"): "ap-singapore",
        ("tiw", "chinese"): "ap-guangzhou",
        ("gme", "international"): "",
        ("gme", "chinese"): "",
    }
