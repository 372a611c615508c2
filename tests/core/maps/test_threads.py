import os
import re
import subprocess
import sys

import numba

from core.maps.threads import ThreadPace, paced, threads_for
from core.settings import ROOT


def threads_of(pace: ThreadPace, seconds: dict[int, float], rounds: int) -> list[int]:
    """How many threads each round has, where a round with k threads takes `seconds[k]`."""
    used = []
    for _ in range(rounds):
        used.append(pace.threads)
        pace.took(seconds[pace.threads])
    return used


def test_few_points_get_one_thread_and_the_number_is_restored() -> None:
    before = numba.get_num_threads()
    with threads_for(10):
        assert numba.get_num_threads() == 1
    assert numba.get_num_threads() == before


def test_all_threads_go_on_where_they_are_faster_and_trials_become_rare() -> None:
    used = threads_of(ThreadPace(2), {2: 0.5, 1: 1.0}, 300)
    assert used[0] == 2
    assert used[200:].count(1) <= 6
    assert used.count(1) <= 15


def test_one_thread_takes_over_where_threads_wait_for_each_other() -> None:
    used = threads_of(ThreadPace(2), {2: 4.0, 1: 1.0}, 300)
    assert used.count(2) <= 30
    assert used[-1] == 1


def test_goes_down_by_halves_to_what_is_fastest() -> None:
    used = threads_of(ThreadPace(12), {12: 9.0, 6: 4.0, 3: 1.0, 1: 2.0}, 400)
    assert used[300:].count(3) > 80
    assert set(used) <= {12, 6, 3, 1}


def test_comes_back_when_the_machine_is_free_again() -> None:
    pace = ThreadPace(2)
    threads_of(pace, {2: 4.0, 1: 1.0}, 60)
    assert pace.threads == 1
    used = threads_of(pace, {2: 0.5, 1: 1.0}, 300)
    assert used[-100:].count(2) > 80


def test_a_round_sets_the_number_and_puts_it_back() -> None:
    before = numba.get_num_threads()
    pace = ThreadPace(before)
    pace.threads = 1
    with pace.round():
        assert numba.get_num_threads() == 1
    assert numba.get_num_threads() == before


def test_paced_work_gets_its_arguments_and_tries_other_numbers_of_threads() -> None:
    with threads_for(10_000):
        most = numba.get_num_threads()

        @paced
        def work(a: int, *, b: int) -> tuple[int, int]:
            return a + b, numba.get_num_threads()

        given = [work(i, b=1) for i in range(60)]
    assert [result for result, _ in given] == list(range(1, 61))
    assert {threads for _, threads in given} >= {most, max(1, most // 2)}


_THREE_AT_ONCE = """
import threading
import numpy as np
from core.maps.distances import distances_to
rng = np.random.default_rng(0)
features = rng.normal(size=(4000, 256)).astype(np.float32)
rows, others = np.arange(4000), rng.integers(0, 4000, (4000, 30))
def work():
    for _ in range(40):
        distances_to(features, rows, others)
threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def test_several_jobs_calculate_at_once_where_only_numbas_own_threads_are() -> None:
    environment = {**os.environ, "NUMBA_THREADING_LAYER": "workqueue"}
    ended = subprocess.run(
        [sys.executable, "-c", _THREE_AT_ONCE], cwd=ROOT, env=environment, check=False
    )
    assert ended.returncode == 0


def test_every_loop_on_several_cores_waits_for_its_turn() -> None:
    found = 0
    for path in (ROOT / "core").rglob("*.py"):
        text = path.read_text("utf-8")
        loops = re.findall(r"(.*)\n@numba\.njit\([^)]*parallel=True", text)
        assert set(loops) <= {"@one_at_a_time"}, path
        found += len(loops)
    assert found >= 4
