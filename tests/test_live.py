"""Tests of live panels: what is seen of a run, what stops it, and what starts another."""

import asyncio
import re
from itertools import count, islice, pairwise
from types import SimpleNamespace

import ipywidgets as widgets
import numpy as np
import pytest
from matplotlib.figure import Figure

from helpers.figures.canvas import Canvas
from helpers.panels import live, training_panel
from helpers.panels.live import LivePanel, Progress


class Counter:
    """A figure of one number, which remembers what it drew."""

    def __init__(self):
        self.drawn, self.canvas = [], Canvas(Figure((1, 1)), [])

    def update(self, n, step, before=None):
        """Draw step `step` of the run with setting `n`, beside the one before."""
        self.drawn.append((n, step))
        self.before = before
        return f"Run {n} is at {step}."


STEPS = 50


@pytest.fixture(autouse=True)
def every_step_is_a_piece(monkeypatch):
    """So that no test depends on how fast the machine is."""
    monkeypatch.setattr(live, "PIECE", 0.0)
    monkeypatch.setattr(live, "PICTURE", 0.0)


@pytest.fixture
def worked():
    """Return a list of the pieces of work that have been done."""
    return []


@pytest.fixture
def panel(worked):
    def run(n):
        for step in range(STEPS + 1):
            if (n, step) == (13, 7):
                raise ZeroDivisionError("7 <is> unlucky")
            worked.append((n, step))
            yield Progress(step, STEPS, lambda step=step: {"n": n, "step": step})

    control = widgets.IntSlider(1, 0, 99, description="n")
    panel = LivePanel(Counter(), run, {"n": control}, {"n": (1, 2)})
    panel.figure.drawn.clear()
    worked.clear()
    return panel


async def until(condition):
    """Give way until something holds."""
    while not condition():
        await asyncio.sleep(0)


def live_test(test):
    """Run a coroutine, and the panel's task after it."""

    async def whole(panel):
        await test(panel)
        if panel._task is not None:
            await panel._task

    return lambda panel: asyncio.run(whole(panel))


def test_without_an_event_loop_it_shows_the_end_of_the_run(panel):
    panel.controls["n"].value = 2
    assert panel.figure.drawn == [(2, STEPS)]
    assert panel.words.startswith(f"Run 2 is at {STEPS}.")


def test_the_last_run_that_ended_with_other_settings_is_shown_beside(panel):
    """One that was dropped never is, nor is the same run a second time."""
    beside = []

    async def test(panel):
        for n in (2, 2, 3):
            panel.controls["n"].value = n
            panel.again.click()
            await until(lambda: panel._task is None)
            beside.append(panel.figure.before)
        panel.controls["n"].value = 4
        await until(lambda: panel.figure.drawn[-1] == (4, 5))
        panel.controls["n"].value = 5
        await until(lambda: panel._task is None)
        beside.append(panel.figure.before)

    assert panel.before is None
    live_test(test)(panel)
    first, second = ("n 1", {"n": 1, "step": STEPS}), ("n 2", {"n": 2, "step": STEPS})
    assert beside == [first, first, second, ("n 3", {"n": 3, "step": STEPS})]


def test_a_run_that_was_stopped_is_shown_beside_the_next_as_far_as_it_came(panel):
    async def test(panel):
        panel.controls["n"].value = 2
        await until(lambda: panel.figure.drawn[-1:] == [(2, 5)])
        panel.stop.click()
        await until(lambda: panel._task is None)
        panel.controls["n"].value = 3

    live_test(test)(panel)
    changed, data = panel.figure.before
    assert (changed, data["n"]) == ("n 2", 2)
    assert 5 <= data["step"] < STEPS


def test_without_an_event_loop_the_run_before_is_shown_beside_too(panel):
    panel.controls["n"].value = 2
    assert panel.figure.before == ("n 1", {"n": 1, "step": STEPS})


def test_train_again_shows_every_step_and_ends_on_the_last(panel):
    async def test(panel):
        panel.again.click()

    live_test(test)(panel)
    assert panel.figure.drawn[:-1] == [(1, step) for step in range(STEPS + 1)]
    assert panel.figure.drawn[-1] == (1, STEPS)
    assert panel.progress.value == f"step {STEPS} of {STEPS}"
    assert panel.bar.value == 1


def test_while_it_runs_the_bar_moves_and_only_then_it_can_be_stopped(panel):
    seen = []

    async def test(panel):
        seen.append(panel.stop.disabled)
        panel.again.click()
        await until(lambda: len(panel.figure.drawn) > 5)
        seen.append(panel.stop.disabled)
        seen.append(panel.bar.value)

    live_test(test)(panel)
    before, during, share = seen
    assert (before, during, panel.stop.disabled) == (True, False, True)
    assert 0 < share < 1


def test_stop_ends_the_work_at_once_and_says_where(panel, worked):
    async def test(panel):
        panel.again.click()
        await until(lambda: len(worked) > 5)
        panel.stop.click()
        worked.append("stopped")

    live_test(test)(panel)
    *_, last, stopped = worked
    assert stopped == "stopped"  # not a single piece after it
    assert panel.figure.drawn[-1] == last
    assert panel.progress.value == f"stopped at step {last[1]} of {STEPS}"
    assert panel.words.startswith(
        f"Stopped at step {last[1]} of {STEPS}. Run 1 is at {last[1]}."
    )
    assert panel.bar.value == last[1] / STEPS
    assert panel.words in panel.picture.value


def test_it_can_be_trained_again_after_a_stop(panel):
    async def test(panel):
        panel.again.click()
        await until(lambda: len(panel.figure.drawn) > 5)
        panel.stop.click()
        await panel._task
        panel.again.click()

    live_test(test)(panel)
    assert panel.figure.drawn[-1] == (1, STEPS)
    assert panel.words.startswith("Run 1")


def test_a_change_drops_the_run_and_starts_one_with_the_newest_settings(panel, worked):
    async def test(panel):
        panel.again.click()
        await until(lambda: len(worked) > 5)
        for n in range(2, 20):
            panel.controls["n"].value = n
        worked.append("changed")

    live_test(test)(panel)
    after = worked[worked.index("changed") + 1 :]
    assert after == [(19, step) for step in range(STEPS + 1)]
    assert panel.figure.drawn[-1] == (19, STEPS)


def test_train_again_while_it_trains_starts_from_the_beginning(panel, worked):
    async def test(panel):
        panel.again.click()
        await until(lambda: len(worked) > 5)
        panel.again.click()
        worked.append("again")

    live_test(test)(panel)
    assert worked[worked.index("again") + 1 :] == [(1, step) for step in range(STEPS + 1)]


def test_a_stop_right_after_a_change_stops_the_new_run_at_its_start(panel, worked):
    async def test(panel):
        panel.again.click()
        await until(lambda: len(worked) > 5)
        panel.controls["n"].value = 2
        panel.stop.click()

    live_test(test)(panel)
    assert worked[-1] == (2, 0)
    assert panel.words.startswith(f"Stopped at step 0 of {STEPS}. Run 2 is at 0.")


def test_other_work_goes_on_between_the_pieces(panel, worked):
    async def test(panel):
        panel.again.click()
        for _ in range(5):
            done = len(worked)
            await until(lambda done=done: len(worked) > done)
            assert len(worked) == done + 1

    live_test(test)(panel)


def test_an_error_in_a_run_is_shown_and_the_panel_goes_on(panel):
    async def test(panel):
        panel.controls["n"].value = 13

    live_test(test)(panel)
    assert "ZeroDivisionError: 7 &lt;is&gt; unlucky" in panel.picture.value
    assert panel.stop.disabled
    panel.controls["n"].value = 14
    assert "Run 14" in panel.picture.value


def test_pieces_and_pictures_take_their_time(panel, worked, monkeypatch):
    """With long pieces a run has one, and it draws its end alone."""
    monkeypatch.setattr(live, "PIECE", 1e9)

    async def test(panel):
        panel.again.click()

    live_test(test)(panel)
    assert panel.figure.drawn == [(1, STEPS)]
    assert len(worked) == STEPS + 1


def test_without_a_kernel_each_run_is_shown_step_by_step_and_its_end_first(panel, monkeypatch):
    monkeypatch.setenv("COURSE_BAKE", "1")
    panel.figure.drawn.clear()
    page = panel._repr_mimebundle_()[0]["text/html"]
    steps = [round(STEPS * i / (live.BAKED_STEPS - 1)) for i in range(live.BAKED_STEPS)]
    assert panel.figure.drawn == [(n, step) for n in (1, 2) for step in steps]
    last = live.BAKED_STEPS - 1
    assert f'max="{last}" value="{last}" aria-label="step"' in page
    assert "Train again" not in page


def test_a_run_that_ends_early_stays_at_its_end_on_a_page(panel, monkeypatch):
    monkeypatch.setenv("COURSE_BAKE", "1")
    run = panel.run
    monkeypatch.setattr(panel, "run", lambda n: islice(run(n=n), STEPS // 2 + 1))
    panel.figure.drawn.clear()
    panel._repr_mimebundle_()
    assert [step for n, step in panel.figure.drawn if n == 1][-1] == STEPS // 2


@pytest.mark.parametrize("scheme", ["N(0, 1)", "He"])
def test_training_live_ends_where_training_at_once_does(scheme, monkeypatch):
    """With some pictures on the way: a clock that ticks when it is read has ten of a run."""
    ticks = count()
    monkeypatch.setattr(live, "time", SimpleNamespace(monotonic=lambda: next(ticks)))
    monkeypatch.setattr(live, "PICTURE", 90)
    panel = training_panel()
    settings = {"scheme": scheme, "depth": 30, "seed": 2}

    async def test(panel):
        for name, value in settings.items():
            panel.controls[name].value = value

    live_test(test)(panel)
    live_data = panel._ended[1]
    at_once = panel.compute(**panel.settings)
    np.testing.assert_equal(live_data, at_once)


@pytest.fixture(scope="module")
def training():
    return training_panel()


def words(panel, **settings):
    """Return what a panel says at its own settings but for some."""
    return panel.frame({**panel.settings, **settings})[1]


@pytest.mark.parametrize(
    ("done", "total", "seconds", "said"),
    [
        (1, 5, 1.0, ", about 4 s left"),
        (20, 80, 10.0, ", about 30 s left"),
        (30, 90, 0.6, ", about 1 s left"),
        (2, 3, 2.0, ", about 1 s left"),
        (0, 10, 1.0, ", about 9 s left"),  # as if a step were done
        (3, 5, 1.0, ""),  # 0.7 s
        (5, 5, 10.0, ""),
        (1, 100, 0.2, ""),  # too early to know
        (1, 100, 0.21, ", about 21 s left"),
    ],
)
def test_it_says_how_long_the_rest_takes_if_that_is_known_and_a_second(
    done, total, seconds, said
):
    assert live._seconds_left(Progress(done, total, dict), seconds) == said


def test_while_it_runs_it_says_where_it_is_and_how_long_it_takes(panel, monkeypatch):
    """By a clock that goes on whenever it is read."""
    ticks = count()
    monkeypatch.setattr(live, "time", SimpleNamespace(monotonic=lambda: next(ticks) / 3))
    seen = []

    async def test(panel):
        panel.progress.observe(lambda change: seen.append(change.new), "value")
        panel.again.click()

    live_test(test)(panel)
    assert re.fullmatch(r"step 1 of 50, about \d+ s left", seen[1]), seen[:3]
    assert seen[-1] == "step 50 of 50"


def test_pictures_are_as_far_apart_as_is_said(panel, monkeypatch):
    """By a clock that goes on by 1 whenever it is read, some three times for a piece."""
    ticks = count(100)
    monkeypatch.setattr(live, "time", SimpleNamespace(monotonic=lambda: next(ticks)))
    monkeypatch.setattr(live, "PICTURE", 9)

    async def test(panel):
        panel.again.click()

    live_test(test)(panel)
    steps = [step for _, step in panel.figure.drawn]
    apart = {after - before for before, after in pairwise(steps[:-1])}
    assert steps[0] == 0
    assert apart == {3}


def test_its_buttons_say_what_they_do(panel):
    row = panel.children[1].children
    assert [button.description for button in row[:2]] == ["Train again", "Stop"]
    assert list(row[2:]) == [panel.bar, panel.progress]
    assert (panel.bar.min, panel.bar.max) == (0, 1)


def test_an_overflow_is_put_in_words_with_its_place(training):
    said = words(training, scheme="N(0, 1)", depth=30)
    assert re.search(r"After \d of 300 steps no network is left", said)
    assert re.search(r"3 of 3 networks overflowed, the first at step \d, in layer \d", said)


@pytest.mark.parametrize("data", ["moons", "digits"])
def test_a_network_that_has_overflowed_gives_no_right_answer(training, data):
    assert "classifies 0 of" in words(training, data=data, scheme="N(0, 1)", depth=30)


def test_networks_that_cannot_learn_keep_the_loss_of_guessing(training):
    said = words(training, scheme="zeros")
    assert "the median loss is 0.69 (0.69 to 0.69; guessing has 0.693)" in said
    assert "30 of 60 samples" in said


def test_clipping_says_how_often_it_clipped(training):
    assert "clipped" not in words(training).partition("Settings")[0]
    share = re.search(
        r"(\d+) % of the updates", words(training, update="clipped by value, 0.1")
    )
    assert 0 < int(share.group(1)) <= 100
