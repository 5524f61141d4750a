"""What the tests of the client share: answers of the cloud, a key pair, and how to look at a bad ending."""

import pytest

from recorder_app.cloud.client import Credentials
from recorder_app.cloud.errors import CloudError

NOW = 1700000000.25
REQUEST_ID = "eac6b301-a322-493a-8e36-83b295459397"
STARTED = {"Response": {"TaskId": "bj0mt2l23osdj300hl30", "RequestId": REQUEST_ID}}
STOPPED = {"Response": {"RequestId": REQUEST_ID}}
REFUSED = {
    "Response": {
        "Error": {"Code": "ResourceInUse.RecordUserId", "Message": "already recording"},
        "RequestId": REQUEST_ID,
    }
}
KEYS = Credentials("AKIDEXAMPLE", "EXAMPLEsecretKEY", "EXAMPLEtoken")
PARAMS = {"SdkAppId": 1400000001, "RoomId": 1203, "RecordUserSig": "eJxEXAMPLEsignature*-_"}


def ending(client, action="StartOnlineRecord", params=PARAMS):
    """The error that a call ends with."""
    with pytest.raises(CloudError) as caught:
        client.call(action, params)
    return caught.value
