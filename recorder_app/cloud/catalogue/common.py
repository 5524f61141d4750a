"""Codes that any action of either product can give, and those that the official SDK makes up on this side.

Sources: page "Error codes", part common codes (607/42263, 1288/51060); official Python SDK common 3.1.195.
"""

from functools import partial

from django.utils.translation import gettext_lazy as _

from recorder_app.cloud.catalogue.entry import STARTS, UNKNOWN_ACTIONS, ErrorCode, Retry, may_have_started

_PROGRAM_FAULT = _("This is a fault of the program, not of the input. Report it together with the RequestId.")
_SETTINGS = _("Have an administrator check the endpoint and the account's settings.")
_SLOW_DOWN = _("Wait a moment and try again. The call was turned away before anything was done.")
_WAIT = _("Wait and try again; if it stays so, give the RequestId to the vendor's support.")
_LOOK_FIRST = _(
    "Anything but a start can be repeated. After a start, find out first whether the recording runs."
)

AUTHENTICATION = (
    ErrorCode(
        "AuthFailure.InvalidAuthorization",
        _("The header that carries the signature is not in the form that the cloud expects."),
        _PROGRAM_FAULT,
    ),
    ErrorCode(
        "AuthFailure.InvalidSecretId",
        _("The SecretId is not that of a cloud API key."),
        _(
            "Have an administrator enter an API key of the cloud account; other kinds of keys do not work here."
        ),
        retry=Retry.FIX,
    ),
    ErrorCode(
        "AuthFailure.MFAFailure",
        _("The cloud asked for a second proof of identity and did not get it."),
        _("Use a key that needs no multi-factor check, or have the owner of the account complete the check."),
        retry=Retry.FIX,
    ),
    ErrorCode(
        "AuthFailure.SecretIdNotFound",
        _("The API key does not exist: it was deleted, switched off or mistyped."),
        _("Have an administrator enter a valid key, without blanks before or after it."),
        retry=Retry.FIX,
    ),
    ErrorCode(
        "AuthFailure.SignatureExpire",
        _("The clock of this server and that of the cloud differ by more than five minutes."),
        _("Have the server's clock set at once: until then, every call fails."),
        retry=Retry.FIX,
    ),
    ErrorCode(
        "AuthFailure.SignatureFailure",
        _("The signature does not fit the request."),
        _(
            "Most likely the SecretKey is wrong: have an administrator replace it. If it is right, report this."
        ),
    ),
    ErrorCode(
        "AuthFailure.TokenFailure",
        _("The temporary credentials are not valid, or no longer."),
        _("Have an administrator enter new ones, or a key that does not expire."),
        retry=Retry.FIX,
    ),
    ErrorCode(
        "AuthFailure.UnauthorizedOperation",
        _("The key is valid but has no right to this action."),
        _("Have the owner of the cloud account grant the action to the key."),
        retry=Retry.FIX,
    ),
    ErrorCode(
        "IpInBlacklist",
        _("The cloud account forbids calls from this server's address."),
        _("Have the owner of the cloud account change its list of forbidden addresses."),
        retry=Retry.FIX,
    ),
    ErrorCode(
        "IpNotInWhitelist",
        _("The cloud account allows calls from certain addresses only, and this server's is not among them."),
        _("Have the owner of the cloud account add this server's address."),
        retry=Retry.FIX,
    ),
    ErrorCode(
        "UnauthorizedOperation",
        _("The account whose key signed the call may not do this."),
        _("Have the owner of the cloud account grant this key the right to the action and the application."),
        retry=Retry.FIX,
    ),
)

REQUEST = (
    ErrorCode(
        "ActionOffline",
        _("The cloud no longer offers this action."),
        _("This program needs an update. Until then, use the vendor's console."),
    ),
    ErrorCode("DryRunOperation", _("A trial run would have succeeded; nothing was done."), _PROGRAM_FAULT),
    ErrorCode("InvalidAction", _("The service has no such action in this version."), _PROGRAM_FAULT),
    ErrorCode(
        "InvalidParameter",
        _("The cloud does not accept one of the values."),
        _("Correct what the message names. If it names nothing, give the RequestId to the vendor's support."),
        retry=Retry.FIX,
    ),
    ErrorCode(
        "InvalidParameterValue",
        _("One of the values is outside what the cloud accepts."),
        _("Correct what the message names. If it names nothing, give the RequestId to the vendor's support."),
        retry=Retry.FIX,
    ),
    ErrorCode("InvalidRequest", _("The body of the request is not in the announced form."), _PROGRAM_FAULT),
    ErrorCode("MissingParameter", _("The request lacks a field that the cloud demands."), _PROGRAM_FAULT),
    ErrorCode("NoSuchProduct", _("The cloud does not know the service that was called."), _SETTINGS),
    ErrorCode("NoSuchVersion", _("The service does not exist in the version that was called."), _SETTINGS),
    ErrorCode(
        "RequestSizeLimitExceeded",
        _("The request is larger than the cloud accepts."),
        _("Describe fewer streams in the layout, or shorten the longest texts."),
        retry=Retry.FIX,
    ),
    ErrorCode(
        "ResponseSizeLimitExceeded",
        _("The answer would be larger than the cloud is willing to send."),
        _("Ask for fewer entries at a time."),
        retry=Retry.FIX,
    ),
    ErrorCode(
        "UnknownParameter", _("The request holds a field that the cloud does not know."), _PROGRAM_FAULT
    ),
    ErrorCode(
        "UnsupportedOperation",
        _("The cloud does not support this at the moment, or not for this account."),
        _("Read the message for what stands in the way, and change that."),
        retry=Retry.FIX,
    ),
    ErrorCode("UnsupportedProtocol", _("The cloud was called in a way that it does not speak."), _SETTINGS),
    ErrorCode(
        "UnsupportedRegion",
        _("The service is not offered in the region that was asked for."),
        _("For TIW, set ap-singapore on the international edition and ap-guangzhou on the Chinese one."),
        field="Region",
        retry=Retry.FIX,
    ),
)

STATE = (
    may_have_started(
        "FailedOperation", _("The cloud tried and did not succeed. Its message may say why."), _LOOK_FIRST
    ),
    may_have_started(
        "InternalError",
        _("Something broke inside the cloud, so it is not certain whether the call took effect."),
        _LOOK_FIRST,
    ),
    may_have_started(
        "ServiceUnavailable",
        _("The service is down for a while, and it is not certain whether the call took effect."),
        _LOOK_FIRST,
    ),
    ErrorCode(
        "LimitExceeded",
        _("A quota of the account is used up."),
        _("Wait until something ends, or ask the vendor for a larger quota."),
        retry=Retry.LATER,
    ),
    ErrorCode(
        "RequestLimitExceeded",
        _("Too many calls arrived within a second."),
        _SLOW_DOWN,
        retry=Retry.LATER,
    ),
    ErrorCode(
        "RequestLimitExceeded.IPLimitExceeded",
        _("Too many calls arrived from this server's address within a second."),
        _SLOW_DOWN,
        retry=Retry.LATER,
    ),
    ErrorCode(
        "RequestLimitExceeded.UinLimitExceeded",
        _("Too many calls of the same main account arrived within a second."),
        _SLOW_DOWN,
        retry=Retry.LATER,
    ),
    ErrorCode(
        "RequestLimitExceeded.GlobalRegionUinLimitExceeded",
        _("Too many calls of the same main account arrived within a second, counted over all regions."),
        _SLOW_DOWN,
        retry=Retry.LATER,
    ),
    ErrorCode(
        "ResourceInUse", _("What the call needs is in use by something else."), _WAIT, retry=Retry.LATER
    ),
    ErrorCode(
        "ResourceInsufficient",
        _("The cloud has not enough resources left for this at the moment."),
        _WAIT,
        retry=Retry.LATER,
    ),
    ErrorCode(
        "ResourceNotFound",
        _("Something that the request names does not exist."),
        _("Check the room, the task and the application that the request names."),
        retry=Retry.FIX,
    ),
    ErrorCode(
        "ResourceUnavailable",
        _("Something that the request names cannot be used."),
        _("Read the message for what is not usable, and have that mended."),
        retry=Retry.FIX,
    ),
)

CODES = (*AUTHENTICATION, *REQUEST, *STATE)

_NOT_FROM_CLOUD = _(
    "This word comes from the vendor's SDK, not from the cloud, so there is no RequestId. Anything but a start can "
    "be repeated; after a start, find out first whether the recording runs."
)
_sdk = partial(may_have_started, actions=UNKNOWN_ACTIONS, what_to_do=_NOT_FROM_CLOUD)
_CUT = _("The answer of the cloud arrived damaged or was cut off.")

SDK_CODES = (
    _sdk("ClientNetworkError", meaning=_("The SDK could not connect, could not send, or waited in vain.")),
    _sdk(
        "ServerNetworkError", meaning=_("Something between here and the cloud answered with an HTTP error.")
    ),
    _sdk("JSONDecodeError", meaning=_("The answer was not JSON, so the SDK could not read it.")),
    _sdk("KeyError", meaning=_("The answer lacked the part that the SDK expected.")),
    _sdk("ChunkedEncodingError", meaning=_CUT),
    _sdk("ConnectionError", meaning=_CUT),
    ErrorCode(
        "ClientError",
        _("The SDK was set up in a way that it does not accept."),
        _("Correct the program that uses the SDK; nothing was sent."),
        actions=UNKNOWN_ACTIONS,
    ),
    ErrorCode(
        "ClientParamsError",
        _("The SDK does not accept the parameters it was given."),
        _("Correct the program that uses the SDK; nothing was sent."),
        actions=UNKNOWN_ACTIONS,
    ),
)

# Nothing says that such a code is safe, so a start that got one is looked after.
UNKNOWN = ErrorCode(
    "",
    _("This code is not in the documents, so what it means is not known."),
    _(
        "Read the message and give the RequestId to the vendor's support. After a start, look first whether it runs."
    ),
    actions=UNKNOWN_ACTIONS,
    retry=Retry.UNSAFE,
    retry_actions=STARTS,
    otherwise=Retry.NEVER,
)
