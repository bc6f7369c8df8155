"""Sum up what the checks found when they ran last."""

import re
import textwrap

from IPython import get_ipython


def show_progress(total: int, *functions: str) -> None:
    """Print how many of the visible checks passed, and what to do next. It is no mark.

    Parameters
    ----------
    total : int
        The number of checks in the notebook.
    *functions : str
        What the student writes: what a check found before the last of these was defined is out of date.
    """
    shell = get_ipython()
    if getattr(shell, "kernel", None) is None:  # the notebook is being marked, and nobody looks
        return
    found = getattr(shell.user_ns.get("checks"), "found", {})
    defines = re.compile(rf"^(def|class) ({'|'.join(functions)})\b|^({'|'.join(functions)}) *=", re.MULTILINE)
    written = max((count for count, cell in enumerate(shell.history_manager.input_hist_raw) if defines.search(cell)), default=0)
    states = {"passed": [], "failed": [], "out of date, as your solution changed": [], "not run yet": []}
    for number in range(1, total + 1):
        count, says = found.get(number, (None, ""))
        state = "not run yet" if count is None else "failed" if says else "passed"
        states["out of date, as your solution changed" if count and count < written else state].append(number)
    passed, failed, outdated, missing = states.values()

    print(f"Checks that you see: {len(passed)} of {total} passed.")
    for state, numbers in states.items():
        if numbers:
            print(f"  {state}: {', '.join(map(str, numbers))}")
    if len(missing) == total:
        after = "run the notebook from the top. JupyterLab: Run > Run All Cells. Colab: Runtime > Run all."
    elif outdated or missing:
        after = f"run check {min(outdated + missing)}, and the checks after it."
    elif failed:
        after = f"mend your solution, run its cell, and run the checks again. Check {failed[0]} says: {found[failed[0]][1]}"
    else:
        after = "save the notebook, and hand it in."
    print(textwrap.fill(f"Next: {after}", 96))
    print("This is not your mark: in grading, each check also runs on inputs that you do not see.")
