"""Codes of GME recording.

Sources: page StartRecord (2023-07-06), the official SDKs' lists per action, both editions, and page 607/53748.
"""

from functools import partial

from django.utils.translation import gettext_lazy as _

from recorder_app.cloud.catalogue.entry import GME, UNKNOWN_ACTIONS, ErrorCode, Retry, may_have_started

START = ("StartRecord",)
START_MODIFY = ("StartRecord", "ModifyRecordInfo")
START_FIND = ("StartRecord", "DescribeTaskInfo")

_entry = partial(ErrorCode, products=GME)
_undocumented = partial(ErrorCode, products=GME, actions=UNKNOWN_ACTIONS)

PRINTED = (
    may_have_started(
        "InternalError",
        _("Something broke inside the cloud, so it is not certain whether the call took effect."),
        _("Anything but a start can be repeated. After a start, look for a running task of the room first."),
        products=GME,
    ),
    _entry(
        "InvalidParameter",
        _("The cloud does not accept one of the values."),
        _("Correct what the message names. If it names nothing, give the RequestId to the vendor's support."),
        retry=Retry.FIX,
    ),
    _entry(
        "InvalidParameterValue.InvalidBizId",
        _("The BizId is not one that GME accepts."),
        _("Choose another application, or have an administrator correct the number of this one."),
        field="BizId",
        retry=Retry.FIX,
    ),
    _entry(
        "InvalidParameterValue.InvalidRecordMode",
        _("There is no such recording mode."),
        _("Choose 1 for single streams, 2 for a mixed stream, or 3 for both."),
        field="RecordMode",
        retry=Retry.FIX,
        actions=START_MODIFY,
    ),
    _entry(
        "InvalidParameterValue.InvalidRoomId",
        _("The room's name is not one that GME accepts."),
        _("Check the name against the one that the voice room really uses."),
        field="RoomId",
        retry=Retry.FIX,
        actions=START_FIND,
    ),
    _entry(
        "InvalidParameterValue.InvalidSubscribeRecordUserIds",
        _("The lists of users to record, or not to record, are not in the expected form."),
        _("Fill in one of the two lists only, with user ids as text."),
        field="SubscribeRecordUserIds",
        retry=Retry.FIX,
        actions=START_MODIFY,
    ),
    _entry(
        "InvalidParameterValue.InvalidSubscribeUserIds",
        _("The list of users to record holds more than 20 entries."),
        _("Shorten the list to 20, or leave it out to record everybody."),
        field="SubscribeRecordUserIds.SubscribeUserIds",
        retry=Retry.FIX,
        actions=START_MODIFY,
    ),
    _entry(
        "InvalidParameterValue.InvalidUNSubscribeUserIds",
        _("The list of users not to record holds more than 20 entries."),
        _("Shorten the list to 20, or name the users to record instead."),
        field="SubscribeRecordUserIds.UnSubscribeUserIds",
        retry=Retry.FIX,
        actions=START_MODIFY,
    ),
    _entry(
        "ResourceInUse.TaskInUse",
        _("This room is already being recorded."),
        _(
            "Open the recording that runs for the room; the cloud tells its TaskId when asked for the room's task."
        ),
        field="RoomId",
        retry=Retry.FIX,
        actions=START,
    ),
    _entry(
        "ResourceNotFound.RoomNotFound",
        _("The room does not exist, or nobody is in it at the moment."),
        _("Check the room's name. If it is right, start again once somebody has entered."),
        field="RoomId",
        retry=Retry.FIX,
        actions=START_FIND,
    ),
    _entry(
        "ResourceNotFound.TaskNotFound",
        _("The application has no running recording with that TaskId."),
        _(
            "After a stop this is fine: it is over. Otherwise check the application, and every digit of the TaskId."
        ),
        field="TaskId",
        retry=Retry.DONE,
        retry_actions=("StopRecord",),
        otherwise=Retry.NEVER,
        actions=("StartRecord", "StopRecord", "ModifyRecordInfo", "DescribeRecordInfo"),
    ),
    _entry(
        "UnauthorizedOperation",
        _("The account whose key signed the call may not do this with this application."),
        _(
            "Use an application and a key of one account, and have the right to the action granted to the key."
        ),
        field="BizId",
        retry=Retry.FIX,
    ),
    _entry(
        "UnsupportedOperation",
        _("The cloud does not support this for the room or the account."),
        _("Read the message for what stands in the way, and change that."),
        retry=Retry.FIX,
    ),
    _entry(
        "UnsupportedOperation.ServiceNotOpened",
        _("Recording has not been switched on for this application."),
        _(
            "Have the owner of the cloud account switch it on in the GME console, with the scope custom recording."
        ),
        field="BizId",
        retry=Retry.FIX,
    ),
)

FURTHER = (
    _entry(
        "InvalidParameterValue.InvalidTaskId",
        _("The TaskId is not one that GME could have given."),
        _("Compare it digit by digit with the one that the start returned: spreadsheets round long numbers."),
        field="TaskId",
        actions=("StopRecord", "ModifyRecordInfo", "DescribeRecordInfo"),
    ),
    _entry(
        "OperationDenied",
        _("The cloud refuses to do this for the account."),
        _("Read the message for the reason, and have the owner of the cloud account remove it."),
        retry=Retry.FIX,
        actions=("DescribeTaskInfo",),
    ),
    _undocumented(
        "OperationDenied.AccountInArrears",
        _("The cloud account owes money."),
        _("Have the bill paid; nothing in the form can mend this."),
        retry=Retry.FIX,
    ),
    may_have_started(
        "FailedOperation",
        _("The cloud tried and did not succeed. Its message may say why."),
        _("Read the message. After a start, look for a running task of the room before starting it again."),
        products=GME,
        actions=UNKNOWN_ACTIONS,
    ),
    _undocumented(
        "FailedOperation.UserFeeNegative",
        _("The balance of the cloud account is below zero."),
        _("Have the bill paid; nothing in the form can mend this."),
        retry=Retry.FIX,
    ),
    _undocumented(
        "AuthFailure",
        _("The cloud could not establish who is calling, or whether that account may call."),
        _(
            "The form is not at fault. Have an administrator check the API key, the server's clock and the rights."
        ),
        retry=Retry.FIX,
    ),
    _undocumented(
        "MissingParameter",
        _("The request lacks a field that GME demands."),
        _("This is a fault of the program, not of the input. Report it together with the RequestId."),
    ),
    _undocumented(
        "ResourceNotFound",
        _("Something that the request names does not exist."),
        _("Check the room, the task and the application that the request names."),
        retry=Retry.FIX,
    ),
    _undocumented(
        "ResourceNotFound.BizidIsNotFound",
        _("No GME application has this BizId."),
        _("Choose another application, or have an administrator correct the number of this one."),
        field="BizId",
        retry=Retry.FIX,
    ),
    _undocumented(
        "LimitExceeded",
        _("A quota of the account is used up."),
        _("Wait until something ends, or ask the vendor for a larger quota."),
        retry=Retry.LATER,
    ),
    _undocumented(
        "ResourceUnavailable",
        _("What the call needs is not available at the moment."),
        _("Wait and try again; if it stays so, give the RequestId to the vendor's support."),
        retry=Retry.LATER,
    ),
    _undocumented(
        "ResourceInsufficient",
        _("The cloud has not enough resources left for this at the moment."),
        _("Wait and try again; if it stays so, give the RequestId to the vendor's support."),
        retry=Retry.LATER,
    ),
    _undocumented(
        "UnauthorizedOperation.UnRealNameAuth",
        _("The owner of the cloud account has not proved who they are."),
        _("Have the owner complete the identity check of the cloud account."),
        retry=Retry.FIX,
    ),
    _undocumented(
        "UnknownParameter",
        _("The request holds a field that GME does not know."),
        _("This is a fault of the program, not of the input. Report it together with the RequestId."),
    ),
)

CODES = (*PRINTED, *FURTHER)
