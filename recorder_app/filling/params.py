"""What people ask for when they start: the parameters of a start, masked as they are kept."""

import random

from recorder_app.filling.world import TIW, Place

MIX = '"MixStream":{{"Enabled":true,"DisableAudio":false,"ModelId":{model}}},"Extras":["MIX_STREAM"]'
STREAM = (
    '{{"LayoutParams":{{"Width":{width},"Height":{height},"X":{x},"Y":{y},"ZOrder":{order}}},'
    '"InputStreamId":"{stream}","BackgroundColor":"#333333","FillMode":1}}'
)
CANVAS = '{"LayoutParams":{"Width":1280,"Height":720,"X":0,"Y":0,"ZOrder":0},"BackgroundColor":"#000000"}'


class Wishes:
    """Draws the parameters of starts; most people ask for the same few things."""

    def __init__(self, dice: random.Random) -> None:
        self._chance = dice.random
        streams = ",".join(
            STREAM.format(
                width=320, height=180, x=320 * (n % 4), y=180 * (n // 4), order=n, stream=f"user_{n}"
            )
            for n in range(8)
        )
        custom = (
            f'"MixStream":{{"Enabled":true,"DisableAudio":false,"Custom":{{"Canvas":{CANVAS},'
            f'"InputStreamList":[{streams}]}}}},"Extras":["MIX_STREAM"]'
        )
        concat = '"Concat":{"Enabled":true,"Image":""}'
        whiteboard = '"Whiteboard":{"Width":1280,"Height":960,"InitParam":"{}"}'
        # (the end of the JSON, whether it mixes), each as often as it is wanted.
        self._tiw = (
            [("", False)] * 8
            + [(f",{MIX.format(model=1)}", True)] * 5
            + [(f",{MIX.format(model=2)},{concat}", True)] * 3
            + [(f",{concat},{whiteboard}", False)] * 3
            + [(f",{custom}", True)]
        )
        some = ",".join(f'"{10_001 + 37 * n}"' for n in range(6))
        self._gme = (
            [(1, ""), (1, f',"SubscribeRecordUserIds":{{"SubscribeUserIds":[{some}]}}')]
            + [(2, "")] * 4
            + [(2, ',"SubscribeRecordUserIds":{"UnSubscribeUserIds":["10002"]}')]
        )

    def start(self, place: Place, room: str, user: str) -> tuple[str, bool]:
        """The parameters as JSON, and whether one of the files will be a mixture."""
        if place.product == TIW:
            rest, mixes = self._tiw[int(self._chance() * len(self._tiw))]
            return (
                f'{{"SdkAppId":{place.app_id},"RoomId":{room},"RecordUserId":"{user}","RecordUserSig":"***"{rest}}}',
                mixes,
            )
        mode, rest = self._gme[int(self._chance() * len(self._gme))]
        return f'{{"BizId":{place.app_id},"RoomId":"{room}","RecordMode":{mode}{rest}}}', mode == 2
