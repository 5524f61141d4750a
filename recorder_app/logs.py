"""How a line of the log is written: as ever, without what must stay secret."""

import logging

from recorder_app.cloud.masking import without_tokens


class LineFormatter(logging.Formatter):
    """Django logs the path of every refused request, and the path of a callback holds its token."""

    def format(self, record: logging.LogRecord) -> str:
        return without_tokens(super().format(record))
