"""The catalogue of error codes: complete, in whole sentences, and pointing at the right field."""

import pytest

from recorder_app.cloud.error_codes import ALL, SDK_CODES, Retry, explain, retry_for
from recorder_app.cloud.products import PRODUCTS

# Typed from the documents, by hand, so that nothing can drop out of the tables unnoticed.
TIW_PRINTED = """
AuthFailure InvalidParameter.BodyParameterTypeUnmatched InvalidParameter.InvalidExtra
InvalidParameter.RecordParameter InvalidParameter.SdkAppIdNotFound LimitExceeded.TaskConcurrency
ResourceInUse.RecordUserId ResourceUnavailable.NotRegistered ResourceUnavailable.ServiceExpired
UnauthorizedOperation.SdkAppId
"""
TIW_FURTHER = """
FailedOperation.Record InvalidParameter.TaskNotFound UnsupportedOperation.TaskHasAlreadyStopped
UnsupportedOperation.InvalidTaskStatus InvalidParameter.CallbackAddressFormatError InvalidParameter
FailedOperation FailedOperation.GetCredentialFail FailedOperation.CosBucketInvalid InternalError
InvalidParameter.UnmarshalJSONBodyFail InvalidParameter.TimeFormat RequestLimitExceeded ResourceUnavailable
ResourceUnavailable.InterfaceUnAuthorized UnauthorizedOperation UnknownParameter UnsupportedOperation
"""
GME_PRINTED = """
InternalError InvalidParameter InvalidParameterValue.InvalidBizId InvalidParameterValue.InvalidRecordMode
InvalidParameterValue.InvalidRoomId InvalidParameterValue.InvalidSubscribeRecordUserIds
InvalidParameterValue.InvalidSubscribeUserIds InvalidParameterValue.InvalidUNSubscribeUserIds
ResourceInUse.TaskInUse ResourceNotFound.RoomNotFound ResourceNotFound.TaskNotFound UnauthorizedOperation
UnsupportedOperation UnsupportedOperation.ServiceNotOpened
"""
GME_FURTHER = """
InvalidParameterValue.InvalidTaskId OperationDenied OperationDenied.AccountInArrears FailedOperation
FailedOperation.UserFeeNegative AuthFailure MissingParameter ResourceNotFound ResourceNotFound.BizidIsNotFound
LimitExceeded ResourceUnavailable ResourceInsufficient UnauthorizedOperation.UnRealNameAuth UnknownParameter
"""
COMMON = """
ActionOffline AuthFailure.InvalidAuthorization AuthFailure.InvalidSecretId AuthFailure.MFAFailure
AuthFailure.SecretIdNotFound AuthFailure.SignatureExpire AuthFailure.SignatureFailure AuthFailure.TokenFailure
AuthFailure.UnauthorizedOperation DryRunOperation FailedOperation InternalError InvalidAction InvalidParameter
InvalidParameterValue InvalidRequest IpInBlacklist IpNotInWhitelist LimitExceeded MissingParameter NoSuchProduct
NoSuchVersion RequestLimitExceeded RequestLimitExceeded.IPLimitExceeded RequestLimitExceeded.UinLimitExceeded
RequestLimitExceeded.GlobalRegionUinLimitExceeded RequestSizeLimitExceeded ResourceInUse ResourceInsufficient
ResourceNotFound ResourceUnavailable ResponseSizeLimitExceeded ServiceUnavailable UnauthorizedOperation
UnknownParameter UnsupportedOperation UnsupportedProtocol UnsupportedRegion
"""
SDK = """
ClientNetworkError ServerNetworkError JSONDecodeError KeyError ChunkedEncodingError ConnectionError ClientError
ClientParamsError
"""
EVERY_ACTION = {name for product in PRODUCTS.values() for name in product.actions}


def codes_of(*products):
    return sorted(entry.code for entry in ALL if entry.products == products)


def test_every_documented_code_is_in_the_catalogue():
    assert codes_of("tiw") == sorted((TIW_PRINTED + TIW_FURTHER).split())
    assert codes_of("gme") == sorted((GME_PRINTED + GME_FURTHER).split())
    assert codes_of("tiw", "gme") == sorted(COMMON.split())
    assert len(ALL) == 28 + 28 + 38


def test_the_words_of_the_sdk_are_kept_apart():
    assert sorted(entry.code for entry in SDK_CODES) == sorted(SDK.split())
    assert {entry.code for entry in SDK_CODES}.isdisjoint(entry.code for entry in ALL)


@pytest.mark.parametrize("entry", [*ALL, *SDK_CODES, explain("Nonsense")], ids=lambda entry: entry.code)
def test_every_entry_says_in_sentences_what_it_means_and_what_to_do(entry):
    for sentence in (str(entry.meaning), str(entry.what_to_do)):
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        assert len(sentence.split()) >= 5
    assert entry.meaning != entry.what_to_do
    assert str(entry.retry.label)


@pytest.mark.parametrize("entry", ALL, ids=lambda entry: f"{entry.code}-{'-'.join(entry.products)}")
def test_every_entry_names_actions_that_exist(entry):
    named = {name for name in entry.actions if isinstance(name, str)}

    assert entry.actions
    assert named <= EVERY_ACTION
    assert set(entry.retry_actions) <= EVERY_ACTION
    assert bool(entry.retry_actions) == (entry.otherwise is not None)


@pytest.mark.parametrize(
    ("code", "product", "field"),
    [
        ("InvalidParameter.InvalidExtra", "tiw", "Extras"),
        ("InvalidParameter.SdkAppIdNotFound", "tiw", "SdkAppId"),
        ("ResourceInUse.RecordUserId", "tiw", "RecordUserId"),
        ("ResourceUnavailable.NotRegistered", "tiw", "SdkAppId"),
        ("UnauthorizedOperation.SdkAppId", "tiw", "SdkAppId"),
        ("InvalidParameter.TaskNotFound", "tiw", "TaskId"),
        ("InvalidParameter.CallbackAddressFormatError", "tiw", "Callback"),
        ("InvalidParameterValue.InvalidBizId", "gme", "BizId"),
        ("InvalidParameterValue.InvalidRecordMode", "gme", "RecordMode"),
        ("InvalidParameterValue.InvalidRoomId", "gme", "RoomId"),
        ("InvalidParameterValue.InvalidSubscribeRecordUserIds", "gme", "SubscribeRecordUserIds"),
        ("InvalidParameterValue.InvalidSubscribeUserIds", "gme", "SubscribeRecordUserIds.SubscribeUserIds"),
        (
            "InvalidParameterValue.InvalidUNSubscribeUserIds",
            "gme",
            "SubscribeRecordUserIds.UnSubscribeUserIds",
        ),
        ("ResourceInUse.TaskInUse", "gme", "RoomId"),
        ("ResourceNotFound.RoomNotFound", "gme", "RoomId"),
        ("ResourceNotFound.TaskNotFound", "gme", "TaskId"),
        ("UnauthorizedOperation", "gme", "BizId"),
        ("UnauthorizedOperation", "tiw", ""),
        ("UnsupportedRegion", "tiw", "Region"),
        ("LimitExceeded.TaskConcurrency", "tiw", ""),
    ],
)
def test_a_code_points_at_its_field(code, product, field):
    assert explain(code, product).field == field


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ("RoomId out of range (1, 4294967295)", "RoomId"),
        ("the value of `RecordUserId` is too long", "RecordUserId"),
        ("MixStream.ModelId must be 1 or 2", "MixStream.ModelId"),
        (
            "bad MixStream: MixStream.Custom.Canvas.LayoutParams.Width",
            "MixStream.Custom.Canvas.LayoutParams.Width",
        ),
        (
            "MixStream.Custom.InputStreamList.12.LayoutParams.X is outside the canvas",
            "MixStream.Custom.InputStreamList.12.LayoutParams.X",
        ),
        (
            "MixStream.Custom.InputStreamList[2].LayoutParams.X is outside the canvas",
            "MixStream.Custom.InputStreamList.2.LayoutParams.X",
        ),
        ("Extras.0 is unknown", "Extras.0"),
        ("TeacherId needs ModelId, InitParam is not JSON", "MixStream.TeacherId"),
        ("InitParam is not JSON", "Whiteboard.InitParam"),
        ("StreamId is empty", ""),
        ("RecordControl.StreamControls.0.StreamId is empty", "RecordControl.StreamControls.0.StreamId"),
        ("AutoStopTimeout.", "AutoStopTimeout"),
        ("RoomIdentity or MyRoomId or roomid", ""),
        ("Width is too large", ""),
        ("", ""),
        ("教师RoomId教师", ""),
        ("参数 RoomId 错误", "RoomId"),
    ],
)
def test_a_message_is_searched_for_the_field_where_the_code_names_none(message, field):
    assert explain("InvalidParameter.RecordParameter", "tiw", message).field == field


@pytest.mark.parametrize(
    "code",
    ["InvalidParameter", "InvalidParameterValue", "MissingParameter", "UnknownParameter",
     "InvalidParameter.BodyParameterTypeUnmatched", "InvalidParameter.NotYetDocumented"],
)  # fmt: skip
def test_codes_that_leave_the_field_to_the_message_get_it_from_there(code):
    assert explain(code, "tiw", "check Concat.Image").field == "Concat.Image"


def test_a_field_that_the_code_itself_names_is_kept():
    found = explain("ResourceInUse.RecordUserId", "tiw", "RoomId 1203 is being recorded")

    assert found.field == "RecordUserId"


def test_other_codes_take_no_field_from_the_message():
    assert explain("InternalError", "tiw", "failed while reading RoomId").field == ""


def test_an_undocumented_code_is_explained_as_the_next_more_general_one():
    found = explain("UnsupportedOperation.InvalidTaskStatus.Deep.Deeper", "tiw")

    assert found.code == "UnsupportedOperation.InvalidTaskStatus.Deep.Deeper"
    assert found.meaning == explain("UnsupportedOperation.InvalidTaskStatus", "tiw").meaning
    assert explain("LimitExceeded.New", "gme").meaning == explain("LimitExceeded", "gme").meaning


@pytest.mark.parametrize("code", ["Nonsense", "Nonsense.Deep", "", ".", "..", "a" * 5000, "internalerror"])
def test_an_unknown_code_is_said_to_be_unknown(code):
    found = explain(code)

    assert found.code == code
    assert found.field == ""
    assert "not in the documents" in str(found.meaning)


def test_where_products_differ_the_own_one_is_taken():
    assert explain("UnauthorizedOperation", "gme").products == ("gme",)
    assert explain("UnauthorizedOperation", "tiw").products == ("tiw",)
    assert explain("UnauthorizedOperation").products == ("tiw", "gme")
    assert explain("ServiceUnavailable", "gme").products == ("tiw", "gme")
    assert explain("ResourceInUse.TaskInUse", "tiw").products == ("gme",)


def test_the_action_narrows_what_a_code_means():
    settings = explain("InvalidParameter", "tiw", action="SetOnlineRecordCallbackKey")
    start = explain("InvalidParameter", "tiw", action="StartOnlineRecord")

    assert settings.field == "CallbackKey"
    assert start.field == ""


def test_words_of_the_sdk_are_explained():
    assert "SDK" in str(explain("ClientNetworkError").what_to_do)


@pytest.mark.parametrize(
    ("code", "action", "product", "retry"),
    [
        ("InternalError", "StartOnlineRecord", "tiw", Retry.UNSAFE),
        ("InternalError", "StartRecord", "gme", Retry.UNSAFE),
        ("InternalError.Deep", "StartRecord", "gme", Retry.UNSAFE),
        ("InternalError", "StopRecord", "gme", Retry.LATER),
        ("InternalError", "DescribeOnlineRecord", "tiw", Retry.LATER),
        ("FailedOperation", "StartOnlineRecord", "tiw", Retry.UNSAFE),
        ("FailedOperation", "DescribeTaskInfo", "gme", Retry.LATER),
        ("ServiceUnavailable", "StartOnlineRecord", "tiw", Retry.UNSAFE),
        ("ServiceUnavailable", "PauseOnlineRecord", "tiw", Retry.LATER),
        ("FailedOperation.CosBucketInvalid", "StartOnlineRecord", "tiw", Retry.FIX),
        ("FailedOperation.UserFeeNegative", "StartRecord", "gme", Retry.FIX),
        ("RequestLimitExceeded", "StartOnlineRecord", "tiw", Retry.LATER),
        ("RequestLimitExceeded.UinLimitExceeded", "StartRecord", "gme", Retry.LATER),
        ("UnsupportedOperation.TaskHasAlreadyStopped", "StopOnlineRecord", "tiw", Retry.DONE),
        ("UnsupportedOperation.TaskHasAlreadyStopped", "PauseOnlineRecord", "tiw", Retry.FIX),
        ("ResourceNotFound.TaskNotFound", "StopRecord", "gme", Retry.DONE),
        ("ResourceNotFound.TaskNotFound", "DescribeRecordInfo", "gme", Retry.NEVER),
        ("FailedOperation.Record", "DescribeOnlineRecord", "tiw", Retry.FINAL),
        ("ResourceInUse.RecordUserId", "StartOnlineRecord", "tiw", Retry.FIX),
        ("AuthFailure.SignatureFailure", "StartRecord", "gme", Retry.NEVER),
        ("AuthFailure.SignatureExpire", "StartRecord", "gme", Retry.FIX),
        ("Nonsense", "StartRecord", "gme", Retry.UNSAFE),
        ("Nonsense", "DescribeRecordInfo", "gme", Retry.NEVER),
        ("ClientNetworkError", "StartRecord", "", Retry.UNSAFE),
        ("ClientNetworkError", "DescribeRecordInfo", "", Retry.LATER),
    ],
)
def test_whether_to_repeat_depends_on_code_and_action(code, action, product, retry):
    assert retry_for(code, action, product) is retry
