"""Codes of TIW recording.

Sources: page StartOnlineRecord (2023-12-07), the official SDKs' lists per action, both editions, and page
1137/40258 for the inner numbers of a failed recording.
"""

from functools import partial

from django.utils.translation import gettext_lazy as _

from recorder_app.cloud.catalogue.entry import TIW, UNKNOWN_ACTIONS, ErrorCode, Retry, may_have_started

START = ("StartOnlineRecord",)
PAUSE_RESUME = ("PauseOnlineRecord", "ResumeOnlineRecord")
STOP_PAUSE_RESUME = ("StopOnlineRecord", *PAUSE_RESUME)
DESCRIBE = ("DescribeOnlineRecord",)
SET_CALLBACK = ("SetOnlineRecordCallback", "SetOnlineRecordCallbackKey")

_entry = partial(ErrorCode, products=TIW)
_undocumented = partial(ErrorCode, products=TIW, actions=UNKNOWN_ACTIONS)

PRINTED = (
    _entry(
        "AuthFailure",
        _("The cloud could not establish who is calling, or whether that account may call."),
        _(
            "The form is not at fault. Have an administrator check the API key, the server's clock and the rights."
        ),
        retry=Retry.FIX,
    ),
    _entry(
        "InvalidParameter.BodyParameterTypeUnmatched",
        _("A value was sent as another type than the cloud expects, such as text where a number belongs."),
        _("This is a fault of the program, not of the input. Report it together with the RequestId."),
    ),
    _entry(
        "InvalidParameter.InvalidExtra",
        _("The list of extra features names one that does not exist."),
        _("Use MIX_STREAM, the only feature there is, or leave the list empty."),
        field="Extras",
        retry=Retry.FIX,
        actions=START,
    ),
    _entry(
        "InvalidParameter.RecordParameter",
        _("One of the recording's settings is not in the form or the range that the cloud accepts."),
        _(
            "Read the message for the name of the setting, then check its range, and the layout if there is one."
        ),
        retry=Retry.FIX,
        actions=START,
    ),
    _entry(
        "InvalidParameter.SdkAppIdNotFound",
        _("No application has this SdkAppId."),
        _("Choose another application, or have an administrator correct the number of this one."),
        field="SdkAppId",
        retry=Retry.FIX,
        actions=START,
    ),
    _entry(
        "LimitExceeded.TaskConcurrency",
        _("As many recordings or conversions are running as the account is allowed at once."),
        _("Stop one that is no longer needed, wait until one ends, or ask the vendor for a larger quota."),
        retry=Retry.LATER,
        actions=START,
    ),
    _entry(
        "ResourceInUse.RecordUserId",
        _("A recording is already running under this recording account."),
        _(
            "Look for the running recording first: after a start without an answer, this means that it worked. "
            "Take a new RecordUserId only if a second recording is really wanted."
        ),
        field="RecordUserId",
        retry=Retry.FIX,
        actions=START,
    ),
    _entry(
        "ResourceUnavailable.NotRegistered",
        _("TIW has not been enabled for the account that owns this application."),
        _("Have the owner of the cloud account enable TIW in its console."),
        field="SdkAppId",
        retry=Retry.FIX,
    ),
    _entry(
        "ResourceUnavailable.ServiceExpired",
        _("The cloud account owes money, or its TIW service has run out."),
        _("Nothing in the form can mend this. Have the bill paid or the service renewed, then start again."),
        retry=Retry.FIX,
    ),
    _entry(
        "UnauthorizedOperation.SdkAppId",
        _("The SdkAppId does not exist, or it belongs to another cloud account than the key that signed."),
        _("Use an application and a key of one account. An administrator can change both under Settings."),
        field="SdkAppId",
        retry=Retry.FIX,
    ),
)

FURTHER = (
    _entry(
        "FailedOperation.Record",
        _("The recording itself has failed. The message carries the recorder's own number and text."),
        _(
            "Asking again will not change it; start a new recording once the cause is gone. Number 40004 with 6206 "
            "means that the UserSig had expired, 40001 that the user id is not valid."
        ),
        retry=Retry.FINAL,
        actions=DESCRIBE,
    ),
    _entry(
        "InvalidParameter.TaskNotFound",
        _("This application has no recording with that TaskId."),
        _(
            "Check that the TaskId belongs to this application. The cloud also forgets old recordings after a time."
        ),
        field="TaskId",
        actions=(*STOP_PAUSE_RESUME, *DESCRIBE),
    ),
    _entry(
        "UnsupportedOperation.TaskHasAlreadyStopped",
        _("The recording had already stopped."),
        _(
            "A stop needs nothing more. To pause or resume is no longer possible; refresh to see the present state."
        ),
        retry=Retry.DONE,
        retry_actions=("StopOnlineRecord",),
        otherwise=Retry.FIX,
        actions=STOP_PAUSE_RESUME,
    ),
    _entry(
        "UnsupportedOperation.InvalidTaskStatus",
        _("The recording is in a state that does not allow this."),
        _("Refresh to see the state: only a running recording can be paused, only a paused one resumed."),
        retry=Retry.FIX,
        actions=PAUSE_RESUME,
    ),
    _entry(
        "InvalidParameter.CallbackAddressFormatError",
        _("The callback address is not one that the cloud can call."),
        _("Give a full address that begins with http:// or https://."),
        field="Callback",
        retry=Retry.FIX,
        actions=SET_CALLBACK[:1],
    ),
    _entry(
        "InvalidParameter",
        _("The cloud does not accept a value; for callback settings, that is usually the key's length."),
        _(
            "Keep the callback key to 64 characters at most. For anything else, correct what the message names."
        ),
        field="CallbackKey",
        retry=Retry.FIX,
        actions=SET_CALLBACK,
    ),
)

# In the SDKs' lists only; which action gives them is not documented.
LISTED = (
    may_have_started(
        "FailedOperation",
        _("The cloud tried and did not succeed. Its message may say why."),
        _("Read the message. After a start, find out whether the recording runs before starting it again."),
        products=TIW,
        actions=UNKNOWN_ACTIONS,
    ),
    _undocumented(
        "FailedOperation.GetCredentialFail",
        _("TIW was not given the credential it needs to work for this account."),
        _("Have the owner of the cloud account check the service roles granted to TIW."),
        retry=Retry.FIX,
    ),
    _undocumented(
        "FailedOperation.CosBucketInvalid",
        _("The storage bucket set for the application cannot be used."),
        _("Have the owner of the cloud account check the bucket in the application's TIW settings."),
        retry=Retry.FIX,
    ),
    may_have_started(
        "InternalError",
        _("Something broke inside the cloud, so it is not certain whether the call took effect."),
        _("Anything but a start can be repeated. After a start, find out first whether the recording runs."),
        products=TIW,
        actions=UNKNOWN_ACTIONS,
    ),
    _undocumented(
        "InvalidParameter.UnmarshalJSONBodyFail",
        _("The cloud could not read the request as JSON."),
        _("This is a fault of the program, not of the input. Report it together with the RequestId."),
    ),
    _undocumented(
        "InvalidParameter.TimeFormat",
        _("A time was written in a form that the cloud does not read."),
        _("Recording calls carry no such time, so report this together with the RequestId."),
    ),
    _undocumented(
        "RequestLimitExceeded",
        _("More than 20 calls of one action arrived within a second. This one was turned away unread."),
        _("Wait a moment and try again. If it keeps happening, something else uses the same account."),
        retry=Retry.LATER,
    ),
    _undocumented(
        "ResourceUnavailable",
        _("What the call needs is not available at the moment."),
        _("Wait and try again; if it stays so, give the RequestId to the vendor's support."),
        retry=Retry.LATER,
    ),
    _undocumented(
        "ResourceUnavailable.InterfaceUnAuthorized",
        _(
            "A feature was used that has not been opened for this account, such as mixing or video generation."
        ),
        _("Switch the feature off in the form, or ask the vendor to open it for the account."),
        retry=Retry.FIX,
    ),
    _undocumented(
        "UnauthorizedOperation",
        _("The account whose key signed the call may not do this."),
        _("Have the owner of the cloud account grant this key the right to the action and the application."),
        retry=Retry.FIX,
    ),
    _undocumented(
        "UnknownParameter",
        _("The request holds a field that this edition of the cloud does not know."),
        _(
            "Leave out fields of the other edition, such as TRTCRoomId. Otherwise report it with the RequestId."
        ),
    ),
    _undocumented(
        "UnsupportedOperation",
        _("The cloud does not support this for the recording or the account."),
        _("Read the message for what stands in the way, and change that."),
        retry=Retry.FIX,
    ),
)

CODES = (*PRINTED, *FURTHER, *LISTED)
