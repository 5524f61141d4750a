"""The sandbox cloud: a stand-in for both recording services that speaks their real protocol over HTTP.

It knows no Django and shares no line with the client in recorder_app.cloud, because it is there to judge it.
"""

from recorder_app.sandbox.server import SandboxServer

__all__ = ["SandboxServer"]
