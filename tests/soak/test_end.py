"""A trial that is told to end leaves nothing behind: no process, no folder."""

import os
import signal

import pytest

from tests.processes import children_of, is_alive, start, wait_until


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_trial_told_to_end_takes_its_processes_and_its_folder_along(tmp_path, number):
    folders, log = tmp_path / "folders", tmp_path / "log"
    folders.mkdir()
    words = ("-m", "tests.soak.certainty", "--trials", "500", "--sqlite")
    with log.open("w") as said:
        trial = start(words, {**os.environ, "TMPDIR": str(folders)}, stdout=said, stderr=said)
        # The sandbox, the web server and two workers.
        is_running = wait_until(lambda: trial.poll() is not None or len(children_of(trial.pid)) == 4, 60)
        children = children_of(trial.pid)
        everybody = [*children, *(one for child in children for one in children_of(child))]
        trial.send_signal(number)
        status = trial.wait(timeout=60)

    assert (is_running, len(children)) == (True, 4), log.read_text()
    assert status == 128 + number
    assert [pid for pid in everybody if is_alive(pid)] == []
    assert list(folders.iterdir()) == []
