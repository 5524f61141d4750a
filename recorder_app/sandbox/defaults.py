"""What the sandbox knows and how fast it moves unless told otherwise.

The keys below are made up and open no door anywhere: they let a fresh checkout talk to its own sandbox.
"""

DEMO_SECRET_ID = "AKIDEXAMPLESANDBOX00000000000000EXAMPLE"  # noqa: S105  made up
DEMO_SECRET_KEY = "EXAMPLEsandboxSecretKeyEXAMPLE00"  # noqa: S105  made up
DEMO_TIW_APP = 1400000001
DEMO_GME_APP = 3400352518
# The key with which the demo TIW application makes user signatures, and the one that signs GME callbacks.
DEMO_SDK_KEY = "EXAMPLE00EXAMPLE00EXAMPLE00EXAMPLE00EXAMPLE00EXAMPLE00EXAMPLE001"
DEMO_CALLBACK_KEY = "EXAMPLE-permission-key-0123456789"
DEMO_APPS = (("tiw", DEMO_TIW_APP), ("gme", DEMO_GME_APP))

DEFAULT_PORT = 8001
CALLS_PER_SECOND = 20
CALLBACK_DELAY = 0.2  # seconds between an event and its first delivery

# Seconds at speed 1. The reference gives 2 s for a change to take effect; files take minutes there, which
# nobody wants to wait for here.
EFFECT_SECONDS = 2.0
TIW_FILES_SECONDS = 8.0
GME_STEP_SECONDS = 1.5

# Limits of the service itself, in seconds: not shortened by the sandbox's speed.
SIGNATURE_WINDOW = 300
LONGEST_PAUSE = 90 * 60
LONGEST_RECORDING = 24 * 3600
RUNNING_TASKS_VISIBLE = 3 * 24 * 3600
RUNNING_TIW_RECORDINGS = 100
