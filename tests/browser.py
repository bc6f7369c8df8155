"""A real browser on a real Jupyter server: what the browser tests share.

Playwright drives the system's Chromium. Waiting is JupyterLab's own: its commands return promises.
"""

import ast
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from nbformat import NotebookNode, from_dict
from playwright.sync_api import Browser, Page, sync_playwright

TOKEN = "browser-test"
SETTINGS = {
    # Cells out of sight are in the page too, so that all of a notebook can be looked at.
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}
BIND_APP = "--LabApp.expose_app_in_browser=True"  # JupyterLab as `jupyterapp` in the page


@contextlib.contextmanager
def jupyter_server(folder: Path, home: Path | None = None) -> Iterator[str]:
    """Run a Jupyter server in a folder, as `make lab` does; its address.

    Parameters
    ----------
    folder : Path
        Where it runs, and what it shows.
    home : Path, optional
        The user's home, for settings and logs; the folder if none is given.
    """
    home = home or folder
    for name, values in SETTINGS.items():
        path = home / ".jupyter/lab/user-settings" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))
    command = [Path(sys.executable).parent / "jupyter", "lab", "--no-browser", "--allow-root", "--port=0", BIND_APP]
    log = home / "server.log"
    with (
        open(log, "w") as file,
        subprocess.Popen([*command, f"--IdentityProvider.token={TOKEN}"], cwd=folder, env=server_environment(home), stderr=file) as process,
    ):
        while not (found := re.search(r"(http://localhost:\d+)/lab", log.read_text())):
            assert process.poll() is None, log.read_text()
        while not _listening(found[1]):  # it says where it runs before it does
            assert process.poll() is None, log.read_text()
        try:
            yield found[1]
        finally:
            process.terminate()


def server_environment(home: Path) -> dict[str, str]:
    """Environment variables that keep a user's own Jupyter settings out."""
    return os.environ | {"HOME": str(home), "JUPYTER_CONFIG_DIR": str(home / ".jupyter")}


def _listening(server: str) -> bool:
    with contextlib.suppress(OSError), urllib.request.urlopen(f"{server}/api"):
        return True
    return False


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium, driven by Playwright."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert path, "Chromium is missing: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])  # as root it has no sandbox
        yield browser
        browser.close()


class Lab:
    """JupyterLab in a page of the browser.

    Parameters
    ----------
    browser : Browser
    server : str
        The address.
    """

    def __init__(self, browser: Browser, server: str) -> None:
        self.server = server
        self.page: Page = browser.new_page(viewport={"width": 1280, "height": 900})
        self.page.set_default_timeout(120_000)

    def visit(self, path: str = "") -> None:
        """Open JupyterLab with a file of the server's folder, or none, and no earlier workspace."""
        self.page.goto(f"{self.server}/lab{'/tree/' + path if path else ''}?token={TOKEN}&reset")
        self.page.wait_for_function("window.jupyterapp && jupyterapp.restored.then(() => true)")
        if path:
            self.page.wait_for_function("jupyterapp.shell.currentWidget?.context?.isReady")
            self.page.evaluate("jupyterapp.shell.currentWidget.sessionContext.ready")
            self._idle()

    def command(self, name: str, arguments: dict[str, object] | None = None) -> None:
        """Run a command of JupyterLab, as a menu does, to its end."""
        self.page.wait_for_function("name => jupyterapp.commands.hasCommand(name)", arg=name)
        # What it returns is a widget, which is not data.
        self.page.evaluate("([name, args]) => jupyterapp.commands.execute(name, args).then(() => null)", [name, arguments or {}])

    def run_all(self) -> NotebookNode:
        """Run All Cells, to the end; the notebook as it is then."""
        self.command("notebook:run-all-cells")
        self._idle()  # the command's promise ends with the first cell that fails
        return self.notebook()

    def _idle(self) -> None:
        self.page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]")

    def notebook(self) -> NotebookNode:
        """The notebook that is open, with what is not saved yet."""
        return from_dict(self.page.evaluate("jupyterapp.shell.currentWidget.content.model.toJSON()"))

    def write(self, name: str, text: str) -> None:
        """Put text into the cell with this id, as a student who pastes it."""
        self.page.evaluate(
            "([name, text]) => [...jupyterapp.shell.currentWidget.model.cells].find(cell => cell.id === name).sharedModel.setSource(text)",
            [name, text],
        )

    def in_kernel(self, code: str, value: str = "None") -> object:
        """Run code in the notebook's kernel, without a cell; the value of an expression after it."""
        reply = self.page.evaluate(
            """async ([code, value]) => {
                const kernel = jupyterapp.shell.currentWidget.sessionContext.session.kernel;
                const request = {code, silent: false, store_history: false, user_expressions: {value}};
                return (await kernel.requestExecute(request).done).content;
            }""",
            [code, value],
        )
        assert reply["status"] == "ok", reply
        return ast.literal_eval(reply["user_expressions"]["value"]["data"]["text/plain"])

    def theme(self, name: str) -> None:
        """Change the theme: `JupyterLab Light` or `JupyterLab Dark`."""
        self.command("apputils:change-theme", {"theme": name})
        self.page.wait_for_selector("#jupyterlab-splash", state="detached")

    def cell(self, name: str):
        """The cell with this id or `grade_id`, on the screen."""
        index = next(index for index, cell in enumerate(self.notebook().cells) if cell.id == name)
        return self.page.locator(".jp-Notebook .jp-Cell").nth(index)

    def shut_down_kernel(self) -> None:
        """End the kernel of the notebook that is open."""
        self.page.evaluate("jupyterapp.shell.currentWidget.sessionContext.shutdown()")

    def validate(self) -> str:
        """Press Validate; what it says."""
        self.page.click("jp-button.validate-button")
        self.page.wait_for_selector(".nbgrader-SuccessDialog, .nbgrader-ErrorDialog")
        return self.page.locator(".jp-Dialog").inner_text()

    def close(self) -> None:
        """Close the page, without a question about what is not saved."""
        self.page.close()


def serious(page: Page, *parts: str, but: tuple[str, ...] = ()) -> list[str]:
    """What axe-core finds in parts of a page, where it is serious or critical: rule, selector and reason.

    Parameters
    ----------
    page : Page
    *parts : str
        Selectors of our own content.
    but : tuple[str, ...]
        Rules left out.
    """
    context = {"include": [[part] for part in parts if page.locator(part).count()]}
    options = {"resultTypes": ["violations"], "rules": {rule: {"enabled": False} for rule in but}}
    found = Axe().run(page, context=context, options=options).response["violations"]
    return [
        f"{violation['id']} {node['target']}: {node['failureSummary']}"
        for violation in found
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


@contextlib.contextmanager
def offline(browser: Browser, path: Path) -> Iterator[Page]:
    """Open a page of ours from its file, without a network. It asks for nothing, axe-core finds nothing serious, and it fits a phone."""
    context = browser.new_context(offline=True, viewport={"width": 900, "height": 1000})
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    assert serious(page, "body") == []
    yield page
    page.set_viewport_size({"width": 360, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    context.close()
